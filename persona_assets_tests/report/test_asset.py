"""The asset and the commands: the report is made with the catalogue, and served beside the UI."""

import re
import urllib.request
from pathlib import Path

from click.testing import CliRunner

from persona_assets.cli.commands import commands
from persona_assets_tests.end_to_end import open_instance, run_job, run_range
from persona_assets_tests.raw_corpus import KEYS
from persona_assets_tests.ui.servers import running_ui


def test_it_is_made_with_the_catalogue_and_its_metadata_leads_to_it(workspace_with_corpus: Path) -> None:
    with open_instance(workspace_with_corpus) as instance:
        assert run_range(instance, workspace_with_corpus, (KEYS[0], KEYS[0])).success
        run = run_job(instance, workspace_with_corpus, "refresh_catalogue")
    assert run.success
    (made,) = run.asset_materializations_for_node("persona_report")
    shown = {name: value.value for name, value in made.metadata.items()}
    index = workspace_with_corpus / "persona_report" / "index.html"
    assert shown == {
        "report": "http://127.0.0.1:3001/",
        "path": str(index),
        "keys": len(KEYS),
        "rebuilt": len(KEYS),
        "removed": 0,
    }
    assert f"{len(KEYS)} datasets" in index.read_text(encoding="utf-8")
    page = workspace_with_corpus / "persona_report" / "keys" / f"{KEYS[1]}.html"
    assert "missing" in page.read_text(encoding="utf-8")


def test_the_command_prints_its_address(workspace_with_corpus: Path) -> None:
    done = CliRunner().invoke(commands, ["report"], catch_exceptions=False)
    assert done.exit_code == 0
    assert done.output.splitlines()[-1] == (workspace_with_corpus / "persona_report" / "index.html").as_uri()


def test_it_is_served_beside_the_ui(workspace_with_corpus: Path, tmp_path: Path) -> None:
    page = workspace_with_corpus / "persona_report" / "index.html"
    page.parent.mkdir()
    page.write_text("here it is", encoding="utf-8")
    log = tmp_path / "log"
    with running_ui(log):
        found = re.search(r"^report +(http://127\.0\.0\.1:\d+/)$", log.read_text(encoding="utf-8"), re.MULTILINE)
        assert found
        with urllib.request.urlopen(found[1], timeout=10) as answer:
            assert answer.read() == b"here it is"
