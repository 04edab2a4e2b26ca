"""``persona-assets`` started as users start it: the installed program, in a folder, until it ends.

Starting takes two seconds, so commands that only read or refuse can also be run one after the other in one process.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PROGRAM = Path(sys.executable).parent / "persona-assets"

Done = subprocess.CompletedProcess[str]

ONE_AFTER_THE_OTHER = """
import json, sys
from click.testing import CliRunner
from persona_assets.cli.commands import commands

def say(command):
    done = CliRunner().invoke(commands, command)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout, done.stderr

print(json.dumps([say(command) for command in json.loads(sys.argv[1])]))
"""


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


def persona_assets_in_turn(folder: Path, *commands: Sequence[str]) -> list[Done]:
    """Each command's exit code and what it printed; none may end in a traceback."""
    process = subprocess.run(
        [sys.executable, "-c", ONE_AFTER_THE_OTHER, json.dumps(commands)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert process.returncode == 0, process.stderr
    said = json.loads(process.stdout.splitlines()[-1])
    return [Done(command, *done) for command, done in zip(commands, said, strict=True)]
