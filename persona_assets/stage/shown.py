"""Metadata as a stage describes it, without Dagster: plain values, and values to be shown in a special form."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa

ROW_COUNT = "dagster/row_count"
COLUMN_SCHEMA = "dagster/column_schema"


@dataclass(frozen=True)
class ShownPath:
    path: Path


@dataclass(frozen=True)
class ShownJson:
    value: Any


@dataclass(frozen=True)
class ShownTable:
    """Rows that all have the same keys."""

    rows: Iterable[Mapping[str, Any]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", tuple(self.rows))  # a generator could not be sent to another process


@dataclass(frozen=True)
class ShownSchema:
    schema: pa.Schema


@dataclass(frozen=True)
class ShownPicture:
    """A small PNG and its alternative text."""

    png: bytes
    text: str


Shown: TypeAlias = "ShownPath | ShownJson | ShownTable | ShownSchema | ShownPicture | str | int | float | bool | None"
