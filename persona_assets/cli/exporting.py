"""Exporting keys, and saying what was written, and what was left out and why."""

from collections.abc import Sequence
from pathlib import Path

import click

from persona_assets.pairs.rules import PairRule, find_rule
from persona_assets.settings import Settings, load_settings
from persona_assets.stage.wording import count, name_first
from persona_assets.steering.choosing import choose_keys
from persona_assets.steering.export import Wish, describe_left_out, group_by_reason, write_export
from persona_assets.steering.formats.contract import Format
from persona_assets.steering.manifest import MANIFEST, ExportedKey
from persona_assets.workspace import Workspace


def export_keys(form: Format, patterns: Sequence[str], rule: str | None, target: Path, *, whole_turn: bool) -> int:
    """Export the keys that ``patterns`` mean, and print what came of each; return the exit code.

    Raises:
        MissingInputError: a pattern fits no key.
        SettingsError: the format has no place for what is asked for, or nothing would be written.
        StorageError: ``target`` holds something else than an export, or cannot be written.
    """
    settings = load_settings()
    wish = Wish(form, choose_keys(Workspace.of(settings), patterns), _find(settings, rule), whole_turn)
    exported = write_export(settings, wish, target, lambda key, found: _print_key(key, found, form, rule))
    for reason, names in group_by_reason(exported.manifest.left_out).items():
        click.echo(f"{count(len(names), 'key')} left out: {reason} ({name_first(names, len(names))})")
    written = exported.manifest.keys.values()
    things = "pair" if form.of_pairs else "row"
    number = count(sum(one.written for one in written), things)
    again = ", in place of the export that was there" if exported.replaced else ""
    click.echo(f"{number} of {count(len(written), 'key')} written to {target}{again}; {MANIFEST} says from what")
    return 1 if exported.failed else 0


def _find(settings: Settings, rule: str | None) -> PairRule | None:
    return None if rule is None else find_rule(rule, settings.pair_rules)


def _print_key(key: str, found: ExportedKey, form: Format, rule: str | None) -> None:
    of_pairs = f"{count(found.chosen, 'pair')} that {rule} keeps of {found.candidates:,}"
    of = of_pairs if form.of_pairs else count(found.candidates, "row")
    click.echo(f"{key}  {found.written:,} written of {of}")
    if found.left_out:
        click.echo(f"  left out: {describe_left_out(found)}")
    if found.unmatched:
        click.echo(f"  {count(found.unmatched, 'row')} with the persona without a counterpart")
    if found.other_question:
        click.echo(f"  {count(found.other_question, 'row')} whose counterpart answers another question")
    for remark in found.remarks:
        click.echo(f"  {remark}")
