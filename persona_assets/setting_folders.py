"""Folders named by settings: made absolute, and refused where databases or datasets could not use them."""

import os
import stat
from pathlib import Path

from persona_assets.errors import SettingsError
from persona_assets.setting_names import ENV_PREFIX, place_setting


def make_absolute(name: str, path: Path) -> Path:
    """The absolute path of a folder, whether it exists or not.

    Raises:
        SettingsError: the path cannot be used, and why.
    """
    place = place_setting(name)
    if "::" in str(path):
        raise SettingsError(
            f"{place} = {str(path)!r} contains '::', which the datasets library reads as a chain of file systems; "
            "use another folder"
        )
    if not _is_text(str(path)):
        raise SettingsError(
            f"{place} = {os.fsencode(path)!r} is not UTF-8, which databases and datasets require of a path; "
            "use another folder"
        )
    try:
        return path.expanduser().absolute()
    except RuntimeError as error:
        raise SettingsError(f"{place} = {str(path)!r}: {error} Write the path without '~'.") from error


def refuse_non_folder(workspace: Path) -> None:
    """Refuse a workspace that exists but is not a folder, or that cannot be looked at.

    Raises:
        SettingsError: it cannot be used, and why.
    """
    problem = None
    try:
        if not stat.S_ISDIR(workspace.stat().st_mode):
            problem = "is not a folder"
    except FileNotFoundError:
        return
    except OSError as error:
        problem = f"cannot be used as a folder ({error.strerror})"
    if problem:
        raise SettingsError(f"{ENV_PREFIX}WORKSPACE = {str(workspace)!r} {problem}; use another")


def _is_text(path: str) -> bool:
    try:
        return b"\0" not in path.encode()
    except UnicodeEncodeError:
        return False
