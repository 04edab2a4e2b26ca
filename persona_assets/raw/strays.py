"""Raw data in places that are not read: in a misspelt folder, beside the folders, or a level too deep."""

import difflib
import os
import re
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from persona_assets.raw.folders import Entry, UnfitFile, entries_of, unlisted

MOST_LISTED = 1000
"""Entries looked at in a folder that is not read: enough to tell whether it holds data."""
MOST_ENTERED = 20
"""Folders below it that are looked into, those nearest to it first."""
ALIKE = 0.75
"""Similarity from which on a name counts as misspelt, for instance with two letters swapped or one left out."""


@dataclass(frozen=True)
class Signs:
    """How a layout's data is recognised where it does not belong."""

    place: str
    """Where the data belongs, as text for messages."""
    suffixes: tuple[str, ...]
    """How the names of its files end."""
    stems: tuple[str, ...] = ()
    """Parts of its folders' names, which the names of copies and older versions contain too."""

    def astray(
        self, entry: Entry, suffixes: tuple[str, ...], folders: Collection[str] = (), *, lost: bool = False
    ) -> Iterator[UnfitFile]:
        """Report a non-folder that is raw data, has the name of a folder, or is a dead link with such a name.

        Args:
            suffixes: how the names of raw data end here.
            lost: whether to report every link that leads nowhere, whatever its name.
        """
        is_data = entry.ends_with(suffixes)
        if entry.problem and (lost or is_data or self.resembles(entry.name, folders)):
            yield UnfitFile(entry.path, f"{entry.problem}; mend it, or remove it")
        elif entry.name in folders:
            yield UnfitFile(entry.path, "is a file where a folder should be; move it away")
        elif is_data:
            yield UnfitFile(entry.path, f"is not read here; raw files belong in {self.place}")

    def misplaced(self, folder: Path, rule: str) -> Iterator[UnfitFile]:
        """Report a folder that is not read, if it holds data."""
        try:
            found = self.data_below(folder)
        except OSError as error:
            yield unlisted(folder, error)
            return
        if found:
            yield UnfitFile(folder, f"holds {found}, but {rule}; raw files belong in {self.place}")

    def stranger(self, path: Path, suffix: str) -> UnfitFile:
        """The finding about an entry without ``suffix`` in a folder where every file should have it."""
        if not os.path.isdir(path):  # noqa: PTH112 - this never raises, whatever is there
            return UnfitFile(path, f"is no {suffix} file")
        try:
            found = self.data_below(path)
        except OSError as error:
            return unlisted(path, error)
        rule = f"is a folder, and only files directly in {path.parent.name} are read"
        return UnfitFile(path, f"{rule}; it holds {found}" if found else rule)

    def data_below(self, folder: Path) -> str | None:
        """Say what raw data a folder and its subfolders hold, if any. Looks at a limited number of entries.

        Raises:
            OSError: ``folder`` cannot be listed.
        """
        entries = entries_of(folder, self.suffixes, MOST_LISTED)
        names = self._data_among(entries)
        to_enter = deque(entry.path for entry in entries if entry.is_folder)
        for _ in range(MOST_ENTERED):
            if not to_enter:
                break
            try:
                entries = entries_of(to_enter.popleft(), self.suffixes, MOST_LISTED)
            except OSError:  # of somebody else's folder, in which nothing is read
                continue
            names += self._data_among(entries)
            to_enter.extend(entry.path for entry in entries if entry.is_folder)
        return f"{len(names):,} raw files such as {ascii(names[0])[1:-1]}" if names else None

    def resembles(self, name: str, known: Collection[str]) -> bool:
        """Whether a folder was probably meant to be one of ``known``, under another spelling or as a copy of it."""
        folded, *meant = (re.sub("[^a-z]", "", one.lower()) for one in (name, *known))
        similar = bool(difflib.get_close_matches(folded, meant, n=1, cutoff=ALIKE))
        return similar or any(stem in folded and any(stem in one for one in meant) for stem in self.stems)

    def _data_among(self, entries: Collection[Entry]) -> list[str]:
        return [entry.name for entry in entries if not entry.is_folder and entry.ends_with(self.suffixes)]
