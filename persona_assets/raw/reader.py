"""Reading a raw response file, line by line, in bounded memory."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from persona_assets.errors import RawDataError
from persona_assets.keys import DatasetKey
from persona_assets.raw.files import BYTE_ORDER_MARK, RawFile, open_raw
from persona_assets.raw.ledger import QuarantinedLine, RowLedger
from persona_assets.raw.parsing import parse_line
from persona_assets.raw.rows import RawRow, Reason, Rejection, RowRules
from persona_assets.settings import Settings


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
            content_bytes = size - (len(line) - len(content))
            parsed = _too_long(content_bytes, settings) or parse_line(content, rules)
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


def _lines(file: RawFile, limit: int, digest: Callable[[bytes], None]) -> Iterator[tuple[bytes, int]]:
    """Each physical line (at most ``limit`` bytes and a line end of it) with its full size in bytes."""
    while line := file.readline(limit + 2):
        digest(line)
        size = len(line)
        if not line.endswith(b"\n"):
            while rest := file.readline(2**20):
                digest(rest)
                size += len(rest)
                if rest.endswith(b"\n"):
                    line += b"\n"
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
    if size <= settings.max_line_bytes:
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
