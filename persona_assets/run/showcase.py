"""Showing what the stages of one key made, also when a run leaves it as it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from persona_assets.stage.displays import Display, write_displays
from persona_assets.stage.outcomes import Unchanged
from persona_assets.stage.shown import Shown
from persona_assets.stage.spec import PartitionKey
from persona_assets.workspace import Workspace


@dataclass
class Showcase:
    """Keeps how results are shown, and shows them again where they are not on show."""

    workspace: Workspace
    key: PartitionKey
    on_show: Mapping[str, str]
    """The data version of each stage that the UI shows now."""
    earlier: Mapping[str, Display]
    new: dict[str, Display] = field(default_factory=dict)

    def has(self, stage: str, version: str | None) -> bool:
        """Whether this version of ``stage`` is on show or can be shown again. If not, it is made again."""
        display = self.earlier.get(stage)
        return self._is_on_show(stage, version) or (display is not None and display.data_version == version)

    def show_again(self, stage: str, version: str | None, *, behind: bool) -> Mapping[str, Shown] | Unchanged:
        """How ``stage`` was shown; nothing if it is on show. If what it follows from is told of by this run, it is
        ``behind``: Dagster compares times, and would call it out of sync if it were not told of again.
        """
        display = self.earlier.get(stage)
        if display is None or (self._is_on_show(stage, version) and not behind):
            return Unchanged()
        return display.shown

    def _is_on_show(self, stage: str, version: str | None) -> bool:
        return version is not None and self.on_show.get(stage) == version

    def show(self, stage: str, shown: Mapping[str, Shown], version: str | None) -> Mapping[str, Shown]:
        """Keep how ``stage`` shows what it has just made."""
        self.new[stage] = Display(str(version), dict(shown))
        return shown

    def close(self) -> None:
        """Write what was kept.

        Raises:
            StorageError: it cannot be written.
        """
        if self.new:
            write_displays(self.workspace, self.key, {**self.earlier, **self.new})
