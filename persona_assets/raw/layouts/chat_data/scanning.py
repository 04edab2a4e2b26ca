"""Which personas a chat file holds, where its rows tell; found by reading only the fields that name them."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from persona_assets.chat_fields import ChatFields
from persona_assets.errors import RawDataError
from persona_assets.keys import DatasetKey
from persona_assets.raw.files import RawFile
from persona_assets.raw.layouts.chat_data.names import TABLE
from persona_assets.raw.layouts.chat_data.owners import Owners
from persona_assets.raw.layouts.chat_data.search import ChatFile
from persona_assets.raw.layouts.chat_data.tables import rows_of_table
from persona_assets.raw.lines import lines_of
from persona_assets.raw.opening import open_raw
from persona_assets.raw.rows import Rejection
from persona_assets.raw.stamps import Stamp

MOST_PROBLEMS, MOST_LINES = 10, 20
"""Kinds of problems, and line numbers of each, that a finding names."""


@dataclass(frozen=True)
class Scanned:
    """What the rows of a file say of their personas."""

    keys: frozenset[DatasetKey]
    problem: str | None = None
    """Which rows belong to no key, and why; or why the file cannot be read."""
    readable: bool = True


_SCANNED: dict[Path, tuple[object, Scanned]] = {}
"""The last scan of each file in this process, and what it depended on."""


@dataclass(frozen=True)
class Scanner:
    """Finds the keys that the files of one model hold."""

    model: str
    fields: ChatFields
    max_line_bytes: int

    def is_told_by_rows(self, file: ChatFile) -> bool:
        """Whether each row of ``file`` tells its key, rather than the name of the file."""
        return bool(self.fields.persona or (self.fields.kind_field and not file.kind_name))

    def name(self, file: ChatFile) -> DatasetKey | str:
        """The key that the name of ``file`` is; or why it cannot be one."""
        return Owners(self.model, file, self.fields).of_file()

    def scan(self, file: ChatFile) -> Scanned:
        """What the rows of ``file`` say, however large it is. It is read again only after it has changed."""
        depends_on = (Stamp.seen_at(file.path), self)
        before = _SCANNED.get(file.path)
        if before is None or before[0] != depends_on:
            before = _SCANNED[file.path] = (depends_on, self._scan(file))
        return before[1]

    def _scan(self, file: ChatFile) -> Scanned:
        keys: set[DatasetKey] = set()
        lost = _Lost()
        try:
            with open_raw({file.name: file.path}, sys.maxsize, "") as [opened]:
                for number, owner in enumerate(self._owners_in(opened, file), 1):
                    if isinstance(owner, DatasetKey):
                        keys.add(owner)
                    else:
                        lost.add(number, owner)
        except RawDataError as error:
            return Scanned(frozenset(), str(error).removeprefix(f"{file.path} "), readable=False)
        return Scanned(frozenset(keys), lost.describe())

    def _owners_in(self, opened: RawFile, file: ChatFile) -> Iterator[DatasetKey | str]:
        owners = Owners(self.model, file, self.fields)
        if file.name.endswith(TABLE):
            for told in rows_of_table(opened.file, file.path, owners.fields):
                yield told.detail if isinstance(told, Rejection) else owners.of_row(told)
            return
        for line in lines_of(opened, self.max_line_bytes):
            yield owners.of_line(line, self.max_line_bytes)


@dataclass
class _Lost:
    """The rows that belong to no key, by what is wrong with them."""

    rows: int = 0
    lines: dict[str, list[int]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, number: int, problem: str) -> None:
        self.rows += 1
        if problem not in self.lines and len(self.lines) == MOST_PROBLEMS:
            return
        self.counts[problem] = self.counts.get(problem, 0) + 1
        self.lines.setdefault(problem, [])
        if len(self.lines[problem]) < MOST_LINES:
            self.lines[problem].append(number)

    def describe(self) -> str | None:
        """One line for all of them; None if there are none."""
        if not self.rows:
            return None
        named = "; ".join(map(self._describe, self.lines))
        others = self.rows - sum(self.counts.values())
        rest = f"; and {others:,} more with other problems" if others else ""
        what = "row that belongs" if self.rows == 1 else "rows that belong"
        return f"has {self.rows:,} {what} to no key: {named}{rest}"

    def _describe(self, problem: str) -> str:
        shown, count = self.lines[problem], self.counts[problem]
        more = f" and {count - len(shown):,} more" if count > len(shown) else ""
        return f"line{'s' * (count > 1)} {', '.join(map(str, shown))}{more}: {problem}"
