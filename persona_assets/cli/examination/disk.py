"""The folder of the outputs: whether it can be written, supports what the store needs, and has space."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from persona_assets.cli.examination.findings import Finding, problem, warning, well
from persona_assets.errors import PersonaAssetsError
from persona_assets.settings import Settings
from persona_assets.store.probing import try_replacing

SUBJECT = "workspace"
LEAST_FREE_BYTES = 2**30
"""With less, even a small corpus may fill the disk."""
OUTPUTS_PER_RAW_BYTE = 3.0
"""Outputs of 5.9 GB of raw files take 17 GB, with Parquet, variants, pictures and report (benchmarks/README.md)."""


def examine_workspace(settings: Settings) -> Iterator[Finding]:
    """Rights and what the file system can do, tried with files that are removed again; then the space."""
    root = settings.workspace
    nearest = next(folder for folder in (root, *root.parents) if folder.exists())
    if not os.access(nearest, os.W_OK | os.X_OK):
        yield warning(
            SUBJECT,
            f"{nearest} may not be written by this user: what it holds can be read, but nothing can be made; set "
            "PERSONA_WORKSPACE to another folder for that",
        )
    elif nearest == root:
        yield _try(root)
    else:
        yield well(SUBJECT, f"{root} is not there yet, and can be made")
    yield from _examine_space(settings, nearest)


def _try(root: Path) -> Finding:
    try:
        try_replacing(root)
    except (PersonaAssetsError, OSError) as error:
        return problem(
            SUBJECT,
            f"{root}: files and folders cannot be replaced there ({error}); set PERSONA_WORKSPACE to a folder on "
            "another file system",
        )
    return well(SUBJECT, f"{root} can be written, and files and folders in it can be replaced")


def _examine_space(settings: Settings, folder: Path) -> Iterator[Finding]:
    free, raw = shutil.disk_usage(folder).free, _measure(settings.raw_root)
    said = f"{free / 1e9:,.1f} GB free on the disk of {folder}"
    wanted = int(raw * OUTPUTS_PER_RAW_BYTE)
    if free < LEAST_FREE_BYTES:
        yield problem(SUBJECT, f"{said}; free space there, or set PERSONA_WORKSPACE to a folder on another disk")
    elif free < wanted:
        yield warning(
            SUBJECT,
            f"{said}, but everything made from {raw / 1e9:,.1f} GB of raw files may take {wanted / 1e9:,.1f}; free "
            "space there unless most is made already",
        )
    else:
        yield well(SUBJECT, said)
    counted = os.statvfs(folder)
    if counted.f_files and not counted.f_favail:
        yield problem(SUBJECT, f"no file can be added on the disk of {folder}: all its inodes are used; remove files")


def _measure(folder: Path) -> int:
    """Bytes of all files below ``folder``; of those that can be seen."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            total += path.stat().st_size if path.is_file() else 0
    return total
