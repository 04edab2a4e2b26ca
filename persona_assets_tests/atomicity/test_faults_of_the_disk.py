"""A disk that fails at any flush, rename or write of a key leaves the earlier version, and the failure says so."""

import errno
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from persona_assets.collection.leftovers import clean_up
from persona_assets.settings import Settings
from persona_assets.stage import recording
from persona_assets.stage.spec import Stage
from persona_assets.store import replacement, steps
from persona_assets.store.exchange import exchange
from persona_assets.store.moving import discard
from persona_assets.workspace import Workspace
from persona_assets_tests.atomicity import (
    EARLIER,
    HIDDEN_NAME,
    JOURNALS,
    KEY,
    LATER,
    STAGES,
    STANDING,
    clear_outputs,
    hashes,
    hidden_entries,
    make,
    make_version,
    make_well,
    manifest_of,
    recorded_hashes,
    settings_of,
    stage_of,
)
from persona_assets_tests.atomicity.killing import refuse_to_exchange

pytestmark = pytest.mark.campaign

DATASET_FILES = (
    "dataset_dict.json",
    "train/data-00000-of-00001.arrow",
    "train/dataset_info.json",
    "train/state.json",
)
STUCK = re.compile(r"'([^']+) \([^;]+; its earlier version is ([^)]+)\)'")
FORTH, BACK = "earlier to later", "later to earlier"
DIRECTIONS = {FORTH: (EARLIER, LATER), BACK: (LATER, EARLIER)}
in_one_direction = pytest.mark.parametrize("change", [FORTH], indirect=True)
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="/dev/full and /proc are Linux")


@dataclass
class Change:
    """A workspace with outputs of one raw version, and the raw files of the next."""

    workspace: Path
    settings: Settings
    aside: Path
    before: dict[str, str]
    after: dict[str, str]
    sections_before: dict[str, Any]
    sections_after: dict[str, Any]
    recovered: list[dict[str, str]] = field(default_factory=list)

    def restore(self) -> None:
        shutil.rmtree(self.workspace)
        shutil.copytree(self.aside, self.workspace)

    def expected_after_failure_at(self, stage: str) -> dict[str, str]:
        """Every output by its hash, but for the two records: stages before ``stage`` are new, others old."""
        place = STAGES.index(stage)
        return {path: digest for path, digest in self.after.items() if stage_of(path) in STAGES[:place]} | {
            path: digest for path, digest in self.before.items() if stage_of(path) in STAGES[place:]
        }


@pytest.fixture(scope="module", params=DIRECTIONS)
def change(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Change:
    folder = tmp_path_factory.mktemp("faults")
    workspace, aside = folder / "workspace", folder / "aside"
    settings = settings_of(workspace)
    old, new = DIRECTIONS[request.param]
    make_version(old, settings)
    before, sections_before = hashes(workspace), manifest_of(workspace)
    new.write(settings.raw_root)
    shutil.copytree(workspace, aside)
    clear_outputs(workspace)
    make_well(settings)
    return Change(workspace, settings, aside, before, hashes(workspace), sections_before, manifest_of(workspace))


def test_the_two_versions_differ_in_every_way_the_tests_need(change: Change) -> None:
    names = {"quarantine": f"persona_quarantine/{KEY}.jsonl"} | {
        variant: f"datasets/processed/persona/{KEY}__{variant}.parquet" for variant in ("pos", "neg", "min70__pos")
    }
    there = [{name for name, path in names.items() if path in state} for state in (change.before, change.after)]
    assert sorted(map(sorted, there)) == [["min70__pos", "pos", "quarantine"], ["neg", "pos"]]
    kept = change.before.keys() & change.after.keys()
    same = {path.rpartition("/")[2] for path in kept if change.before[path] == change.after[path]}
    assert same == {"dataset_dict.json", "dataset_info.json"}


@dataclass
class Calls:
    """Counts the calls of one function the disk may fail, by the target each is about; fails one of them."""

    failing: int | None = None
    for_good: bool = False
    """Whether all calls after the failing one fail too."""
    targets: list[Path] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)
    stage: str = STANDING

    def about(self, path: Path) -> None:
        self.targets.append(target_of(path))
        self.stages.append(self.stage)
        place = len(self.targets) - 1
        if place == self.failing or (self.for_good and self.failing is not None and place > self.failing):
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))


