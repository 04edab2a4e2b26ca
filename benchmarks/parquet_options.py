"""What zstd levels, the page index and statistics cost and give in the Parquet files of datasets.

    python benchmarks/parquet_options.py WORKSPACE [--keys 30] [--runs 5]

writes the datasets of a workspace once in each way, in turns, and reads them whole and by filters. Level 1 without a
page index is the first row; the others are ratios to it.
"""

import argparse
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from taking_turns import measure

import persona_assets
from persona_assets.store.parquet import ROW_GROUP_ROWS

WAYS: Mapping[str, Mapping[str, Any]] = {
    "level 1": {"compression_level": 1},
    "level 3": {"compression_level": 3},
    "level 6": {"compression_level": 6},
    "level 9": {"compression_level": 9},
    "1, page index": {"compression_level": 1, "write_page_index": True},
    "1, no statistics": {"compression_level": 1, "write_statistics": False},
    "1, dictionaries for names alone": {
        "compression_level": 1,
        "use_dictionary": ["model", "role", "trait", "label", "score_status", "system_prompt", "question"],
    },
    "1, groups of 600": {"compression_level": 1, "row_group_size": 600},
}
QUERIES = {
    "whole": "select count(messages), sum(len(messages[-1].content)) from {}",
    "by score": "select count(*), sum(len(messages[-1].content)) from {} where extract_score >= 3",
    "by cell": "select messages from {} where label = 'pos' and prompt_index = 4 and question_index = 7",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--keys", type=int, default=30)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    tables = read_tables(arguments.workspace, arguments.keys)
    print(f"{len(tables)} datasets, {sum(table.num_rows for table in tables):,} rows")
    with tempfile.TemporaryDirectory() as folder:
        folders = {way: Path(folder, str(number)) for number, way in enumerate(WAYS)}
        written = measure(arguments.runs, *(partial(write, folders[way], tables, WAYS[way]) for way in WAYS))
        figures = {"write": written, "size": [measure_size(folders[way]) for way in WAYS]}
        figures["read"] = measure(arguments.runs, *(partial(read, folders[way]) for way in WAYS))
        for name, query in QUERIES.items():
            figures[name] = measure(arguments.runs, *(query_task(folders[way], query) for way in WAYS))
    print_ratios(figures)


def read_tables(workspace: Path, count: int) -> list[pa.Table]:
    files = persona_assets.open(workspace).sql("select getvariable('persona_row_files')").fetchall()[0][0]
    return [pq.read_table(file) for file in files[:: max(1, len(files) // count)][:count]]


def write(folder: Path, tables: list[pa.Table], options: Mapping[str, Any]) -> None:
    """As ``store.parquet`` does, but for the options."""
    folder.mkdir(exist_ok=True)
    rows = options.get("row_group_size", ROW_GROUP_ROWS)
    others = {name: value for name, value in options.items() if name != "row_group_size"}
    for number, table in enumerate(tables):
        path = folder / f"{number}.parquet"
        with pq.ParquetWriter(path, table.schema, compression="zstd", **others) as writer:
            for start in range(0, table.num_rows, rows):
                writer.write_table(table.slice(start, rows), rows)


def measure_size(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.iterdir()) / 1e6


def read(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        pq.read_table(path, use_threads=False)


def query_task(folder: Path, query: str) -> Callable[[], object]:
    connection = duckdb.connect(config={"threads": 1})
    text = query.format(f"read_parquet('{folder}/*.parquet', union_by_name = true)")
    return lambda: connection.execute(text).fetchall()


def print_ratios(figures: Mapping[str, list[float]]) -> None:
    print(f"{'':33}" + "".join(f"{name:>10}" for name in figures))
    for number, way in enumerate(WAYS):
        shown = (f"{values[number]:10.1f}" if not number else f"{values[number] / values[0]:10.3f}"
                 for values in figures.values())  # fmt: skip
        print(f"{way:33}" + "".join(shown))


if __name__ == "__main__":
    main()
