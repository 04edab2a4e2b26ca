"""From the datasets of a set to its candidates, by the conditions of its recipe."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from persona_assets.errors import SettingsError
from persona_assets.pairs.index import SIDES
from persona_assets.pairs.rules import find_rule
from persona_assets.settings import Settings
from persona_assets.stages.training_sets.sources import Sources
from persona_assets.training.candidates import Pool, pool_candidates
from persona_assets.training.hashing import Integers
from persona_assets.training.selection import select_pairs, select_rows
from persona_assets.training.tally import Tally
from persona_assets.training_recipes import Recipe


@dataclass(frozen=True)
class Choice:
    """The candidates that meet the conditions, and the account of those that do not."""

    pool: Pool
    tally: Tally
    owners: Integers
    """The number of the dataset that each candidate counts for."""
    tokens: Integers
    """The answer tokens of every row; 0 where they are not known."""


def choose_rows(sources: Sources, recipe: Recipe, origin: str) -> Choice:
    """Raises SettingsError if ``where`` is no condition, or no row meets all conditions."""
    marks, tally = select_rows(sources.table, recipe, origin)
    _require_any(bool(marks.any()), tally, "row", origin)
    places = np.flatnonzero(marks)
    owners = np.searchsorted(sources.begins, places, side="right") - 1
    return _choose(sources, recipe, [places], owners, tally)


def choose_pairs(sources: Sources, index: pa.Table, recipe: Recipe, settings: Settings, origin: str) -> Choice:
    """Raises SettingsError if the rule or ``where`` is no condition, or no pair meets all conditions."""
    rule = find_rule(str(recipe.pair_rule), settings.pair_rules)
    sides = [_find_rows(sources, index, side) for side in SIDES]
    marks, tally = select_pairs(index, sources.table, sides, recipe, rule, origin)
    _require_any(bool(marks.any()), tally, "pair", origin)
    owners = np.array([sources.numbers[name] for name in index["dataset"].to_pylist()], np.int64)
    return _choose(sources, recipe, [side[marks] for side in sides], owners[marks], tally)


def _find_rows(sources: Sources, index: pa.Table, side: str) -> Integers:
    """The places in the table of all rows of one side of every pair."""
    names = index[f"{side}_dataset"].combine_chunks().dictionary_encode()
    begins = np.array([sources.begins[sources.numbers[name]] for name in names.dictionary.to_pylist()], np.int64)
    found: Integers = begins[names.indices.to_numpy()] + index[f"{side}_row"].to_numpy()
    return found


def _choose(sources: Sources, recipe: Recipe, sides: list[Integers], owners: Integers, tally: Tally) -> Choice:
    tokens = sources.table["assistant_tokens"].fill_null(0).to_numpy()
    pool = pool_candidates(sources.table, sources.names, sides, owners, tokens, recipe)
    return Choice(pool, tally, owners, tokens)


def _require_any(found: bool, tally: Tally, thing: str, origin: str) -> None:
    if not found:
        raise SettingsError(f"{origin}: none of {tally.candidates:,} {thing}s is left. Left out: {tally.explain()}")
