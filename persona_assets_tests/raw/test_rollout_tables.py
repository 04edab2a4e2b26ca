"""Tables that refer to each other's rows: whatever does not fit together is named with its row, nothing is lost."""

from collections import Counter
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from persona_assets.errors import RawDataError
from persona_assets.keys import DatasetKey
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover, fingerprint
from persona_assets.raw.layouts.rollout_tables import parquet_tables
from persona_assets.raw.rows import Identity, Note, Reason
from persona_assets.raw.scores import Score, ScoreStatus
from persona_assets.raw.sources import locate
from persona_assets.regular_files import open_regular
from persona_assets.settings import Settings
from persona_assets_tests.raw.reading_keys import KeyRead, find_keys, find_problems, read_key
from persona_assets_tests.raw.table_files import (
    MODEL,
    QUESTIONS,
    Row,
    evaluation_rows,
    response_rows,
    rollout_rows,
    write_table,
    write_tables,
)

ROLES = {"default_assistant": "default", "pirate": "fantasy", "accountant": "work"}
KEY = DatasetKey(MODEL, "role", "pirate")
FIRST, SIZE = 6, 6
"""Where the rows of the pirate are in every table, and how many there are."""
Tables = tuple[list[Row], list[Row], list[Row]]


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    """Three roles of two prompts and three questions, judged."""
    return write_tables(tmp_path, ROLES)


def pirate(root: Path, **changed: list[Row]) -> KeyRead:
    """The key, after some of the tables were written anew."""
    for sort, rows in changed.items():
        write_table(root, {"rollouts": "rollouts_some"}.get(sort, f"{sort}_some_m"), rows)
    return read_key(root, KEY)


def test_every_role_is_a_key_with_its_own_rows_and_scores(tmp_path: Path, tables: Tables) -> None:
    assert find_keys(tmp_path) == [f"{MODEL}__role__{role}" for role in sorted(ROLES)]
    assert find_problems(tmp_path) == {}
    rollouts, responses, evaluations = tables
    for role, category in ROLES.items():
        found = read_key(tmp_path, DatasetKey(MODEL, "role", role))
        label = "default" if category == "default" else "pos"
        expected = [
            (
                number + 1,
                rollouts[one["rollout_idx"]]["instruction_text"],
                label,
                one["instruction_idx"],
                one["question_idx"],
                rollouts[one["rollout_idx"]]["question_text"],
                [("user", one["prompt"]), ("assistant", one["response"])],
                one["finish_reason"],
                one["tokens_generated"],
            )
            for number, one in enumerate(responses)
            if one["role"] == role
        ]
        assert [
            (
                number,
                row.system_prompt,
                row.label,
                row.prompt_index,
                row.question_index,
                row.question,
                [(turn.role, turn.content) for turn in row.conversation],
                row.finish_reason,
                row.generated_tokens,
            )
            for number, row in zip(found.raw.lines, found.raw.rows, strict=True)
        ] == expected
        assert found.scores.by_row == {
            Identity(label, one["instruction_idx"], one["question_idx"]): Score(
                ScoreStatus.OK, one["score"], verdict=one["raw_judge_response"]
            )
            for one in evaluations
            if one["role"] == role
        }
        assert (found.quarantined, found.scores.unreadable_keys) == ([], ())


def test_an_empty_instruction_leaves_the_empty_line_before_the_question_as_it_was_sent(
    tmp_path: Path, tables: Tables
) -> None:
    row = pirate(tmp_path).raw.rows[0]
    assert (row.system_prompt, row.conversation[0].content) == ("", f"\n\n{QUESTIONS[0]}")


def test_the_question_alone_is_a_prompt_only_if_there_is_no_instruction(tmp_path: Path, tables: Tables) -> None:
    _, responses, _ = tables
    for place in (FIRST, FIRST + 3):
        responses[place]["prompt"] = QUESTIONS[0]
    found = pirate(tmp_path, responses=responses)
    assert found.raw.rows[0].conversation[0].content == QUESTIONS[0]
    assert found.reasons == [(FIRST + 4, Reason.UNKNOWN_PROMPT_FORM)]


def test_the_files_of_a_key_are_those_in_which_its_role_is(tmp_path: Path, tables: Tables) -> None:
    rollouts = rollout_rows({"alien": "fantasy"})
    write_table(tmp_path, "rollouts_more", rollouts)
    write_table(tmp_path, "responses_more_m", response_rows(rollouts))
    files = {
        role: [file.name for file in locate(RawCorpus(tmp_path), DatasetKey(MODEL, "role", role)).files]
        for role in ("alien", "pirate")
    }
    assert files["alien"] == ["rollouts_more", "responses_more_m"]
    assert files["pirate"] == [
        "rollouts_some",
        "responses_some_m",
        "judged_rollouts_some",
        "judged_responses_some_m",
        "evaluations_some_m",
    ]


