"""The columns of tables as metadata of asset definitions: there before any run, and after every run."""

from collections.abc import Mapping, Sequence

import dagster as dg

from persona_assets.stage.columns import Column
from persona_assets.stage.shown import COLUMN_SCHEMA

COLUMN_LINEAGE = "dagster/column_lineage"


def describe_columns(columns: Sequence[Column]) -> Mapping[str, dg.TableSchema | dg.TableColumnLineage]:
    """The schema, and from which columns of other assets each column is made; empty for an asset without a table."""
    if not columns:
        return {}
    made = {column.name: _list_sources(column) for column in columns if column.sources}
    lineage = {COLUMN_LINEAGE: dg.TableColumnLineage(made)} if made else {}
    return {COLUMN_SCHEMA: dg.TableSchema([_convert(column) for column in columns]), **lineage}


def _convert(column: Column) -> dg.TableColumn:
    constraints = dg.TableColumnConstraints(nullable=column.nullable, other=list(column.rules))
    return dg.TableColumn(column.name, column.type, column.description, constraints)


def _list_sources(column: Column) -> list[dg.TableColumnDep]:
    return [dg.TableColumnDep(dg.AssetKey(source.asset), source.column) for source in column.sources]
