"""Only what changed is made again: seen in what Dagster recorded and in the files that were touched."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver
from dagster._core.loader import LoadingContextForTest

from persona_assets.definitions import defs
from persona_assets.errors import HubUnreachableError, RawDataError
from persona_assets.keys import DatasetKey
from persona_assets.run.one_key import materialise_key
from persona_assets.run.outcome import StageFailure
from persona_assets.run.retrying import PAUSES_SECONDS, with_retries
from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets.settings import Settings
from persona_assets_tests.end_to_end import STAGES, failure_text, files_below, open_instance, run_job, run_range
from persona_assets_tests.raw_corpus import (
    MODELS,
    QWEN,
    responses_file,
    scores_file,
    write_persona,
    write_settings,
)

TRAIT = f"{QWEN}__trait__stoic"
ROLE = f"{QWEN}__role__stoic"
DATA_VERSION = "dagster/data_version"


@dataclass(frozen=True)
class Project:
    workspace: Path
    instance: dg.DagsterInstance

    @property
    def raw(self) -> Path:
        return self.workspace / "persona-data"

    def run(self, **options: Any) -> dict[tuple[str, str], dg.AssetMaterialization]:
        """What one run over both keys recorded, by key and stage."""
        run = run_range(self.instance, self.workspace, (ROLE, TRAIT), **options)
        assert run.success, failure_text(run)
        events = [event.materialization for event in run.all_events if event.is_step_materialization]
        return {(str(event.partition), event.asset_key.to_user_string()): event for event in events}

    def made_by(self, **options: Any) -> dict[str, list[str]]:
        """The stages of each key that a run made, not left as they were: those whose files were replaced; one
        without files only if it was told of.
        """
        before = self.inodes()
        told = self.run(**options)
        after = self.inodes()
        made: dict[str, list[str]] = {}
        for key in (ROLE, TRAIT):
            manifest = json.loads((self.workspace / "persona_manifests" / f"{key}.json").read_text())
            for stage in STAGES:
                outputs = manifest[stage]["outputs"]
                replaced = any(before.get(path) != after.get(path) for path in outputs)
                if replaced or (not outputs and (key, stage) in told):
                    made.setdefault(key, []).append(stage)
        return made

    def pages(self) -> dict[tuple[str, str], dg.AssetMaterialization]:
        """What the UI shows of each key and stage: what was recorded last."""
        return {
            (key, stage): record.asset_materialization
            for key in (ROLE, TRAIT)
            for stage in STAGES
            for record in self.instance.fetch_materializations(
                dg.AssetRecordsFilter(dg.AssetKey(stage), asset_partitions=[key]), limit=1
            ).records
            if record.asset_materialization
        }

    def inodes(self) -> dict[str, int]:
        return {path: (self.workspace / path).stat().st_ino for path in files_below(self.workspace)}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    workspace = tmp_path / "workspace"
    write_settings(workspace, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    for key in (ROLE, TRAIT):
        write_persona(workspace / "persona-data", key)
    with open_instance(workspace) as instance:
        project = Project(workspace, instance)
        project.run()
        yield project


def test_a_second_run_makes_no_event_and_touches_no_file(project: Project) -> None:
    inodes, shown = project.inodes(), project.pages()
    run = run_range(project.instance, project.workspace, (ROLE, TRAIT))
    assert run.success
    told = ("ASSET_MATERIALIZATION", "ASSET_CHECK_EVALUATION")
    assert [event for event in run.all_events if event.event_type_value in told] == []
    assert project.inodes() == inodes
    assert project.pages() == shown


def test_of_a_key_that_is_up_to_date_nothing_is_read(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(path: Path) -> None:
        raise AssertionError(f"{path} was read")

    project.run()  # what was written a moment ago may have been too young to be known by its stamp
    monkeypatch.setattr("persona_assets.store.content.Content.of", never)
    assert project.run() == {}


def test_a_click_on_one_key_shows_it_as_it_was_shown_when_it_was_made(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, inodes = project.pages(), project.inodes()
    monkeypatch.setenv("PERSONA_WORKSPACE", str(project.workspace))
    run = defs.resolve_job_def("materialise_personas").execute_in_process(
        instance=project.instance, partition_key=TRAIT
    )
    again = [event.materialization for event in run.all_events if event.is_step_materialization]
    assert [event.asset_key.to_user_string() for event in again] == list(STAGES)
    for event in again:
        assert event.metadata == first[TRAIT, event.asset_key.to_user_string()].metadata
        assert event.tags == first[TRAIT, event.asset_key.to_user_string()].tags
    of_it = [one for one in run.get_asset_check_evaluations() if one.partition == TRAIT]
    assert len(of_it) == 24
    assert project.inodes() == inodes


def test_what_dagster_does_not_know_is_told_again_but_not_made_again(project: Project) -> None:
    inodes = project.inodes()
    first = {place: event.metadata for place, event in project.pages().items()}
    project.instance.wipe_assets([dg.AssetKey("scored_dataset")])
    told = project.run()
    assert told.keys() == {(key, stage) for key in (ROLE, TRAIT) for stage in STAGES[1:]}, "and all that follows"
    assert {place: event.metadata for place, event in project.pages().items()} == first
    assert project.inodes() == inodes


def test_a_workspace_that_was_copied_is_shown_in_another_home_without_being_made_again(
    project: Project, tmp_path: Path
) -> None:
    copy = tmp_path / "copied" / "workspace"
    shutil.copytree(project.workspace, copy)
    with open_instance(copy) as instance:
        copied = Project(copy, instance)
        inodes = copied.inodes()
        assert copied.run().keys() == project.pages().keys()
        assert copied.inodes() == inodes
        for place, event in copied.pages().items():
            assert str(project.workspace) not in str(event.metadata), place
            assert event.metadata.keys() == project.pages()[place].metadata.keys()


def test_a_byte_changed_behind_size_and_time_is_found(project: Project) -> None:
    path = project.workspace / "datasets" / "processed" / "persona" / f"{ROLE}.parquet"
    project.run()
    whole, times = path.read_bytes(), path.stat()
    path.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert project.made_by() == {ROLE: ["parquet_export"]}
    assert path.read_bytes() == whole


def test_verify_bytes_distrusts_the_disk(project: Project) -> None:
    path = project.workspace / "datasets" / "processed" / "persona" / f"{ROLE}.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
    trust_as_it_is(project.workspace, ROLE, path)
    assert project.run() == {}
    assert project.made_by(verify_bytes=True) == {ROLE: ["parquet_export"]}
    assert path.read_bytes() == whole


def trust_as_it_is(workspace: Path, key: str, path: Path) -> None:
    """What a disk that changes bytes by itself leaves behind: a stamp that says nothing of it."""
    stamps = workspace / "persona_file_stamps" / f"{key}.json"
    record, status = json.loads(stamps.read_text()), path.stat()
    record["files"][str(path)] = [status.st_size, status.st_mtime_ns, status.st_ctime_ns]
    stamps.write_text(json.dumps(record))


def test_redo_makes_everything_and_the_same_bytes(project: Project) -> None:
    before, inodes = files_below(project.workspace), project.inodes()
    assert project.made_by(redo=True) == {ROLE: list(STAGES), TRAIT: list(STAGES)}
    assert files_below(project.workspace) == before
    replaced = [path for path, inode in project.inodes().items() if inodes[path] == inode]
    assert replaced == []


def test_a_changed_score_file_redoes_one_key_from_scored_dataset_on(project: Project) -> None:
    scores = json.loads(scores_file(project.raw, TRAIT).read_text())
    scores["pos_p0_q0"] = 99
    scores_file(project.raw, TRAIT).write_text(json.dumps(scores))
    assert project.made_by() == {TRAIT: list(STAGES[1:])}


def test_a_changed_raw_file_redoes_its_key_from_the_start(project: Project) -> None:
    path = responses_file(project.raw, ROLE)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    assert project.made_by() == {ROLE: list(STAGES)}


def test_a_raw_file_changed_in_a_way_no_row_shows_stops_at_the_dataset(project: Project) -> None:
    path = responses_file(project.raw, ROLE)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert project.made_by() == {ROLE: ["raw_conversations", "scored_dataset"]}


def test_a_new_variant_redoes_the_variants_and_what_follows_but_counts_no_token(
    project: Project, without_workers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("tokens were counted again")

    monkeypatch.setattr("persona_assets.stages.token_stats.make.count_tokens", never)
    made = project.made_by(variants={"trait": ["pos", "neg", "min70__pos", "min50"]})
    assert made == {TRAIT: [*STAGES[2:6]]}, "signs and pairs are of all rows"


def test_a_new_limit_redoes_the_lines_but_not_what_comes_out_the_same(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONA_MAX_MESSAGES", "63")
    stages = ["raw_conversations", "scored_dataset"]
    assert project.made_by() == {ROLE: stages, TRAIT: stages}


def test_a_damaged_output_is_made_again_even_if_its_size_is_the_same(project: Project) -> None:
    path = project.workspace / "datasets" / "processed" / "persona" / f"{ROLE}.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
    assert project.made_by() == {ROLE: ["parquet_export"]}
    assert path.read_bytes() == whole


def test_a_removed_picture_is_drawn_again_and_nothing_else(project: Project) -> None:
    (project.workspace / "persona_token_plots" / f"{TRAIT}.png").unlink()
    assert project.made_by() == {TRAIT: ["histogram"]}


def test_another_tokenizer_counts_again_and_leaves_the_datasets_alone(project: Project) -> None:
    settings = Settings(workspace=project.workspace, models={QWEN: "nobody/none"})
    outcome = materialise_key(
        DatasetKey.parse(ROLE),
        settings,
        variants=settings.variants_of(DatasetKey.parse(ROLE).kind),
        on_show={
            stage: event.tags[DATA_VERSION]
            for (key, stage), event in project.pages().items()
            if event.tags and key == ROLE
        },
    )
    assert outcome.failure is not None
    assert outcome.failure.stage == "token_stats"
    unchanged = {stage for stage, made in outcome.made.items() if type(made).__name__ == "Unchanged"}
    assert unchanged == set(STAGES[:4])


def test_transient_errors_are_tried_again_and_permanent_ones_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("persona_assets.run.retrying.time.sleep", pauses.append)
    calls: list[type[Exception]] = []

    def failing_with(kind: type[Exception], times: int) -> str:
        def work() -> str:
            if len(calls) < times:
                calls.append(kind)
                raise kind("no")
            return "done"

        calls.clear()
        return with_retries(work)

    assert failing_with(HubUnreachableError, 2) == "done"
    assert pauses == list(PAUSES_SECONDS)
    with pytest.raises(HubUnreachableError):
        failing_with(HubUnreachableError, 3)
    pauses.clear()
    with pytest.raises(RawDataError):
        failing_with(RawDataError, 1)
    assert (pauses, len(calls)) == ([], 1)


def test_a_failure_of_the_key_is_forgotten_when_its_stage_has_been_made(project: Project) -> None:
    key, settings = DatasetKey.parse(TRAIT), Settings(workspace=project.workspace)
    whole = scores_file(project.raw, TRAIT).read_bytes()
    scores_file(project.raw, TRAIT).write_text("no json")
    failed = materialise_key(key, settings, variants=settings.variants_of(key.kind))
    assert isinstance(failed.failure, StageFailure)
    standing = project.workspace / "persona_standings" / f"{TRAIT}.json"
    assert json.loads(standing.read_text())["failure"]["stage"] == "scored_dataset"
    scores_file(project.raw, TRAIT).write_bytes(whole)
    assert materialise_key(key, settings, variants=settings.variants_of(key.kind)).failure is None
    assert json.loads(standing.read_text())["failure"] is None


def test_no_key_is_out_of_sync_after_a_change_of_some_stages_or_another_scan(project: Project) -> None:
    path = responses_file(project.raw, ROLE)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    project.run()
    assert run_job(project.instance, project.workspace, "register_raw_files").success
    graph = defs.resolve_asset_graph()
    resolver = CachingStaleStatusResolver(project.instance, graph, LoadingContextForTest(project.instance))
    for key in (ROLE, TRAIT):
        for stage in STAGES:
            causes = resolver.get_stale_causes(dg.AssetKey(stage), key)
            assert [cause.reason for cause in causes] == [], f"{stage} of {key}"
