"""A rendered prompt becomes turns only if rendering them gives the very prompt again."""

import json
from pathlib import Path
from typing import Any

import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment

from persona_assets.raw.layouts.persona_vectors.prompt_forms import read_prompt
from persona_assets.raw.rows import Reason, Rejection

QWEN_2_5 = (
    "{%- if messages[0]['role'] == 'system' %}"
    "{{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}"
    "{%- else %}{{- '<|im_start|>system\\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant."
    "<|im_end|>\\n' }}{%- endif %}{%- for message in messages %}{%- if message.role != 'system' or not loop.first %}"
    "{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}{%- endif %}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
)
"""The part of its chat template that has to do with plain messages."""
QWEN, LLAMA, GEMMA = "Qwen3-32B", "Llama-3.3-70B-Instruct", "gemma-2-27b-it"
BOS = {QWEN: "", LLAMA: "<|begin_of_text|>", GEMMA: "<bos>"}
USER = ("user", "Why?\n\nBecause of [INST] or {{ braces }}?")
SYSTEM = ("system", "You are evil.\nVery.")
LONGER = (USER, ("assistant", "No.\n"), ("user", "Really?"))
TRIMMED = (USER, ("assistant", "No."), ("user", "Really?"))
Turns = tuple[tuple[str, str], ...]


def render(template: str, turns: Turns, bos: str = "", **options: object) -> str:
    """As transformers does it, with jinja2 alone."""
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    messages = [{"role": role, "content": content} for role, content in turns]
    return environment.from_string(template).render(
        messages=messages, bos_token=bos, add_generation_prompt=True, **options
    )


def template_of(folder: Path, model: str) -> str:
    config: dict[str, Any] = json.loads((folder / model / "tokenizer_config.json").read_text(encoding="utf-8"))
    return str(config["chat_template"])


def turns_of(prompt: str) -> Turns | str:
    found = read_prompt(prompt)
    if isinstance(found, Rejection):
        assert found.reason is Reason.UNKNOWN_PROMPT_FORM
        return found.detail
    return tuple((turn.role, turn.content) for turn in found)


@pytest.mark.parametrize(
    ("model", "turns"),
    [
        (QWEN, (USER,)),
        (QWEN, (SYSTEM, USER)),
        (QWEN, (SYSTEM, ("user", "  spaces \n"))),
        (QWEN, (SYSTEM, *LONGER)),
        (LLAMA, (USER,)),
        (LLAMA, (SYSTEM, USER)),
        (LLAMA, (SYSTEM, *TRIMMED)),
        (GEMMA, (USER,)),
        (GEMMA, TRIMMED),
    ],
)
@pytest.mark.parametrize("options", [{}, {"enable_thinking": False}])
def test_what_a_real_template_rendered_is_taken_apart_into_the_turns_it_was_given(
    model: str, turns: Turns, options: dict[str, object], real_tokenizers: Path
) -> None:
    template = template_of(real_tokenizers, model)
    prompt = render(template, turns, BOS[model], **options)
    assert turns_of(prompt) == turns


def test_the_default_system_turn_of_qwen_is_a_turn_like_any_other() -> None:
    default = ("system", "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.")
    prompt = render(QWEN_2_5, (USER,))
    assert turns_of(prompt) == (default, USER)
    assert render(QWEN_2_5, (default, USER)) == prompt


@pytest.mark.parametrize("date", ["26 Jul 2024", "01 Jan 2026"])
def test_the_dates_of_llama_are_the_templates_and_not_the_system_turn(date: str, real_tokenizers: Path) -> None:
    template = template_of(real_tokenizers, LLAMA)
    prompt = render(template, (SYSTEM, USER), BOS[LLAMA], date_string=date)
    assert f"Today Date: {date}" in prompt
    assert turns_of(prompt) == (SYSTEM, USER)


def test_llama_3_without_dates_is_read_as_well() -> None:
    header = "<|start_header_id|>{}<|end_header_id|>\n\n"
    turns = "".join(f"{header.format(role)}{content}<|eot_id|>" for role, content in (SYSTEM, USER))
    assert turns_of(f"<|begin_of_text|>{turns}{header.format('assistant')}") == (SYSTEM, USER)


@pytest.mark.parametrize("form", ["<s>[INST] {} [/INST]", "<s>[INST] {}[/INST]", "<s>[INST]{}[/INST]"])
def test_a_mistral_prompt_is_one_user_turn(form: str) -> None:
    assert turns_of(form.format("You are evil.\n\nWhy?")) == (("user", "You are evil.\n\nWhy?"),)
    assert turns_of(form.format("?")) == (("user", "?"),)


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ("", "the prompt begins with '', as in none of ChatML, Llama 3, Gemma, Mistral"),
        ("Why?", "the prompt begins with 'Why?'"),
        (" <|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n", "the prompt begins with ' <|im_start|>user"),
        ("<|im_start|>user\nWhy?<|im_end|>\n", "as in ChatML, but it does not end where the answer begins"),
        ("<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\nWell", "it does not end where the answer begins"),
        ("<|im_start|>user\nWhy?\n<|im_start|>assistant\n", "'<|im_start|>user\\nWhy?\\n' is no turn"),
        ("<|im_start|>tool\nx<|im_end|>\n<|im_start|>assistant\n", "is no turn"),
        ("<|im_start|>user\na<|im_end|>\nb<|im_end|>\n<|im_start|>assistant\n", "'b<|im_end|>\\n' is no turn"),
        ("<|im_start|>assistant\n", "its turns are not the system's"),
        ("<|im_start|>system\nx<|im_end|>\n<|im_start|>assistant\n", "its turns are not the system's"),
        (
            "<|im_start|>user\na<|im_end|>\n<|im_start|>user\nb<|im_end|>\n<|im_start|>assistant\n",
            "its turns are not the system's",
        ),
        ("<start_of_turn>user\nWhy?<end_of_turn>\n<start_of_turn>model\n", "as in none of"),
        ("<bos><start_of_turn>user\n Why?<end_of_turn>\n<start_of_turn>model\n", "as in Gemma, but a turn begins or"),
        (
            "<bos><start_of_turn>system\nx<end_of_turn>\n<start_of_turn>model\n",
            "in Gemma, but '<start_of_turn>s",
        ),
        ("<s>[INST]  Why? [/INST]", "as in Mistral, but it is not one instruction in brackets"),
        ("<s>[INST] <<SYS>>\nx\n<</SYS>>\n\nWhy? [/INST]", "as in Mistral, but it is not one instruction"),
        ("<s>[INST] a [/INST] b</s>[INST] c [/INST]", "as in Mistral, but it is not one instruction"),
        ("<s>[INST] a [/INST] b", "as in Mistral, but it is not one instruction"),
    ],
)
def test_any_other_prompt_is_refused_with_what_was_found(prompt: str, told: str) -> None:
    found = turns_of(prompt)
    assert isinstance(found, str)
    assert told in found


def test_a_white_space_that_llama_would_leave_out_is_refused(real_tokenizers: Path) -> None:
    prompt = render(template_of(real_tokenizers, LLAMA), (SYSTEM, USER), BOS[LLAMA])
    for changed in (prompt.replace("Very.", "Very. "), prompt.replace("Why?", "\nWhy?")):
        assert "white space" in str(turns_of(changed))
