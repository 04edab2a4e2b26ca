"""Which keys each chat file holds: those its rows name, or the one of its own name."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from persona_assets.chat_fields import ChatFields
from persona_assets.keys import DatasetKey
from persona_assets.raw.folders import UnfitFile
from persona_assets.raw.layouts.chat_data.names import LINES
from persona_assets.raw.layouts.chat_data.scanning import Scanner
from persona_assets.raw.layouts.chat_data.search import ChatFile


def share(files: Sequence[ChatFile], scanner: Scanner) -> Iterator[tuple[ChatFile, DatasetKey | UnfitFile]]:
    """Yield every key of every file, and what in a file belongs to none.

    Rows that name their persona may be in any number of files. A file that is named after its persona has all of it:
    another of that name would be the same rows in another format, so the first is read.
    """
    holders: dict[DatasetKey, ChatFile] = {}
    for file in files:
        if scanner.is_told_by_rows(file):
            scanned = scanner.scan(file)
            for key in sorted(scanned.keys):
                holders.setdefault(key, file)
                yield file, key
            if scanned.problem:
                yield file, UnfitFile(file.path, scanned.problem)
            continue
        key_or_problem = scanner.name(file)
        if isinstance(key_or_problem, str):
            yield file, UnfitFile(file.path, key_or_problem)
        elif key_or_problem in holders:
            holder = holders[key_or_problem].name
            problem = f"is not read: {holder} is {key_or_problem} too; remove one of them, or join them in one file"
            yield file, UnfitFile(file.path, problem)
        else:
            holders[key_or_problem] = file
            yield file, key_or_problem


def files_of(key: DatasetKey, files: Sequence[ChatFile], scanner: Scanner) -> list[ChatFile]:
    """The files with rows of ``key``; and those that cannot be read, so that their rows are not taken for gone."""
    possible = [file for file in files if scanner.is_told_by_rows(file) or file.persona == key.persona]
    holding = {file for file, found in share(possible, scanner) if found == key}
    unknown = {file for file in possible if scanner.is_told_by_rows(file) and not scanner.scan(file).readable}
    return [file for file in files if file in holding | unknown]


def expected_file(key: DatasetKey, folder: Path, fields: ChatFields) -> ChatFile:
    """Where the rows of a key would be that no file holds."""
    place = "" if key.kind_name == fields.kind else f"{key.kind.plural}/"
    name = f"{place}{'*' if fields.persona else key.persona}{LINES}"
    return ChatFile(folder / name, name)
