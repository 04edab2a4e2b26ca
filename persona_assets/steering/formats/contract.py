"""What a format is: which files it makes of one key, and for which keys and options it has a place."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from persona_assets.keys import DatasetKey

if TYPE_CHECKING:
    from persona_assets.steering.material import Material


@dataclass(frozen=True)
class Format:
    """The files that one consumer reads as they are. Light to import: a command lists the formats in its help."""

    name: str
    summary: str
    """What it is, in a line of the command's help."""
    write: Callable[["Material", Path], int]
    """Writes the files of a key below a folder; returns how many pairs or rows are in them."""
    of_pairs: bool = True
    """Whether it holds pairs, which a rule chooses; otherwise all rows of a dataset."""
    cuts: bool = False
    """Whether it holds texts that may be cut at the answer's end or not."""
    problem_with: Callable[[DatasetKey], str | None] = lambda _: None
    """Why there is no place for a key; None if there is."""
