"""The files that upstream's scripts read, written by hand, with scores on both sides of every limit."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from persona_assets_tests.consumers.demo_pairs import TRAIT, Message, Pair, answer_turn


def write_persona_vectors(
    folder: Path, prompt: str, pairs: Iterable[Pair], scores: Sequence[tuple[float, float]]
) -> Path:
    """Two tables whose lines belong together; ``scores`` are of the positive and the negative answer."""
    lines: dict[str, list[dict[str, object]]] = {"pos": [], "neg": []}
    for pair, (positive, negative) in zip(pairs, scores, strict=True):
        shared = {"question": pair.question, "prompt": prompt.format(pair.question), "coherence": 90.0}
        lines["pos"].append({**shared, "answer": pair.positive, TRAIT: positive})
        lines["neg"].append({**shared, "answer": pair.negative, TRAIT: negative})
    folder.mkdir(parents=True, exist_ok=True)
    for side, rows in lines.items():
        with (folder / f"{TRAIT}_{side}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["question", "prompt", "answer", TRAIT, "coherence"])
            writer.writeheader()
            writer.writerows(rows)
    return folder


def write_assistant_axis(folder: Path, role: str, pairs: Sequence[Pair], scores: Sequence[int | None]) -> Path:
    """A role's answers and its judge's scores, a cell without a score left out of the latter."""
    lines = [
        {
            "system_prompt": "",
            "prompt_index": 0,
            "question_index": index,
            "question": pair.question,
            "conversation": _converse(pair),
            "label": "pos",
        }
        for index, pair in enumerate(pairs)
    ]
    for part in ("responses", "scores"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "responses" / f"{role}.jsonl").write_text(_to_lines(lines), encoding="utf-8")
    judged = {f"pos_p0_q{index}": score for index, score in enumerate(scores) if score is not None}
    (folder / "scores" / f"{role}.json").write_text(json.dumps(judged), encoding="utf-8")
    return folder


def _converse(pair: Pair) -> list[Message]:
    return [*pair.verbatim, answer_turn(pair.positive)]


def _to_lines(rows: Iterable[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
