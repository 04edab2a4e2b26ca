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
For trainers that take conversations under `messages`. Set the trainer to learn from the assistant's turns alone.
TRL's `SFTTrainer` learns to write questions and instructions too unless it is told `assistant_only_loss=True`, which
it refuses for the chat templates of Qwen3 and Llama 3.3. For TRL, take the format `sft`, which has no such trap.
"""


MESSAGES = Format("messages", write, list_columns, describe_usage, takes_arguments=True)
