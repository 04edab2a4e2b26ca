"""Metadata survives Dagster's own encoding, whatever is put into it."""

import json
from typing import Any

import dagster as dg
import pytest
from dagster_shared.serdes import deserialize_value, serialize_value

from persona_assets.dagster_defs.readable import readable_metadata, readable_sentence, table

_deep: Any = 1
for _ in range(5000):
    _deep = [_deep]

HOSTILE = {
    "half a surrogate pair": "\ud800",
    "nul": "a\0b",
    "a number that Python does not print": 10**6000,
    "no number": float("nan"),
    "infinity": float("-inf"),
    "a million characters": "x" * 10**6,
    "nested beyond the stack": _deep,
    "bytes": b"\xff",
    "marks": {"__class__": {"__set__": [1]}, "__enum__": "AssetKey.path"},
    "keys that are no text": {1: 2, None: 3},
    "a path that is no UTF-8": dg.MetadataValue.path("/tmp/\udcff"),
    "marks as JSON": dg.MetadataValue.json({"__mapping_items__": 1}),
    "marks as columns": table([{"__class__": "AssetKey", "b": float("nan")}]),
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("name", ["ours", "__class__", "", "\ud800"])
def test_any_entry_reads_back_as_it_was_and_can_be_sent(name: str, value: Any) -> None:
    made = dg.AssetMaterialization("asset", metadata=readable_metadata({name: value, "rows": 3}))
    again = deserialize_value(serialize_value(made), dg.AssetMaterialization)
    assert again == made
    assert again.metadata["rows"].value == 3
    shown = [str(entry.value) for entry in again.metadata.values()]
    json.dumps(shown, ensure_ascii=False, allow_nan=False).encode()
    assert len(serialize_value(made)) < 20_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3 of 60 lines; first: pos_p0_q17 (line 4)", "3 of 60 lines; first: pos_p0_q17 (line 4)"),
        ("![x](https://there/x.png)", r"![x]\(https://there/x.png)"),
        ("<img src=x> and </b>", r"\<img src=x> and \</b>"),
        ("1 < 2, [a] (b)", "1 < 2, [a] (b)"),
    ],
)
def test_a_sentence_names_no_picture_link_or_html_that_a_page_of_markdown_would_take_for_one(
    text: str, expected: str
) -> None:
    assert readable_sentence(text) == expected
