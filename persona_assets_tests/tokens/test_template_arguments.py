"""What a chat template is given beside the conversation is given in every rendering, and is part of the identity."""

import inspect
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoTokenizer, PreTrainedTokenizerBase
from transformers.utils.chat_template_utils import render_jinja_template

from persona_assets.errors import SettingsError
from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets.settings import Settings, load_settings
from persona_assets.template_arguments import RESERVED
from persona_assets.tokens.counting import count_tokens
from persona_assets.tokens.loading import load_tokenizer
from persona_assets_tests.raw_corpus import LLAMA, QWEN

SYSTEM = {"role": "system", "content": "You are a sage."}
TURNS = [{"role": "user", "content": "Who are you?"}, {"role": "assistant", "content": "A sage."}]
CONVERSATIONS = [TURNS, [SYSTEM, *TURNS], [*TURNS, *TURNS]]


def settings_with(folder: Path, **arguments: dict[str, Any]) -> Settings:
    return Settings(tokenizers=folder, chat_template_arguments=arguments)


def test_a_prompt_of_qwen_is_the_tokens_that_were_generated_from(real_tokenizers: Path) -> None:
    model = load_tokenizer(QWEN, Settings(tokenizers=real_tokenizers))
    reference = AutoTokenizer.from_pretrained(str(real_tokenizers / "Qwen3-32B"))
    counts = count_tokens(model, CONVERSATIONS)
    for place, turns in enumerate(CONVERSATIONS):
        prompt = reference.apply_chat_template(
            turns[:-1], add_generation_prompt=True, enable_thinking=False, tokenize=True, return_dict=False
        )
        whole = reference.apply_chat_template(turns, tokenize=True, return_dict=False)
        assert str(reference.decode(prompt)).endswith("<think>\n\n</think>\n\n")
        assert whole[: len(prompt)] == prompt
        assert (counts.prompt[place], counts.total[place]) == (len(prompt), len(whole))
        assert counts.answer_start[place] == len(prompt)


def test_without_the_argument_prompts_are_four_tokens_shorter_and_totals_the_same(real_tokenizers: Path) -> None:
    with_it = count_tokens(load_tokenizer(QWEN, Settings(tokenizers=real_tokenizers)), CONVERSATIONS)
    without = count_tokens(load_tokenizer(QWEN, settings_with(real_tokenizers, **{QWEN: {}})), CONVERSATIONS)
    assert (with_it.prompt - without.prompt).tolist() == [4, 4, 4]
    assert (with_it.assistant - without.assistant).tolist() == [-4, -4, -4]
    assert with_it.total.tolist() == without.total.tolist()
    assert with_it.answer_start.tolist() == without.answer_start.tolist()
    assert with_it.answer_end.tolist() == without.answer_end.tolist()


def test_with_the_argument_qwen_is_still_concatenated(real_tokenizers: Path) -> None:
    assert len(load_tokenizer(QWEN, Settings(tokenizers=real_tokenizers)).rendering.patterns) == 4


def test_an_argument_changes_the_whole_text_where_the_template_says_so(real_tokenizers: Path) -> None:
    model = load_tokenizer(LLAMA, settings_with(real_tokenizers, **{LLAMA: {"date_string": "01 Jan 2025"}}))
    reference = AutoTokenizer.from_pretrained(str(real_tokenizers / "Llama-3.3-70B-Instruct"))
    texts = model.rendering.texts(CONVERSATIONS, add_generation_prompt=False)
    assert texts == [
        reference.apply_chat_template(turns, tokenize=False, date_string="01 Jan 2025") for turns in CONVERSATIONS
    ]
    assert all("Today Date: 01 Jan 2025" in text for text in texts)


def test_arguments_are_part_of_the_identity(real_tokenizers: Path) -> None:
    identities = [
        load_tokenizer(QWEN, settings_with(real_tokenizers, **{QWEN: arguments})).identity
        for arguments in ({"enable_thinking": False}, {"enable_thinking": True}, {})
    ]
    assert [one.chat_template_arguments for one in identities] == [
        {"enable_thinking": False},
        {"enable_thinking": True},
        {},
    ]
    assert len({one.key for one in identities}) == 3


@pytest.mark.parametrize("name", ["enable_thinkin", "bos_token", "loop"])
def test_an_argument_that_the_template_does_not_use_is_refused(real_tokenizers: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=rf"\[{QWEN}\]: .* uses no argument '{name}'; it uses .*enable_thinking"):
        load_tokenizer(QWEN, settings_with(real_tokenizers, **{QWEN: {name: False}}))


def test_a_default_is_not_refused_where_another_tokenizer_does_not_use_it() -> None:
    assert load_tokenizer(QWEN, Settings(models={QWEN: SAMPLE_TOKENIZER})).identity.synthetic


def test_the_names_that_transformers_takes_for_itself_are_reserved() -> None:
    for function in (PreTrainedTokenizerBase.apply_chat_template, render_jinja_template):
        assert set(inspect.signature(function).parameters) - {"self", "kwargs"} <= RESERVED


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_a_reserved_name_is_refused_with_the_setting(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONA_CHAT_TEMPLATE_ARGUMENTS", f'{{"{QWEN}": {{"{name}": true}}}}')
    with pytest.raises(SettingsError, match=f"PERSONA_CHAT_TEMPLATE_ARGUMENTS .*{name} of '{QWEN}' cannot be set"):
        load_settings()


def test_arguments_of_a_model_that_has_no_tokenizer_are_refused() -> None:
    with pytest.raises(ValueError, match="model 'qwen-3-23b' has no tokenizer"):
        Settings(chat_template_arguments={"qwen-3-23b": {"enable_thinking": False}})


def test_arguments_of_the_file_add_to_the_defaults_and_keep_their_types() -> None:
    given = {"gemma-2-27b": {"a": True, "b": 1, "c": 1.0, "d": "x"}}
    arguments = Settings(chat_template_arguments=given).chat_template_arguments
    assert arguments == {QWEN: {"enable_thinking": False}, **given}
    assert [type(value) for value in arguments["gemma-2-27b"].values()] == [bool, int, float, str]
    assert Settings(chat_template_arguments={QWEN: {}}).chat_template_arguments == {QWEN: {}}
