"""``persona-assets export``: pairs or datasets as files that a library for steering vectors reads."""

from collections.abc import Sequence
from pathlib import Path

import click

from persona_assets.steering.formats.registry import FORMATS

_FORMATS = "\n".join(f"{name:16} {one.summary}" for name, one in FORMATS.items())
_HELP = f"""Write contrast pairs, or whole datasets, as files that a library for steering vectors reads as they are.

FORMAT is one of these. All but assistant_axis hold pairs, which --rule chooses. KEYS may be patterns such as
'gemma*__trait__*'.

\b
{_FORMATS}
"""


@click.command(help=_HELP)
@click.argument("form", metavar="FORMAT", type=click.Choice(list(FORMATS)))
@click.argument("keys", metavar="KEYS...", nargs=-1, required=True)
@click.option("--rule", help="Which pairs: the name of a pair rule, or a condition such as 'gap > 30'.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="A folder that is new, or empty, or holds an earlier export, which is replaced.",
)
@click.option(
    "--whole-turn", is_flag=True, help="Keep what the chat template writes after the answer, such as its end of turn."
)
@click.pass_context
def export(
    context: click.Context, form: str, keys: Sequence[str], rule: str | None, output: Path, whole_turn: bool
) -> None:
    from persona_assets.cli.exporting import export_keys  # tokenizers take a while to import

    context.exit(export_keys(FORMATS[form], keys, rule, output.resolve(), whole_turn=whole_turn))
