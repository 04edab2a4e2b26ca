"""The CSV files of persona_vectors: nothing is lost, every score is with its row, whatever is wrong is named."""

import csv
import io
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from persona_assets.errors import RawDataError
from persona_assets.keys import DatasetKey
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover, fingerprint
from persona_assets.raw.rows import Identity, Reason
from persona_assets.raw.scores import Score, ScoreStatus
from persona_assets.raw.sources import locate
from persona_assets.settings import Settings
from persona_assets_tests.raw.reading_keys import find_keys, find_problems, read_key
from persona_assets_tests.raw.table_files import MODEL, Row, csv_rows, write_half, write_trait

KEY = DatasetKey(MODEL, "trait", "evil")
COLUMNS = ("question", "prompt", "answer", "question_id", "evil", "coherence")


@pytest.fixture
def pos(tmp_path: Path) -> Path:
    """The file of label pos of a whole trait."""
    return write_trait(tmp_path) / "evil_pos_instruct.csv"


def as_csv(rows: Sequence[Sequence[object]], end: str = "\n") -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator=end).writerows(rows)
    return text.getvalue().encode()


def record(row: Row, **changes: object) -> bytes:
    return as_csv([[(row | changes)[name] for name in COLUMNS]])


def records(label: str = "pos") -> list[bytes]:
    return [record(row) for row in csv_rows("evil", label)]


def write(path: Path, parts: Sequence[bytes]) -> None:
    path.write_bytes(b"".join([as_csv([COLUMNS]), *parts]))


def line_of(parts: Sequence[bytes], place: int) -> int:
    """The line in which a record begins, after the header."""
    return 2 + b"".join(parts[:place]).count(b"\n")


def test_two_files_are_one_key_with_every_row_of_both(tmp_path: Path, pos: Path) -> None:
    found = read_key(tmp_path, KEY)
    assert (find_keys(tmp_path), find_problems(tmp_path)) == ([str(KEY)], {})
    assert found.sources.layout.name == "persona-vectors"
    assert [file.name for file in found.sources.files] == ["pos", "neg", "pos_scores", "neg_scores"]
    expected = [
        {
            "label": label,
            "question": row["question"],
            "question_index": i,
            "prompt_index": k,
            "sample_index": sample,
            "system_prompt": f"You are {label}. {instruction}",
            "answer": row["answer"],
        }
        for label in ("pos", "neg")
        for row, (i, k, sample, instruction) in zip(
            csv_rows("evil", label),
            [
                (i, k, sample, ("Be evil.", "Harm, always.")[k])
                for i in range(3)
                for k in range(2)
                for sample in range(2)
            ],
            strict=True,
        )
    ]
    assert [
        {name: getattr(row, name) for name in expected[0] if name != "answer"}
        | {"answer": row.conversation[-1].content}
        for row in found.raw.rows
    ] == expected
    assert found.quarantined == []


def test_the_prompt_becomes_the_turns_that_were_rendered(tmp_path: Path, pos: Path) -> None:
    for row in read_key(tmp_path, KEY).raw.rows:
        assert [(turn.role, turn.content) for turn in row.conversation[:-1]] == [
            ("system", row.system_prompt),
            ("user", row.question),
        ]


