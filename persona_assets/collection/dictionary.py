"""The columns of the statistics of all keys, and how the files about all keys are loaded."""

from persona_assets.stage.columns import Column, Source, sources_of
from persona_assets.stages.token_stats.spec import NAME as COUNTS
from persona_assets.statistics.key_statistics import PERCENTILES

_IF_EMPTY = ("null if the group is empty",)


def _text(name: str, description: str, *rules: str) -> Column:
    return Column(name, "string", description, nullable=bool(rules) and "null" in rules[0], rules=rules)


def _number(name: str, description: str, *columns: str) -> Column:
    return Column(name, "int64", description, sources=sources_of(COUNTS, *columns))


def _measure(name: str, description: str, kind: str = "double") -> Column:
    return Column(name, kind, description, nullable=True, rules=_IF_EMPTY, sources=(Source(COUNTS, "tokens"),))


STATISTICS_COLUMNS = (
    _text("model", "The model."),
    _text("type", "The kind of persona.", "role or trait"),
    _text("name", "The persona."),
    _text("variant", "The filtered variant, such as `min70__pos`.", "null for the dataset itself"),
    _text("group", "What the rows of the group have in common.", "one of all, score, label, prompt"),
    Column(
        "score",
        "int64",
        "The score of the group.",
        nullable=True,
        rules=("null unless group is score, and for the unscored rows",),
        sources=sources_of(COUNTS, "extract_score"),
    ),
    Column(
        "label",
        "string",
        "The label of the group.",
        nullable=True,
        rules=("null unless group is label or prompt",),
        sources=sources_of(COUNTS, "label"),
    ),
    Column(
        "prompt_index",
        "int64",
        "The system prompt of the group.",
        nullable=True,
        rules=("null unless group is prompt",),
        sources=sources_of(COUNTS, "prompt_index"),
    ),
    _number("conversations", "Conversations in the group.", "tokens"),
    _number("tokens", "Their tokens in all.", "tokens"),
    _number("prompt_tokens", "Tokens of their prompts in all.", "prompt_tokens"),
    _number("assistant_tokens", "Tokens of their answers in all.", "assistant_tokens"),
    _measure("mean", "Mean of the tokens per conversation."),
    *(_measure(f"p{point}", f"Percentile {point} of the tokens per conversation.") for point in PERCENTILES),
    _measure("max", "The longest conversation, in tokens.", "int64"),
    _number("long_answers", "Answers of PERSONA_LONG_ANSWER_TOKENS or more.", "assistant_tokens"),
    _measure("long_answers_share", "Their share of the conversations."),
)

STATISTICS_EXAMPLE = """\
import pandas as pd

statistics = pd.read_parquet("{workspace}/persona_token_stats.parquet")
traits = statistics.query("type == 'trait' and group == 'label' and variant.isna()")
traits.pivot_table("p50", "name", ["model", "label"])  # median tokens of each trait
"""
PAIRS_EXAMPLE = """\
import pandas as pd

readiness = pd.read_parquet("{workspace}/persona_readiness.parquet")
readiness.query("ready").pivot_table("pairs", "persona", ["rule", "model"])  # the pairs of all that are ready
"""
CATALOGUE_EXAMPLE = """\
import json
from pathlib import Path

keys = json.loads(Path("{workspace}/persona_catalogue.json").read_text())["keys"]
failed = {{key: one["reason"] for key, one in keys.items() if one["state"] == "failed"}}
"""
PICTURES_EXAMPLE = """\
from pathlib import Path

from matplotlib import pyplot as plt

pictures = sorted(Path("{workspace}/persona_comparison_plots/overviews").glob("*.png"))
plt.imshow(plt.imread(pictures[0]))
"""
