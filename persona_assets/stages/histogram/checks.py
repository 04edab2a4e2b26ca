"""Checks of histogram: the picture shows the numbers of the statistics."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from persona_assets.keys import DatasetKey
from persona_assets.regular_files import open_regular
from persona_assets.stage.context import StageContext
from persona_assets.stage.outcomes import CheckOutcome
from persona_assets.stage.wording import count
from persona_assets.stages.histogram.make import describe_numbers
from persona_assets.stages.histogram.spec import BESIDE, HISTOGRAM, PICTURE_VALID
from persona_assets.stages.token_stats.spec import PICTURE, TOKEN_STATS
from persona_assets.stages.token_stats.statistics_file import read_statistics
from persona_assets.statistics.key_statistics import Group

_ENDS: Mapping[str, tuple[bytes, bytes]] = {"pdf": (b"%PDF-", b"%%EOF"), "svg": (b"<?xml", b"</svg>")}
"""How a whole picture of each further format begins and ends."""


def check(context: StageContext[DatasetKey]) -> Sequence[CheckOutcome]:
    everything = read_statistics(context.workspace.root, context.key).all
    expected = describe_numbers(context.manifest.get(TOKEN_STATS)) | {
        "conversations": everything.conversations,
        "tokens": everything.tokens,
    }
    path = PICTURE.path(context.workspace.root, context.key)
    try:
        with open_regular(path) as file, Image.open(file) as picture:
            picture.load()
            size, described = picture.size, json.loads(picture.info.get("Description", "{}"))
    except (OSError, ValueError, SyntaxError) as error:
        where, why = {"path": str(path), "error": str(error)}, f"no whole picture: {error}"
        return [CheckOutcome(PICTURE_VALID, passed=False, facts=where, sentence=why)]
    # A foreign picture may contain anything, so only the entries that ours have are shown.
    drawn_from = {name: described.get(name) for name in expected} if isinstance(described, dict) else {}
    facts = {
        "path": str(path),
        "width": size[0],
        "height": size[1],
        "drawn_from": drawn_from,
        "expected": expected,
    }
    damaged = _find_damaged(context)
    sentence = _describe(size, everything) if described == expected else _describe_difference(drawn_from, expected)
    if damaged:
        facts["damaged"] = damaged
        sentence += f"; damaged: {', '.join(damaged)}"
    return [CheckOutcome(PICTURE_VALID, described == expected and not damaged, facts, sentence)]


def _describe(size: tuple[int, int], drawn: Group) -> str:
    conversations, tokens = count(drawn.conversations, "conversation"), count(drawn.tokens, "token")
    return f"{size[0]:,} x {size[1]:,} pixels, drawn from {conversations} with {tokens}"


def _describe_difference(drawn_from: Mapping[str, Any], expected: Mapping[str, Any]) -> str:
    wrong = [
        f"{name} {drawn_from.get(name)}, not {of}" for name, of in expected.items() if drawn_from.get(name) != of
    ]
    return f"drawn from other numbers than the statistics: {'; '.join(wrong)}"


def _find_damaged(context: StageContext[DatasetKey]) -> list[str]:
    """The pictures in further formats that do not begin and end as they should."""
    record = context.manifest.find(HISTOGRAM)
    recorded = record.inputs.formats if record else ()
    paths = {form: output.path(context.workspace.root, context.key) for form, output in BESIDE.items()}
    return [str(path) for form, path in paths.items() if form in recorded and not _is_whole(path, *_ENDS[form])]


def _is_whole(path: Path, start: bytes, end: bytes) -> bool:
    try:
        with open_regular(path) as file:
            content = file.read()
    except OSError:
        return False
    return content.startswith(start) and content.rstrip().endswith(end)
