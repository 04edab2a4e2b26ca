"""The rows of one dataset as columns of numbers: what a report counts and chooses from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from persona_assets.report.key_files import KeyFiles
from persona_assets.stages.conversation_signs.schema import FLAGS

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
NONE = -1
"""In place of a score or a count that a row does not have. Neither is ever negative."""


@dataclass(frozen=True)
class Rows:
    """One entry per row, in the dataset's order."""

    labels: npt.NDArray[np.str_]
    prompts: Integers
    questions: Integers
    samples: Integers
    scores: Integers
    statuses: npt.NDArray[np.str_]
    tokens: Integers
    answer_tokens: Integers
    signs: Mapping[str, Flags]
    truncation_known: bool

    def __len__(self) -> int:
        return len(self.scores)

    @property
    def scored(self) -> Flags:
        scored: Flags = self.scores != NONE
        return scored


def list_rows(files: KeyFiles) -> Rows | None:
    """The rows of the dataset; None if there is no dataset."""
    table = files.dataset
    if table is None:
        return None
    absent = np.full(table.num_rows, NONE, np.int64)
    counts = files.counts
    return Rows(
        labels=_texts(table["label"]),
        prompts=_integers(table["prompt_index"]),
        questions=_integers(table["question_index"]),
        samples=_integers(table["sample_index"]) if "sample_index" in table.column_names else absent * 0,
        scores=_integers(table["extract_score"]),
        statuses=_texts(table["score_status"]),
        tokens=absent if counts is None else _integers(counts["tokens"]),
        answer_tokens=absent if counts is None else _integers(counts["assistant_tokens"]),
        signs={} if files.signs is None else _signs(files.signs),
        truncation_known=files.signs is not None and "unknown" not in set(files.signs["truncated"].to_pylist()),
    )


def _integers(column: pa.ChunkedArray) -> Integers:
    values: Integers = column.fill_null(NONE).to_numpy()
    return values


def _texts(column: pa.ChunkedArray) -> npt.NDArray[np.str_]:
    return np.array(column.to_pylist(), np.str_)


def _signs(signs: pa.Table) -> dict[str, Flags]:
    marked: dict[str, Flags] = {
        "disagrees": np.array([form == "disagrees" for form in signs["form"].to_pylist()], bool),
        "truncated": np.array([found == "yes" for found in signs["truncated"].to_pylist()], bool),
        "near_duplicate": signs["near_duplicate_of"].is_valid().to_numpy(),
    }
    return marked | {name: signs[name].to_numpy() for name in FLAGS}
