"""The texts joined to pairs are those of the rows that the index names."""

import pyarrow as pa

from persona_assets.keys import DatasetKey
from persona_assets.pairs.building import Side, pair_with_baseline
from persona_assets.pairs.texts import join_texts
from persona_assets_tests.pairs.pair_rows import BASELINE, ROLE, counts, dataset, row


def test_prompts_conversations_and_answers_of_both_sides_are_those_of_their_rows() -> None:
    rows = [row("pos", prompt, question) for prompt in (1, 0) for question in (0, 1, 2)]
    baseline = [row("default", 0, question) for question in (2, 1, 0)]
    role, other = (
        Side(DatasetKey.parse(key), dataset(of), counts(of)) for key, of in ((ROLE, rows), (BASELINE, baseline))
    )
    index = pair_with_baseline(role, other, 0).index
    shuffled = index.take(pa.array([4, 0, 2]))
    joined = join_texts(shuffled, {ROLE: role.dataset, BASELINE: other.dataset}).to_pylist()
    for pair in joined:
        positive, negative = rows[pair["positive_row"]], baseline[pair["negative_row"]]
        assert positive["question"] == negative["question"] == pair["question"]
        for name, of in (("positive", positive), ("negative", negative)):
            assert pair[f"{name}_system_prompt"] == of["system_prompt"]
            assert pair[f"{name}_messages"] == of["messages"]
            assert pair[f"{name}_answer"] == of["messages"][-1]["content"]
    assert [pair["positive_row"] for pair in joined] == [4, 0, 2]


def test_without_pairs_there_are_the_columns() -> None:
    rows = [row("pos", 0, 0)]
    side = Side(DatasetKey.parse(ROLE), dataset(rows), counts(rows))
    index = pair_with_baseline(side, side, 1).index
    assert join_texts(index, {}).column_names[-1] == "negative_answer"
