"""Choosing conversations of a dataset and printing them, safe from whatever they contain."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console
from rich.text import Text

from persona_assets.collection.listed_keys import list_made
from persona_assets.errors import InconsistentOutputError, InvalidNameError, MissingInputError
from persona_assets.keys import DatasetKey, DatasetName
from persona_assets.report.key_files import KeyFiles, read_key
from persona_assets.settings import load_settings
from persona_assets.stage.wording import count
from persona_assets.stages.filtered_variants.rule import find_passing
from persona_assets.suggestions import KEYS_ALIKE, suggest
from persona_assets.workspace import Workspace

_COLOURS = {"system": "magenta", "user": "cyan", "assistant": "green"}
_KEPT = "\n\t\u200d"
"""Printed as they are; the last joins the parts of an emoji."""


@dataclass(frozen=True)
class Wanted:
    """What the rows must have. None: anything."""

    score: int | None = None
    label: str | None = None
    prompt: int | None = None
    question: int | None = None

    def conditions(self) -> Mapping[str, int | str]:
        """The values wanted, by column."""
        columns = {
            "extract_score": self.score,
            "label": self.label,
            "prompt_index": self.prompt,
            "question_index": self.question,
        }
        return {column: value for column, value in columns.items() if value is not None}


def show_conversations(text: str, wanted: Wanted, *, sample: int, seed: int) -> int:
    """Print up to ``sample`` rows of the dataset called ``text``; return the exit code.

    Raises:
        InvalidNameError: it cannot be the name of a dataset.
        MissingInputError: nothing was made of its key.
        InconsistentOutputError: its files are damaged.
    """
    workspace, console = Workspace.of(load_settings()), Console()
    name = _parse(workspace, text)
    files = read_key(workspace, name.key)
    dataset = _require_dataset(workspace, files)
    rows = _find_rows(dataset, name, wanted)
    if not rows:
        _print(console, _describe_lack(dataset, name, wanted))
        return 1
    drawn = sorted(random.Random(seed).sample(rows, min(sample, len(rows))))
    for row in drawn:
        _print_row(console, name, row, _take(dataset, row), _take(files.counts, row) if files.counts else {})
    _print(console, Text(f"{count(len(drawn), 'row')} of {len(rows):,} that fit, of {dataset.num_rows:,}", "dim"))
    return 0


def _parse(workspace: Workspace, text: str) -> DatasetName:
    try:
        return DatasetName.parse(text)
    except InvalidNameError as error:
        made = [str(key) for key in list_made(workspace)]
        if text.startswith(tuple(made)):
            raise  # it is the variant that does not fit
        raise InvalidNameError(f"{error}{suggest(text, made, KEYS_ALIKE)}") from error


def _require_dataset(workspace: Workspace, files: KeyFiles) -> pa.Table:
    if files.dataset is not None:
        return files.dataset
    if files.problems:
        raise InconsistentOutputError(files.problems[0]).about(key=files.key)
    made = list_made(workspace)
    raise MissingInputError(_describe_missing(files.key, made)).about(key=files.key)


def _describe_missing(key: DatasetKey, made: list[DatasetKey]) -> str:
    if key in made:
        return f"{key} has no dataset; 'persona-assets status' says why"
    models = sorted({one.model for one in made})
    if key.model not in models:
        held = ", ".join(models) or "none"
        return f"nothing was made of {key}; there are the models {held}{suggest(key.model, models)}"
    alike = suggest(str(key), map(str, made), KEYS_ALIKE)
    return f"nothing was made of {key}{alike}; see 'persona-assets list'"


def _find_rows(dataset: pa.Table, name: DatasetName, wanted: Wanted) -> list[int]:
    masks = [pc.equal(dataset[column], value) for column, value in wanted.conditions().items()]
    if name.variant:
        masks.append(find_passing(dataset, name.variant))
    chosen = list(range(dataset.num_rows))
    for mask in masks:
        passing = pc.fill_null(mask, False).to_pylist()
        chosen = [row for row in chosen if passing[row]]
    return chosen


def _describe_lack(dataset: pa.Table, name: DatasetName, wanted: Wanted) -> Text:
    """Which values there are of what was asked for."""
    conditions = wanted.conditions()
    asked = " and ".join(f"{column} {value}" for column, value in conditions.items())
    parts = []
    for column in conditions:
        values = sorted(value for value in pc.unique(dataset[column]).to_pylist() if value is not None)
        parts.append(f"{column} is {_say_range(values)}")
    there = f"; in {name.key}, {', '.join(parts)}" if parts else ""
    return Text(f"no row of {name} has {asked or 'anything'}{there}")


def _say_range(values: list[Any]) -> str:
    if not values:
        return "never known"
    if len(values) > 5 and isinstance(values[0], int):
        return f"{values[0]} to {values[-1]}"
    return " or ".join(map(str, values))


def _take(table: pa.Table, row: int) -> dict[str, Any]:
    taken: dict[str, Any] = table.slice(row, 1).to_pylist()[0]
    return taken


def _print_row(
    console: Console, name: DatasetName, row: int, content: Mapping[str, Any], counts: Mapping[str, Any]
) -> None:
    _print(console, Text(f"{name}  row {row:,}", "bold"))
    _print(console, Text(_describe_row(content, counts), "dim"))
    if content["system_prompt"] and content["messages"][0]["role"] != "system":
        _print_turn(console, "system prompt", content["system_prompt"], _COLOURS["system"])
    for message in content["messages"]:
        _print_turn(console, message["role"], message["content"], _COLOURS.get(message["role"], "default"))
    _print(console, Text())


def _describe_row(content: Mapping[str, Any], counts: Mapping[str, Any]) -> str:
    score = content["extract_score"]
    parts = [
        content["label"],
        f"score {score}" if score is not None else f"no score ({content['score_status']})",
        f"prompt {content['prompt_index']}",
        f"question {content['question_index']}",
    ]
    if content.get("sample_index") is not None:
        parts.append(f"sample {content['sample_index']}")
    if content.get("coherence") is not None:
        parts.append(f"coherence {content['coherence']:g}")
    if counts.get("tokens") is not None:
        parts.append(f"{counts['tokens']:,} tokens, {counts['assistant_tokens']:,} of the answer")
    return "  ".join(parts)


def _print_turn(console: Console, role: str, content: str, colour: str) -> None:
    _print(console, Text(f"[{make_safe(role)}]", colour))
    _print(console, Text(make_safe(content)))


def _print(console: Console, text: Text) -> None:
    """Wrapped to a terminal only: what reads a file or a pipe wants the lines as they are."""
    console.print(text, soft_wrap=not console.is_terminal, highlight=False, markup=False, emoji=False)


def make_safe(text: str) -> str:
    """``text`` with every character that a terminal might obey, or show as nothing, as its escape."""
    return "".join(
        letter if letter.isprintable() or letter in _KEPT else letter.encode("unicode_escape").decode()
        for letter in text
    )
