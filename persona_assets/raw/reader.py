"""Reading a raw response file, line by line, in bounded memory."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from persona_assets.errors import RawDataError
from persona_assets.keys import DatasetKey
from persona_assets.raw.ledger import QuarantinedLine, RowLedger
from persona_assets.raw.parsing import parse_line
from persona_assets.raw.rows import RawRow, Reason, Rejection, RowRules
from persona_assets.settings import Settings

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


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


def read_conversations(
    path: Path,
    key: DatasetKey,
    settings: Settings,
    quarantine: Callable[[QuarantinedLine], object],
) -> RawConversations:
    """Read every line of ``path``; hand each line that cannot become a row to ``quarantine``.

    Raises:
        RawDataError: the file is missing, unreadable, no regular file, larger than ``max_file_bytes``,
            or not one of its lines is a row.
    """
    rules = RowRules.of(key.kind, settings)
    digest = hashlib.sha256()
    ledger = RowLedger()
    rows: list[RawRow] = []
    numbers: list[int] = []
    offset = 0
    with open_raw(path, settings.max_file_bytes) as file:
        for number, (line, size) in enumerate(_lines(file, settings.max_line_bytes, digest.update), start=1):
            content = _strip_line_end(line, number, ledger)
            parsed = _too_long(size, settings) or parse_line(content, rules)
            if isinstance(parsed, Rejection):
                quarantine(ledger.reject(number, offset, content, size, parsed))
            else:
                ledger.keep(parsed)
                rows.append(parsed.row)
                numbers.append(number)
            offset += size
    if not rows:
        raise RawDataError(_nothing_read(path, ledger))
    return RawConversations(path, rows, numbers, ledger, offset, digest.hexdigest())


def open_raw(path: Path, max_bytes: int) -> BinaryIO:
    """Open a raw file for reading after checking that it is one and not too large.

    Raises:
        RawDataError: it is missing, unreadable, no regular file, or too large.
    """
    try:
        if not path.is_file():
            raise RawDataError(f"{path} {_what_is(path)}; put the raw file there")
        size = path.stat().st_size
        if size > max_bytes:
            raise RawDataError(
                f"{path} has {size:,} bytes, more than the {max_bytes:,} allowed; "
                "split it, or raise the setting PERSONA_MAX_FILE_BYTES"
            )
        return path.open("rb")
    except OSError as error:
        raise RawDataError(f"{path} cannot be read: {error.strerror}; check its permissions") from error


def _what_is(path: Path) -> str:
    if path.is_symlink():
        return "is a symbolic link that leads nowhere"
    if path.is_dir():
        return "is a folder where a file should be"
    return "is no regular file" if path.exists() else "does not exist"


def _lines(file: BinaryIO, limit: int, digest: Callable[[bytes], None]) -> Iterator[tuple[bytes, int]]:
    """Each physical line (at most ``limit`` bytes and a line end of it) with its full size in bytes."""
    while line := file.readline(limit + 2):
        digest(line)
        size = len(line)
        if not line.endswith(b"\n"):
            while rest := file.readline(2**20):
                digest(rest)
                size += len(rest)
                if rest.endswith(b"\n"):
                    break
        yield line, size


def _strip_line_end(line: bytes, number: int, ledger: RowLedger) -> bytes:
    if number == 1 and line.startswith(BYTE_ORDER_MARK):
        ledger.byte_order_mark = True
        line = line[len(BYTE_ORDER_MARK) :]
    ledger.final_newline = line.endswith(b"\n")
    if line.endswith(b"\r\n"):
        ledger.carriage_returns += 1
        return line[:-2]
    return line.removesuffix(b"\n")


def _too_long(size: int, settings: Settings) -> Rejection | None:
    if size <= settings.max_line_bytes + 1:
        return None
    detail = f"the line has {size:,} bytes, more than the {settings.max_line_bytes:,} of PERSONA_MAX_LINE_BYTES"
    return Rejection(Reason.LINE_TOO_LONG, detail)


def _nothing_read(path: Path, ledger: RowLedger) -> str:
    if not ledger.first_quarantined:
        return f"{path} is empty: it holds no line; generate it again, or remove it"
    first = ledger.first_quarantined[0]
    return (
        f"{path}, line {first.line}: {first.reason}: {first.detail}. None of its {ledger.lines:,} lines is a "
        "conversation; generate the file again, or remove it"
    )
