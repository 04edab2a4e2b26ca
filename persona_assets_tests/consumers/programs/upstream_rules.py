"""What the scripts of persona_vectors and assistant-axis choose from the files, and which tokens they average.

Arguments: where the result goes, a tokenizer, the name of its model, a clone of each repository, and a folder with
the files for each. Their scripts are run as they are; nothing of them is in this repository.
"""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from transformers import AutoTokenizer

from persona_assets_tests.consumers.programs.results import hand_over, read_arguments
from persona_assets_tests.consumers.programs.tiny_model import load_reader

TRAIT = "calm"
WIDTH = 4


def main() -> None:
    result, (tokenizer_folder, name, persona_vectors, assistant_axis, tables, answers) = read_arguments()
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_folder)
    found = {
        "persona_vectors": _choose(Path(persona_vectors), Path(tables), tokenizer, result.with_suffix(".model")),
        "assistant_axis": _average(Path(assistant_axis), Path(answers), tokenizer, name),
    }
    hand_over(result, found)


def _choose(clone: Path, tables: Path, tokenizer: Any, model_folder: Path) -> dict[str, Any]:
    """The chosen answers of both sides, and which tokens of a positive text it takes for the answer's."""
    script = _load("generate_vec", clone / "generate_vec.py")
    paths = [str(tables / f"{TRAIT}_{side}.csv") for side in ("pos", "neg")]
    _, _, *chosen = script.get_persona_effective(*paths, TRAIT)
    prompts, _, answers, others = chosen
    model = load_reader(model_folder, len(tokenizer))
    seen = _Recording(tokenizer)
    script.get_hidden_p_and_r(model, seen, prompts, answers)
    return {"positive": answers, "negative": others, "read": seen.list_answers()}


class _Recording:
    """A tokenizer that keeps what it was asked for: whole texts by a call, and their prompts by ``encode``."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._texts: list[list[int]] = []
        self._prompts: list[list[int]] = []

    def __call__(self, text: str, **options: Any) -> Any:
        encoded = self._tokenizer(text, **options)
        self._texts.append(encoded["input_ids"][0].tolist())
        return encoded

    def encode(self, text: str, **options: Any) -> list[int]:
        self._prompts.append(self._tokenizer.encode(text, **options))
        return self._prompts[-1]

    def list_answers(self) -> list[dict[str, list[int]]]:
        pairs = zip(self._texts, self._prompts, strict=True)
        return [{"before": text[: len(prompt)], "answer": text[len(prompt) :]} for text, prompt in pairs]


def _average(clone: Path, folder: Path, tokenizer: Any, name: str) -> dict[str, Any]:
    """Each cell's tokens of the answer, and the cells that a role's vector is the mean of."""
    # Its packages import what serves models; its modules of spans and vectors do not need that.
    for package in ("assistant_axis", "assistant_axis.internals"):
        sys.modules[package] = ModuleType(package)
        sys.modules[package].__path__ = [str(clone / package.replace(".", "/"))]
    encoder_of = importlib.import_module("assistant_axis.internals.conversation").ConversationEncoder
    vectors = _load("vectors", clone / "pipeline" / "4_vectors.py")
    encoder = encoder_of(tokenizer, name)
    spans, means = {}, {}
    for file in sorted((folder / "responses").glob("*.jsonl")):
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        cells = [f"{row['label']}_p{row['prompt_index']}_q{row['question_index']}" for row in rows]
        arguments = {"enable_thinking": False} if "qwen" in name.lower() else {}
        for cell, row in zip(cells, rows, strict=True):
            ids, turns = encoder.build_turn_spans(row["conversation"], **arguments)
            spans[f"{file.stem} {cell}"] = ids[turns[-1]["start"] : turns[-1]["end"]]
        states = {cell: torch.eye(WIDTH)[place].reshape(1, WIDTH) for place, cell in enumerate(cells)}
        if "default" in file.stem:
            means[file.stem] = vectors.compute_mean_vector(states)[0].tolist()
        else:
            scores = vectors.load_scores(folder / "scores" / f"{file.stem}.json")
            means[file.stem] = vectors.compute_pos_3_vector(states, scores, 1)[0].tolist()
    return {"spans": spans, "means": means}


def _load(name: str, path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
