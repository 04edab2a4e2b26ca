"""Several runs at once on one PostgreSQL: nothing is lost in Dagster's account or on disk."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

import persona_assets
from persona_assets.collection.byte_comparison import verify
from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets.settings import Settings
from persona_assets.stage.spec import PERSONAS
from persona_assets.stages.registry import list_checks
from persona_assets.workspace import Workspace
from persona_assets_tests.end_to_end import STAGES, files_below, open_instance, partition_states, run_job, run_range
from persona_assets_tests.raw_corpus import KEYS, MODELS, write_corpus, write_settings
from persona_assets_tests.scaling import remove_outputs
from persona_assets_tests.scaling.postgres_server import postgres_server

pytestmark = pytest.mark.campaign

pytest.importorskip(
    "dagster_postgres", reason="the postgres extra is not installed: pip install 'persona_assets[postgres]'"
)

PROFILE = Path(persona_assets.__file__).parent.parent / "deploy" / "postgres" / "dagster.yaml"
ORDERED = sorted(KEYS)
IN_BOTH = ORDERED[5]
RANGES = ((ORDERED[0], IN_BOTH), (IN_BOTH, ORDERED[-1]))
PATIENCE_SECONDS = 120
RUN = """\
import sys
from pathlib import Path
import dagster as dg
from persona_assets_tests.end_to_end import run_range

workspace, first, last = sys.argv[1:]
with dg.DagsterInstance.get() as instance:
    assert run_range(instance, Path(workspace), (first, last), workers=2).success
"""


@dataclass(frozen=True)
class TwoRuns:
    """What two runs left that were in two processes at the same time, with one key in both."""

    workspace: Path
    instance: dg.DagsterInstance
    files_of_one_run: dict[str, str]


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoRuns]:
    if not PROFILE.exists():
        pytest.skip(f"{PROFILE} is not there: this is no checkout")
    workspace = tmp_path_factory.mktemp("postgres") / "workspace"
    write_settings(workspace, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    write_corpus(workspace / "persona-data")
    with open_instance(workspace) as alone:
        assert run_range(alone, workspace, (KEYS[0], KEYS[-1]), workers=2).success
    files = files_below(workspace)
    remove_outputs(workspace)
    with postgres_instance(workspace.parent / "home") as instance:
        assert run_job(instance, workspace, "register_raw_files").success
        commands = [[sys.executable, "-c", RUN, str(workspace), *keys] for keys in RANGES]
        runs = [subprocess.Popen(command) for command in commands]
        assert [run.wait(PATIENCE_SECONDS) for run in runs] == [0, 0]
        yield TwoRuns(workspace, instance, files)


@contextmanager
def postgres_instance(home: Path) -> Iterator[dg.DagsterInstance]:
    """The instance of the documented profile, on a server that is started for it."""
    home.mkdir()
    shutil.copy(PROFILE, home)
    with postgres_server() as environment, pytest.MonkeyPatch.context() as patch:
        for name, value in {**environment, "DAGSTER_HOME": str(home)}.items():
            patch.setenv(name, value)
        with dg.DagsterInstance.get() as instance:
            yield instance


def test_the_documented_profile_keeps_everything_in_postgres(two_runs: TwoRuns) -> None:
    instance = two_runs.instance
    stores = (instance.run_storage, instance.event_log_storage, instance.schedule_storage)
    assert [type(store).__module__.partition(".")[0] for store in stores] == ["dagster_postgres"] * 3
    concurrency = instance.get_concurrency_config().run_queue_config
    assert concurrency
    assert concurrency.max_concurrent_runs > 1


def test_runs_at_the_same_time_are_both_in_the_account(two_runs: TwoRuns) -> None:
    records = two_runs.instance.get_run_records(dg.RunsFilter(job_name="materialise_personas"))
    assert [record.dagster_run.status for record in records] == [dg.DagsterRunStatus.SUCCESS] * 2
    (one, other) = records
    assert max(one.start_time or 0, other.start_time or 0) < min(one.end_time or 0, other.end_time or 0)


@pytest.mark.parametrize("stage", STAGES)
def test_every_partition_is_materialised_in_the_account(two_runs: TwoRuns, stage: str) -> None:
    assert partition_states(two_runs.instance, stage) == dict.fromkeys(KEYS, "MATERIALIZED")


def test_every_check_of_every_key_is_in_the_account_of_its_run_once_but_for_failures_told_again(
    two_runs: TwoRuns,
) -> None:
    for run in two_runs.instance.get_runs(dg.RunsFilter(job_name="materialise_personas")):
        told = evaluations_of(two_runs.instance, run)
        own = Counter((check.name, key) for check in list_checks(PERSONAS) for key in keys_of(run))
        assert own - Counter(one for one, _ in told) == Counter()
        passed = Counter(one for one, passed in told if passed)
        assert passed - own == Counter()


def evaluations_of(instance: dg.DagsterInstance, run: dg.DagsterRun) -> list[tuple[tuple[str, str], bool]]:
    events = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    evaluations = [event.dagster_event.asset_check_evaluation_data for event in events if event.dagster_event]
    return [((one.check_name, str(one.partition)), one.passed) for one in evaluations]


def test_every_output_is_the_one_that_a_single_run_makes(two_runs: TwoRuns) -> None:
    verification = verify(Workspace.of(Settings(workspace=two_runs.workspace)), workers=1)
    assert verification.damages == ()
    assert verification.keys == len(KEYS)
    assert files_below(two_runs.workspace) == two_runs.files_of_one_run


def test_the_profile_holds_no_secret() -> None:
    text = PROFILE.read_text(encoding="utf-8")
    assert "password: {env: DAGSTER_PG_PASSWORD}" in text
    assert os.environ.get("DAGSTER_PG_PASSWORD", "a password") not in text


def keys_of(run: dg.DagsterRun) -> list[str]:
    first, last = (run.tags[f"dagster/asset_partition_range_{end}"] for end in ("start", "end"))
    return ORDERED[ORDERED.index(first) : ORDERED.index(last) + 1]
