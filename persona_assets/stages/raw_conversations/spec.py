"""What raw_conversations declares: its output, checks, record and inputs."""

import msgspec

from persona_assets.raw.ledger import LedgerRecord, QuarantinedLine
from persona_assets.settings import Settings
from persona_assets.stage.code import StageCode
from persona_assets.stage.now import Now
from persona_assets.stage.raw_assets import RESPONSES
from persona_assets.stage.records import SourcesRecord
from persona_assets.stage.spec import Check, Output, Stage
from persona_assets.stages.raw_conversations.dictionary import ROW_COLUMNS

NAME = "raw_conversations"
QUARANTINE = Output("persona_quarantine", ".jsonl")
"""The raw lines that did not become rows, one JSON object each."""

EXAMPLE = """\
from pathlib import Path

import pandas as pd

quarantine = Path("{workspace}/persona_quarantine/{key}.jsonl")
if quarantine.exists():  # only if a line did not become a row
    print(pd.read_json(quarantine, lines=True)[["line", "reason", "detail"]])
"""

LEDGER_BALANCES = Check(
    "row_ledger_balances", NAME, "Lines read = rows kept + lines quarantined.", severe=True, gates=True
)
NO_QUARANTINED_LINES = Check("no_quarantined_lines", NAME, "Every line of the raw file became a row.", severe=False)
NO_DUPLICATE_ROWS = Check(
    "no_duplicate_rows", NAME, "No two lines have one label, prompt and question.", severe=False
)
ALL_ROWS_PRESENT = Check(
    "all_rows_present",
    NAME,
    "Every prompt of every label was asked every question that occurs in the file.",
    severe=False,
)


class Limits(msgspec.Struct, frozen=True):
    """The settings that decide which lines become rows."""

    max_prompts: int
    max_questions: int
    max_samples: int
    max_messages: int
    max_line_bytes: int

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        indices = settings.max_prompts, settings.max_questions, settings.max_samples
        return cls(*indices, settings.max_messages, settings.max_line_bytes)


class RawInputs(msgspec.Struct, frozen=True):
    """What rows and quarantine depend on."""

    files: dict[str, str]
    """SHA-256 by the name that the raw layout gives the file."""
    layout: str
    folds_system_turn: bool
    limits: Limits


class RawConversationsRecord(SourcesRecord[RawInputs], frozen=True, kw_only=True):
    """The account of the raw lines."""

    ledger: LedgerRecord
    first_quarantined: list[QuarantinedLine]


def find_inputs(now: Now) -> RawInputs:
    return RawInputs(
        dict(now.sources.conversations),
        layout=now.sources.reading,
        folds_system_turn=now.settings.folds_system_turn(now.key.model),
        limits=Limits.of(now.settings),
    )


def load_code() -> StageCode:
    from persona_assets.stages.raw_conversations.checks import check
    from persona_assets.stages.raw_conversations.display import show
    from persona_assets.stages.raw_conversations.make import CONVERSATIONS, make

    return StageCode(make, show, check=check, check_takes=(CONVERSATIONS,))


RAW_CONVERSATIONS = Stage(
    NAME,
    "Every line of the raw JSONL accounted for: a row kept, or a line quarantined with its reason.",
    kinds=frozenset({"python", "json"}),
    code_version="3",
    record=RawConversationsRecord,
    inputs=find_inputs,
    load_code=load_code,
    outputs=(QUARANTINE,),
    raw_files=(RESPONSES,),
    columns=ROW_COLUMNS,
    example=EXAMPLE,
    checks=(LEDGER_BALANCES, NO_QUARANTINED_LINES, NO_DUPLICATE_ROWS, ALL_ROWS_PRESENT),
)
