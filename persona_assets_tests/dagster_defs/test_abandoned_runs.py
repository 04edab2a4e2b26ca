"""Runs without a living process, in a Dagster home that others use too: whose is closed, what waits for whom."""

import re
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.execution.backfill import (
    BulkActionStatus,
    PartitionBackfill,
    cancel_backfill_runs_and_cancellation_complete,
)

from persona_assets.dagster_defs.automation import raw_files_sensor
from persona_assets.dagster_runtime.instance import open_instance
from persona_assets.definitions import defs
from persona_assets.settings import load_settings
from persona_assets.workspace import Workspace
from persona_assets_tests.raw_corpus import KEYS

HOURS = 2 * 3600.0
TAG = "persona_assets/workspace"
Status = dg.DagsterRunStatus


@dg.asset(name="of_another_project")
def _foreign() -> None:
    pass


FOREIGN = dg.Definitions(assets=[_foreign], jobs=[dg.define_asset_job("foreign_job")])


@dataclass
class Shared:
    """A home that is not the workspace's own."""

    home: Path
    workspace: Workspace

    @property
    def mine(self) -> dict[str, str]:
        return {TAG: str(self.workspace.root.resolve())}

    def begin(
        self,
        status: dg.DagsterRunStatus,
        *,
        tags: dict[str, str] | None = None,
        job: str = "materialise_personas",
        definitions: dg.Definitions = defs,
        assets: tuple[str, ...] = (),
        quiet_seconds: float = HOURS,
    ) -> str:
        """A run that has got as far as ``status``, and to which nothing has happened since."""
        with dg.DagsterInstance.from_config(str(self.home)) as instance:
            run = instance.create_run_for_job(
                definitions.resolve_job_def(job),
                tags=tags,
                asset_selection=frozenset(map(dg.AssetKey, assets)) or None,
                status=Status.NOT_STARTED,
            )
            if status is not Status.NOT_STARTED:
                instance.report_engine_event("launched", run)
                events = {
                    Status.STARTING: [dg.DagsterEventType.PIPELINE_STARTING],
                    Status.STARTED: [dg.DagsterEventType.PIPELINE_START],
                    Status.CANCELING: [dg.DagsterEventType.PIPELINE_START, dg.DagsterEventType.PIPELINE_CANCELING],
                }[status]
                for event in events:
                    instance.report_dagster_event(dg.DagsterEvent(event.value, run.job_name), run.run_id)
        self.age(run.run_id, quiet_seconds)
        return run.run_id

    def age(self, run_id: str, seconds: float) -> None:
        back = f"-{seconds:.0f} seconds"
        with closing(sqlite3.connect(self.home / "history" / "runs.db")) as runs:
            runs.execute(
                "UPDATE runs SET start_time = start_time - ?, create_timestamp = datetime(create_timestamp, ?),"
                " update_timestamp = datetime(update_timestamp, ?) WHERE run_id = ?",
                (seconds, back, back, run_id),
            )
            runs.commit()
        log = self.home / "history" / "runs" / f"{run_id}.db"
        if not log.exists():
            return
        with closing(sqlite3.connect(log)) as events:
            for number, event in events.execute("SELECT id, event FROM event_logs").fetchall():
                aged = re.sub(
                    r'"timestamp": ([\d.]+)', lambda found: f'"timestamp": {float(found[1]) - seconds}', event
                )
                events.execute("UPDATE event_logs SET event = ? WHERE id = ?", (aged, number))
            events.commit()

    def status(self, run_id: str) -> dg.DagsterRunStatus:
        with dg.DagsterInstance.from_config(str(self.home)) as instance:
            run = instance.get_run_by_id(run_id)
            assert run
            return run.status

    def open(self) -> None:
        """What every command that starts work does first."""
        with open_instance(self.workspace):
            pass

    def requests(self, cursor: str | None = None) -> dg.SensorResult | dg.SkipReason:
        with dg.DagsterInstance.from_config(str(self.home)) as instance:
            context = dg.build_sensor_context(instance=instance, cursor=cursor, definitions=defs)
            result = raw_files_sensor(context)
            assert isinstance(result, dg.SensorResult | dg.SkipReason)
            return result

    def request_all(self, cursor: str | None = None) -> dg.SensorResult:
        result = self.requests(cursor)
        assert isinstance(result, dg.SensorResult), result
        assert [request.tags["dagster/asset_partition_range_start"] for request in result.run_requests or ()] == [
            min(KEYS)
        ]
        return result


