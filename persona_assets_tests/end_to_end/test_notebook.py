"""What ``persona_assets.open`` gives is what the raw files say, read from a workspace that is never written to."""

import builtins
import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, get_type_hints

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import persona_assets
from persona_assets import (
    Collection,
    InconsistentOutputError,
    MissingInputError,
    PersonaAssetsError,
    SettingsError,
    UnknownNameError,
)
from persona_assets.notebook import pair_tables
from persona_assets_tests.docs.read_only import copy_to_share, describe_tree
from persona_assets_tests.end_to_end import open_instance, run_job
from persona_assets_tests.plain_reading import plain_datasets, plain_rows
from persona_assets_tests.raw_corpus import BROKEN_LINE_KEY, GEMMA, KEYS, LLAMA, QWEN

STOIC = f"{QWEN}__trait__stoic"
DATA = Path("datasets") / "processed" / "persona"
COUNTS = ("prompt_tokens", "assistant_tokens", "tokens", "answer_start", "answer_end")


@pytest.fixture(scope="module")
def refreshed(_materialised_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace with the files about all keys."""
    workspace = tmp_path_factory.mktemp("refreshed") / "workspace"
    shutil.copytree(_materialised_once, workspace, copy_function=shutil.copy2)
    with open_instance(workspace) as instance:
        assert run_job(instance, workspace, "refresh_catalogue").success
    return workspace


@pytest.fixture
def share(refreshed: Path, tmp_path: Path) -> Path:
    """A copy that cannot be written, without the raw root."""
    return copy_to_share(refreshed, tmp_path / "share")


@pytest.fixture
def copy(refreshed: Path, tmp_path: Path) -> Path:
    """A copy for tests that spoil something."""
    return Path(shutil.copytree(refreshed, tmp_path / "copy"))


def plain_pairs(root: Path, key: str, least_gap: float) -> Counter[tuple[str, ...]]:
    """Question and both answers of every pair whose scores lie further apart, from the raw files alone."""
    model, kind, _ = key.split("__")
    rows = plain_rows(root, key)
    if kind == "trait":
        against = {cell(row): row for row in rows if row["label"] == "neg"}
        sides = [(row, against.get(cell(row))) for row in rows if row["label"] == "pos"]
    else:
        baseline = plain_rows(root, f"{model}__role__0_default")
        asked = {row["question"]: row for row in baseline if row["prompt_index"] == 0}
        sides = [(row, asked.get(row["question"])) for row in rows if row["label"] == "pos"]
    return Counter(
        (one["question"], one["messages"][-1]["content"], other["messages"][-1]["content"])
        for one, other in sides
        if other and None not in (scores := (one["extract_score"], other["extract_score"]))
        if scores[0] - scores[1] > least_gap
    )


def cell(row: dict[str, Any]) -> tuple[int, int]:
    return row["prompt_index"], row["question_index"]


def test_every_dataset_and_variant_has_the_rows_of_the_raw_files(share: Path, refreshed: Path) -> None:
    ws = persona_assets.open(share)
    expected = {
        name: rows
        for key in KEYS
        for name, rows in plain_datasets(refreshed / "persona-data", key).items()
        if rows or name == key
    }
    assert ws.names() == sorted(KEYS)
    assert {*ws.names(), *ws.names(variant="*")} == expected.keys()
    assert {name: ws.load(name).to_list() for name in expected} == expected


def test_counts_are_joined_by_the_cell_of_the_row(share: Path) -> None:
    ws = persona_assets.open(share)
    for name in (STOIC, f"{STOIC}__neg", f"{STOIC}__min70__pos"):
        counted = pq.read_table(share / "persona_token_stats" / f"{STOIC}.parquet").to_pylist()
        by_cell = {(row["label"], *cell(row)): [row[column] for column in COUNTS] for row in counted}
        rows = ws.load(name, counts=True)
        assert rows.remove_columns(list(COUNTS)).to_list() == ws.load(name).to_list()
        for row in rows:
            assert [row[column] for column in COUNTS] == by_cell[(row["label"], *cell(row))]


def test_counts_of_other_rows_are_refused(copy: Path) -> None:
    path = copy / "persona_token_stats" / f"{STOIC}.parquet"
    table = pq.read_table(path)
    pq.write_table(table.slice(1), path)
    with pytest.raises(InconsistentOutputError, match=f"token_stats of {STOIC} was made from other rows"):
        persona_assets.open(copy).load(STOIC, counts=True)


@pytest.mark.parametrize("key", [STOIC, BROKEN_LINE_KEY])
def test_pairs_of_a_trait_are_those_of_the_raw_files(key: str, share: Path, refreshed: Path) -> None:
    pairs = persona_assets.open(share).pairs(key, "gap > 20")
    found = Counter(zip(pairs["question"], pairs["positive_answer"], pairs["negative_answer"], strict=True))
    assert found == plain_pairs(refreshed / "persona-data", key, 20) != Counter()


def test_pairs_of_a_role_are_with_the_baseline_of_its_model(share: Path) -> None:
    ws = persona_assets.open(share)
    pairs = ws.pairs(f"{GEMMA}__role__pirate", rule=None)
    assert set(pairs["negative_dataset"]) == {f"{GEMMA}__role__0_default"}
    baseline = ws.load(f"{GEMMA}__role__0_default")
    for pair in pairs:
        assert pair["negative_messages"] == baseline[pair["negative_row"]]["messages"]
        assert pair["negative_messages"][-1]["content"] == pair["negative_answer"]


@pytest.mark.parametrize("texts", [True, False])
@pytest.mark.parametrize("key", [f"{GEMMA}__role__pirate", f"{GEMMA}__role__0_default", STOIC, "*"])
def test_a_rule_that_no_pair_meets_gives_none_with_all_columns(key: str, texts: bool, share: Path) -> None:
    ws = persona_assets.open(share)
    none = ws.pairs(key, "gap > 1000", texts=texts)
    assert len(none) == 0
    assert none.features == ws.pairs(STOIC, "gap > 20", texts=texts).features
    assert all(len(part) == 0 for part in ws.split(none).values())


@pytest.mark.parametrize("at_once", [1, 2, 100])
def test_pairs_of_several_keys_are_those_of_each(at_once: int, share: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pair_tables, "_CHOSEN_AT_ONCE", at_once)
    ws = persona_assets.open(share)
    together = ws.pairs(["*__trait__*"], "gap > 20").to_list()
    assert together == [pair for key in ws.names(kind="trait") for pair in ws.pairs(key, "gap > 20")]
    index = ws.pairs("*__trait__*", "gap > 20", texts=False)
    assert [pair["gap"] for pair in together] == index["gap"]


def test_a_rule_of_the_workspaces_settings_file_is_known(copy: Path) -> None:
    file = copy / "persona_assets.toml"
    file.write_text('[pair_rules]\nwide = "gap > 60"\ngap50 = "gap > 55"\n', encoding="utf-8")
    ws = persona_assets.open(copy)
    assert dict(ws.rules) | {"wide": "gap > 60", "gap50": "gap > 55"} == ws.rules
    assert ws.pairs(STOIC, "wide").to_list() == ws.pairs(STOIC, "gap > 60").to_list()
    for broken in ("pair_rules = 3", "[pair_rules", '[pair_rules]\n"Wide" = "gap > 1"', "[pair_rules]\nwide = 3"):
        file.write_text(broken, encoding="utf-8")
        with pytest.raises(SettingsError, match=r"persona_assets\.toml"):
            persona_assets.open(copy).pairs(STOIC)


def test_pairs_that_were_made_from_other_rows_are_refused(copy: Path) -> None:
    path = copy / DATA / f"{STOIC}.parquet"
    table = pq.read_table(path)
    pq.write_table(table.take(list(reversed(range(table.num_rows)))), path)
    with pytest.raises(InconsistentOutputError, match=f"contrast_pairs of {STOIC} was made from other rows"):
        persona_assets.open(copy).pairs(STOIC, rule=None)


@pytest.mark.parametrize("column", ["question", "extract_score", "prompt_index"])
def test_pairs_of_a_row_that_has_changed_since_are_refused(column: str, copy: Path) -> None:
    path = copy / DATA / f"{STOIC}.parquet"
    table = pq.read_table(path)
    other = "another" if column == "question" else 1
    place = table.column_names.index(column)
    pq.write_table(table.set_column(place, table.schema.field(column), pa.array([other] * table.num_rows)), path)
    with pytest.raises(InconsistentOutputError, match=f"contrast_pairs of {STOIC} was made from other rows"):
        persona_assets.open(copy).pairs(STOIC, rule=None)


@pytest.mark.parametrize(
    ("rule", "error", "words"),
    [
        ("gap5O", UnknownNameError, "did you mean gap50?"),
        ("gap >", SettingsError, "cannot be evaluated"),
        ("gap + 1", SettingsError, "is no condition"),
        ("colour = 'red'", SettingsError, "colour"),
    ],
)
def test_a_rule_that_is_none_is_refused(rule: str, error: type[PersonaAssetsError], words: str, share: Path) -> None:
    with pytest.raises(error) as raised:
        persona_assets.open(share).pairs(STOIC, rule)
    assert words in str(raised.value)


def test_no_question_is_in_two_splits_of_any_dataset(share: Path) -> None:
    ws = persona_assets.open(share)
    falls_to: dict[str, set[str]] = {}
    shares = {"train": 0.5, "test": 0.5}
    for name in ws.names():
        rows = ws.load(name)
        parts = ws.split(name, shares, seed=3)
        assert sorted(map(str, rows)) == sorted(str(row) for part in parts.values() for row in part)
        for split, part in parts.items():
            for question in part["question"]:
                falls_to.setdefault(question, set()).add(split)
    assert {len(splits) for splits in falls_to.values()} == {1}
    assert set().union(*falls_to.values()) == {"train", "test"}


def test_rows_without_a_question_cannot_be_split(share: Path) -> None:
    ws = persona_assets.open(share)
    with pytest.raises(MissingInputError, match="no column 'question'"):
        ws.split(ws.load(STOIC).remove_columns("question"))


def test_tables_are_those_of_the_files(share: Path, refreshed: Path) -> None:
    ws = persona_assets.open(share)
    assert ws.stats().equals(pq.read_table(refreshed / "persona_token_stats.parquet").to_pandas())
    assert ws.counts().equals(pq.read_table(refreshed / "persona_token_counts.parquet").to_pandas())
    assert ws.readiness().equals(pq.read_table(refreshed / "persona_readiness.parquet").to_pandas())
    [line] = ws.quarantined().to_dict("records")
    written = json.loads((refreshed / "persona_quarantine" / f"{BROKEN_LINE_KEY}.jsonl").read_text(encoding="utf-8"))
    assert {name: line[name] for name in written} == written
    assert line["dataset"] == BROKEN_LINE_KEY
    assert ws.quarantined(STOIC).empty


def test_what_was_never_gathered_is_gathered_from_the_keys(copy: Path) -> None:
    gathered = persona_assets.open(copy)
    stats, counts = gathered.stats(), gathered.counts()
    for name in ("persona_token_stats.parquet", "persona_token_counts.parquet"):
        copy.joinpath(name).unlink()
    ws = persona_assets.open(copy)
    assert ws.stats().equals(stats)
    assert ws.counts().equals(counts)
    assert ws.counts("*__trait__stoic").equals(
        counts[counts["dataset"].str.endswith("__trait__stoic")].reset_index(drop=True)
    )


def test_sql_sees_the_views_and_tables_of_the_caller(share: Path) -> None:
    ws = persona_assets.open(share)
    mine = pa.table({"dataset": [STOIC], "weight": [2]})
    weighed = ws.sql("select sum(weight) from rows join mine using (dataset)").fetchall()
    assert mine.num_rows == 1
    assert weighed == [(2 * len(ws.load(STOIC)),)]


def test_the_states_are_the_catalogues(copy: Path) -> None:
    path = copy / "persona_catalogue.json"
    catalogue = json.loads(path.read_text(encoding="utf-8"))
    catalogue["keys"][STOIC]["state"] = "orphaned"
    catalogue["keys"][f"{LLAMA}__role__new"] = {"state": "missing", "reason": "never made"}
    path.write_text(json.dumps(catalogue), encoding="utf-8")
    ws = persona_assets.open(copy)
    assert ws.names(state="orphaned") == [STOIC]
    assert ws.names(state="missing") == [f"{LLAMA}__role__new"]
    assert f"{LLAMA}__role__new" not in ws.names()


def test_without_a_catalogue_the_states_are_what_the_records_tell(copy: Path) -> None:
    catalogued = persona_assets.open(copy)
    states = {state: catalogued.names(state=state) for state in ("passed", "warned", "failed", "missing", "stale")}
    copy.joinpath("persona_catalogue.json").unlink()
    ws = persona_assets.open(copy)
    assert {state: ws.names(state=state) for state in states} == states
    assert states["warned"]


@pytest.mark.parametrize("state", ["failed", "missing", "stale"])
def test_a_state_is_told_from_the_records_of_a_key(state: str, copy: Path) -> None:
    copy.joinpath("persona_catalogue.json").unlink()
    manifest = copy / "persona_manifests" / f"{STOIC}.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    if state == "failed":
        standing = copy / "persona_standings" / f"{STOIC}.json"
        outcome = json.loads(standing.read_text(encoding="utf-8"))
        outcome["failure"] = {"stage": "token_stats", "message": "no tokenizer", "raw_files": []}
        standing.write_text(json.dumps(outcome), encoding="utf-8")
    elif state == "missing":
        del content["token_stats"]
    else:
        content["token_stats"]["code"]["stage_version"] = "of another time"
    manifest.write_text(json.dumps(content), encoding="utf-8")
    assert persona_assets.open(copy).names(state=state) == [STOIC]


def test_mapping_and_filtering_leave_the_workspace_as_it_is(share: Path) -> None:
    before = describe_tree(share)
    ws = persona_assets.open(share)
    rows = ws.load(STOIC, counts=True)
    for made in (rows.map(lambda row: {"long": row["tokens"] > 9}), rows.filter(lambda row: row["label"] == "pos")):
        assert len(made) > 0
        assert made.cache_files == []
    ws.split(rows.shuffle(seed=1))
    repr(ws), ws._repr_html_(), ws.pairs("*"), ws.stats(), ws.counts(), ws.quarantined(), ws.names(state="passed")
    for view in ("rows", "variants", "tokens", "signs", "pairs", "statistics", "quarantined", "checks", "keys"):
        ws.sql(f"from {view}").fetchall()
    assert describe_tree(share) == before


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (lambda ws: ws.load(f"{QWEN}__trait__stoik"), f"did you mean {STOIC}?"),
        (lambda ws: ws.load("pirate"), f"did you mean {GEMMA}__role__pirate or {LLAMA}__role__pirate?"),
        (lambda ws: ws.load(f"{STOIC}__min71"), "only min70__pos, neg, pos"),
        (lambda ws: ws.names("gemma-27b"), f"did you mean {GEMMA}?"),
        (lambda ws: ws.names("gema*"), "no model 'gema*'"),
        (lambda ws: ws.names(kind="rolle"), "did you mean role"),
        (lambda ws: ws.names(persona=["stoic", "pirat"]), "did you mean pirate?"),
        (lambda ws: ws.names(state="pased"), "did you mean passed"),
        (lambda ws: ws.pairs(f"{QWEN}__trait__stoik"), f"did you mean {STOIC}?"),
        (lambda ws: ws.counts("nobody"), "there is no key 'nobody'"),
        (lambda ws: ws.quarantined("nobody"), "there is no key 'nobody'"),
    ],
)
def test_a_name_that_there_is_not_is_answered_with_those_there_are(asked: Any, words: str, share: Path) -> None:
    with pytest.raises(UnknownNameError) as raised:
        asked(persona_assets.open(share))
    assert words in str(raised.value)


def test_a_dataset_that_could_not_be_made_says_why(copy: Path) -> None:
    copy.joinpath(DATA, f"{STOIC}.parquet").unlink()
    standing = copy / "persona_standings" / f"{STOIC}.json"
    outcome = json.loads(standing.read_text(encoding="utf-8"))
    outcome["failure"] = {"stage": "scored_dataset", "message": "scores.json: line 3 is no number", "raw_files": []}
    standing.write_text(json.dumps(outcome), encoding="utf-8")
    with pytest.raises(MissingInputError, match=r"scored_dataset failed, scores\.json: line 3 is no number"):
        persona_assets.open(copy).load(STOIC)


@pytest.mark.parametrize(
    ("file", "asked"),
    [
        (DATA / f"{STOIC}.parquet", lambda ws: ws.load(STOIC)),
        (Path("persona_token_stats", f"{STOIC}.parquet"), lambda ws: ws.load(STOIC, counts=True)),
        (Path("persona_pairs", f"{STOIC}.parquet"), lambda ws: ws.pairs(STOIC)),
        (Path("persona_quarantine", f"{BROKEN_LINE_KEY}.jsonl"), lambda ws: ws.quarantined()),
        (Path("persona_token_stats.parquet"), lambda ws: ws.stats()),
        (Path("persona_token_counts.parquet"), lambda ws: ws.counts()),
        (Path("persona_readiness.parquet"), lambda ws: ws.readiness()),
        (Path("persona_catalogue.json"), lambda ws: ws.names(state="passed")),
    ],
)
def test_a_damaged_file_is_named_with_what_mends_it(file: Path, asked: Any, copy: Path) -> None:
    copy.joinpath(file).write_bytes(b"{damaged")
    with pytest.raises(InconsistentOutputError) as raised:
        asked(persona_assets.open(copy))
    assert str(file) in str(raised.value)
    assert "materialise" in str(raised.value)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda root: root.parent.mkdir(exist_ok=True), "is not a folder; give the path of a workspace"),
        (lambda root: root.mkdir(), "is not a workspace"),
        (lambda root: root.write_text("a file"), "is not a folder"),
        (lambda root: (root / "dagster_home").mkdir(parents=True), "run 'persona-assets generate' first"),
    ],
)
def test_what_is_no_workspace_is_refused(make: Any, words: str, tmp_path: Path) -> None:
    root = tmp_path / "somewhere"
    make(root)
    with pytest.raises(MissingInputError) as raised:
        persona_assets.open(root)
    assert words in str(raised.value)
    assert str(root) in str(raised.value)


def test_a_folder_inside_of_a_workspace_is_answered_with_the_workspace(share: Path) -> None:
    with pytest.raises(MissingInputError, match=f"open the workspace itself, {share}"):
        persona_assets.open(share / DATA)


def test_settings_and_variables_of_the_reader_make_no_difference(
    share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = persona_assets.open(share).names()
    monkeypatch.setenv("PERSONA_WORKERS", "none")
    monkeypatch.setenv("PERSONA_WORKSPACE", "/nowhere")
    assert persona_assets.open(share).names() == names
    assert len(persona_assets.open(share).pairs("*")) > 0


def test_a_path_is_escaped_where_a_notebook_shows_it(refreshed: Path, tmp_path: Path) -> None:
    hostile = Path(shutil.copytree(refreshed, tmp_path / "<script>alert(1)<" / "b>"))
    shown = persona_assets.open(hostile)._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_the_representation_counts_keys_by_model_kind_and_state(share: Path) -> None:
    states = json.loads((share / "persona_catalogue.json").read_text(encoding="utf-8"))["keys"]
    lines = {tuple(line.split()[:2]): line for line in repr(persona_assets.open(share)).splitlines()[2:]}
    for model, kind in {tuple(key.split("__")[:2]) for key in KEYS}:
        counts = Counter(states[key]["state"] for key in KEYS if key.startswith(f"{model}__{kind}__"))
        assert lines[model, kind].split()[2] == str(counts.total())
        for state, number in counts.items():
            assert f"{number} {state}" in lines[model, kind]


def test_all_is_exactly_what_is_public_and_every_name_is_typed() -> None:
    names: dict[str, Any] = {}
    exec("from persona_assets import *", names)
    assert names.keys() - {"__builtins__"} == set(persona_assets.__all__)
    public = {name for name in vars(persona_assets) if not name.startswith("_")}
    modules = {name for name in public if isinstance(getattr(persona_assets, name), type(sys))}
    assert public - modules == set(persona_assets.__all__)
    assert names["open"] is not builtins.open
    for name, member in vars(Collection).items():
        function = getattr(member, "fget", getattr(member, "func", member))
        if not name.startswith("_"):
            assert "return" in function.__annotations__, name
    assert get_type_hints(persona_assets.split_of)["return"] is str


def test_importing_the_package_is_light() -> None:
    heavy = "{'duckdb', 'pyarrow', 'datasets', 'pandas', 'dagster', 'numpy', 'pydantic', 'transformers', 'click'}"
    program = f"import persona_assets, sys; print({heavy} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_thousands_of_datasets_are_listed_by_their_names_alone(copy: Path) -> None:
    """None of them is opened: they are no Parquet at all."""
    for number in range(1299):
        copy.joinpath(DATA, f"{GEMMA}__role__many-{number}.parquet").write_bytes(b"")
    ws = persona_assets.open(copy)
    assert len(ws.names(persona="many-*")) == 1299
    assert len(ws.names(state="passed")) < 1299
    assert "1,302" in repr(ws)
