"""From contrast pairs to a steering vector: ``mean(pos) - mean(neg)`` at every layer of a model.

    persona-assets export token_ids qwen-3-32b__trait__calm --rule gap50 --output pairs
    python examples/steering_vector.py pairs/qwen-3-32b__trait__calm.parquet --output calm.npy

It needs torch, transformers, pandas and pyarrow, and nothing of persona_assets. Without ``--model`` it makes a tiny
Llama with random weights: for seeing how it goes, not for research. With it, give the model that the pairs are from.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM


def load_model(name: str | None, vocabulary: int) -> torch.nn.Module:
    """The model called ``name``, or a tiny one with random weights, the same every time."""
    if name:
        return AutoModelForCausalLM.from_pretrained(name, dtype="auto", device_map="auto").eval()
    torch.manual_seed(0)
    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 4}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 4}
    return LlamaForCausalLM(LlamaConfig(vocab_size=vocabulary, **shape, **heads)).eval()


@torch.no_grad()
def average_answer(model: torch.nn.Module, ids: np.ndarray, start: int, end: int) -> torch.Tensor:
    """The mean hidden state over the tokens of the answer, at every layer: (layers, hidden size)."""
    inputs = torch.tensor(np.asarray(ids, np.int64), device=model.device)[None]
    hidden = model(input_ids=inputs, output_hidden_states=True).hidden_states
    return torch.stack([layer[0, start:end].float().mean(dim=0).cpu() for layer in hidden])


def find_direction(model: torch.nn.Module, pairs: pd.DataFrame) -> np.ndarray:
    """The mean over the positive answers less that over the negative ones: (layers, hidden size)."""
    means = {}
    for side in ("positive", "negative"):
        columns = (f"{side}_input_ids", f"{side}_answer_start", f"{side}_answer_end")
        answers = [average_answer(model, *row) for row in pairs[list(columns)].itertuples(index=False)]
        means[side] = torch.stack(answers).mean(dim=0)
    return (means["positive"] - means["negative"]).numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", type=Path, help="a file of the export token_ids")
    parser.add_argument("--model", help="name or folder of a model; default: a tiny random one")
    parser.add_argument("--output", type=Path, required=True, help="the vector, as .npy")
    given = parser.parse_args()
    pairs = pd.read_parquet(given.pairs)
    largest = max(ids.max() for side in ("positive", "negative") for ids in pairs[f"{side}_input_ids"])
    direction = find_direction(load_model(given.model, int(largest) + 1), pairs)
    np.save(given.output, direction)
    layers, size = direction.shape
    print(f"{len(pairs)} pairs, {layers} layers of {size}; norm by layer:")
    print(" ".join(f"{norm:.3f}" for norm in np.linalg.norm(direction, axis=1)))


if __name__ == "__main__":
    main()
