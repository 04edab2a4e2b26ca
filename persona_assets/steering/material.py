"""What a format makes its files of: the chosen pairs of one key, rendered when they are asked for, or its rows."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import pyarrow as pa

from persona_assets.errors import TokenizerError
from persona_assets.keys import DatasetKey
from persona_assets.pairs.index import SIDES
from persona_assets.steering.answers import Alone, Answer, AnswerPair
from persona_assets.steering.reasons import Reason, Tally
from persona_assets.steering.rendering import Renderer

ANSWERS_KEPT = 4096
"""Rendered ones: those of a baseline are in many pairs."""


@dataclass(frozen=True, eq=False)
class Material:
    """One key."""

    key: DatasetKey
    datasets: Mapping[str, pa.Table]
    """Every dataset that the pairs name, and that of the key, by name."""
    pairs: pa.Table
    """Those that the rule keeps, of ``INDEX_SCHEMA``."""
    load_renderer: Callable[[], Renderer]
    whole_turn: bool = False
    """Whether texts keep what the template writes after the answer."""
    tally: Tally = field(default_factory=Tally)

    @property
    def dataset(self) -> pa.Table:
        return self.datasets[str(self.key)]

    @cached_property
    def renderer(self) -> Renderer:
        return self.load_renderer()

    def render_pairs(self) -> Iterator[AnswerPair]:
        """The pairs of which both answers have a place; the others are counted."""
        render = lru_cache(ANSWERS_KEPT)(self._render)
        for batch in self.pairs.to_batches(max_chunksize=256):
            for row in batch.to_pylist():
                positive, negative = (render(row[f"{side}_dataset"], row[f"{side}_row"]) for side in SIDES)
                if isinstance(positive, Reason):
                    self.tally.leave_out(positive)
                elif isinstance(negative, Reason):
                    self.tally.leave_out(negative)
                else:
                    yield AnswerPair(row, positive, negative)

    def cut_pairs(self) -> Iterator[tuple[AnswerPair, dict[str, Alone]]]:
        """The same with the texts for consumers that encode them by themselves, by side."""
        for pair in self.render_pairs():
            alone = {side: self.renderer.cut(one, whole_turn=self.whole_turn) for side, one in pair.sides.items()}
            reasons = [one for one in alone.values() if isinstance(one, Reason)]
            if reasons:
                self.tally.leave_out(reasons[0])
            else:
                yield pair, {side: one for side, one in alone.items() if isinstance(one, Alone)}

    def require_last_token_of_answer(self) -> None:
        """Raise if the tokenizer adds tokens after every text, so that the last one is never the answer's.

        Raises:
            TokenizerError: it does.
        """
        if self.renderer.added.after:
            raise TokenizerError(
                f"the tokenizer {self.renderer.model.identity.id} adds tokens after every text, so that the last "
                "token is never the answer's; use the format steering_vectors or token_ids"
            ).about(key=self.key)

    def note_once(self, remark: str) -> None:
        """Add a remark, unless it is there already."""
        if remark not in self.tally.remarks:
            self.tally.remarks.append(remark)

    def _render(self, dataset: str, row: int) -> Answer | Reason:
        return self.renderer.render(self.datasets[dataset]["messages"][row].as_py())
