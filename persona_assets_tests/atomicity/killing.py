"""Killing a process again and again while it materialises a key, and looking at the outputs all the while.

``kill_campaign`` is what ``test_killed_runs`` runs with few kills and ``benchmarks/kill_campaign.py`` with many.
"""

import itertools
import multiprocessing
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from persona_assets.collection.byte_comparison import verify
from persona_assets.collection.leftovers import clean_up
from persona_assets.settings import Settings
from persona_assets.stage import recording
from persona_assets.stage.spec import Stage
from persona_assets.store import steps
from persona_assets.store.exchange import exchange
from persona_assets.workspace import Workspace
from persona_assets_tests.atomicity import (
    KEY,
    ONE,
    OTHER,
    STAGES,
    below_hidden,
    clear_outputs,
    data_hashes,
    hashes,
    hidden_entries,
    make_well,
    recorded_hashes,
    settings_of,
    stage_of,
)
from persona_assets_tests.plain_reading import plain_datasets

Rows = list[dict[str, Any]]
Loader = Callable[[Path], pa.Table]
PATIENCE_SECONDS = 60.0
LONGEST_LIFE_SECONDS = 0.7
"""Somewhat more than two materialisations."""
NO_STAGE = len(STAGES)


@dataclass
class Campaign:
    """What was done and what was seen."""

    kills: int = 0
    kills_by_stage: Counter[str] = field(default_factory=Counter)
    kills_amid_renames: int = 0
    """After which some outputs were newer than the manifest, or one was not there."""
    names_of_nothing: int = 0
    """Dataset folders that were not there after a kill; only without exchange of names."""
    gaps_met_by_reader: int = 0
    """Loads that did not find the folder; only without exchange of names."""
    cleanups: int = 0
    """After which every output was the one that the manifest names, and ``verify`` found nothing."""
    put_back: int = 0
    """Replacements that a kill had interrupted and the clean-up undid."""
    kills_with_leftovers: int = 0
    kills_after_replacement: int = 0
    """Of processes that had replaced the dataset before they were killed."""
    loads_between: int = 0
    loads_meanwhile: int = 0
    folders_looked_at_meanwhile: int = 0
    torn: list[str] = field(default_factory=list)
    """Every load that gave an error or other rows than one version has, and every mixed folder."""
    leftovers: int = 0
    leftovers_removed: int = 0
    exact_at_the_end: bool = False


@dataclass(frozen=True)
class Versions:
    """One workspace, two raw roots; for each, the rows by dataset and the hash of every output."""

    workspace: Path
    settings: tuple[Settings, Settings]
    rows: tuple[Mapping[str, Rows], Mapping[str, Rows]]
    hashes: tuple[Mapping[str, str], Mapping[str, str]]

    @classmethod
    def prepare(cls, folder: Path) -> "Versions":
        workspace = folder / "workspace"
        settings, rows, made = [], [], []
        for version in (ONE, OTHER):
            raw = folder / version.name
            version.write(raw)
            settings.append(settings_of(workspace, data_root=raw))
            rows.append(plain_datasets(raw, KEY))
            clear_outputs(workspace)
            make_well(settings[-1])
            made.append(hashes(workspace))
        assert made[0].keys() == made[1].keys()
        return cls(workspace, (settings[0], settings[1]), (rows[0], rows[1]), (made[0], made[1]))

    @property
    def names(self) -> list[str]:
        return list(self.rows[0])

    def folder(self, name: str) -> Path:
        return self.workspace / "datasets" / "processed" / "persona" / name


