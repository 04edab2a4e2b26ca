"""Pictures of more than one dataset, each drawn again only when the statistics behind it have changed."""

import hashlib
import json
import re
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
from persona_assets.keys import DatasetKey, DatasetName
from persona_assets.kinds import KINDS
from persona_assets.plots.compared import Compared, measure_against_baselines, read_compared
from persona_assets.plots.dataset_figure import caption_dataset, draw_dataset
from persona_assets.plots.figures_of_many import draw_comparison, draw_differences, draw_overview
from persona_assets.plots.pictures import PNG, save_picture
from persona_assets.plots.plotted_rows import PlottedRows, read_plotted
from persona_assets.plots.shared_axes import SharedAxes, fit_shared_axes
from persona_assets.regular_files import open_regular
from persona_assets.run.worker_pools import local_processes
from persona_assets.settings import PICTURE_FORMATS
from persona_assets.stages.histogram.cuts import find_cuts
from persona_assets.stages.scored_dataset.spec import DATASET_FOLDER, SCORED_DATASET
from persona_assets.stages.token_stats.spec import COUNTS, TOKEN_STATS
from persona_assets.store.dataset_folders import read_dataset
from persona_assets.store.ownership import owning
from persona_assets.store.parquet import read_parquet
from persona_assets.store.replacement import new_file, replacing
from persona_assets.tokens.identity import TokenizerIdentity
from persona_assets.workspace import Workspace

DRAWN_FROM = "DrawnFrom"
"""Text inside each picture: a hash of what it shows and of how it is drawn."""
DRAWING_VERSION = "2"
"""Increased whenever equal statistics would give another picture."""
WORTH_A_PROCESS = 20
"""From this number of pictures on, other processes are worth the second that they take to start."""
_IN_TEXT = re.compile(rb"DrawnFrom ([0-9a-f]{64})")
"""Where a PDF or SVG has it."""


@dataclass(frozen=True)
class PicturesMade:
    overviews: tuple[Path, ...]
    differences: tuple[Path, ...]
    comparisons: int
    on_shared_axes: int
    drawn: int
    """How many of these are new; the others were up to date."""
    removed: int
    """Pictures of personas and models that have no statistics any more."""


@dataclass(frozen=True)
class _Picture:
    path: Path
    """Of the PNG; other formats are beside it."""
    draw: Callable[[], Figure]
    fingerprint: str
    formats: Sequence[str]

    @property
    def files(self) -> Iterator[tuple[str, Path]]:
        """Each format with its file."""
        for form in self.formats:
            yield form, self.path.with_name(f"{self.path.name.removesuffix(PNG)}{form}")


@dataclass(frozen=True)
class _Album:
    """What pictures are drawn from, and where to."""

    workspace: Workspace
    formats: Sequence[str]
    found: Mapping[DatasetKey, Compared]
    tokenizers: Mapping[DatasetKey, TokenizerIdentity]

    def plan(self, path: Path, draw: Callable[[], Figure], shown: Any) -> _Picture:
        """``shown`` is what it is drawn from."""
        content = json.dumps([DRAWING_VERSION, msgspec.to_builtins(shown)], sort_keys=True)
        return _Picture(path, draw, hashlib.sha256(content.encode()).hexdigest(), self.formats)


def draw_pictures(
    workspace: Workspace, keys: Iterable[DatasetKey], *, on_shared_axes: bool, workers: int, formats: Sequence[str]
) -> PicturesMade:
    """Draw an overview of every model and its differences to the model as itself, a comparison of every persona that
    more than one model has and, if asked for or already there, a picture of every dataset on the axes of its kind.

    Raises:
        InconsistentOutputError: the statistics of some keys are damaged; everything is drawn without them.
    """
    damaged: list[InconsistentOutputError] = []
    album = _read_album(workspace, keys, formats, damaged)
    overviews, differences = list(_plan_overviews(album)), list(_plan_differences(album))
    comparisons = list(_plan_comparisons(album))
    shared = on_shared_axes or workspace.comparisons.joinpath("shared_axes").exists()
    datasets = list(_plan_on_shared_axes(album, damaged)) if shared else []
    pictures = [*overviews, *differences, *comparisons, *datasets]
    with owning(workspace.corpus_ownership):
        drawn, failed = _bring_up_to_date(pictures, workers)
        damaged += failed
        wanted = {path for picture in pictures for _, path in picture.files}
        removed = 0 if damaged else _remove_others(workspace, wanted)
    report_damaged(damaged)
    return PicturesMade(
        overviews=tuple(picture.path for picture in overviews),
        differences=tuple(picture.path for picture in differences),
        comparisons=len(comparisons),
        on_shared_axes=len(datasets),
        drawn=drawn,
        removed=removed,
    )


def _read_album(
    workspace: Workspace,
    keys: Iterable[DatasetKey],
    formats: Sequence[str],
    damaged: list[InconsistentOutputError],
) -> _Album:
    found: dict[DatasetKey, Compared] = {}
    tokenizers: dict[DatasetKey, TokenizerIdentity] = {}
    for key, statistics in read_current_statistics(workspace, keys, damaged):
        if statistics is not None:
            found[key] = read_compared(key, statistics)
            tokenizers[key] = statistics.tokenizer
    return _Album(workspace, formats, measure_against_baselines(found), tokenizers)


