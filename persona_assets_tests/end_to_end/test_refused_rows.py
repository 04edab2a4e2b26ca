"""A row that the chat template refuses has no counts; the other rows of its key have theirs, and the key is made."""

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from PIL import Image
from transformers import AutoTokenizer

from persona_assets.keys import DatasetKey
from persona_assets.run.one_key import materialise_key
from persona_assets.run.outcome import KeyOutcome
from persona_assets.sample import SAMPLE_TOKENIZER_FOLDER
from persona_assets.settings import load_settings
from persona_assets_tests.plain_reading import plain_rows
from persona_assets_tests.raw_corpus import BASELINE, QWEN, write_persona, write_settings

MIXED = f"{QWEN}__role__{BASELINE}"
"""The first of its five system prompts is empty, and those rows have no system turn."""
ALL_REFUSED = f"{QWEN}__trait__stoic"
STRICT = (
    "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for message in messages %}<|turn|>{{ message.role }}\n{{ message.content }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|turn|>assistant\n{% endif %}"
)
COUNTS = ("prompt_tokens", "assistant_tokens", "tokens", "answer_start", "answer_end")
Row = dict[str, Any]


class Project:
    """A workspace with a tokenizer whose template knows no system turn."""

    def __init__(self, folder: Path) -> None:
        self.tokenizer, self.workspace = folder / "tokenizers" / "strict", folder / "workspace"
        shutil.copytree(SAMPLE_TOKENIZER_FOLDER, self.tokenizer)
        configuration = self.tokenizer / "tokenizer_config.json"
        record = json.loads(configuration.read_text(encoding="utf-8"))
        configuration.write_text(json.dumps(record | {"chat_template": STRICT}), encoding="utf-8")
        write_settings(self.workspace, {QWEN: "someone/strict"})

    def make(self, key: str) -> KeyOutcome:
        settings = load_settings(workspace=self.workspace, tokenizers=self.tokenizer.parent)
        write_persona(settings.raw_root, key)
        parsed = DatasetKey.parse(key)
        return materialise_key(parsed, settings, variants=settings.variants_of(parsed.kind))

    def counts(self, key: str) -> list[Row]:
        rows: list[Row] = pq.read_table(self.workspace / "persona_token_stats" / f"{key}.parquet").to_pylist()
        return rows

    def record(self, folder: str, key: str) -> Any:
        return json.loads((self.workspace / folder / f"{key}.json").read_text(encoding="utf-8"))

    def expected(self, key: str) -> list[int | None]:
        """Tokens of every row; None for one with a system turn."""
        tokenizer = AutoTokenizer.from_pretrained(str(self.tokenizer))
        conversations = [row["messages"] for row in plain_rows(self.workspace / "persona-data", key)]
        return [
            None
            if turns[0]["role"] == "system"
            else len(tokenizer.apply_chat_template(turns, tokenize=True, return_dict=False))
            for turns in conversations
        ]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.mark.parametrize("key", [MIXED, ALL_REFUSED])
def test_a_key_with_refused_rows_is_made_whole_and_only_warns(project: Project, key: str) -> None:
    outcome = project.make(key)
    assert outcome.failure is None
    failed = {one.check for one in outcome.checks if not one.passed}
    assert not any(check.severe for check in failed)
    assert "template_accepts_rows" in {check.name for check in failed}


@pytest.mark.parametrize("key", [MIXED, ALL_REFUSED])
def test_refused_rows_have_no_counts_and_the_others_have_those_of_transformers(project: Project, key: str) -> None:
    project.make(key)
    rows, expected = project.counts(key), project.expected(key)
    assert [row["tokens"] for row in rows] == expected
    assert 0 < expected.count(None) <= len(expected)
    for row in rows:
        assert len({row[name] is None for name in COUNTS}) == 1


@pytest.mark.parametrize("key", [MIXED, ALL_REFUSED])
def test_every_sum_is_over_the_counted_rows_and_the_refused_are_counted_apart(project: Project, key: str) -> None:
    project.make(key)
    expected = project.expected(key)
    counted = [tokens for tokens in expected if tokens is not None]
    statistics, manifest = project.record("persona_token_stats", key), project.record("persona_manifests", key)
    assert (statistics["all"]["conversations"], statistics["all"]["tokens"]) == (len(counted), sum(counted))
    assert statistics["refused_by_template"] == manifest["token_stats"]["refused_by_template"] == expected.count(None)
    assert (statistics["refusal"], manifest["token_stats"]["refusal"]) == ("System role not supported",) * 2
    assert manifest["token_stats"]["rows"] == len(expected)


def test_the_check_names_the_first_refused_rows_the_reason_and_a_way_out(project: Project) -> None:
    outcome = project.make(MIXED)
    (facts,) = [one.facts for one in outcome.checks if one.check.name == "template_accepts_rows"]
    assert (facts["refused_by_template"], facts["rows"]) == (16, 20)
    assert facts["first_refused"][0] == {"label": "default", "prompt_index": 1, "question_index": 0}
    assert len(facts["first_refused"]) == 10
    assert facts["reason"] == "System role not supported"
    assert "fold_system_turns" in facts["advice"]


def test_variants_count_their_own_refused_rows(project: Project) -> None:
    project.make(ALL_REFUSED)
    statistics = project.record("persona_token_stats", ALL_REFUSED)
    for name, variant in statistics["variants"].items():
        rows = plain_rows(project.workspace / "persona-data", ALL_REFUSED)
        label = name.rpartition("__")[2]
        assert variant["all"]["conversations"] == 0
        if "min" not in name:
            assert variant["refused_by_template"] == sum(row["label"] == label for row in rows)


@pytest.mark.parametrize("key", [MIXED, ALL_REFUSED])
def test_the_picture_is_of_the_counted_rows(project: Project, key: str) -> None:
    project.make(key)
    with Image.open(project.workspace / "persona_token_plots" / f"{key}.png") as picture:
        described = json.loads(picture.info["Description"])
    assert described["conversations"] == sum(tokens is not None for tokens in project.expected(key))


def test_a_second_run_finds_nothing_to_do(project: Project) -> None:
    project.make(MIXED)
    before = (project.workspace / "persona_token_stats" / f"{MIXED}.json").stat().st_mtime_ns
    assert project.make(MIXED).failure is None
    assert (project.workspace / "persona_token_stats" / f"{MIXED}.json").stat().st_mtime_ns == before
