"""What the tables of a model and their columns are called, and which tables belong together."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from persona_assets.raw.strays import Signs

SUFFIX = ".parquet"
ROLLOUTS, RESPONSES, EVALUATIONS = SORTS = ("rollouts", "responses", "evaluations")
TABLE = re.compile(rf"(?P<sort>{'|'.join(SORTS)})(?:_(?P<what>.+))?", re.DOTALL)
SIGNS = Signs(place=f"{{model}}/{{{'|'.join(SORTS)}}}_*{SUFFIX}", suffixes=(SUFFIX,))

PERSONA, CATEGORY, INSTRUCTION_INDEX, QUESTION_INDEX = ("role", "role_category", "instruction_idx", "question_idx")
SHARED = (PERSONA, CATEGORY, INSTRUCTION_INDEX, QUESTION_INDEX)
"""Columns of all tables, which must agree where one row refers to another."""
INSTRUCTION, QUESTION = "instruction_text", "question_text"
ROLLOUT, MODEL, PROMPT, RESPONSE = "rollout_idx", "model", "prompt", "response"
FINISH_REASON, TOKENS = "finish_reason", "tokens_generated"
RESPONSE_ROW, SCORE, VERDICT = "response_idx", "score", "raw_judge_response"
BASELINE = "default"
"""The category of roles that are none."""


@dataclass(frozen=True)
class Group:
    """Tables that belong together, by their names without the suffix."""

    rollouts: str
    responses: tuple[str, ...]
    evaluations: tuple[str, ...]
    """Each is called like the responses that it judges."""

    @property
    def tables(self) -> tuple[str, ...]:
        return (self.rollouts, *self.responses, *self.evaluations)


def group(tables: Iterable[str]) -> list[Group]:
    """Put tables together by their names; those that belong to no responses with rollouts are left out."""
    named = {name: match for name in sorted(tables) if (match := TABLE.fullmatch(name))}
    rollouts = [name for name, match in named.items() if match["sort"] == ROLLOUTS]
    evaluations = {name for name, match in named.items() if match["sort"] == EVALUATIONS}
    answering: dict[str, list[str]] = {}
    for name, match in named.items():
        if match["sort"] == RESPONSES and (asked := _rollouts_of(match["what"] or "", rollouts)):
            answering.setdefault(asked, []).append(name)
    return [
        Group(asked, tuple(names), tuple(one for one in map(evaluations_of, names) if one in evaluations))
        for asked, names in sorted(answering.items())
    ]


def sort_of(table: str) -> str:
    """Whether a table holds rollouts, responses or evaluations."""
    return table.partition("_")[0]


def evaluations_of(responses: str) -> str:
    """What the table that judges a table of responses is called."""
    return EVALUATIONS + responses.removeprefix(RESPONSES)


def _rollouts_of(what: str, rollouts: list[str]) -> str | None:
    """The rollouts with the longest name with which ``what`` begins; else those without a name, or the only ones."""
    fitting = [
        name for name in rollouts if f"{what}_".startswith(f"{name.removeprefix(ROLLOUTS).removeprefix('_')}_")
    ]
    if fitting:
        return max(fitting, key=len)
    if ROLLOUTS in rollouts:
        return ROLLOUTS
    return rollouts[0] if len(rollouts) == 1 else None
