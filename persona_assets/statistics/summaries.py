"""Statistics of one dataset's token counts, and those of its variants from the same counts."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from persona_assets.statistics.counts_table import select_counted
from persona_assets.statistics.key_statistics import LENGTH_STEP, NO_SCORE, PERCENTILES, Group, Summary, Threshold

Integers = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

SUMMED = ("tokens", "prompt_tokens", "assistant_tokens")
NO_CONVERSATIONS = Group(
    conversations=0,
    **dict.fromkeys(SUMMED, 0),
    mean=None,
    p5=None,
    p25=None,
    p50=None,
    p75=None,
    p95=None,
    p99=None,
    max=None,
    long_answers=0,
    long_answers_share=None,
)
"""No conversation at all: totals are 0, and there is no distribution."""


def summarise(counts: pa.Table, *, long_answer_tokens: int, max_score: int) -> Summary:
    """Describe one set of conversations: all of them, their groups, and what each minimum score would keep.

    Answers of ``long_answer_tokens`` or more were probably cut off. Rows that the chat template refuses are counted
    apart, and are in no total.
    """
    rows = select_counted(counts).sort_by("tokens")
    columns = _read_columns(rows, long_answer_tokens)
    scores = rows["extract_score"].to_numpy()
    everything = _describe(columns, ["all"], np.zeros(rows.num_rows, np.int64))
    return Summary(
        refused_by_template=counts.num_rows - rows.num_rows,
        all=everything.get("all", NO_CONVERSATIONS),
        by_score=_describe(columns, *_group_by_score(scores)),
        by_label=_describe(columns, *_group_by_label(rows)),
        by_prompt=_describe(columns, *_group_by_prompt(rows)),
        thresholds=_apply_thresholds(scores, columns["tokens"], max_score),
        by_length=_count_lengths(columns["tokens"]),
    )


def _read_columns(rows: pa.Table, long_answer_tokens: int) -> dict[str, Integers]:
    """The columns that are summed in each group, by the name of the sum."""
    summed = {name: rows[name].to_numpy() for name in SUMMED}
    return summed | {"long_answers": (summed["assistant_tokens"] >= long_answer_tokens).astype(np.int64)}


def _group_by_score(scores: Numbers | Integers) -> tuple[list[str], Integers]:
    """Names of the groups by score, and each row's group; NaN is a missing score and the last group."""
    found, codes = np.unique(scores, return_inverse=True)
    return [NO_SCORE if np.isnan(score) else str(int(score)) for score in found.tolist()], codes


def _group_by_label(rows: pa.Table) -> tuple[list[str], Integers]:
    encoded = rows["label"].combine_chunks().dictionary_encode()
    found = encoded.dictionary.to_pylist()
    names = sorted(found)
    places = np.array([names.index(label) for label in found], np.int64)
    return names, places[encoded.indices.to_numpy()]


def _group_by_prompt(rows: pa.Table) -> tuple[list[str], Integers]:
    labels, label = _group_by_label(rows)
    prompt = rows["prompt_index"].to_numpy()
    stride = int(prompt.max(initial=0)) + 1
    found, codes = np.unique(label * stride + prompt, return_inverse=True)
    return [f"{labels[code // stride]}_p{code % stride}" for code in found.tolist()], codes


def _describe(columns: Mapping[str, Integers], names: Sequence[str], codes: Integers) -> dict[str, Group]:
    """Totals and the distribution of tokens per conversation of every group that has rows.

    ``columns`` hold one entry per row, the shortest conversation first; ``codes`` say to which of ``names``
    each row belongs. One stable sort brings a group's rows together and keeps them in order of length.
    """
    if not codes.size:
        return {}
    order = np.argsort(codes, kind="stable")
    sizes = np.bincount(codes, minlength=len(names))
    starts = np.cumsum(sizes) - sizes
    totals = {name: np.add.reduceat(column[order], starts).tolist() for name, column in columns.items()}
    tokens = columns["tokens"][order]
    points = _find_percentiles(tokens, starts, sizes).tolist()
    longest = tokens[starts + sizes - 1].tolist()
    return {
        name: Group(
            conversations=size,
            **{summed: totals[summed][group] for summed in SUMMED},
            mean=round(totals["tokens"][group] / size, 3),
            **{f"p{point}": round(value, 3) for point, value in zip(PERCENTILES, points[group], strict=True)},
            max=longest[group],
            long_answers=totals["long_answers"][group],
            long_answers_share=round(totals["long_answers"][group] / size, 4),
        )
        for group, (name, size) in enumerate(zip(names, sizes.tolist(), strict=True))
    }


def _find_percentiles(tokens: Integers, starts: Integers, sizes: Integers) -> Numbers:
    """Percentiles of shape (groups, percentiles), interpolated linearly between conversations.

    ``tokens`` are sorted within each group, which begins at ``starts`` and is ``sizes`` long.
    """
    places = (sizes[:, None] - 1) * (np.array(PERCENTILES) / 100)
    below = places.astype(np.int64)
    above = np.minimum(below + 1, sizes[:, None] - 1)
    low, high = tokens[starts[:, None] + below], tokens[starts[:, None] + above]
    points: Numbers = low + (high - low) * (places - below)
    return points


def _apply_thresholds(scores: Numbers | Integers, tokens: Integers, max_score: int) -> list[Threshold]:
    """What every minimum score keeps. A row without a score on the scale is never kept."""
    on_scale = (scores >= 0) & (scores <= max_score)
    place = scores[on_scale].astype(np.int64)
    rows = np.bincount(place, minlength=max_score + 1)
    summed = np.bincount(place, weights=tokens[on_scale], minlength=max_score + 1).astype(np.int64)
    kept = zip(np.cumsum(rows[::-1])[::-1].tolist(), np.cumsum(summed[::-1])[::-1].tolist(), strict=True)
    return [
        Threshold(min_score=score, conversations=conversations, tokens=total)
        for score, (conversations, total) in enumerate(kept)
    ]


def _count_lengths(tokens: Integers) -> dict[str, int]:
    steps, conversations = np.unique(tokens // LENGTH_STEP, return_counts=True)
    shortest = (steps * LENGTH_STEP).tolist()
    return {str(length): count for length, count in zip(shortest, conversations.tolist(), strict=True)}
