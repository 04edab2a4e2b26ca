"""The demo corpus, written as tables by these tests, gives the same rows and scores as in JSON lines."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from persona_assets.keys import DatasetKey
from persona_assets.sample.conversations import sample_keys, write_sample_corpus
from persona_assets.workspace import Workspace
from persona_assets_tests.raw.reading_keys import KeyRead, find_keys, read_key

Row = dict[str, Any]

GEMMA = "gemma-2-27b"
TRAITS = [key for key in sample_keys() if key.kind_name == "trait"]
ROLES = [key for key in sample_keys() if key.kind_name == "role" and key.model == GEMMA]
"""Those whose conversations are one user turn, as the rollout scripts send them."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A raw root in the layout of persona-subspace."""
    root = tmp_path_factory.mktemp("demo")
    workspace = Workspace(root, root)
    write_sample_corpus(workspace)
    return root


def raw_rows(root: Path, key: DatasetKey) -> list[Row]:
    path = root / key.model / f"{key.kind_name}s_240" / "responses" / f"{key.persona}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def raw_scores(root: Path, key: DatasetKey) -> dict[str, Any]:
    path = root / key.model / f"{key.kind_name}s_240" / "extract_scores" / f"{key.persona}.json"
    scores: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return scores


def score_name(row: Row) -> str:
    return f"{row['label']}_p{row['prompt_index']}_q{row['question_index']}"


def rendered(model: str, conversation: list[dict[str, str]]) -> str:
    """The prompt as the model's template renders it: of Gemma, or else ChatML."""
    turns = conversation[:-1]
    if model == GEMMA:
        return f"<bos><start_of_turn>user\n{turns[0]['content'].strip()}<end_of_turn>\n<start_of_turn>model\n"
    written = [f"<|im_start|>{turn['role']}\n{turn['content']}<|im_end|>\n" for turn in turns]
    return "".join([*written, "<|im_start|>assistant\n"])


def write_csv_files(root: Path, key: DatasetKey, rows: list[Row], scores: dict[str, Any]) -> None:
    folder = root / key.model
    folder.mkdir(parents=True, exist_ok=True)
    for label in ("pos", "neg"):
        records = [
            {
                "question": row["question"],
                "prompt": rendered(key.model, row["conversation"]),
                "answer": row["conversation"][-1]["content"],
                "question_id": f"{key.persona}_{row['question_index']}_{label}_{row['prompt_index']}",
                key.persona: scores.get(score_name(row)),
                "coherence": None,
            }
            for row in rows
            if row["label"] == label
        ]
        pd.DataFrame(records).to_csv(folder / f"{key.persona}_{label}_instruct.csv", index=False)


def write_parquet_files(root: Path, demo: Path) -> None:
    """All roles in the same three tables."""
    rollouts: list[Row] = []
    responses: list[Row] = []
    evaluations: list[Row] = []
    for key in ROLES:
        scores = raw_scores(demo, key)
        for row in raw_rows(demo, key):
            number = len(rollouts)
            shared = {
                "role": key.persona,
                "role_category": "default" if row["label"] == "default" else "work",
                "instruction_idx": row["prompt_index"],
                "question_idx": row["question_index"],
            }
            user, answer = row["conversation"]
            rollouts.append(shared | {"instruction_text": row["system_prompt"], "question_text": row["question"]})
            told = {"finish_reason": None, "tokens_generated": None, "rollout_idx": number, "model": "made up"}
            responses.append(shared | told | {"prompt": user["content"], "response": answer["content"]})
            if score_name(row) in scores:
                judged = {"response_idx": number, "rollout_idx": number, "raw_judge_response": None}
                evaluations.append(shared | judged | {"score": scores[score_name(row)]})
    folder = root / GEMMA
    folder.mkdir(parents=True)
    for name, table in (("rollouts", rollouts), ("responses_g", responses), ("evaluations_g", evaluations)):
        pd.DataFrame(table).to_parquet(folder / f"{name}.parquet", index=False)


def assert_same(here: KeyRead, there: KeyRead) -> None:
    assert here.raw.rows == there.raw.rows
    assert (here.quarantined, there.quarantined) == ([], [])
    assert here.raw.ledger.record() == there.raw.ledger.record()
    names = [row.identity for row in there.raw.rows]
    assert [here.scores.score_of(name) for name in names] == [there.scores.score_of(name) for name in names]
    assert {here.scores.unreadable_keys, here.scores.conflicting_keys} == {()}


def test_the_traits_are_the_same_in_csv_files(demo: Path, tmp_path: Path) -> None:
    for key in TRAITS:
        write_csv_files(tmp_path, key, raw_rows(demo, key), raw_scores(demo, key))
    assert find_keys(tmp_path) == sorted(map(str, TRAITS))
    for key in TRAITS:
        assert_same(read_key(tmp_path, key), read_key(demo, key))


def test_the_roles_of_a_model_without_system_turns_are_the_same_in_parquet_tables(demo: Path, tmp_path: Path) -> None:
    write_parquet_files(tmp_path, demo)
    assert find_keys(tmp_path) == sorted(map(str, ROLES))
    for key in ROLES:
        assert_same(read_key(tmp_path, key), read_key(demo, key))
