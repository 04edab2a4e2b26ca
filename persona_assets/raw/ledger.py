"""The account of a raw file: every line is a row kept or a line quarantined, never neither."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from persona_assets.raw.parsing import ParsedRow
from persona_assets.raw.rows import Note, RawRow, Reason, Rejection

FIRST_OFFENDERS = 20
EXCERPT_BYTES = 200
MAX_EXTRA_FIELDS = 50
OTHER_FIELDS = "(other fields)"


@dataclass(frozen=True)
class QuarantinedLine:
    """A raw line that did not become a row."""

    line: int
    byte_offset: int
    size_bytes: int
    reason: Reason
    detail: str
    excerpt: str


@dataclass
class RowLedger:
    """Counts of one raw file. ``lines == kept + sum(quarantined.values())`` always holds."""

    lines: int = 0
    kept: int = 0
    quarantined: Counter[Reason] = field(default_factory=Counter)
    notes: Counter[Note] = field(default_factory=Counter)
    extra_fields: Counter[str] = field(default_factory=Counter)
    byte_order_mark: bool = False
    carriage_returns: int = 0
    final_newline: bool = True
    first_quarantined: list[QuarantinedLine] = field(default_factory=list)

    def keep(self, parsed: ParsedRow) -> RawRow:
        """Account for a line that became a row; return the row."""
        self.lines += 1
        self.kept += 1
        self.notes.update(parsed.notes)
        for name in parsed.extra_fields:
            known = name in self.extra_fields or len(self.extra_fields) < MAX_EXTRA_FIELDS
            self.extra_fields[name if known else OTHER_FIELDS] += 1
        return parsed.row

    def reject(self, line: int, byte_offset: int, raw: bytes, size: int, rejection: Rejection) -> QuarantinedLine:
        """Account for a rejected line; ``raw`` is as much of its ``size`` bytes as was read."""
        entry = QuarantinedLine(
            line,
            byte_offset,
            size,
            rejection.reason,
            rejection.detail,
            raw[:EXCERPT_BYTES].decode(errors="backslashreplace"),
        )
        self.lines += 1
        self.quarantined[rejection.reason] += 1
        if len(self.first_quarantined) < FIRST_OFFENDERS:
            self.first_quarantined.append(entry)
        return entry

    def record(self) -> Mapping[str, Any]:
        """The ledger as plain JSON."""
        return {
            "lines": self.lines,
            "kept": self.kept,
            "quarantined": dict(sorted(self.quarantined.items())),
            "notes": dict(sorted(self.notes.items())),
            "extra_fields": dict(sorted(self.extra_fields.items())),
            "byte_order_mark": self.byte_order_mark,
            "carriage_returns": self.carriage_returns,
            "final_newline": self.final_newline,
        }
