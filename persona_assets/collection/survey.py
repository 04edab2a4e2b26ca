"""How every key stands: what is on disk, against what the raw root holds and what the checks found."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from persona_assets.collection.outputs import outputs_on_disk
from persona_assets.errors import PersonaAssetsError
from persona_assets.keys import DatasetKey
from persona_assets.raw.discovery import RawInventory
from persona_assets.raw.sources import locate
from persona_assets.run.last_outcome import Standing, raw_stamps, read_standing
from persona_assets.settings import Settings
from persona_assets.stages.freshness import Sources, Today, outdated_stages
from persona_assets.store.manifests import KeyManifest
from persona_assets.workspace import Workspace

_INTERRUPTED = "a process that replaced its outputs was killed, or is at work now; the next run restores them"


class State(StrEnum):
    """How a key stands; the first that applies."""

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


@dataclass(frozen=True)
class KeyState:
    key: DatasetKey
    state: State
    reason: str = ""
    """Empty where the key passed."""
    worth_trying: bool = True
    """False for a failure whose raw files are still those it failed on."""

    @property
    def left_to_do(self) -> bool:
        """Whether materialising the key may change how it stands."""
        return self.state in (State.FAILED, State.MISSING, State.STALE)


@dataclass(frozen=True)
class Survey:
    """The state of every key that has a raw file or an output."""

    states: tuple[KeyState, ...]

    def of(self, *states: State) -> list[KeyState]:
        return [one for one in self.states if one.state in states]

    def counts(self) -> dict[tuple[str, str], Counter[State]]:
        """Keys by state, for each model and kind."""
        counts: dict[tuple[str, str], Counter[State]] = {}
        for one in self.states:
            counts.setdefault((one.key.model, one.key.kind_name), Counter())[one.state] += 1
        return counts


def survey(settings: Settings, inventory: RawInventory, registered: Iterable[DatasetKey] = ()) -> Survey:
    """Look at every key that is registered, or has a raw file or an output.

    Raw files are read again only where their size or time has changed.
    """
    workspace, found = Workspace.of(settings), frozenset(inventory.keys)
    keys = sorted(found.union(outputs_on_disk(workspace), registered))
    return Survey(tuple(_state(key, settings, workspace, has_raw=key in found) for key in keys))


def _state(key: DatasetKey, settings: Settings, workspace: Workspace, *, has_raw: bool) -> KeyState:
    try:
        sources = locate(workspace.raw_root, key)
        if not has_raw and sources.is_gone():
            return KeyState(key, State.ORPHANED, f"{sources.conversations[0].path} is gone")
        if workspace.journal(key).exists():
            return KeyState(key, State.STALE, _INTERRUPTED)
        standing = read_standing(workspace, key)
        sections = KeyManifest(workspace.manifest(key), key, workspace.root).sections()
        if standing.failure:
            changed = standing.failure["raw_files"] != raw_stamps(workspace, key)
            return KeyState(key, State.FAILED, "{stage}: {message}".format_map(standing.failure), changed)
        today = Today(key, settings, Sources.glance(key, workspace, sections), settings.variants_of(key.kind))
        outdated = outdated_stages(today, sections)
    except PersonaAssetsError as error:
        return KeyState(key, State.FAILED, str(error))
    return _judge(key, sections, outdated, standing)


def _judge(
    key: DatasetKey, sections: Mapping[str, object], outdated: Mapping[str, str], standing: Standing
) -> KeyState:
    if failed := standing.failed_checks(severe=True):
        return KeyState(key, State.FAILED, f"checks {', '.join(failed)}", worth_trying=bool(outdated))
    if outdated:
        stage, reason = next(iter(outdated.items()))
        never = any(stage not in sections for stage in outdated)
        return KeyState(key, State.MISSING if never else State.STALE, f"{stage}: {reason}")
    if warned := standing.failed_checks(severe=False):
        return KeyState(key, State.WARNED, f"checks {', '.join(warned)}")
    return KeyState(key, State.PASSED)
