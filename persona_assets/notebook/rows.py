"""The rows of a dataset in memory, and the token counts that belong to them."""

from typing import TYPE_CHECKING

from persona_assets.errors import InconsistentOutputError, MissingInputError, PersonaAssetsError, Producer
from persona_assets.keys import DatasetKey, DatasetName, Variant
from persona_assets.notebook.holdings import Holdings
from persona_assets.notebook.patterns import unknown
from persona_assets.suggestions import KEYS_ALIKE

if TYPE_CHECKING:
    import pyarrow as pa
    from datasets import Dataset

COUNT_COLUMNS = ("prompt_tokens", "assistant_tokens", "tokens", "answer_start", "answer_end")
_CELL = ("label", "prompt_index", "question_index", "sample_index", "extract_score", "score_status")
"""What rows and counts both have: what identifies a row in its dataset, and what the judge said of it."""


def read_rows(holdings: Holdings, name: str) -> "pa.Table":
    """The rows of the dataset or variant called ``name``, from its Parquet file.

    Raises:
        UnknownNameError: there is no such dataset.
        MissingInputError: there could be one, and why there is none.
        InconsistentOutputError: the file is damaged.
    """
    from persona_assets.stages.parquet_export.spec import NAME, PARQUET_FILE
    from persona_assets.store.parquet import read_parquet

    found = holdings.datasets.get(name)
    if found is None:
        raise _explain_lack(holdings, name)
    return read_parquet(PARQUET_FILE.path(holdings.workspace.root, found), Producer(NAME, found.key))


def as_dataset(table: "pa.Table") -> "Dataset":
    """A dataset in memory. Without rows it is made anew, since ``datasets`` takes no columns without a chunk."""
    from datasets import Dataset

    return Dataset(table if table.num_rows else table.schema.empty_table())


def read_counts(holdings: Holdings, key: DatasetKey) -> "pa.Table":
    """The token counts of every row of a key.

    Raises:
        MissingInputError: they were not made.
        InconsistentOutputError: they are damaged.
    """
    from persona_assets.stages.token_stats.spec import COUNTS, NAME
    from persona_assets.store.parquet import read_parquet

    path, producer = COUNTS.path(holdings.workspace.root, key), Producer(NAME, key)
    if not path.exists():
        raise producer.missing(f"{path} is not there", path)
    return read_parquet(path, producer)


def join_counts(rows: "pa.Table", counts: "pa.Table", key: DatasetKey) -> "pa.Table":
    """The rows of a dataset of ``key``, or of a variant, with their token counts as further columns.

    Raises:
        InconsistentOutputError: the counts are not those of these rows.
    """
    import pyarrow as pa

    places = {cell: place for place, cell in enumerate(_list_cells(counts))}
    try:
        taken = counts.take(pa.array([places[cell] for cell in _list_cells(rows)], pa.int64()))
    except KeyError as error:
        raise _other_version(key) from error
    if len(places) != counts.num_rows:
        raise _other_version(key)
    for name in COUNT_COLUMNS:
        rows = rows.append_column(name, taken[name])
    return rows


def _other_version(key: DatasetKey) -> InconsistentOutputError:
    from persona_assets.stages.token_stats.spec import NAME

    producer = Producer(NAME, key)
    return producer.inconsistent(f"{producer} was made from other rows than those of the dataset")


def _list_cells(table: "pa.Table") -> list[tuple[object, ...]]:
    names = [name for name in _CELL if name in table.column_names]
    return list(zip(*(table[name].to_pylist() for name in names), strict=True))


def _explain_lack(holdings: Holdings, name: str) -> PersonaAssetsError:
    from persona_assets.errors import InvalidNameError
    from persona_assets.stages.parquet_export.spec import NAME

    try:
        wanted = DatasetName.parse(name)
    except InvalidNameError:
        return unknown("dataset", name, holdings.keys, KEYS_ALIKE)
    key = wanted.key
    if str(key) in holdings.keys and wanted.variant:
        return _explain_variant(holdings, key, wanted.variant)
    if not any(path.exists() for path in holdings.workspace.records_of(key)):
        return unknown("dataset", name, holdings.datasets if wanted.variant else holdings.keys, KEYS_ALIKE)
    return Producer(NAME, key).missing(f"{key} has no dataset{_tell_failure(holdings, key)}")


def _explain_variant(holdings: Holdings, key: DatasetKey, variant: Variant) -> PersonaAssetsError:
    from persona_assets.stage.manifest import Manifest
    from persona_assets.stages.filtered_variants.spec import list_made_earlier
    from persona_assets.stages.registry import list_stages

    workspace = holdings.workspace
    manifest = Manifest.read(workspace.manifest(key), key, list_stages())
    if variant in list_made_earlier(manifest, key):
        return MissingInputError(f"variant {variant} of {key} is empty: no row passes it").about(key=key)
    made = [str(name.variant) for name in holdings.datasets.values() if name.key == key and name.variant]
    error = unknown(f"variant of {key}", str(variant), made)
    return error.about(key=key)


def _tell_failure(holdings: Holdings, key: DatasetKey) -> str:
    from persona_assets.run.last_outcome import read_last_outcome

    failure = read_last_outcome(holdings.workspace, key).failure
    return f": {failure.stage} failed, {failure.message}" if failure else ""
