"""Measuring tasks against each other on a machine that is not idle: in turns, by CPU time."""

import statistics
import time
from collections.abc import Callable


def measure(runs: int, *tasks: Callable[[], object]) -> list[float]:
    """Median CPU milliseconds of each task, taking turns, after one run that is not counted."""
    times: list[list[float]] = [[] for _ in tasks]
    for _ in range(runs + 1):
        for task, measured in zip(tasks, times, strict=True):
            start = time.process_time()
            task()
            measured.append((time.process_time() - start) * 1000)
    return [statistics.median(measured[1:]) for measured in times]
