"""Filling the splits of a set with candidates, in their order, until the budget of each is used up."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from persona_assets.training.candidates import Pool
from persona_assets.training.examples import Example, example_of, example_of_pair
from persona_assets.training.formats.contract import Format, turns_alternate
from persona_assets.training.hashing import Integers
from persona_assets.training.persona_view import Row, view_row
from persona_assets.training.tally import NOT_ALTERNATING, OTHER_PROMPT, OVER_BUDGET, REPEATED, Tally
from persona_assets.training_recipes import Recipe

ReadRow = Callable[[int], tuple[Row, int | None]]
"""The texts and the score of a row, by its place in the table of all rows."""


@dataclass(frozen=True)
class Chosen:
    """An example, and where it comes from."""

    example: Example
    rows: tuple[int, ...]
    """The places of its rows: one, or the positive and the negative one of a pair."""
    tokens: int


@dataclass
class Filling:
    """Takes candidates into the splits of one set."""

    recipe: Recipe
    format: Format
    pool: Pool
    tokens_of: Integers
    """The answer tokens of every row."""
    read: ReadRow
    tally: Tally
    tokens: Counter[str] = field(default_factory=Counter)
    """Answer tokens taken, by split."""
    _seen: set[int] = field(default_factory=set)

    def budget_of(self, split: str) -> int | None:
        """Most answer tokens of a split: its share of the budget."""
        budget = self.recipe.token_budget
        return None if budget is None else int(budget * self.recipe.splits[split])

    def fill(self, split: str) -> Iterator[Chosen]:
        """Take the candidates of ``split`` until the next one does not fit any more.

        A longer answer is not skipped for a shorter one: that would prefer short answers.
        """
        order = self.pool.order(list(self.recipe.splits).index(split))
        budget = self.budget_of(split)
        for number, place in enumerate(order.tolist()):
            found = self._view(place)
            if isinstance(found, str):
                self.tally.left_out[found] += 1
                continue
            tokens = sum(chosen.tokens for chosen in found)
            if budget is not None and self.tokens[split] + tokens > budget:
                self.tally.left_out[OVER_BUDGET] += len(order) - number
                return
            self.tokens[split] += tokens
            self.tally.taken += 1
            self._seen.update(row for chosen in found for row in chosen.rows)
            yield from found

    def _view(self, place: int) -> Sequence[Chosen] | str:
        """The examples of a candidate, or why there are none."""
        rows = [int(side[place]) for side in self.pool.rows]
        found = self._view_pair(*rows) if len(rows) > 1 else self._view_row(rows[0])
        if isinstance(found, str):
            return found
        if self.format.alternates and not all(turns_alternate(chosen.example) for chosen in found):
            return NOT_ALTERNATING
        return found

    def _view_row(self, row: int) -> Sequence[Chosen] | str:
        texts, score = self.read(row)
        seen = view_row(texts, self.recipe.view)
        if isinstance(seen, str):
            return seen
        least = self.recipe.desirable_score
        desirable = None if least is None or score is None else score >= least
        return [Chosen(example_of(seen, desirable=desirable), (row,), int(self.tokens_of[row]))]

    def _view_pair(self, positive: int, negative: int) -> Sequence[Chosen] | str:
        sides = [view_row(self.read(row)[0], self.recipe.view) for row in (positive, negative)]
        for seen in sides:
            if isinstance(seen, str):
                return seen
        better, worse = (seen for seen in sides if not isinstance(seen, str))
        if self.format.sides_apart:
            apart = zip((positive, negative), (better, worse), (True, False), strict=True)
            found = [
                Chosen(example_of(seen, desirable=wanted), (row,), int(self.tokens_of[row]))
                for row, seen, wanted in apart
                if row not in self._seen
            ]
            return found or REPEATED
        if better.prompt != worse.prompt:
            return OTHER_PROMPT
        tokens = int(self.tokens_of[positive] + self.tokens_of[negative])
        return [Chosen(example_of_pair(better, worse), (positive, negative), tokens)]
