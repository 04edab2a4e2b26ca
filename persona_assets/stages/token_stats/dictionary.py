"""The columns of the token counts of every row."""

from persona_assets.stage.columns import Column, sources_of, take_over
from persona_assets.stages.scored_dataset.dictionary import DATASET_COLUMNS
from persona_assets.stages.scored_dataset.spec import NAME as DATASET

_TAKEN = ("label", "prompt_index", "question_index", "sample_index", "extract_score", "score_status")
_MESSAGES = sources_of(DATASET, "messages")
_REFUSED = "null where the chat template refuses the conversation"
_BY_NAME = {column.name: column for column in DATASET_COLUMNS}


def _count(name: str, description: str, *rules: str) -> Column:
    return Column(name, "int64", description, nullable=True, rules=(_REFUSED, *rules), sources=_MESSAGES)


COUNT_COLUMNS = (
    *take_over([_BY_NAME[name] for name in _TAKEN], DATASET),
    _count("prompt_tokens", "Tokens of everything before the last answer, the generation prompt included."),
    _count("assistant_tokens", "Tokens of the last answer, with those that end its turn."),
    _count("tokens", "Tokens of the conversation.", "prompt_tokens + assistant_tokens"),
    _count("answer_start", "Where the answer begins in the tokens of `apply_chat_template(messages)`."),
    _count("answer_end", "Where the answer ends there; this token is not part of it.", "at least answer_start"),
)
