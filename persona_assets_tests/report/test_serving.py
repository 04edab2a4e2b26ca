"""The report over HTTP: which files it gives, to whom, and that it ends with whoever started it."""

import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from persona_assets.cli.report import serve_report
from persona_assets.report.serving import find_file
from persona_assets_tests.report.sites import ROLE, Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

Open = Callable[[Path | str], "Page"]


@pytest.fixture(scope="module")
def address(site: Site) -> Iterator[str]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with serve_report(site.workspace, taken.getsockname()[1]) as served:
            assert not served.endswith(f":{taken.getsockname()[1]}/")
            yield served


def ask(address: str, **headers: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_its_pages_and_pictures_are_those_on_disk(site: Site, address: str) -> None:
    assert ask(address) == (200, site.index.read_bytes())
    assert ask(f"{address}persona_report/keys/{ROLE}.html") == (200, site.workspace.report_page(ROLE).read_bytes())
    picture = f"persona_token_plots/{ROLE}.png"
    assert ask(address + picture) == (200, (site.workspace.root / picture).read_bytes())


def test_pages_work_there_as_well(site: Site, address: str, open_page: Open) -> None:
    page = open_page(address)
    page.locator("#search").fill("gemma accountant")
    page.locator("#shown", has_text=re.compile(r"^1 of ")).wait_for()  # a row that is drawn anew loses a click
    page.locator(f"#table a[href='keys/{ROLE}.html']").click()
    page.locator("details summary").click()
    image = page.locator("details img")
    image.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('details img').naturalWidth > 0")


def test_the_picture_is_shown_from_the_file_too(site: Site, open_page: Open) -> None:
    page = open_page(site.workspace.report_page(ROLE))
    page.locator("details summary").click()
    page.wait_for_function("document.querySelector('details img').naturalWidth > 0")


@pytest.mark.parametrize(
    "path",
    [
        "persona_assets.toml",
        "persona_report/summary.json",
        "persona_report/../persona_assets.toml",
        "persona_report/%2e%2e/persona_assets.toml",
        "persona_report//etc/passwd.html",
        "persona_report/keys/..%2f..%2f..%2fx.html",
        "persona_report/.hidden.html",
        "persona_report/keys",
        "persona_report/a%00.html",
        "persona_manifests/x.html",
        "%2fetc/passwd.html",
    ],
)
def test_nothing_else_is_given(path: str, address: str, tmp_path: Path) -> None:
    assert ask(address + path)[0] == 404
    found = find_file(tmp_path, f"/{path}")
    assert found is None or found.is_relative_to(tmp_path / "persona_report")


def test_a_page_of_another_site_may_not_ask(address: str) -> None:
    assert ask(address, Host="evil.example:80")[0] == 403


def test_it_ends_when_whoever_started_it_is_killed(site: Site) -> None:
    code = (
        "import sys; from pathlib import Path; from persona_assets.cli.report import serve_report; "
        "from persona_assets.workspace import Workspace\n"
        "with serve_report(Workspace(Path(sys.argv[1]), Path(sys.argv[1])), 0) as address:\n"
        "    print(address, flush=True); sys.stdin.read()"
    )
    started = subprocess.Popen(
        [sys.executable, "-c", code, str(site.workspace.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.stdout is not None
    served = started.stdout.readline().strip()
    assert ask(served)[0] == 200
    started.kill()
    started.communicate()
    for _ in range(100):
        try:
            urllib.request.urlopen(served, timeout=1)
        except (urllib.error.URLError, ConnectionError):
            return
    pytest.fail("it still serves")
