"""A Dask scheduler and workers in processes of their own, on the loopback interface."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE_SECONDS = 60.0
WORKER = ["-m", "distributed.cli.dask_worker"]
WITHOUT_PACKAGE = [
    "-c",
    "import sys; sys.modules['persona_assets'] = None; from distributed.cli.dask_worker import main; main()",
]
"""Starts a worker that does not have this package."""


@dataclass
class DaskCluster:
    """Started for a test, and ended with it; only processes started here are ended."""

    folder: Path
    allowed_failures: int = 3
    scheduler: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show"]
        self.scheduler = self._process(["-m", "distributed.cli.dask_scheduler", *options], "scheduler")
        self._wait_for(self._contact_file.exists, "the scheduler did not start")

    @property
    def address(self) -> str:
        return str(json.loads(self._contact_file.read_text(encoding="utf-8"))["address"])

    def ensure_workers(self, count: int) -> None:
        """Start workers until ``count`` live."""
        while len(self.living_workers()) < count:
            self.add_worker()

    def add_worker(self, *, start: list[str] | None = None, threads: int = 1) -> None:
        """One worker process without a nanny, so that a killed one stays away."""
        name = f"worker_{len(self.workers)}"
        options = ["--host", "127.0.0.1", "--nthreads", str(threads), "--no-nanny", "--no-dashboard"]
        options += ["--local-directory", str(self.folder), "--name", name]
        self.workers.append(self._process([*(start or WORKER), *options], name))
        log = self.folder / f"{name}.log"
        self._wait_for(lambda: b"Registered to" in log.read_bytes(), f"{name} did not start, see {log}")

    def living_workers(self) -> list[subprocess.Popen[bytes]]:
        return [worker for worker in self.workers if worker.poll() is None]

    def kill_a_worker(self) -> None:
        """As the kernel does for want of memory."""
        _end(self.living_workers()[0], signal.SIGKILL)

    def stop_workers(self) -> None:
        for worker in self.living_workers():
            _end(worker, signal.SIGKILL)

    def stop_scheduler(self) -> None:
        if self.scheduler:
            _end(self.scheduler, signal.SIGKILL)

    def stop(self) -> None:
        self.stop_workers()
        self.stop_scheduler()

    @property
    def _contact_file(self) -> Path:
        return self.folder / "scheduler.json"

    def _process(self, command: list[str], name: str) -> subprocess.Popen[bytes]:
        environment = os.environ | {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(self.allowed_failures)}
        with (self.folder / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, *command, "--scheduler-file", str(self._contact_file)],
                env=environment,
                stdout=log,
                stderr=log,
            )

    def _wait_for(self, condition: Callable[[], bool], problem: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, problem
            time.sleep(0.05)


def _end(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    process.send_signal(how)
    process.wait(PATIENCE_SECONDS)


def after(condition: Callable[[], bool], act: Callable[[], None]) -> None:
    """Do ``act`` as soon as ``condition`` holds; for a thread beside a run."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    act()
