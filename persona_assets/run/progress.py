"""Who hears of every key as it is done: nobody by default, a progress bar on the command line."""

from dataclasses import dataclass
from typing import Protocol

from persona_assets.keys import DatasetKey


@dataclass(frozen=True)
class StageFailure:
    """The stage at which a key stopped, and why."""

    stage: str
    message: str
    traceback: str | None
    """Only for errors nobody foresaw; foreseen ones say all in their message."""


class ProgressListener(Protocol):
    """Told once for every key of a run, in the order they finish; asked between them whether to go on."""

    def key_done(self, key: DatasetKey, failure: StageFailure | None) -> None: ...

    def stop_asked(self) -> bool:
        """Whether no further key is to begin."""
        ...


class NoProgress:
    """The listener of runs that nobody watches but through the run log. Dagster itself cancels those."""

    def key_done(self, key: DatasetKey, failure: StageFailure | None) -> None: ...

    def stop_asked(self) -> bool:
        return False
