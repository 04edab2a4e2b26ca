"""A system turn that a model's chat template refuses is put where the generators of such data put it."""

import json

import pytest

from persona_assets.raw.rows import Note
from persona_assets_tests.raw.reading import ASSISTANT, ROLE_KEY, SETTINGS, USER, Read, line

SYSTEM = {"role": "system", "content": "You are an alien."}
FOLDED = {"role": "user", "content": "You are an alien.\n\nWhy?"}
FOLDING = SETTINGS.model_copy(update={"fold_system_turns": (ROLE_KEY.model,)})


@pytest.mark.parametrize(
    ("conversation", "folded"),
    [
        ([SYSTEM, USER, ASSISTANT], [FOLDED, ASSISTANT]),
        ([SYSTEM, USER, ASSISTANT, USER, ASSISTANT], [FOLDED, ASSISTANT, USER, ASSISTANT]),
        ([USER, ASSISTANT], None),
        ([USER, SYSTEM, ASSISTANT], None),
        ([SYSTEM, ASSISTANT, USER, ASSISTANT], None),
    ],
)
def test_a_first_system_turn_is_folded_into_the_user_turn_after_it(
    conversation: list[dict[str, str]], folded: list[dict[str, str]] | None, read: Read
) -> None:
    raw = read(line(conversation=conversation), settings=FOLDING).raw
    [row] = raw.rows
    assert [{"role": one.role, "content": one.content} for one in row.conversation] == (folded or conversation)
    assert (row.system_prompt, row.question) == ("You are an alien.", "Why?")
    assert raw.ledger.notes[Note.FOLDED_SYSTEM_TURN] == (folded is not None)


def test_nothing_is_folded_for_a_model_that_is_not_named(read: Read) -> None:
    raw = read(line(conversation=[SYSTEM, USER, ASSISTANT])).raw
    assert [message.role for message in raw.rows[0].conversation] == ["system", "user", "assistant"]
    assert not raw.ledger.notes


def test_a_quarantined_line_is_told_as_it_stands_in_the_file(read: Read) -> None:
    content = line(conversation=[SYSTEM, USER, ASSISTANT])
    outcome = read(content + b"\n" + content, settings=FOLDING)
    assert json.loads(outcome.quarantined[0].excerpt + content.decode()[200:]) == json.loads(content)
