"""Dataset folders: the documented columns, the same bytes for the same rows, clear errors for anything else."""

import json
import random
from hashlib import sha256
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from persona_assets.errors import InconsistentOutputError, MissingInputError, Producer
from persona_assets.keys import DatasetKey, DatasetName
from persona_assets.kinds import KINDS, ROLE, TRAIT, Kind
from persona_assets.store import dataset_folders
from persona_assets.store.dataset_folders import dataset_schema, read_dataset
from persona_assets.store.replacement import replacing

ROLE_NAME = DatasetName.parse("llama-3.3-70b__role__alien")
TRAIT_NAME = DatasetName.parse("qwen-3-32b__trait__calm")
MESSAGES = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
ROWS = 2400
SHARD = Path("train") / "data-00000-of-00001.arrow"


def made_by(name: DatasetName) -> Producer:
    return Producer("scored_dataset", name.key)


def write_dataset(folder: Path, table: pa.Table) -> str:
    """As the stages do: beside the folder that is there, then in its place."""
    with replacing(folder.parent / "journals" / "one.json") as replacement:
        return dataset_folders.write_dataset(replacement.folder(folder), table)


def columns_of(kind: str) -> list[tuple[str, pa.DataType]]:
    """The columns of the documentation, and the status of the score."""
    return [
        ("model", pa.string()),
        (kind, pa.string()),
        ("system_prompt", pa.string()),
        ("question", pa.string()),
        ("messages", MESSAGES),
        ("prompt_index", pa.int64()),
        ("question_index", pa.int64()),
        ("label", pa.string()),
        ("extract_score", pa.int64()),
        ("score_status", pa.string()),
    ]


def rows_of(key: DatasetKey, count: int = ROWS) -> list[dict[str, Any]]:
    chance = random.Random(7)
    rows = []
    for number in range(count):
        score = chance.choice((None, *range(key.kind.max_score + 1)))
        messages = [
            {"role": "user", "content": "é😀" * chance.randrange(4)},
            {"role": "assistant", "content": f"Answer {number}\u2028{'x' * chance.randrange(20)}"},
        ]
        row = {
            "model": key.model,
            key.kind_name: key.persona,
            "system_prompt": "",
            "question": f"Question {number % 240}?",
            "messages": messages[number % 5 == 0 :] * (1 + number % 3),
            "prompt_index": number % 5,
            "question_index": number % 240,
            "label": chance.choice(key.kind.labels),
            "extract_score": score,
            "score_status": "missing" if score is None else "ok",
        }
        rows.append(row)
    return rows


def table_of(name: DatasetName, count: int = ROWS) -> pa.Table:
    return pa.Table.from_pylist(rows_of(name.key, count), schema=dataset_schema(name.key.kind))


