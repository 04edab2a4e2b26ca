"""From chat data to datasets: the same as in the first layout, and made anew once the settings say otherwise."""

import json
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from persona_assets.chat_fields import ChatFields
from persona_assets.collection.survey import survey
from persona_assets.keys import DatasetKey
from persona_assets.kinds import ROLE
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover
from persona_assets.raw.reader import read_conversations
from persona_assets.raw.scores import read_scores
from persona_assets.raw.sources import locate
from persona_assets.run.one_key import materialise_key
from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets.sample.conversations import sample_keys, write_sample_corpus
from persona_assets.settings import Settings
from persona_assets.workspace import Workspace
from persona_assets_tests.raw.chat_data.chats import MODEL, row

ALL_GIVEN = {
    "persona": "character",
    "kind_field": "type",
    "messages": "chat",
    "system_prompt": "prompt",
    "question": "asked",
    "label": "side",
    "labels": {"with": "pos", "against": "neg", "without": "default"},
    "prompt_index": "p",
    "question_index": "q",
    "score": "judge",
}
WORDS = {"pos": "with", "neg": "against", "default": "without"}
FOLDERS = {"role": "roles_240", "trait": "traits_240"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("demo")
    write_sample_corpus(Workspace(root, root))
    return root


def as_chat_data(root: Path, model: str) -> list[dict[str, Any]]:
    """What the demo's files of a model hold, each row with everything that is known of it."""
    rows: list[dict[str, Any]] = []
    for kind, folder in FOLDERS.items():
        for path in sorted((root / model / folder / "responses").glob("*.jsonl")):
            scores = root / model / folder / "extract_scores" / f"{path.stem}.json"
            by_name = json.loads(scores.read_text()) if scores.exists() else {}
            for line in path.read_text().splitlines():
                told = json.loads(line)
                name = f"{told['label']}_p{told['prompt_index']}_q{told['question_index']}"
                rows.append(
                    {
                        "type": kind,
                        "character": path.stem,
                        "chat": told["conversation"],
                        "prompt": told["system_prompt"],
                        "asked": told["question"],
                        "side": WORDS[told["label"]],
                        "p": told["prompt_index"],
                        "q": told["question_index"],
                        "judge": by_name.get(name),
                    }
                )
    return rows


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_the_same_content_gives_the_same_keys_rows_and_scores(demo: Path, tmp_path: Path, suffix: str) -> None:
    models = sorted({key.model for key in sample_keys()})
    for model in models:
        rows = as_chat_data(demo, model)
        (tmp_path / model).mkdir()
        path = tmp_path / model / f"all.{suffix}"
        if suffix == "jsonl":
            path.write_text("".join(json.dumps(one) + "\n" for one in rows))
        else:  # a column has one type, so that beside refusals numbers are text
            texts = [one | {"judge": None if one["judge"] is None else str(one["judge"])} for one in rows]
            pq.write_table(pa.Table.from_pylist(texts), path)
    fields = ChatFields.model_validate(ALL_GIVEN)
    settings = Settings(data_root=tmp_path, chat_data=dict.fromkeys(models, fields))
    inventory = discover(RawCorpus.of(settings))
    assert (inventory.keys, inventory.unfit) == (tuple(sorted(sample_keys())), ())
    for key in sample_keys():
        here, there = locate(RawCorpus.of(settings), key), locate(RawCorpus(demo), key)
        read, expected = (read_conversations(sources, settings, print) for sources in (here, there))
        assert read.rows == expected.rows
        assert (read.ledger.notes, read.ledger.extra_fields) == ({}, {})
        assert read_scores(here, settings).by_row == read_scores(there, settings).by_row


def test_a_dataset_made_of_chat_data_is_loaded_with_what_the_rows_tell(tmp_path: Path) -> None:
    key, settings = make(tmp_path, {"persona": "who", "score": "grade"})
    made = load(settings, key)
    assert made["extract_score"] == [0, 1, 2, 3]
    assert made["question"] == [f"Question {number}?" for number in range(4)]
    assert [turns[-1]["content"] for turns in made["messages"]] == ["Because."] * 4


def test_outputs_are_stale_once_the_settings_read_the_rows_otherwise(tmp_path: Path) -> None:
    key, settings = make(tmp_path, {"persona": "who", "score": "grade"})
    assert reasons(settings) == {str(key): None}
    other = settings.model_copy(update={"chat_data": {**settings.chat_data, "another-model": ChatFields()}})
    assert reasons(other) == {str(key): None}
    fields = ChatFields(persona="who", score="second")
    changed = settings.model_copy(update={"chat_data": {MODEL: fields}})
    assert reasons(changed) == {str(key): "raw_conversations: other layout than it was made from"}
    assert materialise_key(key, changed, variants=changed.variants_of(ROLE)).failure is None
    assert load(settings, key)["extract_score"] == [3, 2, 1, 0]


def make(folder: Path, fields: dict[str, Any]) -> tuple[DatasetKey, Settings]:
    """Materialise a persona of a small file of chat data."""
    entry = ChatFields.model_validate(fields)
    settings = Settings(
        workspace=folder / "workspace", models={MODEL: str(SAMPLE_TOKENIZER)}, chat_data={MODEL: entry}
    )
    path = settings.raw_root / MODEL / "all.jsonl"
    path.parent.mkdir(parents=True)
    rows = [row(f"Question {number}?", who="pirate", grade=number, second=3 - number) for number in range(4)]
    path.write_text("".join(json.dumps(one) + "\n" for one in rows))
    key = DatasetKey(MODEL, "role", "pirate")
    assert materialise_key(key, settings, variants=settings.variants_of(ROLE)).failure is None
    return key, settings


def load(settings: Settings, key: DatasetKey) -> datasets.Dataset:
    return datasets.load_from_disk(str(settings.workspace / "datasets/processed/persona" / str(key)))["train"]


def reasons(settings: Settings) -> dict[str, str | None]:
    found = survey(settings, discover(RawCorpus.of(settings))).states
    return {str(one.key): one.reason if one.state == "stale" else None for one in found}
