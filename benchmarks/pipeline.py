"""Time the full pipeline through Dagster: all seven assets and all checks, ``persona-assets generate``.

    python benchmarks/pipeline.py [--raw RAW_ROOT --tokenizers FOLDER] [--keys 13 130 1299] [--registered 10000]

Each line is one run from an empty workspace: with some keys of the raw corpus, or of a made-up one without
``--raw`` (and the sample tokenizer without ``--tokenizers``), where other partitions may be registered beside
them. ``--again`` adds the run after it, with nothing changed. The last table says which stage takes which share
of the CPU time that a worker spends on a key. CPU and memory are those of the command and all its worker processes
(Linux only).
"""

import argparse
import os
import platform
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from corpora import MODELS, link_some, make_up
from processes import Measured, measure
from stage_shares import print_stage_shares

from persona_assets.dagster_defs.partitions import register
from persona_assets.dagster_runtime.instance import open_instance
from persona_assets.keys import DatasetKey
from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets.setting_names import SETTINGS_FILE
from persona_assets.settings import load_settings
from persona_assets.workspace import Workspace

DEFAULT_KEYS = (13, 130, 1299)
HEADINGS = {
    "keys": 6,
    "beside": 8,
    "run": 11,
    "wall s": 8,
    "CPU s": 8,
    "peak MiB": 10,
    "events": 8,
    "MB": 7,
    "s/key": 8,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--raw", type=Path)
    parser.add_argument("--tokenizers", type=Path)
    parser.add_argument("--keys", type=int, nargs="+", default=DEFAULT_KEYS)
    parser.add_argument("--registered", type=int, nargs="*", default=[], help="13 keys with so many others beside")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--again", action="store_true", help="also the run after it, with nothing changed")
    arguments = parser.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"Dagster {dg.__version__}, {arguments.workers} workers"
    )
    for heading, width in HEADINGS.items():
        print(f"{heading:>{width}}", end="")
    print()
    for keys, beside in [*((keys, 0) for keys in arguments.keys), *((13, beside) for beside in arguments.registered)]:
        with corpus(arguments, keys) as environment:
            register_others(environment, beside)
            run(arguments, environment, keys, beside, "first")
            if arguments.again:
                run(arguments, environment, keys, beside, "unchanged")
    with corpus(arguments, 13) as environment:
        os.environ.update(environment)
        print_stage_shares(load_settings())


@contextmanager
def corpus(arguments: argparse.Namespace, keys: int) -> Iterator[dict[str, str]]:
    """Yield the environment of a workspace with so many raw files and no outputs."""
    with tempfile.TemporaryDirectory() as folder:
        workspace, raw = Path(folder, "workspace"), Path(folder, "raw")
        workspace.mkdir()
        if arguments.raw:
            link_some(arguments.raw.absolute(), raw, keys)
        else:
            make_up(raw, keys)
        settings = {"PERSONA_WORKSPACE": workspace, "PERSONA_DATA_ROOT": raw, "DAGSTER_HOME": Path(folder, "home")}
        if arguments.tokenizers:
            settings["PERSONA_TOKENIZERS"] = arguments.tokenizers.absolute()
        else:
            lines = [f'"{model}" = "{SAMPLE_TOKENIZER}"\n' for model in MODELS]
            (workspace / SETTINGS_FILE).write_text("[models]\n" + "".join(lines), encoding="utf-8")
        yield os.environ | {name: str(value) for name, value in settings.items()}


def register_others(environment: Mapping[str, str], count: int) -> None:
    """Register partitions that have no raw file."""
    os.environ.update(environment)
    with open_instance(Workspace.of(load_settings())) as instance:
        register(instance, [DatasetKey.parse(f"none__role__nobody-{number:06}") for number in range(count)])


def run(arguments: argparse.Namespace, environment: Mapping[str, str], keys: int, beside: int, name: str) -> None:
    program = shutil.which("persona-assets", path=Path(sys.executable).parent) or "persona-assets"
    before = events_in(environment)
    measured: Measured = measure([program, "generate", "--workers", str(arguments.workers)], environment)
    print(
        f"{keys:6}{beside:8}{name:>11}{measured.wall_seconds:8.1f}{measured.cpu_seconds:8.1f}{measured.peak_mib:10.0f}"
        f"{events_in(environment) - before:8}{bytes_below(environment) / 1e6:7.0f}"
        f"{measured.wall_seconds / keys:8.3f}",
        flush=True,
    )


def events_in(environment: Mapping[str, str]) -> int:
    """Events of all runs in Dagster's own account."""
    total = 0
    for database in Path(environment["DAGSTER_HOME"], "history", "runs").glob("*.db"):
        if database.stem != "index":
            with sqlite3.connect(database) as connection:
                total += connection.execute("select count(*) from event_logs").fetchone()[0]
    return total


def bytes_below(environment: Mapping[str, str]) -> int:
    folders = (environment["PERSONA_WORKSPACE"], environment["DAGSTER_HOME"])
    return sum(path.stat().st_size for folder in folders for path in Path(folder).rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
