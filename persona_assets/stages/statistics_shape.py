"""What the record of ``token_stats`` must hold to be gathered, drawn and checked. The stage writes more than that."""

from typing import Annotated, TypedDict

import msgspec

from persona_assets.store.manifest_shape import Count, Counting, Tokenizer

_Score = Annotated[str, msgspec.Meta(pattern="^([0-9]{1,9}|null)$")]
_Prompt = Annotated[str, msgspec.Meta(pattern="_p[0-9]{1,9}$")]


class _Group(TypedDict):
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


class _Threshold(TypedDict):
    min_score: Count
    conversations: Count
    tokens: Count


class _Summary(TypedDict):
    all: _Group
    by_score: dict[_Score, _Group]
    by_label: dict[str, _Group]
    by_prompt: dict[_Prompt, _Group]
    by_length: dict[Annotated[str, msgspec.Meta(pattern="^[0-9]{1,12}$")], Count]
    thresholds: list[_Threshold]


class StatisticsShape(_Summary):
    model: str
    type: str
    name: str
    plot: str
    dataset_fingerprint: str
    tokenizer: Tokenizer
    counting: Counting
    variants: dict[str, _Summary]
