"""What is counted of the rows of a file is what is in it."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from persona_assets.errors import InconsistentOutputError, Producer
from persona_assets.publishing.row_signs import read_row_signs

SYSTEM, USER, ANSWER = ({"role": role, "content": "text"} for role in ("system", "user", "assistant"))
ROWS = [
    {"label": "pos", "score_status": "ok", "question_index": 0, "question": "How?", "system_prompt": "Be."},
    {"label": "pos", "score_status": "missing", "question_index": 1, "question": "Why?", "system_prompt": "Be."},
    {"label": "neg", "score_status": "ok", "question_index": 7, "question": "How?", "system_prompt": ""},
]
CONVERSATIONS = [[SYSTEM, USER, ANSWER], [USER, ANSWER], [USER, ANSWER]]
PRODUCER = Producer("parquet_export", "a key")


def test_labels_scores_questions_and_folded_system_turns_are_counted(tmp_path: Path) -> None:
    rows = [row | {"messages": messages} for row, messages in zip(ROWS, CONVERSATIONS, strict=True)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "rows.parquet", row_group_size=2)
    signs = read_row_signs(tmp_path / "rows.parquet", PRODUCER)
    assert (signs.labels, signs.scored_by_label) == ({"neg": 1, "pos": 2}, {"neg": 1, "pos": 1})
    assert (signs.statuses, signs.scored) == ({"missing": 1, "ok": 2}, 2)
    assert signs.folded == 1  # the third row has no system prompt
    assert (signs.questions, signs.repeated_questions) == (3, 1)
    assert signs.columns == (*ROWS[0], "messages")


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "rows.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(InconsistentOutputError, match=r"rows\.parquet cannot be read"):
        read_row_signs(tmp_path / "rows.parquet", PRODUCER)
