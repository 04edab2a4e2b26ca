"""Time the scan that a tick of ``raw_files_sensor`` costs while nothing changes.

    python benchmarks/raw_scan.py [--files 10000] [--runs 5]

Half of the files are responses and half are scores, of three models; their content does not matter, since the scan
looks at names, sizes and times only.
"""

import argparse
import os
import platform
import statistics
import tempfile
import time
from pathlib import Path

from corpora import MODELS, paths_of

from persona_assets.keys import DatasetKey
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover, fingerprint


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make_files(root, arguments.files)
        for name, scan in (("fingerprint, every tick", fingerprint), ("discover, after a change", discover)):
            times = []
            for _ in range(arguments.runs):
                start = time.perf_counter()
                scan(RawCorpus(root))
                times.append(time.perf_counter() - start)
            median = statistics.median(times)
            print(f"{name:26}{arguments.files:8,} files  median {median:.3f} s  max {max(times):.3f} s")


def make_files(root: Path, count: int) -> None:
    for number in range(count // 2):
        key = DatasetKey(MODELS[number % len(MODELS)], ("role", "trait")[number // 3 % 2], f"persona-{number:06}")
        for path in paths_of(root, key):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("{}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
