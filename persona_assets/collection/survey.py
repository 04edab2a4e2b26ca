"""The state of every key, from what is on disk, what the raw root holds, and what the checks found."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from persona_assets.collection.concerns import (
    Concern,
    ConcernCounts,
    concern_of,
    count_concerns,
    list_failed_checks,
)
from persona_assets.collection.outputs import list_outputs_on_disk
from persona_assets.errors import PersonaAssetsError
from persona_assets.keys import DatasetKey
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import RawInventory
from persona_assets.raw.sources import locate
from persona_assets.raw.stamps import Stamp
from persona_assets.run.last_outcome import LastOutcome, read_last_outcome
from persona_assets.settings import Settings
from persona_assets.stage.freshness import ReadManifest, find_outdated, manifests_of
from persona_assets.stage.manifest import Manifest
from persona_assets.stage.now import Now, SourceHashes
from persona_assets.stage.spec import PERSONAS, PartitionKey, Stage
from persona_assets.stages.registry import list_stages, list_switched_on
from persona_assets.workspace import Workspace

_INTERRUPTED = "a process that replaced its outputs was killed, or is at work now; the next run restores them"


Outdated = dict[PartitionKey, Mapping[str, str]]
"""The stages of keys that would make something else now, each with the reason."""


class State(StrEnum):
    """The state of a key: the first of these that applies."""

    ORPHANED = "orphaned"
    """There are outputs or a partition, but the raw file is gone."""
    FAILED = "failed"
    """The last work on it ended with an error, or an ERROR check failed."""
    MISSING = "missing"
    """Some of its assets were never made."""
    STALE = "stale"
    """Its raw files, settings, tokenizer or the code have changed since, or an output is gone."""
    WARNED = "warned"
    """A WARN check failed."""
    PASSED = "passed"


WORST_FIRST = (State.FAILED, State.MISSING, State.STALE, State.ORPHANED, State.WARNED, State.PASSED)


@dataclass(frozen=True)
class KeyState:
    key: DatasetKey
    state: State
    reason: str = ""
    """Empty where the key passed."""
    worth_trying: bool = True
    """False for a failure whose raw files are still those it failed on."""
    concerns: tuple[Concern, ...] = ()
    """What failed for a key that is failed or warned: the asset that could not be made, or checks."""

    @property
    def left_to_do(self) -> bool:
        """Whether materialising the key may change its state."""
        return self.state in (State.FAILED, State.MISSING, State.STALE)


@dataclass(frozen=True)
class Survey:
    """The state of every key that has a raw file or an output."""

    states: tuple[KeyState, ...]

    def of(self, *states: State) -> list[KeyState]:
        return [one for one in self.states if one.state in states]

    def by_severity(self) -> list[KeyState]:
        """The worst first; keys of equal state in their order."""
        return sorted(self.states, key=lambda one: WORST_FIRST.index(one.state))

    def count_concerns(self) -> list[ConcernCounts]:
        """How often each check failed, and each asset was not made, by model and kind."""
        return count_concerns((one.key, one.concerns) for one in self.states)

    def counts(self) -> dict[tuple[str, str], Counter[State]]:
        """Keys by state, for each model and kind."""
        counts: dict[tuple[str, str], Counter[State]] = {}
        for one in self.states:
            counts.setdefault((one.key.model, one.key.kind_name), Counter())[one.state] += 1
        return counts


def survey(settings: Settings, inventory: RawInventory, registered: Iterable[DatasetKey] = ()) -> Survey:
    """Look at every persona key that is registered, or has a raw file or an output.

    Raw files are read again only if their size or time has changed.
    """
    workspace, found = Workspace.of(settings), frozenset(inventory.keys)
    on_disk = (key for key in list_outputs_on_disk(workspace, PERSONAS) if isinstance(key, DatasetKey))
    keys = sorted(found.union(on_disk, registered))
    stages, read = list_switched_on(settings, PERSONAS), manifests_of(workspace, list_stages())
    looks = [_Look(key, settings, stages, read) for key in keys]
    outdated: Outdated = {}
    states = [look.find_state(outdated, has_raw=look.key in found) for look in looks]
    return Survey(tuple(_follow_other_keys(state, settings, stages, outdated) for state in states))


def _follow_other_keys(
    state: KeyState, settings: Settings, stages: Sequence[Stage[Any]], outdated: Outdated
) -> KeyState:
    """Make a key stale if anything that it reads from other keys is, even if nothing of its own has changed."""
    if state.state not in (State.PASSED, State.WARNED):
        return state
    for stage in stages:
        for need in stage.needs:
            for other in need.list_other_keys(state.key, settings):
                if need.stage.name in outdated.get(other, ()):
                    return KeyState(
                        state.key, State.STALE, f"{stage.name}: follows from {need.stage.name} of {other}"
                    )
    return state


@dataclass(frozen=True)
class _Look:
    """Finds the state of one key."""

    key: DatasetKey
    settings: Settings
    stages: Sequence[Stage[Any]]
    read: ReadManifest

    def find_state(self, outdated: Outdated, *, has_raw: bool) -> KeyState:
        """Find the state, and enter the stages of the key that are out of date in ``outdated``."""
        key, workspace = self.key, Workspace.of(self.settings)
        try:
            sources = locate(RawCorpus.of(self.settings), key)
            if not has_raw and sources.is_gone():
                return KeyState(key, State.ORPHANED, f"{sources.conversations[0].path} is gone")
            if workspace.journal(key).exists():
                return KeyState(key, State.STALE, _INTERRUPTED)
            last = read_last_outcome(workspace, key)
            manifest = Manifest.read(workspace.manifest(key), key, list_stages())
            if failure := last.failure:
                stamps = [Stamp.seen_at(file.path) for file in sources.files]
                tried_all = failure.raw_files == stamps
                return _conclude(key, State.FAILED, [concern_of(failure)], worth_trying=not tried_all)
            hashes = SourceHashes.read(sources, manifest)
            variants = self.settings.variants_of(key.kind)
            now = Now(key, self.settings, manifest, hashes, variants, exact=False)
            outdated[key] = find_outdated(now, self.stages, self.read)
            return self._judge(manifest, outdated[key], last)
        except PersonaAssetsError as error:
            return KeyState(key, State.FAILED, str(error))

    def _judge(self, manifest: Manifest, outdated: Mapping[str, str], last: LastOutcome) -> KeyState:
        severe, warnings = list_failed_checks(last, severe=True), list_failed_checks(last, severe=False)
        if severe:
            return _conclude(self.key, State.FAILED, [*severe, *warnings], worth_trying=bool(outdated))
        if outdated:
            stage, reason = next(iter(outdated.items()))
            made = {*manifest.records, *manifest.others}
            never = any(stage not in made for stage in outdated)
            return KeyState(self.key, State.MISSING if never else State.STALE, f"{stage}: {reason}")
        if warnings:
            return _conclude(self.key, State.WARNED, warnings)
        return KeyState(self.key, State.PASSED)


def _conclude(key: DatasetKey, state: State, concerns: Sequence[Concern], *, worth_trying: bool = True) -> KeyState:
    return KeyState(key, state, "; ".join(map(str, concerns)), worth_trying, tuple(concerns))
