"""axolotl's own prompt strategies read the sets, and learn from the answer and the token that ends its turn."""

from pathlib import Path
from typing import Any

import pytest

from persona_assets_tests.consumers import sets
from persona_assets_tests.consumers.demo_pairs import answer_turn
from persona_assets_tests.consumers.models import Learnt, Model, expect_learnt, load
from persona_assets_tests.consumers.running import CURRENT, run_program

pytestmark = pytest.mark.campaign


@pytest.fixture(scope="module")
def found(model: Model, tokenizer: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("axolotl")
    sets.write_axolotl_sft(folder / "sets" / "sft", model.pairs)
    sets.write_axolotl_dpo(folder / "sets" / "dpo", model.pairs)
    found = run_program(
        "axolotl_labels", CURRENT, folder / "found.json", tokenizer, model.end_of_turn, folder / "sets"
    )
    assert isinstance(found, dict)
    return found


def test_conversations_teach_the_answer_alone(found: dict[str, Any], model: Model, tokenizer: Path) -> None:
    assert [Learnt.read(row) for row in found["sft"]] == [
        expect_learnt(tokenizer, [*pair.verbatim, answer_turn(pair.positive)], model.end_of_turn, {})
        for pair in model.pairs
    ]


def test_preferences_are_two_answers_to_the_question_without_the_persona(
    found: dict[str, Any], model: Model, tokenizer: Path
) -> None:
    loaded = load(tokenizer)
    assert found["dpo"] == [
        {
            "prompt": loaded.apply_chat_template(pair.prompt, tokenize=False, add_generation_prompt=True),
            "chosen": pair.positive + model.end_of_turn,
            "rejected": pair.negative + model.end_of_turn,
        }
        for pair in model.pairs
    ]
