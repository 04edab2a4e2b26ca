"""How histogram looks in the UI."""

from collections.abc import Mapping

from persona_assets.stage.shown import Shown, ShownPath, ShownPicture
from persona_assets.stage.wording import count
from persona_assets.stages.histogram.make import HistogramMade


def show(made: HistogramMade) -> Mapping[str, Shown]:
    return {
        "summary": f"{count(made.conversations, 'conversation')}, {made.without_score:,} without a score",
        "picture": ShownPicture(made.thumbnail, "histogram"),
        "conversations": made.conversations,
        "conversations_without_score": made.without_score,
        "path": ShownPath(made.path),
        **{path.suffix.removeprefix("."): ShownPath(path) for path in made.beside},
        "size_bytes": made.size_bytes,
    }
