"""Finding out whether a stage would still make the outputs that it recorded, and if not, why."""

import os
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from persona_assets.stage.context import StageContext
from persona_assets.stage.manifest import Manifest
from persona_assets.stage.now import NO_SOURCES, Now, SourceHashes
from persona_assets.stage.records import StageRecord
from persona_assets.stage.spec import PartitionKey, Stage
from persona_assets.store.file_stamps import SeenFiles
from persona_assets.workspace import Workspace

ReadManifest = Callable[[PartitionKey], Manifest]


def find_outdated(now: Now, stages: Sequence[Stage[Any]], read: ReadManifest) -> dict[str, str]:
    """Find the stages that would not make now what they recorded, each with the reason.

    ``stages`` are those switched on, in their order. Outputs are not read; only their sizes are compared.
    """
    reasons: dict[str, str] = {}
    for stage in stages:
        causes = [above.name for above in stage.ancestors() if above.name in reasons]
        if causes:
            reasons[stage.name] = f"follows from {causes[0]}"
        elif reason := reason_to_make(stage, now, read) or _find_absence(stage, now):
            reasons[stage.name] = reason
    return reasons


def reason_to_make(stage: Stage[Any], now: Now, read: ReadManifest) -> str | None:
    """Why ``stage`` would now record something else than it did; None if it would not."""
    record = now.manifest.find(stage)
    if record is None:
        other = now.manifest.others.get(stage.name)
        return f"was made by version {other.code.stage_version} of its code" if other else "was never made"
    before, today = msgspec.to_builtins([record.inputs, stage.inputs(now)])
    changed = [_name_change(name, before, today) for name in today if before.get(name) != today[name]]
    read_now = partitions_read(stage, now, read)
    changed += [name for name in read_now if record.partitions_read.get(name) != read_now[name]]
    return f"other {', '.join(changed)} than it was made from" if changed else None


def _name_change(name: str, before: Mapping[str, Any], today: Mapping[str, Any]) -> str:
    """An input that changed; if only some of its own entries did, these too."""
    earlier, now = before.get(name), today[name]
    if not (isinstance(earlier, dict) and isinstance(now, dict) and earlier.keys() == now.keys()):
        return name
    inner = [entry for entry in now if earlier[entry] != now[entry]]
    return f"{name} ({', '.join(inner)})" if len(inner) < len(now) else name


def partitions_read(stage: Stage[Any], now: Now, read: ReadManifest) -> dict[str, str | None]:
    """The data version of everything that ``stage`` reads from other partitions."""
    return {
        f"{need.stage.name} of {key}": read(key).data_version(need.stage)
        for need in stage.needs
        for key in need.list_other_keys(now.key, now.settings)
    }


def is_intact(root: Path, record: StageRecord[Any], files: SeenFiles) -> bool:
    """Whether every output is, byte for byte, what was recorded."""
    try:
        return all(files.holds(root / path, content) for path, content in record.outputs.items())
    except OSError:
        return False


@dataclass
class Comparison:
    """Compares a key's manifest exactly with what is there now. Only files with a new stamp are read."""

    read: ReadManifest
    hashes: SourceHashes | None = None

    def is_unchanged(self, stage: Stage[Any], context: StageContext[Any]) -> bool:
        """False if ``stage`` or one that it follows from would make something else now, or an output is damaged."""
        return self.are_unchanged([stage], context)

    def are_unchanged(self, stages: Sequence[Stage[Any]], context: StageContext[Any]) -> bool:
        """Whether all of ``stages`` are."""
        line = tuple(dict.fromkeys(one for stage in stages for one in (*stage.ancestors(), stage)))
        if any(context.manifest.find(one) is None for one in line):
            return False
        if any(self._would_differ(one, line, context) for one in line):
            return False
        root = context.workspace.root
        return all(is_intact(root, context.manifest.get(stage), context.files) for stage in stages)

    def _would_differ(self, stage: Stage[Any], line: Sequence[Stage[Any]], context: StageContext[Any]) -> bool:
        key, settings, manifest = context.key, context.settings, context.manifest
        inputs = stage.input_files(key, settings)
        exact = not context.files.know_all(inputs)
        if exact and not context.files.may_read:
            return True
        before = context.files.look(inputs)
        now = Now(key, settings, manifest, self._hash_sources(line, context), context.variants, exact)
        if reason_to_make(stage, now, self.read):
            return True
        context.files.note_read(before)
        return False

    def _hash_sources(self, line: Sequence[Stage[Any]], context: StageContext[Any]) -> SourceHashes:
        """Hash the raw files once; again if one was left unread that a stage made since then may have read."""
        if not any(stage.reads_sources for stage in line):
            return NO_SOURCES
        if self.hashes is None or self.hashes.unread:
            self.hashes = SourceHashes.read(context.sources, context.manifest, context.files)
        return self.hashes


def manifests_of(workspace: Workspace, stages: Sequence[Stage[Any]]) -> ReadManifest:
    """Return a function that reads the manifests of other partitions, each only once."""
    known: dict[PartitionKey, Manifest] = {}

    def read(key: PartitionKey) -> Manifest:
        if key not in known:
            known[key] = Manifest.read(workspace.manifest(key), key, stages)
        return known[key]

    return read


def _find_absence(stage: Stage[Any], now: Now) -> str | None:
    record, root = now.manifest.get(stage), now.settings.workspace
    gone = [path for path, content in record.outputs.items() if not _is_there(root / path, content.size_bytes)]
    return f"{gone[0]} is not there as it was made" if gone else None


def _is_there(path: Path, size_bytes: int) -> bool:
    try:
        status = os.stat(path)  # noqa: PTH116 - thousands of these
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size == size_bytes
