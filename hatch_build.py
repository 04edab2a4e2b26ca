"""Writes the commit a distribution is built from into it, so that outputs can name it wherever it is installed."""

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PROVENANCE = "persona_assets/provenance.py"


class CommitStamp(BuildHookInterface[Any]):
    """Adds the stamp to the distribution alone: a checkout never holds one, and an unpacked sdist has it already."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        provenance = runpy.run_path(str(Path(self.root, PROVENANCE)))
        commit = provenance["git_sha"]()
        if commit is None or version == "editable":
            return
        stamp = self._beside_the_distribution()
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(f"{commit}\n", encoding="utf-8")
        inside = Path(PROVENANCE).with_name(provenance["STAMP"].name)
        build_data["force_include"][str(stamp)] = inside.as_posix()

    def finalize(self, *_: object) -> None:
        self._beside_the_distribution().unlink(missing_ok=True)

    def _beside_the_distribution(self) -> Path:
        return Path(self.directory, ".commit")
