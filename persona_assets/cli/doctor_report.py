"""Everything that is examined, in order, and printed as lines or as JSON."""

from collections.abc import Iterator, Sequence

import click
import msgspec
from rich.console import Console
from rich.text import Text

from persona_assets.cli.examination.disk import examine_workspace
from persona_assets.cli.examination.findings import Finding, Level, problem
from persona_assets.cli.examination.home import examine_home
from persona_assets.cli.examination.packages import examine_packages
from persona_assets.cli.examination.raw_root import examine_raw_root
from persona_assets.cli.examination.remains import examine_remains
from persona_assets.cli.examination.setting_sources import SUBJECT as SETTINGS
from persona_assets.cli.examination.setting_sources import examine_settings
from persona_assets.cli.examination.tokenizer_files import examine_tokenizers
from persona_assets.errors import SettingsError
from persona_assets.settings import load_settings
from persona_assets.stage.wording import count, make_line
from persona_assets.workspace import Workspace

_COLOURS = {Level.OK: "green", Level.WARNING: "yellow", Level.PROBLEM: "red"}
_WIDTH = 12


class Report(msgspec.Struct, frozen=True):
    """What ``doctor --json`` prints."""

    problems: int
    warnings: int
    findings: Sequence[Finding]


def report_findings(*, as_json: bool) -> int:
    """Print what was found; return the exit code."""
    console, found = Console(), []
    for finding in _examine():
        found.append(finding)
        if not as_json:
            _print(console, finding)
    problems, warnings = (sum(one.level is level for one in found) for level in (Level.PROBLEM, Level.WARNING))
    if as_json:
        encoded = msgspec.json.encode(Report(problems, warnings, found))
        click.echo(msgspec.json.format(encoded, indent=2).decode())
    else:
        console.print(f"{count(problems, 'problem')}, {count(warnings, 'warning')}", highlight=False)
    return 1 if problems else 0


def _examine() -> Iterator[Finding]:
    yield from examine_packages()
    try:
        settings = load_settings()
    except SettingsError as error:
        yield problem(SETTINGS, str(error))
        return
    yield from examine_settings(settings)
    try:
        of_raw_root, inventory = examine_raw_root(settings)
    except SettingsError as error:
        yield problem(SETTINGS, str(error))
        return
    yield from of_raw_root
    models = sorted({key.model for key in inventory.keys}) or sorted(settings.models)
    yield from examine_tokenizers(settings, models)
    yield from examine_workspace(settings)
    workspace = Workspace.of(settings)
    yield from examine_home(workspace)
    yield from examine_remains(workspace)


def _print(console: Console, finding: Finding) -> None:
    line = Text(f"{finding.level:<8}", style=_COLOURS[finding.level])
    line.append(f" {finding.subject:<{_WIDTH}} ", style="default")
    line.append(make_line(finding.sentence), style="default")
    console.print(line, soft_wrap=True, highlight=False)
