"""``persona-assets push``: publish datasets on the Hugging Face Hub; without ``--yes``, say what that would do."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape

from persona_assets.cli.selection import type_option
from persona_assets.collection.survey import survey
from persona_assets.errors import PublishingError
from persona_assets.publishing.choosing import Chosen, Selection, choose, describe_refusal
from persona_assets.publishing.configurations import find_default
from persona_assets.publishing.repository import Repository, describe_repository
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover
from persona_assets.setting_names import place_setting
from persona_assets.settings import Settings, load_settings
from persona_assets.stage.wording import count

_SIZE_WIDTH = 12


def _split(_context: click.Context, _option: click.Parameter, values: Sequence[str]) -> list[str]:
    return [pattern for value in values for pattern in value.split(",")]


@click.command()
@click.argument("repository", metavar="OWNER/NAME")
@type_option(default="both")
@click.option(
    "--model", "--models", "models", multiple=True, callback=_split, help="Only these models, such as 'gemma*'."
)
@click.option("--name", "names", multiple=True, callback=_split, help="Only these personas, such as 'c*'.")
@click.option("--leave-out-unfit", is_flag=True, help="Leave out keys that are not fit to be published.")
@click.option("--yes", is_flag=True, help="Push. Without it, only say what would be done.")
@click.option("--private", is_flag=True, help="Make the repository private, if it is new.")
@click.option("--revision", metavar="BRANCH", help="Push to this branch.")
@click.option("--remove-others", is_flag=True, help="Remove datasets from the repository that are not chosen.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write what would be pushed into this new folder.",
)
def push(repository: str, yes: bool, folder: Path | None, **asked: Any) -> None:
    """Publish the datasets of the chosen keys, with their cards, as one commit to a dataset repository of the Hub.

    The Parquet files are sent as they are. Each is a configuration for load_dataset. Nothing is sent without --yes.
    After an interruption, push again: what has arrived is not sent again.
    """
    from persona_assets.publishing.sending import Target, check_name, send

    check_name(repository)
    settings, console = load_settings(), Console()
    chosen = _choose(settings, Selection(asked["kinds"], asked["models"], asked["names"]), console, asked)
    described = describe_repository(repository, chosen.keys, settings)
    if folder:
        described.write(folder)
    target = Target(asked["private"], asked["revision"], asked["remove_others"])
    _print_plan(console, described, settings)
    if folder:
        console.print(f"written to {escape(str(folder))}", soft_wrap=True)
    if not yes:
        console.print(_announce(repository, target.private, target.revision), soft_wrap=True)
        return
    sent = send(described, target)
    if sent.unchanged:
        console.print(f"unchanged: {sent.url} has all of it already", soft_wrap=True)
    else:
        removed = f", {count(sent.removed, 'file')} removed" if sent.removed else ""
        console.print(f"pushed{removed}: {sent.url}, commit {sent.commit}", soft_wrap=True)


def _choose(settings: Settings, selection: Selection, console: Console, asked: dict[str, Any]) -> Chosen:
    chosen = choose(survey(settings, discover(RawCorpus.of(settings))), selection)
    if not asked["leave_out_unfit"]:
        chosen.refuse_unfit()
    for found in chosen.refused:
        console.print(f"left out: {escape(describe_refusal(found))}", soft_wrap=True)
    if not chosen.keys:
        raise PublishingError("no key that was chosen is fit to be published; see 'persona-assets status'")
    return chosen


def _print_plan(console: Console, repository: Repository, settings: Settings) -> None:
    for path, content in repository.pages.items():
        console.print(f"{len(content):{_SIZE_WIDTH},} bytes             {path}", soft_wrap=True, highlight=False)
    for one in repository.datasets:
        console.print(
            f"{one.content.size_bytes:{_SIZE_WIDTH},} bytes {one.rows:6,} rows {one.path_in_repository}",
            soft_wrap=True,
            highlight=False,
        )
    default = find_default(repository.configurations)
    console.print(
        f"{count(len(repository.paths), 'file')}, {repository.size_bytes:,} bytes, "
        f"{count(repository.rows, 'row')} in {count(len(repository.datasets), 'dataset')}; "
        f"{count(len(repository.configurations), 'configuration')}, "
        + (f"{default.name} is the default" if default else "none is the default"),
        soft_wrap=True,
        highlight=False,
    )
    stated = settings.dataset_license
    console.print(
        f"license {stated}" if stated else f"no license is stated: {place_setting('dataset_license')}", soft_wrap=True
    )


def _announce(repository: str, private: bool, revision: str | None) -> str:
    kind = "a private" if private else "a public"
    branch = f", branch {revision}" if revision else ""
    return (
        f"nothing was sent; with --yes, one commit to the dataset repository {escape(repository)}{escape(branch)}, "
        f"which is made as {kind} one if it is not there"
    )
