"""Pictures of more than one dataset, each drawn again only when the statistics behind it have changed."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any

import msgspec
from matplotlib.figure import Figure
from PIL import Image

from persona_assets.collection.current_statistics import read_current_statistics, report_damaged
from persona_assets.errors import InconsistentOutputError, Producer
from persona_assets.keys import DatasetKey
from persona_assets.kinds import KINDS
from persona_assets.plots.dataset_figure import draw_dataset
from persona_assets.plots.figures_of_many import draw_comparison, draw_overview
from persona_assets.plots.pictures import save_picture
from persona_assets.plots.scales import SharedAxes, fit_shared_axes
from persona_assets.regular_files import open_regular
from persona_assets.run.worker_pools import local_processes
from persona_assets.stages.token_stats.spec import COUNTS, TOKEN_STATS
from persona_assets.statistics.key_statistics import KeyStatistics
from persona_assets.store.ownership import owning
from persona_assets.store.parquet import read_parquet
from persona_assets.store.replacement import new_file, replacing
from persona_assets.tokens.identity import TokenizerIdentity
from persona_assets.workspace import Workspace

DRAWN_FROM = "DrawnFrom"
"""Text inside each picture: a hash of what it shows and of how it is drawn."""
DRAWING_VERSION = "1"
"""Increased whenever equal statistics would give another picture."""
WORTH_A_PROCESS = 20
"""From this number of pictures on, other processes are worth the second that they take to start."""
_SHOWN = ("model", "type", "name", "tokenizer", "all", "by_score", "by_length", "dataset_fingerprint")
"""The statistics that pictures show."""


@dataclass(frozen=True)
class PicturesMade:
    overviews: tuple[Path, ...]
    comparisons: int
    on_shared_axes: int
    drawn: int
    """How many of these are new; the others were up to date."""
    removed: int
    """Pictures of personas and models that have no statistics any more."""


@dataclass(frozen=True)
class _Picture:
    path: Path
    draw: Callable[[], Figure]
    fingerprint: str

    @classmethod
    def of(cls, path: Path, draw: Callable[[], Figure], shown: Any) -> "_Picture":
        """``shown`` is what it is drawn from, as JSON."""
        content = json.dumps([DRAWING_VERSION, shown], sort_keys=True)
        return cls(path, draw, hashlib.sha256(content.encode()).hexdigest())


def draw_pictures(
    workspace: Workspace, keys: Iterable[DatasetKey], *, on_shared_axes: bool, workers: int
) -> PicturesMade:
    """Draw an overview of every model, a comparison of every persona that more than one model has and, if
    asked for or already there, a picture of every dataset on the axes of its kind.

    Raises:
        InconsistentOutputError: the statistics of some keys are damaged; everything is drawn without them.
    """
    damaged: list[InconsistentOutputError] = []
    found = {
        key: _keep_shown(statistics)
        for key, statistics in read_current_statistics(workspace, keys, damaged)
        if statistics is not None
    }
    overviews, comparisons = list(_plan_overviews(workspace, found)), list(_plan_comparisons(workspace, found))
    shared = on_shared_axes or workspace.comparisons.joinpath("shared_axes").exists()
    datasets = list(_plan_on_shared_axes(workspace, found)) if shared else []
    pictures = [*overviews, *comparisons, *datasets]
    with owning(workspace.corpus_ownership):
        drawn, failed = _bring_up_to_date(pictures, workers)
        damaged += failed
        removed = 0 if damaged else _remove_others(workspace, {picture.path for picture in pictures})
    report_damaged(damaged)
    return PicturesMade(
        overviews=tuple(picture.path for picture in overviews),
        comparisons=len(comparisons),
        on_shared_axes=len(datasets),
        drawn=drawn,
        removed=removed,
    )


def _keep_shown(statistics: KeyStatistics) -> KeyStatistics:
    """Drop what no picture shows, because all keys are in memory together."""
    return msgspec.structs.replace(statistics, by_label={}, by_prompt={}, thresholds=[], variants={})


def _list_shown(statistics: KeyStatistics) -> dict[str, Any]:
    return {name: msgspec.to_builtins(getattr(statistics, name)) for name in _SHOWN}


def _plan_overviews(workspace: Workspace, found: Mapping[DatasetKey, KeyStatistics]) -> Iterator[_Picture]:
    for (model, kind), group in _group(found, lambda key: (key.model, key.kind.name)):
        path = workspace.overview_picture(model, KINDS[kind])
        yield _Picture.of(path, partial(draw_overview, model, KINDS[kind], group), list(map(_list_shown, group)))


def _plan_comparisons(workspace: Workspace, found: Mapping[DatasetKey, KeyStatistics]) -> Iterator[_Picture]:
    for (kind, persona), group in _group(found, lambda key: (key.kind.name, key.persona)):
        if len(group) > 1:
            path = workspace.comparison_picture(KINDS[kind], persona)
            yield _Picture.of(
                path, partial(draw_comparison, persona, KINDS[kind], group), list(map(_list_shown, group))
            )


def _plan_on_shared_axes(workspace: Workspace, found: Mapping[DatasetKey, KeyStatistics]) -> Iterator[_Picture]:
    for kind in KINDS.values():
        axes = fit_shared_axes(statistics.summary for key, statistics in found.items() if key.kind == kind)
        for key, statistics in found.items():
            if key.kind == kind:
                draw = partial(_draw_dataset, workspace, key, statistics.tokenizer, axes)
                yield _Picture.of(workspace.shared_axes_picture(key), draw, [_list_shown(statistics), asdict(axes)])


def _draw_dataset(workspace: Workspace, key: DatasetKey, tokenizer: TokenizerIdentity, axes: SharedAxes) -> Figure:
    counts = read_parquet(COUNTS.path(workspace.root, key), Producer(TOKEN_STATS.name, key))
    return draw_dataset(key, counts, tokenizer, axes)


def _group(
    found: Mapping[DatasetKey, KeyStatistics], group_of: Callable[[DatasetKey], tuple[str, str]]
) -> Iterator[tuple[tuple[str, str], list[KeyStatistics]]]:
    groups = defaultdict[tuple[str, str], list[KeyStatistics]](list)
    for key, statistics in found.items():
        groups[group_of(key)].append(statistics)
    yield from sorted(groups.items(), key=itemgetter(0))


def _bring_up_to_date(pictures: Sequence[_Picture], workers: int) -> tuple[int, list[InconsistentOutputError]]:
    """Draw the pictures that are out of date; return how many were drawn, and why others could not be."""
    outdated = [picture for picture in pictures if _drawn_from(picture.path) != picture.fingerprint]
    if workers == 1 or len(outdated) < WORTH_A_PROCESS:
        results = list(map(_draw, outdated))
    else:
        with local_processes(workers) as pool:
            results = list(pool.executor.map(_draw, outdated, chunksize=8))
    failed = [result for result in results if result]
    return len(outdated) - len(failed), failed


def _draw(picture: _Picture) -> InconsistentOutputError | None:
    try:
        with new_file(picture.path) as staged:
            save_picture(picture.draw(), staged, {DRAWN_FROM: picture.fingerprint})
    except InconsistentOutputError as error:
        return error
    return None


def _drawn_from(path: Path) -> str | None:
    """The fingerprint inside the picture at ``path``; None if there is no picture, or none with a fingerprint."""
    try:
        with open_regular(path) as file, Image.open(file) as image:
            return image.info.get(DRAWN_FROM)
    except (OSError, SyntaxError):
        return None


def _remove_others(workspace: Workspace, wanted: set[Path]) -> int:
    """Remove pictures that are no longer wanted, except those without a fingerprint, which were not made here."""
    found = {path for folder in workspace.comparison_folders for path in folder.glob("*.png")}
    others = [path for path in sorted(found - wanted) if _drawn_from(path)]
    with replacing(workspace.corpus_ownership.journal) as replacement:
        return sum(replacement.remove(path) for path in others)