def kill_campaign(folder: Path, kills: int, seed: int = 0, *, exchanging: bool = True) -> Campaign:
    """Materialise two versions in turn below ``folder`` in a process that is killed ``kills`` times.

    ``exchanging`` says whether the file system exchanges names; else it is made to refuse, if it does not anyway.
    """
    versions, campaign, chance = Versions.prepare(folder), Campaign(), random.Random(seed)
    reader = Reader(versions, exchanging)
    reader.start()
    try:
        for number in range(kills):
            before = _identity(versions.folder(KEY))
            stage = _kill_once(versions, folder, number % 2, chance.uniform(0, LONGEST_LIFE_SECONDS), exchanging)
            campaign.kills += 1
            campaign.kills_by_stage[stage] += 1
            campaign.kills_after_replacement += _identity(versions.folder(KEY)) != before
            _look_after_kill(versions, campaign, exchanging)
            if number % 2:
                _clean_up_after_kill(versions, campaign)
    finally:
        reader.stop()
    campaign.loads_meanwhile, campaign.folders_looked_at_meanwhile = reader.loads, reader.folders
    campaign.gaps_met_by_reader = reader.gaps
    campaign.torn += reader.torn
    return _finish(versions, campaign)


def _identity(folder: Path) -> int | None:
    return folder.stat().st_ino if folder.exists() else None


def refuse_to_exchange(_one: Path, _other: Path) -> bool:
    """As on NFS."""
    return False


def _kill_once(versions: Versions, folder: Path, first: int, life_seconds: float, exchanging: bool) -> str:
    """Let a process work for this long after it has begun, kill it, and say which stage it was in."""
    at = folder / "at_stage"
    with running(_work_forever, versions.settings, first, at, exchanging) as (process, begun):
        assert begun.poll(PATIENCE_SECONDS), "the process that is to be killed did not start"
        time.sleep(life_seconds)
    assert process.exitcode == -signal.SIGKILL, f"it ended by itself, with {process.exitcode}"
    return (*STAGES, "no stage")[at.read_bytes()[0]]


