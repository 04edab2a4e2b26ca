"""``persona-assets push``: publish datasets on the Hugging Face Hub; without ``--yes``, say what that would do."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from persona_assets.cli.options import type_option


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
def push(repository: str, **asked: Any) -> None:
    """Publish the datasets of the chosen keys, with their cards, as one commit to a dataset repository of the Hub.

    The Parquet files are sent as they are. Each is a configuration for load_dataset. Nothing is sent without --yes.
    After an interruption, push again: what has arrived is not sent again.
    """
    from persona_assets.cli.pushing import Wishes, push_datasets  # huggingface_hub takes a second to import

    push_datasets(repository, Wishes(**asked))
