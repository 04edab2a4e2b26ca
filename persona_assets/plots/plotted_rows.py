"""The numbers that the figure of one dataset shows, as arrays with an entry per conversation."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from persona_assets.kinds import Kind
from persona_assets.plots.bands import BANDS, Band, Flags, Numbers
from persona_assets.statistics.counts_table import select_counted
from persona_assets.statistics.truncation import Truncated, Truncation

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class PlottedRows:
    """Arrays of shape (conversations,)."""

    labels: tuple[str, ...]
    """Those that occur, in the order of the kind."""
    label: Integers
    """The place of each conversation's label in ``labels``."""
    prompt: Integers
    """Which system prompt of its label a conversation has."""
    prompt_tokens: Numbers
    answer_tokens: Numbers
    scores: Numbers
    """NaN where a conversation has no score on the scale."""
    cut: Flags
    """Whether an answer is known to have been cut off."""
    limit: int | None = None
    """The most tokens that the generator gave an answer, where that is known."""

    @property
    def scored(self) -> bool:
        return not bool(np.isnan(self.scores).all())

    @property
    def is_baseline(self) -> bool:
        """Whether nobody was asked for a persona."""
        return self.labels == ("default",)

    @property
    def longest(self) -> int:
        """The most tokens of any answer or prompt."""
        return int(max(self.answer_tokens.max(initial=0), self.prompt_tokens.max(initial=0)))

    def select(self, wanted: Flags) -> "PlottedRows":
        arrays = {name: getattr(self, name)[wanted] for name in _ARRAYS}
        return replace(self, **arrays)

    def by_label(self) -> Iterator[tuple[str, "PlottedRows"]]:
        """The rows of each label; a dataset without rows has one label without a name."""
        if not self.labels:
            yield "", self
        for place, name in enumerate(self.labels):
            yield name, self.select(self.label == place)

    def by_band(self, kind: Kind) -> Iterator[tuple[Band, "PlottedRows"]]:
        """The rows of each band of the kind, from the lowest score up."""
        for band in BANDS[kind.name]:
            yield band, self.select(band.select(self.scores))


_ARRAYS = ("label", "prompt", "prompt_tokens", "answer_tokens", "scores", "cut")


def read_plotted(counts: pa.Table, kind: Kind, truncation: Truncation | None = None) -> PlottedRows:
    """Take what is drawn from a dataset's token counts, and from what is known of answers cut off, row by row."""
    told = [False] * counts.num_rows if truncation is None else [row is Truncated.YES for row in truncation.rows]
    drawn = select_counted(counts.append_column("cut", pa.array(told, pa.bool_())))
    labels, places = _place_labels(drawn["label"], kind.row_labels)
    by_answer = truncation is not None and truncation.measure == "assistant_tokens"
    return PlottedRows(
        labels=labels,
        label=places,
        prompt=drawn["prompt_index"].to_numpy(),
        prompt_tokens=drawn["prompt_tokens"].to_numpy().astype(np.float64),
        answer_tokens=drawn["assistant_tokens"].to_numpy().astype(np.float64),
        scores=drawn["extract_score"].cast(pa.float64()).fill_null(float("nan")).to_numpy(),
        cut=drawn["cut"].to_numpy(),
        limit=truncation.cap if truncation is not None and by_answer else None,
    )


def _place_labels(column: pa.ChunkedArray, order: Sequence[str]) -> tuple[tuple[str, ...], Integers]:
    encoded = column.combine_chunks().dictionary_encode()
    found: list[str] = encoded.dictionary.to_pylist()
    labels = tuple(sorted(found, key=order.index))
    place: Mapping[str, int] = {name: labels.index(name) for name in found}
    places = np.array([place[name] for name in found], np.int64)
    return labels, places[encoded.indices.to_numpy(zero_copy_only=False)] if found else np.zeros(0, np.int64)
