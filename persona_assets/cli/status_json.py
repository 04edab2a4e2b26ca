"""What ``persona-assets status --json`` prints."""

from collections.abc import Collection, Sequence

import msgspec

from persona_assets.collection.catalogue import ModelCounts, count_by_model
from persona_assets.collection.concerns import ConcernCounts
from persona_assets.collection.survey import KeyState, State, Survey
from persona_assets.raw.discovery import RawInventory


class ConcernStatus(msgspec.Struct, frozen=True):
    """A check that failed for a key, or an asset that was not made."""

    name: str
    severity: str
    of_asset: bool
    sentence: str


class KeyStatus(msgspec.Struct, frozen=True):
    """One key and how it stands."""

    key: str
    model: str
    type: str
    name: str
    state: State
    reason: str
    concerns: Sequence[ConcernStatus]


class StatusReport(msgspec.Struct, frozen=True):
    """Counts of all keys asked about, and the keys in the states asked for, the worst first."""

    raw_root: str
    raw_files: int
    not_taken: Sequence[str]
    totals: dict[str, int]
    """Keys by state."""
    counts: Sequence[ModelCounts]
    concerns: Sequence[ConcernCounts]
    keys: Sequence[KeyStatus]


def describe_in_json(surveyed: Survey, inventory: RawInventory, listed: Collection[State]) -> str:
    """One JSON object on several lines."""
    report = StatusReport(
        raw_root=_printable(inventory.root),
        raw_files=len(inventory.keys),
        not_taken=[_printable(file) for file in inventory.unfit],
        totals={state.value: len(surveyed.of(state)) for state in State},
        counts=count_by_model(surveyed, inventory),
        concerns=surveyed.count_concerns(),
        keys=[_describe(one) for one in surveyed.by_severity() if one.state in listed],
    )
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()


def _describe(one: KeyState) -> KeyStatus:
    key = one.key
    concerns = [
        ConcernStatus(found.name, found.severity, found.of_asset, _printable(found.sentence))
        for found in one.concerns
    ]
    return KeyStatus(str(key), key.model, key.kind_name, key.persona, one.state, _printable(one.reason), concerns)


def _printable(text: object) -> str:
    """Text that can be encoded, also where a path of the file system cannot."""
    return str(text).encode(errors="backslashreplace").decode()
