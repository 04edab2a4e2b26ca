"""The rows of one key in files of chat data, each with what it says of the judge."""

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Any

import pyarrow as pa

from persona_assets.chat_fields import ChatFields
from persona_assets.errors import RawDataError
from persona_assets.keys import DatasetKey
from persona_assets.raw.files import RawFile
from persona_assets.raw.layouts.chat_data.completion import Completion
from persona_assets.raw.layouts.chat_data.names import TABLE
from persona_assets.raw.layouts.chat_data.owners import Owners
from persona_assets.raw.layouts.chat_data.tables import Told, as_line, columns_of_table, number_in, rows_of_table
from persona_assets.raw.layouts.chat_data.verdicts import NO_VERDICT, Verdict, check_verdict
from persona_assets.raw.layouts.contract import RawRecord
from persona_assets.raw.layouts.json_lines import records_of
from persona_assets.raw.ledger import EXCERPT_BYTES
from persona_assets.raw.lines import Line, lines_of
from persona_assets.raw.rows import Rejection, RowRules


class KeyReader:
    """Reads the rows of ``key``; those of other keys in the same files are counted, and left to them."""

    def __init__(
        self, key: DatasetKey, fields: ChatFields, completion: Completion, rules: RowRules, max_bytes: int
    ) -> None:
        self._key = key
        self._columns = frozenset(fields.by_name.values())
        self._score = [fields.score] if fields.score else []
        self._completion = completion
        self._rules = rules
        self._max_bytes = max_bytes

    def read(self, files: Sequence[tuple[RawFile, Owners]]) -> Iterator[tuple[RawRecord, Verdict]]:
        """Yield every row of the key, in the order of the files, and the verdict on it.

        Raises:
            RawDataError: a table is damaged, or unpacks to more than a file may have.
        """
        for file, owners in files:
            read = self._read_table if file.path.name.endswith(TABLE) else self._read_lines
            yield from read(file, owners)

    def _read_lines(self, file: RawFile, owners: Owners) -> Iterator[tuple[RawRecord, Verdict]]:
        line = Line(0, 0, 0, b"", 0)

        def own_lines() -> Iterator[Line]:
            nonlocal line
            for line in lines_of(file, self._rules.max_line_bytes):
                if owners.fields and owners.of_line(line, self._rules.max_line_bytes) != self._key:
                    file.passed_over += 1
                else:
                    yield line

        for record in records_of(file, own_lines(), self._rules, self._completion.grammar):
            yield self._judge(record, line.content)

    def _read_table(self, file: RawFile, owners: Owners) -> Iterator[tuple[RawRecord, Verdict]]:
        content = file.read()
        columns = columns_of_table(pa.BufferReader(content), file.path)
        unread = {name: None for name in columns if name not in self._columns}
        rows = rows_of_table(pa.BufferReader(content), file.path, self._columns)
        size = 0
        for number, (is_own, told) in enumerate(zip(self._own(content, file, owners), rows, strict=False), 1):
            if not is_own:
                file.passed_over += 1
                continue
            line = told if isinstance(told, Rejection) else as_line(self._with_number(told) | unread)
            yield self._judge(*self._record(file, number, line))
            size += 0 if isinstance(line, Rejection) else len(line)
            if size > self._max_bytes:
                raise _too_large(file, number, self._max_bytes)

    def _with_number(self, told: Told) -> dict[str, Any]:
        score = {name: number_in(told[name]) for name in self._score if name in told}
        return {**told, **score}

    def _own(self, content: bytes, file: RawFile, owners: Owners) -> Iterator[bool]:
        """Whether each row of a table is the key's, which one that cannot be read in whole may still tell."""
        if not owners.fields:
            yield from repeat(True)
        for told in rows_of_table(pa.BufferReader(content), file.path, owners.fields):
            yield not isinstance(told, Rejection) and owners.of_row(told) == self._key

    def _record(self, file: RawFile, number: int, line: bytes | Rejection) -> tuple[RawRecord, bytes]:
        """A row of a table has no place in bytes, and so comes with its beginning."""
        if isinstance(line, Rejection):
            return RawRecord(file, number, 0, 0, line, b""), b""
        place = Line(number, 0, 0, line, len(line))
        [record] = records_of(file, [place], self._rules, self._completion.grammar)
        record.excerpt = line[:EXCERPT_BYTES]
        return record, line

    def _judge(self, record: RawRecord, line: bytes) -> tuple[RawRecord, Verdict]:
        """The row and the verdict on it; rejected if the dataset cannot hold the verdict."""
        if isinstance(record.parsed, Rejection):
            return record, NO_VERDICT
        verdict = check_verdict(self._completion.judged)
        if isinstance(verdict, Rejection):
            record.parsed, record.excerpt = verdict, line[:EXCERPT_BYTES]
            return record, NO_VERDICT
        return record, verdict


def _too_large(file: RawFile, number: int, most: int) -> RawDataError:
    return RawDataError(
        f"{file.path}, row {number}: the rows of one persona unpack to more than the {most:,} bytes allowed; split "
        "the file, or raise the setting PERSONA_MAX_FILE_BYTES"
    ).about(path=file.path)
