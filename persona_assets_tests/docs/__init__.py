"""The papers say what the program does: help pages, settings, checks, reasons, links."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
PAPERS = {path.relative_to(ROOT).as_posix(): path for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"))}


def read(paper: str) -> str:
    return PAPERS[paper].read_text(encoding="utf-8")
