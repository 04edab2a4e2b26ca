"""Whole conversations under ``messages``, for trainers that find the answer themselves."""

from collections.abc import Mapping
from typing import Any

from persona_assets.training.examples import Example
from persona_assets.training.formats.contract import Format, SetInWords, Shape


def write(example: Example) -> dict[str, Any]:
    return {"messages": example.messages}


def list_columns(_of_pairs: bool) -> Mapping[str, Shape]:
    return {"messages": "messages"}


def describe_usage(_: SetInWords) -> str:
    return """\
For trainers that take conversations under `messages`. Set the trainer to learn from the assistant's turns alone: with
TRL's `SFTTrainer`, `assistant_only_loss=True`, which needs a chat template with generation marks. Without it, TRL
learns to write the questions too; the format `sft` has no such trap.
"""


MESSAGES = Format("messages", write, list_columns, describe_usage, takes_arguments=True)
