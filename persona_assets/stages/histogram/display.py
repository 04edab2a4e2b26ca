"""How histogram looks in the UI."""

from collections.abc import Mapping

from persona_assets.stage.shown import Shown, ShownPath, ShownPicture
from persona_assets.stages.histogram.make import HistogramMade


def show(made: HistogramMade) -> Mapping[str, Shown]:
    return {
        "path": ShownPath(made.path),
        **{path.suffix.removeprefix("."): ShownPath(path) for path in made.beside},
        "bytes": made.size_bytes,
        "conversations": made.conversations,
        "without_score": made.without_score,
        "picture": ShownPicture(made.thumbnail, "histogram"),
    }
