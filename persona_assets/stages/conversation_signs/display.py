"""How conversation_signs looks in the UI."""

from collections.abc import Mapping

from persona_assets.stage.shown import ROW_COUNT, Shown, ShownPath, ShownTable
from persona_assets.stage.wording import count, percent, tally
from persona_assets.stages.conversation_signs.make import ConversationSignsMade


def show(made: ConversationSignsMade) -> Mapping[str, Shown]:
    found = {name: rows for name, rows in made.signs.items() if rows}
    return {
        "summary": f"of {count(made.rows, 'row')}: {tally(found) if found else 'none has a sign'}",
        "signs": ShownTable(
            {
                "sign": name,
                "rows": rows,
                "share": percent(rows, made.rows),
                "first": ", ".join(made.offenders.get(name, ())),
            }
            for name, rows in sorted(found.items(), key=lambda item: -item[1])
        ),
        ROW_COUNT: made.rows,
        **{f"rows_{name}": rows for name, rows in made.signs.items()},
        "rows_with_further_turns": made.with_further_turns,
        **{f"limit_of_{measure}": limit for measure, limit in made.cap.items()},
        "path": ShownPath(made.path),
    }
