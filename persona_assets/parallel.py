"""Working on many keys at once, each in a worker process, through ``concurrent.futures.Executor``."""

import multiprocessing
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from persona_assets.keys import DatasetKey, Variant
from persona_assets.pipeline import KeyOutcome, materialise_key
from persona_assets.progress import StageFailure
from persona_assets.settings import Settings

TASKS_AHEAD = 2
"""Tasks handed out per worker: one it works on, one that waits for it."""


@dataclass(frozen=True)
class KeyTask:
    """One key to work on: all a worker process needs to know."""

    key: DatasetKey
    settings: Settings
    stages: tuple[str, ...]
    variants: tuple[Variant, ...]
    checked: tuple[str, ...] = ()
    """Stages whose checks are wanted although they are not made anew."""

    def run(self) -> KeyOutcome:
        return materialise_key(
            self.key, self.settings, stages=self.stages, variants=self.variants, checked=self.checked
        )


def run_tasks(tasks: Sequence[KeyTask], workers: int) -> Iterator[KeyOutcome]:
    """Yield the outcome of every task as it is ready.

    A single task runs in this process, where no worker has to be started first. When a worker process
    dies, the tasks that were handed out are tried again one at a time, so that only the task that
    kills its worker fails.
    """
    if workers == 1 or len(tasks) == 1:
        yield from (task.run() for task in tasks)
        return
    queue, suspects = deque(tasks), deque[KeyTask]()
    while queue:
        with _worker_processes(min(workers, len(queue))) as executor:
            suspects += yield from _run_until_broken(executor, queue, workers * TASKS_AHEAD)
    while suspects:
        with _worker_processes(1) as executor:
            culprits = yield from _run_until_broken(executor, suspects, 1)
        yield from (_died(task) for task in culprits)


def _worker_processes(count: int) -> ProcessPoolExecutor:
    # A forkserver that has imported the stages forks ready workers; plain fork is unsafe under Dagster's threads.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["persona_assets.parallel"])
    return ProcessPoolExecutor(count, mp_context=context)


def _run_until_broken(
    executor: Executor, queue: deque[KeyTask], in_flight: int
) -> Generator[KeyOutcome, None, list[KeyTask]]:
    """Take tasks from ``queue`` and yield their outcomes; return the tasks lost with a dead worker."""
    running: dict[Future[KeyOutcome], KeyTask] = {}
    while queue or running:
        try:
            while queue and len(running) < in_flight:
                running[executor.submit(KeyTask.run, queue[0])] = queue[0]
                queue.popleft()
        except BrokenProcessPool:
            return list(running.values())
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        lost = [future for future in done if isinstance(future.exception(), BrokenProcessPool)]
        for future in done.difference(lost):
            del running[future]
            yield future.result()
        if lost:
            return list(running.values())
    return []


def _died(task: KeyTask) -> KeyOutcome:
    message = (
        "the worker process died, perhaps for want of memory: materialise the key again, "
        "with fewer PERSONA_WORKERS if it happens again"
    )
    return KeyOutcome(task.key, {}, StageFailure((*task.stages, *task.checked)[0], message, None))
