"""The same conversations and scores give the same bytes, in whichever layout they were found.

The corpus is written in each layout by code of its own, without the package.
"""

import csv
import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from persona_assets.keys import DatasetKey
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover
from persona_assets.run.one_key import materialise_key
from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets.settings import Settings, load_settings
from persona_assets_tests.raw_corpus import GEMMA, write_settings

ROLE, TRAIT = f"{GEMMA}__role__pirate", f"{GEMMA}__trait__stoic"
QUESTIONS = ("Why is the sky blue?", "Who was Ada Lovelace?", "How do I bake bread,\nquickly?")
INSTRUCTIONS = {
    ("pirate", "pos"): ("You are a pirate.", 'Speak as a pirate would: "Arr".'),
    ("stoic", "pos"): ("You are a stoic.", "Endure."),
    ("stoic", "neg"): ("You complain.", "You wail."),
}
LABELS = {"pirate": ("pos",), "stoic": ("pos", "neg")}
Cell = tuple[str, int, int]
Writer = Callable[[Path], None]


def cells(persona: str) -> Iterator[Cell]:
    for label in LABELS[persona]:
        for prompt in range(2):
            for question in range(len(QUESTIONS)):
                yield label, prompt, question


def instruction(persona: str, cell: Cell) -> str:
    return INSTRUCTIONS[persona, cell[0]][cell[1]]


def asked(persona: str, cell: Cell) -> str:
    return f"{instruction(persona, cell)}\n\n{QUESTIONS[cell[2]]}"


def answer(persona: str, cell: Cell) -> str:
    return f"{persona} says, as {cell[0]} {cell[1]}: \u201cno. {cell[2]}\u201d 😀\n\n* a\n* b "


def score(persona: str, cell: Cell) -> int | None:
    number = 7 * cell[1] + cell[2]
    return None if number == 8 else number % 4 if persona == "pirate" else 60 + 3 * number


def conversation(persona: str, cell: Cell) -> list[dict[str, str]]:
    turns = (("user", asked(persona, cell)), ("assistant", answer(persona, cell)))
    return [{"role": role, "content": content} for role, content in turns]


def six_fields(persona: str, cell: Cell) -> dict[str, Any]:
    return {
        "system_prompt": instruction(persona, cell),
        "label": cell[0],
        "prompt_index": cell[1],
        "conversation": conversation(persona, cell),
        "question_index": cell[2],
        "question": QUESTIONS[cell[2]],
    }


def scores(persona: str, name: str = "{}_p{}_q{}") -> str:
    given = {name.format(*cell): score(persona, cell) for cell in cells(persona)}
    return json.dumps({text: value for text, value in given.items() if value is not None})


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def write_files(root: Path, persona: str, responses: str, judged: str) -> None:
    put(root / GEMMA / responses / f"{persona}.jsonl", lines([six_fields(persona, cell) for cell in cells(persona)]))
    put(root / GEMMA / judged / f"{persona}.json", scores(persona))


def write_240(root: Path) -> None:
    write_files(root, "pirate", "roles_240/responses", "roles_240/extract_scores")
    write_files(root, "stoic", "traits_240/responses", "traits_240/extract_scores")


def write_compressed_shards(root: Path) -> None:
    write_240(root)
    for path in sorted(root.rglob("*.jsonl")):
        rows = path.read_bytes().splitlines(keepends=True)
        for number, part in enumerate((rows[:2], rows[2:])):
            path.with_name(f"{path.stem}-{number:05}-of-00002.jsonl.gz").write_bytes(gzip.compress(b"".join(part)))
        path.unlink()


def write_older(root: Path) -> None:
    write_files(root, "pirate", "roles/responses", "roles/extract_labels")
    write_files(root, "stoic", "traits/responses", "traits/extract_labels")


def write_assistant_axis(root: Path) -> None:
    write_files(root, "pirate", "roles/responses", "roles/scores")
    write_files(root, "stoic", "traits/responses", "traits/scores")


def write_assistant_axis_roles(root: Path) -> None:
    write_files(root, "pirate", "responses", "scores")


