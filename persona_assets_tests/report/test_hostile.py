"""Whatever questions, answers, judges, raw lines, folders and personas are called: nothing of it runs in a page."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets.settings import load_settings
from persona_assets_tests.raw_corpus import MODELS, QWEN, responses_file, write_settings
from persona_assets_tests.report.injections import INJECTIONS, NAMES, RUN
from persona_assets_tests.report.sites import Site, list_cells, make_row, write_rows

if TYPE_CHECKING:
    from playwright.sync_api import Page

Open = Callable[[Path | str], "Page"]
KEY = f"{QWEN}__trait__{NAMES[0]}"
FOLDER = '"><img src=x onerror=window.__xss=1>'
QUESTIONS = 30


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Every injection is in an answer of each label, and in a question, an instruction, a judge's word or a line."""
    workspace = tmp_path_factory.mktemp("hostile") / FOLDER / "workspace"
    write_settings(workspace, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    settings = load_settings(workspace=workspace, workers=1, max_questions=240)
    for name in NAMES:
        key = f"{QWEN}__trait__{name}"
        cells = list_cells(("pos", "neg"), 2, QUESTIONS) if key == KEY else list_cells(("pos", "neg"), 1, 2)
        write_rows(settings, key, [make_row(*cell, find_texts(*cell)) for cell in cells])
    file = responses_file(settings.raw_root, KEY)
    with file.open("a", encoding="utf-8") as lines:
        lines.writelines(f"{repr(one)[1:-1]}\n" for one in INJECTIONS)
    site = Site(settings)
    site.make(*(f"{QWEN}__trait__{name}" for name in NAMES))
    let_the_judge_say(site)
    scores = settings.raw_root / QWEN / "traits_240" / "extract_scores" / f"{NAMES[1]}.json"
    scores.write_text(f"{INJECTIONS[0]}", encoding="utf-8")
    site.make(f"{QWEN}__trait__{NAMES[1]}")
    site.build()
    return site


def find_texts(label: str, prompt: int, question: int) -> tuple[str, str, str]:
    """The prompt, the question and the answer: each answer holds half of the injections."""
    half = INJECTIONS[question % 2 :: 2]
    return INJECTIONS[prompt], INJECTIONS[7 * question % len(INJECTIONS)], "\n".join((f"{label}", *half))


def let_the_judge_say(site: Site) -> None:
    """Add what the judge wrote, which only some raw layouts keep."""
    path = site.workspace.root / f"datasets/processed/persona/{KEY}/train/data-00000-of-00001.arrow"
    with pa.ipc.open_stream(path.read_bytes()) as stream:
        table = stream.read_all()
    words = [INJECTIONS[place % len(INJECTIONS)] for place in range(table.num_rows)]
    table = table.append_column("judge_response", pa.array(words, pa.string()))
    with pa.ipc.new_stream(str(path), table.schema) as writer:
        writer.write_table(table)


def test_there_are_two_hundred_different_ones() -> None:
    assert len(set(INJECTIONS)) == len(INJECTIONS) >= 200


def test_all_of_them_are_shown_and_none_of_them_runs(hostile: Site, open_page: Open) -> None:
    page = open_page(hostile.workspace.report_page(KEY))
    shown = page.evaluate("document.querySelector('main').textContent").replace("\r", "")
    missing = [
        one for one in INJECTIONS if one.replace("\0", "") not in shown.replace("\ufffd", "").replace("\0", "")
    ]
    assert missing == []
    click_everything(page)


def test_they_run_nowhere_else(hostile: Site, open_page: Open) -> None:
    for name in NAMES[1:]:
        page = open_page(hostile.workspace.report_page(f"{QWEN}__trait__{name}"))
        assert name in page.title()
        click_everything(page)
    for path in hostile.workspace.report.glob("*.html"):
        click_everything(open_page(path))


def test_the_reason_of_a_failure_is_text(hostile: Site, open_page: Open) -> None:
    page = open_page(hostile.index)
    assert FOLDER in page.locator("#attention").inner_text()
    assert page.locator("#attention img").count() == 0


def click_everything(page: "Page") -> None:
    """Press and hover over whatever may react, without leaving the page."""
    page.evaluate(
        """for (const one of document.querySelectorAll('main *')) {
            for (const kind of ['mouseover', 'mouseenter', 'mousedown', 'mouseup'])
                one.dispatchEvent(new MouseEvent(kind, {bubbles: true}));
            for (const kind of ['pointerdown', 'focus'])
                one.dispatchEvent(new Event(kind, {bubbles: true}));
        }
        for (const one of document.querySelectorAll('main button, main summary')) one.click();"""
    )
    page.wait_for_timeout(50)
    assert page.evaluate("document.querySelectorAll('main script, main iframe, main object, main embed').length") == 0


def test_a_page_that_did_let_them_in_would_be_noticed(hostile: Site, tmp_path: Path, browser: object) -> None:
    """Without escaping, the policy still stops every one of them, and the console says so."""
    text = hostile.workspace.report_page(KEY).read_text(encoding="utf-8")
    broken = tmp_path / "broken.html"
    broken.write_text(
        text.replace("<main>", f"<main>{''.join(INJECTIONS[:12])}<img src=x onerror={RUN}>", 1), "utf-8"
    )
    page = browser.new_page()  # type: ignore[attr-defined]
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(broken.as_uri())
    page.wait_for_timeout(100)
    assert page.evaluate("window.__xss") is None
    assert any("Content Security Policy" in one for one in said)
    page.close()
