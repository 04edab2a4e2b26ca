"""What LLaMA-Factory and axolotl read alike: conversations, or the turns before two single answers."""

from collections.abc import Mapping
from typing import Any

from persona_assets.training.examples import Example
from persona_assets.training.formats.contract import Shape


def write(example: Example) -> dict[str, Any]:
    if example.rejected is None:
        return {"messages": example.messages}
    return {"messages": list(example.prompt), "chosen": example.answer, "rejected": example.rejected}


def list_columns(of_pairs: bool) -> Mapping[str, Shape]:
    if not of_pairs:
        return {"messages": "messages"}
    return {"messages": "messages", "chosen": "message", "rejected": "message"}
