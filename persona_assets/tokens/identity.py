"""Which tokenizer counted, and how: what is recorded beside every count. Light to import."""

import json
from typing import Annotated

import msgspec

TOKENIZER_FILE = "tokenizer.json"
"""The file that every fast tokenizer has."""


class TokenizerIdentity(msgspec.Struct, frozen=True):
    """Which tokenizer made a count: enough to fetch the same one again, and to see that it is the same."""

    id: str
    source: str
    """``hub``, ``folder``, or ``sample`` for the synthetic one of the demo."""
    revision: str | None
    """Commit on the Hub; None for folders, which ``tokenizer_sha256`` identifies."""
    tokenizer_sha256: str
    chat_template_sha256: str
    fixed_date: str | None
    """What a template that asks for today's date is given; None for templates that do not ask."""
    chat_template_arguments: dict[str, bool | int | float | str] = {}
    """What the template is given beside the conversation."""

    @property
    def key(self) -> str:
        """Equal for identities that count alike, whatever they are called."""
        arguments = json.dumps(self.chat_template_arguments, sort_keys=True)
        return f"{self.tokenizer_sha256} {self.chat_template_sha256} {arguments}"

    @property
    def synthetic(self) -> bool:
        """Whether it is the demo's, whose counts are only good for trying things out."""
        return self.source == "sample"


class CountingMethod(msgspec.Struct, frozen=True):
    """How conversations were counted, and how the counts were verified."""

    path: str
    """``gigatoken``, ``tokenizers``, or ``transformers`` one by one after a faster path gave a wrong count."""
    verified: Annotated[int, msgspec.Meta(ge=0)]
    """Conversations compared with transformers: a fixed set once in a process, and a sample of these."""
    mismatches: tuple[str, ...] = ()
    """Where a faster path gave other counts than transformers, in words. If there is any, it was not used."""
    reason: str | None = None
    """Why a faster path was not used."""
    set_aside: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Texts that the tokenizers library encoded because of their rare characters (gigatoken only)."""
