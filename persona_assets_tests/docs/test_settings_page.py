"""docs/settings.md names every setting with its default, and no paper names a setting that there is not."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from dagster_shared.yaml_utils import load_yaml_from_path

from persona_assets.dagster_defs.run_config import PersonaRunConfig
from persona_assets.kinds import KINDS
from persona_assets.pair_rules import DEFAULT_RULES
from persona_assets.setting_names import ENV_PREFIX
from persona_assets.settings import DEFAULT_TOKENIZERS, Settings, check_variants
from persona_assets_tests.docs import DOCS, PAGES, find_code_blocks, find_table_entries, read_page

PAGE = DOCS / "settings.md"
_VARIABLE = re.compile(rf"\b{ENV_PREFIX}[A-Z_]*[A-Z]\b")
_BY_FUNCTION_OR_NONE = (
    *("workspace", "data_root", "tokenizers", "models", "variants", "workers", "scheduler", "pair_rules"),
    *("dataset_license", "dataset_citation"),
)
"""Settings whose default is not a plain value, and is described in words."""


def _variables() -> set[str]:
    return {ENV_PREFIX + name.upper() for name in Settings.model_fields}


def test_the_table_has_exactly_the_settings() -> None:
    described = {name for name in find_table_entries(read_page(PAGE)) if name.startswith(ENV_PREFIX)}
    assert described == _variables()


@pytest.mark.parametrize("name", [name for name in Settings.model_fields if name not in _BY_FUNCTION_OR_NONE])
def test_a_default_is_the_one_in_the_table(name: str) -> None:
    field = Settings.model_fields[name]
    default = field.get_default(call_default_factory=True, validated_data={})
    assert not field.is_required()
    row = next(line for line in read_page(PAGE).splitlines() if line.startswith(f"| `{ENV_PREFIX}{name.upper()}`"))
    shown = row.split("|")[3].strip().strip("`").split(" ")[0]
    assert json.loads(shown) == (list(default) if isinstance(default, tuple) else default)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_setting_named_exists(page: Path) -> None:
    assert set(_VARIABLE.findall(read_page(page))) <= _variables()


def test_default_models_and_variants_are_those_described() -> None:
    text = read_page(PAGE)
    wanted = {*DEFAULT_TOKENIZERS, *DEFAULT_TOKENIZERS.values()}
    wanted |= {variant for kind in KINDS.values() for variant in kind.default_variants}
    assert [name for name in sorted(wanted) if f"`{name}`" not in text] == []


def test_the_default_rules_of_pairs_are_those_described() -> None:
    text = read_page(DOCS / "outputs.md")
    assert [name for name, rule in DEFAULT_RULES.items() if f"| `{name}` | `{rule}` |" not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_of_the_settings_file_are_valid(page: Path) -> None:
    for block in find_code_blocks(read_page(page), "toml"):
        content = tomllib.loads(block)
        assert content.keys() <= Settings.model_fields.keys()
        Settings.model_validate(content)


def test_the_example_of_a_run_configuration_is_valid(tmp_path: Path) -> None:
    blocks = find_code_blocks(read_page(DOCS / "using.md"), "yaml")
    assert blocks
    for block in blocks:
        variants = PersonaRunConfig(**_read_yaml(tmp_path, block)["ops"]["persona_datasets"]["config"]).variants
        check_variants({kind: tuple(names) for kind, names in variants.items()})


def _read_yaml(folder: Path, text: str) -> Any:
    path = folder / "example.yaml"
    path.write_text(text, encoding="utf-8")
    return load_yaml_from_path(str(path))
