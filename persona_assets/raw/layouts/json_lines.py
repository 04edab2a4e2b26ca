"""Layouts whose conversations are JSON objects, one per line: each adds its field names and where its files are."""

from collections.abc import Iterable, Iterator, Sequence

from persona_assets.keys import DatasetKey
from persona_assets.raw.files import RawFile
from persona_assets.raw.grammar import RowGrammar
from persona_assets.raw.layouts.contract import RawLayout, RawRecord
from persona_assets.raw.ledger import EXCERPT_BYTES
from persona_assets.raw.lines import Line, lines_of
from persona_assets.raw.parsing import parse_line
from persona_assets.raw.rows import Reason, Rejection, RowRules


class JsonLinesLayout(RawLayout):
    """Reads rows strictly, line by line."""

    grammar: RowGrammar

    def grammar_of(self, file: RawFile, key: DatasetKey) -> RowGrammar:  # noqa: ARG002
        """How the lines of one file are written. Overridden by layouts whose file names say what the lines do not."""
        return self.grammar

    def read_rows(self, files: Sequence[RawFile], key: DatasetKey, rules: RowRules) -> Iterator[RawRecord]:
        for file in files:
            lines = lines_of(file, rules.max_line_bytes)
            yield from records_of(file, lines, rules, self.grammar_of(file, key))


def records_of(file: RawFile, lines: Iterable[Line], rules: RowRules, grammar: RowGrammar) -> Iterator[RawRecord]:
    """The row in each of the ``lines`` of ``file``, or why there is none."""
    rereadable = file.rereadable
    for number, offset, size, content, length in lines:
        short = length <= rules.max_line_bytes
        parsed = parse_line(content, rules, grammar, number) if short else _too_long(length, rules)
        if type(parsed) is Rejection:
            yield RawRecord(file, number, offset, size, _name_truncation(parsed, file), content)
        else:
            yield RawRecord(file, number, offset, size, parsed, None if rereadable else content[:EXCERPT_BYTES])


def _too_long(length: int, rules: RowRules) -> Rejection:
    detail = f"the line has {length:,} bytes, more than the {rules.max_line_bytes:,} of PERSONA_MAX_LINE_BYTES"
    return Rejection(Reason.LINE_TOO_LONG, detail)


def _name_truncation(rejection: Rejection, file: RawFile) -> Rejection:
    """Reject a last line that is not JSON and has no newline as truncated: its writer was probably killed."""
    cut_character = rejection.reason is Reason.INVALID_UTF8 and rejection.detail.endswith("unexpected end of data")
    if (rejection.reason is Reason.INVALID_JSON or cut_character) and not file.final_newline:
        return Rejection(Reason.TRUNCATED_LAST_LINE, rejection.detail)
    return rejection
