"""The columns of the index of pairs."""

from persona_assets.stage.columns import Column, sources_of
from persona_assets.stages.scored_dataset.dictionary import DATASET_COLUMNS
from persona_assets.stages.scored_dataset.spec import NAME as DATASET
from persona_assets.stages.token_stats.spec import NAME as COUNTS

_BY_NAME = {column.name: column for column in DATASET_COLUMNS}


def _describe_side(side: str, whose: str) -> tuple[Column, ...]:
    identity = tuple(
        Column(
            f"{side}_{name}", _BY_NAME[name].type, f"`{name}` of the {side} row.", sources=sources_of(DATASET, name)
        )
        for name in ("label", "prompt_index", "question_index")
    )
    return (
        Column(f"{side}_dataset", "string", f"The dataset of the {side} row: {whose}."),
        Column(f"{side}_row", "int64", f"The position of the {side} row in it, from 0."),
        *identity,
        Column(
            f"{side}_sample_index",
            "int64",
            f"Which of several answers to one prompt and question the {side} row is.",
            rules=("0 where there is one",),
            sources=sources_of(DATASET, "sample_index"),
        ),
        Column(
            f"{side}_score",
            "double",
            f"The judge's score of the {side} row, with its fraction where that was kept.",
            nullable=True,
            rules=("null where the judge gave no score",),
            sources=sources_of(DATASET, "extract_score", "exact_score"),
        ),
        Column(
            f"{side}_coherence",
            "double",
            f"What the judge of coherence said of the {side} row.",
            nullable=True,
            rules=("null where it was not judged",),
            sources=sources_of(DATASET, "coherence"),
        ),
        Column(
            f"{side}_answer_tokens",
            "int64",
            f"Tokens of the answer of the {side} row.",
            nullable=True,
            rules=("null where the chat template refuses the conversation",),
            sources=sources_of(COUNTS, "assistant_tokens"),
        ),
    )


PAIR_COLUMNS = (
    Column("dataset", "string", "The dataset that the pair is of."),
    Column("model", "string", "Its model."),
    Column("kind", "string", "The kind of its persona.", rules=("role or trait",)),
    Column("persona", "string", "Its persona."),
    Column("question", "string", "The question that both rows answer.", sources=sources_of(DATASET, "question")),
    *_describe_side("positive", "the one that the pair is of"),
    *_describe_side("negative", "the same for a trait, the model's baseline for a role"),
    Column(
        "coherence_judged",
        "bool",
        "Whether a judge of coherence saw answers of these datasets at all.",
        sources=sources_of(DATASET, "coherence"),
    ),
    Column(
        "gap",
        "double",
        "The positive score less the negative one.",
        nullable=True,
        rules=("null where a score is",),
        sources=sources_of(DATASET, "extract_score", "exact_score"),
    ),
)
