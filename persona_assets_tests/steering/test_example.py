"""The example goes from an export to the vector that a plain program finds, in an environment that has torch."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from persona_assets_tests.docs import ROOT
from persona_assets_tests.steering.corpora import Corpus

PYTHON = "PYTHON_WITH_CONSUMERS"
ALIEN = "qwen-3-32b__role__alien"
PLAIN_PROGRAM = """
import json, sys
import numpy as np, torch
from transformers import LlamaConfig, LlamaForCausalLM

given, result = json.load(open(sys.argv[1])), sys.argv[2]
torch.manual_seed(0)
model = LlamaForCausalLM(LlamaConfig(vocab_size=given["vocabulary"], hidden_size=32, intermediate_size=64,
    num_hidden_layers=4, num_attention_heads=4, num_key_value_heads=4)).eval()
sums = {}
for side, answers in given["answers"].items():
    total = 0
    for ids, start, end in answers:
        with torch.no_grad():
            states = model(torch.tensor([ids]), output_hidden_states=True).hidden_states
        of_answer = [state[0].numpy().astype(float)[start:end] for state in states]
        total = total + np.array([state.sum(0) / (end - start) for state in of_answer])
    sums[side] = total / len(answers)
np.save(result, sums["positive"] - sums["negative"])
"""


def run(python: str, *arguments: object) -> str:
    done = subprocess.run([python, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


@pytest.mark.campaign
def test_the_vector_is_the_mean_over_answers_of_the_mean_over_their_tokens(demo: Corpus, tmp_path: Path) -> None:
    python = os.environ.get(PYTHON)
    if not python:
        pytest.skip(f"{PYTHON} is not set: it names a Python with torch and transformers")
    demo.export("token_ids", tmp_path / "pairs", "role3", ALIEN)
    found, expected, given = (tmp_path / name for name in ("found.npy", "expected.npy", "given.json"))
    pairs = demo.expect(ALIEN, "role3")
    answers = {
        side: [(pair[place].ids, pair[place].start, pair[place].end) for _, pair in pairs]
        for place, side in enumerate(("positive", "negative"))
    }
    largest = max(max(ids) for side in answers.values() for ids, _, _ in side)
    given.write_text(json.dumps({"answers": answers, "vocabulary": largest + 1}), encoding="utf-8")
    said = run(
        python, ROOT / "examples" / "steering_vector.py", tmp_path / "pairs" / f"{ALIEN}.parquet", "--output", found
    )
    run(python, "-c", PLAIN_PROGRAM, given, expected)
    assert np.load(found).shape == (5, 32)
    assert np.allclose(np.load(found), np.load(expected), atol=1e-5)
    assert not np.allclose(np.load(found), 0)
    assert said.startswith(f"{len(pairs)} pairs, 5 layers of 32")