@contextmanager
def running(target: Callable[..., None], *arguments: Any) -> Iterator[tuple[BaseProcess, Connection]]:
    """A process in which ``target`` gets one end of a pipe and ``arguments``; killed when the block ends."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["persona_assets.run.preloading", __name__]
    )  # a process starts with all imports done
    here, there = context.Pipe()
    process = context.Process(target=_mortal, args=(target, there, *arguments))
    process.start()
    there.close()
    try:
        yield process, here
    finally:
        process.kill()
        process.join(PATIENCE_SECONDS)
        here.close()


def _mortal(target: Callable[..., None], *arguments: Any) -> None:
    """It must not outlive a parent that is killed itself, nor leave behind a semaphore of a progress bar."""
    signal.alarm(int(2 * PATIENCE_SECONDS))
    datasets.utils.tqdm.set_lock(threading.RLock())
    target(*arguments)


def _work_forever(
    begun: Connection, settings: tuple[Settings, Settings], first: int, at: Path, exchanging: bool
) -> None:
    if not exchanging:
        steps.exchange = refuse_to_exchange  # type: ignore[assignment,attr-defined]
    handle = os.open(at, os.O_CREAT | os.O_WRONLY)

    make_stage = recording.make_stage

    def make_noted(stage: Stage[Any], *arguments: Any) -> Any:
        os.pwrite(handle, bytes([STAGES.index(stage.name)]), 0)
        return make_stage(stage, *arguments)

    recording.make_stage = make_noted  # type: ignore[assignment]
    os.pwrite(handle, bytes([NO_STAGE]), 0)
    begun.send(None)
    for place in itertools.cycle((first, 1 - first)):
        make_well(settings[place])
        os.pwrite(handle, bytes([NO_STAGE]), 0)


def _look_after_kill(versions: Versions, campaign: Campaign, exchanging: bool) -> None:
    """Nothing runs now: every load must succeed, every folder be of one version, every other output whole.

    Without exchange of names one folder may be missing, until it is put back.
    """
    missing = {name for name in versions.names if not versions.folder(name).exists()} if not exchanging else set()
    campaign.names_of_nothing += len(missing)
    if len(missing) > 1:
        campaign.torn.append(f"more than one folder is missing: {missing}")
    for name in versions.names:
        loads = list(_loads(versions, name, replaced_meanwhile=False, folder_missing=name in missing))
        campaign.loads_between += len(loads)
        campaign.torn += [fault for fault in loads if fault]
    found = data_hashes(versions.workspace)
    visible = {path: of for path, of in found.items() if not below_hidden(path)}
    for path, digest in visible.items():
        if digest not in (versions.hashes[0][path], versions.hashes[1][path]):
            campaign.torn.append(f"{path} is of neither version")
    expected = (path for path in versions.hashes[0] if stage_of(path) in STAGES)
    lost = [path for path in expected if path not in visible]
    campaign.torn += [f"{path} is missing" for path in lost if not any(f"/{name}/" in path for name in missing)]
    for name in set(versions.names) - missing:
        if _version_of(versions, name, visible) is None:
            campaign.torn.append(f"{name} is mixed of two versions")
    campaign.kills_amid_renames += visible != recorded_hashes(versions.workspace)
    left = len(hidden_entries(versions.workspace))
    campaign.kills_with_leftovers += left > campaign.leftovers
    campaign.leftovers = left


def _clean_up_after_kill(versions: Versions, campaign: Campaign) -> None:
    """What the next run of anything does first: then every output is the one that its manifest names."""
    workspace = Workspace.of(versions.settings[0])
    campaign.cleanups += 1
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        cleanup = clean_up(workspace)
        campaign.put_back += len(cleanup.given_back)
        campaign.leftovers_removed += len(cleanup.removed) + len(cleanup.given_back)
        if not hidden_entries(versions.workspace) or time.monotonic() > deadline:
            break  # else the reader still has a file open, which FUSE keeps until it is closed
    if cleanup.problems or hidden_entries(versions.workspace):
        campaign.torn.append(f"not cleaned up: {cleanup.problems} {hidden_entries(versions.workspace)}")
    if data_hashes(versions.workspace) != recorded_hashes(versions.workspace):
        campaign.torn.append("outputs are not those of the manifest after the clean-up")
    campaign.torn += map(str, verify(workspace, workers=1).damages)
    campaign.leftovers = 0


def _load_folder(path: Path) -> pa.Table:
    return datasets.load_from_disk(str(path))["train"].with_format("arrow")[:]


def _load_parquet(path: Path) -> pa.Table:
    """Through one open file. ``pq.read_table(path)`` opens it twice, and may find another one the second time."""
    with path.open("rb") as file:
        return pq.read_table(file)


def _loads(versions: Versions, name: str, *, replaced_meanwhile: bool, folder_missing: bool = False) -> Iterator[str]:
    """Load the folder and the Parquet file of one dataset; for each load, what is wrong with it, if anything."""
    folder, parquet = versions.folder(name), versions.folder(f"{name}.parquet")
    loads: list[tuple[Loader, Path]] = [(_load_parquet, parquet)]
    if not folder_missing:
        loads.append((_load_folder, folder))
    if not replaced_meanwhile:
        loads.append((pq.read_table, parquet))
    expected = [rows[name] for rows in versions.rows]
    for load, path in loads:
        try:
            fault = None if load(path).to_pylist() in expected else "other rows than either version"
        except Exception as error:  # noqa: BLE001 - any error is a torn load, and is reported as one
            fault = f"{type(error).__name__}: {error}"
        yield f"{path.name}: {fault}" if fault else ""


def _version_of(versions: Versions, name: str, found: Mapping[str, str]) -> int | None:
    """The version all files of a dataset folder are of; None if they are of two."""
    prefix = versions.folder(name).relative_to(versions.workspace).as_posix() + "/"
    held = {path: digest for path, digest in found.items() if path.startswith(prefix)}
    for place, made in enumerate(versions.hashes):
        if held == {path: digest for path, digest in made.items() if path.startswith(prefix)}:
            return place
    return None


def _makes_exactly(versions: Versions, place: int) -> bool:
    """Whether an unhindered run leaves every output, records included, as in a workspace never disturbed."""
    make_well(versions.settings[place])
    return hashes(versions.workspace) == versions.hashes[place]


class Reader(threading.Thread):
    """Loads every dataset again and again, in both forms, and looks into the folder through one open handle.

    ``load_from_disk`` opens a folder's files by path, one after the other. Its rows all come from one file,
    so they are of one version; the small files beside it may be of the next. Through a handle all files of
    a folder are of one version, unless it was replaced meanwhile and they are being removed.
    """

    def __init__(self, versions: Versions, exchanging: bool) -> None:
        super().__init__()
        self.versions = versions
        self.exchanging = exchanging
        self.gaps = 0
        self.loads = 0
        self.folders = 0
        self.torn: list[str] = []
        self._enough = threading.Event()

    def run(self) -> None:
        while not self._enough.is_set():
            for name in self.versions.names:
                loads = list(_loads(self.versions, name, replaced_meanwhile=True))
                self.loads += len(loads)
                self._judge(fault for fault in loads if fault)
                self._look_into(name)

    def _judge(self, faults: Iterable[str]) -> None:
        """Without exchange of names a folder, but no file, may be missing for an instant."""
        for fault in faults:
            gap = not self.exchanging and ".parquet:" not in fault and "FileNotFoundError" in fault
            self.gaps += gap
            self.torn += [] if gap else [fault]

    def stop(self) -> None:
        self._enough.set()
        self.join(PATIENCE_SECONDS)

    def _look_into(self, name: str) -> None:
        folder = self.versions.folder(name)
        try:
            held = _held_by(folder)
        except OSError as error:
            self._judge([f"{name}: {type(error).__name__}: {error}"])
            return
        if held is None:
            return
        self.folders += 1
        prefix = folder.relative_to(self.versions.workspace).as_posix()
        if _version_of(self.versions, name, {f"{prefix}/{path}": of for path, of in held.items()}) is None:
            self.torn.append(f"{name}, as one handle shows it, is mixed or not whole")


def _held_by(folder: Path) -> dict[str, str] | None:
    """The hash of every file of the folder that has this name now; None if it lost the name meanwhile."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        held = {}
        try:
            for root, _, names, at in os.fwalk(".", dir_fd=handle):
                for name in names:
                    held[f"{root}/{name}".removeprefix("./")] = _hash_at(name, at)
        except FileNotFoundError:
            held = {}
        still_there = folder.stat().st_ino == os.fstat(handle).st_ino
    finally:
        os.close(handle)
    return held if still_there else None


