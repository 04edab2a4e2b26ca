"""From selected rows or pairs to candidates: their identity, their question, their split, and their answer tokens."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from persona_assets.question_splits import normalise, split_of
from persona_assets.training.hashing import Hashes, Integers, hash_text, mix, rank_texts
from persona_assets.training.ordering import Candidates, order_candidates
from persona_assets.training_recipes import Recipe

IDENTITY = ("prompt_index", "question_index", "sample_index")


@dataclass(frozen=True)
class Pool:
    """The candidates of a set, before the budget: each is a row, or a pair of which this is the positive row."""

    known: Candidates
    split: Integers
    """The number of its split, in the order of the recipe."""
    tokens: Integers
    """Of its answer; of a pair, those of both."""
    rows: tuple[Integers, ...]
    """The places of its row in the table of all rows; of a pair, the positive one and the negative one."""

    def order(self, split: int) -> Integers:
        """The places of the candidates of a split, in the order in which they are to be taken."""
        places = np.flatnonzero(self.split == split)
        ordered: Integers = places[order_candidates(self.known.take(places))]
        return ordered


def pool_candidates(
    rows: pa.Table,
    names: Sequence[str],
    sides: Sequence[Integers],
    owners: Integers,
    tokens: Integers,
    recipe: Recipe,
) -> Pool:
    """Make candidates of rows.

    Args:
        rows: all rows.
        names: the datasets.
        sides: the places of the candidates' rows; of pairs, of the positive and of the negative ones.
        owners: the dataset that each candidate counts for, by its place in ``names``.
        tokens: the answer tokens of every row.
    """
    known_columns = ["question", "label", *(name for name in IDENTITY if name in rows.column_names)]
    taken = rows.select(known_columns).take(pa.array(sides[0]))
    codes, texts = _number_questions(taken)
    splits = {name: number for number, name in enumerate(recipe.splits)}
    in_split = [splits[split_of(text, recipe.seed, recipe.splits)] for text in texts]
    known = Candidates(
        rank_texts(recipe.seed, list(names))[owners],
        rank_texts(recipe.seed, texts)[codes],
        _hash_identities(taken, names, owners, recipe.seed),
    )
    return Pool(
        known,
        np.asarray(in_split, np.int64)[codes],
        np.sum([tokens[places] for places in sides], axis=0).astype(np.int64),
        tuple(sides),
    )


def _number_questions(rows: pa.Table) -> tuple[Integers, list[str]]:
    """The normalised text of each row's question, as its number in a list of different texts."""
    encoded = rows["question"].combine_chunks().dictionary_encode()
    normalised = [normalise(text) for text in encoded.dictionary.to_pylist()]
    numbers = {text: number for number, text in enumerate(dict.fromkeys(normalised))}
    codes = np.array([numbers[text] for text in normalised], np.int64)
    return codes[encoded.indices.to_numpy()], list(numbers)


def _hash_identities(rows: pa.Table, names: Sequence[str], owners: Integers, seed: int) -> Hashes:
    datasets = np.array([hash_text(seed, name) for name in names], np.uint64)
    labels = rows["label"].combine_chunks().dictionary_encode()
    of_labels = np.array([hash_text(seed, label) for label in labels.dictionary.to_pylist()], np.uint64)
    hashes: Hashes = datasets[owners] ^ of_labels[labels.indices.to_numpy()]
    for name in IDENTITY:
        if name in rows.column_names:
            hashes = mix(hashes, rows[name].fill_null(0).to_numpy())
        else:
            hashes = mix(hashes, np.zeros(rows.num_rows, np.int64))
    return hashes
