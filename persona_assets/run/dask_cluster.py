"""Running tasks on the workers of a Dask cluster, after checking that they share what this process has."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from persona_assets.errors import SettingsError
from persona_assets.run.common_ground import CommonGround
from persona_assets.run.worker_pools import TASKS_AHEAD, Pool
from persona_assets.settings import Settings

if TYPE_CHECKING:
    from distributed import Client

PATIENCE_TO_CONNECT_SECONDS = 10.0
PATIENCE_WITHOUT_WORKERS_SECONDS = 60.0
"""A worker restarted by its nanny is back within seconds; a growing cluster takes a little longer."""
_STOPPED = ("closing", "closed")


@contextmanager
def cluster_workers(settings: Settings) -> Iterator[Pool]:
    """Connect to the scheduler in ``settings`` and use its workers. At the end, waiting tasks are cancelled; running
    tasks finish on their workers and write their outputs.

    Raises:
        SettingsError: Dask is not installed, the scheduler cannot be reached, or its workers cannot be used.
    """
    address = str(settings.scheduler)
    ground = CommonGround.of(settings)
    client = _connect(address)
    try:
        _check_workers(client, address, ground)
        yield Pool(
            client.get_executor(pure=False),  # otherwise a retried task would get its old result
            _Room(client, address).now,
            _killed_worker(),
            outlives_workers=True,
            run=ground.run,
        )
    finally:
        # Closing releases every future, so the scheduler cancels tasks that no worker has begun.
        client.close(timeout=PATIENCE_TO_CONNECT_SECONDS)


def _connect(address: str) -> "Client":
    try:
        from distributed import Client, Security
    except ImportError as error:
        raise _refusal(
            address, "the package 'distributed' is not installed; pip install 'persona_assets[cluster]'"
        ) from error
    if address.startswith("tls://") and Security().get_connection_args("client").get("ssl_context") is None:
        raise _refusal(
            address, "Dask has no certificates; set DASK_DISTRIBUTED__COMM__TLS__* as docs/scaling.md says"
        )
    try:
        return Client(address, timeout=PATIENCE_TO_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, AssertionError) as error:
        why = str(error) or "its event loop did not start, this machine is very busy"  # then distributed only asserts
        raise _refusal(
            address,
            f"no Dask scheduler was reached there within {PATIENCE_TO_CONNECT_SECONDS:.0f} s ({why}); "
            "start one with 'dask scheduler', or unset it to use this machine only",
        ) from error


def _check_workers(client: "Client", address: str, ground: CommonGround) -> None:
    with ground.flag() as flag:
        answers: Mapping[str, Any] = client.run(ground.find_problem, flag, on_error="return")
    problems = {worker: answer for worker, answer in answers.items() if answer is not None}
    problems |= {
        worker: f"has {threads} threads, but each key needs a process; start it with --nthreads 1"
        for worker, threads in client.nthreads().items()
        if threads != 1
    }
    if problems:
        lines = [f"worker {worker}: {_describe(problem)}" for worker, problem in sorted(problems.items())]
        raise _refusal(address, "\n  ".join([f"{len(problems)} of its workers cannot be used", *lines[:10]]))


def _describe(problem: object) -> str:
    if not isinstance(problem, BaseException):
        return str(problem)
    if ModuleNotFoundError.__name__ in repr(problem):  # distributed may wrap it
        return f"{problem}; install the same persona_assets there"
    return f"{type(problem).__name__}: {problem}"


@dataclass
class _Room:
    """Computes how many tasks the cluster can take, as workers come and go."""

    client: "Client"
    address: str
    seen: float = field(default_factory=time.monotonic)
    """When the cluster last had a worker."""

    def now(self) -> int:
        workers = self._workers()
        if workers:
            self.seen = time.monotonic()
        elif time.monotonic() - self.seen > PATIENCE_WITHOUT_WORKERS_SECONDS:
            raise _refusal(
                self.address,
                f"no worker for {PATIENCE_WITHOUT_WORKERS_SECONDS:.0f} s; start some with 'dask worker'",
            )
        return max(workers, 1) * TASKS_AHEAD

    def _workers(self) -> int:
        try:
            if self.client.status not in _STOPPED:
                return len(self.client.nthreads())
        except OSError as error:
            raise _refusal(self.address, f"the scheduler was lost ({error}); start it and run again") from error
        raise _refusal(self.address, "the scheduler was lost; start it and run again")


def _killed_worker() -> type[Exception]:
    from distributed import KilledWorker

    return KilledWorker


def _refusal(address: str, problem: str) -> SettingsError:
    return SettingsError(f"PERSONA_SCHEDULER = {address!r}: {problem}")
