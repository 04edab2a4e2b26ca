"""The page that says what is different since the data last changed."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from persona_assets.report.rendering import TABLE, render
from persona_assets.report.summary import Entry, Summary

COUNTED = ("rows", "scored", "kept", "tokens")
NEW, GONE, CHANGED = "new", "gone", "changed"


class Change(msgspec.Struct, frozen=True):
    """A key that is not what it was."""

    key: str
    model: str
    kind: str
    persona: str
    what: str
    state: str
    """Now; empty if the key is gone."""
    state_before: str
    rows: int
    scored: int
    kept: int
    tokens: int
    """The last four are differences: what was gained, or lost if below zero."""
    mean_score: float | None
    """The difference; null unless there was a mean score before and is one now."""


@dataclass
class Totals:
    """One model and kind, before and now."""

    model: str
    kind: str
    before: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("keys", *COUNTED), 0))
    now: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("keys", *COUNTED), 0))


def render_changes(now: Summary, before: Summary | None) -> str:
    """Render the page of changes."""
    changes = list(list_changes(now, before)) if before else []
    return render(
        "changes.html.j2",
        (*TABLE, "templates/table.js", "templates/changes.js") if changes else (),
        {"columns": Change.__struct_fields__, "rows": [list(msgspec.structs.astuple(one)) for one in changes]},
        here="changes.html",
        up="",
        made=now.made,
        before=before.made if before else "",
        changes=len(changes),
        counts=[(what, sum(one.what == what for one in changes)) for what in (NEW, GONE, CHANGED)],
        totals=list_totals(now, before) if before else [],
        columns=("keys", *COUNTED),
    )


def list_changes(now: Summary, before: Summary) -> Iterator[Change]:
    """Every key whose data or state is not what it was, also those that are new or gone."""
    for key in sorted(now.keys.keys() | before.keys.keys()):
        entry, earlier = now.keys.get(key), before.keys.get(key)
        if entry is None or earlier is None or entry.version != earlier.version:
            yield _compare(entry, earlier)


def _compare(entry: Entry | None, earlier: Entry | None) -> Change:
    known = entry or earlier
    assert known is not None
    row = known.row
    what = NEW if earlier is None else GONE if entry is None else CHANGED
    differences = {name: _count(entry, name) - _count(earlier, name) for name in COUNTED}
    return Change(
        row.key,
        row.model,
        row.kind,
        row.persona,
        what,
        state=entry.state if entry else "",
        state_before=earlier.state if earlier else "",
        mean_score=_subtract_scores(entry, earlier),
        **differences,
    )


def _count(entry: Entry | None, name: str) -> int:
    return int(getattr(entry.row, name)) if entry else 0


def _subtract_scores(entry: Entry | None, earlier: Entry | None) -> float | None:
    now, before = (one.row.mean_score if one else None for one in (entry, earlier))
    return None if now is None or before is None else round(now - before, 4)


def list_totals(now: Summary, before: Summary) -> list[Totals]:
    """What each model and kind had, and has."""
    totals: dict[tuple[str, str], Totals] = {}
    for name, summary in (("before", before), ("now", now)):
        for entry in summary.keys.values():
            group = entry.row.model, entry.row.kind
            counted = getattr(totals.setdefault(group, Totals(*group)), name)
            counted["keys"] += 1
            for column in COUNTED:
                counted[column] += _count(entry, column)
    return [totals[group] for group in sorted(totals)]