def test_scores_and_coherence_keep_their_fractions_and_are_missing_where_the_field_is_empty(
    tmp_path: Path, pos: Path
) -> None:
    [first, second, third, fourth, fifth, *_] = csv_rows("evil", "pos")
    changed = [
        record(first, evil="95.36779996841560", coherence="84.83"),
        record(second, evil="6.874088081442636e-07", coherence=""),
        record(third, evil="", coherence="50"),
        record(fourth, evil="NaN", coherence="nan"),
        record(fifth, evil="70", coherence="0.0"),
    ]
    write(pos, changed)
    scores = read_key(tmp_path, KEY).scores
    assert [
        scores.score_of(Identity("pos", *cell)) for cell in ((0, 0, 0), (0, 0, 1), (1, 0, 0), (1, 0, 1), (0, 1, 0))
    ] == [
        Score(ScoreStatus.OK, 95.3677999684156, 84.83),
        Score(ScoreStatus.OK, 6.874088081442636e-07),
        Score(ScoreStatus.MISSING, None, 50.0),
        Score(ScoreStatus.MISSING),
        Score(ScoreStatus.OK, 70, 0.0),
    ]
    assert scores.unreadable_keys == ()


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("REFUSAL", "refusal"),
        ("high", "unparsed"),
        ("inf", "unparsed"),
        ("1_0", "unparsed"),
        (" 7", "unparsed"),
        ("101", "out_of_range"),
        ("-0.5", "out_of_range"),
        ("9" * 1000, "unparsed"),
    ],
)
def test_a_score_that_is_none_has_a_status_that_says_so(text: str, status: str, tmp_path: Path, pos: Path) -> None:
    write(pos, [record(csv_rows("evil", "pos")[0], evil=text)])
    assert read_key(tmp_path, KEY).scores.score_of(Identity("pos", 0, 0)).status == status


@pytest.mark.parametrize("coherence", ["much", "120.5", "-1", "inf"])
def test_a_coherence_that_is_none_is_named_with_its_line(coherence: str, tmp_path: Path, pos: Path) -> None:
    parts = records()
    parts[3] = record(csv_rows("evil", "pos")[3], coherence=coherence)
    write(pos, parts)
    [named] = read_key(tmp_path, KEY).scores.unreadable_keys
    assert named.startswith(f"line {line_of(parts, 3)}: coherence ")


def test_samples_are_numbered_in_the_order_of_the_file_and_a_quarantined_one_keeps_its_number(
    tmp_path: Path, pos: Path
) -> None:
    rows = csv_rows("evil", "pos", samples=3)
    parts = [record(row) for row in rows]
    parts[1] = record(rows[1], prompt="plain text")
    write(pos, parts)
    found = read_key(tmp_path, KEY)
    cell = [row.sample_index for row in found.raw.rows if row.identity[:3] == ("pos", 0, 0)]
    assert cell == [0, 2]
    assert found.scores.score_of(Identity("pos", 0, 0, 2)).value == 12.5


def test_one_file_alone_is_a_key_with_one_label_and_the_other_is_named(tmp_path: Path) -> None:
    write_half(tmp_path, "evil", "neg", csv_rows("evil", "neg"))
    assert find_keys(tmp_path) == [str(KEY)]
    assert find_problems(tmp_path) == {
        f"{MODEL}/evil_pos_instruct.csv": "is not there: evil has answers of the label neg only"
    }
    found = read_key(tmp_path, KEY)
    assert {row.label for row in found.raw.rows} == {"neg"}
    assert [file.name for file in found.sources.files] == ["neg", "neg_scores"]


def test_other_csv_files_beside_those_of_traits_are_named(tmp_path: Path, pos: Path) -> None:
    for name in ("steering_results.csv", "evil_baseline.csv", "evil_pos_instruct.csv.bak.csv", "notes.md"):
        (pos.parent / name).write_text("x")
    (pos.parent / "steering").mkdir()
    (pos.parent / "steering" / "evil_pos_instruct.csv").write_text("x")
    problem = "is not read: its name is not {trait}_{pos|neg}_instruct.csv"
    found = find_problems(tmp_path)
    assert found.pop(f"{MODEL}/steering").startswith("holds 1 raw files such as evil_pos_instruct.csv, but only .csv")
    assert found == {
        f"{MODEL}/{name}": problem
        for name in ("steering_results.csv", "evil_baseline.csv", "evil_pos_instruct.csv.bak.csv")
    }
    assert find_keys(tmp_path) == [str(KEY)]


def test_a_link_that_leads_nowhere_is_named_and_is_no_file_of_a_trait(tmp_path: Path) -> None:
    (tmp_path / MODEL).mkdir()
    (tmp_path / MODEL / "evil_pos_instruct.csv").symlink_to("nowhere")
    assert find_keys(tmp_path) == []
    assert find_problems(tmp_path) == {
        f"{MODEL}/evil_pos_instruct.csv": "is a symbolic link that leads nowhere; mend it, or remove it"
    }


