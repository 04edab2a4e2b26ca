"""Running the stages of one key in order, up to the first that fails."""

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from persona_assets.errors import HeldBackError, MissingInputError, PersonaAssetsError
from persona_assets.keys import Variant
from persona_assets.memory import release_recent_memory
from persona_assets.run.last_outcome import LastOutcome, read_last_outcome, renew_last_outcome
from persona_assets.run.outcome import KeyOutcome, StageFailure
from persona_assets.run.retrying import with_retries
from persona_assets.run.shelf import Shelf
from persona_assets.run.showcase import Showcase
from persona_assets.settings import Settings
from persona_assets.stage import recording
from persona_assets.stage.context import StageContext
from persona_assets.stage.displays import read_displays
from persona_assets.stage.file_stamps import read_file_stamps, renew_file_stamps
from persona_assets.stage.freshness import Comparison, manifests_of
from persona_assets.stage.manifest import Manifest
from persona_assets.stage.outcomes import CheckOutcome
from persona_assets.stage.spec import PERSONAS, Partitioning, PartitionKey, Stage
from persona_assets.stages.registry import list_stages, list_switched_on
from persona_assets.store.file_stamps import FileStamp, SeenFiles
from persona_assets.store.ownership import owning
from persona_assets.workspace import Workspace

LARGE_FILE_BYTES = 12 * 2**20
"""For keys with more raw data, memory is released after every stage and check. Most keys have half as much."""


def materialise_key(  # noqa: PLR0913 - what is asked of a run, by name
    key: PartitionKey,
    settings: Settings,
    *,
    partitioning: Partitioning = PERSONAS,
    stages: Sequence[str] | None = None,
    variants: Sequence[Variant] = (),
    checked: Sequence[str] = (),
    redo: bool = False,
    verify_bytes: bool = False,
    on_show: Mapping[str, str] = MappingProxyType({}),
) -> KeyOutcome:
    """Make and check ``stages`` (None: all) of ``key`` in their order. Those of ``checked`` are only checked, as they
    are on disk.

    A stage whose inputs, code and outputs are as in its manifest is left as it is, unless ``redo``. Files whose
    stamps have not changed are taken to be the same, unless ``verify_bytes``. What is left is shown as it was shown
    last, unless its data version is that of ``on_show``.
    An error ends this key and is part of the outcome. Nothing is raised, so that one bad key never stops
    the others. After a gating check has failed, later stages are not made. Two runs of one key wait
    for each other.
    """
    wanted = tuple(stage.name for stage in list_stages(partitioning)) if stages is None else tuple(stages)
    outcome = KeyOutcome(key, {}, None)
    try:
        workspace = Workspace.of(settings)
        switched_on = list_switched_on(settings, partitioning)
        with owning(workspace.ownership(key)):
            known = list_stages()
            manifest = Manifest.read(workspace.manifest(key), key, known)
            files = SeenFiles({} if verify_bytes else read_file_stamps(workspace, key).files)
            context = StageContext(key, settings, known, manifest, variants, redo, files)
            comparison = Comparison(manifests_of(workspace, known))
            showcase = Showcase(workspace, key, on_show, read_displays(workspace, key))
            run = _KeyRun(context, read_last_outcome(workspace, key), comparison, showcase)
            failure = run.go(switched_on, wanted, checked)
            outcome = KeyOutcome(key, run.made, failure, run.outcomes, run.data_versions())
            renew_last_outcome(run.context, run.last, run.outcomes, tuple(run.made), failure)
            showcase.close()
            renew_file_stamps(workspace, key, files)
    except PersonaAssetsError as error:
        return replace(outcome, failure=outcome.failure or StageFailure.of((*wanted, *checked)[0], key, error))
    except Exception as error:  # noqa: BLE001 - reported with its traceback, and fails the key
        return replace(outcome, failure=outcome.failure or _describe_unexpected((*wanted, *checked)[0], error))
    return outcome


def _describe_unexpected(stage: str, error: Exception) -> StageFailure:
    return StageFailure(stage, f"{type(error).__name__}: {error}", traceback.format_exc())


@dataclass
class _KeyRun:
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
                return _describe_unexpected(stage.name, error)
        return None

    def data_versions(self) -> Mapping[str, str]:
        made = [stage for stage in self.context.stages if stage.name in self.made]
        return {stage.name: str(self.context.manifest.data_version(stage)) for stage in made}

    def _make(self, stage: Stage[Any]) -> None:
        known: Sequence[CheckOutcome] = []
        if self._is_unchanged(stage):
            version = self.context.manifest.data_version(stage)
            known = self.last.outcomes_of(stage, version)
            self.made[stage.name] = self.showcase.show_again(stage.name, version)
        else:
            with_retries(lambda: self._make_anew(stage))
        self._return_memory()
        self.outcomes += known or check_stage(stage, self.context, self.shelf)
        self.shelf.done_with(stage.load_code())
        self._return_memory()

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
