"""Writing pairs or datasets of a workspace as files that a library for steering vectors reads."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from persona_assets.errors import InconsistentOutputError
from persona_assets.notebook.holdings import Holdings
from persona_assets.notebook.patterns import Patterns, unknown
from persona_assets.settings import load_settings

if TYPE_CHECKING:
    from persona_assets.pairs.rules import PairRule


def export(
    holdings: Holdings,
    form: str,
    keys: Patterns,
    folder: str | os.PathLike[str],
    rule: "PairRule | None",
    *,
    whole_turn: bool,
) -> Path:
    """Export the keys, and return the folder.

    Raises:
        UnknownNameError: there is no such format or key.
        SettingsError: the format has no place for what is wished, or nothing would be written.
        InconsistentOutputError: keys cannot be read; the export is written, without those.
        StorageError: the folder holds something else than an export, or cannot be written.
    """
    from persona_assets.steering.export import Wish, write_export
    from persona_assets.steering.formats.registry import FORMATS

    if form not in FORMATS:
        raise unknown("format", form, FORMATS)
    settings, target = load_settings(workspace=holdings.workspace.root), Path(folder).expanduser().absolute()
    wish = Wish(FORMATS[form], holdings.find_keys(keys), rule, whole_turn)
    exported = write_export(settings, wish, target, locked=False)
    if exported.failed:
        reasons = "; ".join(f"{key}: {exported.manifest.left_out[key]}" for key in exported.failed)
        raise InconsistentOutputError(f"{target} was written, but without {reasons}").about(path=target)
    return target
