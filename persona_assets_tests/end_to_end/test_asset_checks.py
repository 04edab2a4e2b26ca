"""The asset checks: what they say of sound data, of each planted fault, and of outputs changed afterwards."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from persona_assets.definitions import defs
from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets.stage.spec import PERSONAS
from persona_assets.stages.registry import list_checks
from persona_assets.tokens.encoding import Encoded, GigatokenEncoder
from persona_assets_tests.end_to_end import failure_text, open_instance, partition_states, plain_facts, run_range
from persona_assets_tests.raw_corpus import (
    GEMMA,
    MODELS,
    persona_rows,
    responses_file,
    scores_file,
    write_persona,
    write_settings,
)

KEY = f"{GEMMA}__role__pirate"
BASELINE_KEY = f"{GEMMA}__role__0_default"
TRAIT_KEY = f"{GEMMA}__trait__calm"
QUESTIONS = 4
STATE = {"SUCCEEDED": True, "FAILED": False}
Change = Callable[[Path], None]


class Project:
    """A workspace with a baseline, one sound role and one sound trait, materialised when asked."""

    def __init__(self, workspace: Path, instance: dg.DagsterInstance) -> None:
        self.workspace, self.instance = workspace, instance
        self.raw = workspace / "persona-data"

    def materialise(self, key: str = KEY, *, redo: bool = False) -> dg.ExecuteInProcessResult:
        return run_range(self.instance, self.workspace, (key, key), redo=redo)

    def check_only(self, key: str = KEY) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PERSONA_WORKSPACE", str(self.workspace))
            run = defs.resolve_job_def("check_personas").execute_in_process(
                instance=self.instance,
                raise_on_error=False,
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                tags={"dagster/asset_partition_range_start": key, "dagster/asset_partition_range_end": key},
            )
        assert run.success, failure_text(run)

    def latest(self, key: str = KEY) -> dict[str, dg.AssetCheckEvaluation]:
        """The latest evaluation of every check for one partition."""
        found: dict[str, dg.AssetCheckEvaluation] = {}
        for check in list_checks(PERSONAS):
            name = dg.AssetCheckKey(dg.AssetKey(check.stage), check.name)
            for record in self.instance.event_log_storage.get_asset_check_execution_history(name, limit=100):
                event = record.event
                evaluation = event.dagster_event.event_specific_data if event and event.dagster_event else None
                if isinstance(evaluation, dg.AssetCheckEvaluation) and evaluation.partition == key:
                    found.setdefault(check.name, evaluation)
        return found

    def failing(self, key: str = KEY) -> set[str]:
        """The checks that fail, but for the one that waits for the baseline to be made."""
        failed = {name for name, evaluation in self.latest(key).items() if not evaluation.passed}
        return failed - {"pairs_complete"}

    def facts(self, check: str, key: str = KEY) -> dict[str, Any]:
        return plain_facts(self.latest(key)[check].metadata)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    workspace = tmp_path / "workspace"
    write_settings(workspace, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    for key, top in ((KEY, 3), (TRAIT_KEY, 100)):
        rows = list(persona_rows(key, QUESTIONS))
        scores = {f"{row['label']}_p{row['prompt_index']}_q{row['question_index']}": top for row in rows}
        for path, text in (
            (responses_file(workspace / "persona-data", key), "".join(json.dumps(row) + "\n" for row in rows)),
            (scores_file(workspace / "persona-data", key), json.dumps(scores)),
        ):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    write_persona(workspace / "persona-data", BASELINE_KEY, QUESTIONS)
    with open_instance(workspace) as instance:
        yield Project(workspace, instance)


def change_scores(project: Project, **changes: Any) -> None:
    path = scores_file(project.raw, KEY)
    scores = json.loads(path.read_text(encoding="utf-8")) | changes
    path.write_text(json.dumps({name: value for name, value in scores.items() if value is not ...}), encoding="utf-8")


def change_lines(project: Project, change: Callable[[list[str]], list[str]]) -> None:
    path = responses_file(project.raw, KEY)
    path.write_text("\n".join(change(path.read_text(encoding="utf-8").splitlines())) + "\n", encoding="utf-8")


def test_every_check_passes_for_every_sound_key_of_a_range(project: Project) -> None:
    run = run_range(project.instance, project.workspace, (BASELINE_KEY, TRAIT_KEY), workers=2)
    assert run.success, failure_text(run)
    for key in (BASELINE_KEY, KEY, TRAIT_KEY):
        outcomes = {name: evaluation.passed for name, evaluation in project.latest(key).items()}
        assert outcomes == {check.name: True for check in list_checks(PERSONAS)}


def test_each_evaluation_names_the_materialisation_it_judges(project: Project) -> None:
    run = project.materialise()
    for evaluation in project.latest().values():
        target = evaluation.target_materialization_data
        assert target
        assert target.run_id == run.run_id


def test_a_broken_line_fails_the_quarantine_and_completeness_checks_with_its_line(project: Project) -> None:
    change_lines(project, lambda lines: [*lines[:2], "{broken", *lines[3:]])
    assert project.materialise().success
    assert project.failing() == {"no_quarantined_lines", "all_rows_present", "score_file_accounted"}
    (offender,) = project.facts("no_quarantined_lines")["first"]
    assert (offender["line"], offender["reason"]) == (3, "invalid_json")
    assert project.facts("all_rows_present")["first_missing"] == ["pos_p0_q2"]
    assert project.facts("row_ledger_balances") == {"lines": 20, "kept": 19, "quarantined": 1}


def test_a_repeated_line_fails_the_duplicate_check_with_its_count(project: Project) -> None:
    change_lines(project, lambda lines: [*lines, lines[0], lines[0]])
    assert project.materialise().success
    assert project.failing() == {"no_quarantined_lines", "no_duplicate_rows"}
    assert project.facts("no_duplicate_rows") == {"duplicates": 2, "exact_duplicate": 2}


@pytest.mark.parametrize(
    ("value", "name"), [(4, "out_of_range"), (-1, "out_of_range"), ("3", "unparsed"), (3.5, "out_of_range")]
)
def test_a_score_off_the_scale_fails_the_score_file_check_and_never_the_range(
    value: Any, name: str, project: Project
) -> None:
    change_scores(project, pos_p0_q0=value)
    assert project.materialise().success
    assert project.failing() == {"score_file_accounted"}
    assert project.facts("score_file_accounted")[name] == 1
    assert project.facts("score_range")["highest"] == 3


def test_too_few_scores_fail_the_coverage_check_with_the_share(project: Project) -> None:
    change_scores(project, **{f"pos_p0_q{question}": ... for question in range(3)})
    assert project.materialise().success
    assert project.failing() == {"score_coverage"}
    assert project.facts("score_coverage")["coverage"] == {"pos": 0.85}


def test_a_miscounting_encoder_fails_the_verification_check_and_its_counts_are_not_taken(
    project: Project, without_workers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert project.materialise().success
    counts = project.workspace / "persona_token_stats" / f"{KEY}.parquet"
    before = pq.read_table(counts)
    method = project.facts("token_counts_verified")
    assert (method["path"], "mismatches" in method) == ("gigatoken", False)
    assert method["verified"] >= 8
    encode = GigatokenEncoder.encode

    def encode_badly(encoder: GigatokenEncoder, texts: Sequence[str]) -> Encoded:
        encoded = encode(encoder, texts)
        return Encoded([np.append(ids, ids[:1]) for ids in encoded.ids], encoded.set_aside)

    monkeypatch.setattr(GigatokenEncoder, "encode", encode_badly)
    monkeypatch.setattr("persona_assets.tokens.counting._track_records", {})
    assert project.materialise(redo=True).success
    assert project.failing() == {"token_counts_verified"}
    assert project.facts("token_counts_verified")["path"] == "transformers"
    assert project.facts("token_counts_verified")["mismatches"][0].startswith("conversation 0: ")
    assert pq.read_table(counts).equals(before)


def without_last_row(path: Path) -> None:
    table = pq.read_table(path)
    pq.write_table(table.slice(0, table.num_rows - 1), path)


def with_more_tokens(path: Path) -> None:
    record = json.loads(path.read_text(encoding="utf-8"))
    record["by_label"]["pos"]["tokens"] += 1
    path.write_text(json.dumps(record), encoding="utf-8")


def with_a_wrong_threshold(path: Path) -> None:
    record = json.loads(path.read_text(encoding="utf-8"))
    record["thresholds"][2]["conversations"] -= 1
    path.write_text(json.dumps(record), encoding="utf-8")


def redrawn(path: Path) -> None:
    Image.new("RGB", (10, 10)).save(path)


@pytest.mark.parametrize(
    ("output", "change", "checks"),
    [
        (f"datasets/processed/persona/{KEY}.parquet", without_last_row, {"parquet_equals_folder"}),
        (f"datasets/processed/persona/{KEY}__min3.parquet", Path.unlink, {"parquet_equals_folder"}),
        (f"persona_token_stats/{KEY}.json", with_more_tokens, {"statistics_add_up"}),
        (f"persona_token_stats/{KEY}.json", with_a_wrong_threshold, {"statistics_add_up"}),
        (f"persona_token_stats/{KEY}.parquet", without_last_row, {"statistics_add_up", "pairs_hold"}),
        (f"persona_token_plots/{KEY}.png", redrawn, {"picture_valid"}),
        (
            f"persona_token_plots/{KEY}.png",
            lambda path: path.write_bytes(path.read_bytes()[:2000]),
            {"picture_valid"},
        ),
    ],
)
def test_checks_run_alone_find_an_output_that_was_changed_afterwards(
    output: str, change: Change, checks: set[str], project: Project
) -> None:
    assert project.materialise().success
    change(project.workspace / output)
    project.check_only()
    assert project.failing() == checks


def test_checks_run_alone_find_a_damaged_dataset_folder(project: Project) -> None:
    assert project.materialise().success
    (data,) = (project.workspace / "datasets/processed/persona" / KEY).glob("train/*.arrow")
    data.write_bytes(data.read_bytes()[:1000])
    project.check_only()
    assert {"schema", "variants_consistent", "parquet_equals_folder"} <= project.failing()


def test_checks_run_alone_make_nothing_and_say_nothing_of_what_was_never_made(project: Project) -> None:
    project.check_only()
    assert project.latest() == {}
    assert set(partition_states(project.instance, "scored_dataset").values()) == {"none"}
