"""A second layout is a module and a line in the registry: found, read, scored and fingerprinted like the first."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from persona_assets.errors import RawDataError, SettingsError
from persona_assets.keys import DatasetKey
from persona_assets.kinds import TRAIT
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover, expected_places, fingerprint
from persona_assets.raw.layouts import registry
from persona_assets.raw.ledger import QuarantinedLine
from persona_assets.raw.parsing import parse_line
from persona_assets.raw.reader import RawConversations, read_conversations
from persona_assets.raw.rows import Identity, ParsedRow, Reason, RowRules
from persona_assets.raw.scores import read_scores
from persona_assets.raw.sources import locate
from persona_assets.sample.conversations import sample_keys, write_sample_corpus
from persona_assets.settings import Settings
from persona_assets.workspace import Workspace
from persona_assets_tests.raw.made_up_layout import CHAT_FOLDERS, write_chats
from persona_assets_tests.raw.test_discovery import problems, put

KEY = DatasetKey("qwen-3-32b", "trait", "calm")
SETTINGS = Settings()
FIRST_LAYOUT, CHAT_DATA = registry.LAYOUTS


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "LAYOUTS", (*registry.LAYOUTS, CHAT_FOLDERS))


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A raw root in the layout of persona-subspace."""
    root = tmp_path_factory.mktemp("known")
    write_sample_corpus(Workspace(root, root))
    return root


@pytest.fixture
def chats(known: Path, tmp_path: Path) -> Path:
    """All its keys in the made-up layout, each in three files, the second of which is the longest."""
    for key in sample_keys():
        rows, scores = read(known, key)[0].rows, read_scores(locate(RawCorpus(known), key), SETTINGS)
        third = len(rows) // 3
        write_chats(tmp_path, key, (rows[:third], rows[third:-1], rows[-1:]), scores)
    return tmp_path


def read(root: Path, key: DatasetKey = KEY) -> tuple[RawConversations, list[QuarantinedLine]]:
    entries: list[QuarantinedLine] = []
    return read_conversations(locate(RawCorpus(root), key), SETTINGS, entries.append), entries


def part(root: Path, number: int) -> Path:
    return locate(RawCorpus(root), KEY).conversations[number].path


def test_the_same_content_gives_the_same_keys_rows_and_scores(known: Path, chats: Path) -> None:
    assert discover(RawCorpus(chats)).keys == discover(RawCorpus(known)).keys == tuple(sorted(sample_keys()))
    assert discover(RawCorpus(chats)).unfit == ()
    for key in sample_keys():
        (here, entries), (there, _) = read(chats, key), read(known, key)
        assert here.rows == there.rows
        assert entries == []
        assert here.ledger.record() == there.ledger.record()
        assert (
            read_scores(locate(RawCorpus(chats), key), SETTINGS).by_row
            == read_scores(locate(RawCorpus(known), key), SETTINGS).by_row
        )


def test_the_files_of_a_key_are_as_many_as_the_layout_has_and_each_is_accounted_for(chats: Path) -> None:
    sources = locate(RawCorpus(chats), KEY)
    assert sources.layout is CHAT_FOLDERS
    parts, judged = ["part-0.jsonl", "part-1.jsonl", "part-2.jsonl"], ["judged-no.txt", "judged-yes.txt"]
    assert [file.name for file in sources.files] == parts + judged
    raw, scores = read(chats)[0], read_scores(sources, SETTINGS)
    assert (list(raw.files), list(scores.files)) == (parts, judged)
    for file in sources.files:
        seen = {**raw.files, **scores.files}[file.name]
        status = file.path.stat()
        assert (seen.path, seen.size_bytes, seen.modified_ns) == (file.path, status.st_size, status.st_mtime_ns)
        assert seen.sha256 == sha256_of(file.path)


