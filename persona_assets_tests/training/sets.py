"""Making a training set in a test, and reading it back with nothing of the package."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from persona_assets.run.one_key import materialise_key
from persona_assets.run.outcome import KeyOutcome
from persona_assets.settings import load_settings
from persona_assets.stages.training_sets.spec import BY_SET

HALVES = {"train": 0.5, "validation": 0.5}


def make_set(workspace: Path, name: str, recipe: dict[str, Any], **settings: Any) -> KeyOutcome:
    told = load_settings(workspace=workspace, training_sets={name: recipe}, **settings)
    return materialise_key(name, told, partitioning=BY_SET)


def make_sound_set(workspace: Path, name: str, recipe: dict[str, Any], **settings: Any) -> Path:
    """Make a set, all checks of which have to pass; its folder."""
    outcome = make_set(workspace, name, recipe, **settings)
    assert outcome.failure is None, outcome.failure
    assert [check.sentence for check in outcome.checks if not check.passed] == []
    assert len(outcome.checks) == 5
    return workspace / "persona_training_sets" / name


def read_lines(folder: Path, split: str) -> list[Any]:
    return [json.loads(line) for line in (folder / f"{split}.jsonl").read_bytes().split(b"\n")[:-1]]


def read_places(folder: Path) -> dict[str, list[tuple[str, int]]]:
    """The dataset and the place of the row of every example, by split."""
    rows = pd.read_parquet(folder / "rows.parquet")
    return {
        str(split): list(zip(part["dataset"], part["row"].tolist(), strict=True))
        for split, part in rows.groupby("split", sort=False)
    }


def read_manifest(folder: Path) -> Any:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
