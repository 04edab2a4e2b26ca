"""What other tools read at the root of the checkout says what the project itself says."""

import configparser
import re
import tomllib
from typing import Any

import pytest
from dagster_shared.yaml_utils import load_yaml_from_path

from persona_assets_tests.packaging import CHECKOUT, PROJECT_FILE

A_PLACE = re.compile("://|index-url|registry|find-links")
INSTALLS = (
    "Makefile",
    ".ci/run",
    "scripts/fetch_tokenizers.sh",
    "scripts/install_packages.py",
    "deploy/docker/Dockerfile",
)


def project_file() -> dict[str, Any]:
    return tomllib.loads(PROJECT_FILE.read_text(encoding="utf-8"))


def read_yaml(name: str) -> Any:
    return load_yaml_from_path(str(CHECKOUT / name))


def test_the_workflow_runs_what_ci_runs_on_the_oldest_and_the_latest_python() -> None:
    job = read_yaml(".github/workflows/ci.yml")["jobs"]["ci"]
    assert [step["run"] for step in job["steps"] if "run" in step] == ["bash .ci/run"]
    oldest = project_file()["project"]["requires-python"].removeprefix(">=")
    assert job["strategy"]["matrix"]["python"] == [oldest, "3.x"]


def test_every_hook_before_a_commit_is_one_of_the_virtual_environment_that_make_uses() -> None:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    [environment] = re.findall(r"^VENV \?= (.+)$", makefile, re.MULTILINE)
    hooks = [hook for repository in read_yaml(".pre-commit-config.yaml")["repos"] for hook in repository["hooks"]]
    programs = {hook["entry"].split()[0] for hook in hooks}
    assert programs == {f"{environment}/bin/ruff", f"{environment}/bin/mypy"}
    assert all(hook["language"] == "system" for hook in hooks)


def test_editors_and_the_linter_break_lines_at_the_same_place() -> None:
    editors = configparser.ConfigParser()
    editors.read_string("[root]\n" + (CHECKOUT / ".editorconfig").read_text(encoding="utf-8"))
    assert editors["*.py"]["max_line_length"] == str(project_file()["tool"]["ruff"]["line-length"])


def test_the_citation_names_this_version_and_where_the_conversations_come_from() -> None:
    citation = read_yaml("CITATION.cff")
    project = project_file()["project"]
    assert (citation["title"], citation["version"]) == (project["name"], project["version"])
    assert citation["license"] == project["license"]
    [source] = citation["references"]
    assert source["title"] == "persona-subspace"
    assert f"url = {{{source['url']}}}" in (CHECKOUT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["constraints.txt", "pyproject.toml", ".github/workflows/ci.yml", *INSTALLS])
def test_where_packages_come_from_is_left_to_the_machine(name: str) -> None:
    assert not A_PLACE.search((CHECKOUT / name).read_text(encoding="utf-8"))
