"""A small workspace in which every injection is somewhere on the pages of the UI: nothing in it means well."""

import json
from pathlib import Path
from typing import Any

from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets_tests.raw_corpus import GEMMA, MODELS, QWEN, responses_file, scores_file, write_settings
from persona_assets_tests.report.injections import INJECTIONS, NAMES
from persona_assets_tests.report.sites import make_row

KEYS = tuple(f"{model}__trait__{name}" for model in (GEMMA, QWEN) for name in NAMES)
FAILING = f"{QWEN}__role__{NAMES[0]}"
"""Its score file is one injection, not JSON."""
ROWS = 10
"""One of every label and band of scores, and one of each label without a score: all that a preview shows."""
SCORES: tuple[int | None, ...] = (90, 60, 35, 10, None)
TEXTS_OF_ROW = 2
PICTURE = "![x](https://evil.example/x.png)"
"""What a browser fetches where a text is taken for Markdown."""


def write_hostile_keys(workspace: Path) -> None:
    write_settings(workspace, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    root = workspace / "persona-data"
    for place, key in enumerate(KEYS):
        first = place * ROWS * TEXTS_OF_ROW
        _write_key(root, key, [INJECTIONS[(first + step) % len(INJECTIONS)] for step in range(ROWS * TEXTS_OF_ROW)])
    _write_key(root, FAILING, list(INJECTIONS[:20]))
    scores_file(root, FAILING).write_text(PICTURE + INJECTIONS[0], encoding="utf-8")


def _write_key(root: Path, key: str, texts: list[str]) -> None:
    """A question and an answer of every row, score names, the judge's words and lines that are not JSON."""
    labels = ("pos", "neg") if "__trait__" in key else ("pos",)
    rows, scores = [], dict[str, Any]()
    for number in range(len(labels) * len(SCORES)):
        label, score = labels[number // len(SCORES)], SCORES[number % len(SCORES)]
        question, answer = texts[2 * number : 2 * number + 2]
        rows.append(make_row(label, 0, number, (question, question, answer.strip() or "-")))
        scores[f"{label}_p0_q{number}"] = answer if score is None else min(score, 100)
    path = responses_file(root, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [*map(json.dumps, rows), *(repr(text)[1:-1] for text in texts)]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    path = scores_file(root, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({PICTURE: 3} | scores | dict.fromkeys(texts, 3)), encoding="utf-8")
