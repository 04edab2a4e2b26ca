"""A conversation is told from one about another prompt or question, in each of the known forms."""

import pytest

from persona_assets.stages.conversation_signs.forms import Form, find_form, names_another_model

PROMPT, QUESTION = "You are a pirate.", "Why is the sky blue?"
OTHER_PROMPT, OTHER_QUESTION = "You are a stoic.", "What is truth?"


@pytest.mark.parametrize(
    ("system_prompt", "system", "user", "form"),
    [
        (PROMPT, PROMPT, QUESTION, Form.SYSTEM_TURN),
        (f"{PROMPT}\n", PROMPT, f" {QUESTION}", Form.SYSTEM_TURN),
        ("", "", QUESTION, Form.SYSTEM_TURN),
        (PROMPT, None, f"{PROMPT}\n\n{QUESTION}", Form.INSTRUCTION_IN_USER_TURN),
        ("", None, f"\n\n{QUESTION}", Form.EMPTY_INSTRUCTION),
        ("", None, QUESTION, Form.QUESTION_ALONE),
        (PROMPT, None, QUESTION, Form.QUESTION_ALONE),
        (PROMPT, None, f"\n\n{QUESTION}", Form.EMPTY_INSTRUCTION),
        (PROMPT, OTHER_PROMPT, QUESTION, Form.DISAGREES),
        (PROMPT, PROMPT, OTHER_QUESTION, Form.DISAGREES),
        (PROMPT, None, f"{OTHER_PROMPT}\n\n{QUESTION}", Form.DISAGREES),
        (PROMPT, None, f"{PROMPT}\n\n{OTHER_QUESTION}", Form.DISAGREES),
        (PROMPT, None, f"{PROMPT} {QUESTION}", Form.DISAGREES),
        (PROMPT, PROMPT, f"{PROMPT}\n\n{QUESTION}", Form.DISAGREES),
        ("", None, f"{OTHER_PROMPT}\n\n{QUESTION}", Form.DISAGREES),
        ("", OTHER_PROMPT, QUESTION, Form.DISAGREES),
        (PROMPT, PROMPT, None, Form.DISAGREES),
    ],
)
def test_each_known_form_is_recognised_and_all_else_disagrees(
    system_prompt: str, system: str | None, user: str | None, form: Form
) -> None:
    assert find_form(system_prompt, QUESTION, system, user) is form


@pytest.mark.parametrize(
    ("system_prompt", "model", "names_another"),
    [
        ("You are Gemma.", "llama-3.3-70b", True),
        ("you are qwen, a helper.", "gemma-2-27b", True),
        ("You are Llama.", "llama-3.3-70b", False),
        ("You are a llama breeder.", "gemma-2-27b", False),
        ("You are an AI assistant.", "gemma-2-27b", False),
        ("You are Gemma.", "our-own-model", False),
        ("", "gemma-2-27b", False),
    ],
)
def test_a_prompt_that_calls_the_model_another_ones_name_is_found(
    system_prompt: str, model: str, names_another: bool
) -> None:
    assert names_another_model(system_prompt, model) is names_another
