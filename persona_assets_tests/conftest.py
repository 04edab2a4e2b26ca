"""What every test shares: a clean environment, no network, a workspace, the real tokenizers if there are any."""

import gc
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from persona_assets.run import many_keys
from persona_assets.run.worker_pools import Pool
from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets_tests.raw_corpus import MODELS, write_corpus, write_settings

TOKENIZERS_VARIABLE = "TOKENIZERS_FOR_TESTS"
TOKENIZER_FOLDERS = ("gemma-2-27b-it", "Llama-3.3-70B-Instruct", "Qwen3-32B")

_TO_FETCH_THEM = f"run scripts/fetch_tokenizers.sh FOLDER and set {TOKENIZERS_VARIABLE} to it, as `make test` does"
_tokenizers_folder = os.environ.get(TOKENIZERS_VARIABLE)

# huggingface_hub reads this once, when it is imported; worker processes inherit it.
os.environ["HF_HUB_OFFLINE"] = "1"


SLOW_FOLDERS = ("scaling", "atomicity", "end_to_end", "ui", "stages")
"""Whose modules start Dagster, servers or workers; they take most of the time."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow modules come first, so that no worker is left alone with them at the end."""
    items.sort(key=lambda item: not any(folder in item.path.parts for folder in SLOW_FOLDERS))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are processors: tests wait for the processes that they start."""
    return max(1, len(os.sched_getaffinity(0)) * 3 // 2)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line says how many tests had no real tokenizers, however many places skip them."""
    skipped = terminalreporter.getreports("skipped")
    without = [report for report in skipped if TOKENIZERS_VARIABLE in report.longreprtext]
    if without:
        terminalreporter.write_line(f"{len(without)} tests skipped without the real tokenizers: {_TO_FETCH_THEM}")


def _clean(patch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("PERSONA_") or name == "HF_TOKEN":
            patch.delenv(name)
    patch.setenv("HF_HUB_OFFLINE", "1")
    _forget_home_when_undone(patch)


def _forget_home_when_undone(patch: pytest.MonkeyPatch) -> None:
    """Opening Dagster names its home in the environment, for good: what one test opened must not reach another."""
    os.environ.pop("DAGSTER_HOME", None)
    patch.setenv("DAGSTER_HOME", "")
    patch.delenv("DAGSTER_HOME")


@pytest.fixture(scope="session", autouse=True)
def _clean_environment_of_shared_fixtures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads the settings of a workspace that a developer has in the current folder."""
    with pytest.MonkeyPatch.context() as patch:
        _clean(patch)
        patch.chdir(tmp_path_factory.mktemp("current_folder"))
        yield


@pytest.fixture(scope="module", autouse=True)
def _spare_the_collector_what_is_imported() -> None:
    """Loading a tokenizer collects garbage three times, which takes a second if all of a test session is searched."""
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def _clean_environment_of_a_modules_fixtures() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        _forget_home_when_undone(patch)
        yield


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    _clean(monkeypatch)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty workspace, named in the environment, whose models all use the packaged sample tokenizer."""
    folder = tmp_path / "workspace"
    write_settings(folder, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    monkeypatch.setenv("PERSONA_WORKSPACE", str(folder))
    return folder


@pytest.fixture
def workspace_with_corpus(workspace: Path) -> Path:
    """The same with the small raw corpus in it."""
    write_corpus(workspace / "persona-data")
    return workspace


class _InThisProcess(Executor):
    """Does everything at once, where patches of a test hold."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(function(*arguments, **options))
        return future


@pytest.fixture
def without_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are worked on in the test's own process, for tests that put a fault into the code."""

    @contextmanager
    def this_process(_: int) -> Iterator[Pool]:
        yield Pool(_InThisProcess(), lambda: 1, BrokenProcessPool, outlives_workers=False)

    monkeypatch.setattr(many_keys, "local_processes", this_process)


@pytest.fixture(scope="session")
def real_tokenizers() -> Path:
    """The folder with the real tokenizers of all three models; tests that need it are skipped without it."""
    if not _tokenizers_folder:
        pytest.skip(f"{TOKENIZERS_VARIABLE} is not set")
    folder = Path(_tokenizers_folder)
    missing = [name for name in TOKENIZER_FOLDERS if not (folder / name / "tokenizer.json").is_file()]
    if missing:
        pytest.skip(f"{TOKENIZERS_VARIABLE}={folder} lacks {', '.join(missing)}")
    return folder
