"""The tasks of a run: what to do for each key, and which keys need nothing done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import dagster as dg

from persona_assets.dagster_defs.run_config import PersonaRunConfig
from persona_assets.dagster_runtime.recorded_keys import find_recorded
from persona_assets.run.key_task import KeyTask
from persona_assets.run.up_to_date import list_up_to_date
from persona_assets.settings import Settings
from persona_assets.stage.spec import PERSONAS, Partitioning, PartitionKey
from persona_assets.stages.registry import list_stages


@dataclass(frozen=True)
class TaskList:
    """The tasks of a run over keys of one partitioning."""

    to_do: Sequence[KeyTask]
    up_to_date: Sequence[PartitionKey] = ()
    """Keys that would stay as they are, and whose pages show that already."""


@dataclass(frozen=True)
class TaskMaker:
    """Makes the tasks of a run from its keys."""

    settings: Settings
    config: PersonaRunConfig
    partitioning: Partitioning = PERSONAS
    stages: Sequence[str] = field(default_factory=lambda: [stage.name for stage in list_stages(PERSONAS)])
    """Those to make, in their order."""
    checked: Sequence[str] = ()
    """Those to check, made or not."""

    def list_all(self, keys: Iterable[PartitionKey]) -> TaskList:
        """A task for every key: the run shows them all, whether anything has changed or not."""
        return TaskList([self._make(key, {}) for key in keys])

    def list_needed(self, keys: Iterable[PartitionKey], instance: dg.DagsterInstance) -> TaskList:
        """A task for every key for which there is something to make, to check, or to show in the UI."""
        recorded = find_recorded(instance, list_stages(self.partitioning))
        tasks = [self._make(key, recorded.get(str(key), {})) for key in keys]
        up_to_date = {task.key for task in list_up_to_date(tasks)}
        return TaskList([task for task in tasks if task.key not in up_to_date], sorted(up_to_date))

    def _make(self, key: PartitionKey, on_show: Mapping[str, str]) -> KeyTask:
        return KeyTask(
            key,
            self.settings,
            tuple(self.stages),
            self.config.variants_for(key, self.settings),
            tuple(self.checked),
            self.config.redo,
            self.partitioning,
            self.config.verify_bytes,
            on_show,
        )