def _hash_at(name: str, folder: int) -> str:
    with os.fdopen(os.open(name, os.O_RDONLY, dir_fd=folder), "rb") as file:
        return sha256(file.read()).hexdigest()


def kill_at_every_rename(folder: Path, *, exchanging: bool = True) -> Campaign:
    """Let a process kill itself right before each link, exchange or rename of a materialisation in turn."""
    versions, campaign = Versions.prepare(folder), Campaign()
    for number in itertools.count():
        with running(die_at_rename, versions.settings[number % 2], number, exchanging) as (process, _):
            process.join(PATIENCE_SECONDS)
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL, f"it ended by itself, with {process.exitcode}"
        campaign.kills += 1
        _look_after_kill(versions, campaign, exchanging)
        if number % 4 > 1:
            _clean_up_after_kill(versions, campaign)
    return _finish(versions, campaign)


def die_at_rename(_: Connection, settings: Settings, number: int, exchanging: bool) -> None:
    with dying_at(number, "rename", "replace", "link") as (patch, deadly):
        patch.setattr(steps, "exchange", deadly(exchange if exchanging else refuse_to_exchange))
        make_well(settings, redo=True)


@contextmanager
def dying_at(number: int, *names: str) -> Iterator[tuple[pytest.MonkeyPatch, Callable[[Any], Any]]]:
    """In the block, call ``number`` of these functions of ``os`` kills the process; so do others made deadly too."""
    calls = itertools.count()

    def deadly(function: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any, **options: Any) -> Any:
            if next(calls) == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments, **options)

        return called

    with pytest.MonkeyPatch.context() as patch:
        for name in names:
            patch.setattr(os, name, deadly(getattr(os, name)))
        yield patch, deadly


def _finish(versions: Versions, campaign: Campaign) -> Campaign:
    _clean_up_after_kill(versions, campaign)
    campaign.exact_at_the_end = all(_makes_exactly(versions, place) for place in (0, 1))
    return campaign
