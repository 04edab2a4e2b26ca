"""Checks of contrast_pairs, from the index and the datasets on disk."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from persona_assets.keys import DatasetKey
from persona_assets.pairs.building import Side
from persona_assets.pairs.index import INDEX_SCHEMA, SIDES
from persona_assets.stage.context import StageContext
from persona_assets.stage.outcomes import CheckOutcome, first
from persona_assets.stage.wording import count, name_first, percent
from persona_assets.stages.contrast_pairs.reading import PAIR_INDEX, find_baseline, join_side, read_side
from persona_assets.stages.contrast_pairs.spec import (
    CONTRAST_PAIRS,
    PAIRS_COMPLETE,
    PAIRS_HOLD,
    ContrastPairsRecord,
)

MIN_COVERAGE = 0.9


def check(context: StageContext[DatasetKey], dataset: pa.Table, counts: pa.Table) -> Sequence[CheckOutcome]:
    index, record = PAIR_INDEX.load(context), context.manifest.get(CONTRAST_PAIRS)
    sides = {str(context.key): join_side(context, dataset, counts)}
    if baseline := find_baseline(context):
        sides[str(baseline.key)] = read_side(baseline)
    return [_check_pairs(index, sides, record), _check_coverage(context, record)]


def _check_pairs(index: pa.Table, sides: Mapping[str, Side], record: ContrastPairsRecord) -> CheckOutcome:
    pairs, described = index.to_pylist(), {name: _describe_rows(side) for name, side in sides.items()}
    wrong = [f"{name} of pair {place}" for place, pair in enumerate(pairs) for name in _list_wrong(pair, described)]
    repeated = [row for row, times in Counter(pair["positive_row"] for pair in pairs).items() if times > 1]
    as_recorded = index.schema.equals(INDEX_SCHEMA) and len(pairs) == record.pairs
    facts = {"pairs": len(pairs), "recorded": record.pairs, "wrong": first(wrong), "repeated": first(repeated)}
    sentence = f"{count(len(pairs), 'pair')}, both rows of each as the index says"
    if wrong or repeated:
        problems = wrong + [f"row {row} in more than one pair" for row in repeated]
        sentence = f"wrong: {name_first(problems, len(problems))}"
    elif not as_recorded:
        sentence = f"{count(len(pairs), 'pair')} in the index, but {record.pairs:,} recorded, or other columns"
    return CheckOutcome(PAIRS_HOLD, as_recorded and not wrong and not repeated, facts, sentence)


def _describe_rows(side: Side) -> list[dict[str, Any]]:
    """What the index should say of each row of a dataset, in the order of the rows."""
    exact = "exact_score" if "exact_score" in side.dataset.column_names else "extract_score"
    scores, tokens = side.dataset[exact].to_pylist(), side.counts["assistant_tokens"].to_pylist()
    return [
        {
            "label": row.label,
            "prompt_index": row.prompt_index,
            "question_index": row.question_index,
            "sample_index": row.sample_index,
            "score": score,
            "answer_tokens": answer_tokens,
            "question": row.question,
        }
        for row, score, answer_tokens in zip(side.rows, scores, tokens, strict=True)
    ]


def _list_wrong(pair: Mapping[str, Any], described: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    """What the index says of a pair that the datasets do not."""
    for side in SIDES:
        rows, place = described.get(pair[f"{side}_dataset"], ()), pair[f"{side}_row"]
        if not 0 <= place < len(rows):
            yield f"{side}_row"
            continue
        for name, value in rows[place].items():
            column = name if name == "question" else f"{side}_{name}"
            if pair[column] != value:
                yield column


def _check_coverage(context: StageContext[DatasetKey], record: ContrastPairsRecord) -> CheckOutcome:
    rows = record.pairs + record.unmatched + record.other_question
    baseline = record.inputs.baseline
    facts: dict[str, Any] = {
        "rows": rows,
        "pairs": record.pairs,
        "unmatched": record.unmatched,
        "other_question": record.other_question,
        "negatives_left": record.negatives_left,
    }
    if baseline:
        facts |= {"baseline": baseline, "baseline_prompt": record.inputs.baseline_prompt}
    complete = record.pairs >= MIN_COVERAGE * rows
    return CheckOutcome(PAIRS_COMPLETE, complete, facts, _describe_coverage(context, record, rows))


def _describe_coverage(context: StageContext[DatasetKey], record: ContrastPairsRecord, rows: int) -> str:
    key, baseline = context.key, record.inputs.baseline
    if not rows:
        return "no rows with a persona: others are paired with these"
    if not key.kind.paired and not baseline:
        known = " or ".join(context.settings.pair_baselines) or "nothing"
        return (
            f"{count(rows, 'row')} and nothing to pair them with: there is no {known} of {key.model}; name "
            "another role in PERSONA_PAIR_BASELINES, or contrast_pairs in PERSONA_STAGES_OFF"
        )
    if baseline and not record.baseline_made:
        return f"{count(rows, 'row')} and nothing to pair them with yet: materialise {baseline}, then this again"
    partner = f"an answer of {baseline} to the same question" if baseline else "the same cell with the other label"
    said = f"{record.pairs:,} of {count(rows, 'row')} ({percent(record.pairs, rows)}) have {partner}"
    if record.other_question:
        said += f"; in {count(record.other_question, 'cell')}, the two rows answer different questions"
    return said
