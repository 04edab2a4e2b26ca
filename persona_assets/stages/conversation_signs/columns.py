"""The signs of every row as a table: its identity, and one column per sign."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from persona_assets.raw.rows import Identity
from persona_assets.stages.conversation_signs.forms import Form, find_form, names_another_model
from persona_assets.stages.conversation_signs.quotes import find_quotes
from persona_assets.stages.conversation_signs.repeats import find_first_alike
from persona_assets.stages.conversation_signs.residue import (
    find_empty_or_one_word,
    find_template_tokens,
    find_think_residue,
)
from persona_assets.stages.conversation_signs.schema import FLAGS, IDENTITY, choose_schema
from persona_assets.stages.conversation_signs.self_identification import find_self_identification
from persona_assets.stages.conversation_signs.turns import Turns, read_turns
from persona_assets.statistics.truncation import MEASURES, Truncated, Truncation, find_truncated

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Signs:
    table: pa.Table
    truncation: Truncation
    with_further_turns: int
    """Conversations with further turns, of which forms judge the first."""


def find_signs(dataset: pa.Table, counts: pa.Table, model: str) -> Signs:
    """Look for every sign in every row. ``counts`` are the dataset's token counts, row by row."""
    turns = read_turns(dataset["messages"])
    truncation = _judge_truncation(dataset, counts, turns)
    signs = {
        **_compare_with_prompt(dataset, turns, model),
        "truncated": [found.value for found in truncation.rows],
        "near_duplicate_of": find_first_alike(turns.answers),
        "think_residue": find_think_residue(turns.answers),
        "template_tokens": find_template_tokens(turns.contents, turns.lengths),
        "empty_or_one_word": find_empty_or_one_word(turns.answers),
        "self_identification": find_self_identification(turns.answers),
        "quotes_system_prompt": find_quotes(turns.answers, dataset["system_prompt"].to_pylist()),
    }
    identity = {name: dataset[name] for name in IDENTITY if name in dataset.column_names}
    table = pa.table(identity | signs, schema=choose_schema(dataset))
    return Signs(table, truncation, turns.with_further_turns)


def _judge_truncation(dataset: pa.Table, counts: pa.Table, turns: Turns) -> Truncation:
    recorded = "finish_reason" in dataset.column_names
    reasons = dataset["finish_reason"].to_pylist() if recorded else None
    return find_truncated({name: counts[name].to_pylist() for name in MEASURES}, turns.answers, reasons)


def _compare_with_prompt(dataset: pa.Table, turns: Turns, model: str) -> dict[str, list[str] | list[bool]]:
    prompts: list[str] = dataset["system_prompt"].to_pylist()
    rows = zip(prompts, dataset["question"].to_pylist(), turns.system, turns.user, strict=True)
    forms = [find_form(*row) for row in rows]
    others = {prompt: names_another_model(prompt, model) for prompt in set(prompts)}
    has_system_turn = Form.SYSTEM_TURN in forms
    return {
        "form": [form.value for form in forms],
        "other_model_named": [others[prompt] for prompt in prompts],
        "instruction_left_out": [
            bool(prompt.strip()) and form.leaves_out_the_instruction
            for prompt, form in zip(prompts, forms, strict=True)
        ],
        "instruction_leaked": [has_system_turn and form is Form.INSTRUCTION_IN_USER_TURN for form in forms],
    }


def mark_rows(signs: pa.Table) -> Mapping[str, Flags]:
    """For each sign, the rows that have it."""
    marked: dict[str, Flags] = {
        Form.DISAGREES.value: _equals(signs, "form", Form.DISAGREES.value),
        "truncated": _equals(signs, "truncated", Truncated.YES.value),
        "near_duplicate": signs["near_duplicate_of"].is_valid().to_numpy(),
    }
    return marked | {name: signs[name].to_numpy() for name in FLAGS}


def _equals(signs: pa.Table, column: str, value: str) -> Flags:
    return np.array([found == value for found in signs[column].to_pylist()], bool)


def name_rows(signs: pa.Table, marked: Flags) -> list[str]:
    """The names of the marked rows, as messages and score files write them."""
    columns = [name for name in IDENTITY if name in signs.column_names]
    return [str(Identity(**row)) for row in signs.select(columns).filter(pa.array(marked)).to_pylist()]
