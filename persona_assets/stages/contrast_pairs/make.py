"""Writing the index of the pairs of a key."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from persona_assets.keys import DatasetKey
from persona_assets.pairs.building import Pairing, Side, pair_own_rows, pair_with_baseline, without_pairs
from persona_assets.stage.context import StageContext
from persona_assets.stage.outcomes import Made
from persona_assets.stages.contrast_pairs.reading import join_side, read_side
from persona_assets.stages.contrast_pairs.spec import PAIRS, list_baselines
from persona_assets.stages.scored_dataset.spec import SCORED_DATASET
from persona_assets.stages.token_stats.spec import TOKEN_STATS
from persona_assets.store.parquet import write_parquet
from persona_assets.store.replacement import Replacement


@dataclass(frozen=True)
class ContrastPairsMade:
    path: Path
    key: DatasetKey
    baseline: DatasetKey | None
    pairing: Pairing


def make(
    context: StageContext[DatasetKey], replacement: Replacement, dataset: pa.Table, counts: pa.Table
) -> Made[ContrastPairsMade]:
    """Write which rows of the key go with which, and note by what rule they were matched."""
    baseline = _read_baseline(context)
    pairing = _find_pairs(context, join_side(context, dataset, counts), baseline)
    path = PAIRS.path(context.workspace.root, context.key)
    write_parquet(
        replacement.file(path), pairing.index.replace_schema_metadata(_describe_matching(context, baseline))
    )
    matches = pairing.matches
    return Made(
        ContrastPairsMade(path, context.key, baseline.key if baseline else None, pairing),
        findings={
            "pairs": pairing.index.num_rows,
            "baseline_made": baseline is not None,
            "unmatched": len(matches.unmatched),
            "other_question": len(matches.other_question),
            "negatives_left": matches.negatives_left,
        },
    )


def _read_baseline(context: StageContext[DatasetKey]) -> Side | None:
    """The baseline that the rows of the key are paired with; None if there is none, or if it was not made yet.

    A key can be made without its baseline: it has no pairs then, a check says so, and once the baseline is made, the
    pairs are no longer up to date.
    """
    baseline = next(iter(list_baselines(context.key, context.settings)), None)
    if baseline is None:
        return None
    there = context.at(baseline)
    made = there.manifest.find(SCORED_DATASET) and there.manifest.find(TOKEN_STATS)
    return read_side(there) if made else None


def _find_pairs(context: StageContext[DatasetKey], side: Side, baseline: Side | None) -> Pairing:
    """The pairs of the key, with its own rows or with those of the baseline."""
    if context.key.kind.paired:
        return pair_own_rows(side)
    if baseline:
        return pair_with_baseline(side, baseline, context.settings.pair_baseline_prompt)
    return without_pairs(context.key, side.rows)


def _describe_matching(context: StageContext[DatasetKey], baseline: Side | None) -> dict[str, str]:
    """Metadata of the file: how the rows were matched."""
    if context.key.kind.paired:
        rule = "same prompt_index, question_index and sample_index, with the same question"
    elif baseline:
        prompt = context.settings.pair_baseline_prompt
        rule = f"same question as the answer of {baseline.key} under its prompt_index {prompt}"
    else:
        rule = "nothing to be paired with"
    return {"persona_assets.matched_by": rule}
