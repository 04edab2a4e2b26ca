"""The persona's instruction is taken out of every known form, and a row in any other form is refused."""

from typing import Any

import pytest

from persona_assets.training.persona_view import NOT_SEPARABLE, QUOTED, Row, Seen, view_row

PERSONA, QUESTION, ANSWER = "You are an old pirate. Speak of the sea.", "Why is the sky blue?", "Because of the sea."
IN_QUESTION = f"{PERSONA} {QUESTION}"


def turn(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def row(*turns: dict[str, str], prompt: str = PERSONA, answer: str = ANSWER) -> Row:
    return Row(prompt, QUESTION, [*turns, turn("assistant", answer)])


KNOWN: list[Any] = [
    pytest.param(row(turn("system", PERSONA), turn("user", QUESTION)), id="system-turn"),
    pytest.param(row(turn("user", f"{PERSONA}\n\n{QUESTION}")), id="folded"),
    pytest.param(row(turn("user", f"\n\n{QUESTION}"), prompt=""), id="folded-and-empty"),
    pytest.param(row(turn("user", QUESTION), prompt=""), id="question-alone"),
    pytest.param(row(turn("user", QUESTION)), id="instruction-left-out"),
    pytest.param(row(turn("user", f"{PERSONA} \n\n{QUESTION}\n"), prompt=f"{PERSONA} "), id="blanks-at-the-ends"),
    pytest.param(row(turn("system", "Be somebody else."), turn("user", QUESTION)), id="another-system-turn"),
]


@pytest.mark.parametrize("conversation", KNOWN)
def test_in_a_known_form_only_the_question_is_left(conversation: Row) -> None:
    assert view_row(conversation, "removed") == Seen((turn("user", QUESTION),), turn("assistant", ANSWER))


@pytest.mark.parametrize(
    "conversation",
    [
        pytest.param(row(turn("user", f"{PERSONA} {QUESTION}")), id="without-the-blank-line"),
        pytest.param(row(turn("user", f"{QUESTION}\n\n{PERSONA}")), id="the-other-way-round"),
        pytest.param(row(turn("user", f"{PERSONA}\n\n{QUESTION} Please.")), id="another-question"),
        pytest.param(row(turn("user", f"You are a pirate.\n\n{QUESTION}")), id="another-instruction"),
        pytest.param(row(turn("system", PERSONA), turn("user", f"{PERSONA}\n\n{QUESTION}")), id="twice"),
        pytest.param(row(turn("user", QUESTION), turn("system", PERSONA)), id="system-turn-later"),
        pytest.param(
            row(turn("user", QUESTION), turn("assistant", "Arr."), turn("user", "you are an OLD pirate; go on")),
            id="said-again-later",
        ),
        pytest.param(
            Row(PERSONA, IN_QUESTION, [turn("user", IN_QUESTION), turn("assistant", "x")]), id="in-the-question"
        ),
        pytest.param(row(turn("assistant", "Hello."), turn("user", QUESTION)), id="assistant-first"),
    ],
)
def test_in_any_other_form_a_row_is_refused(conversation: Row) -> None:
    assert view_row(conversation, "removed") == NOT_SEPARABLE


def test_an_answer_that_quotes_a_sentence_of_the_instruction_is_refused() -> None:
    quoting = row(turn("user", f"{PERSONA}\n\n{QUESTION}"), answer="As I was told: speak of\nthe sea!")
    assert view_row(quoting, "removed") == QUOTED
    assert view_row(row(turn("user", f"{PERSONA}\n\n{QUESTION}"), answer="They speak of seas."), "removed") != QUOTED


def test_further_turns_stay() -> None:
    more = (turn("assistant", "Arr."), turn("user", "Why?"))
    seen = view_row(row(turn("user", f"{PERSONA}\n\n{QUESTION}"), *more), "removed")
    assert isinstance(seen, Seen)
    assert seen.prompt == (turn("user", QUESTION), *more)


@pytest.mark.parametrize("conversation", KNOWN[:2])
def test_as_a_system_turn_both_forms_are_the_same(conversation: Row) -> None:
    seen = view_row(conversation, "system")
    assert seen == Seen((turn("system", PERSONA), turn("user", QUESTION)), turn("assistant", ANSWER))


def test_an_empty_instruction_is_no_system_turn() -> None:
    seen = view_row(row(turn("user", f"\n\n{QUESTION}"), prompt=""), "system")
    assert seen == Seen((turn("user", QUESTION),), turn("assistant", ANSWER))


def test_verbatim_nothing_is_changed() -> None:
    turns = (turn("user", f"{PERSONA} and {QUESTION}"),)
    assert view_row(row(*turns), "verbatim") == Seen(turns, turn("assistant", ANSWER))
