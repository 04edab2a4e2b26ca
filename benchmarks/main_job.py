"""Time the main job on a raw corpus: wall, CPU and peak memory of ``persona-assets generate``.

    python benchmarks/main_job.py --raw RAW_ROOT --tokenizers FOLDER [--runs 3] [--workers 2]

Each run starts from an empty workspace. CPU and memory (proportional set size) are those of the command
and all its worker processes together, sampled ten times a second (Linux only).
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Measured:
    wall_seconds: float
    cpu_seconds: float
    peak_mib: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--raw", type=Path, required=True)
    parser.add_argument("--tokenizers", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"{arguments.workers} workers, {arguments.runs} runs"
    )
    runs = [measure(arguments.raw, arguments.tokenizers, arguments.workers) for _ in range(arguments.runs)]
    for name in ("wall_seconds", "cpu_seconds", "peak_mib"):
        values = sorted(getattr(run, name) for run in runs)
        print(f"{name:13} median {statistics.median(values):8.1f}   min {values[0]:8.1f}   max {values[-1]:8.1f}")


def measure(raw: Path, tokenizers: Path, workers: int) -> Measured:
    with tempfile.TemporaryDirectory() as workspace:
        settings = {"WORKSPACE": Path(workspace), "DATA_ROOT": raw.absolute(), "TOKENIZERS": tokenizers.absolute()}
        inherited = {name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"}
        environment = inherited | {f"PERSONA_{name}": str(value) for name, value in settings.items()}
        program = shutil.which("persona-assets", path=Path(sys.executable).parent) or "persona-assets"
        start = time.monotonic()
        process = subprocess.Popen(
            [program, "generate", "--workers", str(workers)], env=environment, stdout=subprocess.DEVNULL
        )
        peak_kib, cpu_seconds = 0, {}
        while process.poll() is None:
            family = _family(process.pid)
            cpu_seconds |= {pid: seconds for pid, (_, seconds) in family.items()}
            peak_kib = max(peak_kib, sum(map(_pss_kib, family)))
            time.sleep(0.1)
        wall = time.monotonic() - start
        if process.returncode:
            sys.exit(f"generate ended with {process.returncode}; run it by hand to see why")
    return Measured(wall, sum(cpu_seconds.values()), peak_kib / 1024)


def _family(root: int) -> dict[int, tuple[int, float]]:
    """Parent and CPU seconds of ``root`` and all its descendants, by process id."""
    processes = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue  # the process ended between listing and reading
            processes[int(entry.name)] = int(fields[1]), (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND
    family = {root}
    while more := {pid for pid, (parent, _) in processes.items() if parent in family} - family:
        family |= more
    return {pid: processes[pid] for pid in family if pid in processes}


def _pss_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


if __name__ == "__main__":
    main()
