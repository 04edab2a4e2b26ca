"""Finding every raw file under the raw root, and saying which of them cannot be a partition."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from persona_assets.errors import InvalidNameError, RawDataError
from persona_assets.keys import DatasetKey
from persona_assets.kinds import Kind
from persona_assets.raw.layout import (
    RESPONSE_SUFFIX,
    RESPONSES,
    SCORE_SUFFIX,
    SCORES,
    KindFolder,
    UnfitFile,
    data_below,
    hidden,
    layout,
    unlisted,
)


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
    for part in _parts(root):
        for found in _scan(part) if isinstance(part, KindFolder) else (part,):
            if isinstance(found, UnfitFile):
                unfit.append(found)
            else:
                keys.append(found)
    return RawInventory(root, tuple(sorted(keys)), tuple(sorted(unfit, key=lambda file: file.path)))


def _parts(root: Path) -> Iterator[KindFolder | UnfitFile]:
    try:
        yield from layout(root)
    except OSError as error:
        raise RawDataError(
            f"raw root folder {root} cannot be listed: {error.strerror}; set PERSONA_DATA_ROOT to the folder "
            "that holds {model}/roles_240 and {model}/traits_240"
        ) from error


def _scan(folder: KindFolder) -> Iterator[DatasetKey | UnfitFile]:
    try:
        responses = _names(folder, RESPONSES)
    except OSError as error:
        yield unlisted(folder.path / RESPONSES, error)
        return
    for name in responses:
        yield _as_key(folder, name)
    try:
        scores = _names(folder, SCORES)
    except OSError as error:
        yield unlisted(folder.path / SCORES, error)
        return
    with_responses = {name.removesuffix(RESPONSE_SUFFIX) for name in responses if name.endswith(RESPONSE_SUFFIX)}
    for name in scores:
        if not name.endswith(SCORE_SUFFIX):
            yield _stranger(folder.path / SCORES / name, SCORE_SUFFIX)
        elif name.removesuffix(SCORE_SUFFIX) not in with_responses:
            yield UnfitFile(folder.path / SCORES / name, "scores conversations that are not there")


def _names(folder: KindFolder, place: str) -> list[str]:
    """Names only: a stat per file costs seconds on network disks."""
    names = os.listdir(folder.path / place) if place in folder.places else ()  # noqa: PTH208
    return sorted(name for name in names if not hidden(name))


def _as_key(folder: KindFolder, name: str) -> DatasetKey | UnfitFile:
    path = folder.path / RESPONSES / name
    if not name.endswith(RESPONSE_SUFFIX):
        return _stranger(path, RESPONSE_SUFFIX)
    try:
        return DatasetKey(folder.model, folder.kind.name, name.removesuffix(RESPONSE_SUFFIX))
    except InvalidNameError as error:
        return UnfitFile(path, str(error))


def _stranger(path: Path, suffix: str) -> UnfitFile:
    if not os.path.isdir(path):  # noqa: PTH112 - which raises nothing, whatever is there
        return UnfitFile(path, f"is no {suffix} file")
    try:
        found = data_below(path)
    except OSError as error:
        return unlisted(path, error)
    rule = f"is a folder, and only files directly in {path.parent.name} are read"
    return UnfitFile(path, f"{rule}; it holds {found}" if found else rule)


def fingerprint(root: Path) -> str:
    """A hash over name, size and time of every raw file, and over what lies beside them: no file is read.

    Raises:
        RawDataError: the root is missing, or cannot be listed.
    """
    digest = hashlib.sha256()
    for part in _parts(root):
        for line in _lines(part):
            digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _lines(part: KindFolder | UnfitFile) -> Iterator[str]:
    if isinstance(part, UnfitFile):
        yield f"{part.path}\0{part.problem}\n"
        return
    for place in sorted(part.places):
        try:
            yield from _stamped(part.path / place)
        except OSError as error:
            yield f"{part.path / place}\0{error.strerror}\n"


def _stamped(folder: Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            try:
                status = entry.stat()
            except OSError:  # a link that leads nowhere, or where nobody may look
                status = entry.stat(follow_symlinks=False)
            yield f"{entry.path}\0{status.st_size}\0{status.st_mtime_ns}\n"
