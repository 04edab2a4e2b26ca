"""What ``persona-assets list`` prints: a table, one JSON object, or keys alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise

import click
import msgspec
from rich.console import Console
from rich.markup import escape

from persona_assets.cli.raw_remarks import print_models, print_unfit
from persona_assets.cli.selection import choose
from persona_assets.collection.listed_figures import Figures
from persona_assets.collection.listed_keys import ListedKey, list_made, list_with_figures
from persona_assets.keys import DatasetKey
from persona_assets.kinds import Kind
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import RawInventory, discover
from persona_assets.settings import Settings, load_settings
from persona_assets.stage.wording import count
from persona_assets.workspace import Workspace

_COLOURS = {"failed": "red", "missing": "yellow", "stale": "yellow", "orphaned": "yellow", "warned": "yellow"}
_HEADINGS = ("model", "type", "name", "state", "rows", "scored", "mean", "tokens", "scores")
_FIRST_NUMBER, _LAST_NUMBER = _HEADINGS.index("rows"), _HEADINGS.index("tokens")
FEW_SCORES = 4
"""So many different scores are told one by one; of more, the quarters of the scale."""


class Form(Enum):
    """What is printed on stdout."""

    TABLE = auto()
    KEYS = auto()
    JSON = auto()


class KeyInJson(msgspec.Struct, frozen=True):
    """One key of ``list --json``: how it stands, and its ``Figures``."""

    key: str
    model: str
    type: str
    name: str
    state: str
    reason: str
    rows: int | None
    scored: int | None
    mean_score: float | None
    tokens: int | None
    scores: dict[str, int]
    variants: dict[str, int]


class ListInJson(msgspec.Struct, frozen=True):
    """What ``list --json`` prints."""

    workspace: str
    raw_root: str
    raw_root_there: bool
    not_taken: Sequence[str]
    """Raw files and folders without a key, each with the reason."""
    keys: Sequence[KeyInJson]


@dataclass(frozen=True)
class _Found:
    """The raw root as it was found, and the keys of it and of the workspace."""

    inventory: RawInventory
    made: frozenset[DatasetKey]
    raw_there: bool

    def choose(self, kinds: Sequence[Kind], models: Sequence[str], form: Form) -> Sequence[DatasetKey]:
        """Of ``Form.KEYS`` only those with a raw file, if the raw root is there."""
        inventory = self.inventory
        if form is not Form.KEYS or not self.raw_there:
            every = tuple(sorted({*inventory.keys, *self.made}))
            inventory = RawInventory(inventory.root, every, inventory.unfit)
        return choose(inventory, kinds, models)


def report_keys(kinds: Sequence[Kind], models: Sequence[str], form: Form) -> int:
    """Print the keys of ``kinds`` and ``models`` in ``form``; return the exit code."""
    settings, remarks = load_settings(), Console(stderr=True)
    found = _find(settings)
    try:
        keys = found.choose(kinds, models, form)
        if form is Form.KEYS:
            for key in keys:
                click.echo(key)
        else:
            raw_keys = frozenset(found.inventory.keys) if found.raw_there else None
            listed = list_with_figures(Workspace.of(settings), keys, raw_keys)
            click.echo(_format_json(settings, found, listed) if form is Form.JSON else _format_table(listed))
    finally:
        print_models(remarks, found.inventory)
        print_unfit(remarks, found.inventory)
        if not found.raw_there:
            gone = f"raw root {settings.raw_root} is not there: these are the keys of {settings.workspace}"
            remarks.print(escape(gone), soft_wrap=True, highlight=False)
    return 1 if found.inventory.unfit else 0


def _find(settings: Settings) -> _Found:
    """Raises RawDataError if neither the raw root nor anything made is there."""
    root, made = settings.raw_root, frozenset(list_made(Workspace.of(settings)))
    if made and not root.is_dir():
        return _Found(RawInventory(settings.workspace, (), ()), made, raw_there=False)
    return _Found(discover(RawCorpus.of(settings)), made, raw_there=True)


def _format_json(settings: Settings, found: _Found, listed: Sequence[ListedKey]) -> str:
    report = ListInJson(
        workspace=_printable(settings.workspace),
        raw_root=_printable(settings.raw_root),
        raw_root_there=found.raw_there,
        not_taken=[_printable(file) for file in found.inventory.unfit],
        keys=[_describe(one) for one in listed],
    )
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()


def _describe(one: ListedKey) -> KeyInJson:
    key, standing = one.key, one.standing
    return KeyInJson(
        key=str(key),
        model=key.model,
        type=key.kind_name,
        name=key.persona,
        state=standing.state,
        reason=_printable(standing.reason),
        **msgspec.structs.asdict(one.figures),
    )


def _format_table(listed: Sequence[ListedKey]) -> str:
    """Aligned columns. A table of rich takes half a second for 1,299 keys."""
    rows = [_HEADINGS, *(_make_row(one) for one in listed)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    lines = ["  ".join(_align(text, column, widths[column]) for column, text in enumerate(row)) for row in rows]
    coloured = [_colour(line.rstrip(), one.standing.state) for line, one in zip(lines[1:], listed, strict=True)]
    return "\n".join([click.style(lines[0].rstrip(), bold=True), *coloured, *_sum_up(listed)])


def _make_row(one: ListedKey) -> tuple[str, ...]:
    key, figures = one.key, one.figures
    return (
        key.model,
        key.kind_name,
        key.persona,
        one.standing.state,
        _say(figures.rows),
        _say(figures.scored),
        "" if figures.mean_score is None else f"{figures.mean_score:.2f}",
        _say(figures.tokens),
        _say_scores(key.kind, figures),
    )


def _say(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _say_scores(kind: Kind, figures: Figures) -> str:
    """``3: 39, 2: 11``, the highest first; of a long scale ``75-100: 12, 50-74: 30``."""
    known = {int(score): rows for score, rows in figures.scores.items() if score.isdecimal()}
    if kind.max_score < FEW_SCORES:
        return ", ".join(f"{score}: {rows:,}" for score, rows in sorted(known.items(), reverse=True))
    edges = [kind.max_score * part // FEW_SCORES for part in range(FEW_SCORES)] + [kind.max_score + 1]
    parts = [(low, high - 1) for low, high in pairwise(edges)]
    sums = {part: sum(rows for score, rows in known.items() if part[0] <= score <= part[1]) for part in parts}
    return ", ".join(f"{low}-{high}: {rows:,}" for (low, high), rows in reversed(sums.items()) if rows)


def _align(text: str, column: int, width: int) -> str:
    return text.rjust(width) if _FIRST_NUMBER <= column <= _LAST_NUMBER else text.ljust(width)


def _colour(line: str, state: str) -> str:
    return click.style(line, fg=_COLOURS[state]) if state in _COLOURS else line


def _sum_up(listed: Sequence[ListedKey]) -> list[str]:
    states = [one.standing.state for one in listed]
    each = ", ".join(f"{states.count(state):,} {state}" for state in dict.fromkeys(sorted(states)))
    rows = sum(one.figures.rows or 0 for one in listed)
    tokens = sum(one.figures.tokens or 0 for one in listed)
    return [f"{count(len(listed), 'key')} ({each}), {rows:,} rows, {tokens:,} tokens"]


def _printable(text: object) -> str:
    return str(text).encode(errors="backslashreplace").decode()
