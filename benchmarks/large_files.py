"""Time and memory that large raw files take (Linux only).

    python benchmarks/large_files.py [--gib 10]
    python benchmarks/large_files.py --tokenizers FOLDER [--mib 8 16 32] [--rows 2400]

First: a file of many gigabytes that is one endless line but for a few good ones. It is sparse and takes no room on
the disk. Peak memory is that of the process that reads it and writes the dataset, less that of the same process
without the endless line.

Second: files of so many MiB with good rows, by each of the real tokenizers, without and with an emoji in each answer.
Peak memory is that of a worker which makes all seven assets of it after those of a small dataset.
"""

import argparse
import json
import tempfile
import time
from itertools import product
from pathlib import Path

from corpora import MODELS

from persona_assets.keys import DatasetKey
from persona_assets_tests.atomicity import KEY, ONE, settings_of
from persona_assets_tests.atomicity.test_memory import GIB, MIB, peak_bytes
from persona_assets_tests.large_files import of_real_tokenizers, write_trait
from persona_assets_tests.large_files import peak_bytes as worker_peak_bytes
from persona_assets_tests.raw_corpus import responses_file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gib", type=int, default=10)
    parser.add_argument("--tokenizers", type=Path)
    parser.add_argument("--mib", type=int, nargs="+", default=[8, 16, 32])
    parser.add_argument("--rows", type=int, default=2400)
    arguments = parser.parse_args()
    if arguments.tokenizers:
        good_rows(arguments.tokenizers, arguments.mib, arguments.rows)
    else:
        endless_line(arguments.gib * GIB)


def good_rows(tokenizers: Path, sizes: list[int], rows: int) -> None:
    for model, mib, mark in product(MODELS, sizes, ("", " 😀")):
        with tempfile.TemporaryDirectory() as folder:
            limits = {"max_file_bytes": 2 * mib * MIB, "max_questions": max(240, rows)}
            settings = of_real_tokenizers(Path(folder), tokenizers, **limits)
            key = DatasetKey(model, "trait", "large")
            size = write_trait(settings, key, rows, mib * MIB // rows - 300, mark)
            start = time.monotonic()
            peak = worker_peak_bytes(settings, key)
            print(
                f"{model:14} {rows:8,} rows {size / MIB:8.1f} MiB {mark or 'ASCII':6} peak {peak / MIB:7.0f} MiB "
                f"in {time.monotonic() - start:.1f} s",
                flush=True,
            )


def endless_line(size: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "workspace"
        settings = settings_of(workspace, max_file_bytes=size)
        ONE.write(settings.raw_root)
        peak = peak_bytes(settings)
        with responses_file(settings.raw_root, KEY).open("r+b") as file:
            file.truncate(size)
        start = time.monotonic()
        extra = peak_bytes(settings) - peak
        seconds = time.monotonic() - start
        quarantine = workspace / "persona_quarantine" / f"{KEY}.jsonl"
        last = json.loads(quarantine.read_text(encoding="utf-8").splitlines()[-1])
    print(f"{size / GIB:.0f} GiB read in {seconds:.1f} s, {extra / MIB:.0f} MiB more than without the endless line")
    print(f"line {last['line']}: {last['reason']}, {last['size_bytes']:,} bytes from {last['byte_offset']:,}")


if __name__ == "__main__":
    main()
