"""A changed argument of the chat template makes the counts stale, and one that is not used fails with the setting."""

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from persona_assets.collection.survey import KeyState, survey
from persona_assets.keys import DatasetKey
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover
from persona_assets.run.one_key import materialise_key
from persona_assets.run.outcome import KeyOutcome
from persona_assets.sample import SAMPLE_TOKENIZER_FOLDER
from persona_assets.settings import Settings
from persona_assets_tests.raw_corpus import BASELINE, QWEN, write_persona

KEY = DatasetKey.parse(f"{QWEN}__role__{BASELINE}")
TEMPLATE = (
    "{% for message in messages %}<|turn|>{{ message.role }}\n{{ message.content }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|turn|>assistant\n{{ opening }}{% endif %}"
)


class Project:
    """A workspace with one key, and a tokenizer whose template ends a prompt with an argument."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.workspace = folder, folder / "workspace"
        shutil.copytree(SAMPLE_TOKENIZER_FOLDER, folder / "tokenizers" / "open")
        configuration = folder / "tokenizers" / "open" / "tokenizer_config.json"
        record = json.loads(configuration.read_text(encoding="utf-8"))
        configuration.write_text(json.dumps(record | {"chat_template": TEMPLATE}), encoding="utf-8")
        write_persona(self.workspace / "persona-data", str(KEY))

    def settings(self, **arguments: Any) -> Settings:
        return Settings(
            workspace=self.workspace,
            tokenizers=self.folder / "tokenizers",
            models={QWEN: "someone/open"},
            chat_template_arguments={QWEN: arguments},
        )

    def make(self, **arguments: Any) -> KeyOutcome:
        settings = self.settings(**arguments)
        return materialise_key(KEY, settings, variants=settings.variants_of(KEY.kind))

    def state(self, **arguments: Any) -> KeyState:
        settings = self.settings(**arguments)
        (state,) = survey(settings, discover(RawCorpus.of(settings))).states
        return state

    def counts(self) -> dict[str, list[int]]:
        counts: dict[str, list[int]] = pq.read_table(
            self.workspace / "persona_token_stats" / f"{KEY}.parquet"
        ).to_pydict()
        return counts


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_a_changed_argument_makes_the_counts_stale_and_they_are_made_anew(project: Project) -> None:
    assert project.make(opening="").failure is None
    assert project.state(opening="").reason == ""
    before = project.counts()
    stale = project.state(opening="So")
    assert "token_stats: other tokenizer (chat_template_arguments) than it was made from" in stale.reason
    assert project.make(opening="So").failure is None
    after = project.counts()
    assert after["tokens"] == before["tokens"]
    assert all(now > then for now, then in zip(after["prompt_tokens"], before["prompt_tokens"], strict=True))
    record = json.loads((project.workspace / "persona_token_stats" / f"{KEY}.json").read_text(encoding="utf-8"))
    assert record["tokenizer"]["chat_template_arguments"] == {"opening": "So"}


def test_an_argument_that_the_template_does_not_use_fails_with_the_setting(project: Project) -> None:
    failure = project.make(openning="So").failure
    assert failure is not None
    assert failure.stage == "token_stats"
    assert failure.traceback is None
    assert "chat_template_arguments" in failure.message
    assert "uses no argument 'openning'; it uses opening" in failure.message