def contents(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_the_columns_are_the_documented_ones_in_their_order_and_a_status(kind: Kind) -> None:
    schema = dataset_schema(kind)
    assert [(field.name, field.type) for field in schema] == columns_of(kind.name)
    assert all(field.nullable for field in schema)


def test_a_dataset_has_a_role_or_a_trait_column_and_never_both() -> None:
    assert {"role", "trait"} & set(dataset_schema(ROLE).names) == {"role"}
    assert {"role", "trait"} & set(dataset_schema(TRAIT).names) == {"trait"}


@pytest.mark.parametrize("name", [ROLE_NAME, TRAIT_NAME], ids=str)
def test_what_is_written_is_what_users_load_with_datasets(name: DatasetName, tmp_path: Path) -> None:
    write_dataset(tmp_path / "data", table_of(name))
    loaded = datasets.load_from_disk(str(tmp_path / "data"))
    assert isinstance(loaded, datasets.DatasetDict)
    assert list(loaded) == ["train"]
    assert loaded["train"].to_list() == rows_of(name.key)
    features = loaded["train"].features
    assert list(features) == [column for column, _ in columns_of(name.key.kind_name)]
    assert features["extract_score"] == datasets.Value("int64")
    text = datasets.Value("string")
    assert features["messages"] == datasets.List({"role": text, "content": text})


@pytest.mark.parametrize("name", [ROLE_NAME, TRAIT_NAME], ids=str)
@pytest.mark.parametrize("count", [1, 999, 1000, 1001, 2400])
def test_what_is_written_is_read_back_equal(name: DatasetName, count: int, tmp_path: Path) -> None:
    table = table_of(name, count)
    write_dataset(tmp_path / "data", table)
    back = read_dataset(tmp_path / "data", name.key.kind, made_by(name))
    assert back.to_pylist() == rows_of(name.key, count)
    assert back.schema.equals(dataset_schema(name.key.kind), check_metadata=True)


def test_scores_that_are_all_null_stay_integers(tmp_path: Path) -> None:
    rows = [row | {"extract_score": None, "score_status": "missing"} for row in rows_of(ROLE_NAME.key, 10)]
    write_dataset(tmp_path / "data", pa.Table.from_pylist(rows, schema=dataset_schema(ROLE)))
    back = read_dataset(tmp_path / "data", ROLE_NAME.key.kind, made_by(ROLE_NAME))
    assert back.schema.field("extract_score").type == pa.int64()
    assert back["extract_score"].null_count == 10


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    write_dataset(tmp_path / "one", table_of(ROLE_NAME))
    write_dataset(tmp_path / "other", table_of(ROLE_NAME))
    assert contents(tmp_path / "one") == contents(tmp_path / "other")
    assert set(contents(tmp_path / "one")) == {
        "dataset_dict.json",
        "train/dataset_info.json",
        "train/state.json",
        str(SHARD),
    }


def test_a_table_read_back_is_written_to_the_same_bytes_even_onto_itself(tmp_path: Path) -> None:
    write_dataset(tmp_path / "data", table_of(ROLE_NAME))
    before = contents(tmp_path / "data")
    back = read_dataset(tmp_path / "data", ROLE_NAME.key.kind, made_by(ROLE_NAME))
    write_dataset(tmp_path / "copy", back)
    write_dataset(tmp_path / "data", back)
    assert contents(tmp_path / "copy") == before
    assert contents(tmp_path / "data") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "data", "journals"]
    assert list((tmp_path / "journals").iterdir()) == []


def test_rows_chosen_from_memory_or_from_disk_give_the_same_bytes(tmp_path: Path) -> None:
    made = table_of(TRAIT_NAME)
    write_dataset(tmp_path / "data", made)
    read = read_dataset(tmp_path / "data", TRAIT_NAME.key.kind, made_by(TRAIT_NAME))
    for minimum in (1, 50, 99):
        for place, table in (("memory", made), ("disk", read)):
            mask = pc.fill_null(pc.greater_equal(table["extract_score"], minimum), fill_value=False)
            write_dataset(tmp_path / place, table.filter(mask))
        assert contents(tmp_path / "memory") == contents(tmp_path / "disk")


@pytest.mark.parametrize("cut", [1, 7, 700, 1000, 1001])
def test_the_bytes_do_not_depend_on_how_a_table_is_cut_in_memory(cut: int, tmp_path: Path) -> None:
    table = table_of(ROLE_NAME)
    write_dataset(tmp_path / "whole", table)
    write_dataset(tmp_path / "cut", pa.concat_tables([table.slice(0, cut), table.slice(cut)]))
    assert contents(tmp_path / "cut") == contents(tmp_path / "whole")


@pytest.mark.parametrize(("start", "length"), [(0, 1300), (7, 1300), (1000, 1000), (2399, 1)])
def test_a_slice_gives_the_bytes_of_the_same_rows_made_anew(start: int, length: int, tmp_path: Path) -> None:
    fresh = rows_of(ROLE_NAME.key)[start : start + length]
    write_dataset(tmp_path / "slice", table_of(ROLE_NAME).slice(start, length))
    write_dataset(tmp_path / "fresh", pa.Table.from_pylist(fresh, schema=dataset_schema(ROLE)))
    assert contents(tmp_path / "slice") == contents(tmp_path / "fresh")


def test_other_rows_have_another_fingerprint(tmp_path: Path) -> None:
    rows = rows_of(ROLE_NAME.key, 10)
    fingerprints = set()
    for changed in (rows, rows[:9], rows[::-1], [*rows[:9], rows[9] | {"question": "?"}]):
        fingerprint = write_dataset(tmp_path / "data", pa.Table.from_pylist(changed, schema=dataset_schema(ROLE)))
        state = json.loads((tmp_path / "data" / "train" / "state.json").read_text())
        assert state["_fingerprint"] == fingerprint
        fingerprints.add(fingerprint)
    assert len(fingerprints) == 4


