"""Pictures of more than one dataset, each drawn again only when the statistics behind it have changed."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from PIL import Image

from persona_assets.corpus.statistics_records import statistics_records
from persona_assets.keys import DatasetKey
from persona_assets.kinds import KINDS
from persona_assets.plots.comparison_figure import comparison_figure
from persona_assets.plots.overview_figure import overview_figure
from persona_assets.plots.saving import save_picture
from persona_assets.plots.shared_axes import SharedAxes, shared_axes
from persona_assets.stages.histogram import draw_dataset
from persona_assets.store.locks import locked
from persona_assets.store.parquet import read_parquet
from persona_assets.store.replacement import new_file, replacing
from persona_assets.workspace import Workspace

Record = Mapping[str, Any]
DRAWN_FROM = "DrawnFrom"
"""Text inside each picture: a hash of what it shows and of how it is drawn."""
DRAWING_VERSION = "1"
"""Raised whenever equal statistics would give another picture."""
_SHOWN = ("model", "type", "name", "tokenizer", "all", "by_score", "by_length")


@dataclass
class PicturesMade:
    overviews: list[Path] = field(default_factory=list)
    comparisons: list[Path] = field(default_factory=list)
    on_shared_axes: list[Path] = field(default_factory=list)
    drawn: int = 0
    """How many of these are new; the others were up to date."""
    removed: int = 0
    """Pictures of personas and models that have no statistics any more."""


@dataclass(frozen=True)
class _Picture:
    path: Path
    shown: Any
    """What it is drawn from, as JSON."""
    draw: Callable[[], Figure]


def draw_pictures(workspace: Workspace, keys: Iterable[DatasetKey], *, on_shared_axes: bool) -> PicturesMade:
    """Draw an overview of every model, a comparison of every persona that more than one model has and, when
    asked or once they are there, every dataset on the axes of its kind.

    Raises:
        InconsistentOutputError: a key's statistics are damaged.
    """
    records = {
        key: {name: record[name] for name in _SHOWN}
        for key, record in statistics_records(workspace, keys)
        if record is not None
    }
    made = PicturesMade()
    with locked(workspace.corpus_lock):
        made.overviews = _bring_up_to_date(_overviews(workspace, records), made)
        made.comparisons = _bring_up_to_date(_comparisons(workspace, records), made)
        if on_shared_axes or workspace.comparisons.joinpath("shared_axes").exists():
            made.on_shared_axes = _bring_up_to_date(_on_shared_axes(workspace, records), made)
        made.removed = _remove_others(workspace, {*made.overviews, *made.comparisons, *made.on_shared_axes})
    return made


def _overviews(workspace: Workspace, records: Mapping[DatasetKey, Record]) -> Iterator[_Picture]:
    for (model, kind), group in _grouped(records, lambda key: (key.model, key.kind.name)):
        path = workspace.overview_picture(model, KINDS[kind])
        yield _Picture(path, group, partial(overview_figure, model, KINDS[kind], group))


def _comparisons(workspace: Workspace, records: Mapping[DatasetKey, Record]) -> Iterator[_Picture]:
    for (kind, persona), group in _grouped(records, lambda key: (key.kind.name, key.persona)):
        if len(group) > 1:
            path = workspace.comparison_picture(KINDS[kind], persona)
            yield _Picture(path, group, partial(comparison_figure, persona, KINDS[kind], group))


def _on_shared_axes(workspace: Workspace, records: Mapping[DatasetKey, Record]) -> Iterator[_Picture]:
    for kind in KINDS.values():
        axes = shared_axes(record for key, record in records.items() if key.kind == kind)
        for key, record in records.items():
            if key.kind == kind:
                path = workspace.shared_axes_picture(key)
                yield _Picture(path, [record, asdict(axes)], partial(_draw_dataset, workspace, key, record, axes))


def _draw_dataset(workspace: Workspace, key: DatasetKey, record: Record, axes: SharedAxes) -> Figure:
    return draw_dataset(key, read_parquet(workspace.token_counts(key)), record["tokenizer"], axes)


def _grouped(
    records: Mapping[DatasetKey, Record], group_of: Callable[[DatasetKey], tuple[str, str]]
) -> Iterator[tuple[tuple[str, str], list[Record]]]:
    groups = defaultdict[tuple[str, str], list[Record]](list)
    for key, record in records.items():
        groups[group_of(key)].append(record)
    yield from sorted(groups.items(), key=itemgetter(0))


def _bring_up_to_date(pictures: Iterable[_Picture], made: PicturesMade) -> list[Path]:
    paths = []
    for picture in pictures:
        shown = json.dumps([DRAWING_VERSION, picture.shown], sort_keys=True)
        drawn_from = hashlib.sha256(shown.encode()).hexdigest()
        if _drawn_from(picture.path) != drawn_from:
            with new_file(picture.path) as staged:
                save_picture(picture.draw(), staged, {DRAWN_FROM: drawn_from})
            made.drawn += 1
        paths.append(picture.path)
    return paths


def _drawn_from(path: Path) -> str | None:
    """What the picture at ``path`` says it was drawn from; None where there is none that says so."""
    try:
        with Image.open(path) as image:
            return image.info.get(DRAWN_FROM)
    except (OSError, SyntaxError):
        return None


def _remove_others(workspace: Workspace, wanted: set[Path]) -> int:
    others = set(workspace.comparisons.glob("*/*.png")) - wanted
    with replacing() as replacement:
        return sum(replacement.remove(path) for path in sorted(others))
