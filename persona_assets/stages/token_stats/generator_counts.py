"""The check that compares an answer's tokens with the generator's own count, where it was recorded.

The generator also counts the tokens that end the turn, and white space at either end of the answer that the chat
template trims. It may have written a word in other pieces than the tokenizer makes of it.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from persona_assets.stage.outcomes import MAX_OFFENDERS, CheckOutcome
from persona_assets.stage.wording import count, percent
from persona_assets.stages.token_stats.refusals import list_identities
from persona_assets.stages.token_stats.spec import GENERATOR_AGREES

GENERATED = "generated_tokens"
MOST_ENDING_TOKENS = 2
"""That end a turn: one, or two with the line end after it."""
SLACK = 2
"""Tokens by which other pieces may change the count, either way."""
MOST_OUTSIDE = 0.01
"""Share of the rows that may differ by more than that."""

Integers = npt.NDArray[np.int64]


def check_generator_counts(dataset: pa.Table, counts: pa.Table) -> CheckOutcome:
    """Whether the answers have the tokens that the generator wrote."""
    if GENERATED not in dataset.column_names:
        sentence = "the generator recorded no token counts"
        return CheckOutcome(GENERATOR_AGREES, passed=True, facts={GENERATED: "not recorded"}, sentence=sentence)
    if dataset.num_rows != counts.num_rows:
        facts = {"rows": dataset.num_rows, "counted": counts.num_rows}
        sentence = f"{count(dataset.num_rows, 'row')} in the dataset, but {counts.num_rows:,} counted"
        return CheckOutcome(GENERATOR_AGREES, passed=False, facts=facts, sentence=sentence)
    return _compare(dataset, counts)


def _compare(dataset: pa.Table, counts: pa.Table) -> CheckOutcome:
    known = pc.and_(pc.is_valid(dataset[GENERATED]), pc.is_valid(counts["answer_start"]))
    rows, generated = counts.filter(known), dataset.select([GENERATED, "messages"]).filter(known)
    answered = pc.subtract(rows["answer_end"], rows["answer_start"])
    more = _to_integers(pc.subtract(generated[GENERATED], answered))
    trimmed = np.array([_count_white_space(messages) for messages in generated["messages"]], dtype=np.int64)
    outside = (more < -SLACK) | (more > MOST_ENDING_TOKENS + trimmed + SLACK)
    facts = {"compared": rows.num_rows, "outside": int(outside.sum())} | _describe(more)
    if outside.any():
        facts["first_outside"] = _list_first(rows, more, outside)
    passed = bool(outside.sum() <= MOST_OUTSIDE * rows.num_rows)
    return CheckOutcome(GENERATOR_AGREES, passed, facts, _describe_comparison(facts))


def _describe_comparison(facts: Mapping[str, Any]) -> str:
    compared, outside = facts["compared"], facts["outside"]
    if not compared:
        return "no answer has a count of the generator's to compare with"
    if not outside:
        return f"{count(compared, 'answer')} with as many tokens as the generator recorded"
    allowed = percent(MOST_OUTSIDE)
    one = facts["first_outside"][0]
    return (
        f"{outside:,} of {count(compared, 'answer')} ({percent(outside, compared)}, {allowed} allowed) with "
        f"other counts than the generator's; first: {one['label']}_p{one['prompt_index']}_q{one['question_index']}, "
        f"{one['difference']:+,} by the generator"
    )


def _to_integers(column: pa.ChunkedArray) -> Integers:
    integers: Integers = column.to_numpy().astype(np.int64)
    return integers


def _count_white_space(messages: pa.ListScalar) -> int:
    """Characters at either end of the answer that a template may trim: at least as many as their tokens."""
    answer: str = messages.values[-1]["content"].as_py()
    return len(answer) - len(answer.strip())


def _describe(more: Integers) -> dict[str, Any]:
    """By how many tokens the generator's counts exceed those of the answers."""
    if not more.size:
        return {}
    return {"lowest": int(more.min()), "median": float(np.median(more)), "highest": int(more.max())}


def _list_first(rows: pa.Table, more: Integers, outside: npt.NDArray[np.bool_]) -> list[dict[str, Any]]:
    identities = list_identities(rows.filter(pa.array(outside)))
    differences = more[outside][:MAX_OFFENDERS].tolist()
    return [one | {"difference": number} for one, number in zip(identities, differences, strict=True)]
