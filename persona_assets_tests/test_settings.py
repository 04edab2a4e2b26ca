"""Settings: where each value comes from, and what is said about one that cannot be used."""

import json
import os
import pickle
from pathlib import Path

import pytest
from pydantic import ValidationError

from persona_assets.errors import SettingsError
from persona_assets.keys import Variant
from persona_assets.kinds import ROLE, TRAIT
from persona_assets.settings import Settings, load_settings

DEFAULT_MODELS = {
    "gemma-2-27b": "google/gemma-2-27b-it",
    "llama-3.3-70b": "meta-llama/Llama-3.3-70B-Instruct",
    "qwen-3-32b": "Qwen/Qwen3-32B",
}
NUMBERS = ("workers", "keys_per_run", "max_prompts", "max_questions", "max_line_bytes", "max_file_bytes")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder, which the default workspace is relative to."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_toml(content: str, workspace: Path = Path("workspace")) -> None:
    workspace.mkdir(parents=True, exist_ok=True)
    (workspace / "persona_assets.toml").write_text(content, encoding="utf-8")


def refusal(**overrides: object) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(**overrides)
    return str(caught.value)


def test_without_environment_and_file_every_setting_has_its_documented_default(here: Path) -> None:
    settings = load_settings()
    assert settings.workspace == here / "workspace"
    assert settings.raw_root == here / "workspace" / "persona-data"
    assert settings.tokenizers is None
    assert settings.models == DEFAULT_MODELS
    assert settings.workers == os.cpu_count()
    assert settings.keys_per_run == 500
    assert settings.max_prompts == 5
    assert settings.max_questions == 240
    assert settings.max_line_bytes == 16 * 1024 * 1024
    assert settings.max_file_bytes == 32 * 1024 * 1024
    assert settings.variants_of(ROLE) == (Variant(3),)
    assert settings.variants_of(TRAIT) == (Variant(None, "pos"), Variant(None, "neg"), Variant(70, "pos"))


