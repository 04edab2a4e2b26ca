"""Size and hash of files, by which an output is told from a damaged or foreign one."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class FileDigest:
    size_bytes: int
    sha256: str

    def record(self) -> dict[str, Any]:
        return asdict(self)


def digest_file(path: Path) -> FileDigest:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return FileDigest(file.tell(), sha256)


def digest_outputs(root: Path, *outputs: Path) -> Mapping[str, Any]:
    """Records of ``outputs`` and, for folders, of every file in them, by path relative to ``root``."""
    files = [file for output in outputs for file in _files(output)]
    return {str(file.relative_to(root)): digest_file(file).record() for file in files}


def _files(path: Path) -> list[Path]:
    return sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
