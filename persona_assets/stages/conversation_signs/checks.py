"""Checks of conversation_signs, from the signs and the dataset on disk."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from persona_assets.keys import DatasetKey
from persona_assets.kinds import Kind
from persona_assets.stage.context import StageContext
from persona_assets.stage.outcomes import CheckOutcome, first
from persona_assets.stages.conversation_signs.columns import Flags, mark_rows, name_rows
from persona_assets.stages.conversation_signs.schema import choose_schema
from persona_assets.stages.conversation_signs.sentences import (
    DISAGREEMENTS,
    RESIDUE,
    describe_agreement,
    describe_character,
    describe_questions,
    describe_repeats,
    describe_residue,
    describe_truncation,
)
from persona_assets.stages.conversation_signs.spec import (
    ANSWERS_CLEAN,
    ANSWERS_DIFFER,
    ANSWERS_IN_CHARACTER,
    ANSWERS_NOT_TRUNCATED,
    CONVERSATION_AGREES,
    CONVERSATION_SIGNS,
    QUESTION_TEXTS_DISTINCT,
    SIGNS,
    ConversationSignsRecord,
)
from persona_assets.stages.conversation_signs.tallies import find_repeated, find_shared_texts, rate_by, step_scores
from persona_assets.stages.scored_dataset.reading import require_of_this_dataset
from persona_assets.store.parquet import read_parquet

MAX_TRUNCATED = 0.05
HARDLY_ANY = 0.01
NEARLY_EVERY = 0.05
"""The share of question indices that may share their texts: upstream's list has one text twice."""
FEW = 5
"""So few rows are no rate."""
IN_CHARACTER = 0.7
"""The share of a trait's highest score from which an answer is fully in character; a role's has the highest score."""


@dataclass(frozen=True)
class Marked:
    """The signs of a key, and the rows that have each."""

    table: pa.Table
    rows: Mapping[str, Flags]

    def describe(self, *names: str, among: Flags | None = None) -> dict[str, Any]:
        """Counts, rates and the first offenders of some signs, of all rows or of those ``among``."""
        chosen = np.ones(self.table.num_rows, bool) if among is None else among
        facts: dict[str, Any] = {"rows": int(chosen.sum())}
        for name in names:
            marked = self.rows[name] & chosen
            facts |= {name: int(marked.sum()), f"{name}_rate": _divide(int(marked.sum()), facts["rows"])}
            if marked.any():
                facts[f"first_{name}"] = first(name_rows(self.table, marked))
        return facts


def check(context: StageContext[DatasetKey], dataset: pa.Table) -> Sequence[CheckOutcome]:
    record = context.manifest.get(CONVERSATION_SIGNS)
    table = _read_signs(context, dataset)
    marked = Marked(table, mark_rows(table))
    return [
        _check_agreement(marked, record),
        _check_truncation(marked, record, dataset, context.key.kind),
        _check_residue(marked),
        _check_character(marked, dataset, context.key.kind),
        _check_repeats(marked, dataset),
        _check_questions(dataset),
    ]


def _read_signs(context: StageContext[DatasetKey], dataset: pa.Table) -> pa.Table:
    require_of_this_dataset(context, CONVERSATION_SIGNS)
    path, producer = SIGNS.path(context.workspace.root, context.key), context.producer(CONVERSATION_SIGNS)
    table = read_parquet(path, producer)
    if not table.schema.equals(choose_schema(dataset)) or table.num_rows != dataset.num_rows:
        raise producer.inconsistent(f"{path} does not have a row of signs for each row of the dataset", path)
    return table


def _check_agreement(marked: Marked, record: ConversationSignsRecord) -> CheckOutcome:
    facts = marked.describe(*DISAGREEMENTS) | {
        "forms": _count(marked.table["form"].to_pylist()),
        "judged_by_their_first_turns": record.with_further_turns,
    }
    agrees = not any(facts[name] for name in DISAGREEMENTS)
    return CheckOutcome(CONVERSATION_AGREES, agrees, facts, describe_agreement(facts))


