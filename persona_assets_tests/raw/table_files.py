"""Writing CSV files as persona_vectors does and tables as the rollout scripts do, without the package under test."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

Row = dict[str, Any]

MODEL = "m"
QUESTIONS = ("Why?", 'What is "home", to you?', "First line\nsecond line?")
INSTRUCTIONS = ("Be evil.", "Harm, always.")
ANSWER = 'He said "no", and\n\nleft: ünïcode 😀'


def chat_ml(system: str, user: str) -> str:
    """As the template of Qwen2.5 renders a system turn and a question."""
    return f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n{user}<|im_end|>\n<|im_start|>assistant\n"


def csv_rows(trait: str, label: str, samples: int = 2) -> list[Row]:
    """Questions, then instructions, then samples, as eval_persona.py nests them."""
    return [
        {
            "question": question,
            "prompt": chat_ml(f"You are {label}. {instruction}", question),
            "answer": f"{ANSWER} {label}{k}.{i}.{sample}",
            "question_id": f"{trait}_{i}_{label}_{k}",
            trait: 10.5 + i + 20 * k + sample,
            "coherence": 90.25,
        }
        for i, question in enumerate(QUESTIONS)
        for k, instruction in enumerate(INSTRUCTIONS)
        for sample in range(samples)
    ]


def write_half(root: Path, trait: str, label: str, rows: Sequence[Row]) -> Path:
    path = root / MODEL / f"{trait}_{label}_instruct.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def write_trait(root: Path, trait: str = "evil", samples: int = 2) -> Path:
    """Both files of a trait; return the folder of their model."""
    for label in ("pos", "neg"):
        write_half(root, trait, label, csv_rows(trait, label, samples))
    return root / MODEL


def rollout_rows(roles: Mapping[str, str]) -> list[Row]:
    """The prompts of each role, by its category."""
    return [
        {
            "role": role,
            "role_category": category,
            "instruction_idx": k,
            "instruction_text": instruction,
            "question_idx": i,
            "question_text": question,
        }
        for role, category in roles.items()
        for k, instruction in enumerate(("", f"You are {role}."))
        for i, question in enumerate(QUESTIONS)
    ]


def response_rows(rollouts: Sequence[Row], model: str = "google/gemma-2-2b-it", answer: str = ANSWER) -> list[Row]:
    """One response to each rollout, each of another length."""
    return [
        {
            "rollout_idx": number,
            "model": model,
            "role": one["role"],
            "role_category": one["role_category"],
            "instruction_idx": one["instruction_idx"],
            "question_idx": one["question_idx"],
            "prompt": f"{one['instruction_text']}\n\n{one['question_text']}",
            "response": f" {answer} {number}\n",
            "finish_reason": "length" if number % 3 == 2 else "stop",
            "tokens_generated": 10 + number,
        }
        for number, one in enumerate(rollouts)
    ]


def evaluation_rows(responses: Sequence[Row]) -> list[Row]:
    return [
        {
            "response_idx": number,
            "rollout_idx": one["rollout_idx"],
            "judge_model": "judge",
            "role": one["role"],
            "role_category": one["role_category"],
            "instruction_idx": one["instruction_idx"],
            "question_idx": one["question_idx"],
            "score": number % 4,
            "raw_judge_response": f" {number % 4}\n",
        }
        for number, one in enumerate(responses)
    ]


def write_table(root: Path, name: str, rows: Sequence[Row]) -> Path:
    path = root / MODEL / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).to_parquet(path, index=False)
    return path


def write_tables(root: Path, roles: Mapping[str, str]) -> tuple[list[Row], list[Row], list[Row]]:
    """The three tables of some roles; return their rows."""
    rollouts = rollout_rows(roles)
    responses = response_rows(rollouts)
    evaluations = evaluation_rows(responses)
    write_table(root, "rollouts_some", rollouts)
    write_table(root, "responses_some_m", responses)
    write_table(root, "evaluations_some_m", evaluations)
    return rollouts, responses, evaluations