def write_persona_vectors(root: Path) -> None:
    (root / GEMMA).mkdir(parents=True)
    for label in LABELS["stoic"]:
        with (root / GEMMA / f"stoic_{label}_instruct.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(["question", "prompt", "answer", "question_id", "stoic", "coherence"])
            for cell in (cell for cell in cells("stoic") if cell[0] == label):
                prompt = f"<bos><start_of_turn>user\n{asked('stoic', cell)}<end_of_turn>\n<start_of_turn>model\n"
                value = score("stoic", cell)
                judged = "" if value is None else float(value)
                name = f"stoic_{cell[2]}_{label}_{cell[1]}"
                table.writerow([QUESTIONS[cell[2]], prompt, answer("stoic", cell), name, judged, ""])


def write_rollout_tables(root: Path) -> None:
    folder = root / GEMMA
    folder.mkdir(parents=True)
    every = list(cells("pirate"))
    same = {"role": "pirate", "role_category": "fantasy"}
    indices: list[dict[str, Any]] = [
        same | {"instruction_idx": prompt, "question_idx": question} for _, prompt, question in every
    ]
    rollouts = [
        one | {"instruction_text": instruction("pirate", cell), "question_text": QUESTIONS[cell[2]]}
        for one, cell in zip(indices, every, strict=True)
    ]
    responses = [
        one
        | {"rollout_idx": place, "model": GEMMA, "prompt": asked("pirate", cell), "response": answer("pirate", cell)}
        for place, (one, cell) in enumerate(zip(indices, every, strict=True))
    ]
    evaluations: list[dict[str, Any]] = [
        one | {"response_idx": place, "rollout_idx": place, "judge_model": "judge", "score": score("pirate", cell)}
        for place, (one, cell) in enumerate(zip(indices, every, strict=True))
    ]
    pd.DataFrame(rollouts).to_parquet(folder / "rollouts_fantasy.parquet")
    unknown = {"finish_reason": None, "tokens_generated": None}
    pd.DataFrame([row | unknown for row in responses]).to_parquet(folder / "responses_fantasy_gemma.parquet")
    judged = pd.DataFrame([row | {"raw_judge_response": None} for row in evaluations])
    judged["score"] = judged["score"].astype("Int64")
    judged.to_parquet(folder / "evaluations_fantasy_gemma.parquet")


def chat_row(persona: str, cell: Cell) -> dict[str, Any]:
    row = six_fields(persona, cell)
    return row | {"messages": row.pop("conversation"), "score": score(persona, cell)}


def write_chat_lines(root: Path) -> None:
    put(root / GEMMA / "roles/pirate.jsonl", lines([chat_row("pirate", cell) for cell in cells("pirate")]))
    put(root / GEMMA / "traits/stoic.jsonl", lines([chat_row("stoic", cell) for cell in cells("stoic")]))


def write_chat_table(root: Path) -> None:
    (root / GEMMA).mkdir(parents=True)
    rows = [
        chat_row(persona, cell) | {"who": persona, "what": kind}
        for persona, kind in (("stoic", "trait"), ("pirate", "role"))
        for cell in cells(persona)
    ]
    table = pd.DataFrame(rows)
    table["score"] = table["score"].astype("Int64")
    table.to_parquet(root / GEMMA / "everything.parquet")


MAPPED = {
    GEMMA: {
        "persona": "who",
        "kind_field": "what",
        **{name: name for name in six_fields("pirate", ("pos", 0, 0)) if name != "conversation"},
        "score": "score",
    }
}
WRITERS: dict[str, tuple[Writer, set[str], dict[str, Any]]] = {
    "in compressed shards": (write_compressed_shards, {ROLE, TRAIT}, {}),
    "persona-subspace": (write_older, {ROLE, TRAIT}, {}),
    "assistant-axis": (write_assistant_axis, {ROLE, TRAIT}, {}),
    "assistant-axis without kinds": (write_assistant_axis_roles, {ROLE}, {}),
    "persona-vectors": (write_persona_vectors, {TRAIT}, {}),
    "rollout-tables": (write_rollout_tables, {ROLE}, {}),
    "chat-data": (write_chat_lines, {ROLE, TRAIT}, {"layouts": {GEMMA: "chat-data"}}),
    "chat-data in one table": (write_chat_table, {ROLE, TRAIT}, {"chat_data": MAPPED}),
}


def make(folder: Path, writer: Writer, keys: set[str], **given: Any) -> Settings:
    workspace = folder / "workspace"
    write_settings(workspace, {GEMMA: SAMPLE_TOKENIZER})
    settings = load_settings(workspace=workspace, max_prompts=2, **given)
    writer(settings.raw_root)
    inventory = discover(RawCorpus.of(settings))
    assert ({str(key) for key in inventory.keys}, inventory.unfit) == (keys, ())
    for key in inventory.keys:
        outcome = materialise_key(key, settings, variants=settings.variants_of(key.kind))
        assert outcome.failure is None
        failed = [check.check.name for check in outcome.checks if not check.passed]
        assert set(failed) <= {"score_coverage", "pairs_complete"}, "of six answers one has no score"
    return settings


def content(settings: Settings, key: str) -> dict[str, bytes]:
    """Every file of a key but for the records that say where it came from, and when."""
    root = settings.workspace
    files = {path.relative_to(root): path for path in root.rglob("*") if path.is_file()}
    return {
        str(name): path.read_bytes().replace(str(root).encode(), b"")
        for name, path in files.items()
        if key in str(name) and name.parts[0] in ("datasets", "persona_token_plots", "persona_token_stats")
        if name.suffix != ".json" or name.parts[0] == "datasets"
    }


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make(tmp_path_factory.mktemp("known"), write_240, {ROLE, TRAIT})


@pytest.mark.parametrize("written", WRITERS)
def test_every_output_is_byte_for_byte_that_of_persona_subspace_240(
    written: str, known: Settings, tmp_path: Path
) -> None:
    writer, keys, given = WRITERS[written]
    settings = make(tmp_path, writer, keys, **given)
    for key in keys:
        expected = content(known, key)
        assert len(expected) > 5 * len(settings.variants_of(DatasetKey.parse(key).kind))
        assert content(settings, key) == expected
