"""The tokenizers that the consumers are tried with, and which tokens of a conversation they ought to learn from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer

from persona_assets_tests.consumers.demo_pairs import Message, Pair, read_pairs

NO_LOSS = -100
GEMMA, QWEN = "gemma-2-27b", "qwen-3-32b"


@dataclass(frozen=True)
class Model:
    """A tokenizer, and what its chat template writes around an answer."""

    name: str
    corpus: str
    """Whose conversations of the demo corpus fit: Gemma's have no system turn."""
    end_of_turn: str
    after_it: str
    arguments: dict[str, Any] = field(default_factory=dict)
    llama_factory: str | None = None
    """The template of LLaMA-Factory's own that writes the same turns."""

    @property
    def pairs(self) -> tuple[Pair, ...]:
        return read_pairs(self.corpus)


SAMPLE = Model("sample", QWEN, "<|end|>", "\n")
REAL = (
    Model("gemma-2-27b-it", GEMMA, "<end_of_turn>", "\n", llama_factory="gemma"),
    Model("Llama-3.3-70B-Instruct", QWEN, "<|eot_id|>", "", llama_factory="llama3"),
    Model("Qwen3-32B", QWEN, "<|im_end|>", "\n", {"enable_thinking": False}, llama_factory="qwen3"),
)


@dataclass(frozen=True)
class Learnt:
    """A conversation's tokens, and the same with ``NO_LOSS`` for each that nothing is learnt from."""

    ids: list[int]
    labels: list[int]

    @classmethod
    def read(cls, found: dict[str, list[int]]) -> "Learnt":
        return cls(found["ids"], found["labels"])


@lru_cache(maxsize=1)
def load(tokenizer: Path) -> Any:
    """The last one is kept: loading takes seconds."""
    return AutoTokenizer.from_pretrained(tokenizer)


def render(tokenizer: Any, messages: Sequence[Message], arguments: dict[str, Any]) -> str:
    """The text that the chat template makes of a conversation."""
    text = tokenizer.apply_chat_template(list(messages), tokenize=False, **arguments)
    assert isinstance(text, str)
    return text


def expect_learnt(tokenizer: Path, messages: Sequence[Message], last: str, arguments: dict[str, Any]) -> Learnt:
    """Loss on the last answer with ``last`` after it, found by characters in the text of the template."""
    loaded = load(tokenizer)
    text = render(loaded, messages, arguments)
    encoded = loaded(text, add_special_tokens=False, return_offsets_mapping=True)
    wanted = messages[-1]["content"].strip() + last
    start = text.rindex(wanted)
    ids = encoded["input_ids"]
    inside = [start <= begin < start + len(wanted) for begin, _ in encoded["offset_mapping"]]
    return Learnt(ids, [token if learn else NO_LOSS for token, learn in zip(ids, inside, strict=True)])
