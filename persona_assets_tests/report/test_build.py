"""Which pages are made, when they are made again, and that equal data gives equal bytes."""

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from persona_assets.collection.leftovers import find_leftovers
from persona_assets.keys import DatasetKey
from persona_assets.report.build import build_report
from persona_assets.report.summary import read_summary
from persona_assets.settings import load_settings
from persona_assets.store.hidden_names import PARTIAL
from persona_assets_tests.raw_corpus import responses_file, scores_file
from persona_assets_tests.report.sites import BAD_LINE, DIRTY, KEYS, ROLE, TRAIT, Site

PAGES = {"index.html", "thresholds.html", "comparison.html", "changes.html", "summary.json"}


@pytest.fixture
def own_site(site: Site, tmp_path: Path) -> Site:
    """A copy to change."""
    workspace = tmp_path / "workspace"
    shutil.copytree(site.workspace.root, workspace, copy_function=shutil.copy2)
    own = Site(load_settings(workspace=workspace, workers=1))
    own.build()
    return own


def test_there_is_a_page_of_every_key_and_nothing_else(site: Site) -> None:
    assert site.read_pages().keys() == PAGES | {f"keys/{key}.html" for key in KEYS}


def test_equal_data_gives_equal_pages(own_site: Site) -> None:
    before = own_site.read_pages()
    shutil.rmtree(own_site.workspace.report)
    own_site.build()
    assert own_site.read_pages() == before


def test_nothing_is_written_where_nothing_has_changed(own_site: Site) -> None:
    before = {path: path.stat().st_mtime_ns for path in own_site.workspace.report.rglob("*")}
    built = own_site.build(made="later")
    assert (built.keys, built.rebuilt, built.removed) == (len(KEYS), 0, 0)
    assert {path: path.stat().st_mtime_ns for path in own_site.workspace.report.rglob("*")} == before


def test_only_the_page_of_a_changed_key_is_made_again_and_the_change_is_told(own_site: Site) -> None:
    before = own_site.read_pages()
    scores = scores_file(own_site.settings.raw_root, TRAIT)
    scores.write_text(json.dumps(dict.fromkeys(json.loads(scores.read_text()), 80)), encoding="utf-8")
    own_site.make(TRAIT)
    assert own_site.build(made="later").rebuilt == 1
    after = own_site.read_pages()
    assert {name for name in after if name.startswith("keys/") and after[name] != before[name]} == {
        f"keys/{TRAIT}.html"
    }
    assert "before.json" in after
    changes = after["changes.html"].decode()
    assert "1 changed" in changes
    assert TRAIT in changes
    assert own_site.build(made="later still").rebuilt == 0
    assert own_site.read_pages() == after


def test_a_page_that_is_lost_is_made_again(own_site: Site) -> None:
    before = own_site.read_pages()
    own_site.workspace.report_page(ROLE).unlink()
    assert own_site.build(made="later").rebuilt == 1
    assert own_site.read_pages()[f"keys/{ROLE}.html"] == before[f"keys/{ROLE}.html"]


def test_the_page_of_a_key_that_is_gone_is_removed_and_other_files_are_left_alone(own_site: Site) -> None:
    pages = own_site.workspace.report / "keys"
    others = [pages / "notes.html", pages / f"{ROLE}-mine.html", pages / "notes.txt"]
    for other in others:
        other.write_text("mine", encoding="utf-8")
    standings = own_site.find_standings()
    del standings[DatasetKey.parse(TRAIT)]
    built = build_report(own_site.settings, standings, "later")
    assert built.removed == 1
    assert not own_site.workspace.report_page(TRAIT).exists()
    assert [other.read_text(encoding="utf-8") for other in others] == ["mine"] * 3
    assert "1 gone" in (own_site.workspace.report / "changes.html").read_text(encoding="utf-8")


def test_a_damaged_summary_makes_everything_again(own_site: Site) -> None:
    own_site.workspace.report_summary.write_text("{", encoding="utf-8")
    assert own_site.build().rebuilt == len(KEYS)
    assert read_summary(own_site.workspace.report_summary) is not None


