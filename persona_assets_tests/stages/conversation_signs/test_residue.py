"""What tools left in texts, what gives an AI away, and what is copied from the prompt."""

import pyarrow as pa
import pytest

from persona_assets.stages.conversation_signs.quotes import find_quotes
from persona_assets.stages.conversation_signs.residue import (
    find_empty_or_one_word,
    find_template_tokens,
    find_think_residue,
)
from persona_assets.stages.conversation_signs.self_identification import find_self_identification


def texts(*given: str) -> pa.StringArray:
    return pa.array(given, pa.string())


def test_thinking_tags_are_found() -> None:
    answers = texts("<think>\n\n</think>\n\nAye.", "Aye.</think>", "I think so.", "a < think > b")
    assert find_think_residue(answers).to_pylist() == [True, True, False, False]


@pytest.mark.parametrize(
    "token", ["<|im_end|>", "<|eot_id|>", "<start_of_turn>", "<end_of_turn>", "[INST]", "[/INST]", "<<SYS>>", "<eos>"]
)
def test_a_template_token_in_any_message_marks_its_conversation(token: str) -> None:
    contents = texts("Be.", "Why?", "Aye.", "Why?", f"Aye.{token}", f"{token}Be.", "Why?", "Aye.")
    assert find_template_tokens(contents, [3, 2, 3]).to_pylist() == [False, True, True]


def test_text_like_a_template_token_is_none() -> None:
    contents = texts("a <| b |> c", "[INSTALL]", "<start>", "x<|3|>")
    assert find_template_tokens(contents, [1, 1, 1, 1]).to_pylist() == [False] * 4


def test_empty_answers_and_single_words_are_found() -> None:
    answers = texts("", " \n", "Aye.", " ?\n", "Aye, aye.", "人生は旅である。", "one\u2028two")
    assert find_empty_or_one_word(answers).to_pylist()[:6] == [True, True, True, True, False, False]


@pytest.mark.parametrize(
    "answer",
    [
        "As an AI language model, I cannot sail.",
        "Well, as a large language model I have no ship.",
        "I'm just an AI assistant.",
        "I\u2019m an AI, matey.",
        "I am not human, so I cannot say.",
        "My training data says nothing of it.",
        "I was trained by Google.",
    ],
)
def test_an_answer_that_says_an_ai_gives_it_is_found(answer: str) -> None:
    assert find_self_identification(texts(answer)).to_pylist() == [True]


@pytest.mark.parametrize(
    "answer", ["As a pirate, I sail.", "I am a captain.", "AI will change the sea.", "As an aim, it is good."]
)
def test_a_persona_that_speaks_for_itself_is_not(answer: str) -> None:
    assert find_self_identification(texts(answer)).to_pylist() == [False]


def test_six_words_of_the_own_prompt_in_a_row_are_a_quotation() -> None:
    prompt = "You are a pirate who has sailed the seven seas (in search of treasure)."
    answers = texts(
        "I am one WHO HAS sailed\nthe seven seas, aye.",
        "I have sailed the seven seas in search of gold.",
        "I sailed the seven seas.",
        "I am one who has sailed the seven seas.",
        "who has sailed the seven seas",
    )
    prompts = [prompt, prompt, prompt, "You are a stoic who says what is so.", ""]
    assert find_quotes(answers, prompts).to_pylist() == [True, True, False, False, False]


def test_a_prompt_with_signs_that_patterns_are_made_of_is_looked_for_as_it_is() -> None:
    prompt = "Say (a+b)* or [c]: d? e| f^ g$ \\h {i}"
    assert find_quotes(texts(f"They told me: {prompt}", "nothing"), [prompt] * 2).to_pylist() == [True, False]
