"""Where tasks run: worker processes of this machine, or (see ``cluster``) those of a Dask cluster."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

Outcome_co = TypeVar("Outcome_co", covariant=True)

TASKS_AHEAD = 2
"""Tasks handed out per worker: one it works on, one that waits for it."""


class Task(Protocol[Outcome_co]):
    """A piece of work that can be sent to another process."""

    def run(self) -> Outcome_co: ...


def run_task(task: Task[Outcome_co]) -> Outcome_co:
    """What a worker calls. A function of a module: it is found by its name there."""
    return task.run()


@dataclass(frozen=True)
class Pool:
    """An executor, and what one must know to keep it busy and to tell a dead worker from a failed task."""

    executor: Executor
    room: Callable[[], int]
    """How many tasks it should have in hand now. Raises SettingsError once it can have none any more."""
    worker_death: type[Exception]
    """What a task's future raises when the worker died that had it."""
    outlives_workers: bool
    """Whether it works on after the death of a worker, or gives every task back."""
    run: Callable[[Task[object]], object] = run_task


@contextmanager
def local_processes(count: int) -> Iterator[Pool]:
    """``count`` worker processes. On leaving, what waits is dropped, what is begun ends, and so do they."""
    # A forkserver that has imported the stages forks ready workers; plain fork is unsafe under Dagster's threads.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["persona_assets.execution.parallel"])
    executor = ProcessPoolExecutor(count, mp_context=context, initializer=_end_with_parent)
    try:
        yield Pool(executor, lambda: count * TASKS_AHEAD, BrokenProcessPool, outlives_workers=False)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for the next task for ever, and keep its memory and locks."""
    threading.Thread(target=_exit_after_parent, daemon=True).start()


def _exit_after_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)
