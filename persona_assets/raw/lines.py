"""Reading a file line by line in bounded memory: each line's place, and as much of it as the limit allows."""

from collections.abc import Iterator
from typing import NamedTuple

from persona_assets.raw.files import BYTE_ORDER_MARK, RawFile


class Line(NamedTuple):
    number: int
    byte_offset: int
    size_bytes: int
    """With its line end."""
    content: bytes
    """Without its line end; only the beginning of a line that is too long."""
    length: int
    """Bytes of the whole content, even where ``content`` is only its beginning."""


def lines_of(file: RawFile, limit: int) -> Iterator[Line]:
    """Yield each physical line, its content cut a few bytes after ``limit``; note in ``file`` how lines end."""
    number = offset = 0
    while line := file.readline(limit + 2):
        number += 1
        size = len(line)
        if not line.endswith(b"\n"):
            line, size = _skip_rest(file, line)
        content = _strip_line_end(file, line, number)
        yield Line(number, offset, size, content, size - len(line) + len(content))
        offset += size


def line_end(line: bytes) -> bytes:
    if line.endswith(b"\r\n"):
        return b"\r\n"
    return b"\n" if line.endswith(b"\n") else b""


def _skip_rest(file: RawFile, line: bytes) -> tuple[bytes, int]:
    """Read to the end of a long line. Return its beginning with its line end, and the size of the whole line."""
    size, tail = len(line), line[-2:]
    while not tail.endswith(b"\n") and (rest := file.readline(2**20)):
        size += len(rest)
        tail = (tail + rest)[-2:]
    return (line if size == len(line) else line.rstrip(b"\r") + line_end(tail)), size


def _strip_line_end(file: RawFile, line: bytes, number: int) -> bytes:
    if number == 1 and line.startswith(BYTE_ORDER_MARK):
        file.byte_order_mark = True
        line = line[len(BYTE_ORDER_MARK) :]
    end = line_end(line)
    file.final_newline = end != b""
    file.carriage_returns += end == b"\r\n"
    return line.removesuffix(end)