def test_a_quarantined_line_names_its_file_and_its_line_in_it(chats: Path) -> None:
    second = part(chats, 1)
    lines = second.read_bytes().splitlines(keepends=True)
    unknown = json.dumps(json.loads(lines[1]) | {"tone": "pos"}).encode() + b"\n"
    second.write_bytes(b"".join([lines[0], b"no JSON\n", unknown, *lines[2:], b'{"ask": "cut']))
    raw, entries = read(chats)
    assert [(entry.file, entry.line, entry.reason) for entry in entries] == [
        ("part-1.jsonl", 2, Reason.INVALID_JSON),
        ("part-1.jsonl", 3, Reason.UNKNOWN_LABEL),
        ("part-1.jsonl", len(lines) + 2, Reason.TRUNCATED_LAST_LINE),
    ]
    assert entries[1].byte_offset == len(lines[0]) + len(b"no JSON\n")
    assert "'pos' is none of yes, no" in entries[1].detail
    assert raw.ledger.lines == raw.ledger.kept + 3
    assert not raw.ledger.final_newline
    assert json.loads(msgspec.json.encode(entries[0]))["file"] == "part-1.jsonl"


def test_a_row_that_another_file_holds_too_is_quarantined_where_it_comes_again(chats: Path) -> None:
    first, last = part(chats, 0).read_bytes().splitlines(keepends=True)[0], part(chats, 2)
    last.write_bytes(last.read_bytes() + first)
    before, entries = read(chats)
    assert [(entry.file, entry.line, entry.reason) for entry in entries] == [
        ("part-2.jsonl", 2, Reason.EXACT_DUPLICATE)
    ]
    assert entries[0].excerpt == first[:200].decode()
    assert before.ledger.kept + 1 == before.ledger.lines


def test_a_field_under_its_name_in_another_layout_is_missing(chats: Path) -> None:
    first = part(chats, 0)
    first.write_bytes(first.read_bytes().replace(b'"ask"', b'"question"', 1))
    _, [entry] = read(chats)
    assert (entry.file, entry.reason) == ("part-0.jsonl", Reason.MISSING_FIELD)
    assert entry.detail == "field 'ask' is missing"


def test_the_limit_of_a_file_is_that_of_all_files_of_a_key_together(chats: Path) -> None:
    sizes = [file.path.stat().st_size for file in locate(RawCorpus(chats), KEY).conversations]
    limit = Settings(max_file_bytes=max(1024, sum(sizes) - 1))
    assert max(sizes) < limit.max_file_bytes
    with pytest.raises(RawDataError, match=r"part-0\.jsonl and .*part-2\.jsonl have .* PERSONA_MAX_FILE_BYTES"):
        read_conversations(locate(RawCorpus(chats), KEY), limit, print)


def test_a_file_without_a_row_costs_nothing_unless_all_are(chats: Path) -> None:
    part(chats, 2).write_bytes(b"")
    assert read(chats)[1] == []
    for number, content in enumerate((b"", b"bad\n", b"")):
        part(chats, number).write_bytes(content)
    with pytest.raises(RawDataError, match=r"part-1\.jsonl, line 1: invalid_json: .* None of the 1 lines"):
        read(chats)
    part(chats, 1).write_bytes(b"")
    with pytest.raises(RawDataError, match=r"part-2\.jsonl are empty"):
        read(chats)


def test_unreadable_and_conflicting_scores_are_named_whatever_the_grammar(chats: Path) -> None:
    file = next(file.path for file in locate(RawCorpus(chats), KEY).scores if file.name == "judged-no.txt")
    file.write_text("0/0 = 5\n0/0 = 6\npos_p0_q0\n1/0 = 500\n")
    scores = read_scores(locate(RawCorpus(chats), KEY), SETTINGS)
    assert (scores.unreadable_keys, scores.conflicting_keys) == (("pos_p0_q0",), ("0/0 = 6",))
    assert scores.score_of(Identity("neg", 0, 1)).status == "out_of_range"


def test_the_fingerprint_changes_with_every_file_of_the_layout(chats: Path) -> None:
    seen = [fingerprint(RawCorpus(chats))]
    for file in locate(RawCorpus(chats), KEY).files:
        with file.path.open("ab") as opened:
            opened.write(b"\n")
        seen.append(fingerprint(RawCorpus(chats)))
    file.path.unlink()
    assert len({*seen, fingerprint(RawCorpus(chats))}) == 7


def test_a_key_is_gone_with_the_last_of_its_files(chats: Path) -> None:
    sources = locate(RawCorpus(chats), KEY)
    for file in sources.conversations:
        assert not sources.is_gone()
        file.path.unlink()
    assert sources.is_gone()
    assert locate(RawCorpus(chats), KEY).layout is CHAT_FOLDERS, "its folder stays in the layout of the other keys"
    shutil.rmtree(chats / KEY.model)
    assert locate(RawCorpus(chats), KEY).layout is FIRST_LAYOUT, "where nothing is, files are expected in the first"


