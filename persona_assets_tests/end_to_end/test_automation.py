"""Sensors and the schedule: what they request of a real instance, tick by tick."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from persona_assets.dagster_defs.automation import catalogue_sensor, nightly_schedule, raw_files_sensor
from persona_assets.definitions import defs
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import fingerprint
from persona_assets_tests.end_to_end import open_instance, partition_states, run_job, run_range
from persona_assets_tests.raw_corpus import (
    GEMMA,
    KEYS,
    QWEN,
    responses_file,
    scores_file,
    write_persona,
)

pytestmark = pytest.mark.campaign

NEWCOMER = f"{GEMMA}__role__zebra"
Range = tuple[str, str]


@dataclass
class Project:
    """A workspace in which everything is materialised, watched by the sensors."""

    workspace: Path
    instance: dg.DagsterInstance
    cursor: str | None = None
    corpus_cursor: str | None = None

    @property
    def raw(self) -> Path:
        return self.workspace / "persona-data"

    def tick(self) -> list[Range]:
        """What one tick of the raw file sensor requests; new partitions are added as the daemon does."""
        context = dg.build_sensor_context(instance=self.instance, cursor=self.cursor, definitions=defs)
        result = raw_files_sensor(context)
        if isinstance(result, dg.SkipReason):
            return []
        assert isinstance(result, dg.SensorResult)
        self.cursor = result.cursor
        for request in result.dynamic_partitions_requests or ():
            self.instance.add_dynamic_partitions("persona_datasets", list(request.partition_keys))
        return [range_of(request) for request in result.run_requests or ()]

    def corpus_tick(self) -> bool:
        context = dg.build_sensor_context(instance=self.instance, cursor=self.corpus_cursor, definitions=defs)
        result = catalogue_sensor(context)
        self.corpus_cursor = context.cursor
        return isinstance(result, dg.RunRequest)

    def night(self) -> list[Range]:
        context = dg.build_schedule_context(
            instance=self.instance, scheduled_execution_time=datetime(2026, 10, 25, 2, tzinfo=UTC)
        )
        result = nightly_schedule(context)
        return [range_of(request) for request in result] if isinstance(result, list) else []


def range_of(request: dg.RunRequest) -> Range:
    tags = request.tags
    return tags["dagster/asset_partition_range_start"], tags["dagster/asset_partition_range_end"]


@pytest.fixture
def project(materialised_workspace: Path) -> Iterator[Project]:
    with open_instance(materialised_workspace) as instance:
        yield Project(materialised_workspace, instance)


def test_what_makes_datasets_is_off_until_switched_on_and_what_describes_them_follows_by_itself() -> None:
    repository = defs.get_repository_def()
    assert {one.name: one.default_status for one in repository.sensor_defs} == {
        "raw_files_sensor": dg.DefaultSensorStatus.STOPPED,
        "catalogue_sensor": dg.DefaultSensorStatus.RUNNING,
    }
    assert {one.default_status for one in repository.schedule_defs} == {dg.DefaultScheduleStatus.STOPPED}


def test_a_quiet_raw_root_requests_nothing(project: Project) -> None:
    assert project.tick() == []
    assert project.tick() == []


def test_a_new_raw_file_is_registered_and_requested_once(project: Project) -> None:
    project.tick()
    write_persona(project.raw, NEWCOMER)
    assert project.tick() == [(NEWCOMER, NEWCOMER)]
    assert NEWCOMER in project.instance.get_dynamic_partitions("persona_datasets")
    assert project.tick() == []


def test_a_changed_score_file_requests_its_key_and_that_run_leaves_nothing_to_do(project: Project) -> None:
    project.tick()
    key = f"{QWEN}__trait__stoic"
    scores_file(project.raw, key).write_text('{"pos_p0_q0": 1}')
    requested = project.tick()
    assert requested == [(key, key)]
    assert run_range(project.instance, project.workspace, requested[0]).success
    project.cursor = None
    assert project.tick() == []


def test_neighbours_are_requested_as_one_range_no_longer_than_a_run_may_be(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.tick()
    for key in KEYS[:4]:
        responses_file(project.raw, key).write_bytes(responses_file(project.raw, key).read_bytes() + b"\n")
    assert project.tick() == [(KEYS[0], KEYS[3])]
    project.cursor = None
    monkeypatch.setenv("PERSONA_KEYS_PER_RUN", "3")
    assert project.tick() == [(KEYS[0], KEYS[2]), (KEYS[3], KEYS[3])]


def test_a_vanished_raw_file_requests_nothing_and_deletes_nothing(project: Project) -> None:
    project.tick()
    responses_file(project.raw, KEYS[0]).unlink()
    before = sorted((project.workspace / "datasets").rglob("*"))
    assert project.tick() == []
    assert KEYS[0] in project.instance.get_dynamic_partitions("persona_datasets")
    assert sorted((project.workspace / "datasets").rglob("*")) == before


def test_a_key_that_failed_is_requested_by_the_sensor_only_after_its_files_changed(project: Project) -> None:
    key = f"{QWEN}__trait__stoic"
    scores_file(project.raw, key).write_text("no json")
    assert not run_range(project.instance, project.workspace, (key, key)).success
    assert project.tick() == []
    assert project.night() == [(key, key)]
    scores_file(project.raw, key).write_text("{}")
    assert project.tick() == [(key, key)]


def test_the_night_requests_exactly_what_is_missing_failed_or_stale(project: Project) -> None:
    assert project.night() == []
    write_persona(project.raw, NEWCOMER)
    with responses_file(project.raw, KEYS[1]).open("ab") as file:
        file.write(b"\n")
    assert project.night() == [(KEYS[1], KEYS[1]), (NEWCOMER, NEWCOMER)]


def test_nothing_is_requested_while_other_work_is_queued_or_running(project: Project) -> None:
    write_persona(project.raw, NEWCOMER)
    run = project.instance.create_run_for_job(
        defs.resolve_job_def("materialise_personas"), status=dg.DagsterRunStatus.STARTED
    )
    assert project.tick() == []
    assert project.night() == []
    assert not project.corpus_tick()
    project.instance.report_run_canceled(run)
    assert project.tick() == [(NEWCOMER, NEWCOMER)]


@pytest.mark.parametrize("job", ["materialise_personas", "check_personas"])
@pytest.mark.parametrize("end", ["success", "failure", "canceled"])
def test_the_catalogue_follows_the_end_of_a_run_however_it_ended(project: Project, job: str, end: str) -> None:
    project.corpus_tick()
    run = project.instance.create_run_for_job(defs.resolve_job_def(job), status=dg.DagsterRunStatus.STARTED)
    if end == "success":
        project.instance.report_engine_event("done", run)
        project.instance.report_dagster_event(
            dg.DagsterEvent(dg.DagsterEventType.RUN_SUCCESS.value, job), run_id=run.run_id
        )
    elif end == "failure":
        project.instance.report_run_failed(run)
    else:
        project.instance.report_run_canceled(run)
    assert project.corpus_tick()
    assert not project.corpus_tick()


def test_a_run_that_only_refreshes_the_catalogue_asks_for_no_other(project: Project) -> None:
    project.corpus_tick()
    assert run_job(project.instance, project.workspace, "refresh_catalogue").success
    assert not project.corpus_tick()


def test_the_catalogue_is_refreshed_once_after_work_has_come_to_rest(project: Project) -> None:
    assert not project.corpus_tick()
    assert run_range(project.instance, project.workspace, (KEYS[0], KEYS[1]), redo=True).success
    assert project.corpus_tick()
    assert not project.corpus_tick()


def test_the_requested_run_materialises_the_new_key(project: Project) -> None:
    write_persona(project.raw, NEWCOMER)
    (requested,) = project.tick()
    assert run_range(project.instance, project.workspace, requested).success
    assert partition_states(project.instance, "histogram")[NEWCOMER] == "MATERIALIZED"
    assert run_job(project.instance, project.workspace, "refresh_catalogue").success


def test_the_fingerprint_of_the_raw_root_follows_every_kind_of_change(project: Project) -> None:
    seen = [fingerprint(RawCorpus(project.raw))]

    def changed() -> bool:
        seen.append(fingerprint(RawCorpus(project.raw)))
        return seen[-1] not in seen[:-1]

    assert not changed()
    write_persona(project.raw, NEWCOMER)
    assert changed()
    scores_file(project.raw, NEWCOMER).write_text("{}")
    assert changed()
    scores_file(project.raw, NEWCOMER).unlink()
    assert changed()
    path = responses_file(project.raw, NEWCOMER)
    path.rename(path.with_name("yak.jsonl"))
    assert changed()
    (path.parent / "dangling.jsonl").symlink_to(path.parent / "nowhere")
    assert changed()
