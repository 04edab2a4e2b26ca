"""The progress bar that commands show while they work."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from persona_assets.cli.signals import received_signal
from persona_assets.run.outcome import StageFailure
from persona_assets.stage.spec import PartitionKey


@dataclass
class ProgressBar:
    """A bar that counts keys. Every failure is named above it as it happens; the closing report gives the reason."""

    progress: Progress
    task: TaskID
    failed: int = 0

    def stop_asked(self) -> bool:
        return received_signal() is not None

    def key_done(self, key: PartitionKey, failure: StageFailure | None) -> None:
        if failure:
            self.failed += 1
            self.progress.console.print(f"[red]failed[/] {key} at {failure.stage}")
        elif not self.progress.console.is_terminal:
            self.progress.console.print(f"done   {key}")
        self.progress.update(self.task, advance=1, failed=self.failed)


@contextmanager
def show_progress(console: Console, keys: int) -> Iterator[ProgressBar]:
    """Show a bar over ``keys`` keys while the block runs."""
    columns = (
        TextColumn("materialising"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} failed"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        yield ProgressBar(progress, progress.add_task("keys", total=keys, failed=0))
