"""persona_vectors: the two tables that generate_vec.py reads, a row of the one for each row of the other."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from persona_assets.keys import DatasetKey
from persona_assets.steering.formats.contract import Format
from persona_assets.steering.reasons import Reason

if TYPE_CHECKING:
    from persona_assets.steering.answers import Answer, AnswerPair
    from persona_assets.steering.material import Material

PROMPT, ANSWER, COHERENCE = "prompt", "answer", "coherence"
NOT_JUDGED = 100.0
"""The coherence of all answers of a dataset in which it was not judged: the script drops a row that has none."""
_SUFFIXES = {"positive": "pos", "negative": "neg"}


class Line(NamedTuple):
    """A row of one of the tables."""

    prompt: str
    answer: str
    score: float
    coherence: float


Lines = dict[str, Line]
"""The rows of both tables that belong together, by side."""


def write(material: "Material", folder: Path) -> int:
    """Write ``{key}_pos.csv`` and ``{key}_neg.csv``, and leave out what pandas would read as something else."""
    rows = [lines for pair in material.render_pairs() if (lines := _describe(material, pair))]
    paths = {side: folder / f"{material.key}_{suffix}.csv" for side, suffix in _SUFFIXES.items()}
    while True:
        for side, path in paths.items():
            _write_table(path, material.key.persona, [lines[side] for lines in rows])
        readable = _find_readable(paths, rows)
        if all(readable):
            break
        material.tally.left_out[Reason.READ_AS_OTHER] += readable.count(False)
        rows = [lines for lines, good in zip(rows, readable, strict=True) if good]
    return len(rows)


def find_problem(key: DatasetKey) -> str | None:
    if not key.kind.paired:
        return f"a {key.kind.name} is judged from 0 to {key.kind.max_score}, and the script wants scores of 0 to 100"
    if key.persona in (PROMPT, ANSWER, COHERENCE):
        return "the script needs a column of the trait's name, and one of that name is there already"
    return None


def _describe(material: "Material", pair: "AnswerPair") -> Lines | None:
    scores, coherence = ({side: pair.row[f"{side}_{name}"] for side in _SUFFIXES} for name in ("score", COHERENCE))
    if COHERENCE not in material.dataset.column_names:
        material.note_once(
            f"coherence was not judged; {NOT_JUDGED:g} stands for it, or the script would drop all rows"
        )
        coherence = dict.fromkeys(_SUFFIXES, NOT_JUDGED)
    if None in (*scores.values(), *coherence.values()):
        material.tally.leave_out(Reason.NO_SCORE)
        return None
    parts = {side: _split(material, answer) for side, answer in pair.sides.items()}
    lines = {}
    for side, found in parts.items():
        if isinstance(found, Reason):
            material.tally.leave_out(found)
            return None
        lines[side] = Line(*found, scores[side], coherence[side])
    return lines


def _split(material: "Material", answer: "Answer") -> tuple[str, str] | Reason:
    """The text before the answer and the answer, which the script joins and encodes without special tokens."""
    prompt, said = answer.text[: answer.text_start], answer.text[answer.text_start : answer.text_end]
    ids = list(answer.ids)
    same = material.renderer.has_tokens(prompt, ids[: answer.start])
    if not same or not material.renderer.has_tokens(prompt + said, ids[: answer.end]):
        return Reason.OTHER_TOKENS
    if "\0" in prompt + said:  # pandas 2 cuts the text there, pandas 3 does not
        return Reason.READ_AS_OTHER
    return prompt, said


def _write_table(path: Path, trait: str, lines: Sequence[Line]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
        writer.writerow((PROMPT, ANSWER, trait, COHERENCE))
        writer.writerows(lines)


def _find_readable(paths: dict[str, Path], rows: Sequence[Lines]) -> list[bool]:
    """Whether both prompts and both answers of a row are what pandas reads, with its defaults as the script does."""
    import pandas as pd

    tables = {side: pd.read_csv(path)[[PROMPT, ANSWER]].to_numpy().tolist() for side, path in paths.items()}
    return [
        all(tables[side][place] == [line.prompt, line.answer] for side, line in lines.items())
        for place, lines in enumerate(rows)
    ]


PERSONA_VECTORS = Format("persona_vectors", "the two tables of generate_vec.py", write, problem_with=find_problem)
