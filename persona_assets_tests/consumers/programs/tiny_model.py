"""A language model with random weights that fits a tokenizer, small enough to train for a step at once."""

from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM


def save_tiny_model(folder: Path, vocabulary: int) -> Path:
    torch.manual_seed(0)
    configuration = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=8,
        intermediate_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=4096,
    )
    LlamaForCausalLM(configuration).save_pretrained(folder)
    return folder


def load_reader(folder: Path, vocabulary: int) -> Any:
    """The same model every time, for its hidden states alone: it foretells a single word, which costs no time."""
    model: Any = AutoModelForCausalLM.from_pretrained(save_tiny_model(folder, vocabulary))
    model.lm_head = torch.nn.Linear(model.config.hidden_size, 1)
    return model.float().eval()
