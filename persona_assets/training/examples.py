"""Examples: what a training set teaches, before it has a format."""

from collections.abc import Mapping
from dataclasses import dataclass

from persona_assets.training.persona_view import Message, Seen


@dataclass(frozen=True)
class Example:
    """One prompt and its answer, or its better and its worse answer."""

    prompt: tuple[Message, ...]
    answer: Message
    rejected: Message | None = None
    """The worse answer, where the example is a pair."""
    desirable: bool | None = None
    """Whether the answer is wanted, where the format asks for it."""

    @property
    def messages(self) -> list[Message]:
        return [*self.prompt, self.answer]

    @property
    def texts(self) -> list[str]:
        """Everything that it says."""
        answers = [self.answer] + ([self.rejected] if self.rejected else [])
        return [message["content"] for message in (*self.prompt, *answers)]


def example_of(seen: Seen, *, desirable: bool | None = None) -> Example:
    return Example(tuple(map(plain, seen.prompt)), plain(seen.answer), desirable=desirable)


def example_of_pair(positive: Seen, negative: Seen) -> Example:
    """The question with the answer of the positive row as the better one."""
    return Example(tuple(map(plain, positive.prompt)), plain(positive.answer), plain(negative.answer))


def plain(message: Message) -> Mapping[str, str]:
    return {"role": message["role"], "content": message["content"]}
