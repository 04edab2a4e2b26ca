"""The rule of a variant says of every row what a plain comparison says: as a filter, as SQL, and in the check."""

import duckdb
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from persona_assets.keys import Variant
from persona_assets.stages.filtered_variants import checks
from persona_assets.stages.filtered_variants.rule import describe_in_sql, find_passing

SCORES = st.none() | st.integers(0, 5)
ROWS = st.lists(st.tuples(st.sampled_from(("pos", "neg")), SCORES), max_size=20)


def passes(label: str, score: int | None, low: int | None, high: int | None, wanted: str | None) -> bool:
    if wanted is not None and label != wanted:
        return False
    if low is None and high is None:
        return True
    if score is None:
        return False
    return (low is None or low <= score) and (high is None or score <= high)


@given(ROWS, SCORES, SCORES, st.sampled_from((None, "pos", "neg")))
def test_a_row_without_a_score_passes_no_bound_and_the_others_as_their_score_says(
    rows: list[tuple[str, int | None]], low: int | None, high: int | None, wanted: str | None
) -> None:
    if low is not None and high is not None:
        low, high = sorted((low, high))
    if (low, high, wanted) == (None, None, None):
        wanted = "pos"
    variant = Variant(low, wanted, high)
    expected = [passes(label, score, low, high, wanted) for label, score in rows]
    table = pa.table(
        {
            "label": pa.array([label for label, _ in rows], pa.string()),
            "extract_score": pa.array([score for _, score in rows], pa.int64()),
        }
    )
    assert find_passing(table, variant).to_pylist() == expected
    assert checks._find_belonging(table, variant) == expected
    by_sql = duckdb.from_arrow(table).project(f"coalesce({describe_in_sql(variant)}, false) AS passes")
    assert [passed for (passed,) in by_sql.fetchall()] == expected
