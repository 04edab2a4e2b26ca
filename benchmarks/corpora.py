"""Raw corpora to measure with: some keys of a real one, or a made-up one of the same size."""

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from persona_assets.keys import DatasetKey
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover
from persona_assets.raw.layouts.persona_subspace_240.layout import PERSONA_SUBSPACE_240
from persona_assets.sample.phrases import REMARKS, SENTENCES

QUESTIONS = 240
PROMPTS = 5
MODELS = ("gemma-2-27b", "llama-3.3-70b", "qwen-3-32b")


def paths_of(root: Path, key: DatasetKey) -> tuple[Path, ...]:
    """The file of conversations and that of scores."""
    files = PERSONA_SUBSPACE_240.files(root, key)
    return (*files.conversations.values(), *files.scores.values())


def link_some(raw: Path, root: Path, count: int) -> None:
    """Make ``root`` a raw corpus of ``count`` keys of ``raw``, evenly spread over all of them."""
    keys = discover(RawCorpus(raw)).keys
    chosen = sorted({keys[place * len(keys) // count] for place in range(min(count, len(keys)))})
    for key in chosen:
        for source, link in zip(paths_of(raw, key), paths_of(root, key), strict=True):
            if source.exists():
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(source)


def make_up(root: Path, count: int) -> None:
    """Write ``count`` roles and traits, in turn, with answers of about 150 words in nobody's words."""
    for number in range(count):
        kind = ("role", "trait")[number % 2]
        key = DatasetKey(MODELS[number // 2 % len(MODELS)], kind, f"persona-{number:05}")
        rows = list(_rows(key))
        scores = {
            f"{row['label']}_p{row['prompt_index']}_q{row['question_index']}": place * 7 % (key.kind.max_score + 1)
            for place, row in enumerate(rows)
        }
        contents = [json.dumps(row) for row in rows], [json.dumps(scores)]
        for path, lines in zip(paths_of(root, key), contents, strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _rows(key: DatasetKey) -> Iterator[dict[str, Any]]:
    chance = random.Random(str(key))
    labels: Sequence[str] = key.kind.labels if key.kind.paired else key.kind.labels[:1]
    for label in labels:
        for prompt in range(PROMPTS):
            for question in range(QUESTIONS):
                asked = f"What is question {question} about?"
                said = chance.choices([*SENTENCES, *REMARKS], k=chance.randint(10, 30))
                yield {
                    "system_prompt": f"You are {key.persona}, take {prompt}.",
                    "label": label,
                    "prompt_index": prompt,
                    "conversation": [
                        {"role": "user", "content": f"You are {key.persona}, take {prompt}.\n\n{asked}"},
                        {"role": "assistant", "content": " ".join(said)},
                    ],
                    "question_index": question,
                    "question": asked,
                }
