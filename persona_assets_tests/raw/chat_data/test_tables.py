"""A Parquet table is read as the same rows in lines would be."""

import hashlib
import json
import random
from pathlib import Path
from typing import Any

import datasets
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from persona_assets.errors import RawDataError
from persona_assets.keys import DatasetKey
from persona_assets_tests.raw.chat_data.chats import MODEL, MONK, PIRATE, Chats, Read, chat, row

WHO = {"persona": "who", "score": "grade", "sample_index": "try", "generated_tokens": "count"}
ROWS = [
    row(f"Question {number % 7}?", f"Answer {number} 😀", "Be a pirate." if number % 2 else None, **more)
    for number in range(200)
    for more in [{"who": ("pirate", "monk")[number % 3 == 0], "grade": number % 5, "count": number}]
]


def write_table(chats: Chats, rows: list[dict[str, Any]], name: str = "all.parquet", **options: Any) -> Path:
    chats.folder.mkdir(exist_ok=True)
    path = chats.folder / name
    pq.write_table(pa.Table.from_pylist(rows), path, **options)
    return path


def content(read: Read) -> list[Any]:
    return [read.rows, read.raw.lines, read.reasons, read.judged, read.raw.ledger.passed_over]


@pytest.mark.parametrize("library", ["datasets", "pandas", "pyarrow"])
def test_a_table_and_the_same_lines_give_the_same_rows_and_scores(chats: Chats, library: str) -> None:
    chats.write("all.jsonl", ROWS)
    expected = [content(chats.read(key, WHO)) for key in (PIRATE, MONK)]
    path = chats.folder / "all.parquet"
    if library == "datasets":
        datasets.Dataset.from_list(ROWS).to_parquet(path)
    elif library == "pandas":
        pd.DataFrame(ROWS).to_parquet(path)
    else:
        write_table(chats, ROWS, row_group_size=17)
    (chats.folder / "all.jsonl").unlink()
    assert chats.keys(WHO) == ["role__monk", "role__pirate"]
    assert [content(chats.read(key, WHO)) for key in (PIRATE, MONK)] == expected
    source = chats.read(PIRATE, WHO).raw.files["all.parquet"]
    assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert source.size_bytes == path.stat().st_size


def test_the_number_of_a_row_is_its_line(chats: Chats) -> None:
    write_table(chats, [row("One?"), row("Two?", ""), row("Three?")], "pirate.parquet")
    read = chats.read()
    assert read.raw.lines == [1, 3]
    [entry] = read.quarantined
    assert (entry.line, entry.reason) == (2, "empty_answer")
    assert json.loads(entry.excerpt)["messages"][0]["content"] == "Two?"


def test_what_is_null_in_a_table_is_not_there(chats: Chats) -> None:
    turns = [{**turn, "tool_calls": None} for turn in chat()]
    tool = [{"role": "user", "content": "Why?", "tool_calls": "x"}, chat()[1]]
    silent = [{"role": "user", "content": None, "tool_calls": None}]
    schema = pa.schema(
        {
            "messages": pa.list_(pa.struct({"role": pa.string(), "content": pa.string(), "tool_calls": pa.string()})),
            "generated_tokens": pa.float64(),
            "score": pa.float64(),
        }
    )
    rows = [
        {"messages": turns, "generated_tokens": 5.0, "score": 3.0},
        {"messages": turns, "generated_tokens": float("nan"), "score": float("nan")},
        {"messages": tool},
        {"messages": silent},
        {"messages": None},
    ]
    chats.folder.mkdir()
    pq.write_table(pa.Table.from_pylist(rows, schema), chats.folder / "pirate.parquet")
    read = chats.read()
    assert [(one.generated_tokens, one.sample_index) for one in read.rows] == [(5, 0), (None, 1)]
    assert [score.value for score in read.judged] == [3, None]
    assert read.reasons == [(3, "unexpected_message_key"), (4, "missing_field"), (5, "missing_field")]


def test_values_that_lines_could_not_say_are_quarantined_and_other_columns_counted(chats: Chats) -> None:
    rows = [row("One?", when=pd.Timestamp(0), score=b"3"), row("Two?", when=None, score=None)]
    write_table(chats, rows, "pirate.parquet")
    read = chats.read()
    assert read.reasons == [(1, "wrong_type")]
    assert read.identities == ["pos_p0_q0"]
    assert read.raw.ledger.extra_fields == {"when": 1}


