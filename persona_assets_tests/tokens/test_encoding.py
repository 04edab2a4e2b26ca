"""Every text has the tokens that the tokenizers library gives it, whichever encoder counted them."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from transformers import AutoTokenizer

from persona_assets.tokens import encoding
from persona_assets.tokens.counting import count_tokens
from persona_assets.tokens.encoding import GigatokenEncoder, choose_encoder, is_familiar
from persona_assets_tests.conftest import TOKENIZER_FOLDERS
from persona_assets_tests.tokens.conftest import MakeModel

PIECES = (
    *(
        "a",
        "Zz",
        " ",
        "  ",
        "\n",
        "\r\n",
        "\t",
        "'s",
        "'LL",
        "12",
        "3.4",
        "!?",
        "_",
        "é",
        "e\u0301",
        "\u0323",
        "\u0307",
    ),
    *(
        "\u200d",
        "\ufe0f",
        "\ufeff",
        "\x00",
        "\x85",
        "\xa0",
        "人",
        "한",
        "\u0627",
        "😀",
        "👩\u200d🔬",
        "\u2019",
        "\u2028",
        "ﬁ",
    ),
    *("<|im_end|>", "<|im_", "<|eot_id|>", "<end_of_turn>", "<start_of", "</think>", "<bos>", "<|end|>", "▁", "Ġ"),
    *("\ua7ce", "\U00010940", "\u0c5c", "\U0002ceab", "\U000113c2", "\U00016d67", "\u09fe", "\u0eba"),
)
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=40).map("".join)


@pytest.fixture(scope="module", params=TOKENIZER_FOLDERS)
def backend(request: pytest.FixtureRequest, real_tokenizers: Path) -> Tokenizer:
    return AutoTokenizer.from_pretrained(str(real_tokenizers / request.param)).backend_tokenizer


@pytest.fixture(scope="module")
def fast(backend: Tokenizer) -> GigatokenEncoder:
    return GigatokenEncoder(backend)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, max_size=20))
def test_any_text_has_the_tokens_that_the_tokenizers_library_gives_it(
    backend: Tokenizer, fast: GigatokenEncoder, texts: list[str]
) -> None:
    assert fast.encode(texts).counts.tolist() == _lengths(backend, texts)


def test_every_familiar_character_has_those_tokens_too(backend: Tokenizer, fast: GigatokenEncoder) -> None:
    familiar = [chr(code) for code in range(0x30000) if not 0xD800 <= code < 0xE000 and is_familiar(chr(code))]
    texts = [
        f"a{character}b {character}{character}1{character}'s\u0301{character}\u0323\n{character}"
        for character in familiar
        if not "\u4e00" < character < "\ud7a3" and character < "\U00020000"  # long runs of letters all alike
    ]
    assert len(texts) > 20_000
    encoded = fast.encode(texts)
    assert encoded.set_aside == 0
    assert encoded.counts.tolist() == _lengths(backend, texts)


def test_the_real_tokenizers_are_encoded_the_fast_way(backend: Tokenizer) -> None:
    assert choose_encoder(backend).path == "gigatoken"


def test_texts_with_characters_of_newer_unicode_versions_are_set_aside(make_model: MakeModel) -> None:
    texts = ["plain", "café 😀 人 \u2019", "\ua7ce", "a \U0002ceab'll", "\U000113c2"]
    encoder = make_model().encoder
    assert encoder.encode(texts).set_aside == 3
    assert [is_familiar(text) for text in texts] == [True, True, False, False, False]


def test_no_letter_digit_or_mark_outside_unicode_3_2_is_familiar() -> None:
    newer = [chr(code) for code in range(0x110000) if unicodedata.ucd_3_2_0.category(chr(code)) == "Cn"]
    familiar = [character for character in newer if not 0xD800 <= ord(character) < 0xE000 and is_familiar(character)]
    assert {unicodedata.category(character)[0] for character in familiar} <= {"S", "C", "N", "P"}
    digits = [character for character in familiar if unicodedata.category(character)[0] == "N"]
    assert all("\U0001f100" <= digit <= "\U0001f10c" for digit in digits)


def test_a_renewed_encoder_counts_the_same(make_model: MakeModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "RENEW_AFTER_CHARACTERS", 100)
    monkeypatch.setattr(encoding, "BATCH_CHARACTERS", 50)
    model = make_model()
    texts = [f"{'word ' * place}{place}" for place in range(30)]
    assert model.encoder.encode(texts).counts.tolist() == _lengths(model.tokenizer.backend_tokenizer, texts)


def test_a_tokenizer_that_gigatoken_does_not_know_is_encoded_by_tokenizers_and_says_why(
    make_model: MakeModel,
) -> None:
    words = {"type": "WordLevel", "vocab": {"<|bos|>": 0, "hello": 1, "<unk>": 2}, "unk_token": "<unk>"}
    model = make_model(model=words, added_tokens=[], pre_tokenizer={"type": "Whitespace"})
    turns = [{"role": "user", "content": "hello there"}, {"role": "assistant", "content": "hello you hello"}]
    counts = count_tokens(model, [turns])
    ids = model.tokenizer.apply_chat_template(turns, tokenize=True, return_dict=False)
    assert counts.total.tolist() == [len(ids)]
    assert counts.method.path == "tokenizers"
    assert str(counts.method.reason).startswith("gigatoken cannot load it: ")


def _lengths(backend: Tokenizer, texts: list[str]) -> list[int]:
    return [len(one) for one in backend.encode_batch_fast(texts, add_special_tokens=False)]
