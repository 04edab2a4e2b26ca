"""The datasets of a set, with counts and signs, as one table. Texts stay on disk until they are asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from persona_assets.errors import InconsistentOutputError, MissingInputError
from persona_assets.keys import DatasetKey
from persona_assets.pairs.index import INDEX_SCHEMA
from persona_assets.stage.context import StageContext
from persona_assets.stage.freshness import ReadManifest, manifests_of
from persona_assets.stages.contrast_pairs.reading import PAIR_INDEX
from persona_assets.stages.conversation_signs.reading import read_signs
from persona_assets.stages.scored_dataset.reading import map_rows
from persona_assets.stages.token_stats.reading import read_counts
from persona_assets.stages.token_stats.spec import TOKEN_STATS
from persona_assets.training.hashing import Integers
from persona_assets.training.persona_view import Row

ANSWER_TOKENS = "assistant_tokens"
TRUNCATED = "truncated"


@dataclass(frozen=True)
class Source:
    """One dataset."""

    key: DatasetKey
    rows: pa.Table
    """As they are in its folder, mapped into memory."""
    further: pa.Table
    """Columns that counts and signs have besides, row by row."""

    @property
    def table(self) -> pa.Table:
        """All its columns, with the kind and the name of its persona."""
        table = self.rows.replace_schema_metadata(None)
        for name, value in (("kind", self.key.kind_name), ("persona", self.key.persona)):
            table = table.append_column(name, pa.repeat(value, table.num_rows))
        for name in self.further.column_names:
            table = table.append_column(name, self.further[name])
        return table


@dataclass(frozen=True)
class Sources:
    """The datasets of a set, in the order of their keys, and those that could not be read."""

    read: Sequence[Source]
    not_read: Mapping[str, str]
    """With the reason."""

    @cached_property
    def names(self) -> list[str]:
        return [str(source.key) for source in self.read]

    @cached_property
    def begins(self) -> Integers:
        """Where the rows of each dataset begin in the table of all, and where that ends."""
        return np.cumsum([0, *(source.rows.num_rows for source in self.read)]).astype(np.int64)

    @cached_property
    def table(self) -> pa.Table:
        """All rows. A column that a dataset does not have is null there."""
        return pa.concat_tables([source.table for source in self.read], promote_options="default")

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The place of each dataset in ``read``."""
        return {name: number for number, name in enumerate(self.names)}

    def find_owner(self, place: int) -> tuple[int, int]:
        """The number of the dataset of a row of ``table``, and the row's place in it."""
        number = int(np.searchsorted(self.begins, place, side="right")) - 1
        return number, place - int(self.begins[number])

    def read_row(self, place: int) -> tuple[Row, int | None]:
        """The texts and the score of a row of ``table``."""
        number, row = self.find_owner(place)
        rows = self.read[number].rows
        texts: list[Any] = [rows[name][row].as_py() for name in ("system_prompt", "question", "messages")]
        return Row(*texts), rows["extract_score"][row].as_py()


@dataclass(frozen=True)
class Reader:
    """Reads the datasets of a set. The manifest of each is read once."""

    context: StageContext[str]
    with_signs: bool
    every_column: bool
    """Whether all columns of counts and signs are wanted, as for a condition over them."""

    @cached_property
    def manifests(self) -> ReadManifest:
        return manifests_of(self.context.workspace, self.context.stages)

    def read_sources(self, keys: Sequence[DatasetKey]) -> Sources:
        """The datasets of ``keys``. One that was not made, or not of a piece, is left out with the reason."""
        read, not_read = [], {}
        for key in keys:
            try:
                read.append(self._read(enter(self.context, key, self.manifests)))
            except (MissingInputError, InconsistentOutputError) as error:
                not_read[str(key)] = str(error)
        return Sources(read, not_read)

    def read_pairs(self, keys: Sequence[DatasetKey], sources: Sources) -> tuple[pa.Table, dict[str, str]]:
        """The index of all pairs of ``keys``, and the keys whose pairs could not be read, with the reason."""
        indexes, not_read = [INDEX_SCHEMA.empty_table()], {}
        for key in keys:
            if str(key) not in sources.numbers:
                continue
            try:
                index = PAIR_INDEX.load(enter(self.context, key, self.manifests))
                _require_datasets(index, key, sources)
                indexes.append(index.replace_schema_metadata(None))
            except (MissingInputError, InconsistentOutputError) as error:
                not_read[str(key)] = str(error)
        return pa.concat_tables(indexes), not_read

    def _read(self, there: StageContext[DatasetKey]) -> Source:
        rows = map_rows(there)
        further = [read_counts(there, None if self.every_column else [ANSWER_TOKENS])]
        if self.with_signs:
            further.append(read_signs(there, None if self.every_column else [TRUNCATED]))
        for table in further:
            if table.num_rows != rows.num_rows:
                raise there.producer(TOKEN_STATS).inconsistent(
                    f"{there.key} has {rows.num_rows:,} rows, but counts or signs of {table.num_rows:,}"
                )
        columns = {
            name: table[name] for table in further for name in table.column_names if name not in rows.column_names
        }
        return Source(there.key, rows, pa.table(columns))


def enter(context: StageContext[str], key: DatasetKey, read: ReadManifest) -> StageContext[DatasetKey]:
    """The context of another partition, whose manifest is read with others."""
    return replace(context, key=key, manifest=read(key))  # type: ignore[arg-type, return-value]  # of another key


def _require_datasets(index: pa.Table, key: DatasetKey, sources: Sources) -> None:
    for name in index["negative_dataset"].unique().to_pylist():
        if name not in sources.numbers:
            raise MissingInputError(
                f"{key} has pairs with {name}, which could not be read; materialise {name} first"
            ).about(key=key)
