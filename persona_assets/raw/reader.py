"""Reading a raw response file, line by line, in bounded memory."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from persona_assets.errors import RawDataError
from persona_assets.keys import DatasetKey
from persona_assets.raw.consistency import contradictions, out_of_order
from persona_assets.raw.files import BYTE_ORDER_MARK, RawFile, open_raw
from persona_assets.raw.ledger import EXCERPT_BYTES, QuarantinedLine, RowLedger
from persona_assets.raw.parsing import ParsedRow, parse_line
from persona_assets.raw.rows import Note, RawRow, Reason, Rejection, RowRules
from persona_assets.raw.stamps import Stamp
from persona_assets.settings import Settings

MOST_COPIES = 10
"""Rows of a file for each that it can keep. All are in memory until the last tells which of them contradict others,
so that short ones, of which a file of the allowed size holds hundreds of thousands, would fill it."""


@dataclass(frozen=True)
class RawConversations:
    """The rows of one raw file in file order, and the account of all its lines."""

    path: Path
    rows: list[RawRow]
    lines: list[int]
    """Line number of each row."""
    ledger: RowLedger
    size_bytes: int
    sha256: str
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class _Line:
    """A physical line: where it stands, and what was made of it."""

    number: int
    byte_offset: int
    size_bytes: int
    parsed: ParsedRow | Rejection
    excerpt: bytes = b""


def read_conversations(
    path: Path,
    key: DatasetKey,
    settings: Settings,
    quarantine: Callable[[QuarantinedLine], object],
) -> RawConversations:
    """Read every line of ``path``; hand each line that cannot become a row to ``quarantine``.

    Lines that are no rows by themselves come first, then rows that contradict others.

    Raises:
        RawDataError: the file is missing, unreadable, no regular file, larger than ``max_file_bytes``,
            repeats itself too often, or not one of its lines is a row.
    """
    ledger = RowLedger()
    digest = hashlib.sha256()
    candidates: list[_Line] = []
    rules = RowRules.of(key.kind, settings)
    with open_raw(path, settings.max_file_bytes) as file:
        for line in _parsed_lines(file, rules, settings, ledger, digest.update):
            if isinstance(line.parsed, Rejection):
                quarantine(_reject(ledger, line, line.parsed, line.excerpt))
            elif len(candidates) < MOST_COPIES * rules.different_rows:
                candidates.append(line)
            else:
                raise RawDataError(_too_many(path, line, rules))
        size_bytes, stamp = file.tell(), file.stamp
        rejected = contradictions([line.parsed.row for line in candidates if isinstance(line.parsed, ParsedRow)])
        for place, rejection in sorted(rejected.items()):
            line = candidates[place]
            quarantine(_reject(ledger, line, rejection, _read_excerpt(file, line)))
    kept = [line for place, line in enumerate(candidates) if place not in rejected]
    rows = [ledger.keep(line.parsed) for line in kept if isinstance(line.parsed, ParsedRow)]
    if shuffled := out_of_order(rows, key.kind.labels):
        ledger.notes[Note.OUT_OF_ORDER] = shuffled
    if not rows:
        raise RawDataError(_nothing_read(path, ledger))
    return RawConversations(path, rows, [line.number for line in kept], ledger, size_bytes, digest.hexdigest(), stamp)


def _parsed_lines(
    file: RawFile, rules: RowRules, settings: Settings, ledger: RowLedger, digest: Callable[[bytes], None]
) -> Iterator[_Line]:
    offset = 0
    for number, (line, size) in enumerate(_lines(file, settings.max_line_bytes, digest), start=1):
        content = _strip_line_end(line, number, ledger)
        parsed = _too_long(size - (len(line) - len(content)), settings) or parse_line(content, rules)
        excerpt = b""
        if isinstance(parsed, Rejection):
            parsed, excerpt = _name_truncation(parsed, ledger), content[:EXCERPT_BYTES]
        yield _Line(number, offset, size, parsed, excerpt)
        offset += size


def _read_excerpt(file: RawFile, line: _Line) -> bytes:
    content = file.read_at(line.byte_offset, min(line.size_bytes, EXCERPT_BYTES + len(BYTE_ORDER_MARK)))
    return content.removesuffix(_line_end(content)).removeprefix(BYTE_ORDER_MARK)


def _reject(ledger: RowLedger, line: _Line, rejection: Rejection, excerpt: bytes) -> QuarantinedLine:
    return ledger.reject(line.number, line.byte_offset, excerpt, line.size_bytes, rejection)


def _name_truncation(rejection: Rejection, ledger: RowLedger) -> Rejection:
    """A last line without its newline that is no JSON was cut off, probably with the program that wrote it."""
    cut_character = rejection.reason is Reason.INVALID_UTF8 and rejection.detail.endswith("unexpected end of data")
    if (rejection.reason is Reason.INVALID_JSON or cut_character) and not ledger.final_newline:
        return Rejection(Reason.TRUNCATED_LAST_LINE, rejection.detail)
    return rejection


def _lines(file: RawFile, limit: int, digest: Callable[[bytes], None]) -> Iterator[tuple[bytes, int]]:
    """Each physical line (at most ``limit`` bytes and a line end of it) with its full size in bytes."""
    while line := file.readline(limit + 2):
        digest(line)
        size = len(line)
        tail = line[-2:]
        while not tail.endswith(b"\n") and (rest := file.readline(2**20)):
            digest(rest)
            size += len(rest)
            tail = (tail + rest)[-2:]
        if size > len(line):
            line = line.rstrip(b"\r") + _line_end(tail)
        yield line, size


def _line_end(line: bytes) -> bytes:
    if line.endswith(b"\r\n"):
        return b"\r\n"
    return b"\n" if line.endswith(b"\n") else b""


def _strip_line_end(line: bytes, number: int, ledger: RowLedger) -> bytes:
    if number == 1 and line.startswith(BYTE_ORDER_MARK):
        ledger.byte_order_mark = True
        line = line[len(BYTE_ORDER_MARK) :]
    end = _line_end(line)
    ledger.final_newline = end != b""
    ledger.carriage_returns += end == b"\r\n"
    return line.removesuffix(end)


def _too_long(size: int, settings: Settings) -> Rejection | None:
    if size <= settings.max_line_bytes:
        return None
    detail = f"the line has {size:,} bytes, more than the {settings.max_line_bytes:,} of PERSONA_MAX_LINE_BYTES"
    return Rejection(Reason.LINE_TOO_LONG, detail)


def _too_many(path: Path, line: _Line, rules: RowRules) -> str:
    return (
        f"{path}, line {line.number}: more than {MOST_COPIES * rules.different_rows:,} rows, although only "
        f"{rules.different_rows:,} can differ in label, prompt and question; remove those that repeat others, or "
        "raise the setting PERSONA_MAX_PROMPTS or PERSONA_MAX_QUESTIONS"
    )


def _nothing_read(path: Path, ledger: RowLedger) -> str:
    if not ledger.first_quarantined:
        return f"{path} is empty: it holds no line; generate it again, or remove it"
    first = ledger.first_quarantined[0]
    return (
        f"{path}, line {first.line}: {first.reason}: {first.detail}. None of its {ledger.lines:,} lines is a "
        "conversation; generate the file again, or remove it"
    )
