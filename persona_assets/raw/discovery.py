"""Finding every raw file under the raw root, and saying which of them cannot be a partition."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from persona_assets.keys import DatasetKey
from persona_assets.kinds import Kind
from persona_assets.raw.corpus import Choice, RawCorpus
from persona_assets.raw.folders import ModelFolder, UnfitFile, finding_line, unlisted
from persona_assets.raw.layouts import registry


@dataclass(frozen=True)
class ModelReading:
    """How the folder of one model was read."""

    model: str
    layout: str | None
    """None if it looks like none that is known."""
    keys: int

    def __str__(self) -> str:
        keys = f"{self.keys:,} key{'' if self.keys == 1 else 's'}"
        return f"{self.model}: {keys}, {self.layout or 'in no known layout'}"


@dataclass(frozen=True)
class RawInventory:
    """What the raw root holds: keys in partition order, and everything that cannot be used."""

    root: Path
    keys: tuple[DatasetKey, ...]
    unfit: tuple[UnfitFile, ...]
    models: tuple[ModelReading, ...] = ()

    def of_kind(self, *kinds: Kind) -> tuple[DatasetKey, ...]:
        return tuple(key for key in self.keys if key.kind in kinds)

    def explain_emptiness(self) -> str:
        """Why there is no key, for whoever expected some."""
        looked_for = RawCorpus(self.root).signs.place
        found = f"; not taken: {self.unfit[0]}" if self.unfit else ""
        more = f", and {len(self.unfit) - 1:,} more" if len(self.unfit) > 1 else ""
        return f"no raw conversations in {self.root}, where {looked_for} was looked for{found}{more}"


def discover(corpus: RawCorpus) -> RawInventory:
    """Find the keys of every model, and what looks like raw data but is none.

    Raises:
        RawDataError: the root is missing, or cannot be listed.
        SettingsError: the settings name a layout that there is not.
    """
    keys: set[DatasetKey] = set()
    unfit: dict[Path, UnfitFile] = {}
    models: list[ModelReading] = []
    for model in corpus.list_models():
        if isinstance(model, UnfitFile):
            unfit.setdefault(model.path, model)
            continue
        choice = corpus.choose(model)
        found = list(_find(corpus, model, choice))
        own = {one for one in found if isinstance(one, DatasetKey)}
        keys |= own
        for one in found:
            if isinstance(one, UnfitFile):
                unfit.setdefault(one.path, one)
        models.append(ModelReading(model.model, choice.layout.name if choice.layout else None, len(own)))
    findings = sorted(unfit.values(), key=lambda file: file.path)
    return RawInventory(corpus.root, tuple(sorted(keys)), tuple(findings), tuple(models))


def fingerprint(corpus: RawCorpus) -> str:
    """A hash over name, size and time of every raw file, and over what lies beside them: no file is read.

    Raises:
        RawDataError: the root is missing, or cannot be listed.
        SettingsError: the settings name a layout that there is not.
    """
    digest = hashlib.sha256()
    for model in corpus.list_models():
        for line in _lines(corpus, model):
            digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def expected_places(kind: Kind) -> str:
    """Where each layout expects conversations of ``kind``, as text for messages."""
    return " or ".join(dict.fromkeys(layout.expected(kind) for layout in registry.LAYOUTS))


def _lines(corpus: RawCorpus, model: ModelFolder | UnfitFile) -> Iterator[str]:
    if isinstance(model, UnfitFile):
        yield finding_line(model)
        return
    choice = corpus.choose(model)
    if choice.layout is not None:
        yield f"{model.path}\0{choice.layout.name}\n"
        yield from choice.layout.fingerprint_lines(model)
    for found in _list_findings(corpus, model, choice):
        yield finding_line(found)


def _find(corpus: RawCorpus, model: ModelFolder, choice: Choice) -> Iterator[DatasetKey | UnfitFile]:
    if choice.layout is not None:
        yield from choice.layout.find(model)
    yield from _list_findings(corpus, model, choice)


def _list_findings(corpus: RawCorpus, model: ModelFolder, choice: Choice) -> Iterator[UnfitFile]:
    """What no layout reads: data of another layout than the model's, or a folder that looks like none."""
    if choice.layout is None:
        yield from _explain_unread(corpus, model)
        return
    for path, other in choice.passed_over.items():
        yield UnfitFile(
            path,
            f"is of the layout {other.name}, but {model.model} is read as {choice.layout.name}; move it to a model "
            "folder of its own, or name the layout to be read in PERSONA_LAYOUTS",
        )


def _explain_unread(corpus: RawCorpus, model: ModelFolder) -> Iterator[UnfitFile]:
    """The misspelt folders of a model without a layout, or else what data it holds."""
    strays = [one for layout in corpus.layouts for one in layout.find(model) if isinstance(one, UnfitFile)]
    yield from strays
    if strays:
        return
    try:
        found = corpus.signs.data_below(model.path)
    except OSError as error:
        yield unlisted(model.path, error)
        return
    if found:
        yield UnfitFile(model.path, f"holds {found}, but nothing that is read: {corpus.signs.place} was looked for")
