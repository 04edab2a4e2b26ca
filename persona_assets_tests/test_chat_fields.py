"""The setting that says how chat data is written: what it takes, and what is said about a wrong entry."""

import json
from pathlib import Path

import pytest

from persona_assets.chat_fields import ChatFields
from persona_assets.errors import SettingsError
from persona_assets.settings import load_settings

PLACE = "PERSONA_CHAT_DATA (or 'chat_data' in persona_assets.toml)"


def load(workspace: Path, text: str) -> dict[str, ChatFields]:
    workspace.mkdir(exist_ok=True)
    (workspace / "persona_assets.toml").write_text(text, encoding="utf-8")
    return load_settings(workspace=workspace).chat_data


def test_an_entry_names_the_fields_of_a_model(tmp_path: Path) -> None:
    text = '[chat_data.my-model]\npersona = "character"\nscore = "judge_score"\n[chat_data."phi-4".labels]\n'
    with pytest.raises(SettingsError):
        load(tmp_path, text + 'good = "pos"\n')
    entries = load(tmp_path, text)
    assert entries["my-model"] == ChatFields(persona="character", score="judge_score")
    assert entries["my-model"].by_name == {"persona": "character", "messages": "messages", "score": "judge_score"}
    assert entries["phi-4"] == ChatFields()


def test_the_environment_wins_field_by_field(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONA_CHAT_DATA", json.dumps({"m": {"score": "b"}, "n": {"kind": "trait"}}))
    entries = load(tmp_path, '[chat_data.m]\nscore = "a"\nquestion = "q"\n')
    assert entries == {"m": ChatFields(score="b", question="q"), "n": ChatFields(kind="trait")}


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ('scroe = "x"', "[m]: unknown entry 'scroe'; did you mean 'score'?"),
        ('extract = "x"', "[m]: unknown entry 'extract'"),
        ('kind = "rolle"', "[m][kind] = 'rolle': Value error, is not a kind of persona; use role or trait"),
        ('score = ""', "[m][score] = '': String should have at least 1 character"),
        ("score = 5", "[m][score] = 5: Input should be a valid string"),
        ("score = 'a\"b'", "[m][score] = 'a\"b': String should match pattern"),
        ('question = "messages"', "messages and question are both read from the field 'messages'"),
        ('labels = {good = "pos"}', "labels is given, but not label, the field that holds their words"),
        ('label = "l"\nlabels = {good = "best"}', "'good' cannot mean 'best'; a label is one of pos, default, neg"),
        ('personas = {A = "a"}', "personas is given, but not persona, the field that holds their words"),
    ],
)
def test_an_entry_that_cannot_be_used_is_refused_with_its_place(tmp_path: Path, entry: str, problem: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, f"[chat_data.m]\n{entry}\n")
    assert PLACE in str(caught.value)
    assert problem in str(caught.value)


def test_a_model_that_no_folder_can_be_named_after_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="model name 'a/b'"):
        load(tmp_path, '[chat_data."a/b"]\n')
