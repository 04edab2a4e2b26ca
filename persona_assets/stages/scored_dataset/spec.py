"""What scored_dataset declares: its output, checks, record and inputs."""

import msgspec

from persona_assets.stage.code import StageCode
from persona_assets.stage.now import Now
from persona_assets.stage.raw_assets import SCORES
from persona_assets.stage.records import Count, SourcesRecord
from persona_assets.stage.spec import FOLDERS, Check, Need, Output, Stage
from persona_assets.stages.raw_conversations.spec import RAW_CONVERSATIONS, Limits
from persona_assets.stages.scored_dataset.dictionary import DATASET_COLUMNS

NAME = "scored_dataset"
DATASET_FOLDER = Output("datasets/processed/persona", FOLDERS)
"""Hugging Face dataset folders: of the dataset, and of its variants beside it."""

EXAMPLE = """\
from datasets import load_from_disk  # datasets 2.21 or later

folder = "{workspace}/datasets/processed/persona/{key}"
rows = load_from_disk(folder, keep_in_memory=True)["train"]
print(rows[0]["messages"][-1]["content"], rows[0]["extract_score"])
"""

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
    layout: str
    folds_system_turn: bool
    limits: Limits


class ScoredDatasetRecord(SourcesRecord[ScoredInputs], frozen=True, kw_only=True):
    """The number of rows by score status, and the entries of the score files that are unusable or unusual."""

    rows: Count
    score_status: dict[str, Count]
    scores_without_row: list[str]
    unreadable_score_keys: list[str]
    conflicting_score_keys: list[str]
    legacy_score_keys: Count
    dataset_fingerprint: str
    """A hash of the table, which is equal for equal rows."""


def find_inputs(now: Now) -> ScoredInputs:
    raw = now.manifest.get(RAW_CONVERSATIONS).inputs
    files = {**raw.files, **now.sources.scores}
    return ScoredInputs(files, raw.layout, raw.folds_system_turn, raw.limits)


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
    raw_files=(SCORES,),
    columns=DATASET_COLUMNS,
    example=EXAMPLE,
    checks=(SCHEMA, SCORE_RANGE, SCORE_COVERAGE, SCORE_FILE_ACCOUNTED),
)
