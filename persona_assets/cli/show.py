"""``persona-assets show``: conversations of a key, to be read."""

from typing import Any

import click

from persona_assets.cli.completing import complete_keys
from persona_assets.kinds import KINDS

_LABELS = tuple(dict.fromkeys(label for kind in KINDS.values() for label in kind.row_labels))


@click.command()
@click.argument("name", metavar="KEY", shell_complete=complete_keys)
@click.option("--score", type=int, help="Only rows with this score.")
@click.option("--label", type=click.Choice(_LABELS), help="Only rows with this label.")
@click.option("--prompt", type=click.IntRange(min=0), help="Only rows with this prompt_index.")
@click.option("--question", type=click.IntRange(min=0), help="Only rows with this question_index.")
@click.option(
    "--sample", type=click.IntRange(min=1), default=1, show_default=True, help="So many of them, drawn at random."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Another one draws others.")
@click.pass_context
def show(context: click.Context, /, name: str, sample: int, seed: int, **wanted: Any) -> None:
    """Print conversations of KEY with their score, cell and tokens.

    KEY may be the name of a variant, such as qwen-3-32b__trait__calm__min70__pos. Control characters in the
    conversations are shown as escapes. Plain text where the output is no terminal.
    """
    from persona_assets.cli.showing import Wanted, show_conversations  # pyarrow takes a while to import

    context.exit(show_conversations(name, Wanted(**wanted), sample=sample, seed=seed))
