"""Published datasets by model and kind: the sums that cards show."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from persona_assets.kinds import Kind
from persona_assets.publishing.facts import DatasetFacts, add_up
from persona_assets.stage.records import CodeRecord
from persona_assets.tokens.identity import TokenizerIdentity


@dataclass(frozen=True)
class Group:
    """The datasets of one model and kind, in the order of their names."""

    model: str
    kind: Kind
    datasets: tuple[DatasetFacts, ...]

    @property
    def card_in_repository(self) -> str:
        return f"cards/{self.model}/{self.kind.plural}.md"

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.datasets)

    @property
    def size_bytes(self) -> int:
        return sum(one.content.size_bytes for one in self.datasets)

    @property
    def scored(self) -> int:
        return sum(one.signs.scored for one in self.datasets)

    @property
    def raw_lines(self) -> int:
        return sum(one.raw_lines for one in self.datasets)

    @property
    def tokens(self) -> int:
        return sum(one.tokens for one in self.datasets)

    @property
    def answer_tokens(self) -> int:
        return sum(one.answer_tokens for one in self.datasets)

    @property
    def uncounted(self) -> int:
        """Rows that the chat template refuses."""
        return sum(one.uncounted for one in self.datasets)

    @property
    def folded(self) -> int:
        return sum(one.signs.folded for one in self.datasets)

    @cached_property
    def labels(self) -> dict[str, int]:
        return add_up(one.signs.labels for one in self.datasets)

    @cached_property
    def statuses(self) -> dict[str, int]:
        return add_up(one.signs.statuses for one in self.datasets)

    @cached_property
    def quarantined(self) -> dict[str, int]:
        return add_up(one.quarantined for one in self.datasets)

    @cached_property
    def warned(self) -> dict[str, int]:
        """How many datasets a check warned of, by check."""
        return add_up(dict.fromkeys(one.warned, 1) for one in self.datasets)

    @cached_property
    def layouts(self) -> list[str]:
        return sorted({one.layout for one in self.datasets})

    @cached_property
    def tokenizers(self) -> list[TokenizerIdentity]:
        """Every tokenizer that counted, once."""
        return list({one.tokenizer.key: one.tokenizer for one in self.datasets}.values())

    @cached_property
    def code(self) -> list[tuple[str, CodeRecord]]:
        """Every version of the code of every stage, with the stage's name, once."""
        return list(dict.fromkeys((name, code) for one in self.datasets for name, code in one.code.items()))

    @cached_property
    def columns(self) -> set[str]:
        return {name for one in self.datasets for name in one.signs.columns}


def group(datasets: Iterable[DatasetFacts]) -> tuple[Group, ...]:
    """Put the datasets of one model and kind together."""
    ordered = sorted(datasets, key=lambda one: one.key)
    together = groupby(ordered, key=lambda one: (one.key.model, one.key.kind))
    return tuple(Group(model, kind, tuple(ones)) for (model, kind), ones in together)
