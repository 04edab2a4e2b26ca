"""Whether a conversation is the one that its system prompt and question give, and in which of the known forms."""

import re
from enum import StrEnum

from persona_assets.raw.folding import BETWEEN

MODEL_FAMILIES = ("chatgpt", "deepseek", "gemma", "gpt", "llama", "mistral", "mixtral", "olmo", "qwen")
"""Names that a model's own instruction may call it. Claude and Gemini are left out: personas bear them too."""
_CALLED = re.compile(rf"\byou are ({'|'.join(MODEL_FAMILIES)})\b", re.IGNORECASE)


class Form(StrEnum):
    """The known forms. Blanks at either end of a text make no difference, but for ``EMPTY_INSTRUCTION``."""

    SYSTEM_TURN = "system_turn"
    """The system prompt in the system turn, the question in the user turn."""
    INSTRUCTION_IN_USER_TURN = "instruction_in_user_turn"
    """System prompt, a blank line and the question in the user turn; no system turn."""
    EMPTY_INSTRUCTION = "empty_instruction"
    """The same with nothing for the system prompt: the user turn begins with the blank line."""
    QUESTION_ALONE = "question_alone"
    """The question in the user turn; no system turn."""
    DISAGREES = "disagrees"
    """None of these: another prompt, or another question, than the row says."""

    @property
    def leaves_out_the_instruction(self) -> bool:
        return self in (Form.EMPTY_INSTRUCTION, Form.QUESTION_ALONE)


def find_form(system_prompt: str, question: str, system: str | None, user: str | None) -> Form:
    """Compare the first system turn and the first user turn with what the row says was asked."""
    prompt, asked, said = system_prompt.strip(), question.strip(), (user or "").strip()
    if system is not None:
        return Form.SYSTEM_TURN if (system.strip(), said) == (prompt, asked) else Form.DISAGREES
    if prompt and said == f"{prompt}{BETWEEN}{asked}":
        return Form.INSTRUCTION_IN_USER_TURN
    if said != asked:
        return Form.DISAGREES
    return Form.EMPTY_INSTRUCTION if (user or "").startswith(BETWEEN) else Form.QUESTION_ALONE


def names_another_model(system_prompt: str, model: str) -> bool:
    """Whether "You are NAME" names a family of models that ``model`` does not belong to.

    False if the name of ``model`` tells no family.
    """
    own = {family for family in MODEL_FAMILIES if family in model.lower()}
    called = {name.lower() for name in _CALLED.findall(system_prompt)}
    return bool(own and called - own)
