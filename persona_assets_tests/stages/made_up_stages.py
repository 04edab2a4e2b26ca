"""Two stages as one may add them: a module each in the package, two lines in the registry.

``answer_pairs`` is optional, writes two kinds of files, and reads another key's outputs: the model's baseline.
``mixed_rows`` has partitions of its own: named sets of persona keys.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from persona_assets.errors import InvalidNameError
from persona_assets.keys import DatasetKey
from persona_assets.settings import Settings
from persona_assets.stage.code import StageCode
from persona_assets.stage.context import StageContext
from persona_assets.stage.now import Now
from persona_assets.stage.outcomes import CheckOutcome, Made
from persona_assets.stage.records import Count, StageRecord
from persona_assets.stage.shown import ROW_COUNT, Shown, ShownPath
from persona_assets.stage.spec import FOLDERS, Check, Need, Output, Partitioning, Stage
from persona_assets.stages.scored_dataset.spec import SCORED_DATASET
from persona_assets.store.replacement import Replacement
from persona_assets_tests.raw_corpus import BASELINE, GEMMA

PAIRS = Output("made_up/pairs", ".jsonl")
SHEETS = Output("made_up/sheets", FOLDERS)
MIXES = Output("made_up/mixes", ".json")
MEMBERS = {"Mix-of-two": (f"{GEMMA}__role__pirate", f"{GEMMA}__role__stoic")}

PAIRS_COMPLETE = Check("pairs_complete", "answer_pairs", "Every question of the baseline has a pair.", severe=True)


class PairsInputs(msgspec.Struct, frozen=True):
    dataset_fingerprint: str


class PairsRecord(StageRecord[PairsInputs], frozen=True, kw_only=True):
    pairs: Count


def list_baselines(key: DatasetKey, _settings: Settings) -> list[DatasetKey]:
    return [DatasetKey(key.model, "role", BASELINE)] if key.kind_name == "role" else []


def find_pairs_inputs(now: Now) -> PairsInputs:
    return PairsInputs(now.manifest.get(SCORED_DATASET).dataset_fingerprint)


@dataclass(frozen=True)
class PairsMade:
    path: Path
    pairs: int


def make_pairs(context: StageContext[DatasetKey], replacement: Replacement, dataset: pa.Table) -> Made[PairsMade]:
    from persona_assets.stages.scored_dataset.reading import DATASET

    baseline = {}
    for other in BASELINE_NEED.list_other_keys(context.key, context.settings):
        for row in DATASET.load(context.at(other)).to_pylist():
            baseline[row["question"]] = row["messages"][-1]["content"]
    pairs = [
        {
            "question": row["question"],
            "persona": row["messages"][-1]["content"],
            "baseline": baseline[row["question"]],
        }
        for row in dataset.to_pylist()
        if row["question"] in baseline
    ]
    root = context.workspace.root
    path = PAIRS.path(root, context.key)
    replacement.file(path).write_text("".join(f"{json.dumps(pair)}\n" for pair in pairs), encoding="utf-8")
    sheet = replacement.folder(SHEETS.path(root, context.key))
    sheet.mkdir(exist_ok=True)
    sheet.joinpath("count.txt").write_text(f"{len(pairs)}\n", encoding="utf-8")
    return Made(PairsMade(path, len(pairs)), findings={"pairs": len(pairs)})


def check_pairs(context: StageContext[DatasetKey]) -> Sequence[CheckOutcome]:
    written = PAIRS.path(context.workspace.root, context.key).read_text(encoding="utf-8").splitlines()
    recorded = context.manifest.get(ANSWER_PAIRS).pairs
    facts = {"written": len(written), "recorded": recorded}
    sentence = f"{len(written)} pairs written, {recorded} recorded"
    return [CheckOutcome(PAIRS_COMPLETE, len(written) == recorded, facts, sentence)]


def show_pairs(made: PairsMade) -> Mapping[str, Shown]:
    return {"path": ShownPath(made.path), ROW_COUNT: made.pairs}


def load_pairs_code() -> StageCode:
    from persona_assets.stages.scored_dataset.reading import DATASET

    return StageCode(make_pairs, show_pairs, takes=(DATASET,), check=check_pairs)


BASELINE_NEED = Need(SCORED_DATASET, partitions=list_baselines)
ANSWER_PAIRS = Stage(
    "answer_pairs",
    "A persona's answers beside those of the model's baseline.",
    kinds=frozenset({"json"}),
    code_version="1",
    record=PairsRecord,
    inputs=find_pairs_inputs,
    load_code=load_pairs_code,
    outputs=(PAIRS, SHEETS),
    needs=(Need(SCORED_DATASET), BASELINE_NEED),
    checks=(PAIRS_COMPLETE,),
    optional=True,
)


class MixInputs(msgspec.Struct, frozen=True):
    members: tuple[str, ...]


class MixRecord(StageRecord[MixInputs], frozen=True, kw_only=True):
    rows: Count


def parse_mix(name: str) -> str:
    if not name.startswith("Mix-"):
        raise InvalidNameError(f"{name!r} is no mix")
    return name


def list_members(key: str, _settings: Settings) -> list[DatasetKey]:
    return [DatasetKey.parse(member) for member in MEMBERS[key]]


def make_mix(context: StageContext[str], replacement: Replacement) -> Made[int]:
    from persona_assets.stages.scored_dataset.reading import DATASET

    tables = [DATASET.load(context.at(key)) for key in list_members(context.key, context.settings)]
    rows = {str(table["role"][0]): table.num_rows for table in tables}
    replacement.file(MIXES.path(context.workspace.root, context.key)).write_text(json.dumps(rows), encoding="utf-8")
    return Made(sum(rows.values()), findings={"rows": sum(rows.values())})


def show_mix(rows: int) -> Mapping[str, Shown]:
    return {ROW_COUNT: rows}


ROW_MIXES = Partitioning("row_mixes", parse_mix, parse_mix)
MIXED_ROWS: Stage[Any] = Stage(
    "mixed_rows",
    "The rows of several personas.",
    kinds=frozenset({"json"}),
    code_version="1",
    record=MixRecord,
    inputs=lambda now: MixInputs(MEMBERS[now.key]),
    load_code=lambda: StageCode(make_mix, show_mix),
    outputs=(MIXES,),
    needs=(Need(SCORED_DATASET, partitions=list_members),),
    partitioning=ROW_MIXES,
)
