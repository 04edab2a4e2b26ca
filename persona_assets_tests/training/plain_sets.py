"""What a training set must hold, computed from the raw files with plain Python and nothing of the package.

Only the stored token counts and the signs are taken from the workspace: they have tests of their own.
"""

import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from persona_assets_tests.plain_reading import Row, plain_rows

WORD = 2**64
Candidate = tuple[str, int, Row]
"""The dataset, the place of the row in it, the row."""


def plain_hash(seed: int, *parts: str) -> int:
    digest = hashlib.blake2b(str(seed).encode(), digest_size=8)
    for part in parts:
        digest.update(b"\n%d:" % len(part.encode()) + part.encode())
    return int.from_bytes(digest.digest(), "big")


def plain_mix(value: int, number: int) -> int:
    value ^= (number + 0x9E3779B97F4A7C15) % WORD
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 % WORD
    value = (value ^ value >> 27) * 0x94D049BB133111EB % WORD
    return value ^ value >> 31


def plain_question(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def plain_split(question: str, splits: dict[str, float], seed: int) -> str:
    digest = hashlib.sha256(f"{seed}\n{plain_question(question)}".encode()).hexdigest()
    place, end = int(digest[:16], 16) / WORD, 0.0
    for name, share in splits.items():
        end += share
        if place < end:
            return name
    return list(splits)[-1]


def plain_chance(seed: int, candidate: Candidate) -> int:
    dataset, _, row = candidate
    value = plain_hash(seed, dataset) ^ plain_hash(seed, row["label"])
    for number in (row["prompt_index"], row["question_index"], 0):
        value = plain_mix(value, number)
    return value


def plain_ranks(seed: int, texts: set[str]) -> dict[str, int]:
    return {text: rank for rank, text in enumerate(sorted(texts, key=lambda text: plain_hash(seed, text)))}


def plain_order(candidates: Sequence[Candidate], seed: int) -> list[Candidate]:
    """Personas by turns. Each goes through its questions from a beginning of its own, again and again."""
    personas = plain_ranks(seed, {dataset for dataset, _, _ in candidates})
    questions = plain_ranks(seed, {plain_question(row["question"]) for _, _, row in candidates})
    turns = {}
    for dataset, rank in personas.items():
        answers = defaultdict(list)
        for one in sorted((one for one in candidates if one[0] == dataset), key=lambda one: plain_chance(seed, one)):
            answers[questions[plain_question(one[2]["question"])]].append(one)
        begin = rank * len(questions) // len(personas)
        circle = sorted(answers, key=lambda question: (question - begin) % len(questions))
        rounds = max(map(len, answers.values()))
        turns[dataset] = [answers[one][turn] for turn in range(rounds) for one in circle if turn < len(answers[one])]
    longest = max(map(len, turns.values()))
    order = sorted(personas, key=lambda dataset: personas[dataset])
    return [turns[one][turn] for turn in range(longest) for one in order if turn < len(turns[one])]


@dataclass
class PlainCorpus:
    """The raw rows of some keys, with their token counts and signs."""

    workspace: Path
    keys: Sequence[str]

    def candidates(self, passes: Callable[[Row], bool]) -> list[Candidate]:
        found = []
        for key in self.keys:
            counts = pd.read_parquet(self.workspace / "persona_token_stats" / f"{key}.parquet").to_dict("records")
            signs = pd.read_parquet(self.workspace / "persona_signs" / f"{key}.parquet").to_dict("records")
            rows = plain_rows(self.workspace / "persona-data", key)
            for place, (row, count, sign) in enumerate(zip(rows, counts, signs, strict=True)):
                whole = {**row, "tokens": count["assistant_tokens"], "truncated": sign["truncated"]}
                if passes(whole):
                    found.append((key, place, whole))
        return found


def plain_set(
    candidates: Sequence[Candidate], splits: dict[str, float], seed: int = 0, budget: int | None = None
) -> dict[str, list[tuple[str, int]]]:
    """The dataset and the place of every row of every split, in order."""
    made: dict[str, Any] = {}
    for split, share in splits.items():
        here = [one for one in candidates if plain_split(one[2]["question"], splits, seed) == split]
        made[split], tokens = [], 0
        for dataset, place, row in plain_order(here, seed):
            tokens += row["tokens"]
            if budget is not None and tokens > int(budget * share):
                break
            made[split].append((dataset, place))
    return made


def plain_prompt(row: Row) -> list[dict[str, str]]:
    """What is asked without the persona."""
    return [{"role": "user", "content": row["question"]}]
