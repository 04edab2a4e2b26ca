"""What ``persona-assets push`` does: choose, describe, say what there is, and send it if told to."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from persona_assets.collection.survey import survey
from persona_assets.errors import PublishingError
from persona_assets.keys import DatasetKey
from persona_assets.kinds import Kind
from persona_assets.publishing.choosing import Selection, choose, describe_refusal
from persona_assets.publishing.configurations import find_default
from persona_assets.publishing.repository import Repository, describe_repository
from persona_assets.publishing.sending import Sent, Target, check_name, send
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover
from persona_assets.setting_names import place_setting
from persona_assets.settings import Settings, load_settings
from persona_assets.stage.wording import count

_SIZE_WIDTH, _ROWS_WIDTH = 12, 8


@dataclass(frozen=True)
class Wishes:
    """The options of the command."""

    kinds: Sequence[Kind]
    models: Sequence[str]
    names: Sequence[str]
    leave_out_unfit: bool
    yes: bool
    folder: Path | None
    private: bool
    revision: str | None
    remove_others: bool

    @property
    def target(self) -> Target:
        return Target(self.private, self.revision, self.remove_others)


def push_datasets(name: str, wishes: Wishes) -> None:
    """Say what would be pushed, write it into a folder if asked to, and push it if told to.

    Raises:
        PersonaAssetsError: what is in the way.
    """
    check_name(name)
    settings, console = load_settings(), Console(soft_wrap=True, highlight=False)
    keys = _choose(settings, wishes, console)
    repository = describe_repository(name, keys, settings)
    _print_content(console, repository, settings)
    if wishes.folder:
        repository.write(wishes.folder)
        console.print(f"written to {escape(str(wishes.folder))}")
    done = _describe_sent(send(repository, wishes.target)) if wishes.yes else _announce(name, wishes.target)
    console.print(escape(done))


def _choose(settings: Settings, wishes: Wishes, console: Console) -> tuple[DatasetKey, ...]:
    selection = Selection(wishes.kinds, wishes.models, wishes.names)
    chosen = choose(survey(settings, discover(RawCorpus.of(settings))), selection)
    if not wishes.leave_out_unfit:
        chosen.refuse_unfit()
    for found in chosen.refused:
        console.print(f"left out: {escape(describe_refusal(found))}")
    if not chosen.keys:
        raise PublishingError("no key that was chosen is fit to be published; see 'persona-assets status'")
    return chosen.keys


def _print_content(console: Console, repository: Repository, settings: Settings) -> None:
    sizes = {path: (len(content), "") for path, content in repository.pages.items()}
    for one in repository.datasets:
        sizes[one.path_in_repository] = one.content.size_bytes, count(one.rows, "row")
    for path, (size, rows) in sizes.items():
        console.print(f"{size:{_SIZE_WIDTH},} bytes {rows:>{_ROWS_WIDTH + 5}} {path}")
    default = find_default(repository.configurations)
    console.print(
        f"{count(len(sizes), 'file')}, {repository.size_bytes:,} bytes, {count(repository.rows, 'row')} in "
        f"{count(len(repository.datasets), 'dataset')}; {count(len(repository.configurations), 'configuration')}, "
        f"{default.name if default else 'none'} is the default"
    )
    stated = settings.dataset_license
    console.print(f"license {stated}" if stated else f"no license is stated: {place_setting('dataset_license')}")


def _announce(name: str, target: Target) -> str:
    branch = f", branch {target.revision}" if target.revision else ""
    return (
        f"nothing was sent; with --yes, one commit to the dataset repository {name}{branch}, which is made as a "
        f"{'private' if target.private else 'public'} one if it is not there"
    )


def _describe_sent(sent: Sent) -> str:
    if sent.unchanged:
        return f"unchanged: {sent.url} has all of it already"
    removed = f", {count(sent.removed, 'file')} removed" if sent.removed else ""
    return f"pushed{removed}: {sent.url}, commit {sent.commit}"
