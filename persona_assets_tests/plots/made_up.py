"""Numbers to draw, and the records that hold their statistics."""

import random

import numpy as np
import pyarrow as pa

from persona_assets.kinds import Kind
from persona_assets.plots.bands import PlottedCounts
from persona_assets.statistics.key_statistics import KeyStatistics, Summary
from persona_assets.statistics.summaries import summarise
from persona_assets_tests.statistics.counted_rows import Row, counts_of, made_up_rows, statistics_of


def plotted(rows: list[Row]) -> PlottedCounts:
    scores = [np.nan if row["extract_score"] is None else row["extract_score"] for row in rows]
    return PlottedCounts(np.array([row["tokens"] for row in rows], np.float64), np.array(scores, np.float64))


def summary_of(rows: list[Row], kind: Kind) -> Summary:
    counts: pa.Table = counts_of(rows)
    return summarise(counts, long_answer_tokens=1000, max_score=kind.max_score)


def record(model: str, kind: Kind, name: str, rows: int = 60) -> KeyStatistics:
    """The statistics of one dataset, whose conversations are longer or shorter than those of others."""
    factor = random.Random(f"{model} {name}").uniform(0.5, 2)
    made = made_up_rows(kind, rows, seed=sum(map(ord, model + name)))
    longer = [row | {"tokens": int(row["tokens"] * factor)} for row in made]
    return statistics_of(model, kind, name, summary_of(longer, kind))
