"""What a stage says of the columns of its table, before anything is made."""

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Source:
    """A column of another asset, from which a column is taken or worked out."""

    asset: str
    column: str


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    """As Arrow calls it."""
    description: str
    nullable: bool = False
    rules: tuple[str, ...] = ()
    """What else every value fulfils, in words."""
    sources: tuple[Source, ...] = ()


def sources_of(asset: str, *columns: str) -> tuple[Source, ...]:
    return tuple(Source(asset, column) for column in columns)


def take_over(columns: Iterable[Column], *assets: str) -> tuple[Column, ...]:
    """The same columns, taken as they are from those of the same name in ``assets``."""
    return tuple(replace(column, sources=tuple(Source(asset, column.name) for asset in assets)) for column in columns)
