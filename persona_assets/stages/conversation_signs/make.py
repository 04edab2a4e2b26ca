"""Looking for signs in every conversation of a key."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from persona_assets.keys import DatasetKey
from persona_assets.stage.context import StageContext
from persona_assets.stage.outcomes import Made, first
from persona_assets.stages.conversation_signs.columns import Signs, find_signs, mark_rows, name_rows
from persona_assets.stages.conversation_signs.spec import SIGNS
from persona_assets.store.parquet import write_parquet
from persona_assets.store.replacement import Replacement


@dataclass(frozen=True)
class ConversationSignsMade:
    path: Path
    rows: int
    signs: Mapping[str, int]
    """How many rows have each sign."""
    offenders: Mapping[str, list[str]]
    """The first rows with each sign that any has."""
    with_further_turns: int
    cap: Mapping[str, int]


def make(
    context: StageContext[DatasetKey], replacement: Replacement, dataset: pa.Table, counts: pa.Table
) -> Made[ConversationSignsMade]:
    """Write the signs of every row of the key's dataset."""
    path = SIGNS.path(context.workspace.root, context.key)
    made = _describe(path, find_signs(dataset, counts, context.key.model), replacement)
    return Made(
        made,
        findings={
            "rows": made.rows,
            "signs": made.signs,
            "with_further_turns": made.with_further_turns,
            "cap": made.cap,
        },
    )


def _describe(path: Path, found: Signs, replacement: Replacement) -> ConversationSignsMade:
    write_parquet(replacement.file(path), found.table)
    marked = mark_rows(found.table)
    measure, cap = found.truncation.measure, found.truncation.cap
    return ConversationSignsMade(
        path,
        found.table.num_rows,
        signs={name: int(flags.sum()) for name, flags in marked.items()},
        offenders={name: first(name_rows(found.table, flags)) for name, flags in marked.items() if flags.any()},
        with_further_turns=found.with_further_turns,
        cap={measure: cap} if measure and cap else {},
    )
