"""Dividing the rows of a dataset by their questions."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from persona_assets.errors import MissingInputError
from persona_assets.question_splits import check_shares, split_of

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

QUESTION = "question"


def divide(rows: "Dataset", shares: Mapping[str, float], seed: int) -> "DatasetDict":
    """Every split that has a share, even if no row falls to it.

    Raises:
        MissingInputError: the rows have no column ``question``.
        SettingsError: the shares are not shares.
    """
    from datasets import DatasetDict

    check_shares(shares)
    if QUESTION not in rows.column_names:
        raise MissingInputError(
            f"the rows have no column {QUESTION!r}, only {', '.join(rows.column_names)}; "
            "split them before the column is removed"
        )
    questions = rows[QUESTION]
    falls_to = {question: split_of(question, seed, shares) for question in set(questions)}
    splits = [falls_to[question] for question in questions]
    return DatasetDict(
        {
            name: rows.select([place for place, split in enumerate(splits) if split == name])
            for name, share in shares.items()
            if share
        }
    )
