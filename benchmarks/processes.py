"""Wall time, CPU time and peak memory of a command and all its descendants (Linux only)."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
SAMPLES_PER_SECOND = 1


@dataclass(frozen=True)
class Measured:
    wall_seconds: float
    cpu_seconds: float
    peak_mib: float
    """Proportional set sizes, added up, when they were largest: pages that processes share count once."""


def measure(command: Sequence[str], environment: Mapping[str, str]) -> Measured:
    """Run ``command`` to its end, which must be a good one."""
    start = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    peak_kib, cpu_seconds = 0, {}
    while process.poll() is None:
        family = _family(process.pid)
        cpu_seconds |= family
        peak_kib = max(peak_kib, sum(map(_pss_kib, family)))
        time.sleep(1 / SAMPLES_PER_SECOND)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}; run it by hand to see why")
    return Measured(time.monotonic() - start, sum(cpu_seconds.values()), peak_kib / 1024)


def _family(root: int) -> dict[int, float]:
    """CPU seconds of ``root`` and all its descendants, by process id."""
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
    return {pid: processes[pid][1] for pid in family if pid in processes}


def _pss_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
