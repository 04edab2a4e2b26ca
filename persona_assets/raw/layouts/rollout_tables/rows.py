"""From joined tables to rows."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from persona_assets.raw.folding import BETWEEN
from persona_assets.raw.layouts.rollout_tables.joining import (
    Response,
    as_index,
    disagreement,
    find_row,
    responses_of,
    told,
    unreadable_index,
)
from persona_assets.raw.layouts.rollout_tables.names import (
    CATEGORY,
    FINISH_REASON,
    INSTRUCTION,
    MODEL,
    PROMPT,
    QUESTION,
    RESPONSE,
    ROLLOUT,
    SHARED,
    TOKENS,
    Group,
)
from persona_assets.raw.layouts.rollout_tables.parquet_tables import Table, TableRow
from persona_assets.raw.rows import (
    MOST_TOKENS,
    ChatMessage,
    Identity,
    Note,
    ParsedRow,
    RawRow,
    Reason,
    Rejection,
    RowRules,
    printable,
)

ROLLOUT_COLUMNS = (*SHARED, INSTRUCTION, QUESTION)
RESPONSE_COLUMNS = (*SHARED, ROLLOUT, MODEL, PROMPT, RESPONSE, FINISH_REASON, TOKENS)
_KNOWN = {*ROLLOUT_COLUMNS, *RESPONSE_COLUMNS}


def parse_responses(
    groups: Sequence[Group], tables: Mapping[str, Table], rules: RowRules
) -> Iterator[tuple[Response, ParsedRow | Rejection]]:
    """Yield every response, with the row that it is together with its rollout, or why it is none."""
    model = _usual_model(groups, tables)
    for group in groups:
        for response in responses_of(group.responses, tables):
            yield response, _parse(response, tables[group.rollouts], model, rules)


def _usual_model(groups: Sequence[Group], tables: Mapping[str, Table]) -> str:
    names = (name for group in groups for name in group.responses)
    models = Counter(str(row.values[MODEL]) for name in names for row in tables[name].rows)
    return next((model for model, _ in models.most_common(1)), "")


def _parse(response: Response, rollouts: Table, model: str, rules: RowRules) -> ParsedRow | Rejection:
    values = response.row.values
    if (here := str(values[MODEL])) != model:
        detail = f"{MODEL} is {here[:80]!r}, in other rows it is {model[:80]!r}"
        return Rejection(Reason.FOREIGN_ROW, detail)
    if response.identity is None:
        problem = unreadable_index(response.row) or f"{CATEGORY} is {str(values[CATEGORY])[:40]!r}"
        return Rejection(Reason.WRONG_TYPE, problem)
    rollout = find_row(rollouts, values[ROLLOUT], "rollout")
    if isinstance(rollout, str):
        return Rejection(Reason.BROKEN_JOIN, rollout)
    if differing := disagreement(response.row, rollout):
        return Rejection(Reason.BROKEN_JOIN, f"of its rollout {rollout.place}: {differing}")
    fields = {**rollout.values, **values}
    if rejection := _misfit(fields, rules):
        return rejection
    row = _row(response.identity, fields)
    return rules.problem(row) or ParsedRow(row, *_unusual(row, fields))


def _misfit(fields: Mapping[str, Any], rules: RowRules) -> Rejection | None:
    texts = [fields[name] for name in (INSTRUCTION, QUESTION, PROMPT, RESPONSE)]
    for name, text in zip((INSTRUCTION, QUESTION, PROMPT, RESPONSE), texts, strict=True):
        if not isinstance(text, str):
            reason = Reason.MISSING_FIELD if text is None else Reason.WRONG_TYPE
            return Rejection(reason, f"{name} is {str(text)[:40]!r}, not a text")
    size = sum(len(text) for text in texts)
    if size > rules.max_line_bytes:
        detail = f"the row has {size:,} characters, more than the {rules.max_line_bytes:,} of PERSONA_MAX_LINE_BYTES"
        return Rejection(Reason.LINE_TOO_LONG, detail)
    instruction, question, prompt, _ = texts
    if prompt != f"{instruction}{BETWEEN}{question}" and (instruction or prompt != question):
        detail = f"{PROMPT} {prompt[:80]!r} is not the instruction, an empty line and the question of its rollout"
        return Rejection(Reason.UNKNOWN_PROMPT_FORM, detail)
    return _untold(fields)


def _untold(fields: Mapping[str, Any]) -> Rejection | None:
    """What the generator tells must be of its type, if it tells it."""
    reason, tokens = fields[FINISH_REASON], told(fields[TOKENS])
    if not (reason is None or isinstance(reason, str)):
        return Rejection(Reason.WRONG_TYPE, f"{FINISH_REASON} is {str(reason)[:40]!r}, not a text")
    if not (tokens is None or (as_index(tokens) is not None and tokens < MOST_TOKENS)):
        return Rejection(Reason.WRONG_TYPE, f"{TOKENS} is {str(tokens)[:40]!r}, no number of tokens")
    return None


def _row(identity: Identity, fields: Mapping[str, Any]) -> RawRow:
    return RawRow(
        system_prompt=fields[INSTRUCTION],
        label=identity.label,
        prompt_index=identity.prompt_index,
        conversation=[ChatMessage("user", fields[PROMPT]), ChatMessage("assistant", fields[RESPONSE])],
        question_index=identity.question_index,
        question=fields[QUESTION],
        sample_index=identity.sample_index,
        finish_reason=fields[FINISH_REASON],
        generated_tokens=as_index(fields[TOKENS]),
    )


def _unusual(row: RawRow, fields: Mapping[str, Any]) -> tuple[tuple[Note, ...], tuple[str, ...]]:
    extra = tuple(printable(name) for name in fields if name not in _KNOWN)
    texts = (row.system_prompt, row.question, *(message.content for message in row.conversation))
    found = {Note.EXTRA_FIELD: bool(extra), Note.ESCAPED_NUL: any("\0" in text for text in texts)}
    return tuple(note for note, holds in found.items() if holds), extra


def excerpt(row: TableRow) -> bytes:
    """The beginning of a response, for the quarantine."""
    values = row.values
    return f"{values[PROMPT]!s} | {values[RESPONSE]!s}"[:300].encode(errors="backslashreplace")
