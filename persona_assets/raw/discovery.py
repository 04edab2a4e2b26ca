"""Finding every raw file under the raw root, and saying which of them cannot be a partition."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from persona_assets.errors import InvalidNameError, RawDataError
from persona_assets.keys import DatasetKey
from persona_assets.kinds import KINDS, Kind

RESPONSE_SUFFIX = ".jsonl"
SCORE_SUFFIX = ".json"


@dataclass(frozen=True)
class UnfitFile:
    """A file or folder in the raw root that no partition key can stand for."""

    path: Path
    problem: str

    def __str__(self) -> str:
        return f"{ascii(str(self.path))[1:-1]}: {self.problem}"


@dataclass(frozen=True)
class RawInventory:
    """What the raw root holds: keys in partition order, and everything that was not taken."""

    root: Path
    keys: tuple[DatasetKey, ...]
    unfit: tuple[UnfitFile, ...]

    def of_kind(self, *kinds: Kind) -> tuple[DatasetKey, ...]:
        return tuple(key for key in self.keys if key.kind in kinds)


def discover(root: Path) -> RawInventory:
    """Scan ``{root}/{model}/{roles_240|traits_240}/responses/*.jsonl``.

    Raises:
        RawDataError: the root is missing, or cannot be listed.
    """
    keys: list[DatasetKey] = []
    unfit: list[UnfitFile] = []
    for found in _scan(root):
        if isinstance(found, UnfitFile):
            unfit.append(found)
        else:
            keys.append(found)
    return RawInventory(root, tuple(sorted(keys)), tuple(sorted(unfit, key=lambda file: file.path)))


def _scan(root: Path) -> Iterator[DatasetKey | UnfitFile]:
    for model in _entries(root):
        for kind in KINDS.values():
            folder = root / model / kind.raw_folder
            if folder.is_dir():
                yield from _scan_kind(folder, model, kind)


def _scan_kind(folder: Path, model: str, kind: Kind) -> Iterator[DatasetKey | UnfitFile]:
    responses = _entries(folder / "responses") if (folder / "responses").is_dir() else []
    for entry in responses:
        yield _as_key(folder / "responses" / entry, model, kind)
    with_responses = {entry.removesuffix(RESPONSE_SUFFIX) for entry in responses if entry.endswith(RESPONSE_SUFFIX)}
    scores = _entries(folder / "extract_scores") if (folder / "extract_scores").is_dir() else []
    for entry in scores:
        path = folder / "extract_scores" / entry
        if not entry.endswith(SCORE_SUFFIX):
            yield UnfitFile(path, f"is no {SCORE_SUFFIX} file")
        elif entry.removesuffix(SCORE_SUFFIX) not in with_responses:
            yield UnfitFile(path, "scores conversations that are not there")


def _as_key(path: Path, model: str, kind: Kind) -> DatasetKey | UnfitFile:
    if not path.name.endswith(RESPONSE_SUFFIX):
        return UnfitFile(path, f"is no {RESPONSE_SUFFIX} file")
    try:
        return DatasetKey(model, kind.name, path.name.removesuffix(RESPONSE_SUFFIX))
    except InvalidNameError as error:
        return UnfitFile(path, str(error))


def _entries(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 - names only: a stat per file costs seconds on network disks
    except OSError as error:
        raise RawDataError(
            f"raw root folder {folder} cannot be listed: {error.strerror}; set PERSONA_DATA_ROOT to the folder "
            "that holds {model}/roles_240 and {model}/traits_240"
        ) from error


def fingerprint(root: Path) -> str:
    """A hash over name, size and time of every raw file: one stat each, no file is read.

    Raises:
        RawDataError: the root is missing, or cannot be listed.
    """
    digest = hashlib.sha256()
    for model in _entries(root):
        for kind in KINDS.values():
            for place in ("responses", "extract_scores"):
                for line in _stamped(root / model / kind.raw_folder / place):
                    digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _stamped(folder: Path) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda one: one.name):
                status = entry.stat(follow_symlinks=not _leads_nowhere(entry))
                yield f"{entry.path}\0{status.st_size}\0{status.st_mtime_ns}\n"
    except (FileNotFoundError, NotADirectoryError):
        return


def _leads_nowhere(entry: os.DirEntry[str]) -> bool:
    return entry.is_symlink() and not Path(entry.path).exists()
