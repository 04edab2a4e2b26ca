"""Reading CSV strictly, record by record: a damaged record costs no other, and every line belongs to one record."""

import csv
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from persona_assets.raw.files import RawFile
from persona_assets.raw.lines import Line, lines_of
from persona_assets.raw.rows import Reason, Rejection

_CUT = "unexpected end of data"
"""What ``csv`` says of a quoted field without an end."""


class CsvRecord(NamedTuple):
    """One record: its place in the file, and its fields."""

    number: int
    """Of its first line."""
    byte_offset: int
    size_bytes: int
    content: bytes
    """Without its line end; only the beginning of a record that is too long."""
    fields: list[str] | Rejection


def records_of(file: RawFile, limit: int) -> Iterator[CsvRecord]:
    """Yield the records of ``file`` in order, its header first.

    A record ends with the first line after which its quotes are in pairs. If it cannot be read, only its first line
    is rejected, and reading goes on with the next: wherever a quote is missing, the next whole record is found again.
    """
    lines = _Lines(lines_of(file, limit))
    while lines:
        yield _next_record(lines, limit)


class _Lines:
    """Lines to be taken one by one, some of them put back."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._rest = lines
        self._next: deque[Line] = deque()

    def __bool__(self) -> bool:
        if not self._next:
            self._next.extend(islice(self._rest, 1))
        return bool(self._next)

    def take(self) -> Line:
        return self._next.popleft()

    def put_back(self, lines: list[Line]) -> None:
        self._next.extendleft(reversed(lines))


def _next_record(lines: _Lines, limit: int) -> CsvRecord:
    taken = _take(lines, limit)
    content = _join(taken)
    if len(content) > limit or taken[-1].length > limit:
        detail = f"the record has more than the {limit:,} bytes of PERSONA_MAX_LINE_BYTES"
        return _record(taken, content, Rejection(Reason.LINE_TOO_LONG, detail))
    try:
        return _record(taken, content, _fields(content))
    except csv.Error as error:
        lines.put_back(taken[1:])
        return _record(taken[:1], taken[0].content, Rejection(Reason.INVALID_CSV, str(error)))


def _take(lines: _Lines, limit: int) -> list[Line]:
    """The lines of one record, or as many of them as the limit allows."""
    taken = [lines.take()]
    quotes, size = taken[0].content.count(b'"'), taken[0].length
    while quotes % 2 and size <= limit and lines:
        line = lines.take()
        taken.append(line)
        quotes += line.content.count(b'"')
        size += line.size_bytes
    return taken


def _join(lines: list[Line]) -> bytes:
    """The content of the lines with the line ends between them."""
    ended = [line.content + (b"\r\n" if line.size_bytes - line.length == 2 else b"\n") for line in lines[:-1]]
    return b"".join([*ended, lines[-1].content])


def _fields(content: bytes) -> list[str] | Rejection:
    """Split a record.

    Raises:
        csv.Error: its quotes are not where they may be, so that it may hold more than one record.
    """
    if not content.strip():
        return Rejection(Reason.BLANK_LINE, "the line is blank")
    fields = _split(content.decode(errors="surrogateescape"))
    if fields is None:
        return Rejection(Reason.TRUNCATED_LAST_LINE, "the file ends within a quoted field")
    if b"\0" in content:
        return Rejection(Reason.INVALID_CSV, f"byte {content.index(0)} of the record is NUL")
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return Rejection(Reason.INVALID_UTF8, f"byte {error.start} of the record: {error.reason}")
    return fields


def _split(text: str) -> list[str] | None:
    """The fields of a record; None if it ends within one of them."""
    before = csv.field_size_limit(len(text))
    try:
        [fields] = csv.reader([text], strict=True)
    except csv.Error as error:
        if str(error) != _CUT:
            raise
        return None
    finally:
        csv.field_size_limit(before)
    return fields


def _record(lines: list[Line], content: bytes, fields: list[str] | Rejection) -> CsvRecord:
    size = sum(line.size_bytes for line in lines)
    return CsvRecord(lines[0].number, lines[0].byte_offset, size, content, fields)
