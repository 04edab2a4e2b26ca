"""The page of all keys: what needs attention, how models compare in outline, and one table of everything."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from persona_assets.collection.survey import State
from persona_assets.kinds import KINDS
from persona_assets.report.baselines import is_baseline
from persona_assets.report.figures import Spread, draw_spread
from persona_assets.report.key_row import KeyRow, main_variant
from persona_assets.report.rendering import TABLE, render
from persona_assets.report.summary import Entry, Summary
from persona_assets.stages.registry import list_checks

MOST_URGENT_FIRST = (State.FAILED, State.MISSING, State.STALE, State.ORPHANED, State.WARNED, State.PASSED)
MOST_LISTED = 8
"""Keys of one state that are listed; the table has all of them."""
LONGEST_REASON = 400
COLUMNS = (
    "key",
    "model",
    "kind",
    "persona",
    "state",
    "reason",
    "warnings",
    "rows",
    "scored",
    "refusals",
    "truncated",
    "median_answer",
    "mean_score",
    "kept",
    "pairs",
)


@dataclass(frozen=True)
class Concern:
    """Keys that are in one state for like reasons."""

    state: str
    title: str
    demand: str
    """What the check demands that they did not pass; empty if it is not about a check."""
    keys: Sequence[Entry]
    more: int
    filter: str
    """What the table is filtered by to show them all."""


@dataclass(frozen=True)
class Group:
    """All keys of one model and kind."""

    model: str
    kind: str
    keys: int
    usable: int
    rows: int
    tokens: int
    kept: int
    scored: int
    judged: int
    """Rows without those of baselines that no judge scored."""
    variant: str
    median_answer: float | None
    spreads: Sequence[Spread]


def render_overview(summary: Summary) -> str:
    """Render the page of all keys."""
    entries = list(summary.keys.values())
    return render(
        "overview.html.j2",
        (*TABLE, "templates/table.js", "templates/overview.js"),
        {"columns": COLUMNS, "rows": [_list_cells(entry) for entry in entries]},
        here="index.html",
        up="",
        made=summary.made,
        keys=len(entries),
        models=sorted({entry.row.model for entry in entries}),
        kinds=[name for name in KINDS if any(entry.row.kind == name for entry in entries)],
        rows=sum(entry.row.rows for entry in entries),
        tokens=sum(entry.row.tokens for entry in entries),
        states=[(state.value, sum(entry.state == state for entry in entries)) for state in MOST_URGENT_FIRST],
        concerns=list(_list_concerns(entries)),
        groups=list(_list_groups(entries)),
    )


def _list_cells(entry: Entry) -> list[object]:
    row = entry.row
    own: dict[str, object] = {"state": entry.state, "reason": entry.reason[:LONGEST_REASON]}
    if is_baseline(row.persona) and not row.scored:
        own |= dict.fromkeys(("scored", "refusals", "kept"))
    cells = [own[name] if name in own else getattr(row, name) for name in COLUMNS]
    return cells if row.rows else [*cells[: COLUMNS.index("rows")], *[None] * (len(COLUMNS) - COLUMNS.index("rows"))]


def _list_concerns(entries: Sequence[Entry]) -> Iterator[Concern]:
    for state in MOST_URGENT_FIRST[:-2]:
        found = [entry for entry in entries if entry.state == state]
        if found:
            more = len(found) - MOST_LISTED
            yield Concern(state.value, state.value, "", found[:MOST_LISTED], more, f"state={state.value}")
    demands = {check.name: check.description for check in list_checks()}
    warned: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.state == State.WARNED:
            for check in demands.keys() & entry.row.warnings:
                warned[check].append(entry)
    for check, found in sorted(warned.items(), key=lambda item: (-len(item[1]), item[0])):
        first = sorted(found, key=lambda entry: -entry.row.quarantined)
        yield Concern(State.WARNED.value, check, demands[check], first[:3], len(found) - 3, f"check={check}")


def _list_groups(entries: Iterable[Entry]) -> Iterator[Group]:
    grouped: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        grouped[entry.row.model, entry.row.kind].append(entry)
    longest = max((entry.row.median_answer or 0 for found in grouped.values() for entry in found), default=0)
    for (model, kind), found in sorted(grouped.items(), key=lambda item: (item[0][1], item[0][0])):
        rows = [entry.row for entry in found if entry.row.rows]
        judged = [row for row in rows if row.scored or not is_baseline(row.persona)]
        answers = [row.median_answer for row in rows if row.median_answer is not None]
        yield Group(
            model=model,
            kind=kind,
            keys=len(found),
            usable=sum(entry.state in (State.PASSED, State.WARNED) for entry in found),
            rows=sum(row.rows for row in rows),
            tokens=sum(row.tokens for row in rows),
            kept=sum(row.kept for row in rows),
            scored=sum(row.scored for row in judged),
            judged=sum(row.rows for row in judged),
            variant=str(main_variant(KINDS[kind])),
            median_answer=median(answers) if answers else None,
            spreads=list(_draw_spreads(judged, KINDS[kind].max_score, longest)),
        )


def _draw_spreads(rows: Sequence[KeyRow], max_score: int, longest: float) -> Iterator[Spread]:
    yield draw_spread([row.mean_score for row in rows], max_score, "{:.1f}")
    yield draw_spread([row.scored / row.rows for row in rows], 1, "{:.0%}")
    yield draw_spread([row.median_answer for row in rows], longest, "{:.0f}")