@pytest.mark.parametrize("damage", ["dataset", "counts", "signs", "manifest", "quarantine"])
def test_a_damaged_output_costs_no_page(own_site: Site, damage: str) -> None:
    root = own_site.workspace.root
    path = {
        "dataset": root / f"datasets/processed/persona/{DIRTY}/train/data-00000-of-00001.arrow",
        "counts": root / f"persona_token_stats/{DIRTY}.parquet",
        "signs": root / f"persona_signs/{DIRTY}.parquet",
        "manifest": own_site.workspace.manifest(DIRTY),
        "quarantine": root / f"persona_quarantine/{DIRTY}.jsonl",
    }[damage]
    path.write_bytes(b"not what it was")
    shutil.rmtree(own_site.workspace.report)
    assert own_site.build().rebuilt == len(KEYS)
    assert path.name in own_site.workspace.report_page(DIRTY).read_text(encoding="utf-8")


def test_counts_of_an_earlier_dataset_are_not_shown(own_site: Site) -> None:
    path = own_site.workspace.root / f"datasets/processed/persona/{ROLE}/train/data-00000-of-00001.arrow"
    with pa.ipc.open_stream(path.read_bytes()) as stream:
        table = stream.read_all()
    with pa.ipc.new_stream(str(path), table.schema) as writer:
        writer.write_table(table.slice(1))
    shutil.rmtree(own_site.workspace.report)
    own_site.build()
    summary = read_summary(own_site.workspace.report_summary)
    assert summary is not None
    assert summary.keys[ROLE].row.rows == table.num_rows - 1
    assert summary.keys[ROLE].row.median_answer is None


@pytest.mark.parametrize(
    ("path", "column"),
    [
        ("datasets/processed/persona/{}/train/data-00000-of-00001.arrow", "score_status"),
        ("persona_token_stats/{}.parquet", "assistant_tokens"),
        ("persona_signs/{}.parquet", "self_identification"),
    ],
)
def test_a_table_of_another_version_costs_no_page(own_site: Site, path: str, column: str) -> None:
    file = own_site.workspace.root / path.format(ROLE)
    if file.suffix == ".parquet":
        pq.write_table(pq.read_table(file).drop_columns([column]), file)
    else:
        with pa.ipc.open_stream(file.read_bytes()) as stream:
            table = stream.read_all().drop_columns([column])
        with pa.ipc.new_stream(str(file), table.schema) as writer:
            writer.write_table(table)
    shutil.rmtree(own_site.workspace.report)
    assert own_site.build().rebuilt == len(KEYS)


def test_a_role_follows_its_baseline(own_site: Site) -> None:
    baseline = KEYS[-1]
    file = responses_file(own_site.settings.raw_root, baseline)
    file.write_text(file.read_text(encoding="utf-8") + f"{BAD_LINE}\n", encoding="utf-8")
    own_site.make(baseline)
    own_site.build(made="later")
    page = own_site.workspace.report_page(ROLE).read_text(encoding="utf-8")
    assert f"{baseline}.html" in page
    summary = read_summary(own_site.workspace.report_summary)
    assert summary is not None
    assert summary.keys[baseline].row.quarantined == 1


def test_what_a_killed_build_leaves_is_found(own_site: Site) -> None:
    left = [
        own_site.workspace.report / f".index.html.1-0123abcd.{PARTIAL}",
        own_site.workspace.report_page("x").with_name(f".{ROLE}.html.1-0123abcd.{PARTIAL}"),
    ]
    for path in left:
        path.write_bytes(b"half")
    assert find_leftovers(own_site.workspace) == sorted(left)


def test_a_site_without_any_key_says_so(tmp_path: Path) -> None:
    site = Site(load_settings(workspace=tmp_path / "workspace", workers=1))
    site.settings.raw_root.mkdir(parents=True)
    assert site.build().keys == 0
    assert "0 datasets" in site.index.read_text(encoding="utf-8")


def test_workers_make_the_same_pages(own_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    before = own_site.read_pages()
    shutil.rmtree(own_site.workspace.report)
    monkeypatch.setattr("persona_assets.report.build.WORTH_A_PROCESS", 1)
    Site(own_site.settings.model_copy(update={"workers": 2})).build()
    assert own_site.read_pages() == before


def test_other_code_makes_every_page_again(own_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("persona_assets.report.stamps.fingerprint_code", lambda: "other")
    assert own_site.build().rebuilt == len(KEYS)
