"""Every check says in one sentence with numbers what it found, and the same words are shown everywhere."""

import json
from pathlib import Path

import dagster as dg
import pytest

from persona_assets.keys import DatasetKey
from persona_assets.run.last_outcome import read_last_outcome
from persona_assets.settings import load_settings
from persona_assets.stage.spec import PERSONAS
from persona_assets.stages.registry import list_checks
from persona_assets.workspace import Workspace
from persona_assets_tests.commands import persona_assets
from persona_assets_tests.end_to_end import open_instance, run_job, run_range
from persona_assets_tests.raw_corpus import GEMMA, persona_rows, responses_file, scores_file

SOUND, DIRTY = f"{GEMMA}__role__pirate", f"{GEMMA}__trait__calm"
QUESTIONS = 4
ROWS = 2 * 5 * QUESTIONS
QUARANTINE = f"4 of {ROWS + 2} lines quarantined: 2 invalid_json, 1 exact_duplicate, 1 missing_field; first: line 5"
COVERAGE = "neg 50 %, pos 94.4 % scored, 90 % asked; 11 missing"
EXPECTED = {
    "row_ledger_balances": f"{ROWS + 2} lines read, {ROWS - 2} rows kept, 4 quarantined",
    "no_quarantined_lines": QUARANTINE,
    "no_duplicate_rows": f"1 of {ROWS + 2} lines quarantined as duplicates: 1 exact_duplicate",
    "all_rows_present": f"2 of {ROWS} rows missing: pos_p1_q0, pos_p1_q1",
    "score_coverage": COVERAGE,
    "score_file_accounted": "27 scores used; entries not used: 2 without a row, 1 unreadable; first: nonsense",
    "variants_consistent": "pos 18 rows, neg 20 rows, min70__pos 17 rows: all that pass and no other",
}
FAILED = {"no_quarantined_lines", "no_duplicate_rows", "all_rows_present", "score_coverage", "score_file_accounted"}


@pytest.fixture
def planted(workspace: Path) -> Path:
    """A sound key, and one with broken lines, a repeated one, and half of its ``neg`` rows unscored."""
    raw = workspace / "persona-data"
    for key in (SOUND, DIRTY):
        rows = list(persona_rows(key, QUESTIONS))
        scores = {f"{row['label']}_p{row['prompt_index']}_q{row['question_index']}": 3 for row in rows}
        lines = [json.dumps(row) for row in rows]
        if key == DIRTY:
            lines[4:6] = [lines[4][:30], "{broken"]
            lines += [lines[0], '{"label": "pos"}']
            scores = {name: 90 for place, name in enumerate(scores) if not name.startswith("neg") or place % 2}
            del scores["pos_p0_q3"]
            scores["nonsense"] = 1
        responses_file(raw, key).parent.mkdir(parents=True, exist_ok=True)
        scores_file(raw, key).parent.mkdir(parents=True, exist_ok=True)
        responses_file(raw, key).write_text("\n".join(lines) + "\n", encoding="utf-8")
        scores_file(raw, key).write_text(json.dumps(scores), encoding="utf-8")
    return workspace


def evaluations_of(run: dg.ExecuteInProcessResult, key: str) -> dict[str, dg.AssetCheckEvaluation]:
    return {one.check_name: one for one in run.get_asset_check_evaluations() if one.partition == key}


def test_every_evaluation_of_a_sound_and_of_a_dirty_key_is_one_line_with_numbers(planted: Path) -> None:
    with open_instance(planted) as instance:
        run = run_range(instance, planted, (SOUND, DIRTY))
    for key in (SOUND, DIRTY):
        evaluations = evaluations_of(run, key)
        assert evaluations.keys() == {check.name for check in list_checks(PERSONAS)}
        for name, one in evaluations.items():
            said = one.description or ""
            assert said.strip() == said != "", name
            assert len(said.splitlines()) == 1, name
            assert any(letter.isdigit() for letter in said) or "recorded no" in said or "as configured" in said, said
    sentences = {name: one.description for name, one in evaluations_of(run, DIRTY).items()}
    assert {name: sentences[name] for name in EXPECTED} == EXPECTED


def test_the_same_words_are_in_the_ui_the_record_the_status_and_the_summary(planted: Path) -> None:
    generated = persona_assets(planted.parent, "generate", "--workers", "1").stdout
    status = persona_assets(planted.parent, "status").stdout
    last = read_last_outcome(Workspace.of(load_settings()), DatasetKey.parse(DIRTY))
    with open_instance(planted) as instance:
        shown = evaluations_of(run_range(instance, planted, (DIRTY, DIRTY)), DIRTY)
    failed = {name for name, record in last.checks.items() if not record.passed}
    assert failed >= FAILED
    for name in failed:
        sentence = last.checks[name].sentence
        assert shown[name].description == sentence
        assert f"{name}: {sentence}" in status
    assert "no_quarantined_lines 1" in generated
    assert last.checks["score_coverage"].sentence == COVERAGE


def test_a_summary_of_few_failed_checks_says_what_they_found(planted: Path) -> None:
    (planted / "persona-data" / responses_file(planted / "persona-data", DIRTY)).unlink()
    path = scores_file(planted / "persona-data", SOUND)
    scores = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(dict(list(scores.items())[3:])), encoding="utf-8")
    done = persona_assets(planted.parent, "generate", "--workers", "1")
    assert f"{SOUND}: score_coverage: pos 85 % scored, 90 % asked; 3 missing" in done.stdout.splitlines()


def test_a_record_of_an_earlier_version_is_put_into_words_by_the_next_run(planted: Path) -> None:
    path = Workspace.of(load_settings()).last_outcome(DIRTY)
    with open_instance(planted) as instance:
        run_range(instance, planted, (DIRTY, DIRTY))
        record = json.loads(path.read_text(encoding="utf-8"))
        for check in record["checks"].values():
            del check["sentence"]
        path.write_text(json.dumps(record), encoding="utf-8")
        assert run_range(instance, planted, (DIRTY, DIRTY)).success
    last = read_last_outcome(Workspace.of(load_settings()), DatasetKey.parse(DIRTY))
    assert last.checks["no_quarantined_lines"].sentence == QUARANTINE
    assert all(record.sentence for record in last.checks.values())


def test_the_catalogue_counts_failed_checks_by_model_and_kind_and_keeps_their_words(planted: Path) -> None:
    with open_instance(planted) as instance:
        run_range(instance, planted, (SOUND, DIRTY))
        run = run_job(instance, planted, "refresh_catalogue")
        (made,) = run.asset_materializations_for_node("persona_catalogue")
    catalogue = json.loads((planted / "persona_catalogue.json").read_text(encoding="utf-8"))
    assert catalogue["keys"][DIRTY]["failed"]["score_coverage"] == COVERAGE
    counts = {one["name"]: one for one in catalogue["concerns"]}
    assert counts["score_coverage"]["by_model"] == [{"model": GEMMA, "type": "trait", "keys": 1}]
    matrix = made.metadata["failed_checks"]
    assert isinstance(matrix, dg.TableMetadataValue)
    rows = {row.data["what_failed"]: row.data for row in matrix.records}
    coverage = rows["score_coverage"]
    assert [coverage[name] for name in ("severity", "keys", f"{GEMMA}/role", f"{GEMMA}/trait")] == ["WARN", 1, 0, 1]
    summary = made.metadata["summary"].value
    assert str(summary).startswith("2 keys: ")
    assert next(iter(made.metadata)) == "summary"
