"""Every row of every file belongs to one key, or is a finding that names its line."""

import gzip
import json
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from persona_assets.errors import RawDataError
from persona_assets.keys import DatasetKey
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import fingerprint
from persona_assets.raw.files import RawFile
from persona_assets.raw.opening import open_raw
from persona_assets.raw.sources import locate
from persona_assets_tests.raw.chat_data.chats import MODEL, MONK, PIRATE, Chats, row

WHO = {"persona": "who"}


def compress_zstd(content: bytes) -> bytes:
    return bytes(pa.compress(content, codec="zstd", asbytes=True))


BY_WHOM = [row(f"Question {number}?", who=who) for number in range(3) for who in ("pirate", "monk")]


def test_several_personas_may_share_a_file(chats: Chats) -> None:
    chats.write("all.jsonl", [*BY_WHOM, row("Last?", who="monk")])
    assert chats.keys(WHO) == ["role__monk", "role__pirate"]
    monk, pirate = chats.read(MONK, WHO), chats.read(PIRATE, WHO)
    assert (monk.raw.lines, pirate.raw.lines) == ([2, 4, 6, 7], [1, 3, 5])
    assert (monk.raw.ledger.lines, monk.raw.ledger.passed_over) == (4, 3)
    assert (pirate.raw.ledger.lines, pirate.raw.ledger.passed_over) == (3, 4)
    assert pirate.raw.ledger.record().passed_over == 4


def test_the_rows_of_a_persona_may_be_in_several_files(chats: Chats) -> None:
    chats.write("part-1.jsonl", BY_WHOM[:3])
    chats.write("part-2.jsonl", [*BY_WHOM[3:], row(who="nun")])
    read = chats.read(PIRATE, WHO)
    assert read.identities == ["pos_p0_q0", "pos_p0_q1", "pos_p0_q2"]
    assert list(read.raw.files) == ["part-1.jsonl", "part-2.jsonl"]
    assert list(chats.read(DatasetKey(MODEL, "role", "nun"), WHO).raw.files) == ["part-2.jsonl"]


def test_rows_without_a_usable_persona_are_findings_with_their_lines(chats: Chats) -> None:
    lines: list[dict[str, Any] | str] = [
        BY_WHOM[0],
        row(),
        row(who=None),
        row(who=7),
        row(who="Sea Captain"),
        "",
        "nonsense",
        row(who="Sea Captain"),
        row(who="a" * 65),
        '["pirate"]',
    ]
    chats.write("all.jsonl", lines)
    assert chats.keys(WHO) == ["role__pirate"]
    [(name, problem)] = chats.problems(WHO).items()
    assert name == "all.jsonl"
    assert problem.startswith(
        "has 9 rows that belong to no key: lines 2, 3, 4: no text in the field 'who'; lines 5, 8: "
    )
    assert "'Sea Captain' may only contain ASCII letters" in problem
    assert "; lines 6, 7, 10: the line is not a JSON object; line 9: " in problem
    assert problem.endswith("has 65 characters (at most 64)")


def test_a_finding_stays_short_however_many_rows_it_is_about(chats: Chats) -> None:
    chats.write("all.jsonl", [row(who=f"no. {number % 50}") for number in range(5000)])
    [problem] = chats.problems(WHO).values()
    assert problem.startswith("has 5,000 rows that belong to no key: lines 1, 51, 101, ")
    assert " and 80 more: role name 'no. 0' " in problem
    assert problem.endswith("; and 4,000 more with other problems")
    assert len(problem) < 4000


def test_personas_may_have_other_names_than_the_rows_have_for_them(chats: Chats) -> None:
    chats.write("all.jsonl", [row(who="Sea Captain"), row("Two?", who="captain"), row(who="Cook!")])
    fields = {**WHO, "personas": {"Sea Captain": "captain"}}
    assert chats.keys(fields) == ["role__captain"]
    assert chats.read(DatasetKey(MODEL, "role", "captain"), fields).raw.lines == [1, 2]
    assert "line 3: role name 'Cook!'" in chats.problems(fields)["all.jsonl"]