def test_a_dataset_that_shrinks_leaves_nothing_of_the_larger_one(tmp_path: Path) -> None:
    write_dataset(tmp_path / "data", table_of(ROLE_NAME))
    write_dataset(tmp_path / "data", table_of(ROLE_NAME, 3))
    write_dataset(tmp_path / "fresh", table_of(ROLE_NAME, 3))
    assert contents(tmp_path / "data") == contents(tmp_path / "fresh")


def test_a_table_read_before_the_folder_was_replaced_stays_whole(tmp_path: Path) -> None:
    write_dataset(tmp_path / "data", table_of(ROLE_NAME))
    before = read_dataset(tmp_path / "data", ROLE_NAME.key.kind, made_by(ROLE_NAME))
    write_dataset(tmp_path / "data", table_of(ROLE_NAME, 3))
    assert before.to_pylist() == rows_of(ROLE_NAME.key)


def test_a_missing_folder_is_an_error_with_the_path_and_the_asset_to_materialise(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError) as caught:
        read_dataset(tmp_path / "data", ROLE, made_by(ROLE_NAME))
    expected = f"{tmp_path / 'data'} is not there; materialise scored_dataset of llama-3.3-70b__role__alien first"
    assert str(caught.value) == expected


def refusal(folder: Path, name: DatasetName = ROLE_NAME) -> str:
    with pytest.raises(InconsistentOutputError) as caught:
        read_dataset(folder, name.key.kind, made_by(name))
    assert str(caught.value).startswith(str(folder))
    assert f"materialise scored_dataset of {name.key} again" in str(caught.value)
    return str(caught.value)


def test_a_dataset_of_the_other_kind_is_refused_for_its_columns(tmp_path: Path) -> None:
    write_dataset(tmp_path / "data", table_of(TRAIT_NAME, 3))
    assert "has other columns than model, role, system_prompt" in refusal(tmp_path / "data")


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.drop_columns(["score_status"]),
        lambda table: table.append_column("note", pa.array(["x"] * table.num_rows)),
        lambda table: table.select(sorted(table.schema.names)),
        lambda table: table.rename_columns([name.upper() for name in table.schema.names]),
        lambda table: table.set_column(8, "extract_score", table["extract_score"].cast(pa.float64())),
        lambda table: table.set_column(8, "extract_score", table["extract_score"].cast(pa.int32())),
        lambda table: table.set_column(3, "question", table["question"].cast(pa.large_string())),
    ],
    ids=["dropped", "added", "reordered", "renamed", "float score", "small score", "large string"],
)
def test_a_folder_with_other_columns_is_refused(change: Any, tmp_path: Path) -> None:
    other = change(table_of(ROLE_NAME, 3).replace_schema_metadata(None))
    datasets.DatasetDict({"train": datasets.Dataset(other)}).save_to_disk(str(tmp_path / "data"))
    assert "has other columns than" in refusal(tmp_path / "data")


def test_a_folder_without_the_split_is_refused(tmp_path: Path) -> None:
    dataset = datasets.Dataset(table_of(ROLE_NAME, 3))
    dataset.save_to_disk(str(tmp_path / "plain"))
    datasets.DatasetDict({"test": dataset}).save_to_disk(str(tmp_path / "test"))
    refusal(tmp_path / "plain")
    refusal(tmp_path / "test")


def test_a_folder_that_holds_no_dataset_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    refusal(tmp_path / "data")


@pytest.mark.parametrize("file", ["dataset_dict.json", "train/state.json", "train/dataset_info.json"])
@pytest.mark.parametrize("content", [None, b"", b"{", b"\xff", b"[]", b"null"])
def test_a_folder_with_a_damaged_description_is_refused(file: str, content: bytes | None, tmp_path: Path) -> None:
    write_dataset(tmp_path / "data", table_of(ROLE_NAME, 3))
    path = tmp_path / "data" / file
    path.unlink() if content is None else path.write_bytes(content)
    refusal(tmp_path / "data")


@pytest.mark.parametrize("kept", [None, 0, 10, 1000, 100_000])
def test_a_folder_with_a_missing_or_cut_shard_is_refused(kept: int | None, tmp_path: Path) -> None:
    write_dataset(tmp_path / "data", table_of(ROLE_NAME))
    path = tmp_path / "data" / SHARD
    path.unlink() if kept is None else path.write_bytes(path.read_bytes()[:kept])
    refusal(tmp_path / "data")