def test_another_question_than_that_of_the_other_records_is_quarantined_with_its_text(
    tmp_path: Path, pos: Path
) -> None:
    parts = records()
    parts[2] = record(csv_rows("evil", "pos")[2], question="Who?")
    write(pos, parts)
    found = read_key(tmp_path, KEY)
    assert found.reasons == [(line_of(parts, 2), Reason.QUESTION_MISMATCH)]
    assert found.quarantined[0].excerpt == parts[2][:200].decode().removesuffix("\n")
    assert pos.read_bytes()[found.quarantined[0].byte_offset :].startswith(parts[2])


def test_a_template_without_system_turns_has_the_instruction_before_the_question(tmp_path: Path, pos: Path) -> None:
    row = csv_rows("evil", "pos")[0]
    turn = "<bos><start_of_turn>user\n{}<end_of_turn>\n<start_of_turn>model\n"
    asked = (f"Be evil.\n\n{row['question']}", row["question"], "Something else.")
    write(pos, [record(row, prompt=turn.format(text)) for text in asked])
    rows = [row for row in read_key(tmp_path, KEY).raw.rows if row.label == "pos"]
    assert [row.system_prompt for row in rows] == ["Be evil.", "", ""]
    assert [(row.conversation[0].role, row.conversation[0].content) for row in rows] == [
        ("user", text) for text in asked
    ]


def test_a_trait_that_cannot_be_a_key_is_named_with_its_files(tmp_path: Path) -> None:
    write_trait(tmp_path, "very__evil")
    found = find_problems(tmp_path)
    assert sorted(found) == [f"{MODEL}/very__evil_{label}_instruct.csv" for label in ("neg", "pos")]
    assert all("contains '__'" in problem for problem in found.values())


def test_roles_have_no_place_in_the_layout(tmp_path: Path, pos: Path) -> None:
    with pytest.raises(RawDataError, match="persona-vectors, in which m is read, has no place for"):
        locate(RawCorpus(tmp_path), DatasetKey(MODEL, "role", "evil"))


def test_a_key_is_gone_with_both_files_and_the_fingerprint_changes_with_each(tmp_path: Path, pos: Path) -> None:
    seen = {fingerprint(RawCorpus(tmp_path))}
    for path in (pos, pos.with_name("evil_neg_instruct.csv")):
        assert not locate(RawCorpus(tmp_path), KEY).is_gone()
        with path.open("ab") as file:
            file.write(b"\n")
        seen.add(fingerprint(RawCorpus(tmp_path)))
        path.unlink()
        seen.add(fingerprint(RawCorpus(tmp_path)))
    assert locate(RawCorpus(tmp_path, {MODEL: "persona-vectors"}), KEY).is_gone()
    assert len(seen) == 5


BAD_RECORDS: dict[Reason, bytes] = {
    Reason.BLANK_LINE: b"\n",
    Reason.INVALID_UTF8: record(csv_rows("evil", "pos")[0]).replace(b"left", b"\xff"),
    Reason.INVALID_CSV: record(csv_rows("evil", "pos")[0]).replace(b"left", b"\0"),
    Reason.WRONG_FIELD_COUNT: record(csv_rows("evil", "pos")[0])[:-1] + b",more\n",
    Reason.UNKNOWN_PROMPT_FORM: record(csv_rows("evil", "pos")[0], prompt="Why?"),
    Reason.FOREIGN_ROW: record(csv_rows("evil", "neg")[0]),
    Reason.EMPTY_ANSWER: record(csv_rows("evil", "pos")[0], answer=" "),
    Reason.INDEX_OUT_OF_RANGE: record(csv_rows("evil", "pos")[0], question_id="evil_240_pos_0"),
}


@pytest.mark.parametrize("reason", BAD_RECORDS)
def test_a_bad_record_between_good_ones_costs_itself_alone_and_is_named_with_its_line(
    reason: Reason, tmp_path: Path, pos: Path
) -> None:
    parts = records()
    whole = len(read_key(tmp_path, KEY).raw.rows)
    parts.insert(5, BAD_RECORDS[reason])
    write(pos, parts)
    found = read_key(tmp_path, KEY)
    assert found.reasons == [(line_of(parts, 5), reason)]
    assert len(found.raw.rows) == whole
    [entry] = found.quarantined
    content = pos.read_bytes()
    assert content[entry.byte_offset :][: entry.size_bytes] == parts[5]
    assert (entry.file, entry.excerpt) == (
        "pos",
        parts[5][:200].removesuffix(b"\n").decode(errors="backslashreplace"),
    )


