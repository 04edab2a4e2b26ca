"""assistant-axis: a dataset as the conversations and scores that its scripts read, with every row of it."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from persona_assets.keys import DatasetKey
from persona_assets.steering.formats.contract import Format
from persona_assets.steering.formats.lines import write_lines
from persona_assets.steering.reasons import Reason

if TYPE_CHECKING:
    from persona_assets.steering.material import Material

RESPONSES, SCORES, TRAITS = "responses", "scores", "traits"
_COPIED = ("system_prompt", "prompt_index", "question_index", "question")
_TOLD = ("finish_reason", "generated_tokens")
_WITHOUT_PLACE = ("coherence", "judge_response")
_VERDICTS: Mapping[str, str | int] = {"refusal": "REFUSAL", "unparsed": "UNPARSED", "out_of_range": -1}
"""What stands for a verdict without a score. Its own words are not kept, so the last two only keep their status."""


def write(material: "Material", folder: Path) -> int:
    """Write ``{model}/responses/{persona}.jsonl`` and, if there are scores, ``{model}/scores/{persona}.json``."""
    place = find_place(folder, material.key)
    rows = list(_choose(material))
    (place / RESPONSES).mkdir(parents=True, exist_ok=True)
    written = write_lines(place / RESPONSES / f"{material.key.persona}.jsonl", map(_describe_row, rows))
    scores = {_name_cell(row): verdict for row in rows if (verdict := _find_verdict(row)) is not None}
    if scores:
        (place / SCORES).mkdir(exist_ok=True)
        text = json.dumps(scores, indent=2)
        (place / SCORES / f"{material.key.persona}.json").write_text(f"{text}\n", encoding="utf-8")
    return written


def find_place(folder: Path, key: DatasetKey) -> Path:
    """Roles are where the scripts put them; traits, of which they know nothing, in a folder of their own."""
    return folder / key.model if key.kind.baselines else folder / key.model / TRAITS


def _choose(material: "Material") -> Iterator[dict[str, Any]]:
    """All rows, but for further answers to one prompt and question: the scripts keep one, and of those the last."""
    if lost := [name for name in _WITHOUT_PLACE if name in material.dataset.column_names]:
        material.note_once(f"there is no place for {' and '.join(lost)}")
    seen = set()
    for batch in material.dataset.to_batches():
        for row in batch.to_pylist():
            cell = _name_cell(row)
            if cell in seen:
                material.tally.leave_out(Reason.FURTHER_SAMPLE)
                continue
            seen.add(cell)
            yield row


def _describe_row(row: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: row[name] for name in _TOLD if row.get(name) is not None}
    return {name: row[name] for name in _COPIED} | {"conversation": row["messages"], "label": row["label"]} | told


def _name_cell(row: Mapping[str, Any]) -> str:
    return f"{row['label']}_p{row['prompt_index']}_q{row['question_index']}"


def _find_verdict(row: Mapping[str, Any]) -> str | int | float | None:
    """What the judge's file has for a row; None if it has nothing."""
    exact = row.get("exact_score")
    if exact is not None and not float(exact).is_integer():
        return float(exact)
    score = row["extract_score"]
    return int(score) if score is not None else _VERDICTS.get(row["score_status"])


ASSISTANT_AXIS = Format(
    "assistant_axis", "whole datasets as responses/ and scores/ of its scripts", write, of_pairs=False
)