Watching = Callable[[Calls, pytest.MonkeyPatch], None]


def target_of(path: Path) -> Path:
    """The target of a hidden name, or of a path below one; the folder of journals is there for the key's journal."""
    for part in (path, *path.parents):
        if match := HIDDEN_NAME.fullmatch(part.name):
            return part.with_name(match["target"])
    return path / f"{KEY}.json" if path.name == JOURNALS else path


def watch_flushes(calls: Calls, patch: pytest.MonkeyPatch) -> None:
    flush = os.fsync

    def watched(handle: int) -> None:
        calls.about(Path(f"/proc/self/fd/{handle}").readlink())
        flush(handle)

    patch.setattr(os, "fsync", watched)


def watch_call_of_os(name: str) -> Watching:
    def watch(calls: Calls, patch: pytest.MonkeyPatch) -> None:
        function = getattr(os, name)

        def watched(path: Path, target: Path, **options: Any) -> None:
            calls.about(Path(path))
            function(path, target, **options)

        patch.setattr(os, name, watched)

    return watch


def watch_exchanges(calls: Calls, patch: pytest.MonkeyPatch) -> None:
    exchange_or_refuse = vars(steps)["exchange"]

    def watched(one: Path, other: Path) -> bool:
        calls.about(other)
        return bool(exchange_or_refuse(one, other))

    patch.setattr(steps, "exchange", watched)


def watch_all_that_takes_a_place(calls: Calls, patch: pytest.MonkeyPatch) -> None:
    for watching in (watch_call_of_os("rename"), watch_call_of_os("replace"), watch_exchanges):
        watching(calls, patch)


def watch_removals(calls: Calls, patch: pytest.MonkeyPatch) -> None:
    """Of what has been replaced, once all new versions are in place."""
    discard_all = replacement.Replacement._discard

    def watched(path: Path) -> None:
        if path.exists():
            calls.about(path)
        discard(path)

    def watched_all(self: replacement.Replacement) -> None:
        with pytest.MonkeyPatch.context() as while_discarding:
            while_discarding.setattr(steps, "discard_unless_in_use", watched)
            discard_all(self)

    patch.setattr(replacement.Replacement, "_discard", watched_all)


FAULTS: dict[str, Watching] = {
    "flush": watch_flushes,
    "link": watch_call_of_os("link"),
    "replace": watch_call_of_os("replace"),
    "rename": watch_call_of_os("rename"),
    "exchange": watch_exchanges,
}
EXCHANGING, RENAMING_TWICE = "exchanging names", "renaming twice"
both_ways = pytest.mark.parametrize("way", [EXCHANGING, RENAMING_TWICE], indirect=True)


def clean_calls(change: Change, watching: Watching) -> Calls:
    """Make the next version unhindered; the watched calls, and the stage of each."""
    change.restore()
    calls = Calls()
    with pytest.MonkeyPatch.context() as patch:
        note_stages(calls, patch)
        watching(calls, patch)
        make_well(change.settings)
    assert hashes(change.workspace) == change.after
    return calls


def note_stages(calls: Calls, patch: pytest.MonkeyPatch) -> None:
    """What no stage does comes after the last, and is about the standing."""
    make_stage = recording.make_stage

    def make_noted(stage: Stage[Any], *arguments: Any) -> Any:
        calls.stage = stage.name
        made = make_stage(stage, *arguments)
        calls.stage = STANDING
        return made

    patch.setattr(recording, "make_stage", make_noted)


