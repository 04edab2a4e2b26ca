"""The scripts of persona_vectors and assistant-axis choose from our files what their rules say, and read the answer.

The rules, as facts of their sources:

* persona_vectors, ``generate_vec.py``: line i of the positive table belongs to line i of the negative one. A pair
  counts if its positive score is at least 50, its negative one below 50, and both coherences at least 50. The tokens
  of the answer are all that follow the prompt's, in the two texts put together; neither gets special tokens added.
* assistant-axis, ``2_activations.py`` and ``4_vectors.py``: a row's cell is
  ``{label}_p{prompt_index}_q{question_index}``. A role's vector is the mean over the cells with score 3, or over all
  cells if its name contains ``default``. A cell's activation is the mean over the tokens of the answer, without the
  end of the turn and without an empty think block.

Their repositories are not packages: the variables in ``CLONES`` name clones of them.
"""

import os
from pathlib import Path
from typing import Any

import pytest

from persona_assets_tests.consumers import sets
from persona_assets_tests.consumers.demo_pairs import Pair
from persona_assets_tests.consumers.models import Model, load, render
from persona_assets_tests.consumers.running import OLDER, run_program

pytestmark = pytest.mark.campaign

CLONES = ("UPSTREAM_PERSONA_VECTORS", "UPSTREAM_ASSISTANT_AXIS")
SCORES = ((50.0, 49.9), (49.9, 10.0), (90.0, 50.0), (80.0, 3.0))
JUDGED = (3, 2, None, 3)


def four(model: Model) -> tuple[Pair, ...]:
    return (*model.pairs, *model.pairs)[:4]


@pytest.fixture(scope="module")
def found(model: Model, tokenizer: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    clones = [os.environ.get(variable) for variable in CLONES]
    if not all(clones):
        pytest.skip(f"{' and '.join(CLONES)} do not name clones of the two repositories; see CONTRIBUTING.md")
    folder = tmp_path_factory.mktemp("upstream")
    loaded = load(tokenizer)
    prompt = render(loaded, [{"role": "user", "content": "{}"}], {**model.arguments, "add_generation_prompt": True})
    sets.write_persona_vectors(folder / "tables", prompt, four(model), SCORES)
    sets.write_assistant_axis(folder / "answers", "pirate", four(model), JUDGED)
    sets.write_assistant_axis(folder / "answers", "0_default", four(model), [None] * 4)
    found = run_program(
        "upstream_rules",
        OLDER,
        folder / "found.json",
        tokenizer,
        model.name,
        *clones,
        folder / "tables",
        folder / "answers",
    )
    assert isinstance(found, dict)
    return found


def test_persona_vectors_chooses_pairs_by_both_scores(found: dict[str, Any], model: Model) -> None:
    chosen = [pair for pair, (high, low) in zip(four(model), SCORES, strict=True) if high >= 50 and low < 50]
    assert found["persona_vectors"]["positive"] == [pair.positive for pair in chosen]
    assert found["persona_vectors"]["negative"] == [pair.negative for pair in chosen]


def test_persona_vectors_reads_the_answer_alone(found: dict[str, Any], model: Model, tokenizer: Path) -> None:
    loaded = load(tokenizer)
    read = found["persona_vectors"]["read"]
    assert [loaded.decode(text["answer"]) for text in read] == found["persona_vectors"]["positive"]
    bos = loaded.bos_token_id
    assert all(text["before"].count(bos) == (bos is not None) for text in read)


def test_a_roles_vector_is_the_mean_of_what_is_scored_three(found: dict[str, Any]) -> None:
    means = found["assistant_axis"]["means"]
    assert means["pirate"] == [0.5, 0.0, 0.0, 0.5]
    assert means["0_default"] == [0.25] * 4


def test_assistant_axis_reads_the_answer_alone(found: dict[str, Any], model: Model, tokenizer: Path) -> None:
    loaded = load(tokenizer)
    spans = found["assistant_axis"]["spans"]
    for role in ("pirate", "0_default"):
        texts = [loaded.decode(spans[f"{role} pos_p0_q{question}"]) for question in range(4)]
        assert texts == [pair.positive for pair in four(model)]
