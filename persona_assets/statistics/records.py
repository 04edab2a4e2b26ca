"""The statistics of every key, one at a time: all of them together would not be small."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from persona_assets.errors import InconsistentOutputError, MissingInputError, Producer
from persona_assets.keys import DatasetKey
from persona_assets.statistics.files import read_key_statistics
from persona_assets.statistics.key_statistics import KeyStatistics


def read_current_statistics(
    root: Path,
    keys: Iterable[DatasetKey],
    producer_of: Callable[[DatasetKey], Producer],
    fingerprint_of: Callable[[DatasetKey], str],
    damaged: list[InconsistentOutputError],
) -> Iterator[tuple[DatasetKey, KeyStatistics | None]]:
    """Each key, sorted, with its statistics; None if they are missing or of an earlier dataset.

    None also where they, or what ``fingerprint_of`` reads, are damaged; what is wrong is added to ``damaged``, for
    the others are worth having without them.

    Args:
        producer_of: who writes the statistics of a key.
        fingerprint_of: which version of a key's dataset is on disk.
    """
    for key in sorted(keys):
        try:
            statistics = read_key_statistics(root, key, producer_of(key))
            yield key, statistics if statistics.dataset_fingerprint == fingerprint_of(key) else None
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
