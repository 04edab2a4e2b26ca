"""TRL's own trainers read the sets, and learn from the answer and the end of its turn, and from nothing else."""

from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from persona_assets.settings import Settings
from persona_assets.tokens.counting import count_tokens
from persona_assets.tokens.loading import load_tokenizer
from persona_assets_tests.consumers import sets
from persona_assets_tests.consumers.demo_pairs import Message, answer_turn
from persona_assets_tests.consumers.models import NO_LOSS, Learnt, Model, expect_learnt
from persona_assets_tests.consumers.running import CURRENT, run_program

pytestmark = pytest.mark.campaign


@pytest.fixture(scope="module")
def trained(model: Model, tokenizer: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("trl")
    for name, write in (
        ("sft", sets.write_sft),
        ("messages", sets.write_messages),
        ("dpo", sets.write_dpo),
        ("kto", sets.write_kto),
    ):
        write(folder / "sets" / name, model.pairs, model.arguments)
    found = run_program("trl_training", CURRENT, folder / "found.json", tokenizer, folder / "models", folder / "sets")
    assert isinstance(found, dict)
    return found


def expect(model: Model, tokenizer: Path, conversations: list[list[Message]]) -> list[Learnt]:
    last = model.end_of_turn + model.after_it
    return [expect_learnt(tokenizer, conversation, last, model.arguments) for conversation in conversations]


def read(found: dict[str, Any]) -> list[Learnt]:
    assert found["loss"] > 0
    return [Learnt.read(example) for example in found["examples"]]


def test_prompt_and_completion_teach_the_answer_alone(trained: dict[str, Any], model: Model, tokenizer: Path) -> None:
    conversations = [[*pair.verbatim, answer_turn(pair.positive)] for pair in model.pairs]
    assert read(trained["sft"]) == expect(model, tokenizer, conversations)


def test_messages_alone_teach_the_instruction_too(trained: dict[str, Any]) -> None:
    """Why ``sft`` is the form for TRL: here nothing is left out."""
    assert all(NO_LOSS not in example.labels for example in read(trained["messages"]))


def test_chosen_and_rejected_are_compared_by_their_answers(
    trained: dict[str, Any], model: Model, tokenizer: Path
) -> None:
    sides = [[pair.positive for pair in model.pairs], [pair.negative for pair in model.pairs]]
    conversations = [
        [*pair.prompt, answer_turn(answer)]
        for answers in sides
        for pair, answer in zip(model.pairs, answers, strict=True)
    ]
    assert read(trained["dpo"]) == expect(model, tokenizer, conversations)


def test_wanted_and_unwanted_answers_are_told_apart(trained: dict[str, Any], model: Model, tokenizer: Path) -> None:
    answers = [(pair, answer) for pair in model.pairs for answer in (pair.positive, pair.negative)]
    conversations = [[*pair.prompt, answer_turn(answer)] for pair, answer in answers]
    assert read(trained["kto"]) == expect(model, tokenizer, conversations)
    assert trained["kto"]["wanted"] == [True, False] * len(model.pairs)


def test_what_is_learnt_lies_where_the_token_counts_have_the_answer(
    trained: dict[str, Any], model: Model, tokenizer: Path, tmp_path: Path
) -> None:
    folder = copytree(tokenizer, tmp_path / "tokenizers" / model.name)
    arguments = {model.corpus: model.arguments} if model.arguments else {}
    settings = Settings(
        workspace=tmp_path,
        tokenizers=folder.parent,
        models={model.corpus: model.name},
        chat_template_arguments=arguments,
    )
    conversations = [[*pair.verbatim, answer_turn(pair.positive)] for pair in model.pairs]
    counts = count_tokens(load_tokenizer(model.corpus, settings), conversations)
    for example, start, end in zip(read(trained["sft"]), counts.answer_start, counts.answer_end, strict=True):
        learnt = [place for place, label in enumerate(example.labels) if label != NO_LOSS]
        assert learnt == list(range(start, end + 1 + len(model.after_it)))
