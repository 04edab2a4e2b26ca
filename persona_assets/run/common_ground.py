"""What a worker on another machine must share with the process that submits tasks."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from persona_assets.errors import BusyError, SettingsError, StorageError
from persona_assets.provenance import package_version
from persona_assets.run.worker_pools import Outcome_co, Task
from persona_assets.settings import Settings
from persona_assets.store.locks import locked
from persona_assets.store.probing import try_replacing
from persona_assets.workspace import Workspace


@dataclass(frozen=True)
class CommonGround:
    """The same version of this package, a shared file system on which outputs can be replaced, and locks that hold
    across machines."""

    version: str
    workspace: Workspace
    folders: tuple[Path, ...]

    @classmethod
    def of(cls, settings: Settings) -> "CommonGround":
        """Describe this process. Folders that it does not have itself are not required of a worker."""
        settings.workspace.mkdir(parents=True, exist_ok=True)
        folders = (settings.workspace, settings.raw_root, settings.tokenizers)
        seen = tuple(folder for folder in folders if folder and folder.is_dir())
        return cls(package_version(), Workspace.of(settings), seen)

    @contextmanager
    def flag(self) -> Iterator[Path]:
        """Create a file in the workspace, and hold a lock on it."""
        path = self.workspace.corpus_ownership.lock.with_name(f"flag_{uuid4().hex}.lock")
        try:
            with locked(path):
                yield path
        finally:
            path.unlink(missing_ok=True)

    def find_problem(self, flag: Path) -> str | None:
        """On a worker: say why it cannot work for the process that holds ``flag``. None if it can."""
        problem = self.find_problem_here()
        if problem:
            return problem
        if not flag.exists():
            return f"{self.workspace.root} is a different folder there; mount the same file system on both"
        try:
            with locked(flag, patience_seconds=0):
                return (
                    f"locks of {self.workspace.root} do not hold across machines, so two runs could write the "
                    "same key; use a file system with flock, such as NFS 4"
                )
        except BusyError:
            return self._find_problem_with_replacing(flag.parent)

    def _find_problem_with_replacing(self, folder: Path) -> str | None:
        try:
            try_replacing(folder)
        except StorageError as error:
            return f"cannot replace files and folders of {self.workspace.root}: {error}"
        return None

    def find_problem_here(self) -> str | None:
        """On a worker, before every task: check what needs no flag."""
        if package_version() != self.version:
            return f"has persona_assets {package_version()}, the run has {self.version}; install the same on both"
        for folder in self.folders:
            if not folder.is_dir():
                return f"has no folder {folder}; mount it there under the same path"
        return None

    def run(self, task: Task[Outcome_co]) -> Outcome_co:
        """On a worker: run a task, after checking the worker again, since it may have joined after the others were
        checked.

        Raises:
            SettingsError: the worker cannot be used.
        """
        problem = self.find_problem_here()
        if problem:
            raise SettingsError(f"PERSONA_SCHEDULER: one of its workers {problem}")
        return task.run()
