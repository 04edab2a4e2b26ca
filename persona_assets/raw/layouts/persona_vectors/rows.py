"""From the records of one CSV file to rows and scores. Both count the samples of a cell alike."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from persona_assets.errors import RawDataError
from persona_assets.keys import DatasetKey
from persona_assets.raw.files import RawFile
from persona_assets.raw.folding import BETWEEN
from persona_assets.raw.layouts.contract import ScoreEntry
from persona_assets.raw.layouts.persona_vectors.csv_records import CsvRecord, records_of
from persona_assets.raw.layouts.persona_vectors.names import (
    ANSWER,
    COHERENCE,
    PROMPT,
    QUESTION,
    ROW,
    ROW_NAME,
    TEXTS,
)
from persona_assets.raw.layouts.persona_vectors.prompt_forms import read_prompt
from persona_assets.raw.rows import (
    ChatMessage,
    Identity,
    Note,
    ParsedRow,
    RawRow,
    Reason,
    Rejection,
    RowRules,
    printable,
)

_NUMBER = re.compile(r"[-+]?[0-9]+(?P<fraction>\.[0-9]*)?(?P<exponent>[eE][-+]?[0-9]+)?")
_LONGEST_NUMBER = 400
_MISSING = ("", "nan", "NaN")


@dataclass(frozen=True)
class Half:
    """One of the two files of a trait."""

    file: RawFile
    trait: str
    label: str

    @classmethod
    def of(cls, file: RawFile, key: DatasetKey, label: str) -> "Half":
        return cls(file, key.persona, label)


@dataclass(frozen=True)
class Named:
    """A record that says which row it is."""

    record: CsvRecord
    identity: Identity
    texts: Mapping[str, str]
    """Its fields, by column."""

    def parse(self, trait: str, rules: RowRules) -> ParsedRow | Rejection:
        turns = read_prompt(self.texts[PROMPT])
        if isinstance(turns, Rejection):
            return turns
        question = self.texts[QUESTION]
        label, prompt, number, sample = self.identity
        conversation = [*turns, ChatMessage("assistant", self.texts[ANSWER])]
        row = RawRow(_instruction(turns, question), label, prompt, conversation, number, question, sample)
        if problem := rules.problem(row):
            return problem
        extra = tuple(printable(name) for name in self.texts if name not in (*TEXTS, trait, COHERENCE))
        return ParsedRow(row, (Note.EXTRA_FIELD,) if extra else (), extra)

    def score(self, half: Half) -> ScoreEntry:
        coherence, value = _number(self.texts.get(COHERENCE, "")), _number(self.texts[half.trait])
        if isinstance(coherence, str) or not (coherence is None or 0 <= coherence <= 100):
            return _nameless(half, self.record, f"{COHERENCE} {coherence!r}")
        text = f"line {self.record.number}: {self.identity} ({half.file.path.name})"
        return ScoreEntry(text, self.identity, value, coherence=None if coherence is None else float(coherence))


def named_records(half: Half, limit: int) -> Iterator[Named | tuple[CsvRecord, Rejection]]:
    """Yield every record of a file but its header. The first row of a cell is its sample 0, the next its sample 1."""
    records = records_of(half.file, limit)
    columns = _columns(half, next(records, None))
    samples: Counter[str] = Counter()
    for record in records:
        found = _name(half, record, columns)
        if isinstance(found, Rejection):
            yield record, found
            continue
        cell = str(found.identity)
        yield Named(record, found.identity._replace(sample_index=samples[cell]), found.texts)
        samples[cell] += 1


def unreadable(half: Half, record: CsvRecord, rejection: Rejection) -> ScoreEntry:
    """The score of a record that does not say which row it is."""
    return _nameless(half, record, rejection.reason)


def _nameless(half: Half, record: CsvRecord, problem: str) -> ScoreEntry:
    return ScoreEntry(f"line {record.number}: {problem} ({half.file.path.name})", None, None)


def _columns(half: Half, header: CsvRecord | None) -> list[str]:
    names, needed = header.fields if header else [], (*TEXTS, half.trait)
    if isinstance(names, Rejection):
        problem = f"the header cannot be read: {names.reason}: {names.detail}"
    elif missing := [name for name in needed if name not in names]:
        problem = f"the header lacks {', '.join(missing)}" if header else "there is no header"
    elif len(set(names)) < len(names):
        [(name, _)] = Counter(names).most_common(1)
        problem = f"the header has {printable(name)!r} twice"
    else:
        return names
    path, columns = half.file.path, ", ".join((*needed, COHERENCE))
    raise RawDataError(f"{path}, line 1: {problem}; write the file again, with the columns {columns}").about(
        path=path
    )


def _name(half: Half, record: CsvRecord, columns: list[str]) -> Named | Rejection:
    fields = record.fields
    if isinstance(fields, Rejection):
        return fields
    if len(fields) != len(columns):
        cut = len(fields) < len(columns) and _is_last(half.file)
        reason = Reason.TRUNCATED_LAST_LINE if cut else Reason.WRONG_FIELD_COUNT
        return Rejection(reason, f"the record has {len(fields)} fields, the header {len(columns)}")
    texts = dict(zip(columns, fields, strict=True))
    match = ROW.fullmatch(texts[ROW_NAME])
    if match is None or (match["trait"], match["label"]) != (half.trait, half.label):
        name = f"{half.trait}_{{question}}_{half.label}_{{prompt}}"
        return Rejection(Reason.FOREIGN_ROW, f"{ROW_NAME} {texts[ROW_NAME][:80]!r} is not {name}")
    return Named(record, Identity(half.label, int(match["prompt"]), int(match["question"])), texts)


def _is_last(file: RawFile) -> bool:
    """Whether the record just read is at the end of a file that lacks its last line end."""
    return not file.final_newline


def _instruction(turns: list[ChatMessage], question: str) -> str:
    """The system turn, or what stands before the question in the user turn of a template that has none."""
    if turns[0].role == "system":
        return turns[0].content
    asked = turns[-1].content
    ending = BETWEEN + question
    return asked.removesuffix(ending) if asked.endswith(ending) else ""


def _number(text: str) -> int | float | str | None:
    """The number that a field holds; the text itself if it is none."""
    if text in _MISSING:
        return None
    match = _NUMBER.fullmatch(text) if len(text) <= _LONGEST_NUMBER else None
    if match is None:
        return text
    return float(text) if match["fraction"] or match["exponent"] else int(text)
