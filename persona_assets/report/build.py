"""Bringing the report up to date: the pages of keys that have changed, then the pages about all keys."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from persona_assets.errors import InvalidNameError
from persona_assets.keys import DatasetKey
from persona_assets.kinds import KINDS
from persona_assets.regular_files import open_regular
from persona_assets.report.baselines import find_baselines, is_baseline
from persona_assets.report.changes import render_changes
from persona_assets.report.comparison import render_comparison
from persona_assets.report.key_files import read_key
from persona_assets.report.key_page import Standing, render_key
from persona_assets.report.key_row import KeyRow, describe_key
from persona_assets.report.overview import render_overview
from persona_assets.report.rendering import GENERATOR, fingerprint_code
from persona_assets.report.rows import list_rows
from persona_assets.report.stamps import hash_file, stamp_key
from persona_assets.report.summary import Entry, Summary, read_summary, write_summary
from persona_assets.report.thresholds import render_thresholds
from persona_assets.run.worker_pools import local_processes
from persona_assets.settings import Settings
from persona_assets.store.ownership import owning
from persona_assets.store.replacement import new_file, replacing
from persona_assets.workspace import Workspace

WORTH_A_PROCESS = 30
"""From this number of pages on, other processes are worth the second that they take to start."""
HEAD_BYTES = 2000
PAGES: Mapping[str, Callable[[Summary, Summary | None], str]] = {
    "index.html": lambda now, _: render_overview(now),
    "thresholds.html": lambda now, _: render_thresholds(now),
    "comparison.html": lambda now, _: render_comparison(now),
    "changes.html": render_changes,
}
"""The pages about all keys, from the report as it is and as it was before the data last changed."""


@dataclass(frozen=True)
class ReportBuilt:
    index: Path
    keys: int
    rebuilt: int
    """Pages of keys that were made again; the others were up to date."""
    removed: int
    """Pages of keys that are gone."""


@dataclass(frozen=True)
class _Task:
    """The page of one key that has to be made."""

    workspace: Workspace
    key: DatasetKey
    standing: Standing
    baseline: DatasetKey | None

    def run(self) -> KeyRow:
        files = read_key(self.workspace, self.key)
        rows = list_rows(files)
        row = describe_key(files, rows)
        beside = (self.baseline, hash_file(self.workspace.manifest(self.baseline))) if self.baseline else None
        page = render_key(self.workspace, files, rows, row, self.standing, beside)
        with new_file(self.workspace.report_page(self.key)) as staged:
            staged.write_bytes(encode_page(page))
        return row


def build_report(settings: Settings, standings: Mapping[DatasetKey, Standing], made: str) -> ReportBuilt:
    """Bring the report up to date with the files of the workspace, and remove the pages of other keys.

    Args:
        made: the time that the report names, in UTC.
    """
    workspace = Workspace.of(settings)
    with owning(workspace.corpus_ownership):
        earlier = read_summary(workspace.report_summary)
        tasks = _plan(workspace, standings)
        stamps = {task.key: stamp_key(workspace, task.key, task.standing, task.baseline) for task in tasks}
        current = {key: _find_current(workspace, earlier, key, stamp) for key, stamp in stamps.items()}
        outdated = [task for task in tasks if current[task.key] is None]
        rows = dict(zip([task.key for task in outdated], _make(outdated, settings.workers), strict=True))
        entries = {
            str(task.key): current[task.key]
            or Entry(rows[task.key], task.standing.state, task.standing.reason, stamps[task.key])
            for task in tasks
        }
        variants = {kind.name: list(map(str, settings.variants_of(kind))) for kind in KINDS.values()}
        now = Summary(made, fingerprint_code(), variants, entries)
        gone = _list_pages_of_others(workspace, standings)
        if outdated or gone or not _is_whole(workspace) or earlier is None or not now.says_the_same(earlier):
            _publish(workspace, now, earlier, gone)
    return ReportBuilt(workspace.report / "index.html", len(tasks), len(outdated), len(gone))


def encode_page(page: str) -> bytes:
    """Names of files may hold bytes that no encoding takes; a page shows their escapes."""
    return page.encode("utf-8", "backslashreplace")


def _plan(workspace: Workspace, standings: Mapping[DatasetKey, Standing]) -> list[_Task]:
    baselines = find_baselines(standings)
    return [
        _Task(
            workspace,
            key,
            standing,
            None if key.kind.paired or is_baseline(key.persona) else baselines.get(key.model),
        )
        for key, standing in sorted(standings.items())
    ]


def _find_current(workspace: Workspace, earlier: Summary | None, key: DatasetKey, stamp: str) -> Entry | None:
    entry = earlier.keys.get(str(key)) if earlier else None
    return entry if entry and entry.stamp == stamp and workspace.report_page(key).exists() else None


def _make(tasks: Sequence[_Task], workers: int) -> list[KeyRow]:
    if workers == 1 or len(tasks) < WORTH_A_PROCESS:
        return [task.run() for task in tasks]
    with local_processes(workers) as pool:
        return list(pool.executor.map(_Task.run, tasks, chunksize=8))


def _list_pages_of_others(workspace: Workspace, standings: Mapping[DatasetKey, Standing]) -> list[Path]:
    """The pages of keys that are not in the report any more. Files that were not made here are left alone."""
    found = sorted(workspace.report_page("any").parent.glob("*.html"))
    return [page for page in found if _find_key(page) not in standings and _is_made_here(page)]


def _find_key(page: Path) -> DatasetKey | None:
    try:
        return DatasetKey.parse(page.stem if page.suffix == ".html" else "")
    except InvalidNameError:
        return None


def _is_made_here(page: Path) -> bool:
    try:
        with open_regular(page) as file:
            return f'name="generator" content="{GENERATOR}"'.encode() in file.read(HEAD_BYTES)
    except OSError:
        return False


def _is_whole(workspace: Workspace) -> bool:
    return all((workspace.report / page).exists() for page in PAGES)


def _publish(workspace: Workspace, now: Summary, earlier: Summary | None, gone: Sequence[Path]) -> None:
    """Replace the pages about all keys together with the summary that they are made from."""
    moves_on = earlier is not None and now.differs_in_data(earlier)
    before = earlier if moves_on else read_summary(workspace.report_before)
    with replacing(workspace.corpus_ownership.journal) as replacement:
        for name, render in PAGES.items():
            replacement.file(workspace.report / name).write_bytes(encode_page(render(now, before)))
        if moves_on and earlier is not None:
            write_summary(replacement.file(workspace.report_before), earlier)
        write_summary(replacement.file(workspace.report_summary), now)
        for page in gone:
            replacement.remove(page)