@pytest.mark.parametrize("name", NUMBERS)
def test_the_environment_wins_over_the_file_and_the_file_over_the_default(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    default = getattr(load_settings(), name)
    write_toml(f"{name} = 300\n" if "bytes" not in name else f"{name} = 3000\n")
    from_file = getattr(load_settings(), name)
    monkeypatch.setenv(f"PERSONA_{name.upper()}", "400" if "bytes" not in name else "4000")
    from_environment = getattr(load_settings(), name)
    assert default not in (from_file, from_environment)
    assert (from_file, from_environment) == ((300, 400) if "bytes" not in name else (3000, 4000))


def test_an_override_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONA_WORKERS", "7")
    assert load_settings(workers=3).workers == 3


def test_the_file_is_read_from_the_workspace_that_is_used(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_toml("workers = 11\n")
    write_toml("workers = 12\n", here / "one")
    write_toml("workers = 13\n", here / "two")
    assert load_settings().workers == 11
    monkeypatch.setenv("PERSONA_WORKSPACE", str(here / "one"))
    assert load_settings().workers == 12
    assert load_settings(workspace=here / "two").workers == 13


@pytest.mark.parametrize("name", ["workspace", "data_root", "tokenizers"])
def test_a_relative_path_becomes_absolute(name: str, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"PERSONA_{name.upper()}", "some/folder")
    assert getattr(load_settings(), name) == here / "some" / "folder"


@pytest.mark.parametrize("name", ["workspace", "data_root", "tokenizers"])
def test_a_tilde_means_the_home_folder(name: str, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(here / "home"))
    monkeypatch.setenv(f"PERSONA_{name.upper()}", "~/folder")
    assert getattr(load_settings(), name) == here / "home" / "folder"


def test_the_file_of_a_workspace_under_the_home_folder_is_read(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(here / "home"))
    monkeypatch.setenv("PERSONA_WORKSPACE", "~/folder")
    write_toml("workers = 9\n", here / "home" / "folder")
    assert load_settings().workers == 9


@pytest.mark.parametrize("name", ["workspace", "data_root", "tokenizers"])
def test_a_home_folder_of_nobody_is_refused_by_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"PERSONA_{name.upper()}", "~no-such-user-here/folder")
    message = refusal()
    assert f"PERSONA_{name.upper()} (or '{name}' in persona_assets.toml) = '~no-such-user-here/folder'" in message


@pytest.mark.parametrize("name", Settings.model_fields)
def test_an_empty_variable_is_as_good_as_none(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write_toml('workers = 9\nkeys_per_run = 8\ndata_root = "raw"\n[models]\n"phi-4" = "microsoft/phi-4"\n')
    without = load_settings()
    monkeypatch.setenv(f"PERSONA_{name.upper()}", "")
    assert load_settings() == without


@pytest.mark.parametrize("name", ["workspace", "data_root", "tokenizers"])
def test_a_path_that_datasets_would_take_for_a_chain_of_file_systems_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"PERSONA_{name.upper()}", "a::b")
    assert f"PERSONA_{name.upper()} (or '{name}' in persona_assets.toml) = 'a::b' contains '::'" in refusal()


def test_the_raw_root_can_lie_outside_the_workspace(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONA_DATA_ROOT", str(here / "raw"))
    assert load_settings().raw_root == here / "raw"


def test_models_of_the_file_add_to_the_defaults_and_may_replace_one() -> None:
    write_toml('[models]\n"phi-4" = "microsoft/phi-4"\n"qwen-3-32b" = "local/qwen"\n')
    assert load_settings().models == DEFAULT_MODELS | {"phi-4": "microsoft/phi-4", "qwen-3-32b": "local/qwen"}


def test_models_of_the_environment_add_to_those_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    write_toml('[models]\n"phi-4" = "microsoft/phi-4"\n"olmo" = "from-file"\n')
    monkeypatch.setenv("PERSONA_MODELS", json.dumps({"olmo": "from-environment"}))
    assert load_settings().models == DEFAULT_MODELS | {"phi-4": "microsoft/phi-4", "olmo": "from-environment"}


def test_variants_of_one_kind_leave_the_other_at_its_default() -> None:
    write_toml('[variants]\nrole = ["min1", "min2__pos"]\n')
    settings = load_settings()
    assert settings.variants_of(ROLE) == (Variant(1), Variant(2, "pos"))
    assert settings.variants_of(TRAIT) == (Variant(None, "pos"), Variant(None, "neg"), Variant(70, "pos"))


def test_a_kind_may_have_no_variants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONA_VARIANTS", '{"role": []}')
    assert load_settings().variants_of(ROLE) == ()


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", ["four", " ", "2.5", "0", "-3"])
def test_a_bad_number_is_refused_with_its_variable_its_key_and_its_value(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"PERSONA_{name.upper()}", value)
    if (name, value) == ("keys_per_run", "0"):
        assert load_settings().keys_per_run == 0, "0 stands for all keys in one run"
        return
    message = refusal()
    assert f"PERSONA_{name.upper()} (or '{name}' in persona_assets.toml) = {value!r}: Input should be" in message


def test_every_wrong_setting_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    write_toml('workers = "x"\n')
    monkeypatch.setenv("PERSONA_KEYS_PER_RUN", "-1")
    message = refusal()
    assert "PERSONA_WORKERS" in message
    assert "PERSONA_KEYS_PER_RUN" in message


@pytest.mark.parametrize(
    ("key", "meant"), [("worker", "workers"), ("max_prompt", "max_prompts"), ("data-root", "data_root")]
)
def test_an_unknown_key_of_the_file_is_refused_with_the_one_meant(key: str, meant: str) -> None:
    write_toml(f"{key} = 4\n")
    assert f"unknown setting {key!r} in persona_assets.toml; did you mean {meant!r}?" in refusal()


def test_an_unknown_key_like_no_other_is_refused_without_a_guess() -> None:
    write_toml("zzz = 4\n")
    message = refusal()
    assert "unknown setting 'zzz' in persona_assets.toml" in message
    assert "did you mean" not in message


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("PERSONA_WORKER", "PERSONA_WORKERS"),
        ("PERSONA_WORKSPCAE", "PERSONA_WORKSPACE"),
        ("PERSONA_DATAROOT", "PERSONA_DATA_ROOT"),
        ("PERSONA_TOKENIZER", "PERSONA_TOKENIZERS"),
        ("PERSONA_MAX_LINES_BYTES", "PERSONA_MAX_LINE_BYTES"),
        ("PERSONA_MODEL", "PERSONA_MODELS"),
    ],
)
def test_a_misspelt_variable_is_refused_with_the_one_meant(
    variable: str, meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "4")
    assert f"unknown environment variable {variable}; did you mean {meant}?" in refusal()


def test_a_variable_of_another_program_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONA_DATABASE_URL", "postgres://somewhere")
    monkeypatch.setenv("PERSONALITY", "4")
    assert load_settings().workers == os.cpu_count()


