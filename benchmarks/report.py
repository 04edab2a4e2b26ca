"""The report over many keys: from scratch, again, and after one key has changed; and its overview in Chromium.

    python benchmarks/report.py --workspace MADE --keys 1299 10000 --chromium /usr/bin/chromium

The keys are those of a workspace that was made before, under further names: every file is linked and every record
copied with the name replaced, so that each key is read as if it were made from raw files of full size.
"""

import argparse
import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

from persona_assets.collection.outputs import list_outputs_on_disk
from persona_assets.keys import DatasetKey
from persona_assets.report.build import ReportBuilt, build_report
from persona_assets.report.key_page import Standing
from persona_assets.settings import Settings
from persona_assets.stage.spec import PERSONAS, PartitionKey
from persona_assets.workspace import Workspace

MADE = "2026-01-01 00:00 UTC"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--workspace", type=Path, required=True, help="a workspace in which everything was made")
    parser.add_argument("--keys", type=int, nargs="+", default=[1299])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="where the copies go, on the same file system as the workspace")
    parser.add_argument("--chromium", help="also open the pages with it")
    options = parser.parse_args()
    print(
        "| keys | from scratch s | nothing new s | one key new s | pages MB | overview KB | sorted and searched s |"
    )
    print("|---|---|---|---|---|---|---|")
    for count in options.keys:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            print(f"| {count:,} | {' | '.join(measure(options, Path(folder), count))} |", flush=True)


def measure(options: argparse.Namespace, folder: Path, count: int) -> Iterator[str]:
    settings = Settings(workspace=folder, workers=options.workers)
    workspace = Workspace.of(settings)
    standings = {key: Standing("passed", "") for key in multiply(options.workspace, folder, count)}
    yield f"{timed(settings, standings, rebuilt=count):.1f}"
    yield f"{timed(settings, standings, rebuilt=0):.2f}"
    changed = next(key for key in standings if "default" not in key.persona)
    standings[changed] = Standing("warned", "checks no_quarantined_lines")
    yield f"{timed(settings, standings, rebuilt=1):.2f}"
    yield f"{sum(page.stat().st_size for page in workspace.report.rglob('*.html')) / 1e6:.0f}"
    index = workspace.report / "index.html"
    yield f"{index.stat().st_size / 1000:,.0f}"
    yield f"{use_overview(index, options.chromium):.2f}" if options.chromium else ""


def timed(settings: Settings, standings: dict[DatasetKey, Standing], rebuilt: int) -> float:
    begun = time.perf_counter()
    built: ReportBuilt = build_report(settings, standings, MADE)
    assert built.rebuilt == rebuilt, built
    return time.perf_counter() - begun


def multiply(source: Path, target: Path, count: int) -> list[DatasetKey]:
    """Lay out ``count`` keys in ``target``: those of ``source``, and the same under further names."""
    outputs = list_outputs_on_disk(Workspace(source, source), PERSONAS)
    made = sorted(key for key in outputs if isinstance(key, DatasetKey))
    names: list[DatasetKey] = []
    for number, key in enumerate(cycle(made)):
        if len(names) == count:
            return names
        again = number // len(made)
        name = DatasetKey(key.model, key.kind_name, f"{key.persona}-{again}" if again else key.persona)
        names.append(name)
        for path in outputs[key]:
            lay_out(
                path, target / path.relative_to(source).parent / path.name.replace(str(key), str(name), 1), key, name
            )
    return names


def lay_out(path: Path, target: Path, key: PartitionKey, name: PartitionKey) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        shutil.copytree(path, target, copy_function=link)
    elif path.suffix == ".json":
        target.write_text(path.read_text(encoding="utf-8").replace(str(key), str(name)), encoding="utf-8")
    else:
        link(path, target)


def link(source: str | Path, target: str | Path) -> None:
    Path(target).hardlink_to(source)


def use_overview(index: Path, chromium: str) -> float:
    """Seconds from opening the page until it has been sorted and searched."""
    from playwright.sync_api import sync_playwright

    with (
        sync_playwright() as playwright,
        contextlib.closing(playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])) as browser,
    ):
        page = browser.new_page()
        begun = time.perf_counter()
        page.goto(index.as_uri())
        page.locator(".tabulator-col[tabulator-field=rows]").click()
        page.locator("#search").fill("-1")
        page.locator(".tabulator-row").first.wait_for()
        return time.perf_counter() - begun


if __name__ == "__main__":
    main()
