"""The columns of the signs of every row."""

from persona_assets.stage.columns import Column, Source, sources_of, take_over
from persona_assets.stages.scored_dataset.dictionary import DATASET_COLUMNS
from persona_assets.stages.scored_dataset.spec import NAME as DATASET
from persona_assets.stages.token_stats.spec import NAME as COUNTS

_TAKEN = ("label", "prompt_index", "question_index", "sample_index")
_BY_NAME = {column.name: column for column in DATASET_COLUMNS}
_CONVERSATION = sources_of(DATASET, "system_prompt", "question", "messages")
_PROMPT = sources_of(DATASET, "system_prompt", "messages")
_ANSWER = sources_of(DATASET, "messages")


def _flag(name: str, description: str, sources: tuple[Source, ...] = _ANSWER) -> Column:
    return Column(name, "bool", description, sources=sources)


SIGN_COLUMNS = (
    *take_over([_BY_NAME[name] for name in _TAKEN], DATASET),
    Column(
        "form",
        "string",
        "How system prompt and question became the conversation.",
        rules=("one of system_turn, instruction_in_user_turn, empty_instruction, question_alone, disagrees",),
        sources=_CONVERSATION,
    ),
    Column(
        "truncated",
        "string",
        "Whether the answer was cut off at a token limit.",
        rules=("one of yes, no, unknown",),
        sources=(
            *sources_of(DATASET, "messages", "finish_reason"),
            *sources_of(COUNTS, "prompt_tokens", "assistant_tokens", "tokens"),
        ),
    ),
    Column(
        "near_duplicate_of",
        "int64",
        "The position, from 0, of the first answer that is equal or nearly so.",
        nullable=True,
        rules=("null where no earlier answer is like it",),
        sources=_ANSWER,
    ),
    _flag("other_model_named", "The system prompt says that the model is of another family.", _PROMPT),
    _flag("instruction_left_out", "The row has a system prompt, but the conversation does not.", _PROMPT),
    _flag("instruction_leaked", "The system prompt is in the user turn, unlike in other rows of the key.", _PROMPT),
    _flag("think_residue", "`<think>` or `</think>` is in the answer."),
    _flag("template_tokens", "A token of a chat template is in a message."),
    _flag("empty_or_one_word", "The answer is empty or one word."),
    _flag("self_identification", "The answer says that an AI gives it."),
    _flag("quotes_system_prompt", "Six words of the system prompt in a row are in the answer.", _PROMPT),
)
