"""What is named in the papers exists, and what exists is named in them."""

import re

import pytest

from persona_assets.checks.names import CHECKS
from persona_assets.cli.commands import commands
from persona_assets.collection.survey import State
from persona_assets.dagster_defs.catalogue_asset import CHECKS_OF_STATES, COMPLETE
from persona_assets.dagster_runtime.own_names import ASSET_KEYS, JOB_NAMES
from persona_assets.raw.rows import Reason
from persona_assets.raw.scores import ScoreStatus
from persona_assets.settings import Settings
from persona_assets.statistics.summaries import COUNTS_SCHEMA
from persona_assets.statistics.tidy import TIDY_SCHEMA
from persona_assets_tests.docs import PAPERS, read
from persona_assets_tests.docs.help_pages import FILE, help_pages

LINK = re.compile(r"(?<!!)\[[^\]]+\]\((?!https?://)([^)#]*)(#[^)]+)?\)")
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)]+)\)")
EVERYTHING = "\n".join(read(paper) for paper in PAPERS)


def test_the_help_pages_are_what_the_program_prints() -> None:
    assert FILE.read_text(encoding="utf-8") == help_pages(), "run: python -m persona_assets_tests.docs.help_pages"


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    settings = {f"PERSONA_{name.upper()}" for name in Settings.model_fields}
    assert settings == set(re.findall(r"`(PERSONA_[A-Z_]+)`", read("docs/settings.md")))
    assert set(re.findall(r"\bPERSONA_[A-Z_]+[A-Z]\b", EVERYTHING)) <= settings


@pytest.mark.parametrize(
    ("paper", "names"),
    [
        ("docs/using.md", [f"persona-assets {name}" for name in commands.commands]),
        ("docs/outputs.md", [key.to_user_string() for key in ASSET_KEYS]),
        ("docs/outputs.md", [*COUNTS_SCHEMA.names, *TIDY_SCHEMA.names]),
        ("docs/checks.md", [check.name for check in CHECKS]),
        ("docs/checks.md", [COMPLETE, *(name for name, _, _ in CHECKS_OF_STATES.values())]),
        ("docs/checks.md", [reason.value for reason in Reason]),
        ("docs/checks.md", [status.value for status in ScoreStatus]),
        ("docs/checks.md", [state.value for state in State]),
    ],
    ids=["commands", "assets", "columns", "checks", "checks of all keys", "reasons", "statuses", "states"],
)
def test_everything_a_user_meets_is_documented(paper: str, names: list[str]) -> None:
    text = read(paper)
    assert [name for name in names if not re.search(rf"`[^`]*\b{re.escape(name)}\b", text)] == []


def test_every_job_is_documented() -> None:
    assert [job for job in JOB_NAMES if f"`{job}`" not in EVERYTHING] == []


@pytest.mark.parametrize("paper", PAPERS)
def test_every_link_leads_somewhere(paper: str) -> None:
    folder = PAPERS[paper].parent
    for target, anchor in LINK.findall(read(paper)):
        file = (folder / target).resolve() if target else PAPERS[paper]
        assert file.exists(), f"{paper}: {target}"
        if anchor:
            assert anchor[1:] in anchors(file.read_text(encoding="utf-8")), f"{paper}: {target}{anchor}"
    assert [picture for picture in PICTURE.findall(read(paper)) if not (folder / picture).exists()] == []


def anchors(text: str) -> set[str]:
    """Of headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
