"""Fast counts are compared with transformers on the spot; one that differs is found, mended and reported."""

import json
from collections.abc import Sequence
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from transformers import AutoTokenizer

from persona_assets.sample import SAMPLE_TOKENIZER_FOLDER
from persona_assets.tokens.counting import count_tokens
from persona_assets.tokens.encoding import Encoded
from persona_assets.tokens.hard_conversations import SAMPLE, choose_places, keep_accepted, make_nasty_conversations
from persona_assets.tokens.identity import CountingMethod
from persona_assets.tokens.loading import ModelTokenizer
from persona_assets.tokens.measures import UNKNOWN
from persona_assets_tests.tokens.conftest import MakeModel

WORD = "flibbertigibbet"
TURNS = [{"role": "user", "content": "Who are you?"}, {"role": "assistant", "content": "A sage."}]
ODD = [{"role": "user", "content": "Who are you?"}, {"role": "assistant", "content": f"A {WORD}."}]


class WrongOn:
    """Counts as another encoder does, but one too many in texts that hold a word."""

    path = "gigatoken"
    reason: str | None = None

    def __init__(self, model: ModelTokenizer, word: str) -> None:
        self.encoder, self.word = model.encoder, word

    def encode(self, texts: Sequence[str]) -> Encoded:
        encoded = self.encoder.encode(texts)
        ids = [
            np.append(ids, ids[-1:]) if self.word in text else ids
            for ids, text in zip(encoded.ids, texts, strict=True)
        ]
        return Encoded(ids, encoded.set_aside)


def test_an_encoder_that_is_wrong_on_a_dataset_is_found_and_the_dataset_counted_again(make_model: MakeModel) -> None:
    model = make_model()
    wrong = replace(model, encoder=WrongOn(model, WORD))
    good = count_tokens(wrong, [TURNS] * 3)
    assert (good.method.path, good.method.mismatches) == ("gigatoken", ())
    mended = count_tokens(wrong, [ODD, TURNS, ODD])
    assert mended.total.tolist() == _totals([ODD, TURNS, ODD])
    assert mended.method.path == "transformers"
    assert [line.split(":")[0] for line in mended.method.mismatches] == ["conversation 0", "conversation 2"]


def test_from_then_on_this_process_counts_that_model_with_transformers(make_model: MakeModel) -> None:
    model = make_model()
    wrong = replace(model, encoder=WrongOn(model, WORD))
    first = count_tokens(wrong, [ODD])
    later = count_tokens(wrong, [TURNS])
    assert later.total.tolist() == _totals([TURNS])
    assert (later.method.path, later.method.mismatches) == ("transformers", first.method.mismatches)


def test_an_encoder_that_is_wrong_on_nasty_texts_is_found_before_it_counts_anything(make_model: MakeModel) -> None:
    model = make_model()
    counts = count_tokens(replace(model, encoder=WrongOn(model, "<|im_start|>")), [TURNS])
    assert counts.total.tolist() == _totals([TURNS])
    assert counts.method.path == "transformers"
    assert counts.method.mismatches


def test_another_model_is_still_counted_the_fast_way(make_model: MakeModel) -> None:
    model = make_model()
    count_tokens(replace(model, encoder=WrongOn(model, WORD)), [ODD])
    other = make_model("{% for message in messages %}{{ message.content }}<|end|>{% endfor %}")
    assert count_tokens(other, [ODD]).method.path == "gigatoken"


def test_a_refused_conversation_has_no_counts_when_transformers_counts_either(make_model: MakeModel) -> None:
    refusing = "{% for message in messages %}{% if 'no' in message.content %}{{ raise_exception('No') }}{% endif %}"
    model = make_model(refusing + "{{ message.content }}{% endfor %}")
    wrong = replace(model, encoder=WrongOn(model, WORD))
    assert count_tokens(wrong, [ODD]).method.path == "transformers"
    counts = count_tokens(wrong, [TURNS, [{"role": "user", "content": "no"}, TURNS[1]]])
    assert counts.refusals == {1: "No"}
    assert counts.total[0] > 0
    assert (counts.total[1], counts.assistant[1], counts.answer_start[1]) == (UNKNOWN, UNKNOWN, UNKNOWN)


def test_the_record_says_how_it_was_counted(make_model: MakeModel) -> None:
    record = json.loads(msgspec.json.encode(count_tokens(make_model(), [TURNS] * 100).method))
    assert record["path"] == "gigatoken"
    assert record["verified"] == len(list(make_nasty_conversations())) + SAMPLE
    assert (record["mismatches"], record["reason"], record["set_aside"]) == ([], None, 0)
    assert json.loads(msgspec.json.encode(CountingMethod("transformers", 3, ("a",))))["mismatches"] == ["a"]


def test_the_fixed_set_covers_what_the_template_accepts_and_no_more(make_model: MakeModel) -> None:
    every = list(make_nasty_conversations())
    assert len(keep_accepted(make_model().rendering, iter(every))) == len(every)
    without_system = "{% if messages[0].role == 'system' %}{{ raise_exception('No') }}{% endif %}"
    refusing = make_model(without_system + "{% for message in messages %}{{ message.content }}{% endfor %}")
    kept = keep_accepted(refusing.rendering, iter(every))
    assert kept == [turns for turns in every if turns[0]["role"] != "system"]
    assert max(len(message["content"].encode()) for turns in kept for message in turns) > 100_000


@pytest.mark.parametrize("conversations", [0, 1, 7, 8, 9, 1200])
def test_a_sample_is_spread_from_the_first_to_the_last(conversations: int) -> None:
    places = choose_places(conversations)
    assert len(places) == min(SAMPLE, conversations)
    assert places == sorted(set(places))
    assert not conversations or (places[0], places[-1]) == (0, conversations - 1)


def test_no_conversations_have_no_counts(make_model: MakeModel) -> None:
    counts = count_tokens(make_model(), [])
    assert (counts.total.tolist(), counts.prompt.tolist(), counts.assistant.tolist()) == ([], [], [])


def _totals(conversations: list[list[dict[str, str]]]) -> list[int]:
    reference = AutoTokenizer.from_pretrained(str(SAMPLE_TOKENIZER_FOLDER))
    return [len(reference.apply_chat_template(turns, tokenize=True, return_dict=False)) for turns in conversations]
