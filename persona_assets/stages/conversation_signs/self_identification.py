"""Whether an answer says that an AI gives it, which one in a persona's voice should not."""

import pyarrow as pa
import pyarrow.compute as pc

_MODEL = (
    r"(?:(?:AI|artificial intelligence)(?: (?:language )?(?:model|assistant|chatbot))?|(?:large )?language model)"
)
_AM = r"\bI(?:['\x{2019}]m| am)"
PHRASES = (
    rf"\bas an? (?:\w+ )?{_MODEL}\b",  # as an AI language model
    rf"{_AM} (?:just |only |merely |simply )?an? (?:\w+ )?{_MODEL}\b",  # I'm just an AI assistant
    rf"{_AM} not (?:a )?(?:human|real person)\b",  # I am not human
    r"\bmy (?:training data|knowledge cutoff|programming)\b",
    r"\b(?:trained|created|developed|made) by (?:OpenAI|Anthropic|Google|Meta|Alibaba|Mistral|DeepSeek)\b",
)
PATTERN = rf"(?i){'|'.join(PHRASES)}"


def find_self_identification(answers: pa.StringArray) -> pa.BooleanArray:
    return pc.match_substring_regex(answers, PATTERN)
