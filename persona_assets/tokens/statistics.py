"""Statistics of one dataset's token counts, and those of its variants from the same counts."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

PERCENTILES = (5, 25, 50, 75, 95, 99)
NO_SCORE = "null"

COUNTS_SCHEMA = pa.schema(
    {
        "label": pa.string(),
        "prompt_index": pa.int64(),
        "question_index": pa.int64(),
        "extract_score": pa.int64(),
        "score_status": pa.string(),
        "prompt_tokens": pa.int64(),
        "assistant_tokens": pa.int64(),
        "tokens": pa.int64(),
    }
)
"""One row per conversation, in the dataset's order. ``tokens`` is prompt plus assistant."""


def summarise(counts: pa.Table) -> dict[str, Any]:
    """Everything reported about one set of conversations: in all, by score and by label."""
    return {
        "all": describe(counts),
        "by_score": {score: describe(rows) for score, rows in _by_score(counts).items()},
        "by_label": {
            label: describe(counts.filter(pc.equal(counts["label"], label)))
            for label in sorted(pc.unique(counts["label"]).to_pylist())
        },
    }


def describe(counts: pa.Table) -> dict[str, Any]:
    """Totals and the distribution of tokens per conversation, null where there is no conversation.

    Percentiles interpolate linearly between conversations.
    """
    tokens = counts["tokens"].to_numpy()
    values = np.percentile(tokens, PERCENTILES) if tokens.size else [None] * len(PERCENTILES)
    return {
        "conversations": counts.num_rows,
        "tokens": int(tokens.sum()),
        "prompt_tokens": int(counts["prompt_tokens"].to_numpy().sum()),
        "assistant_tokens": int(counts["assistant_tokens"].to_numpy().sum()),
        "mean": _rounded(tokens.mean() if tokens.size else None),
        **{f"p{point}": _rounded(value) for point, value in zip(PERCENTILES, values, strict=True)},
        "max": int(tokens.max()) if tokens.size else None,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 3)


def _by_score(counts: pa.Table) -> dict[str, pa.Table]:
    scores = counts["extract_score"]
    groups = {
        str(score): counts.filter(pc.equal(scores, score))
        for score in sorted(score for score in pc.unique(scores).to_pylist() if score is not None)
    }
    if scores.null_count:
        groups[NO_SCORE] = counts.filter(pc.is_null(scores))
    return groups
