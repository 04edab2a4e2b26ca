"""A raw file costs the memory of its rows, however long a line of it is, and a file too large is not read at all."""

import json
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from persona_assets.keys import DatasetKey
from persona_assets.settings import Settings
from persona_assets_tests.atomicity import KEY, ONE, hashes, make, make_well, settings_of
from persona_assets_tests.atomicity.killing import PATIENCE_SECONDS, running
from persona_assets_tests.large_files import of_real_tokenizers, write_trait
from persona_assets_tests.large_files import peak_bytes as worker_peak_bytes
from persona_assets_tests.raw_corpus import GEMMA, responses_file

MIB, GIB = 2**20, 2**30
LONG_LINE_BYTES = 200 * MIB
MOST_EXTRA_BYTES = 64 * MIB
GOOD_LINES_BEFORE = 3
READ_AND_WRITTEN = ("raw_conversations", "scored_dataset")

pytestmark = [
    pytest.mark.campaign,
    pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in KiB on Linux alone"),
]


def measure(answer: Connection, settings: Settings) -> None:
    make_well(settings, READ_AND_WRITTEN)
    answer.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


def peak_bytes(settings: Settings) -> int:
    """Most memory of a process that reads the raw file and writes the dataset.

    It comes from the fork server, small and always the same, since a process takes over the peak of the
    one that starts it.
    """
    with running(measure, settings) as (_, answer):
        assert answer.poll(PATIENCE_SECONDS)
        peak = answer.recv()
        assert isinstance(peak, int)
    return peak


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = settings_of(tmp_path / "workspace", max_file_bytes=GIB)
    ONE.write(settings.raw_root)
    return settings


def put_in_long_line(settings: Settings, character: bytes = b"x") -> int:
    """Put one line of 200 MB among the good ones; return the offset at which it begins."""
    path = responses_file(settings.raw_root, KEY)
    lines = path.read_bytes().splitlines(keepends=True)
    with path.open("wb") as file:
        file.writelines(lines[:GOOD_LINES_BEFORE])
        offset = file.tell()
        for _ in range(LONG_LINE_BYTES // MIB):
            file.write(character * MIB)
        file.write(b"\n")
        file.writelines(lines[GOOD_LINES_BEFORE:])
    return offset


def quarantined(settings: Settings) -> list[dict[str, Any]]:
    path = settings.workspace / "persona_quarantine" / f"{KEY}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_line_of_200_mb_costs_that_line_and_little_memory(settings: Settings) -> None:
    peak = peak_bytes(settings)
    rows = {path: of for path, of in hashes(settings.workspace).items() if path.startswith("datasets/")}
    offset = put_in_long_line(settings)
    extra = peak_bytes(settings) - peak
    assert extra <= MOST_EXTRA_BYTES
    (entry,) = [entry for entry in quarantined(settings) if entry["reason"] == "line_too_long"]
    assert (entry["line"], entry["byte_offset"]) == (GOOD_LINES_BEFORE + 1, offset)
    assert entry["size_bytes"] == LONG_LINE_BYTES + 1
    assert len(entry["excerpt"]) <= 200
    assert {path: of for path, of in hashes(settings.workspace).items() if path.startswith("datasets/")} == rows
    whole = settings.model_copy(update={"max_line_bytes": GIB})
    assert peak_bytes(whole) - peak > LONG_LINE_BYTES, "this measurement does not see memory"


@contextmanager
def within(seconds: float) -> Iterator[None]:
    start = time.monotonic()
    yield
    assert time.monotonic() - start < seconds


def test_a_file_of_10_gb_is_refused_at_once_and_the_earlier_outputs_are_kept(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "workspace")
    ONE.write(settings.raw_root)
    make_well(settings, READ_AND_WRITTEN)
    before = {path: of for path, of in hashes(settings.workspace).items() if "standings" not in path}
    path = responses_file(settings.raw_root, KEY)
    with path.open("r+b") as file:
        file.truncate(10 * GIB)
    with within(seconds=1):
        outcome = make(settings)
    assert outcome.made == {}
    assert outcome.failure
    assert outcome.failure.stage == "raw_conversations"
    assert outcome.failure.message == (
        f"{path} has 10,737,418,240 bytes, more than the 33,554,432 allowed; "
        "split it, or raise the setting PERSONA_MAX_FILE_BYTES"
    )
    assert {path: of for path, of in hashes(settings.workspace).items() if "standings" not in path} == before


@pytest.mark.parametrize(("rows", "mark"), [(2400, " 😀"), (24, "")], ids=["emoji", "few"])
def test_a_worker_stays_below_700_mib_on_a_file_of_the_largest_size(
    rows: int, mark: str, tmp_path: Path, real_tokenizers: Path
) -> None:
    """Gemma's tokenizer is the largest; one character beyond the first plane makes all of a text take four bytes."""
    settings = of_real_tokenizers(tmp_path / "workspace", real_tokenizers)
    key = DatasetKey(GEMMA, "trait", "large")
    size = write_trait(settings, key, rows, int(0.96 * settings.max_file_bytes / rows) - 400, mark)
    assert 0.92 * settings.max_file_bytes < size <= settings.max_file_bytes
    assert worker_peak_bytes(settings, key) < 700 * MIB
