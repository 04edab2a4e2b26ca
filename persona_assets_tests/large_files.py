"""Raw files as large as one likes, of one trait, and the memory that a process takes for all seven assets of it."""

import json
import random
import resource
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from persona_assets.keys import DatasetKey
from persona_assets.run.key_task import KeyTask
from persona_assets.sample.phrases import REMARKS, SENTENCES
from persona_assets.settings import Settings
from persona_assets_tests.atomicity.killing import running
from persona_assets_tests.raw_corpus import responses_file, scores_file
from persona_assets_tests.stage_names import STAGES

PROMPTS = 5
PATIENCE_SECONDS = 1800
LABELS = ("pos", "neg")
WARM_UP = "a-small-one"
"""A persona made first, as a worker has made others before: its tokenizer is loaded."""


def write_trait(settings: Settings, key: DatasetKey, rows: int, answer_bytes: int, mark: str = "") -> int:
    """Write a raw file of so many rows, and scores of all; ``mark`` ends every answer. Return its size in bytes."""
    responses, scores = responses_file(settings.raw_root, str(key)), scores_file(settings.raw_root, str(key))
    for path in (responses, scores):
        path.parent.mkdir(parents=True, exist_ok=True)
    with responses.open("w", encoding="utf-8") as file:
        for row in _rows(key, rows, answer_bytes, mark):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    places = ((place % 2, place // 2 % PROMPTS, place // 2 // PROMPTS) for place in range(rows))
    named = (f"{LABELS[label]}_p{prompt}_q{question}" for label, prompt, question in places)
    scores.write_text(json.dumps({name: place % 101 for place, name in enumerate(named)}), encoding="utf-8")
    return responses.stat().st_size


def _rows(key: DatasetKey, rows: int, answer_bytes: int, mark: str) -> Iterator[dict[str, object]]:
    chance = random.Random(rows)
    for place in range(rows):
        label, prompt, question = LABELS[place % 2], place // 2 % PROMPTS, place // 2 // PROMPTS
        said = " ".join(chance.choices([*SENTENCES, *REMARKS], k=answer_bytes // 20 + 1))
        said = said.encode()[:answer_bytes].decode(errors="ignore")
        yield {
            "system_prompt": f"Be {key.persona}, {prompt}.",
            "label": label,
            "prompt_index": prompt,
            "conversation": [
                {"role": "user", "content": f"Be {key.persona}, {prompt}. What is {question}?"},
                {"role": "assistant", "content": said + mark},
            ],
            "question_index": question,
            "question": f"What is {question}?",
        }


def peak_bytes(settings: Settings, key: DatasetKey) -> int:
    """Most memory of a worker process that makes all of ``key``, after all of a small dataset."""
    small = DatasetKey(key.model, key.kind_name, WARM_UP)
    write_trait(settings, small, rows=100, answer_bytes=1000)
    with running(_measure, settings, (small, key)) as (_, answer):
        assert answer.poll(PATIENCE_SECONDS)
        peak = answer.recv()
    assert isinstance(peak, int), peak
    return peak


def _measure(answer: Connection, settings: Settings, keys: tuple[DatasetKey, ...]) -> None:
    for key in keys:
        outcome = KeyTask(key, settings, STAGES, settings.variants_of(key.kind), redo=True).run()
        if outcome.failure:
            answer.send(str(outcome.failure))
            return
    answer.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


def of_real_tokenizers(workspace: Path, tokenizers: Path, **overrides: int) -> Settings:
    return Settings(workspace=workspace, tokenizers=tokenizers, **overrides)  # type: ignore[arg-type]
