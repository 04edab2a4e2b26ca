"""Making and checking the stages of one key, one after the other."""

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from persona_assets.errors import HeldBackError, MissingInputError, PersonaAssetsError
from persona_assets.memory import release_recent_memory
from persona_assets.run.last_outcome import LastOutcome
from persona_assets.run.outcome import StageFailure
from persona_assets.run.retrying import with_retries
from persona_assets.run.shelf import Shelf
from persona_assets.run.showcase import Showcase
from persona_assets.stage import recording
from persona_assets.stage.context import StageContext
from persona_assets.stage.freshness import Comparison
from persona_assets.stage.outcomes import CheckOutcome, Unchanged
from persona_assets.stage.spec import Stage
from persona_assets.store.file_stamps import FileStamp, SeenFiles

LARGE_FILE_BYTES = 12 * 2**20
"""For keys with more raw data, memory is released after every stage and check. Most keys have half as much."""


@dataclass
class KeyRun:
    """Runs the stages of one key, one after the other."""

    context: StageContext[Any]
    last: LastOutcome
    comparison: Comparison
    showcase: Showcase
    shelf: Shelf = field(default_factory=Shelf)
    made: dict[str, Any] = field(default_factory=dict)
    outcomes: list[CheckOutcome] = field(default_factory=list)

    def go(self, stages: Sequence[Stage[Any]], wanted: Sequence[str], checked: Sequence[str]) -> StageFailure | None:
        self.shelf.expect([stage.load_code() for stage in stages if stage.name in (*wanted, *checked)])
        for stage in stages:
            try:
                if stage.name in wanted:
                    self._require_open_gate()
                    self._make(stage)
                elif stage.name in checked:
                    self.outcomes += check_stage(stage, self.context, self.shelf)
            except PersonaAssetsError as error:
                if stage.name in wanted:
                    return StageFailure.of(stage.name, self.context.key, error)
                self.outcomes += _explain_unchecked(stage, error)
            except Exception as error:  # noqa: BLE001 - reported with its traceback, and fails the key
                return describe_unexpected(stage.name, error)
        return None

    def data_versions(self) -> Mapping[str, str]:
        made = [stage for stage in self.context.stages if stage.name in self.made]
        return {stage.name: str(self.context.manifest.data_version(stage)) for stage in made}

    def _make(self, stage: Stage[Any]) -> None:
        known: Sequence[CheckOutcome] = []
        if self._is_unchanged(stage):
            version = self.context.manifest.data_version(stage)
            known = self.last.outcomes_of(stage, version)
            self.made[stage.name] = self.showcase.show_again(stage.name, version, behind=self._is_behind(stage))
        else:
            with_retries(lambda: self._make_anew(stage))
        self._return_memory()
        self.outcomes += known or check_stage(stage, self.context, self.shelf)
        self.shelf.done_with(stage.load_code())
        self._return_memory()

    def _is_behind(self, stage: Stage[Any]) -> bool:
        """Whether this run tells of what ``stage`` follows from."""
        return any(not isinstance(self.made.get(above.name, Unchanged()), Unchanged) for above in stage.own_needs)

    def _is_unchanged(self, stage: Stage[Any]) -> bool:
        if self.context.redo:
            return False
        unchanged = with_retries(lambda: self.comparison.is_unchanged(stage, self.context))
        return unchanged and self.showcase.has(stage.name, self.context.manifest.data_version(stage))

    def _make_anew(self, stage: Stage[Any]) -> None:
        code = stage.load_code()
        before = self._look_at_inputs(stage)
        products = self.shelf.take(code.takes, self.context)
        made, manifest = recording.make_stage(stage, code, self.context, products)
        self.context = replace(self.context, manifest=manifest)
        self.made[stage.name] = self.showcase.show(stage.name, code.show(made.result), manifest.data_version(stage))
        self.context.files.note_read(before)
        self.context.files.note_written(self.context.workspace.root / path for path in manifest.get(stage).outputs)
        self.shelf.renew(stage.name, made.products)

    def _look_at_inputs(self, stage: Stage[Any]) -> dict[str, FileStamp]:
        """The stamps of what ``stage`` is about to read, other than outputs."""
        context = self.context
        raw = [file.path for file in context.sources.files] if stage.reads_sources else []
        return SeenFiles.look([*raw, *stage.input_files(context.key, context.settings)])

    def _return_memory(self) -> None:
        """Free memory for the next copy of a large dataset. For a small one, that is not worth the time."""
        sizes = [stamp.size_bytes for stamp in self.context.stamp_sources() if stamp]
        if sum(sizes) > LARGE_FILE_BYTES:
            release_recent_memory()

    def _require_open_gate(self) -> None:
        for outcome in self.outcomes:
            if outcome.closes_the_gate:
                raise HeldBackError(
                    f"held back, because check {outcome.check.name} of {outcome.check.stage} failed: "
                    f"{outcome.sentence}"
                )


def check_stage(stage: Stage[Any], context: StageContext[Any], shelf: Shelf) -> Sequence[CheckOutcome]:
    """Check what ``stage`` has left on disk."""
    code = stage.load_code()
    if code.check is None:
        return []
    return code.check(context, *shelf.take(code.check_takes, context))


def _explain_unchecked(stage: Stage[Any], error: PersonaAssetsError) -> list[CheckOutcome]:
    """The outcome of checks whose input cannot be read: none if the stage was never made, else failed."""
    if isinstance(error, MissingInputError):
        return []
    return [
        CheckOutcome(check, passed=False, facts={"error": str(error)}, sentence=str(error)) for check in stage.checks
    ]


def describe_unexpected(stage: str, error: Exception) -> StageFailure:
    return StageFailure(stage, f"{type(error).__name__}: {error}", traceback.format_exc())
