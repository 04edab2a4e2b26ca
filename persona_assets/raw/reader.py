"""Reading the conversations of a key, row by row, in bounded memory."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from persona_assets.errors import RawDataError
from persona_assets.raw.consistency import contradictions, out_of_order
from persona_assets.raw.files import BYTE_ORDER_MARK
from persona_assets.raw.folding import fold_system_turn
from persona_assets.raw.layouts.contract import RawRecord
from persona_assets.raw.ledger import EXCERPT_BYTES, QuarantinedLine, RowLedger, quarantined
from persona_assets.raw.lines import line_end
from persona_assets.raw.opening import open_raw
from persona_assets.raw.rows import Note, ParsedRow, RawRow, Rejection, RowRules
from persona_assets.raw.sources import KeySources, SourceRead
from persona_assets.settings import Settings

MOST_COPIES = 10
"""Rows of a key for each sample of a label, prompt and question that has been seen. All are in memory until the last
tells which of them contradict others, so that short ones, of which a file of the allowed size holds hundreds of
thousands, would fill it."""

Quarantine = Callable[[QuarantinedLine], object]


@dataclass(frozen=True)
class RawConversations:
    """The rows of one key in the order of its files, and the account of all their lines."""

    rows: list[RawRow]
    lines: list[int]
    """Line number of each row in its file."""
    ledger: RowLedger
    files: Mapping[str, SourceRead]
    """What was read, by the name of the source."""


def read_conversations(sources: KeySources, settings: Settings, quarantine: Quarantine) -> RawConversations:
    """Read every line of the conversations of a key; hand each that cannot become a row to ``quarantine``.

    Lines that are not valid rows come first, then rows that contradict others.

    Raises:
        RawDataError: a file is missing, unreadable or not a regular file; together they are larger than
            ``max_file_bytes`` or have too many rows; or not one of their lines is a row.
    """
    paths = {source.name: source.path for source in sources.conversations}
    rules = RowRules.of(sources.layout.words(sources.key.kind), settings)
    account = _Account(RowLedger(), quarantine, several=len(paths) > 1)
    with open_raw(paths, settings.max_file_bytes, "PERSONA_MAX_FILE_BYTES") as files:
        candidates = account.sift(sources.layout.read_rows(files, sources.key, rules), rules)
        account.ledger.note_ends(files)
        read = {file.name: SourceRead.of(file) for file in files}
        kept = account.settle(candidates)
    if not kept:
        raise _nothing_read(sources, account.ledger)
    if settings.folds_system_turn(sources.key.model):
        kept = [(number, fold_system_turn(parsed)) for number, parsed in kept]
    rows = [account.ledger.keep(parsed) for _, parsed in kept]
    if shuffled := out_of_order(rows, sources.key.kind.labels):
        account.ledger.notes[Note.OUT_OF_ORDER] = shuffled
    return RawConversations(rows, [number for number, _ in kept], account.ledger, read)


@dataclass(frozen=True)
class _Account:
    """Separates rows from lines to quarantine, and enters the latter in the ledger."""

    ledger: RowLedger
    quarantine: Quarantine
    several: bool
    """Whether the key has several files, so that a line number alone is ambiguous."""

    def sift(self, records: Iterable[RawRecord], rules: RowRules) -> list[RawRecord]:
        """Return the records that are valid rows, and quarantine the others."""
        candidates: list[RawRecord] = []
        samples = 1
        most = MOST_COPIES * rules.different_cells
        for record in records:
            parsed = record.parsed
            if type(parsed) is Rejection:
                self._reject(record, parsed)
                continue
            if parsed.row.sample_index >= samples:
                samples = parsed.row.sample_index + 1
            if len(candidates) == samples * most:
                raise _too_many(record, len(candidates), samples * rules.different_cells)
            candidates.append(record)
        return candidates

    def settle(self, candidates: Sequence[RawRecord]) -> list[tuple[int, ParsedRow]]:
        """Return line number and row of the records that no other contradicts, and quarantine the others."""
        parsed = [record.parsed for record in candidates if isinstance(record.parsed, ParsedRow)]
        rejected = contradictions([one.row for one in parsed])
        for place, rejection in sorted(rejected.items()):
            self._reject(candidates[place], rejection)
        pairs = zip(candidates, parsed, strict=True)
        return [(record.number, one) for place, (record, one) in enumerate(pairs) if place not in rejected]

    def _reject(self, record: RawRecord, rejection: Rejection) -> None:
        excerpt = _read_excerpt(record) if record.excerpt is None else record.excerpt
        place = record.byte_offset, record.size_bytes
        file = record.file.name if self.several else None
        self.quarantine(self.ledger.reject(quarantined(record.number, place, excerpt, rejection, file)))


def _read_excerpt(record: RawRecord) -> bytes:
    size = min(record.size_bytes, EXCERPT_BYTES + len(BYTE_ORDER_MARK))
    content = record.file.read_at(record.byte_offset, size)
    return content.removesuffix(line_end(content)).removeprefix(BYTE_ORDER_MARK)


def _too_many(record: RawRecord, most: int, different: int) -> RawDataError:
    return RawDataError(
        f"{record.file.path}, line {record.number}: more than {most:,} rows, although only "
        f"{different:,} can differ in label, prompt and question; remove those that repeat others, or "
        "raise the setting PERSONA_MAX_PROMPTS or PERSONA_MAX_QUESTIONS"
    ).about(path=record.file.path)


def _nothing_read(sources: KeySources, ledger: RowLedger) -> RawDataError:
    paths = {source.name: source.path for source in sources.conversations}
    if not ledger.first_quarantined:
        alone = len(paths) == 1
        what = "is empty: it holds no line; generate it" if alone else "are empty: they hold no line; generate them"
        problem = f"{' and '.join(map(str, paths.values()))} {what} again, or remove {'it' if alone else 'them'}"
        return RawDataError(problem).about(key=sources.key)
    first = ledger.first_quarantined[0]
    path = paths[first.file] if first.file else sources.conversations[0].path
    return RawDataError(
        f"{path}, line {first.line}: {first.reason}: {first.detail}. None of {'its' if len(paths) == 1 else 'the'} "
        f"{ledger.lines:,} lines is a conversation; generate the file again, or remove it"
    ).about(key=sources.key, path=path)
