"""Where the statistics and the token counts of a key are, and reading the former. Light to import."""

from pathlib import Path

from persona_assets.errors import InvalidNameError, Producer
from persona_assets.keys import DatasetKey, DatasetName
from persona_assets.statistics.key_statistics import KeyStatistics
from persona_assets.store.records import damaged, read_record

FOLDER = "persona_token_stats"


def key_statistics(root: Path, key: DatasetKey) -> Path:
    """Everything reported about one dataset and its variants."""
    return root / FOLDER / f"{key}.json"


def token_counts(root: Path, key: DatasetKey) -> Path:
    """Token counts of every row of one dataset."""
    return root / FOLDER / f"{key}.parquet"


def read_key_statistics(root: Path, key: DatasetKey, producer: Producer) -> KeyStatistics:
    """Read the statistics of ``key``, which ``producer`` wrote.

    Raises:
        MissingInputError: they are not there.
        InconsistentOutputError: they are damaged; the message says where.
    """
    path = key_statistics(root, key)
    statistics = read_record(path, KeyStatistics, producer)
    for name in statistics.variants:
        if not _is_variant_of(key, name):
            raise damaged(path, f"{name[:200]!r} is no variant of {key} - at `$.variants`", producer)
    return statistics


def _is_variant_of(key: DatasetKey, name: str) -> bool:
    try:
        parsed = DatasetName.parse(name)
    except InvalidNameError:
        return False
    return parsed.key == key and parsed.variant is not None
