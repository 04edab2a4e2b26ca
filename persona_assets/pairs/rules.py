"""Which pairs count as contrastive: rules with names, and any condition over the columns of the index."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from persona_assets.pairs.index import INDEX_SCHEMA
from persona_assets.predicates import choose_rows


@dataclass(frozen=True)
class PairRule:
    """A condition that a pair has to meet, and its name. One without a name is called as it is written."""

    name: str
    predicate: str

    @property
    def origin(self) -> str:
        return f"pair rule {self.name!r}" if self.name != self.predicate else "pair rule"

    def choose(self, index: pa.Table) -> pa.Table:
        """The pairs of ``index`` that meet it.

        Raises:
            SettingsError: it is not a condition over the columns of the index.
        """
        return choose_rows(index, self.predicate, self.origin)

    def check(self) -> None:
        """Raise unless it is a condition over the columns of an index.

        Raises:
            SettingsError: it is not.
        """
        self.choose(INDEX_SCHEMA.empty_table())


def find_rule(text: str, named: Mapping[str, str]) -> PairRule:
    """The rule of that name, or the condition itself if none is called so."""
    return PairRule(text, named.get(text, text))
