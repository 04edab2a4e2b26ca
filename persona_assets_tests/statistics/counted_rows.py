"""Made-up token counts as plain rows, and as the table that the package makes of them."""

import random
from typing import Any

import pyarrow as pa
from msgspec.structs import asdict

from persona_assets.kinds import Kind
from persona_assets.statistics.counts_table import COUNTS_SCHEMA
from persona_assets.statistics.key_statistics import KeyStatistics, Summary
from persona_assets.tokens.identity import CountingMethod, TokenizerIdentity

Row = dict[str, Any]


def made_up_rows(kind: Kind, rows: int, seed: int = 0) -> list[Row]:
    """Rows of every label and prompt of a kind in a random order; about one in twenty has no score."""
    chance = random.Random(f"{kind.name} {rows} {seed}")
    return [counted_row(kind, chance) for _ in range(rows)]


def counted_row(kind: Kind, chance: random.Random) -> Row:
    prompt, assistant = chance.randint(5, 80), int(chance.lognormvariate(5, 0.6))
    score = None if chance.random() < 0.05 else round(kind.max_score * chance.betavariate(2, 1))
    return {
        "label": chance.choice(kind.labels),
        "prompt_index": chance.choice((0, 1, 2, 11)),
        "question_index": chance.randrange(240),
        "extract_score": score,
        "score_status": "missing" if score is None else "ok",
        "prompt_tokens": prompt,
        "assistant_tokens": assistant,
        "tokens": prompt + assistant,
        "answer_start": prompt,
        "answer_end": prompt + max(assistant - 2, 1),
    }


def refused_row(row: Row) -> Row:
    """The same row, had the chat template refused it."""
    return row | dict.fromkeys(("prompt_tokens", "assistant_tokens", "tokens", "answer_start", "answer_end"))


def counts_of(rows: list[Row]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=COUNTS_SCHEMA)


def statistics_of(
    model: str, kind: Kind, name: str, summary: Summary, variants: dict[str, Summary] | None = None
) -> KeyStatistics:
    """The statistics of a key with that summary, counted by a made-up tokenizer."""
    return KeyStatistics(
        model=model,
        type=kind.name,
        name=name,
        plot="x.png",
        dataset_fingerprint="f" * 64,
        tokenizer=TokenizerIdentity("made/up", "folder", None, "a", "b", None),
        counting=CountingMethod("gigatoken", 108),
        long_answer_tokens=1000,
        refusal=None,
        **asdict(summary),
        variants=variants or {},
    )
