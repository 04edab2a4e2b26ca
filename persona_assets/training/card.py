"""The card of a training set: what is in it, what it was made from, and how it is used."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from persona_assets.training.formats.contract import Format, SetInWords
from persona_assets.training.tally import REASONS, Tally
from persona_assets.training_recipes import Recipe

VIEWS = {
    "verbatim": "The persona's instruction is where the conversations have it.",
    "system": "The persona's instruction is a system turn, also of models that had it in the user turn.",
    "removed": "The persona's instruction is taken out: the model learns to answer so without being asked to.",
}


@dataclass(frozen=True)
class Counts:
    """One split, or the part of one dataset."""

    examples: int
    questions: int
    answer_tokens: int


def write_card(
    described: SetInWords,
    form: Format,
    recipe: Recipe,
    tally: Tally,
    *,
    splits: Mapping[str, Counts],
    datasets: Mapping[str, Counts],
) -> str:
    """The README.md of a set, with the front matter by which the Hub and ``load_dataset`` find the splits."""
    left_out = tally.list_left_out()
    parts = [
        _write_front_matter(described, splits),
        f"# {described.name}\n",
        f"{VIEWS[recipe.view]} No question text is in two splits.\n",
        _tabulate(("split", "examples", "questions", "answer tokens"), _list_counts(splits)),
        "## How to use it\n",
        form.usage(described),
        "## What was chosen\n",
        _tabulate(("setting", "value"), [(f"`{name}`", f"`{value}`") for name, value in _list_settings(recipe)]),
        "## What was left out\n",
        f"{tally.taken:,} of {tally.candidates:,} {'pairs' if described.of_pairs else 'rows'} were taken.\n",
        _tabulate(("number", "why"), [(f"{number:,}", REASONS[why]) for why, number in left_out.items()]),
        "## Where it is from\n",
        "`rows.parquet` has the row of every example; `manifest.json` the version of every dataset.\n",
        _tabulate(("dataset", "examples", "questions", "answer tokens"), _list_counts(datasets)),
    ]
    return "\n".join(part for part in parts if part)


def _write_front_matter(described: SetInWords, splits: Mapping[str, Counts]) -> str:
    files = "".join(f"  - split: {split}\n    path: {described.file_of(split)}\n" for split in splits)
    return (
        f"---\npretty_name: {described.name}\ntask_categories:\n- text-generation\n"
        f"configs:\n- config_name: default\n  data_files:\n{files}---\n"
    )


def _list_counts(counted: Mapping[str, Counts]) -> Iterator[Sequence[str]]:
    for name, counts in counted.items():
        yield f"`{name}`", f"{counts.examples:,}", f"{counts.questions:,}", f"{counts.answer_tokens:,}"


def _list_settings(recipe: Recipe) -> Iterator[tuple[str, Any]]:
    """Those that differ from the default, in plain values."""
    yield "format", recipe.format
    given = recipe.model_dump(mode="json", exclude_defaults=True, exclude={"format"})
    yield from ((name, _escape(value)) for name, value in given.items())


def _escape(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return " ".join(text.split()).replace("|", "\\|").replace("`", "'")


def _tabulate(heads: Sequence[str], rows: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if not lines:
        return ""
    return "\n".join([f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *lines]) + "\n"
