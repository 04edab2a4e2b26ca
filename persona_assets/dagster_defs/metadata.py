"""How what stages show of their results becomes metadata of Dagster: a form of Dagster's for each form of ours.

A materialisation's metadata stays under about 32 KB, because every event carries it.
"""

import base64
from collections.abc import Mapping
from typing import Any

import dagster as dg

from persona_assets.dagster_defs.readable import readable_metadata, table
from persona_assets.stage.shown import (
    Shown,
    ShownJson,
    ShownPath,
    ShownPicture,
    ShownTable,
)


def metadata_of(made: Mapping[str, Shown]) -> Mapping[str, Any]:
    """The metadata of one stage's result."""
    return readable_metadata({name: _convert(shown) for name, shown in made.items()})


def _convert(shown: Shown) -> Any:
    match shown:
        case ShownPath():
            return dg.MetadataValue.path(shown.path)
        case ShownJson():
            return dg.MetadataValue.json(shown.value)
        case ShownTable():
            return table(shown.rows)
        case ShownPicture():
            encoded = base64.b64encode(shown.png).decode()
            return dg.MetadataValue.md(f"![{shown.text}](data:image/png;base64,{encoded})")
    return shown
