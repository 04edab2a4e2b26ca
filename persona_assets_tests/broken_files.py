"""Raw files of chosen keys broken so that the keys fail, and mended again."""

import os
from collections.abc import Iterable
from pathlib import Path

from persona_assets_tests.raw_corpus import responses_file, write_persona


def break_files(workspace: Path, keys: Iterable[str]) -> None:
    for key in keys:
        path = responses_file(workspace / "persona-data", key)
        path.unlink()
        os.mkfifo(path)


def mend_files(workspace: Path, keys: Iterable[str]) -> None:
    for key in keys:
        responses_file(workspace / "persona-data", key).unlink()
        write_persona(workspace / "persona-data", key)
