"""Stages that only the registry names are made, checked, left alone, verified, shown, switched off and retired."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from persona_assets.collection.byte_comparison import verify
from persona_assets.collection.retirement import retire
from persona_assets.collection.survey import KeyState, State, survey
from persona_assets.collection.trash import restore
from persona_assets.dagster_defs.collection_assets import raw_inventory
from persona_assets.dagster_defs.stage_assets import build_stage_assets
from persona_assets.errors import SettingsError
from persona_assets.keys import DatasetKey
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover
from persona_assets.run.key_task import KeyTask
from persona_assets.run.order import order_tasks
from persona_assets.run.progress import NoProgress
from persona_assets.settings import Settings, load_settings
from persona_assets.stages import registry
from persona_assets.workspace import Workspace
from persona_assets_tests.end_to_end import failure_text
from persona_assets_tests.raw_corpus import GEMMA, responses_file, write_persona
from persona_assets_tests.stages.made_up_stages import ANSWER_PAIRS, BASELINE_NEED, MEMBERS, MIXED_ROWS

BASELINE, PIRATE, STOIC = (f"{GEMMA}__role__{name}" for name in ("0_default", "pirate", "stoic"))
KEYS = (BASELINE, PIRATE, STOIC)
[MIX] = MEMBERS
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

pytestmark = pytest.mark.usefixtures("without_workers")


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "STAGES", (*registry.STAGES, ANSWER_PAIRS, MIXED_ROWS))


@pytest.fixture
def root(workspace: Path) -> Path:
    """A workspace with raw files of a baseline and two personas."""
    for key in KEYS:
        write_persona(workspace / "persona-data", key, questions=2)
    return workspace


@pytest.fixture
def instance(root: Path) -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as opened:
        opened.add_dynamic_partitions("persona_datasets", list(KEYS))
        opened.add_dynamic_partitions("row_mixes", [MIX])
        yield opened


def define() -> dg.Definitions:
    steps = [build_stage_assets(partitioning) for partitioning in registry.list_partitionings()]
    jobs = [dg.define_asset_job(step.op.name, selection=dg.AssetSelection.assets(step)) for step in steps]
    resources = {"progress": NoProgress()}
    return dg.Definitions([raw_inventory, *steps], jobs=jobs, resources=resources, executor=dg.in_process_executor)


def run(instance: dg.DagsterInstance, first: str, last: str, job: str = "persona_datasets") -> Any:
    return (
        define()
        .resolve_job_def(job)
        .execute_in_process(
            instance=instance,
            run_config=QUIET,
            raise_on_error=False,
            tags={"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last},
        )
    )


def made(done: Any, asset: str) -> set[str]:
    """The partitions of ``asset`` that a run tells of: those it has not left alone."""
    assert done.success, failure_text(done)
    events = [event.event_specific_data.materialization for event in done.get_asset_materialization_events()]
    return {str(event.partition) for event in events if event.asset_key == dg.AssetKey(asset)}


def states() -> dict[str, KeyState]:
    settings = load_settings()
    return {str(state.key): state for state in survey(settings, discover(RawCorpus.of(settings))).states}


def change(root: Path, key: str) -> None:
    file = responses_file(root / "persona-data", key)
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"}], "question_index"', ' Indeed."}], "question_index"'), encoding="utf-8")


def test_it_is_made_after_what_it_needs_with_all_its_files_checks_and_metadata(
    root: Path, instance: dg.DagsterInstance
) -> None:
    done = run(instance, BASELINE, STOIC)
    assert made(done, "answer_pairs") == set(KEYS)
    pairs = [json.loads(line) for line in (root / "made_up" / "pairs" / f"{PIRATE}.jsonl").read_text().splitlines()]
    assert len(pairs) == 10
    assert all(pair["baseline"] for pair in pairs)
    assert (root / "made_up" / "sheets" / PIRATE / "count.txt").read_text() == "10\n"
    evaluations = [check for check in done.get_asset_check_evaluations() if check.check_name == "pairs_complete"]
    assert {check.partition: check.passed for check in evaluations} == dict.fromkeys(KEYS, True)
    latest = instance.get_latest_materialization_event(dg.AssetKey("answer_pairs"))
    assert latest
    assert latest.asset_materialization
    assert latest.asset_materialization.metadata["dagster/row_count"].value == 10
    assert {state.state for state in states().values()} <= {State.PASSED, State.WARNED}


def test_a_second_run_leaves_it_alone(root: Path, instance: dg.DagsterInstance) -> None:
    run(instance, BASELINE, STOIC)
    written = (root / "made_up" / "pairs" / f"{PIRATE}.jsonl").stat()
    assert made(run(instance, BASELINE, STOIC), "answer_pairs") == set()
    assert (root / "made_up" / "pairs" / f"{PIRATE}.jsonl").stat().st_mtime_ns == written.st_mtime_ns


def test_a_change_of_the_other_key_makes_it_stale_before_and_after_that_key_is_made_again(
    root: Path, instance: dg.DagsterInstance
) -> None:
    run(instance, BASELINE, STOIC)
    change(root, BASELINE)
    assert states()[PIRATE] == KeyState(
        DatasetKey.parse(PIRATE), State.STALE, f"contrast_pairs: follows from scored_dataset of {BASELINE}"
    )
    run(instance, BASELINE, BASELINE)
    read = f"scored_dataset of {BASELINE}, token_stats of {BASELINE}"
    assert states()[PIRATE].reason == f"contrast_pairs: other {read} than it was made from"
    again = run(instance, PIRATE, STOIC)
    assert made(again, "answer_pairs") == {PIRATE, STOIC}
    assert made(again, "histogram") == set()
    assert " Indeed." in (root / "made_up" / "pairs" / f"{PIRATE}.jsonl").read_text()
    assert {state.state for state in states().values()} <= {State.PASSED, State.WARNED}


def test_without_the_other_key_it_says_what_to_materialise_first(root: Path, instance: dg.DagsterInstance) -> None:
    done = run(instance, PIRATE, PIRATE)
    assert not done.success
    assert f"materialise scored_dataset of {BASELINE} first" in failure_text(done)
    assert (root / "persona_token_plots" / f"{PIRATE}.png").exists()


def test_keys_that_others_read_come_first_in_a_run() -> None:
    settings = load_settings()
    tasks = [KeyTask(DatasetKey.parse(key), settings, ("answer_pairs",), ()) for key in reversed(KEYS)]
    order = [[str(task.key) for task in group] for group in order_tasks(tasks)]
    assert order == [[BASELINE], [STOIC, PIRATE]]


def test_nothing_waits_with_a_baseline_that_nobody_waits_for() -> None:
    """A group is done before the next begins, so a slow trait must not hold up roles."""
    settings, trait = load_settings(), f"{GEMMA}__trait__blunt"
    tasks = [KeyTask(DatasetKey.parse(key), settings, ("answer_pairs",), ()) for key in (trait, PIRATE, BASELINE)]
    order = [[str(task.key) for task in group] for group in order_tasks(tasks)]
    assert order == [[BASELINE], [trait, PIRATE]]


def test_keys_that_read_each_other_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def list_all(_key: DatasetKey, _settings: Settings) -> list[DatasetKey]:
        return [DatasetKey.parse(key) for key in KEYS]

    circular = replace(ANSWER_PAIRS, needs=(replace(BASELINE_NEED, partitions=list_all),))
    monkeypatch.setattr(registry, "STAGES", (circular,))
    tasks = [KeyTask(DatasetKey.parse(key), load_settings(), ("answer_pairs",), ()) for key in (PIRATE, STOIC)]
    with pytest.raises(SettingsError, match=f"read each other's outputs: .*{PIRATE}"):
        order_tasks(tasks)


def test_verify_finds_a_damaged_file_of_either_kind_and_of_either_partitioning(
    root: Path, instance: dg.DagsterInstance
) -> None:
    run(instance, BASELINE, STOIC)
    assert made(run(instance, MIX, MIX, "row_mixes"), "mixed_rows") == {MIX}
    assert verify(Workspace.of(load_settings()), 1).damages == ()
    files = [
        root / "made_up" / "pairs" / f"{PIRATE}.jsonl",
        root / "made_up" / "sheets" / STOIC / "count.txt",
        root / "made_up" / "mixes" / f"{MIX}.json",
    ]
    for file in files:
        file.write_text("damaged", encoding="utf-8")
    assert {damage.path for damage in verify(Workspace.of(load_settings()), 1).damages} == set(files)
    run(instance, BASELINE, STOIC)
    run(instance, MIX, MIX, "row_mixes")
    assert verify(Workspace.of(load_settings()), 1).damages == ()


def test_partitions_of_its_own_are_fresh_for_as_long_as_the_keys_they_read(
    root: Path, instance: dg.DagsterInstance
) -> None:
    run(instance, BASELINE, STOIC)
    assert made(run(instance, MIX, MIX, "row_mixes"), "mixed_rows") == {MIX}
    assert json.loads((root / "made_up" / "mixes" / f"{MIX}.json").read_text()) == {"pirate": 10, "stoic": 10}
    assert made(run(instance, MIX, MIX, "row_mixes"), "mixed_rows") == set()
    change(root, STOIC)
    run(instance, STOIC, STOIC)
    assert made(run(instance, MIX, MIX, "row_mixes"), "mixed_rows") == {MIX}


def test_it_is_in_the_graph_below_what_it_reads() -> None:
    graph = define().get_repository_def().asset_graph
    pairs, mixes = (graph.get(dg.AssetKey(name)) for name in ("answer_pairs", "mixed_rows"))
    assert pairs.parent_keys == mixes.parent_keys == {dg.AssetKey("scored_dataset")}
    assert (pairs.group_name, mixes.group_name) == ("persona_datasets", "row_mixes")
    assert dg.AssetCheckKey(dg.AssetKey("answer_pairs"), "pairs_complete") in graph.asset_check_keys
    assert "Switched off" not in (pairs.description or "")


def test_switched_off_it_is_shown_so_and_neither_made_nor_missed(
    root: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONA_STAGES_OFF", '["answer_pairs"]')
    node = define().get_repository_def().asset_graph.get(dg.AssetKey("answer_pairs"))
    assert (node.description or "").endswith("Switched off by PERSONA_STAGES_OFF.")
    done = run(instance, BASELINE, STOIC)
    assert made(done, "answer_pairs") == set()
    assert made(done, "histogram") == set(KEYS)
    assert {state.state for state in states().values()} <= {State.PASSED, State.WARNED}
    assert not (root / "made_up").exists()


@pytest.mark.parametrize(
    ("off", "message"),
    [
        (
            '["histogram"]',
            r"'histogram' is not an optional stage \(conversation_signs, contrast_pairs, answer_pairs\); leave it",
        ),
        ('["nothing"]', "PERSONA_STAGES_OFF: 'nothing' is not an optional stage"),
    ],
)
def test_what_cannot_be_switched_off_is_refused(off: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONA_STAGES_OFF", off)
    with pytest.raises(SettingsError, match=message):
        registry.list_switched_on(load_settings(), ANSWER_PAIRS.partitioning)


def test_its_files_are_retired_and_restored_with_the_key(root: Path, instance: dg.DagsterInstance) -> None:
    run(instance, BASELINE, STOIC)
    responses_file(root / "persona-data", PIRATE).unlink()
    settings, key = load_settings(), DatasetKey.parse(PIRATE)
    files = [root / "made_up" / "pairs" / f"{PIRATE}.jsonl", root / "made_up" / "sheets" / PIRATE / "count.txt"]
    retired = retire(settings, key)
    assert not any(file.exists() for file in files)
    assert retired.trash.joinpath("made_up", "pairs", f"{PIRATE}.jsonl").exists()
    assert restore(Workspace.of(settings), key) > 0
    assert all(file.exists() for file in files)
