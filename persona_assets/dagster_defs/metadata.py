"""How what stages show of their results becomes metadata of Dagster: a form of Dagster's for each form of ours.

A materialisation's metadata stays under about 32 KB, because every event carries it.
"""

import base64
from collections.abc import Mapping
from typing import Any

import dagster as dg

from persona_assets.dagster_defs.readable import readable_metadata, table
from persona_assets.stage.outcomes import Unchanged
from persona_assets.stage.shown import (
    ROW_COUNT,
    Shown,
    ShownJson,
    ShownPath,
    ShownPicture,
    ShownSchema,
    ShownTable,
)


def metadata_of(made: Mapping[str, Shown] | Unchanged) -> Mapping[str, Any]:
    """The metadata of one stage's result."""
    if isinstance(made, Unchanged):
        return readable_metadata(_count_unchanged(made))
    return readable_metadata({name: _convert(shown) for name, shown in made.items()})


def _count_unchanged(made: Unchanged) -> Mapping[str, Any]:
    numbers = {name: value for name, value in made.counts.items() if type(value) is int}
    return {"unchanged": True, **numbers, **({ROW_COUNT: numbers["rows"]} if "rows" in numbers else {})}


def _convert(shown: Shown) -> Any:
    match shown:
        case ShownPath():
            return dg.MetadataValue.path(shown.path)
        case ShownJson():
            return dg.MetadataValue.json(shown.value)
        case ShownTable():
            return table(shown.rows)
        case ShownSchema():
            columns = [dg.TableColumn(field.name, str(field.type)) for field in shown.schema]
            return dg.MetadataValue.table_schema(dg.TableSchema(columns))
        case ShownPicture():
            encoded = base64.b64encode(shown.png).decode()
            return dg.MetadataValue.md(f"![{shown.text}](data:image/png;base64,{encoded})")
    return shown
