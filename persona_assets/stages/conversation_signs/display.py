"""How conversation_signs looks in the UI."""

from collections.abc import Mapping

from persona_assets.stage.shown import COLUMN_SCHEMA, ROW_COUNT, Shown, ShownJson, ShownPath, ShownSchema, ShownTable
from persona_assets.stages.conversation_signs.make import ConversationSignsMade


def show(made: ConversationSignsMade) -> Mapping[str, Shown]:
    return {
        "path": ShownPath(made.path),
        ROW_COUNT: made.rows,
        COLUMN_SCHEMA: ShownSchema.of(made.schema),
        **made.signs,
        "with_further_turns": made.with_further_turns,
        "token_limit": ShownJson(dict(made.cap)),
        "first_offenders": ShownTable(
            {"sign": name, "rows": made.signs[name], "first": ", ".join(rows)}
            for name, rows in made.offenders.items()
        ),
    }
