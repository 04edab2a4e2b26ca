"""TRL's own trainers read the sets, and learn from the answer and the end of its turn, and from nothing else."""

from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from persona_assets.settings import Settings
from persona_assets.tokens.counting import count_tokens
from persona_assets.tokens.loading import load_tokenizer
from persona_assets_tests.consumers.demo_pairs import Message, answer_turn
from persona_assets_tests.consumers.exported import PAIRS, ROWS, order_by, prepare, read_lines
from persona_assets_tests.consumers.models import NO_LOSS, Learnt, Model, expect_learnt
from persona_assets_tests.consumers.running import CURRENT, run_program

pytestmark = pytest.mark.campaign


RECIPES = {
    "sft": ROWS,
    "messages": {**ROWS, "format": "messages"},
    "dpo": {**PAIRS, "format": "dpo"},
    "kto": {**PAIRS, "format": "kto"},
}


@pytest.fixture(scope="module")
def sets(model: Model, tokenizer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a training set for each of TRL's forms."""
    folder = tmp_path_factory.mktemp("trl")
    source = prepare(model, tokenizer, folder)
    for name, recipe in RECIPES.items():
        source.write_set(folder / "sets" / name, recipe)
    return folder / "sets"


@pytest.fixture(scope="module")
def trained(sets: Path, tokenizer: Path) -> dict[str, Any]:
    folder = sets.parent
    found = run_program("trl_training", CURRENT, folder / "found.json", tokenizer, folder / "models", sets)
    assert isinstance(found, dict)
    return found


def expect(model: Model, tokenizer: Path, conversations: list[list[Message]]) -> list[Learnt]:
    last = model.end_of_turn + model.after_it
    return [expect_learnt(tokenizer, conversation, last, model.arguments) for conversation in conversations]


def read(found: dict[str, Any]) -> list[Learnt]:
    assert found["loss"] > 0
    return [Learnt.read(example) for example in found["examples"]]


def test_prompt_and_completion_teach_the_answer_alone(
    trained: dict[str, Any], sets: Path, model: Model, tokenizer: Path
) -> None:
    pairs = order_by([line["completion"][0]["content"] for line in read_lines(sets / "sft")], model.pairs)
    conversations = [[*pair.verbatim, answer_turn(pair.positive)] for pair in pairs]
    assert read(trained["sft"]) == expect(model, tokenizer, conversations)


def test_messages_alone_teach_the_instruction_too(trained: dict[str, Any]) -> None:
    """Why ``sft`` is the form for TRL: here nothing is left out."""
    assert all(NO_LOSS not in example.labels for example in read(trained["messages"]))


def test_chosen_and_rejected_are_compared_by_their_answers(
    trained: dict[str, Any], sets: Path, model: Model, tokenizer: Path
) -> None:
    pairs = order_by([line["chosen"][0]["content"] for line in read_lines(sets / "dpo")], model.pairs)
    sides = [[pair.positive for pair in pairs], [pair.negative for pair in pairs]]
    conversations = [
        [*pair.prompt, answer_turn(answer)] for answers in sides for pair, answer in zip(pairs, answers, strict=True)
    ]
    assert read(trained["dpo"]) == expect(model, tokenizer, conversations)


def test_wanted_and_unwanted_answers_are_told_apart(
    trained: dict[str, Any], sets: Path, model: Model, tokenizer: Path
) -> None:
    by_answer = {answer: pair for pair in model.pairs for answer in (pair.positive, pair.negative)}
    answers = [line["completion"][0]["content"] for line in read_lines(sets / "kto")]
    assert sorted(answers) == sorted(by_answer)
    conversations = [[*by_answer[answer].prompt, answer_turn(answer)] for answer in answers]
    assert read(trained["kto"]) == expect(model, tokenizer, conversations)
    assert trained["kto"]["wanted"] == [answer == by_answer[answer].positive for answer in answers]


def test_what_is_learnt_lies_where_the_token_counts_have_the_answer(
    trained: dict[str, Any], sets: Path, model: Model, tokenizer: Path, tmp_path: Path
) -> None:
    folder = copytree(tokenizer, tmp_path / "tokenizers" / model.name)
    arguments = {model.corpus: model.arguments} if model.arguments else {}
    settings = Settings(
        workspace=tmp_path,
        tokenizers=folder.parent,
        models={model.corpus: model.name},
        chat_template_arguments=arguments,
    )
    pairs = order_by([line["completion"][0]["content"] for line in read_lines(sets / "sft")], model.pairs)
    conversations = [[*pair.verbatim, answer_turn(pair.positive)] for pair in pairs]
    counts = count_tokens(load_tokenizer(model.corpus, settings), conversations)
    for example, start, end in zip(read(trained["sft"]), counts.answer_start, counts.answer_end, strict=True):
        learnt = [place for place, label in enumerate(example.labels) if label != NO_LOSS]
        assert learnt == list(range(start, end + 1 + len(model.after_it)))
