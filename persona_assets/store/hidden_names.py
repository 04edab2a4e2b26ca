"""Names that no reader looks at: ``.{target}.{process}-{random}.{suffix}``, beside the target they belong to.

Dataset names never start with a dot, so no output can bear such a name, and nothing else is taken for one:
what does not have the whole form is somebody else's.
"""

import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

PARTIAL = "partial"
"""A new version that is being written, or, after an exchange, the version it has replaced."""
EARLIER = "earlier"
"""The version that is being replaced, kept until all is in place."""
COPY = "copy"
"""An earlier version that is being copied, because its file system cannot rename it."""

_TOKEN = re.compile(r"\d+-[0-9a-f]{8}")
_FORM = re.compile(
    rf"\.(?P<target>.+)\.(?P<token>{_TOKEN.pattern})\.(?P<suffix>{PARTIAL}|{EARLIER}|{COPY})", re.DOTALL
)


@dataclass(frozen=True)
class HiddenName:
    """One hidden name, taken apart."""

    target: str
    token: str
    suffix: str

    @classmethod
    def parse(cls, name: str) -> "HiddenName | None":
        """None if ``name`` is not exactly of the form that this package gives."""
        match = _FORM.fullmatch(name)
        return cls(**match.groupdict()) if match else None


def make_token() -> str:
    """What tells the hidden names of one replacement from those of every other."""
    return f"{os.getpid()}-{secrets.token_hex(4)}"


def is_token(text: str) -> bool:
    return _TOKEN.fullmatch(text) is not None


def build_hidden_path(target: Path, token: str, suffix: str) -> Path:
    return target.parent / f".{target.name}.{token}.{suffix}"
