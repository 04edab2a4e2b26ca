"""Reporting every key as it is done: nowhere by default, and in a progress bar on the command line."""

from typing import Protocol

from persona_assets.run.outcome import StageFailure
from persona_assets.stage.spec import PartitionKey


class ProgressListener(Protocol):
    """Called once for every key of a run, in the order they finish, and asked in between whether to stop."""

    def key_done(self, key: PartitionKey, failure: StageFailure | None) -> None: ...

    def stop_asked(self) -> bool:
        """Whether to begin no further key."""
        ...


class NoProgress:
    """The listener of runs that only have a run log. Dagster itself cancels those."""

    def key_done(self, key: PartitionKey, failure: StageFailure | None) -> None: ...

    def stop_asked(self) -> bool:
        return False