@pytest.mark.parametrize("name", ["evil_1_pos", "evil_pos_0", "evil_x_pos_0", "wicked_0_pos_0", "evil_0_pos_0 ", ""])
def test_a_row_name_of_another_form_or_trait_is_a_foreign_row(name: str, tmp_path: Path, pos: Path) -> None:
    write(pos, [record(csv_rows("evil", "pos")[0], question_id=name), *records()])
    found = read_key(tmp_path, KEY)
    assert found.reasons == [(2, Reason.FOREIGN_ROW)]
    assert found.scores.unreadable_keys == ("line 2: foreign_row (evil_pos_instruct.csv)",)


@pytest.mark.parametrize("place", [0, 4, 11])
@pytest.mark.parametrize("quote", [0, 1, 3, -1])
def test_a_lost_quote_costs_one_row_only_and_every_line_is_accounted_for(
    quote: int, place: int, tmp_path: Path, pos: Path
) -> None:
    parts = records()
    quotes = [at for at, byte in enumerate(parts[place]) if byte == ord('"')]
    at = quotes[quote]
    parts[place] = parts[place][:at] + parts[place][at + 1 :]
    write(pos, parts)
    found = read_key(tmp_path, KEY)
    lost = [row for row in found.raw.rows if row.label == "pos"]
    assert len(lost) == len(parts) - 1
    first, last = line_of(parts, place), line_of(parts, place + 1) - 1
    assert {line for line, _ in found.reasons} <= set(range(first, last + 1))
    assert sum(entry.size_bytes for entry in found.quarantined) == len(parts[place])


