"""Temporary names beside the target they belong to: ``.{target}.{process}-{random}.{suffix}``.

Readers skip them. Dataset names never start with a dot, so no output can have such a name. A name is only recognised
if it has exactly this form; any other hidden file belongs to somebody else.
"""

import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

PARTIAL = "partial"
"""A new version while it is being written. After a swap of names, the version it has replaced."""
EARLIER = "earlier"
"""The version being replaced, kept until all new versions are in place."""
COPY = "copy"
"""An earlier version while it is being copied, where the file system cannot rename it."""

_TOKEN = re.compile(r"\d+-[0-9a-f]{8}")
_FORM = re.compile(
    rf"\.(?P<target>.+)\.(?P<token>{_TOKEN.pattern})\.(?P<suffix>{PARTIAL}|{EARLIER}|{COPY})", re.DOTALL
)


@dataclass(frozen=True)
class HiddenName:
    """The parts of one hidden name."""

    target: str
    token: str
    suffix: str

    @classmethod
    def parse(cls, name: str) -> "HiddenName | None":
        """Split ``name``. None if it does not have exactly the form that this package uses."""
        match = _FORM.fullmatch(name)
        return cls(**match.groupdict()) if match else None


def make_token() -> str:
    """Make a token that sets the hidden names of one replacement apart from all others."""
    return f"{os.getpid()}-{secrets.token_hex(4)}"


def is_token(text: str) -> bool:
    return _TOKEN.fullmatch(text) is not None


def build_hidden_path(target: Path, token: str, suffix: str) -> Path:
    return target.parent / f".{target.name}.{token}.{suffix}"
