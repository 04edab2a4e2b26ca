"""What ends a key can be told by a program: the key, the asset and the path, not only a sentence."""

import shutil
from pathlib import Path

import pytest

from persona_assets.errors import MissingInputError, PersonaAssetsError, RawDataError, TokenizerError
from persona_assets.keys import DatasetKey
from persona_assets.run.key_task import KeyTask
from persona_assets.run.many_keys import run_tasks
from persona_assets.run.one_key import materialise_key
from persona_assets.run.outcome import KeyOutcome
from persona_assets.settings import load_settings
from persona_assets_tests.raw_corpus import QWEN, responses_file, scores_file
from persona_assets_tests.stage_names import STAGES

KEY = DatasetKey.parse(f"{QWEN}__role__stoic")


def failure_of(outcome: KeyOutcome, stage: str, kind: type[PersonaAssetsError]) -> PersonaAssetsError:
    assert outcome.failure is not None
    assert outcome.failure.stage == stage
    error = outcome.failure.error
    assert isinstance(error, kind)
    assert str(error) == outcome.failure.message
    return error


@pytest.mark.usefixtures("workspace_with_corpus")
def test_a_raw_file_that_is_gone() -> None:
    settings = load_settings()
    path = responses_file(settings.raw_root, str(KEY))
    path.unlink()
    error = failure_of(materialise_key(KEY, settings), "raw_conversations", RawDataError)
    assert (error.key, error.stage, error.path) == (str(KEY), "raw_conversations", path)


@pytest.mark.usefixtures("workspace_with_corpus")
def test_a_score_file_that_is_damaged() -> None:
    settings = load_settings()
    path = scores_file(settings.raw_root, str(KEY))
    path.write_text("{", encoding="utf-8")
    error = failure_of(materialise_key(KEY, settings), "scored_dataset", RawDataError)
    assert (error.key, error.stage, error.path) == (str(KEY), "scored_dataset", path)


@pytest.mark.usefixtures("workspace_with_corpus")
def test_a_tokenizer_that_cannot_be_had() -> None:
    settings = load_settings(models={QWEN: "nobody/has-it"}, tokenizers=Path("nowhere"))
    error = failure_of(materialise_key(KEY, settings), "token_stats", TokenizerError)
    assert (error.key, error.stage) == (str(KEY), "token_stats")


@pytest.mark.usefixtures("workspace_with_corpus")
def test_an_output_of_another_stage_that_is_missing_names_that_stage() -> None:
    settings = load_settings()
    assert materialise_key(KEY, settings).failure is None
    folder = settings.workspace / "datasets" / "processed" / "persona" / str(KEY)
    shutil.rmtree(folder)
    error = failure_of(
        materialise_key(KEY, settings, stages=["parquet_export"], redo=True), "parquet_export", MissingInputError
    )
    assert (error.key, error.stage, error.path) == (str(KEY), "scored_dataset", folder)


@pytest.mark.usefixtures("workspace_with_corpus")
def test_it_comes_back_whole_from_a_worker_process() -> None:
    settings = load_settings()
    path = responses_file(settings.raw_root, str(KEY))
    path.unlink()
    task = KeyTask(KEY, settings, STAGES, ())
    [outcome] = run_tasks([task], workers=1)
    error = failure_of(outcome, "raw_conversations", RawDataError)
    assert (error.key, error.stage, error.path) == (str(KEY), "raw_conversations", path)
