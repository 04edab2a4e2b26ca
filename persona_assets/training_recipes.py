"""The recipe of a training set, as the settings give it: which rows, which view of the persona, which format."""

import re
from math import isclose
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from persona_assets.errors import InvalidNameError
from persona_assets.kinds import KINDS

FormatName: TypeAlias = Literal["sft", "messages", "dpo", "kto", "llama_factory", "axolotl"]
View: TypeAlias = Literal["verbatim", "system", "removed"]
ALL = ("*",)
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]|_(?!_)){0,63}")
"""Without the separator of a key, so that no set is called like a dataset."""
_SPLIT = re.compile(r"[a-z][a-z0-9_]{0,31}")
_TAKEN = ("corpus",)
"""Names by which the workspace already has locks and journals."""
_OF_RUNS = "run_"


def check_set_name(text: str) -> str:
    """Return ``text`` if it can name a training set. Such a name is never that of a dataset.

    Raises:
        InvalidNameError: it cannot.
    """
    if not _NAME.fullmatch(text):
        raise InvalidNameError(
            f"training set {text[:80]!r}: a name has small letters, digits, '-' and single '_', at most 64; rename it"
        )
    if text in _TAKEN or text.startswith(_OF_RUNS):
        raise InvalidNameError(f"training set {text!r}: the workspace uses that name itself; rename it")
    return text


SetName = Annotated[str, AfterValidator(check_set_name)]


class Recipe(BaseModel):
    """What a training set is made of. A row has to meet every condition that is given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    models: tuple[str, ...] = ALL
    """Patterns over the names of models, such as ``qwen-*``."""
    kinds: tuple[str, ...] = tuple(KINDS)
    personas: tuple[str, ...] = ALL
    """Patterns over the names of personas."""
    format: FormatName = "sft"
    view: View = "removed"
    """What becomes of the persona's instruction: left as it is, made a system turn, or taken out."""
    min_score: int | None = None
    max_score: int | None = None
    label: str | None = None
    whole_answers: bool = True
    """Without answers that were cut off at a token limit."""
    no_refusals: bool = True
    """Without answers that the judge calls a refusal."""
    where: str | None = None
    """A condition in SQL over the columns of rows, token counts and signs. Of a pair, both rows have to meet it."""
    pair_rule: str | None = None
    """The name of a pair rule, or a condition over the columns of the index of pairs."""
    desirable_score: int | None = None
    """KTO without pairs: answers with this score or more are desirable, those below are not."""
    trained_model: str | None = None
    """Whose chat template arguments are written. Unset: those that all models of the set have."""
    splits: dict[str, float] = Field(default_factory=lambda: {"train": 0.9, "validation": 0.1})
    """The share of the questions that each split has."""
    token_budget: int | None = Field(default=None, ge=1)
    """Most answer tokens of all splits together."""
    seed: int = Field(default=0, ge=0)

    @property
    def of_pairs(self) -> bool:
        """Whether its examples come from contrast pairs."""
        return self.pair_rule is not None

    @field_validator("kinds", mode="after")
    @classmethod
    def _check_kinds(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for kind in given:
            if kind not in KINDS:
                raise ValueError(f"{kind!r} is no kind of persona; use {' or '.join(KINDS)}")
        return given

    @field_validator("models", "kinds", "personas", mode="after")
    @classmethod
    def _require_one(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        if not given or not all(given):
            raise ValueError("an empty list or pattern matches nothing; leave it out to take all")
        return given

    @field_validator("where", "pair_rule", mode="after")
    @classmethod
    def _require_words(cls, given: str | None) -> str | None:
        if given is not None and not given.strip():
            raise ValueError("an empty condition says nothing; leave it out")
        return given

    @field_validator("splits", mode="after")
    @classmethod
    def _check_splits(cls, given: dict[str, float]) -> dict[str, float]:
        for name, share in given.items():
            if not _SPLIT.fullmatch(name):
                raise ValueError(f"split {name!r}: a name has small letters, digits and '_'")
            if not 0 < share <= 1:
                raise ValueError(f"split {name!r} has a share of {share:g}; it must be above 0 and at most 1")
        if not isclose(sum(given.values()), 1):
            raise ValueError(f"the shares add up to {sum(given.values()):g}, not to 1")
        return given

    @model_validator(mode="after")
    def _check_together(self) -> "Recipe":
        for problem in self._list_problems():
            raise ValueError(problem)
        return self

    def _list_problems(self) -> list[str]:
        found = {
            "min_score is above max_score": None not in (self.min_score, self.max_score)
            and (self.min_score or 0) > (self.max_score or 0),
            "dpo needs pair_rule: the name of a pair rule, or a condition such as 'gap > 50'": self.format == "dpo"
            and not self.of_pairs,
            "kto needs either pair_rule or desirable_score": self.format == "kto"
            and self.of_pairs == (self.desirable_score is not None),
            f"{self.format} is not made of pairs; leave pair_rule out, or take dpo, kto, llama_factory or axolotl": (
                self.format in ("sft", "messages") and self.of_pairs
            ),
            "desirable_score is only for kto": self.desirable_score is not None and self.format != "kto",
            "pair_rule says which scores and labels; leave min_score, max_score and label out": self.of_pairs
            and (self.min_score, self.max_score, self.label) != (None, None, None),
            "the two rows of a pair were asked with different instructions; use view = 'removed'": self.of_pairs
            and self.view != "removed",
        }
        return [problem for problem, is_so in found.items() if is_so]
