"""Working on many keys at once, each in a worker process, through ``concurrent.futures.Executor``."""

import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import cast

from persona_assets.errors import PersonaAssetsError, SettingsError
from persona_assets.run.key_task import KeyTask
from persona_assets.run.order import order_tasks
from persona_assets.run.outcome import KeyOutcome, StageFailure
from persona_assets.run.worker_pools import NotBegunError, Pool, local_processes

LONGEST_WAIT_SECONDS = 0.25
"""Time until the next check whether to stop, and how many tasks the pool can take, since workers come and go."""
_DIED = (
    "the worker process died, perhaps because it ran out of memory: materialise the key again, "
    "with fewer PERSONA_WORKERS if it happens again"
)


def run_tasks(tasks: Sequence[KeyTask], workers: int, stopped: Callable[[], bool] = bool) -> Iterator[KeyOutcome]:
    """Yield the outcome of every task as soon as it is ready.

    If the settings name a Dask scheduler, all its workers run the tasks. Otherwise ``workers`` processes on this
    machine do, even for a single task: a task that exhausts the memory or crashes in native code then ends its
    worker, but not the run. If a worker dies, the tasks it may have had are retried one at a time, so that only the
    task that kills its worker fails.

    A task that reads the outputs of other keys begins when the tasks of those keys have ended.

    Once ``stopped`` returns true, no further task begins, and the last outcomes are those of tasks that end within a
    few seconds. A caller that stops iterating drops the remaining outcomes.
    """
    groups = order_tasks(tasks)
    if tasks and tasks[0].settings.scheduler:
        from persona_assets.run.dask_cluster import cluster_workers

        with cluster_workers(tasks[0].settings) as pool:
            for group in groups:
                yield from _run_all(lambda _: nullcontext(pool), group, stopped)
    else:
        for group in groups:
            yield from _run_all(lambda waiting: local_processes(min(workers, waiting)), group, stopped)


def _run_all(
    open_pool: Callable[[int], AbstractContextManager[Pool]], tasks: Sequence[KeyTask], stopped: Callable[[], bool]
) -> Iterator[KeyOutcome]:
    queue, suspects, culprits = deque(tasks), deque[KeyTask](), deque[KeyTask]()
    while queue and not stopped():
        with open_pool(len(queue)) as pool:
            yield from _Shift(pool, queue, suspects, stopped).work()
    while suspects and not stopped():
        with open_pool(1) as pool:
            yield from _Shift(pool, suspects, culprits, stopped, most=1).work()
    yield from (_fail(task, _DIED) for task in culprits)


@dataclass
class _Shift:
    """Submits tasks from ``queue`` to one pool until none is left or the pool is broken."""

    pool: Pool
    queue: deque[KeyTask]
    lost: deque[KeyTask]
    """Receives the tasks that a dead worker may have had."""
    stopped: Callable[[], bool]
    most: int = sys.maxsize
    """Most tasks submitted at the same time."""
    running: dict[Future[object], KeyTask] = field(default_factory=dict)
    broken: bool = False

    def work(self) -> Iterator[KeyOutcome]:
        try:
            while (self.queue or self.running) and not self.broken and not self.stopped():
                self._hand_out()
                done, _ = wait(self.running, timeout=LONGEST_WAIT_SECONDS, return_when=FIRST_COMPLETED)
                for future in done:
                    yield from self._take(future, self.running.pop(future))
            if self.stopped():
                yield from self._take_last()
        except SettingsError as error:  # the pool is gone: all its tasks fail, and all that wait for it
            self.queue.extendleft(self.running.values())
            self.running.clear()
            yield from (_fail(self.queue.popleft(), str(error)) for _ in range(len(self.queue)))
        self.lost.extend(self.running.values())

    def _take_last(self) -> Iterator[KeyOutcome]:
        """Take tasks that end soon after the last call. The others are neither done nor failed."""
        done, _ = wait(self.running, timeout=self.pool.last_call())
        for future in done:
            yield from self._take(future, self.running.pop(future))
        self.running.clear()

    def _hand_out(self) -> None:
        room = min(self.most, self.pool.room())
        try:
            while self.queue and len(self.running) < room:
                self.running[self.pool.executor.submit(self.pool.run, self.queue[0])] = self.queue[0]
                self.queue.popleft()
        except BrokenExecutor:
            self.broken = True

    def _take(self, future: Future[object], task: KeyTask) -> Iterator[KeyOutcome]:
        if future.cancelled():  # by a scheduler that was restarted and has lost it
            self.queue.append(task)
            return
        error = future.exception()
        if isinstance(error, self.pool.worker_death):
            self.lost.append(task)
            self.broken = not self.pool.outlives_workers
        elif isinstance(error, NotBegunError):
            self.queue.append(task)
        elif isinstance(error, PersonaAssetsError):
            yield KeyOutcome(task.key, {}, StageFailure.of(task.first_stage, task.key, error))
        elif isinstance(error, Exception):
            yield _fail(task, f"{type(error).__name__}: {error}", "".join(traceback.format_exception(error)))
        else:
            yield cast(KeyOutcome, future.result())


def _fail(task: KeyTask, message: str, details: str | None = None) -> KeyOutcome:
    return KeyOutcome(task.key, {}, StageFailure(task.first_stage, message, details))
