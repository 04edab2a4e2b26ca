"""Working on many keys at once, each in a worker process, through ``concurrent.futures.Executor``."""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from persona_assets.keys import DatasetKey, Variant
from persona_assets.settings import Settings
from persona_assets.stages.pipeline import KeyOutcome, StageFailure, materialise_key


@dataclass(frozen=True)
class KeyTask:
    """One key to work on: all a worker process needs to know."""

    key: DatasetKey
    settings: Settings
    stages: tuple[str, ...]
    variants: tuple[Variant, ...]

    def run(self) -> KeyOutcome:
        return materialise_key(self.key, self.settings, stages=self.stages, variants=self.variants)


def run_tasks(tasks: Sequence[KeyTask], workers: int) -> Iterator[KeyOutcome]:
    """Yield the outcome of every task as it is ready.

    A single task runs in this process, where no worker has to be started first.
    """
    if workers == 1 or len(tasks) == 1:
        yield from (task.run() for task in tasks)
        return
    # A forkserver that has imported the stages forks ready workers; plain fork is unsafe under Dagster's threads.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["persona_assets.parallel"])
    with ProcessPoolExecutor(min(workers, len(tasks)), mp_context=context) as executor:
        yield from run_on(executor, tasks)


def run_on(executor: Executor, tasks: Sequence[KeyTask]) -> Iterator[KeyOutcome]:
    """Run the tasks on ``executor``; a task whose worker died is an outcome too."""
    futures = {executor.submit(KeyTask.run, task): task for task in tasks}
    try:
        for future in as_completed(futures):
            yield _outcome(future, futures[future])
    finally:
        for future in futures:
            future.cancel()


def _outcome(future: Future[KeyOutcome], task: KeyTask) -> KeyOutcome:
    try:
        return future.result()
    except BrokenProcessPool:
        message = (
            "the worker process died, perhaps for want of memory: materialise the key again, "
            "with fewer PERSONA_WORKERS if it happens again"
        )
        return KeyOutcome(task.key, {}, StageFailure(task.stages[0], message, None))
