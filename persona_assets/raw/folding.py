"""Folding a system turn into the user turn after it, for models whose chat template has no system turn."""

from dataclasses import replace

import msgspec

from persona_assets.raw.rows import ChatMessage, Note, ParsedRow

BETWEEN = "\n\n"
"""What the generators of persona data put between the instruction and the question."""


def fold_system_turn(parsed: ParsedRow) -> ParsedRow:
    """The row as it would have been generated for such a model; the same row if it has no such pair of turns."""
    conversation = parsed.row.conversation
    if [message.role for message in conversation[:2]] != ["system", "user"]:
        return parsed
    system, user, *rest = conversation
    turn = ChatMessage("user", f"{system.content}{BETWEEN}{user.content}")
    row = msgspec.structs.replace(parsed.row, conversation=[turn, *rest])
    return replace(parsed, row=row, notes=(*parsed.notes, Note.FOLDED_SYSTEM_TURN))
