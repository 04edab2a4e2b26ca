"""Whatever a raw file, a partition or an output holds, the log of the run over it can be read back and shown."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster_shared.serdes import deserialize_value, serialize_value
from PIL import Image, PngImagePlugin

from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets_tests.end_to_end import STAGES, open_instance, partition_states, run_job, run_range
from persona_assets_tests.raw_corpus import KEYS, MODELS, responses_file, write_corpus, write_persona, write_settings

pytestmark = pytest.mark.campaign

DAGSTERS_MARKS = ("__class__", "__enum__", "__set__", "__frozenset__", "__mapping_items__", "__mapped_items__")
HOSTILE_KEY = KEYS[2]
HOSTILE_FIELDS: Mapping[str, Any] = {
    **dict.fromkeys(DAGSTERS_MARKS, "AssetKey"),
    "": 1,
    "\ud800": 1,
    "nul\0": 10**4000,
    "x" * 10_000: "y" * 10_000,
    "quote\"'</script>": [],
    "raw_value": {"__class__": "AssetKey"},
}
HOSTILE_PARTITIONS = ("__class__", "__set__", f"{KEYS[0]}\u202e", "x" * 3000)
PROGRAM = Path(sys.executable).parent / "persona-assets"

_OWN_NAMES = """
source source_bytes source_sha256 lines ledger kept quarantined notes extra_fields field byte_order_mark
carriage_returns final_newline extra_field legacy_prompt_index legacy_label extra_turns escaped_nul
quarantine_file first_quarantined line reason detail byte_offset size_bytes excerpt
invalid_json truncated_last_line
path scored_rows score_status labels pos neg default ok refusal missing unparsed out_of_range score_file
scores_without_row unreadable_score_keys conflicting_score_keys legacy_score_keys preview label prompt_index
question_index extract_score question answer rows variants variant bytes files statistics counts_per_row
conversations tokens prompt_tokens assistant_tokens mean max long_answers_share tokenizer id revision
tokenizer_sha256 chat_template_sha256 fixed_date counted_by synthetic_tokenizer summary by_score score
thresholds min_score without_score picture unchanged long_answers
by_reason first duplicates expected found questions first_missing columns model role trait system_prompt
messages scale lowest highest scored wrong first_wrong coverage statuses
different left_over configured synthetic verified mismatches set_aside error width height drawn_from
dataset_fingerprint name value failed_keys failures key raw_root keys newly_registered unfit_files
keys_by_model roles traits unfit table table_rows datasets keys_without_statistics without_statistics
orphaned failed stale warned passed by_model concerns state report rebuilt type raw_files usable short first_unfit
overviews comparisons on_shared_axes drawn removed pictures_of_models
layout counted_rows refused_by_template chat_template_arguments enable_thinking generated_tokens
forms system_turn instruction_in_user_turn empty_instruction question_alone disagrees other_model_named
instruction_left_out instruction_leaked judged_by_their_first_turns with_further_turns
truncated judged unknown token_limit rate_by_prompt rate_by_score null
think_residue template_tokens empty_or_one_word self_identification quotes_system_prompt in_character
in_character_from_score near_duplicate repeated texts sharing sign signs counts groups more_concerns
summary quarantined_lines row status rows_by_status rows_by_label share conversations_without_score
tokens_by_rows tokens_by_score kept_by_min_score median_tokens p95_tokens longest_tokens mean_tokens
refused_conversations tokenizer_id rows_with_further_turns failed_checks what_failed severity
page_in_the_report differences
pairs first_pairs positive negative positive_score negative_score rows_without_counterpart cells_with_two_questions
counterparts_left baseline baseline_prompt unmatched other_question negatives_left recorded
ready_keys rule condition keys_without_pairs without_pairs readiness ready_list
"""
OWN_NAMES = frozenset(_OWN_NAMES.split())
OWN_FORMS = re.compile(
    r"dagster/(row_count|column_schema)|p\d+(_5)?|(rows_)?(min\d+(__(pos|neg|default))?|pos|neg|default)"
    r"|first_(unreadable_score_keys|conflicting_score_keys|scores_without_row|near_duplicate|repeated|shared)"
    r"|(first_)?empty_or_one_word|(pos|neg|default)_p\d+"
    r"|(disagrees|other_model_named|instruction_left_out|instruction_leaked|truncated|think_residue|template_tokens"
    r"|empty_or_one_word|self_identification|quotes_system_prompt|near_duplicate)_rate"
    r"|rows_(disagrees|other_model_named|instruction_left_out|instruction_leaked|truncated|think_residue"
    r"|template_tokens|empty_or_one_word|self_identification|quotes_system_prompt|near_duplicate)"
    r"|[A-Za-z0-9][A-Za-z0-9._-]*/(role|trait)"  # a column of the catalogue: the grammar of keys has no other models
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dg.DagsterInstance, list[str]]]:
    """A workspace over which every job has run, with hostile content wherever others can put some; the runs' ids."""
    workspace = tmp_path_factory.mktemp("hostile") / "workspace"
    write_settings(workspace, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    write_corpus(workspace / "persona-data")
    add_fields(responses_file(workspace / "persona-data", HOSTILE_KEY), HOSTILE_FIELDS)
    with open_instance(workspace) as instance:
        instance.add_dynamic_partitions("persona_datasets", HOSTILE_PARTITIONS)
        everything = (KEYS[0], HOSTILE_PARTITIONS[-1])
        runs = [run_range(instance, workspace, everything)]
        draw_hostile_picture(workspace / "persona_token_plots" / f"{HOSTILE_KEY}.png")
        runs.append(run_job_over_range(instance, workspace, "check_personas", (KEYS[0], KEYS[-1])))
        runs.append(run_job(instance, workspace, "refresh_catalogue"))
        yield workspace, instance, [run.run_id for run in runs]


def add_fields(path: Path, fields: Mapping[str, Any]) -> None:
    first, *others = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text(json.dumps(json.loads(first) | fields) + "\n" + "".join(others), encoding="utf-8")


def draw_hostile_picture(path: Path) -> None:
    described = PngImagePlugin.PngInfo()
    nested: Any = 1
    for _ in range(300):
        nested = {"x": nested}
    described.add_text("Description", json.dumps({"__class__": "AssetKey", "deep": nested, "nan": float("nan")}))
    Image.new("RGB", (4, 4)).save(path, pnginfo=described)


def run_job_over_range(
    instance: dg.DagsterInstance, workspace: Path, job: str, keys: tuple[str, str]
) -> dg.ExecuteInProcessResult:
    from persona_assets.definitions import defs

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERSONA_WORKSPACE", str(workspace))
        return defs.resolve_job_def(job).execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            tags={"dagster/asset_partition_range_start": keys[0], "dagster/asset_partition_range_end": keys[1]},
        )


