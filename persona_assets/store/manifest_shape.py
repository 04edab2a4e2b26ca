"""What a manifest must hold to be worked with, section by section. The stages write more than that."""

from typing import Annotated, Any, NotRequired, TypedDict

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0)]


class _Code(TypedDict):
    stage_version: str


class _Content(TypedDict):
    bytes: Count
    sha256: str


class _Stamp(TypedDict):
    size_bytes: int
    modified_ns: int


class _Made(TypedDict):
    code: _Code
    outputs: dict[str, _Content]


class _Section(_Made):
    inputs: dict[str, Any]


class _RawInputs(TypedDict):
    responses_sha256: str


class _Ledger(TypedDict):
    lines: Count
    kept: Count
    quarantined: dict[str, Count]


class _RawConversations(_Made):
    inputs: _RawInputs
    source_stamp: NotRequired[_Stamp | None]
    ledger: _Ledger
    first_quarantined: list[dict[str, Any]]


class _ScoredInputs(TypedDict):
    scores_sha256: str | None


class _ScoredDataset(_Made):
    inputs: _ScoredInputs
    score_stamp: NotRequired[_Stamp | None]
    dataset_fingerprint: str
    rows: Count
    score_status: dict[str, Count]
    scores_without_row: list[str]
    unreadable_score_keys: list[str]
    conflicting_score_keys: list[str]


class _DatasetInputs(TypedDict):
    dataset_fingerprint: str


class _FilteredVariants(_Made):
    inputs: _DatasetInputs
    variants: dict[str, Count]


class _ParquetExport(_Made):
    inputs: _DatasetInputs


class Tokenizer(TypedDict):
    """The record of a tokenizer's identity, as far as others read it."""

    id: str
    source: str


class Counting(TypedDict):
    """The record of how tokens were counted."""

    path: str
    verified: Count
    mismatches: list[str]
    reason: str | None
    set_aside: Count


class _CountingInputs(_DatasetInputs):
    tokenizer: Tokenizer


class _TokenStats(_Made):
    inputs: _CountingInputs
    rows: Count
    tokens: Count
    counting: Counting


class ManifestShape(TypedDict, total=False):
    """A section per stage, each there once its stage has been materialised."""

    raw_conversations: _RawConversations
    scored_dataset: _ScoredDataset
    filtered_variants: _FilteredVariants
    parquet_export: _ParquetExport
    token_stats: _TokenStats
    histogram: _Section
