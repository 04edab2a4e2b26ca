"""Each asset materialised alone, in runs of its own, over what the earlier ones left on disk."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import datasets
import pyarrow.parquet as pq
import pytest

from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets_tests.end_to_end import (
    OUTPUT_FOLDERS,
    STAGES,
    failure_text,
    files_below,
    open_instance,
    run_range,
)
from persona_assets_tests.plain_reading import plain_rows, plain_variant
from persona_assets_tests.raw_corpus import (
    GEMMA,
    MODELS,
    QWEN,
    persona_rows,
    persona_scores,
    responses_file,
    write_persona,
    write_scores,
    write_settings,
)

pytestmark = pytest.mark.campaign

ROLE_KEY = f"{GEMMA}__role__pirate"
TRAIT_KEY = f"{QWEN}__trait__calm"
LARGE_TRAIT_KEY = f"{QWEN}__trait__verbose"
"""As long as real ones: variants of more rows than a record batch holds, and every score of the scale."""
LARGE_QUESTIONS = 240
CUSTOM_VARIANTS = {"role": ["min2"], "trait": ["min50", "min70__neg"]}


@dataclass(frozen=True)
class Project:
    """A workspace with three raw files and the Dagster instance that knows them."""

    workspace: Path
    instance: dg.DagsterInstance

    def run(self, key: str, *stages: str, **options: Any) -> dg.ExecuteInProcessResult:
        return run_range(self.instance, self.workspace, (key, key), stages=stages or STAGES, **options)

    def done(self, key: str, *stages: str, **options: Any) -> None:
        run = self.run(key, *stages, **options)
        assert run.success, failure_text(run)

    def refused(self, key: str, *stages: str, **options: Any) -> str:
        run = self.run(key, *stages, **options)
        assert not run.success
        return failure_text(run)

    def remove_outputs(self) -> None:
        for folder in OUTPUT_FOLDERS:
            shutil.rmtree(self.workspace / folder, ignore_errors=True)

    def rows(self, key: str) -> list[dict[str, Any]]:
        return plain_rows(self.workspace / "persona-data", key)

    def score(self, key: str, scores: dict[str, Any]) -> None:
        write_scores(self.workspace / "persona-data", key, scores)

    def folder(self, name: str) -> Path:
        return self.workspace / "datasets" / "processed" / "persona" / name

    def parquet(self, name: str) -> Path:
        return self.folder(f"{name}.parquet")


@pytest.fixture(scope="module")
def shared_project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    workspace = tmp_path_factory.mktemp("stages_alone") / "workspace"
    raw = workspace / "persona-data"
    write_settings(workspace, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    write_persona(raw, ROLE_KEY)
    write_persona(raw, TRAIT_KEY)
    write_persona(raw, LARGE_TRAIT_KEY, questions=LARGE_QUESTIONS)
    with open_instance(workspace) as instance:
        yield Project(workspace, instance)


@pytest.fixture
def project(shared_project: Project) -> Project:
    """The shared project with its raw files as written and no outputs."""
    shared_project.remove_outputs()
    for key in (ROLE_KEY, TRAIT_KEY):
        write_persona(shared_project.workspace / "persona-data", key)
    return shared_project


@pytest.mark.parametrize("key", [ROLE_KEY, LARGE_TRAIT_KEY])
def test_six_runs_of_one_asset_each_write_the_bytes_of_one_run_of_all_six(project: Project, key: str) -> None:
    project.done(key)
    together = files_below(project.workspace)
    project.remove_outputs()
    for stage in STAGES:
        project.done(key, stage)
        assert project.instance.get_materialized_partitions(dg.AssetKey(stage)) >= {key}
    apart = files_below(project.workspace)
    assert apart.keys() == together.keys()
    assert [file for file in together if apart[file] != together[file]] == []


@pytest.mark.parametrize(
    ("made", "asked", "named"),
    [
        ((), "scored_dataset", "raw_conversations"),
        (("raw_conversations",), "filtered_variants", "scored_dataset"),
        (STAGES[:2], "parquet_export", "filtered_variants"),
        (STAGES[:2], "token_stats", "filtered_variants"),
        (STAGES[:4], "histogram", "token_stats"),
        ((), "filtered_variants", "scored_dataset"),
        ((), "parquet_export", "scored_dataset"),
        ((), "token_stats", "scored_dataset"),
        ((), "histogram", "scored_dataset"),
    ],
)
def test_an_asset_without_its_input_fails_and_names_the_asset_to_materialise_first(
    project: Project, made: tuple[str, ...], asked: str, named: str
) -> None:
    if made:
        project.done(TRAIT_KEY, *made)
    before = files_below(project.workspace)
    text = project.refused(TRAIT_KEY, asked)
    assert f"{TRAIT_KEY}: {asked}: " in text
    assert f"materialise {named}" in text
    assert files_below(project.workspace) == before


def test_a_run_makes_the_variants_of_its_configuration_in_place_of_the_default_ones(project: Project) -> None:
    for key in (ROLE_KEY, TRAIT_KEY):
        project.done(key, variants=CUSTOM_VARIANTS)
        variants = CUSTOM_VARIANTS[key.split("__")[1]]
        made = {path.name for path in project.folder("").glob(f"{key}__*") if path.is_dir()}
        assert made == {f"{key}__{variant}" for variant in variants}
        for variant in variants:
            assert_holds(project, f"{key}__{variant}", plain_variant(project.rows(key), variant))


def test_a_kind_that_the_configuration_does_not_name_gets_its_default_variants(project: Project) -> None:
    project.done(ROLE_KEY, variants={"trait": ["min50"]})
    assert_holds(project, f"{ROLE_KEY}__min3", plain_variant(project.rows(ROLE_KEY), "min3"))


def test_variants_made_earlier_are_renewed_when_the_raw_data_change(project: Project) -> None:
    project.done(TRAIT_KEY, variants={"trait": ["min50__neg"]})
    scores = {f"neg_p{prompt}_q0": 50 + prompt for prompt in range(5)}
    project.score(TRAIT_KEY, scores)
    project.done(TRAIT_KEY)
    rows = plain_variant(project.rows(TRAIT_KEY), "min50__neg")
    assert [row["extract_score"] for row in rows] == [50, 51, 52, 53, 54]
    assert_holds(project, f"{TRAIT_KEY}__min50__neg", rows)


def test_a_variant_that_becomes_empty_vanishes_as_folder_and_as_parquet_file(project: Project) -> None:
    name = f"{ROLE_KEY}__min3"
    project.done(ROLE_KEY)
    assert project.folder(name).is_dir()
    assert project.parquet(name).is_file()
    project.score(ROLE_KEY, {"pos_p0_q0": 2})
    project.done(ROLE_KEY)
    assert not project.folder(name).exists()
    assert not project.parquet(name).exists()
    assert_holds(project, ROLE_KEY, project.rows(ROLE_KEY))


def test_a_variant_that_was_empty_appears_when_rows_pass_it(project: Project) -> None:
    project.score(ROLE_KEY, {"pos_p0_q0": 2})
    project.done(ROLE_KEY)
    project.score(ROLE_KEY, {"pos_p0_q0": 3})
    project.done(ROLE_KEY)
    assert_holds(project, f"{ROLE_KEY}__min3", project.rows(ROLE_KEY)[:1])


@pytest.mark.parametrize(
    ("variants", "culprit"),
    [
        ({"role": ["min4"]}, "'min4'"),
        ({"role": ["neg"]}, "'neg'"),
        ({"trait": ["pos__min70"]}, "'pos__min70'"),
        ({"trait": ["min070"]}, "'min070'"),
        ({"trait": [""]}, "''"),
        ({"trait": ["../../min70"]}, "'../../min70'"),
        ({"villain": ["min1"]}, "'villain'"),
    ],
)
def test_invalid_variants_fail_before_any_key_is_touched_and_name_the_configuration(
    project: Project, variants: dict[str, list[str]], culprit: str
) -> None:
    text = project.refused(ROLE_KEY, variants=variants)
    assert "run configuration" in text
    assert culprit in text
    assert files_below(project.workspace) == {}


def test_token_stats_refuses_variants_made_from_fewer_rows_than_the_dataset_now_gives(project: Project) -> None:
    project.done(ROLE_KEY)
    project.score(ROLE_KEY, {"pos_p0_q0": 3})
    project.done(ROLE_KEY, "scored_dataset")
    assert "materialise filtered_variants" in project.refused(ROLE_KEY, "token_stats")


def test_token_stats_refuses_variants_that_hold_other_rows_than_the_dataset_now_gives(project: Project) -> None:
    project.score(ROLE_KEY, {"pos_p0_q0": 3, "pos_p4_q3": 0})
    project.done(ROLE_KEY)
    project.score(ROLE_KEY, {"pos_p0_q0": 0, "pos_p4_q3": 3})
    project.done(ROLE_KEY, "scored_dataset")
    assert "materialise filtered_variants" in project.refused(ROLE_KEY, "token_stats")


def test_scored_dataset_alone_never_drops_a_line_that_no_ledger_accounts_for(project: Project) -> None:
    project.done(ROLE_KEY)
    raw_file = responses_file(project.workspace / "persona-data", ROLE_KEY)
    raw_file.write_bytes(raw_file.read_bytes() + b'{"broken": \n')
    assert "materialise raw_conversations" in project.refused(ROLE_KEY, "scored_dataset")


def test_the_advice_of_a_damaged_manifests_error_mends_it(project: Project) -> None:
    project.done(ROLE_KEY)
    manifest = project.workspace / "persona_manifests" / f"{ROLE_KEY}.json"
    manifest.write_text(manifest.read_text(encoding="utf-8")[:40], encoding="utf-8")
    text = failure_text(project.run(ROLE_KEY, "histogram"))
    if "remove" in text:
        manifest.unlink()
    project.done(ROLE_KEY)


def test_no_materialisation_carries_more_than_32_kilobytes_even_when_every_score_occurs(project: Project) -> None:
    scores = persona_scores(LARGE_TRAIT_KEY, list(persona_rows(LARGE_TRAIT_KEY, LARGE_QUESTIONS)))
    assert set(scores.values()) >= set(range(101))
    project.done(LARGE_TRAIT_KEY)
    sizes = {}
    for stage in STAGES:
        where = dg.AssetRecordsFilter(dg.AssetKey(stage), asset_partitions=[LARGE_TRAIT_KEY])
        record = project.instance.fetch_materializations(where, limit=1).records[0]
        sizes[stage] = len(dg.serialize_value(record.asset_materialization))
    assert {stage: size for stage, size in sizes.items() if size > 32 * 1024} == {}


def assert_holds(project: Project, name: str, rows: list[dict[str, Any]]) -> None:
    assert rows
    assert datasets.load_from_disk(str(project.folder(name)))["train"].to_list() == rows
    assert pq.read_table(project.parquet(name)).to_pylist() == rows
    key = "__".join(name.split("__")[:3])
    statistics = json.loads((project.workspace / "persona_token_stats" / f"{key}.json").read_text(encoding="utf-8"))
    summary = statistics["variants"].get(name, statistics)
    assert summary["all"]["conversations"] == len(rows)
