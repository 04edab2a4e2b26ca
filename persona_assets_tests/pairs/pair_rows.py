"""Rows and datasets for tests of pairs, made without the package under test."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

Row = dict[str, Any]
TRAIT, ROLE, BASELINE = "qwen-3-32b__trait__calm", "qwen-3-32b__role__pirate", "qwen-3-32b__role__0_default"


def row(label: str, prompt: int, question: int, text: str | None = None, **more: Any) -> Row:
    """One row. Its question has a text of its own, unless one is given."""
    return {
        "system_prompt": f"Prompt {prompt} of {label}.",
        "question": f"Question {question}?" if text is None else text,
        "messages": [
            {"role": "user", "content": f"Question {question}?"},
            {"role": "assistant", "content": f"Answer {label} {prompt} {question} {more.get('sample_index', 0)}."},
        ],
        "prompt_index": prompt,
        "question_index": question,
        "label": label,
        "extract_score": None,
        **more,
    }


def dataset(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """The rows as a dataset folder has them."""
    table = pa.Table.from_pylist([dict(one) for one in rows])
    place = table.column_names.index("extract_score")
    return table.set_column(place, "extract_score", table["extract_score"].cast(pa.int64()))


def counts(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Token counts in which every answer has as many tokens as its place in the dataset."""
    return pa.table({"assistant_tokens": pa.array(range(len(rows)), pa.int64())})
