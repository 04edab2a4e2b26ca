"""The columns of the rows that the raw lines become."""

from persona_assets.stage.columns import Column

INDEX = ("0 or more",)

ROW_COLUMNS = (
    Column("system_prompt", "string", "The system prompt, possibly empty."),
    Column(
        "label",
        "string",
        "`pos`, `neg` or `default`: which way the persona was asked for.",
        rules=("one of pos, neg, default",),
    ),
    Column("prompt_index", "int64", "Which system prompt of the label.", rules=INDEX),
    Column(
        "conversation",
        "list<struct<role: string, content: string>>",
        "The messages as they are in the raw file; the last one is the assistant's answer.",
        rules=("the last message is the assistant's and not empty",),
    ),
    Column("question_index", "int64", "Which question.", rules=INDEX),
    Column("question", "string", "The question that was asked."),
    Column("sample_index", "int64", "Which of several answers to one prompt and question.", rules=INDEX),
    Column("finish_reason", "string", "Why the generator stopped, in its own word.", nullable=True),
    Column("generated_tokens", "int64", "The generator's own count of the answer's tokens.", nullable=True),
)