@pytest.mark.parametrize(
    ("rollouts", "responses", "together"),
    [
        ("rollouts", "responses_m", True),
        ("rollouts", "responses", True),
        ("rollouts_default", "responses_default_m", True),
        ("rollouts_a_b", "responses_a_b_m", True),
        ("rollouts_x", "responses_m", True),
        ("rollouts_defaults", "responses_default_m", True),
    ],
)
def test_tables_belong_together_by_their_names(rollouts: str, responses: str, together: bool, tmp_path: Path) -> None:
    rows = rollout_rows({"pirate": "fantasy"})
    write_table(tmp_path, rollouts, rows)
    write_table(tmp_path, responses, response_rows(rows))
    assert (find_keys(tmp_path) == [str(KEY)]) is together
    assert [file.name for file in locate(RawCorpus(tmp_path), KEY).conversations] == [rollouts, responses]


def test_responses_answer_the_rollouts_with_the_longest_name_that_fits(tmp_path: Path) -> None:
    for what, role in (("", "plain"), ("_a", "short"), ("_a_b", "long")):
        rows = rollout_rows({role: "work"})
        write_table(tmp_path, f"rollouts{what}", rows)
        write_table(tmp_path, f"responses{what}_m", response_rows(rows))
    for role in ("plain", "short", "long"):
        assert len(read_key(tmp_path, DatasetKey(MODEL, "role", role)).raw.rows) == SIZE
    assert find_problems(tmp_path) == {}


def test_shards_of_one_run_are_read_together_and_a_second_run_gives_a_second_sample(
    tmp_path: Path, tables: Tables
) -> None:
    _, responses, _ = tables
    write_table(tmp_path, "responses_some_m", responses[: FIRST + 2])
    write_table(tmp_path, "responses_some_n", responses[FIRST + 2 :])
    (tmp_path / MODEL / "evaluations_some_m.parquet").unlink()
    sharded = read_key(tmp_path, KEY)
    assert sorted(row.identity for row in sharded.raw.rows) == [
        Identity("pos", k, i) for k in range(2) for i in range(3)
    ]
    again = [one | {"response": "Again."} for one in responses]
    write_table(tmp_path, "responses_some_o", again)
    write_table(tmp_path, "evaluations_some_o", evaluation_rows(again))
    found = read_key(tmp_path, KEY)
    assert Counter(row.sample_index for row in found.raw.rows) == {0: SIZE, 1: SIZE}
    assert {row.conversation[-1].content for row in found.raw.rows if row.sample_index} == {"Again."}
    assert {identity.sample_index for identity in found.scores.by_row} == {1}
    assert len(found.scores.by_row) == SIZE


@pytest.mark.parametrize(
    ("change", "reason", "told"),
    [
        ({"rollout_idx": 18}, Reason.BROKEN_JOIN, "there is no rollout 18, only 18"),
        ({"rollout_idx": 0}, Reason.BROKEN_JOIN, "rollout 0 is of another role"),
        (
            {"rollout_idx": FIRST + 2},
            Reason.BROKEN_JOIN,
            f"of its rollout {FIRST + 2}: question_idx is '1' here, '2'",
        ),
        ({"instruction_idx": 1}, Reason.BROKEN_JOIN, "instruction_idx is '1' here, '0' there"),
        ({"question_idx": 2}, Reason.BROKEN_JOIN, "question_idx is '2' here, '1' there"),
        ({"role_category": "default"}, Reason.BROKEN_JOIN, "role_category is 'default' here, 'fantasy' there"),
        ({"rollout_idx": -1}, Reason.WRONG_TYPE, "rollout_idx is '-1'"),
        ({"rollout_idx": 7.5}, Reason.WRONG_TYPE, "rollout_idx is '7.5'"),
        ({"role_category": None}, Reason.WRONG_TYPE, "role_category is 'None'"),
        ({"model": "Qwen/Qwen2.5-3B-Instruct"}, Reason.FOREIGN_ROW, "model is 'Qwen/Qwen2.5-3B-Instruct', in other"),
        ({"prompt": "Who?"}, Reason.UNKNOWN_PROMPT_FORM, "prompt 'Who?' is not the instruction"),
        ({"prompt": None}, Reason.MISSING_FIELD, "prompt is 'None', not a text"),
        ({"response": None}, Reason.MISSING_FIELD, "response is 'None', not a text"),
        ({"response": " \n"}, Reason.EMPTY_ANSWER, "is empty"),
        ({"tokens_generated": -3}, Reason.WRONG_TYPE, "tokens_generated is '-3"),
        ({"tokens_generated": 2**31}, Reason.WRONG_TYPE, "no number of tokens"),
    ],
)
def test_a_response_that_does_not_fit_is_quarantined_with_its_row_and_the_others_are_kept(
    change: dict[str, Any], reason: Reason, told: str, tmp_path: Path, tables: Tables
) -> None:
    _, responses, _ = tables
    responses[FIRST + 1] |= change
    found = pirate(tmp_path, responses=responses)
    assert found.reasons == [(FIRST + 2, reason)]
    assert told in found.quarantined[0].detail
    assert found.quarantined[0].file == "responses_some_m"
    assert "home" in found.quarantined[0].excerpt or change.keys() & {"prompt"}
    assert found.raw.lines == [FIRST + 1 + place for place in range(SIZE) if place != 1]


