"""Writing the folder of a set: its splits, the rows they come from, its manifest and its card."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from persona_assets.pairs.index import SIDES
from persona_assets.question_splits import normalise
from persona_assets.stages.training_sets.sources import Sources
from persona_assets.store.parquet import write_parquet
from persona_assets.template_arguments import Arguments
from persona_assets.training.card import Counts
from persona_assets.training.filling import Chosen
from persona_assets.training.formats.contract import Format
from persona_assets.training.lines import write_line

ROWS = "rows.parquet"
MANIFEST = "manifest.json"
CARD = "README.md"
ARGUMENTS = "chat_template_kwargs"
ROWS_SCHEMA = pa.schema(
    [
        pa.field("split", pa.string(), nullable=False),
        pa.field("example", pa.int64(), nullable=False),
        pa.field("side", pa.string()),
        pa.field("dataset", pa.string(), nullable=False),
        pa.field("row", pa.int64(), nullable=False),
        pa.field("label", pa.string(), nullable=False),
        pa.field("prompt_index", pa.int64(), nullable=False),
        pa.field("question_index", pa.int64(), nullable=False),
        pa.field("sample_index", pa.int64(), nullable=False),
        pa.field("extract_score", pa.int64()),
        pa.field("answer_tokens", pa.int64(), nullable=False),
    ]
)
"""A row of every example; of a pair, first the positive one."""
_TAKEN = ("label", "prompt_index", "question_index", "sample_index", "extract_score")


@dataclass
class Part:
    """Counts what a split has, or what a dataset has given."""

    examples: int = 0
    tokens: int = 0
    questions: set[str] = field(default_factory=set)

    def add(self, question: str, tokens: int) -> None:
        self.examples += 1
        self.tokens += tokens
        self.questions.add(question)

    @property
    def counts(self) -> Counts:
        return Counts(self.examples, len(self.questions), self.tokens)


@dataclass
class SetWriter:
    """Writes the examples of a set to ``folder`` as they are chosen, and counts them."""

    folder: Path
    form: Format
    arguments: Arguments
    sources: Sources
    splits: dict[str, Part] = field(default_factory=dict)
    datasets: dict[str, Part] = field(default_factory=dict)
    _rows: list[dict[str, Any]] = field(default_factory=list)

    def write_split(self, path: Path, split: str, examples: Iterable[Chosen]) -> None:
        part = self.splits.setdefault(split, Part())
        brought = {ARGUMENTS: self.arguments} if self.form.takes_arguments and self.arguments else {}
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for chosen in examples:
                file.write(write_line({**self.form.write(chosen.example), **brought}))
                self._note(split, part, chosen)

    def _note(self, split: str, part: Part, chosen: Chosen) -> None:
        sides = SIDES if len(chosen.rows) > 1 else (None,)
        for side, place in zip(sides, chosen.rows, strict=True):
            self._rows.append({"split": split, "example": part.examples, "side": side, **self._describe(place)})
        first = self._rows[-len(sides)]
        number, row = self.sources.find_owner(chosen.rows[0])
        question = normalise(self.sources.read[number].rows["question"][row].as_py())
        part.add(question, chosen.tokens)
        self.datasets.setdefault(first["dataset"], Part()).add(question, chosen.tokens)

    def _describe(self, place: int) -> dict[str, Any]:
        number, row = self.sources.find_owner(place)
        source = self.sources.read[number]
        known = {name: source.rows[name][row].as_py() for name in _TAKEN if name in source.rows.column_names}
        tokens = source.further["assistant_tokens"][row].as_py()
        return {"dataset": str(source.key), "row": row, "sample_index": 0, **known, "answer_tokens": tokens}

    def write_rows(self) -> None:
        write_parquet(self.folder / ROWS, pa.Table.from_pylist(self._rows, ROWS_SCHEMA))

    def write_files(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            self.folder.joinpath(name).write_text(text, encoding="utf-8", newline="\n")


def write_json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
