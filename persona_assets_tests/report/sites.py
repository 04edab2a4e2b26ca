"""Workspaces with a report, made without Dagster."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from persona_assets.collection.survey import survey
from persona_assets.keys import DatasetKey
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover
from persona_assets.report.build import ReportBuilt, build_report
from persona_assets.report.key_page import Standing
from persona_assets.run.one_key import materialise_key
from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets.settings import Settings, load_settings
from persona_assets.workspace import Workspace
from persona_assets_tests.raw_corpus import (
    BASELINE,
    GEMMA,
    MODELS,
    QWEN,
    Row,
    persona_scores,
    responses_file,
    write_persona,
    write_scores,
    write_settings,
)

ROLE, TRAIT = f"{GEMMA}__role__accountant", f"{QWEN}__trait__calm"
DIRTY, BROKEN = f"{GEMMA}__role__alien", f"{QWEN}__role__alien"
KEYS = (ROLE, TRAIT, DIRTY, BROKEN, f"{QWEN}__role__accountant", f"{GEMMA}__role__{BASELINE}")
MADE = "2026-01-02 03:04 UTC"
BAD_LINE = '{"label": "pos", "prompt_index": 0, "conv'
OFFENDING_LINE = 5


@dataclass(frozen=True)
class Site:
    """A workspace and its report."""

    settings: Settings

    @property
    def workspace(self) -> Workspace:
        return Workspace.of(self.settings)

    @property
    def index(self) -> Path:
        return self.workspace.report / "index.html"

    def make(self, *keys: str) -> None:
        for key in map(DatasetKey.parse, keys):
            materialise_key(key, self.settings, variants=self.settings.variants_of(key.kind))

    def find_standings(self) -> dict[DatasetKey, Standing]:
        found = survey(self.settings, discover(RawCorpus.of(self.settings)))
        return {one.key: Standing(one.state.value, one.reason) for one in found.states}

    def build(self, made: str = MADE) -> ReportBuilt:
        return build_report(self.settings, self.find_standings(), made)

    def read_pages(self) -> dict[str, bytes]:
        """Every file of the report."""
        files = (path for path in self.workspace.report.rglob("*") if path.is_file())
        return {path.relative_to(self.workspace.report).as_posix(): path.read_bytes() for path in files}


def make_site(folder: Path, questions: int = 12) -> Site:
    """A site with a dirty file, one that cannot be used, a baseline, and scores of every kind."""
    workspace = folder / "workspace"
    write_settings(workspace, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    settings = load_settings(workspace=workspace, workers=1)
    for key in KEYS:
        write_persona(settings.raw_root, key, questions)
    dirty = responses_file(settings.raw_root, DIRTY)
    lines = dirty.read_text(encoding="utf-8").splitlines()
    lines[OFFENDING_LINE - 1] = BAD_LINE
    dirty.write_text("\n".join(lines) + "\n", encoding="utf-8")
    write_scores(settings.raw_root, BROKEN, {})
    scores = settings.raw_root / QWEN / "roles_240" / "extract_scores" / "alien.json"
    scores.write_text("{broken", encoding="utf-8")
    site = Site(settings)
    site.make(*sorted(KEYS))  # the baseline before those that are paired with it
    site.build()
    return site


def write_rows(settings: Settings, key: str, rows: list[Row]) -> None:
    """Write one persona whose rows are given, with scores over the whole scale."""
    path = responses_file(settings.raw_root, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    write_scores(settings.raw_root, key, persona_scores(key, rows))


def make_row(label: str, prompt_index: int, question_index: int, texts: tuple[str, str, str]) -> dict[str, Any]:
    """A row of a model with system turns; ``texts`` are its prompt, question and answer."""
    prompt, question, _ = texts
    roles = zip(("system", "user", "assistant"), texts, strict=True)
    return {
        "system_prompt": prompt,
        "label": label,
        "prompt_index": prompt_index,
        "conversation": [{"role": role, "content": text} for role, text in roles],
        "question_index": question_index,
        "question": question,
    }


def list_cells(labels: tuple[str, ...], prompts: int, questions: int) -> Iterator[tuple[str, int, int]]:
    for label in labels:
        for prompt in range(prompts):
            for question in range(questions):
                yield label, prompt, question
