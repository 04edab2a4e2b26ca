"""Everything that a repository holds: the files of the datasets as they are, the cards, and where they came from."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from persona_assets.errors import PublishingError
from persona_assets.keys import DatasetKey
from persona_assets.publishing.cards import render_card, render_front_page
from persona_assets.publishing.configurations import Configuration, list_configurations
from persona_assets.publishing.facts import DatasetFacts, read_facts
from persona_assets.publishing.groups import group
from persona_assets.publishing.provenance_file import encode_provenance
from persona_assets.settings import Settings
from persona_assets.workspace import Workspace

FRONT_PAGE = "README.md"
PROVENANCE = "provenance.json"
OWN_FOLDERS = ("data/", "cards/")
"""The folders of a repository in which every file is one of these."""


@dataclass(frozen=True)
class Repository:
    """The content of a repository, by path."""

    name: str
    datasets: Sequence[DatasetFacts]
    configurations: Sequence[Configuration]
    pages: Mapping[str, bytes]
    """What is made for the repository, all but the datasets."""

    @property
    def paths(self) -> list[str]:
        return [*self.pages, *(one.path_in_repository for one in self.datasets)]

    @property
    def size_bytes(self) -> int:
        return sum(map(len, self.pages.values())) + sum(one.content.size_bytes for one in self.datasets)

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.datasets)

    def write(self, folder: Path) -> None:
        """Write everything into ``folder``, which must not be there yet, or be empty.

        Raises:
            PublishingError: it is there and not empty, or cannot be written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise PublishingError(f"{folder} is not empty; name another folder, or remove what is in it")
            for path, content in self.pages.items():
                _make_place(folder / path).write_bytes(content)
            for one in self.datasets:
                shutil.copyfile(one.file, _make_place(folder / one.path_in_repository))
        except OSError as error:
            raise PublishingError(f"{folder} cannot be written: {error.strerror or error}") from error


def describe_repository(name: str, keys: Sequence[DatasetKey], settings: Settings) -> Repository:
    """Read everything about the datasets of ``keys`` and make the cards.

    Raises:
        MissingInputError: something of a key was not made.
        InconsistentOutputError: a file of a key is damaged.
    """
    workspace = Workspace.of(settings)
    datasets = [read_facts(workspace, key) for key in sorted(keys)]
    groups, configurations = group(datasets), list_configurations(datasets)
    pages = {FRONT_PAGE: render_front_page(groups, configurations, name, settings)}
    pages |= {one.card_in_repository: render_card(one) for one in groups}
    encoded = {path: page.encode() for path, page in pages.items()}
    return Repository(name, datasets, configurations, {**encoded, PROVENANCE: encode_provenance(datasets)})


def _make_place(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
