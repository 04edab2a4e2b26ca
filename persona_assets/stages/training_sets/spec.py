"""What training_sets declares: its partitions, output, checks, record and inputs."""

from typing import Any

import msgspec

from persona_assets.pair_rules import DEFAULT_RULES
from persona_assets.stage.code import StageCode
from persona_assets.stage.now import Now
from persona_assets.stage.records import Count, StageRecord
from persona_assets.stage.spec import FOLDERS, Check, Need, Output, Partitioning, Stage
from persona_assets.stages.contrast_pairs.spec import CONTRAST_PAIRS
from persona_assets.stages.conversation_signs.spec import CONVERSATION_SIGNS
from persona_assets.stages.scored_dataset.spec import SCORED_DATASET
from persona_assets.stages.token_stats.spec import TOKEN_STATS
from persona_assets.stages.training_sets.members import (
    find_recipe,
    list_all_read,
    list_members,
    list_pair_members,
)
from persona_assets.training_recipes import check_set_name

NAME = "training_sets"
SETS = Output("persona_training_sets", FOLDERS)
"""A folder for each set."""
BY_SET = Partitioning(NAME, check_set_name, check_set_name)
"""A partition per training set of the settings."""

EXAMPLE = """\
import json
from pathlib import Path

for path in sorted(Path("{workspace}/persona_training_sets").glob("*/manifest.json")):
    made = json.loads(path.read_text())
    print(made["name"], made["recipe"]["format"], made["splits"])
"""

LOADS = Check(
    "loads_in_consumer",
    NAME,
    "Every split loads with the json loader of the datasets library, with the columns and types of its consumer.",
    severe=True,
)
DISJOINT = Check("splits_disjoint", NAME, "No question text is in two splits.", severe=True)
REMOVED = Check(
    "persona_removed",
    NAME,
    "Where the persona is to be removed, no example holds a sentence of its system prompt.",
    severe=True,
)
BUDGET = Check(
    "budget_kept",
    NAME,
    "The stored counts of the answers add up to the tokens on record, and no split has more than its share of the "
    "budget.",
    severe=True,
)
ALL_READ = Check("datasets_read", NAME, "Every dataset that the recipe means could be read.", severe=False)


class SetInputs(msgspec.Struct, frozen=True):
    """What a set depends on, besides the outputs that it reads."""

    recipe: dict[str, Any]
    datasets: tuple[str, ...]
    pair_rule: str | None
    """The condition that the recipe's pair rule stands for."""
    chat_template_arguments: dict[str, dict[str, Any]]
    """By model."""
    with_signs: bool


class SplitRecord(msgspec.Struct, frozen=True):
    """One split of a set."""

    examples: Count
    questions: Count
    answer_tokens: Count
    budget: Count | None = None


class TrainingSetRecord(StageRecord[SetInputs], frozen=True, kw_only=True):
    """How many candidates became examples, and why the others did not."""

    candidates: Count
    taken: Count
    left_out: dict[str, Count]
    splits: dict[str, SplitRecord]
    not_read: dict[str, str]
    """Datasets that the recipe means and that could not be read, with the reason."""


def find_inputs(now: Now) -> SetInputs:
    recipe, settings = find_recipe(now.key, now.settings), now.settings
    members = list_members(now.key, settings)
    models = sorted({key.model for key in members} | ({recipe.trained_model} if recipe.trained_model else set()))
    named = {**DEFAULT_RULES, **settings.pair_rules}
    return SetInputs(
        recipe.model_dump(mode="json"),
        tuple(map(str, members)),
        named.get(recipe.pair_rule, recipe.pair_rule) if recipe.pair_rule else None,
        {model: dict(settings.chat_template_arguments.get(model, {})) for model in models},
        CONVERSATION_SIGNS.name not in settings.stages_off,
    )


def load_code() -> StageCode:
    from persona_assets.stages.training_sets.checks import check
    from persona_assets.stages.training_sets.display import show
    from persona_assets.stages.training_sets.make import make

    return StageCode(make, show, check=check)


TRAINING_SETS = Stage(
    NAME,
    "Chosen rows or pairs in the format of a trainer, in splits that share no question.",
    kinds=frozenset({"json", "huggingface"}),
    code_version="1",
    record=TrainingSetRecord,
    inputs=find_inputs,
    load_code=load_code,
    outputs=(SETS,),
    needs=(
        Need(SCORED_DATASET, partitions=list_all_read),
        Need(TOKEN_STATS, partitions=list_all_read),
        Need(CONVERSATION_SIGNS, partitions=list_all_read, dispensable=True),
        Need(CONTRAST_PAIRS, partitions=list_pair_members, dispensable=True),
    ),
    example=EXAMPLE,
    checks=(LOADS, DISJOINT, REMOVED, BUDGET, ALL_READ),
    partitioning=BY_SET,
)
