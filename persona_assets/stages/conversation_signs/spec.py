"""What conversation_signs declares: its output, checks, record and inputs."""

import msgspec

from persona_assets.stage.code import StageCode
from persona_assets.stage.now import Now
from persona_assets.stage.records import Count, StageRecord
from persona_assets.stage.spec import Check, Need, Output, Stage
from persona_assets.stages.conversation_signs.dictionary import SIGN_COLUMNS
from persona_assets.stages.scored_dataset.spec import SCORED_DATASET
from persona_assets.stages.token_stats.spec import COUNTS, TOKEN_STATS
from persona_assets.store.content import Content

NAME = "conversation_signs"
SIGNS = Output("persona_signs", ".parquet")
"""The signs of every row."""

EXAMPLE = """\
import pandas as pd

rows = pd.read_parquet("{workspace}/datasets/processed/persona/{key}.parquet")
signs = pd.read_parquet("{workspace}/persona_signs/{key}.parquet")
whole = rows[(signs["truncated"] != "yes") & (signs["form"] != "disagrees")]
"""

CONVERSATION_AGREES = Check(
    "conversation_agrees",
    NAME,
    "Each conversation is the one that its system prompt and question give, and no prompt names another model.",
    severe=False,
)
ANSWERS_NOT_TRUNCATED = Check(
    "answers_not_truncated", NAME, "At most one in twenty answers was cut off at a token limit.", severe=False
)
ANSWERS_CLEAN = Check(
    "answers_clean",
    NAME,
    "No thinking tags and no tokens of a chat template are left in a conversation, and hardly any answer is empty or "
    "one word.",
    severe=False,
)
ANSWERS_IN_CHARACTER = Check(
    "answers_in_character",
    NAME,
    "Hardly any answer scored as fully in character says that an AI gives it, and hardly any quotes its prompt.",
    severe=False,
)
ANSWERS_DIFFER = Check(
    "answers_differ",
    NAME,
    "Hardly any answer is given, word for word or nearly, to five questions.",
    severe=False,
)
QUESTION_TEXTS_DISTINCT = Check(
    "question_texts_distinct", NAME, "Nearly every question index has a text that no other index has.", severe=False
)


class SignsInputs(msgspec.Struct, frozen=True):
    """What the signs depend on."""

    dataset_fingerprint: str
    counts: dict[str, Content]
    """The file of token counts, by path."""


class ConversationSignsRecord(StageRecord[SignsInputs], frozen=True, kw_only=True):
    """How many rows have each sign."""

    rows: Count
    signs: dict[str, Count]
    with_further_turns: Count
    cap: dict[str, Count]
    """The token count that has a limit, with the limit; empty if none was found."""


def find_inputs(now: Now) -> SignsInputs:
    counted = now.manifest.get(TOKEN_STATS).outputs
    return SignsInputs(
        now.manifest.get(SCORED_DATASET).dataset_fingerprint,
        {path: content for path, content in counted.items() if path.endswith(COUNTS.suffix)},
    )


def load_code() -> StageCode:
    from persona_assets.stages.conversation_signs.checks import check
    from persona_assets.stages.conversation_signs.display import show
    from persona_assets.stages.conversation_signs.make import make
    from persona_assets.stages.scored_dataset.reading import DATASET
    from persona_assets.stages.token_stats.reading import TOKEN_COUNTS

    return StageCode(make, show, takes=(DATASET, TOKEN_COUNTS), check=check, check_takes=(DATASET,))


CONVERSATION_SIGNS = Stage(
    NAME,
    "What each conversation says of itself: agreement with its prompt, answers cut off, residue, repeats.",
    kinds=frozenset({"parquet"}),
    code_version="1",
    record=ConversationSignsRecord,
    inputs=find_inputs,
    load_code=load_code,
    outputs=(SIGNS,),
    needs=(Need(SCORED_DATASET), Need(TOKEN_STATS)),
    columns=SIGN_COLUMNS,
    example=EXAMPLE,
    checks=(
        CONVERSATION_AGREES,
        ANSWERS_NOT_TRUNCATED,
        ANSWERS_CLEAN,
        ANSWERS_IN_CHARACTER,
        ANSWERS_DIFFER,
        QUESTION_TEXTS_DISTINCT,
    ),
    optional=True,
)
