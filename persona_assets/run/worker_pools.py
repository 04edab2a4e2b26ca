"""Pools of workers: processes on this machine, or (see ``dask_cluster``) those of a Dask cluster."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from typing import Protocol, TypeVar

Outcome_co = TypeVar("Outcome_co", covariant=True)

TASKS_AHEAD = 2
"""Tasks submitted per worker: one running and one waiting."""
LAST_SECONDS = 3.0
"""Time to finish a task after the last call. Then the worker is killed, which leaves no output half-written."""
_PRELOADED = ["persona_assets.run.preloading"]


class NotBegunError(Exception):
    """The task reached its worker after the last call."""


class Task(Protocol[Outcome_co]):
    """A piece of work that can be sent to another process."""

    def run(self) -> Outcome_co: ...


def run_task(task: Task[Outcome_co]) -> Outcome_co:
    """Run a task in a worker. This must be a function of a module, because workers look it up by name."""
    return task.run()


def _run_before_last_call(task: Task[Outcome_co]) -> Outcome_co:
    if _last_call and _last_call.is_set():
        raise NotBegunError
    return task.run()


@dataclass(frozen=True)
class Pool:
    """An executor, with what is needed to keep it busy, to stop it, and to tell dead workers from failed tasks."""

    executor: Executor
    room: Callable[[], int]
    """Returns how many tasks should be submitted to it now. Raises SettingsError if it can no longer run any."""
    worker_death: type[Exception]
    """Raised by the future of a task whose worker died."""
    outlives_workers: bool
    """Whether it continues after a worker has died. Otherwise every task must be retried."""
    run: Callable[[Task[object]], object] = run_task
    last_call: Callable[[], float] = float
    """Prevents further tasks from beginning. Returns how many seconds to wait for those that have begun."""


@dataclass
class _LastCall:
    """Tells workers to begin no more tasks, and to end soon."""

    event: Event
    deadline: float | None = None

    def __call__(self) -> float:
        self.event.set()
        if self.deadline is None:
            self.deadline = time.monotonic() + LAST_SECONDS
        return max(0.0, self.deadline - time.monotonic())


@contextmanager
def local_processes(count: int) -> Iterator[Pool]:
    """Start ``count`` worker processes. At the end, waiting tasks are dropped and running ones get a few seconds."""
    start_fork_server()
    context = multiprocessing.get_context("forkserver")
    last_call = _LastCall(context.Event())
    others = set(multiprocessing.active_children())
    executor = ProcessPoolExecutor(count, mp_context=context, initializer=_begin_worker, initargs=(last_call.event,))
    try:
        yield Pool(
            executor,
            lambda: count * TASKS_AHEAD,
            BrokenProcessPool,
            outlives_workers=False,
            run=_run_before_last_call,
            last_call=last_call,
        )
    finally:
        last_call()
        workers = [process for process in multiprocessing.active_children() if process not in others]
        executor.shutdown(wait=False, cancel_futures=True)
        _end_workers(workers, last_call)


def start_fork_server() -> None:
    """Start the process that workers are forked from, so that they share its imports, which take seconds.

    Plain fork is unsafe with Dagster's threads. A terminal sends Ctrl-C to all processes of a command, but only the
    main process should handle it, so the server and its workers are started with it blocked.
    """
    forkserver.set_forkserver_preload(_PRELOADED)
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def _end_workers(workers: Sequence[BaseProcess], last_call: Callable[[], float]) -> None:
    """Wait for the workers, then kill them. No thread does this, because Dagster drops an interrupted step."""
    for worker in workers:
        worker.join(last_call())
    for worker in workers:
        if worker.is_alive():
            worker.kill()


def _begin_worker(last_call: Event) -> None:
    """Set up a worker to end with its parent. Otherwise it would keep its memory and its locks for ever."""
    global _last_call  # noqa: PLW0603 - a worker serves one pool, and the event is reachable only through its module
    _last_call = last_call
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_after_parent, daemon=True).start()


_last_call: Event | None = None


def _exit_after_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)
