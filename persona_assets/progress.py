"""Who hears of every key as it is done: nobody by default, a progress bar on the command line."""

from typing import Protocol

from persona_assets.keys import DatasetKey


class ProgressListener(Protocol):
    """Told once for every key of a run, in the order they finish."""

    def key_done(self, key: DatasetKey, failed_stage: str | None, message: str | None) -> None: ...


class NoProgress:
    """The listener of runs that nobody watches but through the run log."""

    def key_done(self, key: DatasetKey, failed_stage: str | None, message: str | None) -> None: ...
