"""How long a notebook waits for a workspace of many keys: copies of those of a small one, under other names.

    python benchmarks/notebook.py WORKSPACE --keys 1299

WORKSPACE has to be made, with its catalogue. Files are linked, so that nothing in it is written.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import persona_assets
from persona_assets.keys import DatasetKey, DatasetName

DATASETS = "datasets/processed/persona"
FOLDERS = (DATASETS, "persona_token_stats", "persona_pairs", "persona_manifests", "persona_standings")
CATALOGUE = "persona_catalogue.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--keys", type=int, default=1299)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.workspace.absolute().parent) as folder:
        many = Path(folder) / "workspace"
        multiply(options.workspace, many, options.keys)
        wait(many)


def multiply(workspace: Path, many: Path, count: int) -> None:
    """Make ``many`` a workspace of ``count`` keys, each the copy of one of ``workspace``."""
    models = persona_assets.open(workspace).names()
    copies = {f"{key}-{number}": key for number in range(count) for key in [models[number % len(models)]]}
    for folder in FOLDERS:
        many.joinpath(folder).mkdir(parents=True)
        sources: dict[str, list[os.DirEntry[str]]] = {}
        for entry in os.scandir(workspace / folder):
            sources.setdefault(key_of(entry.name), []).append(entry)
        for copy, key in copies.items():
            for entry in sources.get(key, []):
                target = many / folder / (copy + entry.name.removeprefix(key))
                target.mkdir() if entry.is_dir() else os.link(entry.path, target)
    catalogue = json.loads((workspace / CATALOGUE).read_text(encoding="utf-8"))
    catalogue["keys"] = {copy: catalogue["keys"][key] for copy, key in copies.items()}
    (many / CATALOGUE).write_text(json.dumps(catalogue), encoding="utf-8")


def key_of(name: str) -> str:
    for ending in (".parquet", ".json", ""):
        try:
            return str(DatasetName.parse(name.removesuffix(ending)).key)
        except persona_assets.InvalidNameError:
            continue
    return ""


def wait(workspace: Path) -> None:
    """Print how long each step of a notebook takes, the first of each kind with what it has to import."""
    ws = persona_assets.open(workspace)
    key = str(DatasetKey.parse(ws.names()[0]))
    steps: list[tuple[str, Callable[[], object]]] = [
        ("open, after the imports", lambda: persona_assets.open(workspace)),
        ("names", lambda: persona_assets.open(workspace).names(kind="trait")),
        ("names by state", lambda: persona_assets.open(workspace).names(state="passed")),
        ("repr", lambda: repr(persona_assets.open(workspace))),
        ("load, first", lambda: ws.load(key)),
        ("load with counts", lambda: ws.load(key, counts=True)),
        ("pairs of a key", lambda: ws.pairs(key, rule=None)),
        ("views, first", lambda: ws.sql("select count(*) from keys").fetchall()),
        ("index of all pairs", lambda: ws.pairs("*", texts=False)),
    ]
    for name, step in steps:
        wall, processor = time.perf_counter(), time.process_time()
        step()
        spent = time.perf_counter() - wall, time.process_time() - processor
        print(f"{name:26} {1000 * spent[0]:8.1f} ms wall {1000 * spent[1]:8.1f} ms CPU", flush=True)


if __name__ == "__main__":
    main()
