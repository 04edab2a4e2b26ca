"""Reading the statistics of every key, one at a time, because all of them together take much memory."""

from collections.abc import Iterable, Iterator, Sequence

from persona_assets.errors import InconsistentOutputError, MissingInputError
from persona_assets.keys import DatasetKey
from persona_assets.stage.manifest import Manifest
from persona_assets.stages.registry import list_stages
from persona_assets.stages.scored_dataset.spec import SCORED_DATASET
from persona_assets.stages.token_stats.spec import TOKEN_STATS
from persona_assets.stages.token_stats.statistics_file import read_statistics
from persona_assets.statistics.key_statistics import KeyStatistics
from persona_assets.workspace import Workspace


def read_current_statistics(
    workspace: Workspace, keys: Iterable[DatasetKey], damaged: list[InconsistentOutputError]
) -> Iterator[tuple[DatasetKey, KeyStatistics | None]]:
    """Yield each key, sorted, with its statistics; None if they are missing or of an earlier dataset.

    Also None for a key whose statistics or manifest are damaged. The error is added to ``damaged`` rather than
    raised, because the other keys are useful without that one.
    """
    for key in sorted(keys):
        try:
            yield key, _read(workspace, key)
        except MissingInputError:
            yield key, None
        except InconsistentOutputError as error:
            damaged.append(error)
            yield key, None


def report_damaged(damaged: Sequence[InconsistentOutputError]) -> None:
    """Raise, after everything else is done, if keys were left out because they are damaged.

    Raises:
        InconsistentOutputError: at least one was left out.
    """
    if damaged:
        raise InconsistentOutputError("all was made except for damaged records:\n" + "\n".join(map(str, damaged)))


def _read(workspace: Workspace, key: DatasetKey) -> KeyStatistics | None:
    manifest = Manifest.read(workspace.manifest(key), key, list_stages())
    current = manifest.get(SCORED_DATASET).dataset_fingerprint
    if manifest.get(TOKEN_STATS).inputs.dataset_fingerprint != current:
        return None
    statistics = read_statistics(workspace.root, key)
    return statistics if statistics.dataset_fingerprint == current else None
