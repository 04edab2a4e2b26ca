"""How a program hands over what it found."""

import json
import sys
from pathlib import Path
from typing import Any


def read_arguments() -> tuple[Path, list[str]]:
    """Where the result goes, and the other arguments."""
    return Path(sys.argv[1]), sys.argv[2:]


def hand_over(result: Path, found: Any) -> None:
    result.write_text(json.dumps(found), encoding="utf-8")
