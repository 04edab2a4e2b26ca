"""What scored_dataset is."""

import msgspec

from persona_assets.stage.code import StageCode
from persona_assets.stage.now import Now
from persona_assets.stage.records import Count, SourcesRecord
from persona_assets.stage.spec import FOLDERS, Check, Need, Output, Stage
from persona_assets.stages.raw_conversations.spec import RAW_CONVERSATIONS, Limits

NAME = "scored_dataset"
DATASET_FOLDER = Output("datasets/processed/persona", FOLDERS)
"""Hugging Face dataset folders: of the dataset, and of its variants beside it."""

SCHEMA = Check(
    "schema", NAME, "The dataset folder loads with exactly the documented columns.", severe=True, gates=True
)
SCORE_RANGE = Check(
    "score_range",
    NAME,
    "A score is on its scale exactly where its status is ok, and null elsewhere.",
    severe=True,
    gates=True,
)
SCORE_COVERAGE = Check(
    "score_coverage", NAME, "At least nine in ten rows of each label the judge scores are scored.", severe=False
)
SCORE_FILE_ACCOUNTED = Check(
    "score_file_accounted", NAME, "Every entry of the score file is a usable score of one row.", severe=False
)


class ScoredInputs(msgspec.Struct, frozen=True):
    """What the dataset depends on."""

    files: dict[str, str]
    """SHA-256 of conversation and score files, by the name that the raw layout gives them."""
    limits: Limits


class ScoredDatasetRecord(SourcesRecord[ScoredInputs], frozen=True, kw_only=True):
    """The rows of the dataset by score status, and what of the score files they do not account for."""

    rows: Count
    score_status: dict[str, Count]
    scores_without_row: list[str]
    unreadable_score_keys: list[str]
    conflicting_score_keys: list[str]
    legacy_score_keys: Count
    dataset_fingerprint: str
    """A hash of the table: equal rows have an equal one."""


def find_inputs(now: Now) -> ScoredInputs:
    raw = now.manifest.get(RAW_CONVERSATIONS).inputs
    return ScoredInputs({**raw.files, **now.sources.scores}, raw.limits)


def load_code() -> StageCode:
    from persona_assets.stages.raw_conversations.make import CONVERSATIONS
    from persona_assets.stages.scored_dataset.checks import check
    from persona_assets.stages.scored_dataset.display import show
    from persona_assets.stages.scored_dataset.make import make
    from persona_assets.stages.scored_dataset.reading import DATASET

    return StageCode(make, show, takes=(CONVERSATIONS,), check=check, check_takes=(DATASET,))


SCORED_DATASET = Stage(
    NAME,
    "The conversations with the judge's scores and their status, as a Hugging Face dataset folder.",
    kinds=frozenset({"huggingface", "arrow"}),
    code_version="3",
    record=ScoredDatasetRecord,
    inputs=find_inputs,
    load_code=load_code,
    outputs=(DATASET_FOLDER,),
    needs=(Need(RAW_CONVERSATIONS),),
    checks=(SCHEMA, SCORE_RANGE, SCORE_COVERAGE, SCORE_FILE_ACCOUNTED),
)
