"""Comparing every output of the workspace, byte for byte, with what its manifest recorded."""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from persona_assets.collection.leftovers import find_leftovers
from persona_assets.collection.library_caches import is_library_cache
from persona_assets.collection.outputs import list_outputs_on_disk
from persona_assets.errors import PersonaAssetsError, Producer
from persona_assets.run.last_outcome import read_last_outcome
from persona_assets.stage.manifest import Manifest
from persona_assets.stage.spec import PartitionKey
from persona_assets.stages.registry import list_stages
from persona_assets.store.content import Content, list_files
from persona_assets.store.locks import locked_to_read
from persona_assets.workspace import Workspace

_LEFT_OVER = (
    "left by a process that was killed, or still open in one that reads it (the next run clears it up), or in use by "
    "one that is at work now"
)
_UNKNOWN = "is in no manifest; materialise its key again, or remove the file"


@dataclass(frozen=True)
class Damage:
    """A file that is not as recorded, or that no manifest knows."""

    path: Path
    problem: str

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


@dataclass(frozen=True)
class Verification:
    keys: int
    files: int
    """Files whose bytes are exactly those recorded."""
    size_bytes: int
    damages: tuple[Damage, ...]
    caches: int = 0
    """Files that a user of the ``datasets`` library left in dataset folders. They are no damage."""
    cache_bytes: int = 0


def verify(workspace: Workspace, workers: int) -> Verification:
    """Read every output of every key, ``workers`` keys at the same time."""
    on_disk = list_outputs_on_disk(workspace)
    with ThreadPoolExecutor(workers) as executor:  # hashing large buffers releases the interpreter's lock
        results = list(executor.map(lambda key: verify_key(workspace, key, on_disk[key]), sorted(on_disk, key=str)))
    left = [Damage(path, _LEFT_OVER) for path in find_leftovers(workspace)]
    return Verification(
        keys=len(on_disk),
        files=sum(result.files for result in results),
        size_bytes=sum(result.size_bytes for result in results),
        damages=(*(damage for result in results for damage in result.damages), *left),
        caches=sum(result.caches for result in results),
        cache_bytes=sum(result.cache_bytes for result in results),
    )


def verify_key(workspace: Workspace, key: PartitionKey, on_disk: Iterable[Path]) -> Verification:
    """Read every output of one key while no other process changes it."""
    try:
        with locked_to_read(workspace.ownership(key).lock):
            read_last_outcome(workspace, key)
            return _compare(workspace, key, on_disk)
    except PersonaAssetsError as error:
        return Verification(1, 0, 0, (Damage(workspace.manifest(key), str(error)),))


def _compare(workspace: Workspace, key: PartitionKey, on_disk: Iterable[Path]) -> Verification:
    records = workspace.records_of(key)
    recorded = _recorded(workspace, key)
    problems = {path: _problem(path, *record) for path, record in recorded.items()}
    files = [file for path in on_disk if path not in records and os.path.lexists(path) for file in list_files(path)]
    unknown = {file: _measure_cache(workspace, file) for file in files if file not in recorded}
    caches = [size for size in unknown.values() if size is not None]
    damages = [Damage(path, problem) for path, problem in problems.items() if problem]
    damages += [Damage(path, _UNKNOWN) for path, size in unknown.items() if size is None]
    whole = [path for path, problem in problems.items() if not problem]
    size_bytes = sum(recorded[path][0].size_bytes for path in whole)
    return Verification(1, len(whole), size_bytes, tuple(damages), len(caches), sum(caches))


def _measure_cache(workspace: Workspace, path: Path) -> int | None:
    """The bytes of a cache of the ``datasets`` library, 0 if it is gone by now; None if it is something else."""
    try:
        return path.stat().st_size if is_library_cache(workspace, path) else None
    except FileNotFoundError:
        return 0


def _recorded(workspace: Workspace, key: PartitionKey) -> dict[Path, tuple[Content, Producer]]:
    manifest = Manifest.read(workspace.manifest(key), key, list_stages())
    return {
        workspace.root / path: (content, Producer(stage, key))
        for stage, outputs in manifest.outputs()
        for path, content in outputs.items()
    }


def _problem(path: Path, recorded: Content, producer: Producer) -> str | None:
    try:
        now = Content.of(path)
    except OSError as error:
        return f"cannot be read ({error.strerror}); {producer.advise()}"
    if now == recorded:
        return None
    written = f"{now.size_bytes:,} bytes are not the {recorded.size_bytes:,} that were written"
    return f"{written}; {producer.advise()}"
