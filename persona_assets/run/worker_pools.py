"""Where tasks run: worker processes of this machine, or (see ``cluster``) those of a Dask cluster."""

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
"""Tasks handed out per worker: one it works on, one that waits for it."""
LAST_SECONDS = 3.0
"""For what a worker has in hand when it is told to end; then it is killed, which tears no output."""
_PRELOADED = ["persona_assets.run.many_keys"]


class NotBegunError(Exception):
    """The task came to its worker after the last call."""


class Task(Protocol[Outcome_co]):
    """A piece of work that can be sent to another process."""

    def run(self) -> Outcome_co: ...


def run_task(task: Task[Outcome_co]) -> Outcome_co:
    """What a worker calls. A function of a module: it is found by its name there."""
    return task.run()


def _run_before_last_call(task: Task[Outcome_co]) -> Outcome_co:
    if _last_call and _last_call.is_set():
        raise NotBegunError
    return task.run()


@dataclass(frozen=True)
class Pool:
    """An executor, and what one must know to keep it busy, to stop it, and to tell dead workers from failed tasks."""

    executor: Executor
    room: Callable[[], int]
    """How many tasks it should have in hand now. Raises SettingsError once it can have none any more."""
    worker_death: type[Exception]
    """What a task's future raises when the worker died that had it."""
    outlives_workers: bool
    """Whether it works on after the death of a worker, or gives every task back."""
    run: Callable[[Task[object]], object] = run_task
    last_call: Callable[[], float] = float
    """Lets no further task begin. Returns the seconds for which what has begun is worth waiting for."""


@dataclass
class _LastCall:
    """What workers are told once: begin nothing more, and end soon."""

    event: Event
    deadline: float | None = None

    def __call__(self) -> float:
        self.event.set()
        if self.deadline is None:
            self.deadline = time.monotonic() + LAST_SECONDS
        return max(0.0, self.deadline - time.monotonic())


@contextmanager
def local_processes(count: int) -> Iterator[Pool]:
    """``count`` worker processes. On leaving, what waits is dropped, what is begun has a few seconds to end."""
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
        _end(workers, last_call)


def start_fork_server() -> None:
    """Start the process that workers are forked from: they need its imports, which take seconds, ready made.

    Plain fork is unsafe under Dagster's threads. A terminal sends Ctrl-C to all processes of a command, and only
    the one in front is to take it: the server, and so its workers, never see it.
    """
    forkserver.set_forkserver_preload(_PRELOADED)
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def _end(workers: Sequence[BaseProcess], last_call: Callable[[], float]) -> None:
    """Without a thread: Dagster drops an interrupted step, whose workers may then end with the interpreter."""
    for worker in workers:
        worker.join(last_call())
    for worker in workers:
        if worker.is_alive():
            worker.kill()


def _begin_worker(last_call: Event) -> None:
    """A worker whose parent was killed would wait for the next task for ever, and keep its memory and locks."""
    global _last_call  # noqa: PLW0603 - a worker serves one pool, which can tell it nothing but through its process
    _last_call = last_call
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_after_parent, daemon=True).start()


_last_call: Event | None = None


def _exit_after_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)