def test_two_responses_to_one_rollout_in_one_table_contradict_each_other(tmp_path: Path, tables: Tables) -> None:
    _, responses, _ = tables
    equal, other = dict(responses[FIRST]), responses[FIRST + 1] | {"response": "Another."}
    assert pirate(tmp_path, responses=[*responses, equal, other]).reasons == [
        (FIRST + 2, Reason.CONFLICTING_DUPLICATE),
        (19, Reason.EXACT_DUPLICATE),
        (20, Reason.CONFLICTING_DUPLICATE),
    ]


def test_a_rollout_without_its_text_costs_its_responses(tmp_path: Path, tables: Tables) -> None:
    rollouts, _, _ = tables
    rollouts[FIRST]["question_text"] = None
    assert pirate(tmp_path, rollouts=rollouts).reasons == [(FIRST + 1, Reason.MISSING_FIELD)]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"response_idx": 18}, "there is no response 18, only 18"),
        ({"response_idx": 0}, "response 0 is of another role"),
        ({"response_idx": None}, "None is no number of a response"),
        ({"rollout_idx": 0}, f"of response {FIRST + 1}: rollout_idx is '0' here"),
        ({"instruction_idx": 1}, f"of response {FIRST + 1}: instruction_idx is '1' here"),
        ({"question_idx": 2}, f"of response {FIRST + 1}: question_idx is '2' here"),
    ],
)
def test_an_evaluation_that_does_not_fit_is_named_with_its_row_and_scores_nothing(
    change: dict[str, Any], told: str, tmp_path: Path, tables: Tables
) -> None:
    _, _, evaluations = tables
    evaluations[FIRST + 1] |= change
    scores = pirate(tmp_path, evaluations=evaluations).scores
    [named] = scores.unreadable_keys
    assert named.startswith(f"row {FIRST + 2}: {told}"[:80])
    assert scores.score_of(Identity("pos", 0, 1)).status is ScoreStatus.MISSING
    assert len(scores.by_row) == SIZE - 1


def test_a_response_that_is_judged_twice_is_named_and_has_no_score_if_the_two_differ(
    tmp_path: Path, tables: Tables
) -> None:
    _, _, evaluations = tables
    equal, other = dict(evaluations[FIRST]), evaluations[FIRST + 1] | {"score": 0}
    scores = pirate(tmp_path, evaluations=[*evaluations, equal, other]).scores
    assert scores.unreadable_keys == ("row 19: pos_p0_q0 is judged again (evaluations_some_m.parquet)",)
    assert scores.conflicting_keys == ("row 20: pos_p0_q1 (evaluations_some_m.parquet)",)
    assert scores.score_of(Identity("pos", 0, 0)).value == FIRST % 4
    assert scores.score_of(Identity("pos", 0, 1)).status is ScoreStatus.UNPARSED


def test_a_score_that_the_judge_did_not_give_is_missing_with_the_verdict(tmp_path: Path, tables: Tables) -> None:
    _, _, evaluations = tables
    evaluations[FIRST] |= {"score": None, "raw_judge_response": "Hm."}
    evaluations[FIRST + 1] |= {"score": 4}
    scores = pirate(tmp_path, evaluations=evaluations).scores
    assert scores.score_of(Identity("pos", 0, 0)) == Score(ScoreStatus.MISSING, verdict="Hm.")
    assert scores.score_of(Identity("pos", 0, 1)).status is ScoreStatus.OUT_OF_RANGE
    assert scores.score_of(Identity("pos", 0, 2)) == Score(ScoreStatus.OK, 0, verdict=" 0\n")


