"""What the demo ends with: what it teaches, and three things to look at, each with its address."""

import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from persona_assets.cli.ports import DEFAULT_HOST, DEFAULT_PORT, format_address
from persona_assets.dagster_defs.descriptions import EXAMPLE_KEY
from persona_assets.sample.lessons import DIRTY, HALF_SCORED, NEVER_IN_ROLE, NEW
from persona_assets.settings import Settings
from persona_assets.stages.raw_conversations.spec import NO_QUARANTINED_LINES
from persona_assets.stages.token_stats.spec import PICTURE
from persona_assets.workspace import Workspace

PROGRAM = "persona-assets"


def describe_tour(settings: Settings, *, all_made: bool) -> Iterator[str]:
    """The lines that end the demo."""
    workspace = Workspace.of(settings)
    yield ""
    yield "What there is to find, all of it on purpose:"
    yield f"  {DIRTY}: bad lines, which cost no other line"
    yield f"  {HALF_SCORED}: half the scores are missing"
    yield f"  {NEVER_IN_ROLE}: no answer has a score of 3, so variant min3 is empty"
    yield f"  {NEW}: {'was new, and you have made it' if all_made else 'a new file, not made yet'}"
    yield ""
    yield "Three things to look at:"
    yield "  1. The report: what needs attention, and every key with its conversations"
    yield f"     {(workspace.report / 'index.html').as_uri()}"
    yield f"  2. The bad lines in the Dagster UI, after '{_choose_command(settings, 'dev')}'"
    yield f"     {format_address(DEFAULT_HOST, DEFAULT_PORT)}{find_page(NO_QUARANTINED_LINES.stage, DIRTY)}"
    yield "  3. Tokens and scores of one trait in a picture"
    yield f"     {PICTURE.path(workspace.root, EXAMPLE_KEY).as_uri()}"
    if not all_made:
        yield ""
        yield f"Then make the new file, in the UI or with '{_choose_command(settings, 'generate')} --resume'"
    yield ""
    yield "The answers, the scores and the tokenizer are made up: for looking around, not for research."


def find_page(asset: str, key: object) -> str:
    """The page of an asset's partition in the UI, without the address of the server."""
    return f"/assets/{asset}?{urlencode({'view': 'partitions', 'partition': str(key)})}"


def _choose_command(settings: Settings, command: str) -> str:
    """How to type a command here over the same workspace."""
    by_default = settings.workspace == Path("workspace").absolute()
    if command == "dev" and by_default and Path("Makefile").exists():
        return "make dev"
    environment = "" if by_default else f"PERSONA_WORKSPACE={shlex.quote(str(settings.workspace))} "
    return f"{environment}{_find_program()} {command}"


def _find_program() -> str:
    """Without its folder if that is on the search path."""
    installed = Path(sys.executable).parent / PROGRAM
    if shutil.which(PROGRAM) or not installed.exists():
        return PROGRAM
    here = Path.cwd()
    return shlex.quote(str(installed.relative_to(here) if installed.is_relative_to(here) else installed))
