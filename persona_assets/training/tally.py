"""The account of a training set: what was taken, and why anything else was left out."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

OVER_BUDGET = "over_budget"
REPEATED = "repeated"
OTHER_PROMPT = "other_prompt"
NOT_ALTERNATING = "not_alternating"
REASONS: Mapping[str, str] = {
    "other_label": "has another label",
    "no_score": "has no score",
    "score_too_low": "scores too low",
    "score_too_high": "scores too high",
    "rule_not_met": "the pair rule is not met",
    "refusal": "the judge calls it a refusal",
    "cut_off": "the answer was cut off",
    "where_not_met": "the condition of where is not met",
    "not_counted": "the chat template refuses it, so that its tokens are not known",
    "persona_not_separable": "the persona's instruction cannot be told from the question for certain",
    "persona_quoted": "the answer quotes a sentence of the persona's instruction",
    OTHER_PROMPT: "the two rows of the pair differ before their answers",
    NOT_ALTERNATING: "user and assistant do not speak by turns, so that the consumer would drop it",
    REPEATED: "the same answer is in the set already",
    OVER_BUDGET: "the token budget was used up",
}
"""Why a candidate is not in a set, in the order in which it is asked."""


@dataclass
class Tally:
    """Counts every candidate once: as taken, or as left out for the first reason that applies."""

    candidates: int
    left_out: Counter[str] = field(default_factory=Counter)
    taken: int = 0

    @property
    def balances(self) -> bool:
        return self.candidates == self.taken + self.left_out.total()

    def list_left_out(self) -> dict[str, int]:
        """How many were left out for each reason that applies, in the order of ``REASONS``."""
        return {reason: self.left_out[reason] for reason in REASONS if self.left_out[reason]}

    def explain(self) -> str:
        """In words, with numbers."""
        parts = [f"{number:,}: {REASONS[reason]}" for reason, number in self.list_left_out().items()]
        return "; ".join(parts) or "there are none"
