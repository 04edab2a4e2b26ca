"""Read a raw file of many gigabytes that is one endless line but for a few good ones: time and peak memory.

    python benchmarks/large_files.py [--gib 10]

The file is sparse: it takes no room on the disk. Peak memory is that of the process that reads it and writes the
dataset, less that of the same process without the endless line (Linux only).
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

from persona_assets_tests.atomicity import KEY, ONE, settings_of
from persona_assets_tests.atomicity.test_memory import GIB, MIB, peak_bytes
from persona_assets_tests.raw_corpus import responses_file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gib", type=int, default=10)
    size = parser.parse_args().gib * GIB
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
