"""LLaMA-Factory's own loader reads the sets by their entries of ``dataset_info.json``, and learns from the answer.

It writes turns by templates of its own. They end a turn as the tokenizer's template does; before the answer they may
differ, so what is compared is what is learnt.
"""

from pathlib import Path
from typing import Any

import pytest

from persona_assets_tests.consumers.exported import PAIRS, ROWS, order_by, prepare, read_lines
from persona_assets_tests.consumers.models import NO_LOSS, Model, load
from persona_assets_tests.consumers.running import OLDER, run_program

pytestmark = pytest.mark.campaign


@pytest.fixture(scope="module")
def sets(model: Model, tokenizer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a training set for each of LLaMA-Factory's forms."""
    if model.llama_factory is None:
        pytest.skip("LLaMA-Factory has no template for the sample tokenizer")
    folder = tmp_path_factory.mktemp("llama_factory")
    source = prepare(model, tokenizer, folder)
    source.write_set(folder / "sets" / "sft", {**ROWS, "format": "llama_factory"})
    source.write_set(folder / "sets" / "dpo", {**PAIRS, "format": "llama_factory"})
    return folder / "sets"


@pytest.fixture(scope="module")
def found(sets: Path, model: Model, tokenizer: Path) -> dict[str, Any]:
    result = sets.parent / "found.json"
    found = run_program("llama_factory_labels", OLDER, result, tokenizer, model.llama_factory, sets)
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


def test_conversations_teach_the_answer_alone(found: dict[str, Any], sets: Path, learn: Any, model: Model) -> None:
    last = model.end_of_turn + model.after_it
    pairs = order_by([line["messages"][-1]["content"] for line in read_lines(sets / "sft")], model.pairs)
    assert [learn(row[""]) for row in found["sft"]] == [pair.positive + last for pair in pairs]


def test_preferences_are_two_answers(found: dict[str, Any], sets: Path, learn: Any, model: Model) -> None:
    last = model.end_of_turn + model.after_it
    pairs = order_by([line["chosen"]["content"] for line in read_lines(sets / "dpo")], model.pairs)
    assert [(learn(row["chosen"]), learn(row["rejected"])) for row in found["dpo"]] == [
        (pair.positive + last, pair.negative + last) for pair in pairs
    ]


def test_no_example_has_a_second_beginning_of_text(found: dict[str, Any], tokenizer: Path) -> None:
    bos = load(tokenizer).bos_token_id
    examples = [
        side["ids"] for rows in found.values() for row in rows for side in row.values() if isinstance(side, dict)
    ]
    assert all(ids.count(bos) == (bos is not None) for ids in examples)
