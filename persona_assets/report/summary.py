"""What the report last said of every key: kept beside it, so that only what has changed is made again."""

from pathlib import Path

import msgspec

from persona_assets.regular_files import read_regular
from persona_assets.report.key_row import KeyRow
from persona_assets.store.records import MOST_BYTES


class Entry(msgspec.Struct, frozen=True):
    """A key, and what its page was made from."""

    row: KeyRow
    state: str
    reason: str
    stamp: str
    """A hash over everything that the page was made from."""

    @property
    def version(self) -> tuple[str, str]:
        """What a later version of the key is told by."""
        return self.row.data_version, self.state


class Summary(msgspec.Struct, frozen=True):
    """One version of the report."""

    made: str
    """When, in UTC."""
    code: str
    """A hash of the code and the templates that its pages were made by."""
    variants: dict[str, list[str]]
    """Those made of every dataset, by kind."""
    keys: dict[str, Entry]

    def says_the_same(self, other: "Summary") -> bool:
        return msgspec.structs.replace(other, made=self.made) == self

    def differs_in_data(self, other: "Summary") -> bool:
        return {key: entry.version for key, entry in self.keys.items()} != {
            key: entry.version for key, entry in other.keys.items()
        }


def read_summary(path: Path) -> Summary | None:
    """None if there is none, or none that this code can read: then everything is made again."""
    try:
        return msgspec.json.decode(read_regular(path, MOST_BYTES), type=Summary)
    except (OSError, msgspec.MsgspecError):
        return None


def write_summary(path: Path, summary: Summary) -> None:
    """Written compactly: it holds every score of every key."""
    path.write_bytes(msgspec.json.encode(summary) + b"\n")
