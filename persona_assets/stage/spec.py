"""What a stage declares about itself. Light to import: its code is loaded when it runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from persona_assets.keys import DatasetKey, DatasetName
from persona_assets.settings import Settings
from persona_assets.stage.columns import Column
from persona_assets.stage.records import SourcesRecord, StageRecord

if TYPE_CHECKING:
    from persona_assets.stage.code import StageCode
    from persona_assets.stage.now import Now

Record = TypeVar("Record", bound=StageRecord[Any])
FOLDERS = ""
"""The suffix of outputs that are folders."""


class PartitionKey(Protocol):
    """The key of a partition. Its text is Dagster's partition key, and part of file names."""

    def __str__(self) -> str: ...
    def __hash__(self) -> int: ...
    def __lt__(self, other: Any, /) -> bool: ...


@dataclass(frozen=True)
class Partitioning:
    """A set of dynamic partitions that stages share. Its functions are sent to worker processes, by name."""

    name: str
    """Also the name of Dagster's partitions definition, of the asset group and of the step that makes the stages."""
    parse: Callable[[str], PartitionKey]
    """Raises InvalidNameError for a text that is not a key of this partitioning. No two partitionings share a key."""
    parse_output: Callable[[str], PartitionKey]
    """The key of an output, from its file name without the suffix; raises InvalidNameError."""


def _parse_dataset_output(name: str) -> DatasetKey:
    return DatasetName.parse(name).key


PERSONAS = Partitioning("persona_datasets", DatasetKey.parse, _parse_dataset_output)
"""A partition per (model, persona)."""


@dataclass(frozen=True)
class Output:
    """One kind of file or folder that a stage writes, in a folder of the workspace."""

    folder: str
    """Relative to the workspace, with ``/`` between its parts."""
    suffix: str
    """With its dot; ``FOLDERS`` if the outputs are folders."""

    def path(self, root: Path, name: object) -> Path:
        """Where the output called ``name`` is. Suffixes are appended, not set, because model names contain dots."""
        return root / self.folder / f"{name}{self.suffix}"


@dataclass(frozen=True)
class Check:
    """One asset check. ``severe`` is Dagster's ERROR, otherwise WARN.

    ERROR: the output must not be used. If such a check also gates, the later stages of the key are not made.
    WARN: the output is sound, but the raw data is not what one would expect.
    """

    name: str
    stage: str
    description: str
    severe: bool
    gates: bool = False

    @property
    def consequence(self) -> str:
        """What a failure means for the key, for whoever looks at the check in the UI."""
        if self.gates:
            return "ERROR: after a failure, the later assets of the key are not made."
        if self.severe:
            return "ERROR: after a failure, the output must not be used."
        return "WARN: after a failure, the output is sound, but the raw data is not what one would expect."


@dataclass(frozen=True)
class Need:
    """Another stage whose outputs a stage reads."""

    stage: "Stage[Any]"
    partitions: Callable[[Any, Settings], Sequence[PartitionKey]] | None = None
    """Lists the other partitions that are read for a key. If None, the outputs of the same key are read."""
    dispensable: bool = False
    """Whether the stage can be made without, if the other one is switched off."""

    def list_other_keys(self, key: PartitionKey, settings: Settings) -> tuple[PartitionKey, ...]:
        """The other partitions whose outputs are read for ``key``."""
        if self.partitions is None or self.stage.name in settings.stages_off:
            return ()
        return tuple(other for other in self.partitions(key, settings) if other != key)


@dataclass(frozen=True, eq=False)
class Stage(Generic[Record]):
    """One asset of every partition: what it is called, what it writes, what it reads, and how it is checked."""

    name: str
    """The asset's name."""
    description: str
    kinds: frozenset[str]
    """Technologies, shown as tags in the asset graph."""
    code_version: str
    """Increased whenever the stage would make something else of the same input; see ``test_golden_outputs``."""
    record: type[Record]
    """Its entry in the manifest."""
    inputs: "Callable[[Now], Any]"
    """Everything its outputs depend on, by content, as it is now; of the type of ``record``'s ``inputs``."""
    load_code: "Callable[[], StageCode]"
    """Imports the functions that make, check and show it."""
    outputs: tuple[Output, ...]
    needs: tuple[Need, ...] = ()
    checks: tuple[Check, ...] = ()
    partitioning: Partitioning = PERSONAS
    optional: bool = False
    """Whether ``PERSONA_STAGES_OFF`` may switch it off."""
    input_files: Callable[[Any, Settings], Sequence[Path]] = field(default=lambda _key, _settings: ())
    """Lists files, neither raw nor outputs, that ``inputs`` takes time to read, such as those of a tokenizer. If none
    has changed since the stage was made, its recorded inputs are relied on."""
    raw_files: tuple[str, ...] = ()
    """The raw files it reads, as the asset graph calls them."""
    columns: tuple[Column, ...] = ()
    """Of its table; empty if it makes none."""
    example: str = ""
    """Python that loads its outputs; ``{workspace}`` and ``{key}`` are put in. Empty if there is nothing to load."""
    problem_with: Callable[[Record, Any], str | None] = field(default=lambda _record, _key: None)
    """Returns what is wrong with a record of a key whose types are right, if anything is."""

    @property
    def reads_sources(self) -> bool:
        """Whether it reads raw files."""
        return issubclass(self.record, SourcesRecord)

    @property
    def own_needs(self) -> tuple["Stage[Any]", ...]:
        """The stages read for the same key."""
        return tuple(need.stage for need in self.needs if need.partitions is None)

    def ancestors(self) -> tuple["Stage[Any]", ...]:
        """Every stage that this one follows from for the same key, earliest first."""
        found: dict[str, Stage[Any]] = {}
        for stage in self.own_needs:
            found |= {above.name: above for above in (*stage.ancestors(), stage)}
        return tuple(found.values())
