"""``persona-assets`` started as users start it: the installed program, in a folder, until it ends."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(sys.executable).parent / "persona-assets"

Done = subprocess.CompletedProcess[str]


def persona_assets(folder: Path, *arguments: str) -> Done:
    path = f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [PROGRAM, *arguments],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
