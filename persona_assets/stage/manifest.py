"""The manifest of a key: one record per stage, replaced together with the stage's outputs.

It is read once, when work on a key begins, and is never changed: making a stage gives a new manifest.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from persona_assets.errors import ALL_ASSETS, MissingInputError, Producer
from persona_assets.stage.records import OtherRecord, StageRecord, data_version
from persona_assets.stage.spec import PartitionKey, Stage
from persona_assets.store.content import Content
from persona_assets.store.records import damaged, read_builtins, write_builtins
from persona_assets.store.replacement import Replacement

Record = TypeVar("Record", bound=StageRecord[Any])


@dataclass(frozen=True)
class Manifest:
    """What was made of a key, by stage."""

    path: Path
    key: PartitionKey
    records: Mapping[str, StageRecord[Any]] = field(default_factory=dict)
    """The records of stages whose code has not changed since."""
    others: Mapping[str, OtherRecord] = field(default_factory=dict)
    """The records of stages whose code has changed since, and of stages that do not exist in this code."""
    _sections: Mapping[str, Any] = field(default_factory=dict)
    """Every record as it is in the file, so that records of unknown stages are kept."""

    @classmethod
    def read(cls, path: Path, key: PartitionKey, stages: Sequence[Stage[Any]]) -> "Manifest":
        """Read the manifest of ``key``; an empty one if nothing was made of it yet.

        Raises:
            InconsistentOutputError: it is damaged; the message says where.
        """
        producer = Producer(ALL_ASSETS, key)
        try:
            sections = read_builtins(path, producer)
        except MissingInputError:
            return cls(path, key)
        by_name = {stage.name: stage for stage in stages}
        records, others = {}, {}
        for name, section in sections.items():
            try:
                record = _decode(section, by_name.get(name), key)
            except _UnfitError as error:
                raise damaged(path, _at(name, str(error)), producer) from error
            if isinstance(record, OtherRecord):
                others[name] = record
            else:
                records[name] = record
        return cls(path, key, records, others, sections)

    def find(self, stage: Stage[Record]) -> Record | None:
        """What ``stage`` recorded; None if it was never made, or only by another version of its code."""
        record = self.records.get(stage.name)
        return record if isinstance(record, stage.record) else None

    def get(self, stage: Stage[Record]) -> Record:
        """Like ``find``, but raise if there is no such record.

        Raises:
            MissingInputError: the stage was not made, or by another version of its code.
        """
        record = self.find(stage)
        if record is None:
            other = self.others.get(stage.name)
            was_made = f"was made by version {other.code.stage_version} of its code" if other else "is not there yet"
            producer = Producer(stage.name, self.key)
            raise producer.missing(f"{producer} {was_made}", self.path)
        return record

    def entry(self, stage: Stage[Any], name: str) -> Any:
        """One entry of what ``stage`` recorded, by whichever version of its code; None if there is none.

        For what has to outlive a change of the code. Its type is not checked.
        """
        return self._sections.get(stage.name, {}).get(name)

    def outputs(self) -> Iterator[tuple[str, dict[str, Content]]]:
        """The outputs of every record, by stage."""
        for name in self._sections:
            record = self.records.get(name) or self.others[name]
            yield name, record.outputs

    def data_version(self, stage: Stage[Any]) -> str | None:
        """See ``records.data_version``; None if ``find`` finds no record."""
        record = self.find(stage)
        return data_version(record) if record else None

    def renew(self, replacement: Replacement, stage: Stage[Any], record: StageRecord[Any]) -> "Manifest":
        """The manifest with ``record`` in it, written as one more file of ``replacement``."""
        section = msgspec.to_builtins(record)
        section["outputs"] = section.pop("outputs")  # last, where a reader of the file expects the long list
        sections = {**self._sections, stage.name: section}
        write_builtins(replacement.file(self.path), sections)
        others = {name: other for name, other in self.others.items() if name != stage.name}
        return Manifest(self.path, self.key, {**self.records, stage.name: record}, others, sections)


class _UnfitError(ValueError):
    """A record does not have the form that stages write."""


def _decode(section: Any, stage: Stage[Any] | None, key: PartitionKey) -> StageRecord[Any] | OtherRecord:
    try:
        other = msgspec.convert(section, OtherRecord)
        _check_outputs(other)
        if stage is None or other.code.stage_version != stage.code_version:
            return other
        record: StageRecord[Any] = msgspec.convert(section, stage.record)
    except msgspec.ValidationError as error:
        raise _UnfitError(str(error)) from error
    if problem := stage.problem_with(record, key):
        raise _UnfitError(problem)
    return record


def _check_outputs(record: OtherRecord) -> None:
    for path in record.outputs:
        parts = path.split("/")  # several times faster than a path, and there are thousands
        if not parts[0] or not path.isprintable() or not {".", ".."}.isdisjoint(parts):
            raise _UnfitError(f"output {path[:200]!r} is not a path below the workspace")


def _at(name: str, problem: str) -> str:
    """Turn the path in a message of msgspec, which begins at the record, into one that begins at the manifest."""
    text, found, place = problem.rpartition(" - at `$")
    return f"{text} - at `$.{name}{place}" if found else f"{problem} - at `$.{name}`"


def outputs_of(replacement: Replacement, root: Path) -> dict[str, Content]:
    """What ``replacement`` has written so far, as a record lists it."""
    return {str(path.relative_to(root)): content for path, content in sorted(replacement.contents().items())}
