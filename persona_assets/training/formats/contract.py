"""What a format is: how an example becomes a line of JSON, and which files its consumer wants beside it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from persona_assets.template_arguments import Arguments
from persona_assets.training.examples import Example
from persona_assets.training_recipes import FormatName

Shape: TypeAlias = Literal["messages", "message", "bool"]
"""A list of messages, a single one, or true and false."""


@dataclass(frozen=True)
class SetInWords:
    """What the files beside the rows say of a set."""

    name: str
    splits: Sequence[str]
    of_pairs: bool
    arguments: Arguments
    """Of the chat template of the model to be trained."""

    def file_of(self, split: str) -> str:
        return f"{split}.jsonl"


@dataclass(frozen=True)
class Format:
    """The form that one consumer, or several, read without further ado."""

    name: FormatName
    write: Callable[[Example], dict[str, Any]]
    """The entries of a line."""
    columns: Callable[[bool], Mapping[str, Shape]]
    """The columns that the consumer needs, for a set made of pairs or of rows."""
    usage: Callable[[SetInWords], str]
    """How the set is used, as Markdown, for its card."""
    companions: Callable[[SetInWords], Mapping[str, str]] = lambda _: {}
    """Files that the consumer wants beside the rows: their text by name."""
    takes_arguments: bool = False
    """Whether each line may bring the arguments of the chat template along."""
    sides_apart: bool = False
    """Whether the two rows of a pair are an example each."""
    alternates: bool = False
    """Whether the consumer drops conversations in which user and assistant do not speak by turns."""


def turns_alternate(example: Example) -> bool:
    """Whether, after a system turn if there is one, user and assistant speak by turns."""
    roles = [message["role"] for message in example.messages]
    spoken = roles[1:] if roles[0] == "system" else roles
    return all(role == ("user", "assistant")[place % 2] for place, role in enumerate(spoken))
