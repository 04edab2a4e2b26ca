"""How every key stands, printed as tables or as JSON."""

from collections.abc import Sequence

import click
from rich.console import Console
from rich.markup import escape

from persona_assets.cli.raw_remarks import print_unfit
from persona_assets.cli.result_tables import tabulate_concerns, tabulate_states
from persona_assets.cli.selection import check_models
from persona_assets.cli.status_json import describe_in_json
from persona_assets.collection.survey import WORST_FIRST, KeyState, State, Survey, survey
from persona_assets.kinds import Kind
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import RawInventory, discover
from persona_assets.settings import load_settings
from persona_assets.stage.wording import count


def report_status(kinds: Sequence[Kind], models: Sequence[str], *, failed: bool, warned: bool, as_json: bool) -> int:
    """Print how the keys of ``kinds`` and ``models`` stand; return the exit code."""
    settings = load_settings()
    inventory = discover(RawCorpus.of(settings))
    surveyed = survey(settings, inventory)
    check_models(inventory, models, surveyed)
    chosen, listed = _choose(surveyed, kinds, models), _choose_states(failed=failed, warned=warned)
    if as_json:
        click.echo(describe_in_json(chosen, inventory, listed))
    else:
        _print(chosen, inventory, listed)
    return 1 if chosen.of(State.FAILED) or inventory.unfit else 0


def _choose(surveyed: Survey, kinds: Sequence[Kind], models: Sequence[str]) -> Survey:
    asked = [one for one in surveyed.states if one.key.kind in kinds and (not models or one.key.model in models)]
    return Survey(tuple(asked))


def _choose_states(*, failed: bool, warned: bool) -> frozenset[State]:
    asked = {State.FAILED} if failed else set()
    asked |= {State.WARNED} if warned else set()
    return frozenset(asked or set(State) - {State.PASSED})


def _print(surveyed: Survey, inventory: RawInventory, listed: frozenset[State]) -> None:
    console = Console()
    console.print(tabulate_states(surveyed, inventory))
    if concerns := surveyed.count_concerns():
        console.print(tabulate_concerns(concerns))
    for found in surveyed.by_severity():
        if found.state in listed:
            _print_key(console, found)
    print_unfit(console, inventory)
    console.print(_sum_up(surveyed), soft_wrap=True, highlight=False)
    counted = f"{len(inventory.keys):,} raw files, {len(inventory.unfit):,} files and folders not taken"
    console.print(f"{counted}: {escape(str(inventory.root))}", soft_wrap=True)


def _print_key(console: Console, found: KeyState) -> None:
    """A key on one line with its reason; if several checks failed, their number, and a line for each."""
    several = found.concerns if len(found.concerns) > 1 else ()
    reason = f"{len(several)} checks failed" if several else found.reason
    console.print(f"{found.state:<9} {found.key}  {escape(reason)}", soft_wrap=True)
    for concern in several:
        console.print(f"          {escape(str(concern))}", soft_wrap=True)


def _sum_up(surveyed: Survey) -> str:
    counts = {state: len(surveyed.of(state)) for state in WORST_FIRST}
    return f"{count(len(surveyed.states), 'key')}: " + (
        ", ".join(f"{number:,} {state}" for state, number in counts.items() if number) or "nothing to report"
    )