def test_each_row_of_a_hostile_file_is_in_one_key_or_a_finding(chats: Chats) -> None:
    lines: list[str] = []
    for number in range(400):
        who = ("pirate", "monk", "Sea Captain", None, "x__y", 5, "nun", "é")[number % 8]
        written = json.dumps(row(f"Q{number}?", who=who))
        lines.append(written[: len(written) - number % 3 * 5] if number % 5 == 0 else written)
    lines += ['{"who": "pirate", "who": "monk"}', '{"who": "nun"}', '{"who": "monk", "x": "' + "y" * 5000 + '"}']
    chats.write("all.jsonl", lines)
    limits = {"max_line_bytes": 1024}
    inventory = chats.discover(WHO, **limits)
    claimed: Counter[int] = Counter()
    for key in inventory.keys:
        read = chats.read(key, WHO, **limits)
        claimed.update([*read.raw.lines, *(entry.line for entry in read.quarantined)])
        assert read.raw.ledger.lines + read.raw.ledger.passed_over == len(lines)
    assert set(claimed.values()) == {1}
    [finding] = inventory.unfit
    assert finding.problem.startswith(f"has {len(lines) - len(claimed)} rows that belong to no key: ")
    assert f"line {len(lines)}: the line is longer than PERSONA_MAX_LINE_BYTES" in finding.problem


def test_a_field_or_the_folder_may_tell_the_kind(chats: Chats) -> None:
    fields = {**WHO, "kind_field": "type"}
    chats.write(
        "all.jsonl", [row(who="calm", type="trait"), row(who="calm", type="role"), row(who="calm", type="mood")]
    )
    chats.write("traits/more.jsonl", [row("Two?", who="calm", type="role")])
    assert chats.keys(fields) == ["role__calm", "trait__calm"]
    assert chats.problems(fields) == {
        "all.jsonl": "has 1 row that belongs to no key: line 3: kind 'mood' is unknown; use one of role, trait"
    }
    trait = chats.read(DatasetKey(MODEL, "trait", "calm"), fields)
    assert [one.question for one in trait.rows] == ["Why?", "Two?"]


def test_files_below_roles_and_traits_are_named_after_their_persona(chats: Chats) -> None:
    chats.write("roles/monk.jsonl", [row()])
    chats.write("traits/monk.jsonl", [row()])
    chats.write("pirate.jsonl", [row()])
    assert chats.keys() == ["role__monk", "role__pirate", "trait__monk"]
    assert chats.keys({"kind": "trait"}) == ["role__monk", "trait__monk", "trait__pirate"]
    assert chats.problems() == {}


def test_a_second_file_of_one_name_is_a_finding(chats: Chats) -> None:
    chats.write("pirate.jsonl", [row("One?")])
    chats.write("pirate.parquet", [])
    chats.write("roles/pirate.jsonl", [row("Two?")])
    assert chats.keys() == ["role__pirate"]
    advice = "pirate.jsonl is my-model__role__pirate too; remove one of them, or join them in one file"
    assert chats.problems() == dict.fromkeys(("pirate.parquet", "roles/pirate.jsonl"), f"is not read: {advice}")
    assert [one.question for one in chats.read().rows] == ["One?"]


def test_what_is_not_read_beside_chat_data_is_named(chats: Chats) -> None:
    chats.write("pirate.jsonl", [row()])
    chats.write("old/monk.jsonl", [row()])
    chats.write("roles/deep/monk.jsonl", [row()])
    chats.write("two__names.jsonl", [row()])
    chats.write("LOUD.JSONL", [row()])
    (chats.folder / "gone.jsonl").symlink_to("nowhere")
    (chats.folder / "notes.md").touch()
    found = chats.problems()
    assert chats.keys() == ["role__pirate"]
    assert found.keys() == {"old", "roles/deep", "two__names.jsonl", "LOUD.JSONL", "gone.jsonl"}
    assert "only roles and traits of a model are looked into" in found["old"]
    assert "contains '__'" in found["two__names.jsonl"]
    assert found["gone.jsonl"] == "is a symbolic link that leads nowhere; mend it, or remove it"


def test_an_entry_makes_a_folder_chat_data_unless_the_settings_name_a_layout(chats: Chats) -> None:
    chats.write("roles/monk.jsonl", [row()])
    chats.write("roles_240/responses/monk.jsonl", [row()])

    def layout(fields: dict[str, str] | None, **more: object) -> str | None:
        [reading] = chats.discover(fields, **more).models
        return reading.layout

    assert layout(None) == "persona-subspace-240"
    assert layout({}) == "chat-data"
    assert layout({}, layouts={MODEL: "persona-subspace-240"}) == "persona-subspace-240"
    assert layout(None, layouts={MODEL: "chat-data"}) == "chat-data"
    assert chats.keys({}) == ["role__monk"]
    assert list(chats.problems({})) == ["roles_240"]


