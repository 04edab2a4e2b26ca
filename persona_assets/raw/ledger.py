"""The account of the raw files of a key: every line is either kept as a row or quarantined."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from persona_assets.raw.files import RawFile
from persona_assets.raw.rows import Note, ParsedRow, RawRow, Reason, Rejection

FIRST_OFFENDERS = 20
EXCERPT_BYTES = 200
MAX_EXTRA_FIELDS = 50
OTHER_FIELDS = "(other fields)"


class QuarantinedLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """A raw line that did not become a row."""

    line: int
    byte_offset: int
    size_bytes: int
    reason: Reason
    detail: str
    excerpt: str
    file: str | None = None
    """The name of its file, if the key has several files of conversations."""


class LedgerRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """A ledger as it is stored in manifests."""

    lines: int
    kept: int
    quarantined: dict[str, int]
    notes: dict[str, int]
    extra_fields: dict[str, int]
    byte_order_mark: bool
    carriage_returns: int
    final_newline: bool
    passed_over: int = 0


@dataclass
class RowLedger:
    """Counts of the raw lines of one key. ``lines == kept + sum(quarantined.values())`` always holds."""

    lines: int = 0
    kept: int = 0
    quarantined: Counter[Reason] = field(default_factory=Counter)
    notes: Counter[Note] = field(default_factory=Counter)
    extra_fields: Counter[str] = field(default_factory=Counter)
    byte_order_mark: bool = False
    carriage_returns: int = 0
    final_newline: bool = True
    passed_over: int = 0
    """Rows of other keys in the same files, which are none of ``lines``."""
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

    def reject(self, entry: QuarantinedLine) -> QuarantinedLine:
        """Account for a line that did not become a row; return it."""
        self.lines += 1
        self.quarantined[entry.reason] += 1
        if len(self.first_quarantined) < FIRST_OFFENDERS:
            self.first_quarantined.append(entry)
        return entry

    def note_ends(self, files: Iterable[RawFile]) -> None:
        """Account for what is unusual about whole files rather than single lines."""
        for file in files:
            self.byte_order_mark |= file.byte_order_mark
            self.carriage_returns += file.carriage_returns
            self.final_newline &= file.final_newline
            self.passed_over += file.passed_over

    def record(self) -> LedgerRecord:
        return LedgerRecord(
            lines=self.lines,
            kept=self.kept,
            quarantined=_sorted(self.quarantined),
            notes=_sorted(self.notes),
            extra_fields=_sorted(self.extra_fields),
            byte_order_mark=self.byte_order_mark,
            carriage_returns=self.carriage_returns,
            final_newline=self.final_newline,
            passed_over=self.passed_over,
        )


def quarantined(
    line: int, place: tuple[int, int], raw: bytes, rejection: Rejection, file: str | None
) -> QuarantinedLine:
    """The entry of a line whose content begins with ``raw``; ``place`` is its offset and its size in bytes."""
    excerpt = raw[:EXCERPT_BYTES].decode(errors="backslashreplace")
    return QuarantinedLine(line, *place, rejection.reason, rejection.detail, excerpt, file)


def _sorted(counts: Counter[Note] | Counter[Reason] | Counter[str]) -> dict[str, int]:
    return {str(name): count for name, count in sorted(counts.items())}
