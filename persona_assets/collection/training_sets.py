"""How every training set stands: those of the settings, and those whose recipe is gone."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from persona_assets.collection.concerns import list_failed_checks
from persona_assets.collection.outputs import list_outputs_on_disk
from persona_assets.collection.survey import State
from persona_assets.errors import PersonaAssetsError
from persona_assets.run.last_outcome import LastOutcome, read_last_outcome
from persona_assets.settings import Settings
from persona_assets.stage.freshness import ReadManifest, find_outdated, manifests_of
from persona_assets.stage.manifest import Manifest
from persona_assets.stage.now import Now
from persona_assets.stages.registry import list_stages
from persona_assets.stages.training_sets.spec import BY_SET, SETS, TRAINING_SETS, TrainingSetRecord
from persona_assets.training_recipes import Recipe
from persona_assets.workspace import Workspace


@dataclass(frozen=True)
class SetState:
    """One training set."""

    name: str
    state: State
    reason: str
    path: Path
    recipe: Recipe | None
    """None if the settings have none of that name any more."""
    record: TrainingSetRecord | None
    """What was made; None if nothing was, or by another version of the code."""

    @property
    def examples(self) -> Mapping[str, int]:
        """By split."""
        return {split: one.examples for split, one in self.record.splits.items()} if self.record else {}

    @property
    def answer_tokens(self) -> int:
        return sum(one.answer_tokens for one in self.record.splits.values()) if self.record else 0


def survey_sets(settings: Settings) -> list[SetState]:
    """Look at every training set. The datasets themselves are not looked at, only which version was last made."""
    workspace = Workspace.of(settings)
    on_disk = {str(key) for key in list_outputs_on_disk(workspace, BY_SET)}
    read = manifests_of(workspace, list_stages())
    return [_look(name, settings, read) for name in sorted(on_disk.union(settings.training_sets))]


def _look(name: str, settings: Settings, read: ReadManifest) -> SetState:
    workspace, recipe = Workspace.of(settings), settings.training_sets.get(name)
    path, record = SETS.path(workspace.root, name), None
    try:
        manifest = Manifest.read(workspace.manifest(name), name, list_stages())
        record = manifest.find(TRAINING_SETS)
        last = read_last_outcome(workspace, name)
        state, reason = _judge(Now(name, settings, manifest, exact=False), last, read)
    except PersonaAssetsError as error:
        state, reason = State.FAILED, str(error)
    return SetState(name, state, reason, path, recipe, record)


def _judge(now: Now, last: LastOutcome, read: ReadManifest) -> tuple[State, str]:
    if now.key not in now.settings.training_sets:
        return State.ORPHANED, "the settings have no recipe of that name"
    if last.failure:
        return State.FAILED, last.failure.message
    severe, warnings = list_failed_checks(last, severe=True), list_failed_checks(last, severe=False)
    if severe:
        return State.FAILED, "; ".join(map(str, severe))
    outdated = find_outdated(now, [TRAINING_SETS], read)
    if outdated:
        made = now.manifest.find(TRAINING_SETS) or now.manifest.others.get(TRAINING_SETS.name)
        return (State.STALE if made else State.MISSING), outdated[TRAINING_SETS.name]
    return (State.WARNED, "; ".join(map(str, warnings))) if warnings else (State.PASSED, "")
