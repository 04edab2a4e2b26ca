"""``persona_catalogue.json``: the state of every key, and counts by model beside those of raw files."""

from collections.abc import Sequence

import msgspec

from persona_assets.collection.concerns import ConcernCounts
from persona_assets.collection.survey import KeyState, State, Survey
from persona_assets.collection.views import describe_views
from persona_assets.errors import Producer
from persona_assets.kinds import KINDS
from persona_assets.raw.discovery import RawInventory
from persona_assets.store.file_provenance import Provenance
from persona_assets.store.ownership import owning
from persona_assets.store.records import read_record, write_record
from persona_assets.store.replacement import replacing
from persona_assets.workspace import Workspace

MAX_LISTED = 1000
"""Most unfit files that are listed; all of them are counted."""
USABLE = (State.PASSED, State.WARNED)
PRODUCER = Producer("persona_catalogue", "all keys")


class ModelCounts(msgspec.Struct, frozen=True):
    """One model and kind: raw files found, datasets fit for use, and keys by state."""

    model: str
    type: str
    raw_files: int
    usable: int
    orphaned: int
    failed: int
    missing: int
    stale: int
    warned: int
    passed: int


class KeyEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """The state of a key, and the reason, which is empty if it passed."""

    state: State
    reason: str
    failed: dict[str, str] = {}
    """The sentences of the checks that failed, by check; or the message of the asset that was not made."""


class Catalogue(msgspec.Struct, frozen=True):
    """``persona_catalogue.json``."""

    metadata: Provenance
    counts: Sequence[ModelCounts]
    concerns: Sequence[ConcernCounts]
    """How often each check failed, and each asset was not made."""
    unfit_files: int
    unfit: Sequence[str]
    """The first ``MAX_LISTED``, each with the reason."""
    keys: dict[str, KeyEntry]


def count_by_model(surveyed: Survey, inventory: RawInventory) -> list[ModelCounts]:
    """Count for every model and kind that has a raw file, an output or a partition."""
    raw = {
        (model, kind.name): sum(key.model == model for key in inventory.of_kind(kind))
        for model in {key.model for key in inventory.keys}
        for kind in KINDS.values()
    }
    counts = surveyed.counts()
    return [
        ModelCounts(
            model,
            kind,
            raw_files=raw.get((model, kind), 0),
            usable=sum(counts[model, kind][state] for state in USABLE),
            **{state.value: counts[model, kind][state] for state in State},
        )
        for model, kind in sorted(counts)
    ]


def read_catalogue(workspace: Workspace) -> Catalogue:
    """Read the catalogue file.

    Raises:
        MissingInputError: it was never made.
        InconsistentOutputError: it is damaged; the message says where.
    """
    return read_record(workspace.catalogue_file, Catalogue, PRODUCER)


def _enter(found: KeyState) -> KeyEntry:
    return KeyEntry(found.state, found.reason, {one.name: one.sentence for one in found.concerns})


def write_catalogue(
    workspace: Workspace, surveyed: Survey, counts: Sequence[ModelCounts], inventory: RawInventory
) -> None:
    """Replace the catalogue file and the views."""
    catalogue = Catalogue(
        Provenance.now(),
        counts,
        surveyed.count_concerns(),
        len(inventory.unfit),
        [str(file) for file in inventory.unfit[:MAX_LISTED]],
        {str(found.key): _enter(found) for found in surveyed.states},
    )
    ownership = workspace.corpus_ownership
    with owning(ownership), replacing(ownership.journal) as replacement:
        write_record(replacement.file(workspace.catalogue_file), catalogue)
        replacement.file(workspace.views_file).write_text(describe_views(workspace), encoding="utf-8")
