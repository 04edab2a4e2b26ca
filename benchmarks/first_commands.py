"""Several first commands started in the same instant on a fresh workspace, again and again.

    python benchmarks/first_commands.py --rounds 20 --commands 4

Every command must succeed, every database of Dagster have one revision, the home open afterwards with every key's
materialisation in it, and every output be as its manifest says.
"""

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets_tests.raw_corpus import KEYS, MODELS, write_corpus, write_settings

PROGRAM = Path(sys.executable).parent / "persona-assets"
KEYS_MADE = """\
import dagster as dg
with dg.DagsterInstance.get() as instance:
    print(len(instance.get_materialized_partitions(dg.AssetKey("histogram"))))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--commands", type=int, default=4)
    options = parser.parse_args()
    problems, begun = [], time.perf_counter()
    for number in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            found = one_round(Path(folder) / "workspace", options.commands)
        print(f"round {number + 1}: {'; '.join(found) or 'well'}", flush=True)
        problems += found
    seconds = time.perf_counter() - begun
    print(f"{options.rounds} rounds of {options.commands} commands, {len(problems)} problems, {seconds:.0f} s")
    sys.exit(1 if problems else 0)


def one_round(workspace: Path, commands: int) -> list[str]:
    """What went wrong when ``commands`` commands made everything in a new workspace at once."""
    write_settings(workspace, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    write_corpus(workspace / "persona-data")
    environment = {**os.environ, "PERSONA_WORKSPACE": str(workspace)}
    environment.pop("DAGSTER_HOME", None)
    log = workspace.parent / "log"
    with log.open("wb") as output:
        running = [
            subprocess.Popen([PROGRAM, "generate", "--workers", "1"], env=environment, stdout=output, stderr=output)
            for _ in range(commands)
        ]
        codes = [one.wait() for one in running]
    problems = [f"exit codes {codes}: {log.read_text(encoding='utf-8')[-2000:]}"] if any(codes) else []
    home = workspace / "dagster_home"
    problems += [f"{path.name} has {heads(path)}" for path in databases(home) if len(heads(path)) != 1]
    made = ask([sys.executable, "-c", KEYS_MADE], environment | {"DAGSTER_HOME": str(home)})
    verified = ask([str(PROGRAM), "verify"], environment)
    problems += [] if made == (0, str(len(KEYS))) else [f"the home has {made} keys"]
    return problems + ([] if verified[0] == 0 else [f"outputs: {verified[1]}"])


def databases(home: Path) -> list[Path]:
    """Those that are made when a home is first opened, and those of the runs."""
    return [path for path in home.rglob("*.db") if path.stat().st_size]


def heads(database: Path) -> list[str]:
    """The revisions that Dagster has noted in the database."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        return [row[0] for row in connection.execute("SELECT version_num FROM alembic_version")]


def ask(command: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """Exit code and output."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout or done.stderr).strip()


if __name__ == "__main__":
    main()
