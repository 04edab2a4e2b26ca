"""``persona_catalogue.json``: how every key stands, and the counts against what the raw root holds."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from persona_assets.collection.survey import State, Survey
from persona_assets.kinds import KINDS
from persona_assets.provenance import git_sha, package_version
from persona_assets.raw.discovery import RawInventory
from persona_assets.store.ownership import owning
from persona_assets.store.records import write_json
from persona_assets.store.replacement import new_file
from persona_assets.workspace import Workspace

MAX_LISTED = 1000
"""Of what was not taken from the raw root; all of it is counted."""
USABLE = (State.PASSED, State.WARNED)


def counts_table(surveyed: Survey, inventory: RawInventory) -> list[dict[str, Any]]:
    """For every model and kind: raw files found, datasets fit for use, and keys by state."""
    raw = {
        (model, kind.name): sum(key.model == model for key in inventory.of_kind(kind))
        for model in {key.model for key in inventory.keys}
        for kind in KINDS.values()
    }
    counts = surveyed.counts()
    return [
        {
            "model": model,
            "type": kind,
            "raw_files": raw.get((model, kind), 0),
            "usable": sum(counts[model, kind][state] for state in USABLE),
            **{state.value: counts[model, kind][state] for state in State},
        }
        for model, kind in sorted(counts)
    ]


def write_catalogue(
    workspace: Workspace, surveyed: Survey, table: Sequence[dict[str, Any]], inventory: RawInventory
) -> None:
    """Replace the catalogue file."""
    record = {
        "metadata": {
            "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
            "git_sha": git_sha(),
            "persona_assets_version": package_version(),
        },
        "counts": list(table),
        "unfit_files": len(inventory.unfit),
        "unfit": [str(file) for file in inventory.unfit[:MAX_LISTED]],
        "keys": {str(one.key): {"state": one.state.value, "reason": one.reason} for one in surveyed.states},
    }
    with owning(workspace.corpus_ownership), new_file(workspace.catalogue_file) as staged:
        write_json(staged, record)