@pytest.fixture
def shared(workspace_with_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shared:
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    monkeypatch.setattr("persona_assets.dagster_runtime.abandoned_runs.PAUSE_SECONDS", 0.0)
    return Shared(home, Workspace.of(load_settings()))


@pytest.mark.parametrize("status", [Status.NOT_STARTED, Status.STARTING, Status.STARTED, Status.CANCELING])
def test_runs_of_others_are_never_closed(shared: Shared, status: dg.DagsterRunStatus) -> None:
    foreign = shared.begin(status, definitions=FOREIGN, job="foreign_job")
    other = shared.begin(status, tags={TAG: "/another/workspace"})
    shared.open()
    shared.requests()
    assert shared.status(foreign) is status
    assert shared.status(other) is status


@pytest.mark.parametrize("status", [Status.NOT_STARTED, Status.STARTING, Status.STARTED, Status.CANCELING])
def test_a_run_of_this_workspace_whose_process_is_gone_is_closed_whatever_it_was_at(
    shared: Shared, status: dg.DagsterRunStatus
) -> None:
    run = shared.begin(status, tags=shared.mine)
    shared.open()
    assert shared.status(run) is (Status.CANCELED if status is Status.CANCELING else Status.FAILURE)


@pytest.mark.parametrize("status", [Status.NOT_STARTED, Status.STARTING, Status.STARTED, Status.CANCELING])
def test_a_run_to_which_something_has_just_happened_or_whose_process_lives_is_left_alone(
    shared: Shared, status: dg.DagsterRunStatus
) -> None:
    from persona_assets.dagster_runtime.living_runs import holding_run_lock

    fresh = shared.begin(status, tags=shared.mine, quiet_seconds=30)
    silent = shared.begin(status, tags=shared.mine)
    with holding_run_lock(silent, shared.workspace):
        shared.open()
        assert shared.status(silent) is status
    assert shared.status(fresh) is status


def test_sensors_close_a_ghost_and_request_what_it_was_to_do_although_no_raw_file_has_changed(shared: Shared) -> None:
    cursor = shared.request_all().cursor
    assert isinstance(shared.requests(cursor), dg.SkipReason)
    ghost = shared.begin(Status.NOT_STARTED, tags=shared.mine)
    again = shared.request_all(cursor)
    assert shared.status(ghost) is Status.FAILURE
    assert again.cursor != cursor
    assert isinstance(shared.requests(again.cursor), dg.SkipReason)


def test_runs_of_others_do_not_keep_sensors_waiting(shared: Shared) -> None:
    shared.begin(
        Status.STARTED, definitions=FOREIGN, job="__ASSET_JOB", assets=("of_another_project",), quiet_seconds=1
    )
    shared.begin(Status.STARTED, tags={TAG: "/another/workspace"}, quiet_seconds=1)
    shared.request_all()


def test_a_run_just_launched_from_the_ui_does_and_one_that_never_came_to_life_does_not(shared: Shared) -> None:
    shared.begin(Status.STARTING, job="__ASSET_JOB", assets=("histogram",), quiet_seconds=HOURS)
    shared.request_all()
    shared.begin(Status.STARTING, job="__ASSET_JOB", assets=("histogram",), quiet_seconds=60)
    assert isinstance(shared.requests(), dg.SkipReason)


def test_asking_whether_work_is_in_progress_writes_nothing(shared: Shared) -> None:
    from persona_assets.dagster_runtime.work_in_progress import find_work_in_progress

    ghost = shared.begin(Status.STARTED, tags=shared.mine)
    files = {path: path.read_bytes() for path in shared.home.rglob("*.db")}
    with dg.DagsterInstance.from_config(str(shared.home)) as instance:
        assert ghost in (find_work_in_progress(instance, shared.workspace) or "")
    assert {path: path.read_bytes() for path in shared.home.rglob("*.db")} == files


def backfill(
    asset: str, age_seconds: float, status: BulkActionStatus = BulkActionStatus.REQUESTED
) -> PartitionBackfill:
    return PartitionBackfill(
        backfill_id=f"of_{asset}",
        status=status,
        from_failure=False,
        tags={},
        backfill_timestamp=time.time() - age_seconds,
        asset_selection=[dg.AssetKey(asset)],
        serialized_asset_backfill_data="{}",
    )


@pytest.mark.parametrize(
    ("asset", "age_seconds", "waits"),
    [("histogram", 60, True), ("histogram", HOURS, False), ("of_another_project", 60, False)],
    ids=["of ours", "that nobody works on", "of another project"],
)
def test_sensors_wait_for_a_backfill(shared: Shared, asset: str, age_seconds: float, waits: bool) -> None:
    with dg.DagsterInstance.from_config(str(shared.home)) as instance:
        instance.add_backfill(backfill(asset, age_seconds))
    if waits:
        assert isinstance(shared.requests(), dg.SkipReason)
    else:
        shared.request_all()


def test_a_canceled_backfill_whose_run_is_a_ghost_can_end(shared: Shared) -> None:
    run = shared.begin(Status.CANCELING, tags={**shared.mine, "dagster/backfill": "of_histogram"})
    with dg.DagsterInstance.from_config(str(shared.home)) as instance:
        instance.add_backfill(backfill("histogram", HOURS, BulkActionStatus.CANCELING))

    def is_over() -> bool:
        import logging

        with dg.DagsterInstance.from_config(str(shared.home)) as instance:
            return cancel_backfill_runs_and_cancellation_complete(instance, "of_histogram", logging.getLogger("test"))

    assert not is_over()
    shared.open()
    assert shared.status(run) is Status.CANCELED
    assert is_over()


def test_a_run_that_the_daemon_will_launch_when_it_is_back_is_left_to_it(shared: Shared) -> None:
    held = {**shared.mine, "dagster/backfill": "of_histogram"}
    reserved, forgotten = (shared.begin(Status.NOT_STARTED, tags=held) for _ in range(2))
    with dg.DagsterInstance.from_config(str(shared.home)) as instance:
        instance.add_backfill(backfill("histogram", HOURS)._replace(reserved_run_ids=[reserved]))
    shared.open()
    assert shared.status(reserved) is Status.NOT_STARTED
    assert shared.status(forgotten) is Status.FAILURE


def test_an_interrupted_tick_keeps_its_run_until_the_tick_is_over(shared: Shared) -> None:
    from dagster._core.scheduler.instigation import InstigatorType, TickData, TickStatus

    with dg.DagsterInstance.from_config(str(shared.home)) as instance:
        tick = instance.create_tick(
            TickData(
                instigator_origin_id="origin",
                instigator_name="raw_files_sensor",
                instigator_type=InstigatorType.SENSOR,
                status=TickStatus.STARTED,
                timestamp=time.time() - HOURS,
                selector_id="selector",
            )
        )
    run = shared.begin(Status.NOT_STARTED, tags={**shared.mine, "dagster/tick": str(tick.tick_id)})
    shared.open()
    assert shared.status(run) is Status.NOT_STARTED
    with dg.DagsterInstance.from_config(str(shared.home)) as instance:
        instance.update_tick(tick.with_status(TickStatus.SKIPPED))
    shared.open()
    assert shared.status(run) is Status.FAILURE


def test_a_run_of_the_ui_that_died_before_it_was_tagged_is_closed_in_the_workspaces_own_home(
    workspace_with_corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(workspace_with_corpus / "dagster_home"))
    monkeypatch.setattr("persona_assets.dagster_runtime.abandoned_runs.PAUSE_SECONDS", 0.0)
    workspace = Workspace.of(load_settings())
    with open_instance(workspace):
        own = Shared(workspace.dagster_home, workspace)
    run = own.begin(Status.STARTING, job="__ASSET_JOB", assets=("histogram",))
    foreign = own.begin(Status.STARTING, job="__ASSET_JOB", definitions=FOREIGN, assets=("of_another_project",))
    own.open()  # tags it, and waits once more
    own.age(run, HOURS)
    own.open()
    assert own.status(run) is Status.FAILURE
    assert own.status(foreign) is Status.STARTING


@pytest.mark.parametrize("job", ["register_raw_files", "__ASSET_JOB"])
def test_every_run_has_the_tag_of_its_workspace_once_it_works(shared: Shared, job: str) -> None:
    with open_instance(shared.workspace) as instance:
        run = defs.resolve_job_def(job).execute_in_process(
            instance=instance, asset_selection=[dg.AssetKey("raw_inventory")]
        )
        (recorded,) = instance.get_runs(dg.RunsFilter(tags=shared.mine))
    assert recorded.run_id == run.run_id


def test_what_is_taken_from_dagsters_inside_is_still_so() -> None:
    from dagster._core.definitions.assets.job.asset_job import IMPLICIT_ASSET_JOB_NAME
    from dagster._core.remote_representation.external_data import PARTITION_SET_SNAP_NAME_SUFFIX
    from dagster._daemon.sensor import MAX_TIME_TO_RESUME_TICK_SECONDS

    from persona_assets.dagster_runtime.resumed_runs import LONGEST_PAUSE_SECONDS

    assert MAX_TIME_TO_RESUME_TICK_SECONDS == LONGEST_PAUSE_SECONDS
    assert PARTITION_SET_SNAP_NAME_SUFFIX == "_partition_set"
    assert defs.get_repository_def().get_implicit_asset_job_names() == [IMPLICIT_ASSET_JOB_NAME]
