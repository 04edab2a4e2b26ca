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
    def read(cls, sources: KeySources, manifest: Manifest, *, trust_stamps: bool) -> "SourceHashes":
        """Hash the raw files; with ``trust_stamps``, only those whose stamp has changed since the last time."""
        last = _last_reads(manifest)

        def hash_all(files: Collection[SourceFile]) -> dict[str, str]:
            found = {file.name: _sha256(file.path, last.get(file.name), trust_stamps) for file in files}
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


def _sha256(path: Path, last: _LastRead | None, trust_stamps: bool) -> str | None:
    if not is_there(path):
        return None
    try:
        status = path.stat()
        refuse_non_regular(path, status)
        now = Stamp.of(status)
        if last is None or now.size_bytes != last.stamp.size_bytes:
            return UNREAD
        if trust_stamps and now == last.stamp:
            return last.sha256
        return Content.of(path).sha256
    except OSError as error:
        raise unreadable(path, error) from error