@pytest.fixture
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How a folder takes the place of another."""
    if request.param == RENAMING_TWICE:
        monkeypatch.setattr(steps, "exchange", refuse_to_exchange)
    return str(request.param)


@on_linux
@in_one_direction
@both_ways
@pytest.mark.parametrize("fault", FAULTS)
def test_an_io_error_at_any_flush_link_rename_or_exchange_leaves_the_earlier_version(
    fault: str, way: str, change: Change
) -> None:
    clean = clean_calls(change, FAULTS[fault])
    targets, stages = clean.targets, clean.stages
    assert set(stages) == expected_stages(fault, way)
    for place, (target, stage) in enumerate(zip(targets, stages, strict=True)):
        change.restore()
        calls = Calls(place)
        with pytest.MonkeyPatch.context() as patch:
            FAULTS[fault](calls, patch)
            outcome = make(change.settings)
        assert calls.targets[: place + 1] == targets[: place + 1]
        assert outcome.failure
        expect_earlier_version(change, stage, outcome.failure.stage, outcome.failure.message, target)


def expected_stages(fault: str, way: str) -> set[str]:
    """Folders are exchanged, or renamed twice; and renames happen where an output vanishes."""
    folders = {"scored_dataset", "filtered_variants"}
    if fault == "exchange":
        return folders
    if fault == "rename":
        vanishing = {"raw_conversations", "filtered_variants", "parquet_export"}
        return vanishing | (folders if way == RENAMING_TWICE else set())
    return {*STAGES, STANDING}


def expect_earlier_version(change: Change, stage: str, failed: str, message: str, target: Path) -> None:
    """The failure names ``target``; earlier stages are new, others old, and a further run makes all of them new."""
    assert message.startswith(f"{target} cannot be written: ")
    assert message.endswith("; its earlier version, if any, is unchanged")
    assert hidden_entries(change.workspace) == []
    found = hashes(change.workspace)
    data = {path: digest for path, digest in found.items() if stage_of(path) in STAGES}
    assert data == recorded_hashes(change.workspace)
    standing = f"persona_standings/{KEY}.json"
    if stage == STANDING:
        left = {standing: change.before[standing]} if "persona_standings" in target.parts else {}
        assert found == {**change.after, **left}, "what comes after the standing costs no output"
    else:
        assert failed == stage
        assert data == change.expected_after_failure_at(stage)
        assert manifest_of(change.workspace) == mixed_sections(change, stage)
        assert found[standing] not in (change.before[standing], change.after[standing])
    expect_recovery(change, found)


def mixed_sections(change: Change, stage: str) -> dict[str, Any]:
    place = STAGES.index(stage)
    return {name: change.sections_after[name] for name in STAGES[:place]} | {
        name: change.sections_before[name] for name in STAGES[place:]
    }


def expect_recovery(change: Change, found: dict[str, str]) -> None:
    """Once for each state a fault can leave: what is made of equal states is equal."""
    data = {path: digest for path, digest in found.items() if stage_of(path) != STANDING}
    if data not in change.recovered:
        make_well(change.settings)
        assert hashes(change.workspace) == change.after
        change.recovered.append(data)


@on_linux
def test_every_output_is_flushed_before_it_takes_its_place_and_every_folder_after(change: Change) -> None:
    change.restore()
    flushed: set[Path] = set()
    renamed: set[Path] = set()
    flush = os.fsync

    def watched_flush(handle: int) -> None:
        path = Path(f"/proc/self/fd/{handle}").readlink()
        flushed.add(path)
        renamed.difference_update([other for other in renamed if other.parent == path])
        flush(handle)

    def takes_its_place(one: Path, other: Path) -> None:
        removal = HIDDEN_NAME.fullmatch(other.name)
        assert removal or {one, *one.rglob("*")} <= flushed
        renamed.add(other)

    def watched_exchange(one: Path, other: Path) -> bool:
        takes_its_place(one, other)
        return exchange(one, other)

    def watched(function: Callable[..., None]) -> Callable[..., None]:
        def takes_its_place_and(one: Path, other: Path) -> None:
            takes_its_place(Path(one), Path(other))
            function(one, other)

        return takes_its_place_and

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", watched_flush)
        patch.setattr(steps, "exchange", watched_exchange)
        for name in ("rename", "replace"):
            patch.setattr(os, name, watched(getattr(os, name)))
        make_well(change.settings)
    assert len(flushed) > len(change.after)
    assert renamed == set()


@contextmanager
def full_disk_at(place: int | None, staged: Calls) -> Iterator[None]:
    """Lead the file that is staged as number ``place`` to a device that is always full; list all of them."""
    file, folder = replacement.Replacement.file, replacement.Replacement.folder

    def stage(path: Path) -> None:
        staged.about(path)
        if len(staged.targets) - 1 == place:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to("/dev/full")

    def staged_file(self: replacement.Replacement, target: Path) -> Path:
        path = file(self, target)
        stage(path)
        return path

    def staged_folder(self: replacement.Replacement, target: Path) -> Path:
        path = folder(self, target)
        for name in DATASET_FILES:
            stage(path / name)
        return path

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replacement.Replacement, "file", staged_file)
        patch.setattr(replacement.Replacement, "folder", staged_folder)
        note_stages(staged, patch)
        yield


@on_linux
@both_ways
def test_a_disk_that_is_full_at_any_file_leaves_the_earlier_version(way: str, change: Change) -> None:
    change.restore()
    staged = Calls()
    with full_disk_at(None, staged):
        make_well(change.settings)
    targets, stages = staged.targets, staged.stages
    written = [place for place, target in enumerate(targets) if holds_bytes(change, target)]
    assert {stages[place] for place in written} == {*STAGES, STANDING}
    for place in written:
        change.restore()
        with full_disk_at(place, Calls()):
            outcome = make(change.settings)
        assert outcome.failure
        assert "No space left on device" in outcome.failure.message
        expect_earlier_version(change, stages[place], outcome.failure.stage, outcome.failure.message, targets[place])


def holds_bytes(change: Change, target: Path) -> bool:
    """A quarantine file without lines is no write that could fail; it is not kept either."""
    relative = target.relative_to(change.workspace).as_posix()
    return relative in change.after or f"{relative}/{DATASET_FILES[0]}" in change.after


@on_linux
@in_one_direction
def test_a_replaced_version_that_cannot_be_removed_is_named_and_the_new_one_stands(change: Change) -> None:
    for place, stage in enumerate(clean_calls(change, watch_removals).stages):
        change.restore()
        calls = Calls(place)
        with pytest.MonkeyPatch.context() as patch:
            watch_removals(calls, patch)
            outcome = make(change.settings)
        assert outcome.failure
        left = hidden_entries(change.workspace)
        assert outcome.failure.message.startswith("all new versions are in place, but ")
        assert any(f"but {path}, part of an earlier version" in outcome.failure.message for path in left)
        clean_up(Workspace.of(change.settings))
        assert hidden_entries(change.workspace) == []
        found = hashes(change.workspace)
        after = STAGES[STAGES.index(stage) + 1] if stage in STAGES[:-1] else None
        if after:
            assert {path: of for path, of in found.items() if stage_of(path) in STAGES} == (
                change.expected_after_failure_at(after)
            )
        else:
            assert found.keys() == change.after.keys()
        expect_recovery(change, found)


@on_linux
@in_one_direction
@both_ways
def test_where_nothing_can_be_put_back_the_failure_says_where_each_earlier_version_is_and_the_next_run_puts_it_back(
    way: str, change: Change
) -> None:
    clean = clean_calls(change, watch_all_that_takes_a_place)
    targets, stages = clean.targets, clean.stages
    last_of_stages = {stage: place for place, stage in enumerate(stages)}
    for stage, place in last_of_stages.items():
        change.restore()
        calls = Calls(place, for_good=True)
        with pytest.MonkeyPatch.context() as patch:
            watch_all_that_takes_a_place(calls, patch)
            outcome = make(change.settings)
        assert outcome.failure
        replaced = {other for other, of in zip(targets[:place], stages[:place], strict=True) if of == stage}
        replaced = {other for other in replaced if other.parent.name != JOURNALS}
        if stage == STANDING:  # the records after the last stage are replaced one by one
            replaced = {other for other in replaced if other.parent == targets[place].parent}
        stuck = dict(STUCK.findall(outcome.failure.message))
        existed = {str(other) for other in replaced if (change.aside / other.relative_to(change.workspace)).exists()}
        assert set(stuck) == existed
        assert outcome.failure.message.startswith(f"{targets[place]}{': ' if replaced else ' cannot be written: '}")
        for other, aside in stuck.items():
            assert state_of(Path(aside)) == earlier_state(change, Path(other))
        assert {Path(aside) for aside in stuck.values()} <= set(hidden_entries(change.workspace))
        assert clean_up(Workspace.of(change.settings)).problems == []
        assert hidden_entries(change.workspace) == []
        data = {path: of for path, of in hashes(change.workspace).items() if stage_of(path) in STAGES}
        assert data == recorded_hashes(change.workspace)
        make_well(change.settings)
        assert hashes(change.workspace) == change.after


def state_of(path: Path) -> dict[str, str]:
    files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
    return {file.relative_to(path).as_posix(): sha256(file.read_bytes()).hexdigest() for file in files}


def earlier_state(change: Change, target: Path) -> dict[str, str]:
    return state_of(change.aside / target.relative_to(change.workspace))
