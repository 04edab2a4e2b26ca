"""The columns of a dataset. Its variants and the Parquet files have the same."""

from persona_assets.stage.columns import Column, Source, sources_of
from persona_assets.stage.raw_assets import SCORES
from persona_assets.stages.raw_conversations.spec import NAME as ROWS

_ONLY_IF = "Only in datasets that have something to put in it."
_WHERE_NOT_KEPT = "null where it was not kept"


def _of_row(column: str) -> tuple[Source, ...]:
    return sources_of(ROWS, column)


DATASET_COLUMNS = (
    Column("model", "string", "The model, as its folder in the raw root is called."),
    Column("role", "string", "The name of the role. Only in datasets of roles."),
    Column("trait", "string", "The name of the trait. Only in datasets of traits."),
    Column("system_prompt", "string", "The system prompt, possibly empty.", sources=_of_row("system_prompt")),
    Column("question", "string", "The question that was asked.", sources=_of_row("question")),
    Column(
        "messages",
        "list<struct<role: string, content: string>>",
        "The conversation. The last message is the assistant's answer. Models without a system turn have the prompt "
        "in the first user message.",
        rules=("the last message is the assistant's",),
        sources=_of_row("conversation"),
    ),
    Column("prompt_index", "int64", "Which system prompt of the label, from 0.", sources=_of_row("prompt_index")),
    Column("question_index", "int64", "Which question, from 0.", sources=_of_row("question_index")),
    Column(
        "label",
        "string",
        "Roles: `pos` in the role, `default` the baseline. Traits: `pos` with the trait, `neg` against it, "
        "`default` without it.",
        rules=("one of pos, neg, default",),
        sources=_of_row("label"),
    ),
    Column(
        "extract_score",
        "int64",
        "The judge's score.",
        nullable=True,
        rules=("roles 0-3, traits 0-100", "null unless score_status is ok"),
        sources=sources_of(SCORES, "score"),
    ),
    Column(
        "score_status",
        "string",
        "Whether there is a score, and why not.",
        rules=("one of ok, refusal, missing, unparsed, out_of_range",),
        sources=sources_of(SCORES, "score"),
    ),
    Column(
        "sample_index",
        "int64",
        f"Which of several answers to one prompt and question. {_ONLY_IF}",
        sources=_of_row("sample_index"),
    ),
    Column(
        "exact_score",
        "float64",
        f"The judge's score with its fraction. {_ONLY_IF}",
        nullable=True,
        rules=("null unless score_status is ok",),
        sources=sources_of(SCORES, "score"),
    ),
    Column(
        "coherence",
        "float64",
        f"What the judge of coherence said of the answer, 0 to 100. {_ONLY_IF}",
        nullable=True,
        sources=sources_of(SCORES, "coherence"),
    ),
    Column(
        "judge_response",
        "string",
        f"What the judge wrote, of which the score was taken. {_ONLY_IF}",
        nullable=True,
        sources=sources_of(SCORES, "judge_response"),
    ),
    Column(
        "finish_reason",
        "string",
        f"Why the generator stopped, in its own word: `length` if it cut the answer off. {_ONLY_IF}",
        nullable=True,
        rules=(_WHERE_NOT_KEPT,),
        sources=_of_row("finish_reason"),
    ),
    Column(
        "generated_tokens",
        "int64",
        f"The generator's own count of the answer's tokens. {_ONLY_IF}",
        nullable=True,
        rules=(_WHERE_NOT_KEPT,),
        sources=_of_row("generated_tokens"),
    ),
)
ROW_IDENTITY = "label, prompt_index, question_index and, where there is one, sample_index identify a row"