def test_a_folder_of_another_layout_is_not_taken_for_a_model(tmp_path: Path) -> None:
    for name in ("responses", "roles", "scores"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pirate.jsonl").touch()
    assert Chats(tmp_path).discover().keys == ()
    assert len(Chats(tmp_path).discover().unfit) == 3


def test_a_file_is_searched_for_personas_once_until_it_changes(chats: Chats, monkeypatch: pytest.MonkeyPatch) -> None:
    path = chats.write("all.jsonl", BY_WHOM)
    opened: list[str] = []

    def open_and_count(paths: Mapping[str, Path], *limit: Any) -> AbstractContextManager[tuple[RawFile, ...]]:
        opened.extend(paths)
        return open_raw(paths, *limit)

    monkeypatch.setattr("persona_assets.raw.layouts.chat_data.scanning.open_raw", open_and_count)
    for _ in range(3):
        chats.discover(WHO)
        locate(RawCorpus.of(chats.settings(WHO)), PIRATE)
    assert opened == ["all.jsonl"]
    path.write_bytes(path.read_bytes() + json.dumps(row(who="nun")).encode())
    assert chats.keys(WHO) == ["role__monk", "role__nun", "role__pirate"]
    assert chats.keys({"persona": "other"}) == []
    assert len(opened) == 3


def test_personas_of_a_file_larger_than_is_read_are_listed_all_the_same(chats: Chats) -> None:
    chats.write("all.jsonl", BY_WHOM)
    assert len(chats.discover(WHO, max_file_bytes=1024).keys) == 2
    chats.write("all.jsonl", BY_WHOM * 10)
    assert len(chats.discover(WHO, max_file_bytes=1024).keys) == 2
    with pytest.raises(RawDataError, match="PERSONA_MAX_FILE_BYTES"):
        chats.read(PIRATE, WHO, max_file_bytes=1024)


def test_while_a_file_cannot_be_read_its_personas_are_not_taken_for_gone(chats: Chats) -> None:
    chats.write("part-1.jsonl", BY_WHOM)
    damaged = chats.write("part-2.parquet", ["no Parquet"])
    corpus = RawCorpus.of(chats.settings(WHO))
    assert chats.keys(WHO) == ["role__monk", "role__pirate"]
    assert "cannot be read as Parquet" in chats.problems(WHO)["part-2.parquet"]
    with pytest.raises(RawDataError, match=r"part-2\.parquet cannot be read as Parquet"):
        chats.read(PIRATE, WHO)
    nun = DatasetKey(MODEL, "role", "nun")
    assert not locate(corpus, nun).is_gone()
    damaged.unlink()
    assert locate(corpus, nun).is_gone()
    assert not locate(corpus, PIRATE).is_gone()


@pytest.mark.parametrize(("suffix", "compress"), [(".gz", gzip.compress), (".zst", compress_zstd)])
def test_compressed_lines_are_read_like_plain_ones(
    chats: Chats, suffix: str, compress: Callable[[bytes], bytes]
) -> None:
    plain = chats.write("pirate.jsonl", [row("One?"), row("Two?", coherence="x"), row("Three?")])
    expected = chats.read()
    plain.with_name(f"pirate.jsonl{suffix}").write_bytes(compress(plain.read_bytes()))
    assert list(chats.problems()) == [f"pirate.jsonl{suffix}"]
    plain.unlink()
    assert chats.keys() == ["role__pirate"]
    read = chats.read()
    assert (read.rows, read.quarantined) == (expected.rows, expected.quarantined)
    assert chats.problems(WHO)[f"pirate.jsonl{suffix}"].startswith("has 3 rows that belong to no key: lines 1, 2, 3:")


def test_a_key_is_gone_with_its_file(chats: Chats) -> None:
    path = chats.write("pirate.jsonl", [row()])
    chats.write("monk.jsonl", [row()])
    corpus = RawCorpus.of(chats.settings())
    assert not locate(corpus, PIRATE).is_gone()
    path.unlink()
    assert locate(corpus, PIRATE).is_gone()
    assert locate(corpus, PIRATE).conversations[0].path == path


def test_the_fingerprint_changes_with_files_findings_and_what_the_settings_say(chats: Chats) -> None:
    def look(fields: dict[str, str] | None = None) -> str:
        return fingerprint(RawCorpus.of(chats.settings(fields)))

    chats.write("pirate.jsonl", [row()])
    seen = [look(), look({}), look(WHO)]
    chats.write("traits/calm.jsonl", [row()])
    seen.append(look())
    chats.write("traits/calm.jsonl", [row(), row()])
    seen.append(look())
    chats.write("old/calm.jsonl", [row()])
    seen.append(look())
    assert len(set(seen)) == 6
    assert look() == look()
