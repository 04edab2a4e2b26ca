"""The names of files: ``x.jsonl``, compressed or not, whole or in shards such as ``x-00000-of-00003.jsonl.gz``."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

RESPONSE_SUFFIX, SCORE_SUFFIX = ".jsonl", ".json"
_COMPRESSED = ("", ".gz", ".zst")
RESPONSE_SUFFIXES = tuple(RESPONSE_SUFFIX + packed for packed in _COMPRESSED)
SCORE_SUFFIXES = tuple(SCORE_SUFFIX + packed for packed in _COMPRESSED)
_SHARD = re.compile(r"(?P<persona>.*)-(?P<number>[0-9]{5})-of-(?P<count>[0-9]{5})", re.DOTALL)
_NUMBER = re.compile(r"-[0-9]{5}(?=-of-[0-9]{5}[.]jsonl)")


class FileName(NamedTuple):
    """What the name of a file says of it."""

    persona: str
    suffix: str
    shard: tuple[int, int] | None = None
    """Its number, from 0, and how many there are; None if the file is whole."""


def read_response_name(name: str) -> FileName | None:
    """None if it is not that of a file of conversations."""
    whole = read_name(name, RESPONSE_SUFFIXES)
    if whole is None or not (match := _SHARD.fullmatch(whole.persona)):
        return whole
    return FileName(match["persona"], whole.suffix, (int(match["number"]), int(match["count"])))


def read_name(name: str, suffixes: Sequence[str]) -> FileName | None:
    """None if it ends in none of ``suffixes``."""
    for suffix in suffixes:
        if name.endswith(suffix):
            return FileName(name.removesuffix(suffix), suffix)
    return None


def explain_contradiction(paths: Sequence[Path]) -> str | None:
    """Say why nothing tells which files of one persona hold its conversations; None if they can all be read.

    So it is with copies, a whole file beside shards, and shards that were not written together.
    """
    shards = _list_shards(paths)
    others = " and ".join(str(path) if path.parent != paths[0].parent else path.name for path in paths[1:])
    if len(shards) == len(paths):
        numbers, counts = {number for number, _ in shards}, {count for _, count in shards}
        if max(numbers) >= max(counts):
            return "has a number beyond the count in its name; rename it"
        if len(counts) == 1 and len(numbers) == len(paths) and len({path.parent for path in paths}) == 1:
            return None
        return f"is beside {others}, which are not shards of the same writing; keep those that belong together"
    return f"holds the same persona as {others}; keep one of them" if others else None


def find_missing(paths: Sequence[Path]) -> Path | None:
    """The first shard that is not there, although its number is below the count of the others."""
    shards = _list_shards(paths)
    there = {number for number, _ in shards}
    number = next((number for _, count in shards[:1] for number in range(count) if number not in there), None)
    return None if number is None else paths[0].with_name(_NUMBER.sub(f"-{number:05}", paths[0].name))


def name_conversations(paths: Sequence[Path]) -> dict[str, Path]:
    """The files of one persona by their names in manifests, in the order of their rows.

    The first missing shard is among them: opening it fails, so that fewer rows are never read than there should be.
    """
    if explain_contradiction(paths):
        return {f"responses, file {place}": path for place, path in enumerate(paths, 1)}
    missing = find_missing(paths)
    expected = sorted([*paths, missing] if missing else paths, key=lambda path: _list_shards([path]))
    if not (shards := _list_shards(expected)):
        return {"responses": expected[0]}
    names = [f"responses-{number:05}-of-{count:05}" for number, count in shards]
    return dict(zip(names, expected, strict=True))


def _list_shards(paths: Sequence[Path]) -> list[tuple[int, int]]:
    names = (read_response_name(path.name) for path in paths)
    return [name.shard for name in names if name and name.shard]
