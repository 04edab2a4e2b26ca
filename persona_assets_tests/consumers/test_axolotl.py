"""axolotl's own prompt strategies read the sets, and learn from the answer and the token that ends its turn."""

from pathlib import Path
from typing import Any

import pytest

from persona_assets_tests.consumers.demo_pairs import answer_turn
from persona_assets_tests.consumers.exported import PAIRS, ROWS, order_by, prepare, read_lines
from persona_assets_tests.consumers.models import Learnt, Model, expect_learnt, load
from persona_assets_tests.consumers.running import CURRENT, run_program

pytestmark = pytest.mark.campaign


@pytest.fixture(scope="module")
def sets(model: Model, tokenizer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a training set for each of axolotl's forms."""
    folder = tmp_path_factory.mktemp("axolotl")
    source = prepare(model, tokenizer, folder)
    source.write_set(folder / "sets" / "sft", {**ROWS, "format": "axolotl"})
    source.write_set(folder / "sets" / "dpo", {**PAIRS, "format": "axolotl"})
    return folder / "sets"


@pytest.fixture(scope="module")
def found(sets: Path, model: Model, tokenizer: Path) -> dict[str, Any]:
    result = sets.parent / "found.json"
    found = run_program("axolotl_labels", CURRENT, result, tokenizer, model.end_of_turn, sets)
    assert isinstance(found, dict)
    return found


def test_conversations_teach_the_answer_alone(
    found: dict[str, Any], sets: Path, model: Model, tokenizer: Path
) -> None:
    pairs = order_by([line["messages"][-1]["content"] for line in read_lines(sets / "sft")], model.pairs)
    assert [Learnt.read(row) for row in found["sft"]] == [
        expect_learnt(tokenizer, [*pair.verbatim, answer_turn(pair.positive)], model.end_of_turn, {})
        for pair in pairs
    ]


def test_preferences_are_two_answers_to_the_question_without_the_persona(
    found: dict[str, Any], sets: Path, model: Model, tokenizer: Path
) -> None:
    loaded = load(tokenizer)
    pairs = order_by([line["chosen"]["content"] for line in read_lines(sets / "dpo")], model.pairs)
    assert found["dpo"] == [
        {
            "prompt": loaded.apply_chat_template(pair.prompt, tokenize=False, add_generation_prompt=True),
            "chosen": pair.positive + model.end_of_turn,
            "rejected": pair.negative + model.end_of_turn,
        }
        for pair in pairs
    ]