@pytest.mark.parametrize(
    ("variants", "problem"),
    [
        ({"role": ["min4"]}, "variant 'min4': no role can score 4; the scale is 0-3"),
        ({"role": ["neg"]}, "variant 'neg' does not fit roles"),
        ({"trait": ["default"]}, "variant 'default' does not fit traits"),
        ({"trait": ["pos__min70"]}, "variant 'pos__min70' does not fit traits"),
        ({"trait": ["pos", "../x"]}, "variant '../x' does not fit traits"),
        ({"roles": ["min3"]}, "variants of unknown kind 'roles'; use role or trait"),
        ({"role": "min3"}, "Input should be a valid tuple"),
        ({"role": [3]}, "Input should be a valid string"),
        ([], "Input should be a valid dictionary"),
    ],
)
def test_invalid_variants_are_refused_with_the_setting_and_the_reason(
    variants: object, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONA_VARIANTS", json.dumps(variants))
    message = refusal()
    assert "PERSONA_VARIANTS (or 'variants' in persona_assets.toml)" in message
    assert problem in message


def test_stages_are_switched_off_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().stages_off == ()
    write_toml('stages_off = ["histogram"]\n')
    assert load_settings().stages_off == ("histogram",)
    monkeypatch.setenv("PERSONA_STAGES_OFF", '["histogram", "parquet_export"]')
    assert load_settings().stages_off == ("histogram", "parquet_export")


@pytest.mark.parametrize("value", ['"histogram"', "[3]", "{}"])
def test_stages_off_of_another_type_are_refused_with_the_setting(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONA_STAGES_OFF", value)
    assert "PERSONA_STAGES_OFF (or 'stages_off' in persona_assets.toml)" in refusal()


@pytest.mark.parametrize(
    ("models", "problem"),
    [
        ({"a__b": "x"}, "model name 'a__b' contains '__'"),
        ({"../a": "x"}, "model name '../a' may only contain"),
        ({"phi": " "}, "model 'phi' has an empty tokenizer id"),
        ({"phi": 4}, "Input should be a valid string"),
    ],
)
def test_invalid_models_are_refused_with_the_setting_and_the_reason(
    models: object, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONA_MODELS", json.dumps(models))
    message = refusal()
    assert "PERSONA_MODELS (or 'models' in persona_assets.toml)" in message
    assert problem in message


def test_a_model_name_with_dots_and_no_quotes_in_the_file_is_refused_by_setting() -> None:
    write_toml('[models]\nllama-3.3-70b = "x"\n')
    assert "PERSONA_MODELS (or 'models' in persona_assets.toml)[llama-3]" in refusal()


@pytest.mark.parametrize("content", ["workers = = 4", "workers", "[models", 'workspace = "unterminated'])
def test_invalid_toml_is_refused_with_the_line_and_the_file(content: str) -> None:
    write_toml(f"keys_per_run = 5\n{content}\n")
    message = refusal()
    assert "line 2" in message
    assert "persona_assets.toml" in message


def test_a_file_that_is_no_utf8_is_refused_by_name() -> None:
    write_toml("")
    Path("workspace/persona_assets.toml").write_bytes(b"workers = 4 # \xff\n")
    assert "persona_assets.toml" in refusal()


@pytest.mark.parametrize("name", ["models", "variants"])
@pytest.mark.parametrize("value", ["{bad", " ", "role=min3"])
def test_invalid_json_in_a_map_variable_is_refused_with_the_setting(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"PERSONA_{name.upper()}", value)
    message = refusal()
    assert name in message
    assert "JSON" in message


def test_settings_cannot_be_changed() -> None:
    settings = load_settings()
    with pytest.raises(ValidationError):
        settings.workers = 3  # type: ignore[misc]


def test_pickled_settings_are_those_of_the_sender_whatever_the_receiver_has(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONA_MAX_QUESTIONS", "17")
    sent = load_settings(workspace="elsewhere", variants={"role": ["min1"]})
    content = pickle.dumps(sent)
    monkeypatch.setenv("PERSONA_MAX_QUESTIONS", "99")
    monkeypatch.setenv("PERSONA_VARIANTS", '{"role": ["min2"]}')
    monkeypatch.chdir("/")
    received = pickle.loads(content)
    assert isinstance(received, Settings)
    assert received == sent
    assert received.workspace == here / "elsewhere"
    assert received.max_questions == 17
    assert received.variants_of(ROLE) == (Variant(1),)
