"""What the datasets must hold, read from the raw files with ``json`` and nothing of the package."""

import json
from pathlib import Path
from typing import Any

from persona_assets_tests.raw_corpus import responses_file, scores_file

Row = dict[str, Any]

DEFAULT_VARIANTS = {"role": ("min3",), "trait": ("pos", "neg", "min70__pos")}
TOP_SCORE = {"role": 3, "trait": 100}


def plain_rows(root: Path, key: str) -> list[Row]:
    """The rows of one dataset in file order; lines that are no JSON are left out."""
    model, kind, persona = key.split("__")
    scores = _plain_scores(scores_file(root, key))
    rows = []
    for raw in plain_lines(responses_file(root, key)):
        label = "default" if raw["label"] == "neutral" else raw["label"]
        prompt, question = raw.get("prompt_index", 0), raw["question_index"]
        value = scores.get(f"{label}_p{prompt}_q{question}")
        if value is None and prompt == 0:
            value = scores.get(f"{label}_{question}")
        score, status = plain_verdict(value, TOP_SCORE[kind])
        rows.append(
            {
                "model": model,
                kind: persona,
                "system_prompt": raw["system_prompt"],
                "question": raw["question"],
                "messages": raw["conversation"],
                "prompt_index": prompt,
                "question_index": question,
                "label": label,
                "extract_score": score,
                "score_status": status,
            }
        )
    return rows


def plain_variant(rows: list[Row], variant: str) -> list[Row]:
    """The rows of a variant such as ``min70__pos``. A row without a score passes no minimum and no maximum."""
    for part in variant.split("__"):
        if part.startswith("min"):
            minimum = int(part.removeprefix("min"))
            rows = [row for row in rows if row["extract_score"] is not None and row["extract_score"] >= minimum]
        elif part.startswith("max"):
            maximum = int(part.removeprefix("max"))
            rows = [row for row in rows if row["extract_score"] is not None and row["extract_score"] <= maximum]
        else:
            rows = [row for row in rows if row["label"] == part]
    return rows


def plain_datasets(root: Path, key: str) -> dict[str, list[Row]]:
    """The dataset of a key and its default variants, by dataset name; empty ones included."""
    rows = plain_rows(root, key)
    variants = DEFAULT_VARIANTS[key.split("__")[1]]
    return {key: rows} | {f"{key}__{variant}": plain_variant(rows, variant) for variant in variants}


def plain_verdict(value: Any, top: int) -> tuple[int | None, str]:
    """The score and its status that a value in a judge's file stands for."""
    if value is None:
        return None, "missing"
    if value == "REFUSAL":
        return None, "refusal"
    if not isinstance(value, int) or isinstance(value, bool):
        return None, "unparsed"
    return (value, "ok") if 0 <= value <= top else (None, "out_of_range")


def plain_lines(path: Path) -> list[Row]:
    """Every line that is JSON. Lines end with a newline and nothing else: answers may hold U+2028."""
    found = []
    for line in path.read_bytes().split(b"\n"):
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return found


def _plain_scores(path: Path) -> dict[str, Any]:
    scores: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return scores
