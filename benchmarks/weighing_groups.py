"""Weigh the numpy statistics of groups: the same tables by pandas' groupby and by Arrow's group_by, in turns.

    python benchmarks/weighing_groups.py [--runs 15]

Each makes totals and percentiles of all rows and of every score, label and prompt. Arrow's percentiles are its
approximate ones (it has no exact ones by group), so its figure is only a lower bound of what it would take.
"""

import argparse
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from taking_turns import measure

from persona_assets.kinds import ROLE, TRAIT, Kind
from persona_assets.statistics.counts_table import COUNTS_SCHEMA
from persona_assets.statistics.key_statistics import PERCENTILES
from persona_assets.statistics.summaries import SUMMED, summarise

LONG = 1000
GROUPINGS: tuple[list[str], ...] = ([], ["extract_score"], ["label"], ["label", "prompt_index"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    for kind, rows in ((ROLE, 1200), (TRAIT, 2400)):
        counts = make_counts(kind, rows)
        tasks = [partial(task, counts, kind) for task in (by_numpy, by_pandas, by_arrow)]
        ours, pandas, arrow = measure(runs, *tasks)
        print(
            f"{rows} rows: numpy {ours:.2f} ms, pandas {pandas:.2f} ms (ratio {pandas / ours:.1f}), "
            f"Arrow {arrow:.2f} ms (ratio {arrow / ours:.1f})"
        )


def make_counts(kind: Kind, rows: int) -> pa.Table:
    chance = np.random.default_rng(7)
    prompt, answer = chance.integers(20, 90, rows), np.round(chance.lognormal(6, 0.4, rows)).astype(np.int64)
    scores = np.round(chance.beta(2, 1, rows) * kind.max_score)
    columns = {
        "label": chance.choice(kind.labels, rows),
        "prompt_index": chance.integers(0, 5, rows),
        "question_index": chance.integers(0, 240, rows),
        "extract_score": pa.array(scores, mask=chance.random(rows) < 0.015).cast(pa.int64()),
        "score_status": ["ok"] * rows,
        "prompt_tokens": prompt,
        "assistant_tokens": answer,
        "tokens": prompt + answer,
    }
    return pa.table(columns, schema=COUNTS_SCHEMA)


def by_numpy(counts: pa.Table, kind: Kind) -> None:
    summarise(counts, long_answer_tokens=LONG, max_score=kind.max_score)


def by_pandas(counts: pa.Table, _kind: Kind) -> None:
    frame = counts.to_pandas()
    frame["long"] = frame["assistant_tokens"] >= LONG
    for names in GROUPINGS:
        groups = frame.groupby(names or (lambda _row: 0), dropna=False)
        totals = groups[[*SUMMED, "long"]].sum()
        totals["conversations"] = groups.size()
        totals["max"] = groups["tokens"].max()
        points: pd.Series = groups["tokens"].quantile(np.array(PERCENTILES) / 100)
        totals.join(points.unstack()).to_dict("index")


def by_arrow(counts: pa.Table, _kind: Kind) -> None:
    long = pc.cast(pc.greater_equal(counts["assistant_tokens"], LONG), pa.int64())
    table = counts.append_column("long", long)
    points = pc.TDigestOptions(q=[point / 100 for point in PERCENTILES])
    for names in GROUPINGS:
        wanted = [*((name, "sum") for name in (*SUMMED, "long")), ("tokens", "max"), ("tokens", "count")]
        if not names:
            table = table.append_column("everything", pa.array(np.zeros(table.num_rows, np.int64)))
        grouped = table.group_by(names or ["everything"], use_threads=False)
        grouped.aggregate([*wanted, ("tokens", "tdigest", points)]).to_pylist()


if __name__ == "__main__":
    main()
