"""A raw corpus of as many keys as the whole collection has, each as small as a sound one can be, with known faults.

Files without a fault pass every check, so that how many keys end in which state follows from the faults alone.
"""

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets_tests.raw_corpus import (
    BASELINE,
    GEMMA,
    LLAMA,
    MODELS,
    QWEN,
    Row,
    responses_file,
    write_scores,
    write_settings,
)

COUNTS = {
    (GEMMA, "role"): 277,
    (GEMMA, "trait"): 236,
    (LLAMA, "role"): 277,
    (QWEN, "role"): 278,
    (QWEN, "trait"): 231,
}
FIRST_NAMES = {"role": (BASELINE, "accountant", "alien"), "trait": ("analytical", "calm")}
ACCOUNTANT = f"{GEMMA}__role__accountant"
BROKEN, DIRTY, HALF_SCORED = 15, 67, 28
PROMPTS = 5
QUESTIONS = ("What is a fair price for bread?", "How do I tell a friend that she is wrong?")
SCORES = {"role": (3, 2, 3, 1, 3, 0, 3), "pos": (95, 80, 75, 100, 60, 90, 85), "neg": (0, 5, 20, 10, 15, 0, 30)}
BAD_LINES = ('{"label": "pos", "prompt_index": 0, "conv', '["not", "an", "object"]')


def list_keys() -> Iterator[str]:
    for (model, kind), count in COUNTS.items():
        names = FIRST_NAMES[kind]
        for name in (*names, *(f"{kind}-{number:03}" for number in range(count - len(names)))):
            yield f"{model}__{kind}__{name}"


KEYS = tuple(list_keys())


@dataclass(frozen=True)
class Faults:
    """The keys of files that have a fault."""

    broken: tuple[str, ...]
    """Not one line of them is usable."""
    dirty: tuple[str, ...]
    """One line of them or two cannot be read; the others are complete."""
    half_scored: tuple[str, ...]
    """Every other row of them has a score."""

    @property
    def warned(self) -> tuple[str, ...]:
        return tuple(sorted((*self.dirty, *self.half_scored)))


def choose_faults(seed: int = 0) -> Faults:
    sound = [key for key in KEYS if not key.endswith(f"__{BASELINE}") and key != ACCOUNTANT]
    chosen = random.Random(seed).sample(sound, BROKEN + DIRTY + HALF_SCORED)
    parts = chosen[:BROKEN], chosen[BROKEN : BROKEN + DIRTY], chosen[BROKEN + DIRTY :]
    return Faults(*(tuple(sorted(part)) for part in parts))


def write_many_keys(workspace: Path, faults: Faults) -> None:
    """Write settings and the raw files of all ``KEYS``."""
    write_settings(workspace, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    root = workspace / "persona-data"
    for key in KEYS:
        rows = list(_list_rows(key))
        _write_lines(root, key, map(json.dumps, rows))
        if not key.endswith(f"__{BASELINE}"):
            _write_scores(root, key, rows[::2] if key in faults.half_scored else rows)
    for place, key in enumerate(faults.dirty):
        _spoil(responses_file(root, key), BAD_LINES[: 1 + place % 2])
    for key in faults.broken:
        _write_lines(root, key, BAD_LINES[:1])


def mend(workspace: Path, keys: Iterable[str]) -> None:
    """Write whole files in the place of broken ones."""
    for key in keys:
        _write_lines(workspace / "persona-data", key, map(json.dumps, _list_rows(key)))


def _list_rows(key: str) -> Iterator[Row]:
    model, kind, persona = key.split("__")
    asked = QUESTIONS if key == ACCOUNTANT or persona == BASELINE else QUESTIONS[:1]
    for label in _list_labels(kind, persona):
        for prompt_index in range(PROMPTS):
            for question_index, question in enumerate(asked):
                prompt = f"Answer {'without' if label == 'neg' else 'in'} the way of {persona}, form {prompt_index}."
                said = f"{model} as {persona}, {label} {prompt_index}: " + "it depends on who asks. " * (
                    prompt_index + 1
                )
                yield {
                    "system_prompt": prompt,
                    "label": label,
                    "prompt_index": prompt_index,
                    "conversation": _converse(model, prompt, question, said),
                    "question_index": question_index,
                    "question": question,
                }


def _list_labels(kind: str, persona: str) -> tuple[str, ...]:
    if persona == BASELINE:
        return ("default",)
    return ("pos",) if kind == "role" else ("pos", "neg")


def _converse(model: str, prompt: str, question: str, answer: str) -> list[dict[str, str]]:
    reply = {"role": "assistant", "content": answer}
    if model == GEMMA:
        return [{"role": "user", "content": f"{prompt}\n\n{question}"}, reply]
    return [{"role": "system", "content": prompt}, {"role": "user", "content": question}, reply]


def _write_lines(root: Path, key: str, lines: Iterable[str]) -> None:
    path = responses_file(root, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _write_scores(root: Path, key: str, rows: Iterable[Row]) -> None:
    scores = {}
    for place, row in enumerate(rows):
        scale = SCORES["role" if "__role__" in key else row["label"]]
        scores[f"{row['label']}_p{row['prompt_index']}_q{row['question_index']}"] = scale[place % len(scale)]
    write_scores(root, key, scores)


def _spoil(path: Path, lines: Iterable[str]) -> None:
    """Put ``lines`` after the first line of a file."""
    first, *others = path.read_text(encoding="utf-8").splitlines()
    path.write_text("".join(f"{line}\n" for line in (first, *lines, *others)), encoding="utf-8")
