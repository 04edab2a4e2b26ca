"""Reading the statistics of a dataset. Light to import, because Dagster's definitions load it."""

from pathlib import Path

from persona_assets.errors import InvalidNameError, Producer
from persona_assets.keys import DatasetKey, DatasetName
from persona_assets.stages.token_stats.spec import NAME, STATISTICS
from persona_assets.statistics.key_statistics import KeyStatistics
from persona_assets.store.records import damaged, read_record


def read_statistics(root: Path, key: DatasetKey) -> KeyStatistics:
    """Read the statistics of a dataset and its variants from the workspace at ``root``.

    Raises:
        MissingInputError: they are not there.
        InconsistentOutputError: they are damaged; the message says where.
    """
    path, producer = STATISTICS.path(root, key), Producer(NAME, key)
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
