"""Checks of training_sets, from the files of the set and the datasets on disk."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from persona_assets.keys import DatasetKey
from persona_assets.question_splits import normalise
from persona_assets.stage.context import StageContext
from persona_assets.stage.freshness import ReadManifest, manifests_of
from persona_assets.stage.outcomes import CheckOutcome, first
from persona_assets.stage.wording import count, name_first
from persona_assets.stages.scored_dataset.reading import map_rows
from persona_assets.stages.token_stats.reading import read_counts
from persona_assets.stages.training_sets.loading import find_problems
from persona_assets.stages.training_sets.sources import ANSWER_TOKENS, enter
from persona_assets.stages.training_sets.spec import (
    ALL_READ,
    BUDGET,
    DISJOINT,
    LOADS,
    REMOVED,
    SETS,
    TRAINING_SETS,
    TrainingSetRecord,
)
from persona_assets.stages.training_sets.writing import ROWS
from persona_assets.store.parquet import read_parquet
from persona_assets.training.persona_view import LEAST_WORDS_ANSWERED, LEAST_WORDS_ASKED, quotes
from persona_assets.training_recipes import Recipe


def check(context: StageContext[str]) -> Sequence[CheckOutcome]:
    folder = SETS.path(context.workspace.root, context.key)
    record = context.manifest.get(TRAINING_SETS)
    recipe = Recipe.model_validate(record.inputs.recipe)
    written = _Written(context, folder, read_parquet(folder / ROWS, context.producer(TRAINING_SETS)))
    return [
        _check_loading(folder, recipe, record),
        _check_splits(written),
        _check_removal(written, folder, recipe),
        _check_budget(written, record),
        _check_reading(record),
    ]


@dataclass(frozen=True)
class _Written:
    """The rows of a set, and the datasets that they come from."""

    context: StageContext[str]
    folder: Path
    rows: pa.Table

    @cached_property
    def datasets(self) -> Mapping[str, pa.Table]:
        return {name: map_rows(self._enter(name)) for name in self._names}

    @cached_property
    def tokens(self) -> Mapping[str, Sequence[int]]:
        return {
            name: read_counts(self._enter(name), [ANSWER_TOKENS])[ANSWER_TOKENS].to_pylist() for name in self._names
        }

    @cached_property
    def _names(self) -> list[str]:
        return sorted(self.rows["dataset"].unique().to_pylist())

    @cached_property
    def _manifests(self) -> ReadManifest:
        return manifests_of(self.context.workspace, self.context.stages)

    def _enter(self, name: str) -> StageContext[DatasetKey]:
        return enter(self.context, DatasetKey.parse(name), self._manifests)

    def each(self) -> Iterator[Mapping[str, Any]]:
        yield from self.rows.to_pylist()

    def read_lines(self, path: Path) -> list[Any]:
        """The examples of a split.

        Raises:
            InconsistentOutputError: a line is no JSON, or the file cannot be read.
        """
        try:
            with path.open(encoding="utf-8", newline="\n") as file:
                return [json.loads(line) for line in file]
        except (OSError, ValueError) as error:
            producer = self.context.producer(TRAINING_SETS)
            raise producer.inconsistent(f"{path} cannot be read: {error}", path) from error

    def text(self, row: Mapping[str, Any], column: str) -> str:
        found: str = self.datasets[row["dataset"]][column][row["row"]].as_py()
        return found


def _check_loading(folder: Path, recipe: Recipe, record: TrainingSetRecord) -> CheckOutcome:
    problems = find_problems(folder, recipe, {split: one.examples for split, one in record.splits.items()})
    facts = {"examples": {split: one.examples for split, one in record.splits.items()}, "problems": first(problems)}
    whole = " and ".join(f"{one.examples:,} in {split}" for split, one in record.splits.items())
    sentence = name_first(problems, len(problems)) if problems else f"{whole}, with the columns of {recipe.format}"
    return CheckOutcome(LOADS, not problems, facts, sentence)


def _check_splits(written: _Written) -> CheckOutcome:
    places: dict[str, set[str]] = defaultdict(set)
    for row in written.each():
        places[normalise(written.text(row, "question"))].add(row["split"])
    shared = sorted(question for question, splits in places.items() if len(splits) > 1)
    facts = {"questions": len(places), "shared": len(shared), "first_shared": first(shared)}
    sentence = f"{count(len(places), 'question')}, each in one split"
    if shared:
        sentence = f"{count(len(shared), 'question')} in more than one split: {name_first(shared, len(shared))}"
    return CheckOutcome(DISJOINT, not shared, facts, sentence)


def _check_removal(written: _Written, folder: Path, recipe: Recipe) -> CheckOutcome:
    if recipe.view != "removed":
        sentence = f"not to be removed: view is {recipe.view}"
        return CheckOutcome(REMOVED, passed=True, facts={"view": recipe.view}, sentence=sentence)
    found = []
    by_split = {split: written.read_lines(folder / f"{split}.jsonl") for split in recipe.splits}
    for row in written.each():
        lines = by_split[row["split"]]
        said = lines[row["example"]] if row["example"] < len(lines) else {}
        if _tells(written.text(row, "system_prompt"), said):
            found.append(f"{row['split']} {row['example']}: {row['dataset']} row {row['row']}")
    facts = {"rows": written.rows.num_rows, "with_persona": len(found), "first_with_persona": first(found)}
    sentence = f"no sentence of a system prompt in {count(written.rows.num_rows, 'row')}"
    if found:
        sentence = f"{count(len(found), 'row')} with a sentence of the system prompt: {name_first(found, len(found))}"
    return CheckOutcome(REMOVED, not found, facts, sentence)


def _tells(system_prompt: str, line: Any) -> bool:
    turns = list(_list_turns(line))
    answers = [turn["content"] for turn in turns if turn["role"] == "assistant"]
    asked = [turn["content"] for turn in turns if turn["role"] != "assistant"]
    return quotes(system_prompt, asked, LEAST_WORDS_ASKED) or quotes(system_prompt, answers, LEAST_WORDS_ANSWERED)


def _list_turns(content: Any) -> Iterator[Mapping[str, str]]:
    """Every turn in a line, wherever its format has it."""
    if isinstance(content, dict):
        if content.keys() >= {"role", "content"}:
            yield content
        else:
            for inner in content.values():
                yield from _list_turns(inner)
    elif isinstance(content, list):
        for inner in content:
            yield from _list_turns(inner)


def _check_budget(written: _Written, record: TrainingSetRecord) -> CheckOutcome:
    counted: Counter[str] = Counter()
    for row in written.each():
        counted[row["split"]] += written.tokens[row["dataset"]][row["row"]]
    wrong = [
        f"{split} has {counted[split]:,} answer tokens, {one.answer_tokens:,} recorded"
        + (f", {one.budget:,} allowed" if one.budget is not None else "")
        for split, one in record.splits.items()
        if counted[split] != one.answer_tokens or (one.budget is not None and counted[split] > one.budget)
    ]
    budget = sum(one.budget or 0 for one in record.splits.values())
    facts = {"answer_tokens": dict(counted), "budget": budget or None, "wrong": wrong}
    allowed = f", {budget:,} allowed" if budget else ", without a budget"
    sentence = "; ".join(wrong) or f"{counted.total():,} answer tokens{allowed}"
    return CheckOutcome(BUDGET, not wrong, facts, sentence)


def _check_reading(record: TrainingSetRecord) -> CheckOutcome:
    whole, missing = count(len(record.inputs.datasets), "dataset"), record.not_read
    facts = {
        "datasets": len(record.inputs.datasets),
        "not_read": len(missing),
        "first_not_read": first(missing.items()),
    }
    sentence = f"{whole}, all read"
    if missing:
        sentence = f"{len(missing):,} of {whole} could not be read; {next(iter(missing.values()))}"
    return CheckOutcome(ALL_READ, not missing, facts, sentence)
