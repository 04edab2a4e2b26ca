"""Numbers to draw, and the records that hold their statistics."""

import random

import pyarrow as pa

from persona_assets.keys import DatasetKey
from persona_assets.kinds import Kind
from persona_assets.plots.compared import Compared, read_compared
from persona_assets.plots.plotted_rows import PlottedRows, read_plotted
from persona_assets.statistics.key_statistics import KeyStatistics, Summary
from persona_assets.statistics.summaries import summarise
from persona_assets.statistics.truncation import Truncated, Truncation
from persona_assets_tests.statistics.counted_rows import Row, counts_of, made_up_rows, statistics_of


def plotted(rows: list[Row], kind: Kind, cut: list[bool] | None = None, cap: int | None = None) -> PlottedRows:
    told = [Truncated.YES if one else Truncated.NO for one in cut or [False] * len(rows)]
    return read_plotted(counts_of(rows), kind, Truncation(told, "assistant_tokens" if cap else None, cap))


def summary_of(rows: list[Row], kind: Kind) -> Summary:
    counts: pa.Table = counts_of(rows)
    return summarise(counts, long_answer_tokens=1000, max_score=kind.max_score)


def record(model: str, kind: Kind, name: str, rows: int = 60) -> KeyStatistics:
    """The statistics of one dataset, whose conversations are longer or shorter than those of others."""
    factor = random.Random(f"{model} {name}").uniform(0.5, 2)
    made = made_up_rows(kind, rows, seed=sum(map(ord, model + name)))
    longer = [row | {"tokens": int(row["tokens"] * factor)} for row in made]
    return record_of(model, kind, name, longer)


def record_of(model: str, kind: Kind, name: str, rows: list[Row]) -> KeyStatistics:
    """The statistics of these rows, with a variant for each label."""
    variants = {
        f"{model}__{kind.name}__{name}__{label}": summary_of([row for row in rows if row["label"] == label], kind)
        for label in kind.labels
    }
    return statistics_of(model, kind, name, summary_of(rows, kind), variants)


def compared(one: KeyStatistics) -> Compared:
    return read_compared(DatasetKey(one.model, one.type, one.name), one)
