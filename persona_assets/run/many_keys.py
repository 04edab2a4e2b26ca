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
from persona_assets.keys import DatasetKey, Variant
from persona_assets.memory import keeping_memory_low
from persona_assets.run.one_key import KeyOutcome, materialise_key
from persona_assets.run.progress import StageFailure
from persona_assets.run.worker_pools import NotBegunError, Pool, local_processes
from persona_assets.settings import Settings

LONGEST_WAIT_SECONDS = 0.25
"""After which one looks again whether to stop, and how many tasks a pool can take: its workers come and go."""
_DIED = (
    "the worker process died, perhaps for want of memory: materialise the key again, "
    "with fewer PERSONA_WORKERS if it happens again"
)


@dataclass(frozen=True)
class KeyTask:
    """One key to work on: all a worker process needs to know."""

    key: DatasetKey
    settings: Settings
    stages: tuple[str, ...]
    variants: tuple[Variant, ...]
    checked: tuple[str, ...] = ()
    """Stages whose checks are wanted although they are not made anew."""
    redo: bool = False

    def run(self) -> KeyOutcome:
        with keeping_memory_low():
            return materialise_key(
                self.key,
                self.settings,
                stages=self.stages,
                variants=self.variants,
                checked=self.checked,
                redo=self.redo,
            )


def run_tasks(tasks: Sequence[KeyTask], workers: int, stopped: Callable[[], bool] = bool) -> Iterator[KeyOutcome]:
    """Yield the outcome of every task as it is ready.

    With a Dask scheduler in the settings its workers do the tasks, however many they are. Otherwise
    ``workers`` processes of this machine do, one for a single task too: what exhausts the memory, or crashes
    in native code, takes its worker along and not the run. When a worker dies, the tasks it may have had are
    tried again one at a time, so that only the task that kills its worker fails.

    Once ``stopped`` says so, no task begins, and the outcomes of those that end within a few seconds are the
    last; whoever stops taking outcomes before drops the others.
    """
    if tasks and tasks[0].settings.scheduler:
        from persona_assets.run.dask_cluster import cluster_workers

        with cluster_workers(tasks[0].settings) as pool:
            yield from _run_all(lambda _: nullcontext(pool), tasks, stopped)
    else:
        yield from _run_all(lambda waiting: local_processes(min(workers, waiting)), tasks, stopped)


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
    yield from (_failed(task, _DIED) for task in culprits)


@dataclass
class _Shift:
    """Takes tasks from ``queue`` to one pool until none is left, or until the pool can do no more."""

    pool: Pool
    queue: deque[KeyTask]
    lost: deque[KeyTask]
    """Takes the tasks that a dead worker may have had."""
    stopped: Callable[[], bool]
    most: int = sys.maxsize
    """Tasks to hand out at the same time."""
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
        except SettingsError as error:  # the pool is gone: every task it had and might have had fails
            self.queue.extendleft(self.running.values())
            self.running.clear()
            yield from (_failed(self.queue.popleft(), str(error)) for _ in range(len(self.queue)))
        self.lost.extend(self.running.values())

    def _take_last(self) -> Iterator[KeyOutcome]:
        """What ends soon after the last call; the rest is neither done nor failed."""
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
        if future.cancelled():  # by a scheduler that was started anew and knows nothing of it
            self.queue.append(task)
            return
        error = future.exception()
        if isinstance(error, self.pool.worker_death):
            self.lost.append(task)
            self.broken = not self.pool.outlives_workers
        elif isinstance(error, NotBegunError):
            self.queue.append(task)
        elif isinstance(error, PersonaAssetsError):
            yield _failed(task, str(error))
        elif isinstance(error, Exception):
            yield _failed(task, f"{type(error).__name__}: {error}", "".join(traceback.format_exception(error)))
        else:
            yield cast(KeyOutcome, future.result())


def _failed(task: KeyTask, message: str, details: str | None = None) -> KeyOutcome:
    return KeyOutcome(task.key, {}, StageFailure((*task.stages, *task.checked)[0], message, details))