def _check_truncation(marked: Marked, record: ConversationSignsRecord, dataset: pa.Table, kind: Kind) -> CheckOutcome:
    truncated = marked.rows["truncated"]
    facts = marked.describe("truncated") | {
        "judged": _count(marked.table["truncated"].to_pylist()),
        "token_limit": dict(record.cap),
    }
    if truncated.any():
        facts["rate_by_prompt"] = rate_by(_name_prompts(dataset), truncated)
        facts["rate_by_score"] = rate_by(step_scores(dataset["extract_score"].to_pylist(), kind), truncated)
    passed = not _exceeds(facts, "truncated", MAX_TRUNCATED)
    return CheckOutcome(ANSWERS_NOT_TRUNCATED, passed, facts, describe_truncation(facts, MAX_TRUNCATED))


def _check_residue(marked: Marked) -> CheckOutcome:
    facts = marked.describe(*RESIDUE)
    left_over = facts["think_residue"] or facts["template_tokens"]
    passed = not left_over and not _exceeds(facts, "empty_or_one_word", HARDLY_ANY)
    return CheckOutcome(ANSWERS_CLEAN, passed, facts, describe_residue(facts))


def _check_character(marked: Marked, dataset: pa.Table, kind: Kind) -> CheckOutcome:
    least = int(kind.max_score * IN_CHARACTER) if kind.paired else kind.max_score
    rows = zip(dataset["label"].to_pylist(), dataset["extract_score"].to_pylist(), strict=True)
    in_character = np.array([label == kind.labels[0] and (score or 0) >= least for label, score in rows], bool)
    of_these = marked.describe("self_identification", among=in_character)
    of_all = marked.describe("quotes_system_prompt")
    too_many = _exceeds(of_these, "self_identification", HARDLY_ANY)
    passed = not too_many and not _exceeds(of_all, "quotes_system_prompt", HARDLY_ANY)
    facts = {**of_these, **of_all, "in_character": of_these["rows"], "in_character_from_score": least}
    return CheckOutcome(ANSWERS_IN_CHARACTER, passed, facts, describe_character(of_these, of_all, HARDLY_ANY))


def _check_repeats(marked: Marked, dataset: pa.Table) -> CheckOutcome:
    repeated = find_repeated(marked.table["near_duplicate_of"].to_pylist(), dataset["question"].to_pylist())
    rows = sum(answer.rows for answer in repeated)
    facts = marked.describe("near_duplicate") | {
        "repeated": rows,
        "first_repeated": [
            {"answer_of": name_rows(marked.table.slice(answer.place, 1), np.ones(1, bool))[0]}
            | {"rows": answer.rows, "questions": answer.questions}
            for answer in first(repeated)
        ],
    }
    passed = not _exceeds(facts, "repeated", HARDLY_ANY)
    return CheckOutcome(ANSWERS_DIFFER, passed, facts, describe_repeats(facts, HARDLY_ANY))


def _check_questions(dataset: pa.Table) -> CheckOutcome:
    texts: dict[str, set[int]] = defaultdict(set)
    for index, text in zip(dataset["question_index"].to_pylist(), dataset["question"].to_pylist(), strict=True):
        texts[text].add(index)
    shared = find_shared_texts(texts)
    facts = {
        "rows": sum(len(indices) for indices in texts.values()),
        "texts": len(texts),
        "sharing": sum(len(indices) for indices, _ in shared),
        "first_shared": [{"question_indices": indices, "question": text[:80]} for indices, text in first(shared)],
    }
    passed = not _exceeds(facts, "sharing", NEARLY_EVERY)
    facts["questions"] = facts.pop("rows")
    return CheckOutcome(QUESTION_TEXTS_DISTINCT, passed, facts, describe_questions(facts, NEARLY_EVERY))


def _exceeds(facts: Mapping[str, Any], name: str, share: float) -> bool:
    return bool(facts[name] >= FEW and facts[name] > share * facts["rows"])


def _name_prompts(dataset: pa.Table) -> list[str]:
    rows = zip(dataset["label"].to_pylist(), dataset["prompt_index"].to_pylist(), strict=True)
    return [f"{label}_p{prompt}" for label, prompt in rows]


def _count(values: Sequence[str]) -> dict[str, int]:
    return {value: values.count(value) for value in sorted(set(values))}


def _divide(count: int, rows: int) -> float:
    return round(count / rows, 4) if rows else 0.0
