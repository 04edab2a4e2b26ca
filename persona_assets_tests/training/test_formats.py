"""Each format is, line by line and file by file, what its consumer documents."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from dagster_shared.yaml_utils import load_yaml_from_path

from persona_assets.training.examples import Example
from persona_assets.training.formats.contract import SetInWords, turns_alternate
from persona_assets.training.formats.registry import FORMATS
from persona_assets.training.lines import write_line
from persona_assets.training_recipes import FormatName

USER, GOOD, BAD = (
    {"role": role, "content": text} for role, text in (("user", "Why?"), ("assistant", "So."), ("assistant", "No."))
)
ROW = Example((USER,), GOOD)
PAIR = Example((USER,), GOOD, BAD)
OF_ROWS, OF_PAIRS = (SetInWords("calm", ("train", "validation"), of_pairs, {}) for of_pairs in (False, True))


@pytest.mark.parametrize(
    ("name", "example", "line"),
    [
        ("sft", ROW, {"prompt": [USER], "completion": [GOOD]}),
        ("messages", ROW, {"messages": [USER, GOOD]}),
        ("dpo", PAIR, {"prompt": [USER], "chosen": [GOOD], "rejected": [BAD]}),
        ("kto", Example((USER,), BAD, desirable=False), {"prompt": [USER], "completion": [BAD], "label": False}),
        ("llama_factory", ROW, {"messages": [USER, GOOD]}),
        ("llama_factory", PAIR, {"messages": [USER], "chosen": GOOD, "rejected": BAD}),
        ("axolotl", ROW, {"messages": [USER, GOOD]}),
        ("axolotl", PAIR, {"messages": [USER], "chosen": GOOD, "rejected": BAD}),
    ],
)
def test_a_line_is_the_one_that_the_consumer_reads(name: FormatName, example: Example, line: dict[str, Any]) -> None:
    form = FORMATS[name]
    assert form.write(example) == line
    assert set(form.columns(example.rejected is not None)) == set(line)


def test_every_format_that_a_recipe_may_name_is_there() -> None:
    assert tuple(FORMATS) == get_args(FormatName)


def test_llama_factory_finds_every_split_in_its_entry() -> None:
    entries = json.loads(FORMATS["llama_factory"].companions(OF_ROWS)["dataset_info.json"])
    assert set(entries) == {"calm_train", "calm_validation"}
    assert entries["calm_validation"] == {
        "file_name": "validation.jsonl",
        "formatting": "sharegpt",
        "columns": {"messages": "messages"},
        "tags": {
            "role_tag": "role",
            "content_tag": "content",
            "user_tag": "user",
            "assistant_tag": "assistant",
            "system_tag": "system",
        },
    }
    pairs = json.loads(FORMATS["llama_factory"].companions(OF_PAIRS)["dataset_info.json"])["calm_train"]
    assert pairs["ranking"] is True
    assert pairs["columns"] == {"messages": "messages", "chosen": "chosen", "rejected": "rejected"}


def read_snippet(folder: Path, described: SetInWords) -> Any:
    path = folder / "axolotl.yaml"
    path.write_text(FORMATS["axolotl"].companions(described)["axolotl.yaml"], encoding="utf-8")
    return load_yaml_from_path(str(path))


def test_axolotls_snippet_is_yaml_that_names_every_split(tmp_path: Path) -> None:
    rows = read_snippet(tmp_path, OF_ROWS)
    assert [one["path"] for one in rows["datasets"] + rows["test_datasets"]] == ["train.jsonl", "validation.jsonl"]
    assert rows["datasets"][0]["type"] == "chat_template"
    assert rows["datasets"][0]["roles_to_train"] == ["assistant"]
    pairs = read_snippet(tmp_path, OF_PAIRS)
    assert pairs["rl"] == "dpo"
    assert pairs["datasets"][0]["type"] == "chat_template.default"
    assert pairs["datasets"][0]["field_rejected"] == "rejected"


def test_conversations_that_llama_factory_would_drop_are_known() -> None:
    system = {"role": "system", "content": "Be calm."}
    assert turns_alternate(ROW)
    assert turns_alternate(Example((system, USER), GOOD))
    assert not turns_alternate(Example((USER, USER), GOOD))
    assert not turns_alternate(Example((USER, system), GOOD))


def test_a_line_is_one_line_to_every_reader() -> None:
    text = "a\u2028b\u2029c\u0085d\u000be\u001cf\ng"
    line = write_line({"text": text})
    assert line.splitlines() == [line[:-1]]
    assert json.loads(line) == {"text": text}
