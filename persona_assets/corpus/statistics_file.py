"""``persona_token_stats.json``: the token statistics of every dataset in the document's shape."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from persona_assets.errors import InconsistentOutputError, MissingInputError
from persona_assets.keys import DatasetKey
from persona_assets.provenance import git_sha, package_version
from persona_assets.stages.names import SCORED_DATASET, TOKEN_STATS
from persona_assets.store.locks import locked
from persona_assets.store.manifests import DATASET_FINGERPRINT, KeyManifest
from persona_assets.store.records import read_json, write_json
from persona_assets.store.replacement import new_file
from persona_assets.workspace import Workspace


@dataclass(frozen=True)
class StatisticsWritten:
    datasets: int
    conversations: int
    tokens: int
    without_statistics: tuple[DatasetKey, ...]
    """Keys whose token_stats is missing or of an earlier dataset: they are not in the file."""


def write_statistics(workspace: Workspace, keys: Iterable[DatasetKey]) -> StatisticsWritten:
    """Gather the statistics of ``keys`` from their records into one file.

    Raises:
        InconsistentOutputError: a key's record is damaged.
    """
    entries: dict[str, Any] = {}
    missing: list[DatasetKey] = []
    for key in sorted(keys):
        try:
            entries[str(key)] = _entry(workspace, key)
        except MissingInputError:
            missing.append(key)
    metadata = {
        "total_datasets": len(entries),
        "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
        "git_sha": git_sha(),
        "persona_assets_version": package_version(),
    }
    with locked(workspace.corpus_lock), new_file(workspace.statistics_file) as staged:
        write_json(staged, {"metadata": metadata, "datasets": entries})
    return StatisticsWritten(
        datasets=len(entries),
        conversations=sum(entry["total_conversations"] for entry in entries.values()),
        tokens=sum(entry["total_tokens"] for entry in entries.values()),
        without_statistics=tuple(missing),
    )


def _entry(workspace: Workspace, key: DatasetKey) -> dict[str, Any]:
    path = workspace.key_statistics(key)
    record = read_json(path, f"{TOKEN_STATS} of {key}")
    try:
        named = {name: record[name] for name in ("model", "type", "name", "plot", "tokenizer")}
        variants = {name: _totals(summary) for name, summary in record["variants"].items()}
        version = record[DATASET_FINGERPRINT]
        entry = {**named, **_totals(record), "variants": variants}
    except (KeyError, TypeError, AttributeError) as error:
        raise InconsistentOutputError(
            f"{path} is no statistics record ({error!r}); remove it and materialise {TOKEN_STATS} of {key} again"
        ) from error
    if (
        version
        != KeyManifest(workspace.manifest(key), key, workspace.root).section(SCORED_DATASET)[DATASET_FINGERPRINT]
    ):
        raise MissingInputError(f"{path} describes an earlier version of the dataset")
    return entry


def _totals(summary: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "total_conversations": summary["all"]["conversations"],
        "total_tokens": summary["all"]["tokens"],
        "score_histogram": {
            score: {name: of_score[name] for name in ("conversations", "tokens")}
            for score, of_score in summary["by_score"].items()
        },
    }
