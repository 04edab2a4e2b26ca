"""Which token repeng, dialz and steering-vectors read of each text, and which tokens they give the model.

Arguments: where the result goes, a tokenizer, a folder for the model, and the files for repeng, dialz and
steering-vectors.
A library's reading is known by the hidden state it returns: it is that of one token, when the text is run alone.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from dialz import Dataset as DialzDataset
from dialz.vector import batched_get_hiddens as read_by_dialz
from repeng import ControlVector, DatasetEntry
from repeng.extract import batched_get_hiddens as read_by_repeng
from steering_vectors import SteeringVectorTrainingSample, extract_activations, train_steering_vector
from transformers import AutoTokenizer

from persona_assets_tests.consumers.programs.results import hand_over, read_arguments
from persona_assets_tests.consumers.programs.tiny_model import load_reader

LAYER = 1
_OF_A_SAMPLE = ("positive_str", "negative_str", "read_positive_token_index", "read_negative_token_index")


def main() -> None:
    result, (tokenizer_folder, models, entries, list_of_entries, samples) = read_arguments()
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_folder)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    model = load_reader(Path(models), len(tokenizer))
    hand_over(
        result,
        {
            "repeng": _read_repeng(model, tokenizer, Path(entries)),
            "dialz": _read_dialz(model, tokenizer, list_of_entries),
            "steering_vectors": _read_steering_vectors(model, tokenizer, Path(samples)),
        },
    )


def _read_lines(path: Path, *names: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [{name: line[name] for name in names} for line in lines]


def _read_repeng(model: Any, tokenizer: Any, path: Path) -> dict[str, Any]:
    entries = [DatasetEntry(**entry) for entry in _read_lines(path, "positive", "negative")]
    vector = ControlVector.train(model, tokenizer, entries)
    texts = [text for entry in entries for text in (entry.positive, entry.negative)]
    hidden = read_by_repeng(model, tokenizer, texts, [LAYER], batch_size=len(texts))[LAYER]
    return {"read": _find(model, tokenizer, texts, hidden), "finite": _all_finite(vector.directions)}


def _read_dialz(model: Any, tokenizer: Any, path: str) -> dict[str, Any]:
    """dialz's training loads a model by its name from the Hub; its way of reading takes any."""
    entries = DialzDataset.load_from_file(path).entries
    texts = [text for entry in entries for text in (entry.positive, entry.negative)]
    hidden = read_by_dialz(model, tokenizer, texts, [LAYER], batch_size=len(texts))[LAYER]
    return {"read": _find(model, tokenizer, texts, hidden)}


def _read_steering_vectors(model: Any, tokenizer: Any, path: Path) -> dict[str, Any]:
    samples = [SteeringVectorTrainingSample(**sample) for sample in _read_lines(path, *_OF_A_SAMPLE)]
    vector = train_steering_vector(model, tokenizer, samples, batch_size=len(samples))
    activations = extract_activations(model, tokenizer, samples, layers=[LAYER], batch_size=len(samples))
    positive, negative = (torch.cat(side[LAYER]).numpy() for side in activations)
    texts = [text for sample in samples for text in (sample.positive_str, sample.negative_str)]
    hidden = [state for pair in zip(positive, negative, strict=True) for state in pair]
    directions = {layer: direction.numpy() for layer, direction in vector.layer_activations.items()}
    return {"read": _find(model, tokenizer, texts, hidden, output_of_block=True), "finite": _all_finite(directions)}


def _find(model: Any, tokenizer: Any, texts: list[str], hidden: Any, *, output_of_block: bool = False) -> list[Any]:
    return [
        _find_one(model, tokenizer, text, state, output_of_block) for text, state in zip(texts, hidden, strict=True)
    ]


def _find_one(model: Any, tokenizer: Any, text: str, state: Any, output_of_block: bool) -> dict[str, Any]:
    """The tokens of ``text``, and the places whose hidden state was read."""
    encoded = tokenizer(text, return_tensors="pt")
    blocks: list[Any] = []
    hook = model.model.layers[LAYER].register_forward_hook(lambda _module, _inputs, output: blocks.append(output))
    with torch.no_grad():
        states = model(**encoded, output_hidden_states=True).hidden_states[LAYER + 1][0]
    hook.remove()
    if output_of_block:
        states = (blocks[0][0] if isinstance(blocks[0], tuple) else blocks[0]).reshape(states.shape)
    same = [bool(np.allclose(one.numpy(), state, atol=1e-5)) for one in states]
    return {"ids": encoded["input_ids"][0].tolist(), "places": [place for place, found in enumerate(same) if found]}


def _all_finite(directions: dict[int, Any]) -> bool:
    return bool(directions) and all(np.isfinite(direction).all() for direction in directions.values())


if __name__ == "__main__":
    main()
