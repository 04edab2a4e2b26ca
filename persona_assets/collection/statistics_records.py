"""The statistics record of every key, one at a time: all of them together would not be small."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from persona_assets.errors import InconsistentOutputError, InvalidNameError, MissingInputError
from persona_assets.keys import DatasetKey, DatasetName
from persona_assets.stages.names import SCORED_DATASET, TOKEN_STATS
from persona_assets.stages.statistics_shape import StatisticsShape
from persona_assets.store.manifests import DATASET_FINGERPRINT, KeyManifest
from persona_assets.store.records import damaged as damaged_record
from persona_assets.store.records import read_json
from persona_assets.workspace import Workspace

Record = dict[str, Any]


def statistics_records(
    workspace: Workspace, keys: Iterable[DatasetKey], damaged: list[InconsistentOutputError]
) -> Iterator[tuple[DatasetKey, Record | None]]:
    """Each key, sorted, with what ``token_stats`` wrote of it; None if that is missing or of an earlier dataset.

    None also of a key whose record or manifest is damaged; what is wrong with it is added to ``damaged``, for the
    others are worth having without it.
    """
    for key in sorted(keys):
        try:
            yield key, _record(workspace, key)
        except MissingInputError:
            yield key, None
        except InconsistentOutputError as error:
            damaged.append(error)
            yield key, None


def report_damaged(damaged: Sequence[InconsistentOutputError]) -> None:
    """Say, after everything else is done, whose records were left out.

    Raises:
        InconsistentOutputError: at least one was.
    """
    if damaged:
        raise InconsistentOutputError("all is made but for damaged records:\n" + "\n".join(map(str, damaged)))


def _record(workspace: Workspace, key: DatasetKey) -> Record | None:
    path, producer = workspace.key_statistics(key), f"{TOKEN_STATS} of {key}"
    record = read_json(path, producer, StatisticsShape)
    wrong = [name for name in record["variants"] if not _is_variant_of(key, name)]
    if wrong:
        raise damaged_record(path, f"{wrong[0][:200]!r} is no variant of {key} - at `$.variants`", producer)
    manifest = KeyManifest(workspace.manifest(key), key, workspace.root)
    current = manifest.section(SCORED_DATASET)[DATASET_FINGERPRINT]
    return record if record[DATASET_FINGERPRINT] == current else None


def _is_variant_of(key: DatasetKey, name: str) -> bool:
    try:
        parsed = DatasetName.parse(name)
    except InvalidNameError:
        return False
    return parsed.key == key and parsed.variant is not None
