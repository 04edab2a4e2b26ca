"""Data in pages, the policy of pages, and the libraries that are shipped in them."""

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

from persona_assets.report import rendering
from persona_assets.report.rendering import CURVES, FOLDER, TABLE, encode_json
from persona_assets_tests.report.injections import INJECTIONS
from persona_assets_tests.report.sites import ROLE, Site

INLINE = re.compile(r"<(script|style)(?P<attributes>[^>]*)>(?P<content>.*?)</\1>", re.DOTALL)


@pytest.mark.parametrize("text", [*INJECTIONS[:40], "\u2028\u2029", "\ud800", "</script>", "<!--", "&amp;"])
def test_json_holds_nothing_that_a_parser_of_pages_would_see_and_gives_the_same_back(text: str) -> None:
    encoded = encode_json({"text": [text]})
    assert re.search("[<>&\u2028\u2029]", encoded) is None
    assert json.loads(encoded) == {"text": [text]}


@pytest.mark.parametrize("part", [*TABLE, *CURVES])
def test_a_library_has_its_licence_beside_it_and_asks_for_nothing(part: str) -> None:
    path = FOLDER / part
    assert "MIT License" in (path.parent / f"{path.name.split('.')[0]}.LICENSE").read_text(encoding="utf-8")
    text = path.read_text(encoding="utf-8")
    loading = r"url\(|@import" if path.suffix == ".css" else r"\beval\(|new Function|importScripts"
    assert re.search(f"</script|</style|sourceMappingURL|{loading}", text) is None


def test_the_policy_of_each_page_allows_its_own_parts_and_nothing_else(site: Site) -> None:
    for path in (*site.workspace.report.glob("*.html"), site.workspace.report_page(ROLE)):
        text = path.read_text(encoding="utf-8")
        policy = dict(part.split(" ", 1) for part in find_policy(text).split("; "))
        for element in ("script", "style"):
            allowed = set(policy[f"{element}-src"].split()) - {"'none'"}
            assert allowed == {hash_text(content) for content in list_inline(text, element)}, path.name
        assert (policy["default-src"], policy["base-uri"], policy["form-action"]) == ("'none'",) * 3


def test_no_page_has_code_or_style_in_an_attribute(site: Site) -> None:
    for page in site.read_pages().values():
        without = INLINE.sub("", page.decode())
        assert re.search(r"<[^>]+\s(on\w+|style)=", without) is None


def test_every_file_of_the_report_counts_as_its_code() -> None:
    rendering.fingerprint_code.cache_clear()
    before = rendering.fingerprint_code()
    extra = Path(FOLDER / "templates" / "extra.css")
    try:
        extra.write_text("/* */", encoding="utf-8")
        rendering.fingerprint_code.cache_clear()
        assert rendering.fingerprint_code() != before
    finally:
        extra.unlink()
        rendering.fingerprint_code.cache_clear()


def find_policy(text: str) -> str:
    found = re.search('http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    assert found
    return found[1].replace("&#39;", "'")


def list_inline(text: str, element: str) -> list[str]:
    found = (match for match in INLINE.finditer(text) if match[1] == element)
    return [match["content"] for match in found if "application/json" not in match["attributes"]]


def hash_text(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
