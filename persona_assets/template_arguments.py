"""Arguments that a model's chat template is given beside the conversation: their defaults and what they may be."""

from collections.abc import Collection, Mapping
from typing import TypeAlias

from pydantic import FiniteFloat

from persona_assets.errors import InvalidNameError

Arguments: TypeAlias = dict[str, bool | int | FiniteFloat | str]

DEFAULT_ARGUMENTS: dict[str, Arguments] = {"qwen-3-32b": {"enable_thinking": False}}
"""By raw model name."""

RESERVED = frozenset(
    {
        "add_generation_prompt",
        "chat_template",
        "continue_final_message",
        "conversation",
        "conversations",
        "documents",
        "max_length",
        "messages",
        "padding",
        "return_assistant_tokens_mask",
        "return_dict",
        "return_tensors",
        "sanitize_control_tokens",
        "tokenize",
        "tokenizer_kwargs",
        "tools",
        "truncation",
    }
)
"""What ``apply_chat_template`` takes for itself."""


def check_arguments(given: Mapping[str, Arguments], models: Collection[str]) -> None:
    """Refuse arguments for a model that is not known, and arguments whose name is taken.

    Raises:
        InvalidNameError: with the first of them.
    """
    for model, arguments in given.items():
        if model not in models:
            raise InvalidNameError(f"model {model!r} has no tokenizer under models; models with one: {_list(models)}")
        if taken := RESERVED & arguments.keys():
            raise InvalidNameError(f"{_list(taken)} of {model!r} cannot be set: apply_chat_template sets it itself")


def is_default(model: str, name: str, value: object) -> bool:
    """Whether an argument is one that nobody asked for."""
    default = DEFAULT_ARGUMENTS.get(model, {})
    return name in default and default[name] is value


def _list(names: Collection[str]) -> str:
    return ", ".join(sorted(names))
