"""Loading a split as its consumer does: the json loader of the datasets library, and the types that it finds."""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import datasets

from persona_assets.training.formats.contract import Shape
from persona_assets.training.formats.registry import FORMATS
from persona_assets.training_recipes import Recipe

_TURN = {"role": datasets.Value("string"), "content": datasets.Value("string")}
SHAPES: Mapping[Shape, object] = {
    "messages": datasets.List(_TURN),
    "message": _TURN,
    "bool": datasets.Value("bool"),
}


def find_problems(folder: Path, recipe: Recipe, examples: Mapping[str, int]) -> list[str]:
    """What keeps a consumer from reading the splits in ``folder``, which should have so many ``examples``."""
    return [
        f"{split}.jsonl {problem}"
        for split, number in examples.items()
        for problem in _find(folder / f"{split}.jsonl", recipe, number)
    ]


def _find(path: Path, recipe: Recipe, number: int) -> Iterator[str]:
    wanted = FORMATS[recipe.format].columns(recipe.of_pairs)
    with tempfile.TemporaryDirectory() as cache:
        try:
            rows = datasets.Dataset.from_json(str(path), cache_dir=cache, keep_in_memory=True)
        except (OSError, ValueError, datasets.exceptions.DatasetGenerationError) as error:
            yield f"cannot be loaded: {error}"
            return
    if rows.num_rows != number:
        yield f"has {rows.num_rows:,} examples, {number:,} recorded"
    for column, shape in wanted.items():
        if column not in rows.features:
            yield f"has no column {column}"
        elif rows.features[column] != SHAPES[shape]:
            yield f"has {column} as {rows.features[column]}, not as {shape}"
