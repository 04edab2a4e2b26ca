"""What the demo teaches is there to be found, and every address that it ends with leads somewhere."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import dagster as dg
import pytest

from persona_assets_tests.commands import Done, persona_assets
from persona_assets_tests.end_to_end import STAGES, files_below
from persona_assets_tests.plain_reading import plain_lines, plain_rows, plain_variant
from persona_assets_tests.raw_corpus import responses_file

DIRTY = "gemma-2-27b__role__alien"
HALF_SCORED = "qwen-3-32b__trait__analytical"
NEVER_IN_ROLE = "llama-3.3-70b__role__alien"
NEW = "llama-3.3-70b__trait__calm"
ADDRESS = re.compile(r"^ +(\w+://\S+)$", re.MULTILINE)
TOUR = "What there is to find"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def raw(folder: Path) -> Path:
    return folder / "workspace" / "persona-data"


@pytest.fixture(scope="module")
def demo(folder: Path) -> Done:
    return persona_assets(folder, "demo")


@pytest.fixture(scope="module")
def status(folder: Path, demo: Done) -> Done:
    return persona_assets(folder, "status", "--json")


@pytest.fixture(scope="module")
def keys(status: Done) -> dict[str, Any]:
    """What status says of each key that did not pass."""
    return {one["key"]: one for one in json.loads(status.stdout)["keys"]}


@pytest.fixture(scope="module")
def resumed(folder: Path, status: Done) -> Done:
    """The new file, made by the user."""
    return persona_assets(folder, "generate", "--resume")


def list_raw_keys(raw: Path) -> list[str]:
    files = (path.relative_to(raw).parts for path in raw.rglob("*.jsonl"))
    return sorted(f"{model}__{kind.split('s_')[0]}__{Path(name).stem}" for model, kind, _, name in files)


def tour_of(done: Done) -> str:
    return done.stdout[done.stdout.index(TOUR) :]


def concerns(told: dict[str, Any]) -> list[str]:
    return [concern["name"] for concern in told["concerns"]]


def test_nothing_fails_and_every_file_but_the_new_one_is_made(folder: Path, raw: Path, demo: Done) -> None:
    assert demo.returncode == 0, demo.stdout + demo.stderr
    made = sorted(path.stem for path in (folder / "workspace" / "persona_token_plots").glob("*.png"))
    assert made == [key for key in list_raw_keys(raw) if key != NEW]
    assert len(made) > 10
    assert f"{len(made)} of {len(made)} keys done, 0 failed" in demo.stdout
    assert f"{len(made) + 1} raw files found" in demo.stdout
    assert "made up" in demo.stdout


def test_status_names_what_is_wrong_and_nothing_else(status: Done, keys: dict[str, Any]) -> None:
    assert status.returncode == 0
    assert {key: told["state"] for key, told in keys.items()} == {
        DIRTY: "warned",
        HALF_SCORED: "warned",
        NEW: "missing",
    }


def test_bad_lines_cost_no_row(folder: Path, raw: Path, keys: dict[str, Any]) -> None:
    lines = responses_file(raw, DIRTY).read_text(encoding="utf-8").split("\n")
    bad = [number for number, line in enumerate(lines, start=1) if not is_good(line)]
    quarantine = folder / "workspace" / "persona_quarantine" / f"{DIRTY}.jsonl"
    entries = [json.loads(line) for line in quarantine.read_text(encoding="utf-8").splitlines()]
    assert [entry["line"] for entry in entries] == bad
    assert sorted({entry["reason"] for entry in entries}) == ["empty_answer", "invalid_json", "truncated_last_line"]
    assert concerns(keys[DIRTY]) == ["no_quarantined_lines"]
    assert f"{len(bad)} of {len(lines)} lines quarantined" in keys[DIRTY]["reason"]
    assert f"first: line {bad[0]}" in keys[DIRTY]["reason"]
    clean = responses_file(raw, DIRTY.replace("alien", "accountant"))
    assert len(lines) - len(bad) == len(plain_lines(clean))


def is_good(line: str) -> bool:
    try:
        return bool(json.loads(line)["conversation"][-1]["content"])
    except json.JSONDecodeError:
        return False


def test_a_judge_that_stopped_halfway_is_said_of_each_label(raw: Path, keys: dict[str, Any]) -> None:
    rows = plain_rows(raw, HALF_SCORED)
    for label in ("pos", "neg"):
        asked = [row for row in rows if row["label"] == label]
        scored = sum(row["score_status"] == "ok" for row in asked)
        assert 0.4 < scored / len(asked) < 0.6
        assert f"{label} {100 * scored / len(asked):.1f}".removesuffix(".0") in keys[HALF_SCORED]["reason"]
    assert concerns(keys[HALF_SCORED]) == ["score_coverage"]


def test_a_role_that_is_never_played_has_an_empty_variant(folder: Path, raw: Path, demo: Done) -> None:
    empty = [
        key
        for key in list_raw_keys(raw)
        if "__role__" in key and not key.endswith("_default") and not plain_variant(plain_rows(raw, key), "min3")
    ]
    assert empty == [NEVER_IN_ROLE]
    [remark] = [line for line in demo.stdout.splitlines() if line.startswith("variant min3 is empty")]
    assert NEVER_IN_ROLE in remark
    data = folder / "workspace" / "datasets" / "processed" / "persona"
    assert (data / NEVER_IN_ROLE).is_dir()
    assert not (data / f"{NEVER_IN_ROLE}__min3").exists()


def test_the_new_file_is_offered(folder: Path, demo: Done, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "generate --resume" in tour_of(demo)
    monkeypatch.setenv("DAGSTER_HOME", str(folder / "workspace" / "dagster_home"))
    with dg.DagsterInstance.get() as instance:
        assert NEW in instance.get_dynamic_partitions("persona_datasets")
        for stage in STAGES:
            assert NEW not in instance.get_materialized_partitions(dg.AssetKey(stage))


def test_every_address_leads_somewhere(demo: Done) -> None:
    report, ui, picture = map(urlsplit, ADDRESS.findall(tour_of(demo)))
    for address in (report, picture):
        assert address.scheme == "file"
        assert Path(unquote(address.path)).is_file()
    assert ui.netloc == "127.0.0.1:3000"
    assert ui.path == "/assets/raw_conversations"
    assert parse_qs(ui.query)["partition"] == [DIRTY]


def test_every_key_named_at_the_end_has_a_page_in_the_report(folder: Path, demo: Done) -> None:
    named = set(re.findall(r"[\w.-]+__(?:role|trait)__\w+(?=:)", tour_of(demo)))
    assert named == {DIRTY, HALF_SCORED, NEVER_IN_ROLE, NEW}
    pages = folder / "workspace" / "persona_report" / "keys"
    assert [key for key in named if not (pages / f"{key}.html").is_file()] == []


def test_a_second_demo_finds_all_up_to_date_and_ends_alike(folder: Path, demo: Done, status: Done) -> None:
    before = files_below(folder / "workspace")
    again = persona_assets(folder, "demo")
    assert again.returncode == 0
    assert "0 partitions newly registered" in again.stdout
    keys = int(re.search(r"(\d+) of \1 keys done", demo.stdout)[1])  # type: ignore[index]
    assert f"{keys} of {keys} keys done ({keys} were up to date), 0 failed" in again.stdout
    assert files_below(folder / "workspace") == before
    assert tour_of(again) == tour_of(demo)


def test_a_demo_after_the_new_file_was_made_leaves_it_and_says_so(folder: Path, resumed: Done) -> None:
    assert resumed.returncode == 0
    assert "1 of 1 keys done" in resumed.stdout
    done = persona_assets(folder, "demo")
    assert done.returncode == 0
    assert "you have made it" in tour_of(done)
    assert "--resume" not in tour_of(done)
    left = json.loads(persona_assets(folder, "status", "--json").stdout)["keys"]
    assert sorted(one["key"] for one in left) == [DIRTY, HALF_SCORED]