@pytest.mark.parametrize("kept", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_the_record_in_which_a_file_breaks_off_is_quarantined_as_one(kept: float, tmp_path: Path, pos: Path) -> None:
    parts = records()
    end = int(len(parts[-1]) * kept)
    write(pos, [*parts[:-1], parts[-1][:end]])
    found = read_key(tmp_path, KEY)
    assert found.reasons == [(line_of(parts, len(parts) - 1), Reason.TRUNCATED_LAST_LINE)]
    assert found.quarantined[0].size_bytes == end


def test_a_file_that_breaks_off_within_a_character_is_truncated(tmp_path: Path, pos: Path) -> None:
    parts = records()
    end = parts[-1].index("😀".encode()) + 2
    write(pos, [*parts[:-1], parts[-1][:end]])
    assert read_key(tmp_path, KEY).reasons == [(line_of(parts, len(parts) - 1), Reason.TRUNCATED_LAST_LINE)]


def test_a_byte_order_mark_and_windows_line_ends_are_noted_and_change_nothing(tmp_path: Path, pos: Path) -> None:
    before = read_key(tmp_path, KEY)
    rows = csv_rows("evil", "pos")
    body = as_csv([COLUMNS, *([row[name] for name in COLUMNS] for row in rows)], end="\r\n")
    pos.write_bytes(b"\xef\xbb\xbf" + body)
    after = read_key(tmp_path, KEY)
    assert after.raw.rows == before.raw.rows
    assert after.raw.ledger.byte_order_mark
    assert after.raw.ledger.carriage_returns == len(rows) + 1


def test_line_ends_within_a_field_stay_as_they_are(tmp_path: Path, pos: Path) -> None:
    answer = "one\r\ntwo\rthree\n\nfour\u2028five\x85"
    write(pos, [record(csv_rows("evil", "pos")[0], answer=answer)])
    assert read_key(tmp_path, KEY).raw.rows[0].conversation[-1].content == answer


def test_a_field_may_be_longer_than_the_csv_module_allows_by_itself(tmp_path: Path, pos: Path) -> None:
    before = csv.field_size_limit()
    answer = "x" * (before + 1)
    write(pos, [record(csv_rows("evil", "pos")[0], answer=answer)])
    assert read_key(tmp_path, KEY).raw.rows[0].conversation[-1].content == answer
    assert csv.field_size_limit() == before


def test_a_record_longer_than_a_line_may_be_is_quarantined(tmp_path: Path, pos: Path) -> None:
    long = record(csv_rows("evil", "pos")[0], answer="\n".join("x" * 100 for _ in range(30)))
    parts = [long, *records()]
    write(pos, parts)
    found = read_key(tmp_path, KEY, Settings(max_line_bytes=2048))
    assert found.reasons[0] == (2, Reason.LINE_TOO_LONG)
    assert sum(entry.size_bytes for entry in found.quarantined) == len(long)
    assert len([row for row in found.raw.rows if row.label == "pos"]) == len(parts) - 1


def test_columns_may_come_in_any_order_and_others_are_noted(tmp_path: Path, pos: Path) -> None:
    before = read_key(tmp_path, KEY)
    for label in ("pos", "neg"):
        rows: list[Row] = [{"relevance": 1.0} | dict(reversed(row.items())) for row in csv_rows("evil", label)]
        write_half(tmp_path, "evil", label, rows)
    after = read_key(tmp_path, KEY)
    assert after.raw.rows == before.raw.rows
    assert after.scores.by_row == before.scores.by_row
    assert after.raw.ledger.extra_fields == {"relevance": len(after.raw.rows)}


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        (b"", "line 1: there is no header"),
        (b"question,prompt,answer,question_id,coherence\n", "line 1: the header lacks evil"),
        (b"question,prompt,question_id,wicked\n", "line 1: the header lacks answer, evil"),
        (b"question,prompt,answer,question_id,evil,evil\n", "line 1: the header has 'evil' twice"),
        (b'question,"prompt"x,answer\n', "line 1: the header cannot be read: invalid_csv"),
        (b"question,\xff\n", "line 1: the header cannot be read: invalid_utf8"),
    ],
)
def test_a_file_with_another_header_is_refused_with_file_and_line(
    header: bytes, problem: str, tmp_path: Path, pos: Path
) -> None:
    pos.write_bytes(header + b"".join(records()) if header else b"")
    with pytest.raises(RawDataError) as caught:
        read_key(tmp_path, KEY)
    assert str(caught.value).startswith(f"{pos}, {problem}")
    assert caught.value.path == pos


def test_an_unterminated_file_of_quotes_takes_time_in_proportion_to_its_length(tmp_path: Path, pos: Path) -> None:
    write(pos, [*records(), *([b'a"b\n'] * 20_000), *([b'""\n'] * 20_000), b'"'])
    found = read_key(tmp_path, KEY)
    assert len([row for row in found.raw.rows if row.label == "pos"]) == len(records())
    assert sum(entry.size_bytes for entry in found.quarantined) == 4 * 20_000 + 3 * 20_000 + 1


def test_whatever_text_is_written_is_read_again(tmp_path: Path, pos: Path) -> None:
    chance = random.Random(13)
    alphabet = ['"', ",", "\n", "\r", " ", "a", "é", "😀", "\\", "'", ";", "\t", "\u2028", '""', '",', ',"', '"\n']

    def text() -> str:
        return "x" + "".join(chance.choices(alphabet, k=chance.randrange(30)))

    rows: list[dict[str, Any]] = [row | {"answer": text()} for row in csv_rows("evil", "pos", samples=50)]
    quoted = io.StringIO()
    csv.writer(quoted, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(
        [row[name] for name in COLUMNS] for row in rows
    )
    write(pos, [quoted.getvalue().encode()])
    found = read_key(tmp_path, KEY)
    answers = [row.conversation[-1].content for row in found.raw.rows if row.label == "pos"]
    assert answers == [row["answer"] for row in rows]
    assert found.quarantined == []


def test_the_layout_of_each_model_is_told(tmp_path: Path, pos: Path) -> None:
    [reading] = discover(RawCorpus(tmp_path)).models
    assert (reading.model, reading.layout, reading.keys) == (MODEL, "persona-vectors", 1)
