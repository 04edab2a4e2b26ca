"""How training_sets looks in the UI."""

from collections.abc import Mapping

from persona_assets.stage.shown import ROW_COUNT, Shown, ShownJson, ShownPath, ShownTable
from persona_assets.stage.wording import count
from persona_assets.stages.training_sets.make import TrainingSetMade
from persona_assets.training.tally import REASONS

MOST_DATASETS = 100


def show(made: TrainingSetMade) -> Mapping[str, Shown]:
    examples = sum(counts.examples for counts in made.splits.values())
    tokens = sum(counts.answer_tokens for counts in made.splits.values())
    datasets = count(len(made.datasets), "dataset")
    splits = {
        split: {"examples": one.examples, "questions": one.questions, "answer_tokens": one.answer_tokens}
        for split, one in made.splits.items()
    }
    return {
        "summary": f"{count(examples, 'example')} with {tokens:,} answer tokens, of {datasets}",
        "splits": ShownTable({"split": split, **counts} for split, counts in splits.items()),
        "left_out": ShownTable(
            {"number": number, "why": REASONS[why]} for why, number in made.tally.list_left_out().items()
        ),
        "datasets": ShownTable(
            {"dataset": name, "examples": one.examples, "answer_tokens": one.answer_tokens}
            for name, one in list(made.datasets.items())[:MOST_DATASETS]
        ),
        "recipe": ShownJson(made.recipe.model_dump(mode="json", exclude_defaults=True)),
        "not_read": len(made.not_read),
        ROW_COUNT: examples,
        "path": ShownPath(made.path),
    }
