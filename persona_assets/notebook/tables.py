"""Statistics, token counts and quarantined lines of many keys, each as one table."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from persona_assets.errors import InvalidNameError, Producer
from persona_assets.keys import DatasetKey
from persona_assets.notebook.holdings import Holdings
from persona_assets.notebook.patterns import Patterns, choose
from persona_assets.notebook.rows import read_counts
from persona_assets.suggestions import KEYS_ALIKE

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def read_statistics(holdings: Holdings) -> "pd.DataFrame":
    """The statistics of all keys; if they were not gathered, those of each key that has some, gathered now.

    Raises:
        InconsistentOutputError: a file is damaged.
    """
    from persona_assets.collection.gathered_statistics import PRODUCER
    from persona_assets.stages.token_stats.spec import STATISTICS
    from persona_assets.stages.token_stats.statistics_file import read_statistics as read_of_key
    from persona_assets.statistics.tidy import tidy_statistics
    from persona_assets.store.parquet import read_parquet

    workspace = holdings.workspace
    if workspace.statistics_table.exists():
        return _as_frame(read_parquet(workspace.statistics_table, PRODUCER))
    counted = [key for key in holdings.keys.values() if STATISTICS.path(workspace.root, key).exists()]
    return _as_frame(tidy_statistics(read_of_key(workspace.root, key) for key in counted))


def gather_counts(holdings: Holdings, keys: Sequence[DatasetKey] | None) -> "pd.DataFrame":
    """The token counts of every row of the keys, or of all that have some.

    Raises:
        MissingInputError: the rows of one of the keys were not counted.
        InconsistentOutputError: a file is damaged.
    """
    import pyarrow as pa

    from persona_assets.collection.gathered_counts import GATHERED_SCHEMA, label_counts
    from persona_assets.collection.gathered_statistics import PRODUCER
    from persona_assets.store.parquet import read_parquet

    if keys is None and holdings.workspace.counts_table.exists():
        return _as_frame(read_parquet(holdings.workspace.counts_table, PRODUCER))
    chosen = list(_list_counted(holdings)) if keys is None else keys
    parts = [label_counts(key, read_counts(holdings, key)) for key in chosen]
    return _as_frame(pa.concat_tables(parts) if parts else GATHERED_SCHEMA.empty_table())


def read_readiness(holdings: Holdings) -> "pd.DataFrame":
    """Which keys have enough pairs, by which rule.

    Raises:
        MissingInputError: it was never assessed.
        InconsistentOutputError: the file is damaged.
    """
    from persona_assets.collection.gathered_pairs import PRODUCER
    from persona_assets.store.parquet import read_parquet

    path = holdings.workspace.readiness_table
    if not path.exists():
        raise PRODUCER.missing(f"{path} is not there", path)
    return _as_frame(read_parquet(path, PRODUCER))


def read_quarantine(holdings: Holdings, keys: Patterns) -> "pd.DataFrame":
    """The raw lines of the keys that did not become rows. A key may have nothing else.

    Raises:
        UnknownNameError: there is no such key.
        InconsistentOutputError: a file is damaged; the message says where.
    """
    import pandas as pd

    from persona_assets.raw.ledger import QuarantinedLine

    columns = ["dataset", "model", "kind", "persona", *QuarantinedLine.__struct_fields__]
    quarantined = {str(key): key for key in _list_quarantined(holdings)}
    chosen = choose("key", keys, {*holdings.keys, *quarantined}, KEYS_ALIKE)
    having = [key for name, key in quarantined.items() if name in chosen]
    return pd.DataFrame([line for key in having for line in _read_quarantined(holdings, key)], columns=columns)


def _as_frame(table: "pa.Table") -> "pd.DataFrame":
    frame: pd.DataFrame = table.to_pandas()
    return frame


def _list_counted(holdings: Holdings) -> Iterator[DatasetKey]:
    from persona_assets.stages.token_stats.spec import COUNTS

    return (key for key in holdings.keys.values() if COUNTS.path(holdings.workspace.root, key).exists())


def _list_quarantined(holdings: Holdings) -> Iterator[DatasetKey]:
    from persona_assets.collection.outputs import list_entries
    from persona_assets.stages.raw_conversations.spec import QUARANTINE

    for entry in list_entries(holdings.workspace.root / QUARANTINE.folder):
        with suppress(InvalidNameError):  # being written, or somebody else's
            yield DatasetKey.parse(entry.name.removesuffix(QUARANTINE.suffix))


def _read_quarantined(holdings: Holdings, key: DatasetKey) -> Iterator[dict[str, Any]]:
    import msgspec

    from persona_assets.raw.ledger import QuarantinedLine
    from persona_assets.regular_files import read_regular
    from persona_assets.stages.raw_conversations.spec import NAME, QUARANTINE
    from persona_assets.store.records import MOST_BYTES, damaged

    path, producer = QUARANTINE.path(holdings.workspace.root, key), Producer(NAME, key)
    parts = {"dataset": str(key), "model": key.model, "kind": key.kind_name, "persona": key.persona}
    try:
        lines = read_regular(path, MOST_BYTES).splitlines()
    except OSError as error:
        raise producer.inconsistent(f"{path} cannot be read: {error.strerror}", path) from error
    for number, line in enumerate(lines, start=1):
        try:
            found = msgspec.json.decode(line, type=QuarantinedLine)
        except ValueError as error:
            raise damaged(path, f"line {number}: {error}", producer) from error
        yield parts | msgspec.structs.asdict(found) | {"reason": found.reason.value}
