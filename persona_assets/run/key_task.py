"""One key to work on, as it is sent to a worker process."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from persona_assets.keys import Variant
from persona_assets.memory import keeping_memory_low
from persona_assets.run.one_key import materialise_key
from persona_assets.run.outcome import KeyOutcome
from persona_assets.settings import Settings
from persona_assets.stage.spec import PERSONAS, Partitioning, PartitionKey


@dataclass(frozen=True)
class KeyTask:
    """One key to work on, with everything a worker process needs."""

    key: PartitionKey
    settings: Settings
    stages: tuple[str, ...]
    variants: tuple[Variant, ...]
    checked: tuple[str, ...] = ()
    """Stages to check without making them again."""
    redo: bool = False
    partitioning: Partitioning = PERSONAS
    verify_bytes: bool = False
    """Whether to read files even if their stamps say that they have not changed."""
    on_show: Mapping[str, str] = field(default_factory=dict)
    """The data version of each stage that need not be shown again."""

    @property
    def first_stage(self) -> str:
        """Named where the task fails as a whole."""
        return (*self.stages, *self.checked)[0]

    def run(self) -> KeyOutcome:
        with keeping_memory_low():
            return materialise_key(
                self.key,
                self.settings,
                partitioning=self.partitioning,
                stages=self.stages,
                variants=self.variants,
                checked=self.checked,
                redo=self.redo,
                verify_bytes=self.verify_bytes,
                on_show=self.on_show,
            )
