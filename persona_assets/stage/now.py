"""What a key's outputs depend on, as it is now: its raw files, the settings, what its stages recorded."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from persona_assets.keys import Variant
from persona_assets.raw.files import is_there, unreadable
from persona_assets.raw.sources import KeySources, SourceFile
from persona_assets.raw.stamps import Stamp
from persona_assets.regular_files import refuse_non_regular
from persona_assets.settings import Settings
from persona_assets.stage.manifest import Manifest
from persona_assets.stage.records import SourcesRecord
from persona_assets.store.content import Content
from persona_assets.store.file_stamps import SeenFiles

UNREAD = "not read, because its size has changed since it was last read, or because it never was"


@dataclass(frozen=True)
class SourceHashes:
    """The SHA-256 of a key's raw files as they are now, by name; files that are not there are left out.

    A file may have many gigabytes, so it is not read just to find out that it has changed: if its size differs from
    the last time, or it was never read, its hash is ``UNREAD``.
    """

    conversations: Mapping[str, str]
    scores: Mapping[str, str]
    reading: str = ""
    """How the layout reads them, which decides about rows as their content does."""

    @property
    def unread(self) -> bool:
        return UNREAD in (*self.conversations.values(), *self.scores.values())

    @classmethod
    def read(cls, sources: KeySources, manifest: Manifest, files: SeenFiles | None = None) -> "SourceHashes":
        """Hash the raw files that have changed since the last time, by ``files`` or, without it, by size and time."""
        last = _last_reads(manifest)

        def hash_all(listed: Collection[SourceFile]) -> dict[str, str]:
            found = {file.name: _sha256(file.path, last.get(file.name), files) for file in listed}
            return {name: digest for name, digest in found.items() if digest}

        return cls(hash_all(sources.conversations), hash_all(sources.scores), sources.layout.reading)


NO_SOURCES = SourceHashes({}, {})


@dataclass(frozen=True)
class Now:
    """The state from which a stage tells what its outputs would be made from."""

    key: Any
    settings: Settings
    manifest: Manifest
    sources: SourceHashes = NO_SOURCES
    variants: Collection[Variant] = ()
    """Variants asked for, besides those already made."""
    exact: bool = True
    """If False, whatever takes time to find out, such as a tokenizer's identity, is assumed to be as recorded, unless
    the settings name another."""


@dataclass(frozen=True)
class _LastRead:
    stamp: Stamp
    sha256: str


def _last_reads(manifest: Manifest) -> dict[str, _LastRead]:
    """What was last read of each raw file, by its name."""
    return {
        name: _LastRead(Stamp(stamp.size_bytes, stamp.modified_ns), record.inputs.files[name])
        for record in manifest.records.values()
        if isinstance(record, SourcesRecord)
        for name, stamp in record.sources.items()
        if name in record.inputs.files
    }


def _sha256(path: Path, last: _LastRead | None, files: SeenFiles | None) -> str | None:
    if not is_there(path):
        return None
    try:
        status = path.stat()
        refuse_non_regular(path, status)
        now = Stamp.of(status)
        if last is None or now.size_bytes != last.stamp.size_bytes:
            return UNREAD
        if _is_same(path, now, last, files):
            return last.sha256
        return UNREAD if files and not files.may_read else Content.of(path).sha256
    except OSError as error:
        raise unreadable(path, error) from error


def _is_same(path: Path, now: Stamp, last: _LastRead, files: SeenFiles | None) -> bool:
    if files is None:
        return now == last.stamp
    return files.holds(path, Content(now.size_bytes, last.sha256))
