"""Where in the raw files something is wrong: the quarantined lines of a key, with the file that each is in."""

from dataclasses import dataclass
from pathlib import Path

from persona_assets.raw.ledger import QuarantinedLine
from persona_assets.report.key_files import KeyFiles
from persona_assets.stages.raw_conversations.spec import RAW_CONVERSATIONS


@dataclass(frozen=True)
class Offender:
    """A quarantined line and the path of its file."""

    path: str
    line: QuarantinedLine

    @property
    def name(self) -> str:
        return Path(self.path).name

    @property
    def place(self) -> str:
        """As compilers write it, and editors open it."""
        return f"{self.path}:{self.line.line}"


def list_offenders(files: KeyFiles) -> list[Offender]:
    """The quarantined lines of a key that a page shows, in the order of the raw files."""
    paths = list_raw_paths(files)
    by_name = {Path(path).name: path for path in paths}
    found = [
        Offender(by_name.get(line.file or "", line.file or (paths[0] if paths else "")), line)
        for line in files.quarantined
    ]
    return sorted(found, key=lambda offender: (offender.path, offender.line.line))


def list_raw_paths(files: KeyFiles) -> list[str]:
    """The raw files of the conversations of a key, as they were read."""
    raw = files.manifest.find(RAW_CONVERSATIONS)
    return [source.path for source in raw.sources.values()] if raw else []


def find_first_line(files: KeyFiles) -> str:
    """The file name and line of the first quarantined line; empty if there is none."""
    offenders = list_offenders(files)
    return f"{offenders[0].name}:{offenders[0].line.line}" if offenders else ""