def test_a_model_is_in_one_layout_and_what_is_of_another_is_named(chats: Path) -> None:
    put(chats, "qwen-3-32b/traits_240/responses/calm.jsonl")
    inventory = discover(RawCorpus(chats))
    assert [reading.layout for reading in inventory.models] == [CHAT_FOLDERS.name] * 2 + [FIRST_LAYOUT.name]
    assert [key for key in inventory.keys if key.model == KEY.model] == [KEY]
    advice = "move it to a model folder of its own, or name the layout to be read in PERSONA_LAYOUTS"
    assert problems(inventory) == {
        "qwen-3-32b/chats": f"is of the layout chat folders, but qwen-3-32b is read as persona-subspace-240; {advice}"
    }
    assert locate(RawCorpus(chats), KEY).layout is FIRST_LAYOUT


def test_the_settings_may_name_the_layout_of_a_model(chats: Path) -> None:
    put(chats, "qwen-3-32b/traits_240/responses/calm.jsonl")
    named = RawCorpus(chats, {"qwen-3-32b": "chat folders"})
    inventory = discover(named)
    assert inventory.keys == tuple(sorted(sample_keys()))
    [(unread, problem)] = problems(inventory).items()
    assert unread == "qwen-3-32b/traits_240"
    assert problem.startswith("is of the layout persona-subspace-240, but qwen-3-32b is read as chat folders;")
    assert locate(named, KEY).layout is CHAT_FOLDERS
    assert fingerprint(named) != fingerprint(RawCorpus(chats))


def test_a_layout_that_there_is_not_is_refused_with_those_that_there_are(chats: Path) -> None:
    misspelt = RawCorpus(chats, {"qwen-3-32b": "chat-folders"})
    looks: tuple[Callable[[RawCorpus], object], ...] = (discover, fingerprint, lambda corpus: locate(corpus, KEY))
    for look in looks:
        with pytest.raises(SettingsError) as caught:
            look(misspelt)
        assert str(caught.value) == (
            "PERSONA_LAYOUTS[qwen-3-32b] = 'chat-folders' is no raw layout; use one of persona-subspace-240, "
            f"{CHAT_DATA.name}, chat folders"
        )


def test_a_folder_in_no_layout_is_named_with_what_it_holds_and_what_was_looked_for(chats: Path) -> None:
    put(chats, "mistral/out/deep/a.jsonl", "mistral/notes.md")
    inventory = discover(RawCorpus(chats))
    assert problems(inventory) == {
        "mistral": "holds 1 raw files such as a.jsonl, but nothing that is read: "
        f"{FIRST_LAYOUT.signs.place} or {CHAT_DATA.signs.place} or {{model}}/chats/ was looked for"
    }
    [reading] = [reading for reading in inventory.models if reading.layout is None]
    assert (reading.model, reading.keys) == ("mistral", 0)


def test_a_bad_name_is_unfit_in_every_layout_and_what_one_reads_is_no_finding_of_another(chats: Path) -> None:
    put(chats, "qwen-3-32b/chats/trait-two__names/part-0.jsonl", "qwen-3-32b/chats/loose.jsonl", "loose.jsonl")
    found = problems(discover(RawCorpus(chats)))
    assert "contains '__'" in found.pop("qwen-3-32b/chats/trait-two__names")
    assert found == {
        "loose.jsonl": "is not read here; raw files belong in "
        f"{FIRST_LAYOUT.signs.place} or {CHAT_DATA.signs.place} or {{model}}/chats/"
    }


def test_baselines_and_places_are_what_the_layout_says(chats: Path) -> None:
    assert not locate(RawCorpus(chats), DatasetKey("gemma-2-27b", "role", "0_default")).is_baseline
    assert expected_places(TRAIT).endswith(" or {model}/chats/trait-*/part-*.jsonl")


def test_the_fast_path_reads_other_field_names_too(chats: Path) -> None:
    line = part(chats, 0).read_bytes().splitlines()[0]
    decoded = CHAT_FOLDERS.grammar.decode(line)
    parsed = parse_line(line, RowRules.of(CHAT_FOLDERS.words(TRAIT), SETTINGS), CHAT_FOLDERS.grammar)
    assert isinstance(parsed, ParsedRow)
    assert msgspec.structs.replace(decoded, label="pos") == parsed.row


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
