"""Metadata as a stage describes it, without Dagster: plain values, and values to be shown in a special form.

It is kept beside the outputs, so that a stage that is not made again can be shown again.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

ROW_COUNT = "dagster/row_count"
COLUMN_SCHEMA = "dagster/column_schema"


class ShownPath(msgspec.Struct, frozen=True, tag="path"):
    path: Path


class ShownJson(msgspec.Struct, frozen=True, tag="json"):
    value: Any


class ShownTable(msgspec.Struct, frozen=True, tag="table"):
    """Rows that all have the same keys."""

    rows: Iterable[Mapping[str, Any]]

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "rows", tuple(self.rows))  # a generator could be read only once


class ShownPicture(msgspec.Struct, frozen=True, tag="picture"):
    """A small PNG and its alternative text."""

    png: bytes
    text: str


Shown: TypeAlias = ShownPath | ShownJson | ShownTable | ShownPicture | str | int | float | bool | None
