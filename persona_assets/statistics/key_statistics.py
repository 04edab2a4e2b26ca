"""What is reported about one dataset and its variants, as stored in ``persona_token_stats/{key}.json``."""

from typing import Annotated

import msgspec

from persona_assets.tokens.identity import CountingMethod, TokenizerIdentity

NO_SCORE = "null"
"""The key of ``by_score`` for rows without a score."""
PERCENTILES = (5, 25, 50, 75, 95, 99)
LENGTH_STEP = 20
"""``by_length`` counts conversations of 0-19 tokens, 20-39 and so on, each under the smallest number."""

Count = Annotated[int, msgspec.Meta(ge=0)]
Score = Annotated[str, msgspec.Meta(pattern="^([0-9]{1,9}|null)$")]
Prompt = Annotated[str, msgspec.Meta(pattern="_p[0-9]{1,9}$")]
Length = Annotated[str, msgspec.Meta(pattern="^[0-9]{1,12}$")]


class Group(msgspec.Struct, frozen=True):
    """Totals of some conversations, and the distribution of their tokens: unknown (None) where there are none."""

    conversations: Count
    tokens: Count
    prompt_tokens: Count
    assistant_tokens: Count
    mean: float | None
    p5: float | None
    p25: float | None
    p50: float | None
    p75: float | None
    p95: float | None
    p99: float | None
    max: Count | None
    long_answers: Count
    long_answers_share: float | None


class Threshold(msgspec.Struct, frozen=True):
    """How much of a dataset a minimum score keeps."""

    min_score: Count
    conversations: Count
    tokens: Count


class Summary(msgspec.Struct, frozen=True):
    """Everything reported about one set of conversations."""

    refused_by_template: Count
    """Conversations that the chat template refuses: they have no counts, and are in none of the totals."""
    all: Group
    by_score: dict[Score, Group]
    by_label: dict[str, Group]
    by_prompt: dict[Prompt, Group]
    """Named ``{label}_p{prompt_index}``."""
    thresholds: list[Threshold]
    by_length: dict[Length, Count]


class KeyStatistics(msgspec.Struct, frozen=True):
    """The statistics of a key: how it was counted, the summary of the dataset, and those of its variants.

    The fields of the dataset's own ``Summary`` are fields of this record, among the others.
    """

    model: str
    type: str
    name: str
    plot: str
    dataset_fingerprint: str
    tokenizer: TokenizerIdentity
    counting: CountingMethod
    long_answer_tokens: Count
    refusal: str | None
    """Why the chat template refuses the first conversation that it refuses, in its own words."""
    refused_by_template: Count
    all: Group
    by_score: dict[Score, Group]
    by_label: dict[str, Group]
    by_prompt: dict[Prompt, Group]
    thresholds: list[Threshold]
    by_length: dict[Length, Count]
    variants: dict[str, Summary]
    """By dataset name."""

    @property
    def summary(self) -> Summary:
        """The dataset's own summary, of the same type as those of its variants."""
        fields = {name: getattr(self, name) for name in Summary.__struct_fields__}
        return Summary(**fields)