def test_responses_that_nobody_judged_have_no_scores(tmp_path: Path, tables: Tables) -> None:
    (tmp_path / MODEL / "evaluations_some_m.parquet").unlink()
    scores = pirate(tmp_path).scores
    assert (scores.file_found, dict(scores.by_row)) == (False, {})


def test_other_columns_and_nul_are_noted(tmp_path: Path, tables: Tables) -> None:
    rollouts, responses, _ = tables
    responses[FIRST]["response"] = "a\0b"
    found = pirate(
        tmp_path, rollouts=[one | {"instruction_description": "x"} for one in rollouts], responses=responses
    )
    assert found.raw.ledger.notes == {Note.EXTRA_FIELD: SIZE, Note.ESCAPED_NUL: 1}
    assert found.raw.ledger.extra_fields == {"instruction_description": SIZE}


def test_what_the_generator_did_not_tell_is_not_told(tmp_path: Path, tables: Tables) -> None:
    _, responses, _ = tables
    responses[FIRST] |= {"finish_reason": None, "tokens_generated": None}
    rows = pirate(tmp_path, responses=responses).raw.rows
    assert (rows[0].finish_reason, rows[0].generated_tokens) == (None, None)
    assert (rows[1].finish_reason, rows[1].generated_tokens) == ("stop", 17)