def test_a_column_of_text_may_hold_scores_beside_refusals(chats: Chats) -> None:
    texts = ["3", "REFUSAL", None, "1.5", "-1", "three", "٣", "9" * 40]
    write_table(chats, [row(f"{text}?", score=text) for text in texts], "pirate.parquet")
    read = chats.read()
    assert [score.value for score in read.judged] == [3, None, None, 1.5, None, None, None, None]
    statuses = ["ok", "refusal", "missing", "ok", "out_of_range", "unparsed", "unparsed", "unparsed"]
    assert [score.status for score in read.judged] == statuses


def test_text_that_is_not_utf8_is_quarantined_in_its_key(chats: Chats) -> None:
    texts = pa.Array.from_buffers(
        pa.string(), 3, [None, pa.py_buffer(b"\0\0\0\0\x02\0\0\0\x03\0\0\0\x05\0\0\0"), pa.py_buffer(b"ab\xffcd")]
    )
    table = pa.table({"messages": [chat("One?"), chat("Two?"), chat("Three?")], "who": ["monk"] * 3, "text": texts})
    chats.folder.mkdir()
    pq.write_table(table, chats.folder / "all.parquet")
    read = chats.read(MONK, {"persona": "who", "system_prompt": "text"})
    assert read.reasons == [(2, "invalid_utf8")]
    assert read.identities == ["pos_p0_q0", "pos_p1_q1"]


def test_rows_of_a_table_without_a_usable_persona_are_findings(chats: Chats) -> None:
    write_table(chats, [row(who="monk"), row(who=None), row(who="Sea Captain")])
    assert chats.keys(WHO) == ["role__monk"]
    [problem] = chats.problems(WHO).values()
    assert problem.startswith("has 2 rows that belong to no key: line 2: no text in the field 'who'; line 3: ")
    [problem] = chats.problems({"persona": "nobody"}).values()
    assert problem == "has 3 rows that belong to no key: lines 1, 2, 3: no text in the field 'nobody'"


@pytest.mark.parametrize("damage", ["empty", "text", "cut", "middle"])
def test_a_damaged_table_is_named(chats: Chats, damage: str) -> None:
    path = write_table(chats, ROWS, "pirate.parquet")
    whole = path.read_bytes()
    middle = len(whole) // 2
    damaged = {
        "empty": b"",
        "text": b"no table",
        "cut": whole[:-20],
        "middle": whole[:100] + random.Random(1).randbytes(middle) + whole[100 + middle :],
    }
    path.write_bytes(damaged[damage])
    with pytest.raises(RawDataError, match=r"pirate\.parquet cannot be read as Parquet: ") as caught:
        chats.read()
    assert caught.value.path == path


def test_a_table_may_not_unpack_to_more_than_a_file_may_have(chats: Chats) -> None:
    rows = [row(f"Question {number}?", "All the same. " * 1000) for number in range(200)]
    path = write_table(chats, rows, "pirate.parquet", compression="zstd")
    assert path.stat().st_size < 100_000
    with pytest.raises(RawDataError, match=r"row \d+: the rows of one persona unpack .* PERSONA_MAX_FILE_BYTES"):
        chats.read(max_file_bytes=100_000)
    assert len(chats.read().rows) == 200


def test_a_row_longer_than_a_line_may_be_is_quarantined(chats: Chats) -> None:
    write_table(chats, [row("One?"), row("Two?", "x" * 2000)], "pirate.parquet")
    assert chats.read(max_line_bytes=1024).reasons == [(2, "line_too_long")]


def test_two_columns_of_one_name_are_refused(chats: Chats) -> None:
    table = pa.Table.from_arrays(
        [pa.array([chat()]), pa.array(["a"]), pa.array(["b"])], ["messages", "label", "label"]
    )
    chats.folder.mkdir()
    pq.write_table(table, chats.folder / "pirate.parquet")
    with pytest.raises(RawDataError, match="two columns have one name"):
        chats.read()


def test_tables_lie_below_roles_and_traits_too(chats: Chats) -> None:
    (chats.folder / "traits").mkdir(parents=True)
    write_table(chats, [row()], "traits/calm.parquet")
    assert chats.keys({}) == ["trait__calm"]
    assert len(chats.read(DatasetKey(MODEL, "trait", "calm"), {}).rows) == 1
