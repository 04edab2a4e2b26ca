"""The keys of a model, and the findings about files that cannot become one, or that score what is not there."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from persona_assets.errors import InvalidNameError
from persona_assets.keys import DatasetKey
from persona_assets.kinds import Kind
from persona_assets.raw.folders import ModelFolder, UnfitFile, unlisted
from persona_assets.raw.layouts.persona_files.arrangement import Arrangement
from persona_assets.raw.layouts.persona_files.file_names import (
    RESPONSE_SUFFIX,
    SCORE_SUFFIX,
    SCORE_SUFFIXES,
    explain_contradiction,
    find_missing,
    read_name,
    read_response_name,
)
from persona_assets.raw.layouts.persona_files.search import FoundPlace, search

IsUnscored = Callable[[Kind, str], bool]
"""Whether the persona of a kind has no scores, whatever lies there."""
_Responses = dict[tuple[Kind, str], list[Path]]
"""Files of conversations by kind and persona."""


def find_keys(
    model: ModelFolder, arrangement: Arrangement, is_unscored: IsUnscored
) -> Iterator[DatasetKey | UnfitFile]:
    """Yield every key of the model, and every finding about what is not one."""
    responses: _Responses = defaultdict(list)
    for part in search(model, arrangement):
        if isinstance(part, UnfitFile):
            yield part
        else:
            yield from _sort(part, arrangement, responses, is_unscored)
    for (kind, persona), paths in responses.items():
        yield from _as_key(model.model, kind, persona, paths)


def _sort(
    found: FoundPlace, arrangement: Arrangement, responses: _Responses, is_unscored: IsUnscored
) -> Iterator[UnfitFile]:
    """Add the files of one place to ``responses``; yield the findings about others, and about scores."""
    folder = found.folder / found.place.responses
    personas: set[str] = set()
    try:
        names = found.list_responses(arrangement)
    except OSError as error:
        yield unlisted(folder, error)
        return
    for name in names:
        if parsed := read_response_name(name):
            personas.add(parsed.persona)
            responses[found.place.kind, parsed.persona].append(folder / name)
        else:
            yield arrangement.signs.stranger(folder / name, RESPONSE_SUFFIX)
    yield from _check_scores(found, arrangement, personas, is_unscored)


def _check_scores(
    found: FoundPlace, arrangement: Arrangement, personas: set[str], is_unscored: IsUnscored
) -> Iterator[UnfitFile]:
    if found.score_folder is None:
        return
    folder = found.folder / found.score_folder
    try:
        names = found.list_scores(arrangement)
    except OSError as error:
        yield unlisted(folder, error)
        return
    copies: dict[str, str] = {}
    for name in names:
        path, parsed = folder / name, read_name(name, SCORE_SUFFIXES)
        if parsed is None:
            yield arrangement.signs.stranger(path, SCORE_SUFFIX)
        elif parsed.persona not in personas:
            yield UnfitFile(path, "scores conversations that are not there")
        elif is_unscored(found.place.kind, parsed.persona):
            yield UnfitFile(path, "scores answers without a persona, which are published without scores")
        elif (first := copies.setdefault(parsed.persona, name)) != name:
            yield UnfitFile(path, f"scores the same rows as {first}; keep one of them")


def _as_key(model: str, kind: Kind, persona: str, paths: list[Path]) -> Iterator[DatasetKey | UnfitFile]:
    if problem := explain_contradiction(paths):
        yield UnfitFile(paths[0], problem)
        return
    if missing := find_missing(paths):
        yield UnfitFile(missing, f"is missing, but {paths[0].name} is there; put it there, or generate all again")
    try:
        yield DatasetKey(model, kind.name, persona)
    except InvalidNameError as error:
        yield UnfitFile(paths[0], str(error))