def _plan_overviews(album: _Album) -> Iterator[_Picture]:
    for (model, kind), group in _group(album.found, lambda key: (key.model, key.kind.name)):
        path = album.workspace.overview_picture(model, KINDS[kind])
        yield album.plan(path, partial(draw_overview, model, KINDS[kind], group), group)


def _plan_differences(album: _Album) -> Iterator[_Picture]:
    for (model, kind), group in _group(album.found, lambda key: (key.model, key.kind.name)):
        measured = [one for one in group if one.baseline]
        if measured:
            path = album.workspace.differences_picture(model, KINDS[kind])
            yield album.plan(path, partial(draw_differences, model, KINDS[kind], measured), ["differences", measured])


def _plan_comparisons(album: _Album) -> Iterator[_Picture]:
    for (kind, persona), group in _group(album.found, lambda key: (key.kind.name, key.persona)):
        if len(group) > 1:
            path = album.workspace.comparison_picture(KINDS[kind], persona)
            yield album.plan(path, partial(draw_comparison, persona, KINDS[kind], group), group)


def _plan_on_shared_axes(album: _Album, damaged: list[InconsistentOutputError]) -> Iterator[_Picture]:
    for kind in KINDS.values():
        keys = [key for key in album.found if key.kind == kind]
        read = (_read_rows(album.workspace, key, damaged) for key in keys)
        axes = fit_shared_axes(kind, filter(None, read))
        for key in keys:
            draw = partial(_draw_dataset, album.workspace, key, album.tokenizers[key], axes)
            shown = [album.found[key].fingerprint, album.tokenizers[key], asdict(axes)]
            yield album.plan(album.workspace.shared_axes_picture(key), draw, shown)


def _read_rows(workspace: Workspace, key: DatasetKey, damaged: list[InconsistentOutputError]) -> PlottedRows | None:
    """What the axes must hold of a key; None if its counts cannot be read."""
    try:
        return read_plotted(read_parquet(COUNTS.path(workspace.root, key), Producer(TOKEN_STATS.name, key)), key.kind)
    except InconsistentOutputError as error:
        damaged.append(error)
        return None


def _draw_dataset(workspace: Workspace, key: DatasetKey, tokenizer: TokenizerIdentity, axes: SharedAxes) -> Figure:
    counts = read_parquet(COUNTS.path(workspace.root, key), Producer(TOKEN_STATS.name, key))
    producer = Producer(SCORED_DATASET.name, key)
    dataset = read_dataset(DATASET_FOLDER.path(workspace.root, DatasetName(key)), key.kind, producer)
    if dataset.num_rows != counts.num_rows:
        raise Producer(TOKEN_STATS.name, key).inconsistent(f"{key} has other rows than were counted")
    rows = read_plotted(counts, key.kind, find_cuts(dataset, counts))
    caption = caption_dataset(key, rows, counts.num_rows - rows.scores.size, tokenizer)
    return draw_dataset(caption, key.kind, rows, axes)


def _group(
    found: Mapping[DatasetKey, Compared], group_of: Callable[[DatasetKey], tuple[str, str]]
) -> Iterator[tuple[tuple[str, str], list[Compared]]]:
    groups = defaultdict[tuple[str, str], list[Compared]](list)
    for key, one in found.items():
        groups[group_of(key)].append(one)
    yield from sorted(groups.items(), key=itemgetter(0))


def _bring_up_to_date(pictures: Sequence[_Picture], workers: int) -> tuple[int, list[InconsistentOutputError]]:
    """Draw the pictures that are out of date; return how many were drawn, and why others could not be."""
    outdated = [picture for picture in pictures if _is_outdated(picture)]
    if workers == 1 or len(outdated) < WORTH_A_PROCESS:
        results = list(map(_draw, outdated))
    else:
        with local_processes(workers) as pool:
            results = list(pool.executor.map(_draw, outdated, chunksize=8))
    failed = [result for result in results if result]
    return len(outdated) - len(failed), failed


def _is_outdated(picture: _Picture) -> bool:
    return any(_drawn_from(path) != picture.fingerprint for _, path in picture.files)


def _draw(picture: _Picture) -> InconsistentOutputError | None:
    try:
        figure = picture.draw()
        for form, path in picture.files:
            with new_file(path) as staged:
                save_picture(figure, staged, {DRAWN_FROM: picture.fingerprint}, form)
    except InconsistentOutputError as error:
        return error
    return None


def _drawn_from(path: Path) -> str | None:
    """The fingerprint inside the picture at ``path``; None if there is no picture, or none with a fingerprint."""
    try:
        with open_regular(path) as file:
            if not path.name.endswith(PNG):
                found = _IN_TEXT.search(file.read())
                return found[1].decode() if found else None
            with Image.open(file) as image:
                return image.info.get(DRAWN_FROM)
    except (OSError, SyntaxError):
        return None


def _remove_others(workspace: Workspace, wanted: set[Path]) -> int:
    """Remove pictures that are no longer wanted, except those without a fingerprint, which were not made here."""
    found = {
        path
        for folder in workspace.comparison_folders
        for form in PICTURE_FORMATS
        for path in folder.glob(f"*.{form}")
    }
    others = [path for path in sorted(found - wanted) if _drawn_from(path)]
    with replacing(workspace.corpus_ownership.journal) as replacement:
        return sum(replacement.remove(path) for path in others)