def test_hostile_content_costs_no_key_anything(hostile: tuple[Path, dg.DagsterInstance, list[str]]) -> None:
    _, instance, _ = hostile
    for stage in STAGES:
        states = partition_states(instance, stage)
        assert {key: states[key] for key in KEYS} == dict.fromkeys(KEYS, "MATERIALIZED")


def test_every_event_reads_back_as_it_was_written(hostile: tuple[Path, dg.DagsterInstance, list[str]]) -> None:
    _, instance, runs = hostile
    for run in runs:
        events = instance.all_logs(run)
        assert len(events) > 20
        for event in events:
            assert deserialize_value(serialize_value(event), dg.EventLogEntry) == event


def test_every_event_can_be_sent_to_a_browser(hostile: tuple[Path, dg.DagsterInstance, list[str]]) -> None:
    """As the web server encodes its answers: UTF-8, and no number that JSON does not have."""
    _, instance, runs = hostile
    for run in runs:
        for event in instance.all_logs(run):
            shown = [event.message, event.user_message, *map(str, texts_of(event))]
            json.dumps(shown, ensure_ascii=False, allow_nan=False).encode()


def test_no_key_of_any_metadata_is_a_name_that_others_chose(
    hostile: tuple[Path, dg.DagsterInstance, list[str]],
) -> None:
    _, instance, runs = hostile
    names = {name for run in runs for event in instance.all_logs(run) for name in names_in(metadata_of(event))}
    assert len(names) > 50
    assert {name for name in names if name not in OWN_NAMES and not OWN_FORMS.fullmatch(name)} == set()


def test_names_that_others_chose_are_shown_as_values(hostile: tuple[Path, dg.DagsterInstance, list[str]]) -> None:
    _, instance, runs = hostile
    ledgers: list[Any] = [
        made.metadata["ledger"].value
        for event in instance.all_logs(runs[0])
        if (made := event.asset_materialization) and made.partition == HOSTILE_KEY and "ledger" in made.metadata
    ]
    fields = {record["field"]: record["lines"] for record in ledgers[0]["extra_fields"]}
    assert {mark: fields[mark] for mark in DAGSTERS_MARKS} == dict.fromkeys(DAGSTERS_MARKS, 1)


def test_generate_over_such_a_file_succeeds_in_dagsters_account_too(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_persona(workspace / "persona-data", HOSTILE_KEY, questions=1)
    add_fields(responses_file(workspace / "persona-data", HOSTILE_KEY), {"__class__": "AssetKey"})
    command = [str(PROGRAM), "generate", "--workers", "1"]
    done = subprocess.run(command, cwd=workspace, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    monkeypatch.setenv("DAGSTER_HOME", str(workspace / "dagster_home"))
    with dg.DagsterInstance.get() as instance:
        for run in instance.get_runs():
            assert run.status == dg.DagsterRunStatus.SUCCESS
            assert instance.all_logs(run.run_id)


def metadata_of(event: dg.EventLogEntry) -> list[Any]:
    """All metadata that ``event`` carries, as plain JSON."""
    found: list[Any] = []
    dagster_event = event.dagster_event
    if event.asset_materialization:
        found.append(event.asset_materialization.metadata)
    if dagster_event and dagster_event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
        found.append(dagster_event.asset_check_evaluation_data.metadata)
    if dagster_event and dagster_event.is_step_failure and dagster_event.step_failure_data.user_failure_data:
        found.append(dagster_event.step_failure_data.user_failure_data.metadata)
    return [{name: as_json(value) for name, value in metadata.items()} for metadata in found]


def as_json(value: Any) -> Any:
    if isinstance(value, dg.TableMetadataValue):
        return [dict(record.data) for record in value.records]
    return value.value if isinstance(value, dg.JsonMetadataValue) else str(value.value)


def names_in(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, of in value.items():
            yield name
            yield from names_in(of)
    elif isinstance(value, list):
        for item in value:
            yield from names_in(item)


def texts_of(event: dg.EventLogEntry) -> Iterator[str]:
    for metadata in metadata_of(event):
        yield json.dumps(metadata, ensure_ascii=False, allow_nan=False)
    data = event.dagster_event and event.dagster_event.event_specific_data
    for error in (getattr(data, "error", None), getattr(data, "user_failure_data", None)):
        yield os.fsdecode(str(error).encode())
