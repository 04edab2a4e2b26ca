"""Rows, scores and tokens of a key, read in a fraction of a millisecond: only the entries wanted of its records."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from persona_assets.errors import Producer
from persona_assets.keys import DatasetKey
from persona_assets.regular_files import read_regular
from persona_assets.stage.spec import Stage
from persona_assets.stages.filtered_variants.spec import FILTERED_VARIANTS
from persona_assets.stages.scored_dataset.spec import SCORED_DATASET
from persona_assets.stages.token_stats.spec import STATISTICS, TOKEN_STATS
from persona_assets.statistics.key_statistics import NO_SCORE
from persona_assets.store.records import MOST_BYTES, damaged
from persona_assets.workspace import Workspace

Shape = TypeVar("Shape")
_SCORED = "ok"


class Figures(msgspec.Struct, frozen=True):
    """One dataset in numbers. None where that was not made."""

    rows: int | None = None
    scored: int | None = None
    """Rows with a score on the scale."""
    mean_score: float | None = None
    tokens: int | None = None
    """Of all conversations, with the chat template."""
    scores: dict[str, int] = {}
    """Rows by score, and ``null`` for those without one. Without rows that the chat template refuses."""
    variants: dict[str, int] = {}
    """Rows by variant."""


class _Dataset(msgspec.Struct, frozen=True):
    rows: int
    score_status: dict[str, int]


class _Variants(msgspec.Struct, frozen=True):
    variants: dict[str, int]


class _Tokens(msgspec.Struct, frozen=True):
    tokens: int


class _Group(msgspec.Struct, frozen=True):
    conversations: int


class _Statistics(msgspec.Struct, frozen=True):
    by_score: dict[str, _Group]


def read_figures(workspace: Workspace, key: DatasetKey) -> Figures:
    """The figures of ``key``; without any if nothing was made of it.

    Raises:
        InconsistentOutputError: a record of it is damaged or gone.
    """
    path = workspace.manifest(key)
    sections = _read(path, dict[str, msgspec.Raw], SCORED_DATASET, key, optional=True)
    if sections is None:
        return Figures()
    dataset = _find(path, sections, SCORED_DATASET, _Dataset, key)
    variants = _find(path, sections, FILTERED_VARIANTS, _Variants, key)
    tokens = _find(path, sections, TOKEN_STATS, _Tokens, key)
    scores = _read_scores(workspace, key) if tokens else {}
    return Figures(
        rows=dataset.rows if dataset else None,
        scored=dataset.score_status.get(_SCORED, 0) if dataset else None,
        mean_score=_find_mean(scores),
        tokens=tokens.tokens if tokens else None,
        scores=scores,
        variants=variants.variants if variants else {},
    )


def _read_scores(workspace: Workspace, key: DatasetKey) -> dict[str, int]:
    statistics = _read(STATISTICS.path(workspace.root, key), _Statistics, TOKEN_STATS, key)
    return {score: group.conversations for score, group in statistics.by_score.items()} if statistics else {}


def _read(
    path: Path, shape: type[Shape], stage: Stage[Any], key: DatasetKey, *, optional: bool = False
) -> Shape | None:
    producer = Producer(stage.name, key)
    try:
        return _decode(path, read_regular(path, MOST_BYTES), shape, producer)
    except OSError as error:
        if optional and isinstance(error, FileNotFoundError):
            return None
        raise producer.inconsistent(f"{path} cannot be read: {error.strerror}", path) from error


def _find(
    path: Path, sections: Mapping[str, msgspec.Raw], stage: Stage[Any], shape: type[Shape], key: DatasetKey
) -> Shape | None:
    section = sections.get(stage.name)
    return None if section is None else _decode(path, section, shape, Producer(stage.name, key))


def _decode(path: Path, content: bytes | msgspec.Raw, shape: type[Shape], producer: Producer) -> Shape:
    try:
        return msgspec.json.decode(content, type=shape)
    except (ValueError, RecursionError) as error:
        raise damaged(path, str(error), producer) from error


def _find_mean(scores: Mapping[str, int]) -> float | None:
    known = [(int(score), rows) for score, rows in scores.items() if score != NO_SCORE and score.isdecimal()]
    rows = sum(number for _, number in known)
    return round(sum(score * number for score, number in known) / rows, 2) if rows else None