@pytest.mark.parametrize("sort", ["rollouts_some", "responses_some_m", "evaluations_some_m"])
@pytest.mark.parametrize("damage", ["empty", "cut", "text", "within"])
def test_a_damaged_table_fails_its_keys_with_its_name_and_is_found(
    sort: str, damage: str, tmp_path: Path, tables: Tables
) -> None:
    path = tmp_path / MODEL / f"{sort}.parquet"
    content = path.read_bytes()
    damaged = {
        "empty": b"",
        "cut": content[: len(content) // 2],
        "text": b"question,answer\n",
        "within": content[:4] + b"\xff" * (len(content) // 2) + content[4 + len(content) // 2 :],
    }
    path.write_bytes(damaged[damage])
    assert f"{MODEL}/{sort}.parquet" in find_problems(tmp_path)
    assert str(KEY) in find_keys(tmp_path)
    with pytest.raises(RawDataError) as caught:
        read_key(tmp_path, KEY)
    assert str(caught.value).startswith(f"{path} is no readable Parquet file: ")
    assert caught.value.path == path


def test_a_table_that_lacks_columns_is_refused_with_their_names(tmp_path: Path, tables: Tables) -> None:
    _, responses, _ = tables
    path = write_table(
        tmp_path, "responses_some_m", [{k: v for k, v in one.items() if k != "response"} for one in responses]
    )
    with pytest.raises(RawDataError, match="lacks the columns response; write the table again") as caught:
        read_key(tmp_path, KEY)
    assert caught.value.path == path


def test_rows_without_a_role_and_roles_that_cannot_be_keys_are_named(tmp_path: Path, tables: Tables) -> None:
    _, responses, evaluations = tables
    responses[0]["role"] = None
    responses[1]["role"] = "two__names"
    evaluations[2]["role"] = "nobody"
    write_table(tmp_path, "responses_some_m", responses)
    write_table(tmp_path, "evaluations_some_m", evaluations)
    found = find_problems(tmp_path)
    assert found.pop(f"{MODEL}/responses_some_m.parquet") == "has 1 rows without a role, which are not read"
    assert found.pop(f"{MODEL}/evaluations_some_m.parquet") == "scores 1 roles without responses, such as nobody"
    assert "contains '__'" in found.pop(f"{MODEL}/rollouts_some.parquet")
    assert found == {}
    assert len(find_keys(tmp_path)) == 3


def test_tables_that_belong_to_no_others_are_named(tmp_path: Path, tables: Tables) -> None:
    _, _, evaluations = tables
    write_table(tmp_path, "rollouts_spare", [])
    write_table(tmp_path, "evaluations_other", evaluations)
    write_table(tmp_path, "responses_lost_m", [])
    write_table(tmp_path, "filtered_m", evaluations)
    (tmp_path / MODEL / "old").mkdir()
    write_table(tmp_path, "old/responses_m", [])
    found = find_problems(tmp_path)
    assert found[f"{MODEL}/rollouts_spare.parquet"] == "holds prompts to which there are no responses"
    assert found[f"{MODEL}/evaluations_other.parquet"].startswith(
        "scores responses that are not there; responses_oth"
    )
    assert found[f"{MODEL}/responses_lost_m.parquet"].startswith("answers rollouts that are not there; rollouts.parq")
    assert found[f"{MODEL}/filtered_m.parquet"].startswith("is not read: its name does not begin with rollouts, ")
    assert found[f"{MODEL}/old"].startswith("holds 1 raw files such as responses_m.parquet, but only .parquet files")
    assert len(found) == 5


def test_a_folder_without_rollouts_is_not_taken_for_one_of_tables(tmp_path: Path) -> None:
    write_table(tmp_path, "responses", [{"messages": "x"}])
    [reading] = discover(RawCorpus(tmp_path)).models
    assert reading.layout != "rollout-tables"


def test_roles_are_read_once_for_each_state_of_a_file(
    tmp_path: Path, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    parquet_tables._read_roles.cache_clear()
    opened: list[str] = []

    def note(path: Path) -> BinaryIO:
        opened.append(path.stem)
        return open_regular(path)

    monkeypatch.setattr(parquet_tables, "open_regular", note)
    for _ in range(3):
        discover(RawCorpus(tmp_path))
        locate(RawCorpus(tmp_path), KEY)
    assert sorted(opened) == ["evaluations_some_m", "responses_some_m", "rollouts_some"]
    write_table(tmp_path, "responses_some_m", tables[1][: FIRST + 1])
    assert find_keys(tmp_path) == [f"{MODEL}__role__default_assistant", str(KEY)]
    assert sorted(opened)[1:3] == ["responses_some_m"] * 2


def test_a_key_whose_role_is_in_no_table_any_more_is_gone(tmp_path: Path, tables: Tables) -> None:
    assert not locate(RawCorpus(tmp_path), KEY).is_gone()
    seen = fingerprint(RawCorpus(tmp_path))
    write_table(tmp_path, "responses_some_m", tables[1][:FIRST])
    assert locate(RawCorpus(tmp_path), KEY).is_gone()
    assert fingerprint(RawCorpus(tmp_path)) != seen


def test_the_baseline_is_told_by_its_name_and_traits_have_no_place(tmp_path: Path, tables: Tables) -> None:
    corpus = RawCorpus(tmp_path)
    baseline = [role for role in ROLES if locate(corpus, DatasetKey(MODEL, "role", role)).is_baseline]
    assert baseline == ["default_assistant"]
    with pytest.raises(RawDataError, match="rollout-tables, in which m is read, has no place for"):
        locate(corpus, DatasetKey(MODEL, "trait", "pirate"))


def test_text_that_is_small_only_while_compressed_is_refused(tmp_path: Path, tables: Tables) -> None:
    _, responses, _ = tables
    for one in responses[FIRST : FIRST + SIZE]:
        one["response"] = "x" * 200_000
    path = write_table(tmp_path, "responses_some_m", responses)
    settings = Settings(max_file_bytes=500_000)
    assert path.stat().st_size < 100_000
    with pytest.raises(RawDataError, match="more than 500,000 characters; raise the setting PERSONA_MAX_FILE_BYTES"):
        read_key(tmp_path, KEY, settings)


def test_a_row_longer_than_a_line_may_be_is_quarantined(tmp_path: Path, tables: Tables) -> None:
    _, responses, _ = tables
    responses[FIRST]["response"] = "x" * 3000
    write_table(tmp_path, "responses_some_m", responses)
    settings = Settings(max_line_bytes=2048)
    assert read_key(tmp_path, KEY, settings).reasons == [(FIRST + 1, Reason.LINE_TOO_LONG)]


def test_tables_of_many_row_groups_and_of_categories_are_read_alike(tmp_path: Path, tables: Tables) -> None:
    before = read_key(tmp_path, KEY)
    for path in (tmp_path / MODEL).iterdir():
        frame = pd.read_parquet(path)
        frame["role"] = frame["role"].astype("category")
        pq.write_table(pa.Table.from_pandas(frame), path, row_group_size=4, compression="zstd")
    after = read_key(tmp_path, KEY)
    assert (after.raw.rows, after.raw.lines) == (before.raw.rows, before.raw.lines)
    assert after.scores.by_row == before.scores.by_row


def test_the_key_named_first_in_the_folder_is_told_with_its_layout(tmp_path: Path, tables: Tables) -> None:
    [reading] = discover(RawCorpus(tmp_path)).models
    assert (reading.layout, reading.keys) == ("rollout-tables", len(ROLES))
