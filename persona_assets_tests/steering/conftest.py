"""The corpora, made once, and rendered with the sample tokenizer and with the real ones."""

from pathlib import Path
from typing import Any

import pytest

from persona_assets.keys import DatasetKey
from persona_assets.run.one_key import materialise_key
from persona_assets.sample import SAMPLE_TOKENIZER, SAMPLE_TOKENIZER_FOLDER
from persona_assets.sample.conversations import sample_keys, write_sample_corpus
from persona_assets.settings import load_settings
from persona_assets.workspace import Workspace
from persona_assets_tests.raw_corpus import GEMMA, KEYS, LLAMA, MODELS, QWEN, write_corpus, write_settings
from persona_assets_tests.steering.corpora import Corpus

REAL = {GEMMA: "gemma-2-27b-it", LLAMA: "Llama-3.3-70B-Instruct", QWEN: "Qwen3-32B"}
WITHOUT_ARGUMENTS: dict[str, dict[str, Any]] = {model: {} for model in MODELS}
ARGUMENTS: dict[str, dict[str, Any]] = {
    GEMMA: {},
    LLAMA: {"date_string": "26 Jul 2024"},
    QWEN: {"enable_thinking": False},
}
STAGES = ("raw_conversations", "scored_dataset", "filtered_variants", "token_stats", "contrast_pairs")


def make_workspace(folder: Path, name: str) -> tuple[Path, tuple[str, ...]]:
    """Make the datasets and pairs of a corpus; return the workspace and its keys."""
    write_settings(folder, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    settings = load_settings(workspace=folder)
    if name == "demo":
        write_sample_corpus(Workspace.of(settings))
        keys = tuple(map(str, sample_keys()))
    else:
        write_corpus(settings.raw_root)
        keys = KEYS
    for key in keys:
        outcome = materialise_key(DatasetKey.parse(key), settings, stages=STAGES)
        assert outcome.failure is None, outcome.failure
    return folder, keys


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, tuple[str, ...]]]:
    folder = tmp_path_factory.mktemp("steering")
    return {name: make_workspace(folder / name, name) for name in ("demo", "small")}


@pytest.fixture(scope="session", params=["sample", "real"])
def tokenizer_folders(request: pytest.FixtureRequest) -> tuple[dict[str, Path], Path | None]:
    """The folder of each model's tokenizer, and the one that holds them all if they are real."""
    if request.param == "sample":
        return dict.fromkeys(MODELS, SAMPLE_TOKENIZER_FOLDER), None
    folder: Path = request.getfixturevalue("real_tokenizers")
    return {model: folder / name for model, name in REAL.items()}, folder


@pytest.fixture(scope="session", params=["demo", "small"])
def corpus(
    request: pytest.FixtureRequest,
    made: dict[str, tuple[Path, tuple[str, ...]]],
    tokenizer_folders: tuple[dict[str, Path], Path | None],
) -> Corpus:
    workspace, keys = made[request.param]
    folders, real = tokenizer_folders
    models = REAL if real else dict.fromkeys(MODELS, SAMPLE_TOKENIZER)
    settings = load_settings(workspace=workspace, models=models, tokenizers=real)
    arguments = ARGUMENTS if real else WITHOUT_ARGUMENTS
    return Corpus(settings, keys, folders, arguments)


@pytest.fixture(scope="session")
def demo(made: dict[str, tuple[Path, tuple[str, ...]]]) -> Corpus:
    """The demo corpus with the sample tokenizer."""
    workspace, keys = made["demo"]
    folders = dict.fromkeys(MODELS, SAMPLE_TOKENIZER_FOLDER)
    return Corpus(load_settings(workspace=workspace), keys, folders, WITHOUT_ARGUMENTS)
