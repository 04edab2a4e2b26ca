"""LLaMA-Factory's own loader reads the sets by their entries of ``dataset_info.json``, and learns from the answer.

It writes turns by templates of its own. They end a turn as the tokenizer's template does; before the answer they may
differ, so what is compared is what is learnt.
"""

from pathlib import Path
from typing import Any

import pytest

from persona_assets_tests.consumers import sets
from persona_assets_tests.consumers.models import NO_LOSS, Model, load
from persona_assets_tests.consumers.running import OLDER, run_program

pytestmark = pytest.mark.campaign


@pytest.fixture(scope="module")
def found(model: Model, tokenizer: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    if model.llama_factory is None:
        pytest.skip("LLaMA-Factory has no template for the sample tokenizer")
    folder = tmp_path_factory.mktemp("llama_factory")
    sets.write_llama_factory_sft(folder / "sets" / "sft", model.pairs)
    sets.write_llama_factory_dpo(folder / "sets" / "dpo", model.pairs)
    sets.write_llama_factory_kto(folder / "sets" / "kto", model.pairs)
    found = run_program(
        "llama_factory_labels", OLDER, folder / "found.json", tokenizer, model.llama_factory, folder / "sets"
    )
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def learn(model: Model, tokenizer: Path) -> Any:
    """The text that is learnt from; the tokens in it are the last of the example."""
    loaded = load(tokenizer)

    def learn(side: dict[str, list[int]]) -> str:
        learnt = [token for token in side["labels"] if token != NO_LOSS]
        assert learnt == side["ids"][-len(learnt) :]
        text = loaded.decode(learnt)
        assert isinstance(text, str)
        return text

    return learn


def test_conversations_teach_the_answer_alone(found: dict[str, Any], learn: Any, model: Model) -> None:
    last = model.end_of_turn + model.after_it
    assert [learn(row[""]) for row in found["sft"]] == [pair.positive + last for pair in model.pairs]


def test_preferences_are_two_answers(found: dict[str, Any], learn: Any, model: Model) -> None:
    last = model.end_of_turn + model.after_it
    assert [(learn(row["chosen"]), learn(row["rejected"])) for row in found["dpo"]] == [
        (pair.positive + last, pair.negative + last) for pair in model.pairs
    ]


def test_wanted_answers_are_told_apart_by_a_boolean(found: dict[str, Any], learn: Any, model: Model) -> None:
    last = model.end_of_turn + model.after_it
    assert [(learn(row[""]), row["wanted"]) for row in found["kto"]] == [
        (answer + last, wanted)
        for pair in model.pairs
        for answer, wanted in ((pair.positive, True), (pair.negative, False))
    ]


def test_no_example_has_a_second_beginning_of_text(found: dict[str, Any], tokenizer: Path) -> None:
    bos = load(tokenizer).bos_token_id
    examples = [
        side["ids"] for rows in found.values() for row in rows for side in row.values() if isinstance(side, dict)
    ]
    assert all(ids.count(bos) == (bos is not None) for ids in examples)
