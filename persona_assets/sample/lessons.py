"""What the demo teaches: a dirty file, a half-scored one, one that leaves a variant empty, and a new one."""

import json
from collections.abc import Callable
from dataclasses import replace

from persona_assets.keys import DatasetKey
from persona_assets.sample.conversations import PersonaFiles, compose_files, sample_keys, write_marker
from persona_assets.workspace import Workspace

DIRTY = DatasetKey.parse("gemma-2-27b__role__alien")
HALF_SCORED = DatasetKey.parse("qwen-3-32b__trait__analytical")
NEVER_IN_ROLE = DatasetKey.parse("llama-3.3-70b__role__alien")
NEW = DatasetKey.parse("llama-3.3-70b__trait__calm")
"""Left for the user to make."""

_CUT_AFTER, _WARNED_AFTER, _SILENT_AFTER = 4, 20, 40
"""Rows before each bad line."""
_LOGGED = "WARNING: rate limit reached, trying again in 30 s"
_BEST_OUT_OF_ROLE = 2


def demo_keys() -> tuple[DatasetKey, ...]:
    """The keys of the demo in partition order."""
    return tuple(sorted((*sample_keys(), NEW)))


def write_demo_corpus(workspace: Workspace) -> None:
    """Write the sample corpus with its four lessons under the raw root. Every call writes the same bytes."""
    write_marker(workspace.raw_root)
    for key in demo_keys():
        spoil = _LESSONS.get(key, _leave)
        spoil(compose_files(key)).write(workspace.raw_root, key)


def _leave(files: PersonaFiles) -> PersonaFiles:
    return files


def _soil(files: PersonaFiles) -> PersonaFiles:
    """Add what a generator that failed now and then leaves between its rows; no row is lost."""
    rows = files.conversations.removesuffix("\n").split("\n")
    soiled = [
        *rows[:_CUT_AFTER],
        _cut(rows[_CUT_AFTER]),
        *rows[_CUT_AFTER:_WARNED_AFTER],
        _LOGGED,
        *rows[_WARNED_AFTER:_SILENT_AFTER],
        _silence(rows[_SILENT_AFTER]),
        *rows[_SILENT_AFTER:],
        _cut(rows[-1]),
    ]
    return replace(files, conversations="\n".join(soiled))


def _cut(row: str) -> str:
    return row[: len(row) // 2]


def _silence(row: str) -> str:
    """The same row without an answer."""
    told = json.loads(row)
    told["conversation"][-1]["content"] = ""
    return json.dumps(told, ensure_ascii=False)


def _stop_the_judge(files: PersonaFiles) -> PersonaFiles:
    """Keep the scores of every other answer."""
    return replace(files, scores=dict(list(files.scores.items())[::2]))


def _lower_the_scores(files: PersonaFiles) -> PersonaFiles:
    """No answer is fully in role."""
    lowered = {
        name: min(score, _BEST_OUT_OF_ROLE) if isinstance(score, int) else score
        for name, score in files.scores.items()
    }
    return replace(files, scores=lowered)


_LESSONS: dict[DatasetKey, Callable[[PersonaFiles], PersonaFiles]] = {
    DIRTY: _soil,
    HALF_SCORED: _stop_the_judge,
    NEVER_IN_ROLE: _lower_the_scores,
}
