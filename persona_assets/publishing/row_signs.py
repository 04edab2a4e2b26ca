"""What the rows of a dataset say, read from the very file that is published."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from persona_assets.errors import Producer
from persona_assets.regular_files import check_regular

_READ = ("label", "score_status", "question_index", "question", "system_prompt", "messages.list.element.role")
"""Of the conversations, only who speaks."""
SCORED = "ok"
SYSTEM = "system"


@dataclass(frozen=True)
class RowSigns:
    """Counts of the rows, and what whoever reads them has to know."""

    columns: tuple[str, ...]
    labels: Mapping[str, int]
    scored_by_label: Mapping[str, int]
    """Of labels that have a scored row."""
    statuses: Mapping[str, int]
    folded: int
    """Rows whose system prompt is not a message of its own."""
    questions: int
    """Values of ``question_index``."""
    repeated_questions: int
    """Those of them with the text of another."""

    @property
    def scored(self) -> int:
        return self.statuses.get(SCORED, 0)


def read_row_signs(path: Path, producer: Producer) -> RowSigns:
    """Read the columns that are counted.

    Raises:
        InconsistentOutputError: the file is damaged.
    """
    try:
        check_regular(path)
        with pq.ParquetFile(path) as file:
            columns = file.schema_arrow.names
            table = file.read(columns=list(_READ))
    except (OSError, pa.ArrowException) as error:
        raise producer.inconsistent(f"{path} cannot be read: {error}", path) from error
    asked = table.group_by(["question_index", "question"]).aggregate([])
    return RowSigns(
        tuple(columns),
        labels=_count(table["label"]),
        scored_by_label=_count(table.filter(pc.equal(table["score_status"], SCORED))["label"]),
        statuses=_count(table["score_status"]),
        folded=_count_folded(table),
        questions=pc.count_distinct(asked["question_index"]).as_py(),
        repeated_questions=len(asked) - pc.count_distinct(asked["question"]).as_py(),
    )


def _count(column: pa.ChunkedArray) -> dict[str, int]:
    return dict(sorted(Counter(column.to_pylist()).items()))


def _count_folded(table: pa.Table) -> int:
    if not table.num_rows:
        return 0
    first = pc.struct_field(pc.list_element(table["messages"].combine_chunks(), 0), "role")
    has_prompt = pc.greater(pc.utf8_length(table["system_prompt"]), 0)
    return int(pc.sum(pc.and_(has_prompt, pc.not_equal(first, SYSTEM))).as_py() or 0)
