"""``persona_views.sql``: DuckDB views over all keys, so that nobody has to know which file holds what.

The views are in ``views.sql``. What is known here alone is put into it: where the workspace is, and the rules of its
variants.
"""

from collections.abc import Iterable
from pathlib import Path
from string import Template

import pyarrow as pa

from persona_assets.collection.outputs import list_entries
from persona_assets.errors import InvalidNameError
from persona_assets.keys import SEPARATOR, DatasetName, Variant
from persona_assets.pairs.index import INDEX_SCHEMA
from persona_assets.stages.contrast_pairs.spec import PAIRS
from persona_assets.stages.conversation_signs.schema import SIGNS_SCHEMA
from persona_assets.stages.conversation_signs.spec import SIGNS
from persona_assets.stages.filtered_variants.rule import describe_in_sql
from persona_assets.stages.parquet_export.spec import PARQUET_FILE
from persona_assets.stages.raw_conversations.spec import QUARANTINE
from persona_assets.stages.token_stats.spec import COUNTS
from persona_assets.statistics.counts_table import COUNTS_SCHEMA
from persona_assets.statistics.tidy import TIDY_SCHEMA
from persona_assets.workspace import Workspace

_VIEWS = Path(__file__).with_name("views.sql")
_SQL_TYPES = {pa.string(): "VARCHAR", pa.int64(): "BIGINT", pa.float64(): "DOUBLE", pa.bool_(): "BOOLEAN"}


def describe_views(workspace: Workspace) -> str:
    """The SQL that makes the views.

    Raises:
        StorageError: the folder of the Parquet files cannot be listed.
    """
    variants = find_variants(workspace)
    return Template(_VIEWS.read_text(encoding="utf-8")).substitute(
        workspace=_quote(str(workspace.root)),
        separator=SEPARATOR,
        datasets=PARQUET_FILE.folder,
        counts=COUNTS.folder,
        signs=SIGNS.folder,
        pairs=PAIRS.folder,
        quarantine=QUARANTINE.folder,
        standings=workspace.last_outcomes.name,
        statistics=workspace.statistics_table.name,
        catalogue=workspace.catalogue_file.name,
        names=_list_cases((variant, _quote(describe_in_sql(variant))) for variant in variants),
        rules=_list_cases((variant, describe_in_sql(variant)) for variant in variants),
        no_counts=_list_nulls(COUNTS_SCHEMA),
        no_signs=_list_nulls(SIGNS_SCHEMA.remove(SIGNS_SCHEMA.get_field_index("sample_index"))),
        no_pairs=_list_nulls(INDEX_SCHEMA),
        no_statistics=_list_nulls(TIDY_SCHEMA),
    )


def find_variants(workspace: Workspace) -> list[Variant]:
    """Every variant that some dataset has, sorted by name."""
    found: dict[str, Variant] = {}
    for entry in list_entries(workspace.root / PARQUET_FILE.folder):
        try:
            variant = DatasetName.parse(entry.name.removesuffix(PARQUET_FILE.suffix)).variant
        except InvalidNameError:
            continue
        if variant:
            found[str(variant)] = variant
    return [found[name] for name in sorted(found)]


def _list_cases(results: Iterable[tuple[Variant, str]]) -> str:
    cases = [f"    WHEN {_quote(str(variant))} THEN {result}" for variant, result in results]
    return "\n".join(cases) or "    WHEN NULL THEN NULL"


def _list_nulls(schema: pa.Schema) -> str:
    """The columns of a view without rows."""
    return ", ".join(f'NULL::{_SQL_TYPES[field.type]} AS "{field.name}"' for field in schema)


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
