"""Finding every raw file under the raw root, and saying which of them cannot be a partition."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from persona_assets.errors import RawDataError
from persona_assets.keys import DatasetKey
from persona_assets.kinds import Kind
from persona_assets.raw.folders import ModelFolder, UnfitFile, entries_of, finding_line, unlisted
from persona_assets.raw.layouts import registry
from persona_assets.raw.layouts.contract import RawLayout
from persona_assets.raw.strays import Signs


@dataclass(frozen=True)
class RawInventory:
    """What the raw root holds: keys in partition order, and everything that cannot be used."""

    root: Path
    keys: tuple[DatasetKey, ...]
    unfit: tuple[UnfitFile, ...]

    def of_kind(self, *kinds: Kind) -> tuple[DatasetKey, ...]:
        return tuple(key for key in self.keys if key.kind in kinds)


def discover(root: Path) -> RawInventory:
    """Find the keys of every layout, and everything that looks like raw data but cannot be used.

    Raises:
        RawDataError: the root is missing, or cannot be listed.
    """
    holders: dict[DatasetKey, RawLayout] = {}
    unfit: dict[Path, UnfitFile] = {}
    for part in _parts(root):
        for found in (part,) if isinstance(part, UnfitFile) else _find(part, root, holders):
            unfit.setdefault(found.path, found)
    return RawInventory(root, tuple(sorted(holders)), tuple(sorted(unfit.values(), key=lambda file: file.path)))


def fingerprint(root: Path) -> str:
    """Hash the name, size and time of every raw file, and the findings about everything else. Reads no file.

    Raises:
        RawDataError: the root is missing, or cannot be listed.
    """
    digest = hashlib.sha256()
    for part in _parts(root):
        for line in _lines(part):
            digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def expected_places(kind: Kind) -> str:
    """Where each layout expects conversations of ``kind``, as text for messages."""
    return " or ".join(layout.expected(kind) for layout in registry.LAYOUTS)


def _lines(part: ModelFolder | UnfitFile) -> Iterator[str]:
    if isinstance(part, UnfitFile):
        yield finding_line(part)
        return
    for layout in registry.LAYOUTS:
        yield from layout.fingerprint_lines(part)


def _find(model: ModelFolder, root: Path, holders: dict[DatasetKey, RawLayout]) -> Iterator[UnfitFile]:
    """Enter the layout of every key of a model in ``holders``; yield what is not a key, or is held twice."""
    for layout in registry.LAYOUTS:
        for found in layout.find(model):
            if isinstance(found, UnfitFile):
                if not _is_read_by_another(found.path, model, layout):
                    yield found
            elif (holder := holders.setdefault(found, layout)) is not layout:
                yield _held_twice(root, found, holder, layout)


def _is_read_by_another(path: Path, model: ModelFolder, layout: RawLayout) -> bool:
    inside = path.relative_to(model.path)
    return any(other.reads(inside) for other in registry.LAYOUTS if other is not layout)


def _held_twice(root: Path, key: DatasetKey, first: RawLayout, second: RawLayout) -> UnfitFile:
    here, there = (next(iter(_conversations(root, key, layout)), root) for layout in (second, first))
    return UnfitFile(
        here, f"holds {key} in the layout {second.name}, but so does {there} in the layout {first.name}; remove one"
    )


def _conversations(root: Path, key: DatasetKey, layout: RawLayout) -> tuple[Path, ...]:
    files = layout.files(root, key)
    return tuple(files.conversations.values()) if files else ()


def _parts(root: Path) -> Iterator[ModelFolder | UnfitFile]:
    """Yield the folder of every model, each listed once, and whatever else in the root looks like raw data."""
    signs = _signs_of_all()
    conversations = tuple({suffix for layout in registry.LAYOUTS for suffix in layout.conversation_suffixes})
    try:
        entries = entries_of(root, signs.suffixes)
    except OSError as error:
        raise RawDataError(
            f"raw root folder {root} cannot be listed: {error.strerror}; set PERSONA_DATA_ROOT to the folder "
            f"that holds {signs.place}"
        ).about(path=root) from error
    for entry in entries:
        if not entry.is_folder:
            yield from signs.astray(entry, conversations, lost=True)
            continue
        try:
            yield ModelFolder(entry.path, entries_of(entry.path, signs.suffixes))
        except OSError as error:
            yield unlisted(entry.path, error)


def _signs_of_all() -> Signs:
    every = [layout.signs for layout in registry.LAYOUTS]
    suffixes = dict.fromkeys(suffix for signs in every for suffix in signs.suffixes)
    return Signs(" or ".join(signs.place for signs in every), tuple(suffixes))
