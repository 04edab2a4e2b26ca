"""A Dagster home that two workspaces and another project use at the same time.

    python benchmarks/shared_home.py --rounds 10

In every round both workspaces run a command that starts work, while one run of the other project lives through all
rounds. At the end that run, and every run of the commands, must have succeeded, the home hold nothing that names this
package, and every output be as its manifest says.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import dagster as dg

from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets_tests.raw_corpus import GEMMA, LLAMA, MODELS, write_persona, write_settings

PROGRAM = Path(sys.executable).parent / "persona-assets"
COMMANDS = (["generate", "--redo"], ["compare"], ["generate", "--resume"], ["generate", "--workers", "2"])
KEYS = tuple(f"{model}__role__{persona}" for model in (GEMMA, LLAMA) for persona in ("pirate", "stoic", "0_default"))
OTHER_PROJECT = """
import sys, time
from pathlib import Path
import dagster as dg

@dg.op
def wait_for_the_end():
    while not Path(sys.argv[1]).exists():
        time.sleep(0.2)

@dg.job
def of_another_project():
    wait_for_the_end()

with dg.DagsterInstance.get() as instance:
    of_another_project.execute_in_process(instance=instance)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        problems, runs = campaign(Path(folder), rounds)
    print(f"{rounds} rounds in {time.monotonic() - start:.0f} s; runs: {runs}; problems: {len(problems)}")
    print("\n".join(problems))
    sys.exit(bool(problems))


def campaign(folder: Path, rounds: int) -> tuple[list[str], dict[str, int]]:
    home, end = folder / "home", folder / "end"
    home.mkdir()
    environment = {**os.environ, "DAGSTER_HOME": str(home), "HF_HUB_OFFLINE": "1"}
    for workspace in ("one", "other"):
        write_settings(folder / workspace / "workspace", dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
        for key in KEYS:
            write_persona(folder / workspace / "workspace" / "persona-data", key)
    other = subprocess.Popen([sys.executable, "-c", OTHER_PROJECT, end], env=environment, stderr=subprocess.DEVNULL)
    problems = []
    try:
        for number in range(rounds):
            problems += one_round(folder, COMMANDS[number % len(COMMANDS)], environment)
    finally:
        end.touch()
        other.wait(60)
    for workspace in ("one", "other"):
        problems += finish(command(folder / workspace, ["verify"], environment))
    problems += [f"{path} names the package" for path in home.glob("*.yaml") if "persona" in path.read_text()]
    return problems + faults_of_runs(home), statuses(home)


def one_round(folder: Path, arguments: list[str], environment: dict[str, str]) -> list[str]:
    """The same command in both workspaces, begun in the same instant."""
    started = [command(folder / workspace, arguments, environment) for workspace in ("one", "other")]
    return [problem for process in started for problem in finish(process)]


def command(folder: Path, arguments: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [PROGRAM, *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> list[str]:
    written, _ = process.communicate(timeout=600)
    return [f"{process.args} exits {process.returncode}: {written[-500:]}"] if process.returncode else []


def faults_of_runs(home: Path) -> list[str]:
    with dg.DagsterInstance.from_config(str(home)) as instance:
        runs = instance.get_runs()
        found = [f"run {run.run_id} of {run.job_name} is {run.status.value}" for run in runs if not run.is_success]
        return found + ["no run of the other project"] * all(run.job_name != "of_another_project" for run in runs)


def statuses(home: Path) -> dict[str, int]:
    with dg.DagsterInstance.from_config(str(home)) as instance:
        return dict(Counter(f"{run.job_name} {run.status.value}" for run in instance.get_runs()))


if __name__ == "__main__":
    main()
