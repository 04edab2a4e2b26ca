"""From evaluations and the responses that they judge to scores."""

from collections.abc import Iterator, Mapping, Sequence

from persona_assets.raw.layouts.contract import ScoreEntry
from persona_assets.raw.layouts.rollout_tables.joining import Response, disagreement, find_row, responses_of, told
from persona_assets.raw.layouts.rollout_tables.names import (
    CATEGORY,
    INSTRUCTION_INDEX,
    QUESTION_INDEX,
    RESPONSE_ROW,
    ROLLOUT,
    SCORE,
    SHARED,
    SUFFIX,
    VERDICT,
    Group,
    evaluations_of,
)
from persona_assets.raw.layouts.rollout_tables.parquet_tables import Table, TableRow
from persona_assets.raw.rows import Identity

EVALUATION_COLUMNS = (*SHARED, RESPONSE_ROW, ROLLOUT, SCORE, VERDICT)
JUDGED_COLUMNS = (*SHARED, ROLLOUT)
_COMPARED = (ROLLOUT, CATEGORY, INSTRUCTION_INDEX, QUESTION_INDEX)


def judge_responses(groups: Sequence[Group], tables: Mapping[str, Table]) -> Iterator[ScoreEntry]:
    """Yield every evaluation, with the row that it judges if its response is there and agrees with it."""
    for group in groups:
        judged: dict[str, dict[int, Response]] = {name: {} for name in group.responses}
        for response in responses_of(group.responses, tables):
            judged[response.table][response.row.place] = response
        for name in group.responses:
            if (evaluations := evaluations_of(name)) in tables:
                yield from _entries(evaluations, tables[evaluations], tables[name], judged[name])


def _entries(name: str, evaluations: Table, responses: Table, judged: Mapping[int, Response]) -> Iterator[ScoreEntry]:
    seen: dict[Identity, object] = {}
    for row in evaluations.rows:
        identity, value = _judged(row, responses, judged), told(row.values[SCORE])
        if isinstance(identity, str):
            yield _unreadable(name, row, identity)
        elif identity in seen and seen[identity] == value:
            yield _unreadable(name, row, f"{identity} is judged again")
        else:
            seen.setdefault(identity, value)
            verdict = row.values[VERDICT]
            text = f"row {row.number}: {identity} ({name}{SUFFIX})"
            yield ScoreEntry(text, identity, value, verdict=None if verdict is None else str(verdict))


def _judged(row: TableRow, responses: Table, judged: Mapping[int, Response]) -> Identity | str:
    """The row that an evaluation judges, or why it cannot be told."""
    response = find_row(responses, row.values[RESPONSE_ROW], "response")
    if isinstance(response, str):
        return response
    if problem := disagreement(row, response, _COMPARED):
        return f"of response {response.place}: {problem}"
    return judged[response.place].identity or f"response {response.place} does not say which row it is"


def _unreadable(name: str, row: TableRow, problem: str) -> ScoreEntry:
    return ScoreEntry(f"row {row.number}: {problem} ({name}{SUFFIX})", None, None)
