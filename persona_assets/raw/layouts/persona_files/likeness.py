"""Telling persona-subspace from assistant-axis, both of which may have ``{model}/{roles|traits}/responses``.

The folders of scores tell. Where there is none, that of the model's other kind does, or else the baseline: only
persona-subspace numbers it. What is still undecided is taken to be assistant-axis, with which new data is made.
"""

from pathlib import Path

from persona_assets.raw.files import exists
from persona_assets.raw.folders import ModelFolder, entries_of
from persona_assets.raw.layouts.persona_files.arrangement import folders_in
from persona_assets.raw.layouts.persona_files.file_names import RESPONSE_SUFFIXES

ROLES, TRAITS = "roles", "traits"
RESPONSES = "responses"
SCORES_OF_PERSONA_SUBSPACE = ("extract_scores", "extract_labels")
SCORES_OF_ASSISTANT_AXIS = "scores"
RESPONSES_OF_FORK, SCORES_OF_FORK = "responses_q50", "scores_q50"
_ONLY_ASSISTANT_AXIS = {SCORES_OF_ASSISTANT_AXIS, RESPONSES_OF_FORK, SCORES_OF_FORK}
_FIRST_BASELINE = "0_default"


def find_persona_subspace(model: ModelFolder) -> tuple[Path, ...]:
    """Those folders of kinds that are persona-subspace's."""
    return _sort(model)[0]


def find_assistant_axis(model: ModelFolder) -> tuple[Path, ...]:
    """Those folders of kinds that are assistant-axis's."""
    return _sort(model)[1]


def _sort(model: ModelFolder) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    inside = {folder: _folders_of(folder) for folder in folders_in(model, (ROLES, TRAITS))}
    older = [folder for folder, names in inside.items() if names.intersection(SCORES_OF_PERSONA_SUBSPACE)]
    newer = [folder for folder, names in inside.items() if folder not in older and names & _ONLY_ASSISTANT_AXIS]
    undecided = [folder for folder, names in inside.items() if folder not in older + newer and RESPONSES in names]
    is_older = older or (not newer and any(map(_has_numbered_baseline, undecided)))
    (older if is_older else newer).extend(undecided)
    return tuple(older), tuple(newer)


def _folders_of(folder: Path) -> set[str]:
    try:
        return {entry.name for entry in entries_of(folder, ()) if entry.is_folder}
    except OSError:
        return set()


def _has_numbered_baseline(folder: Path) -> bool:
    baselines = (folder / RESPONSES / f"{_FIRST_BASELINE}{suffix}" for suffix in RESPONSE_SUFFIXES)
    try:
        return any(map(exists, baselines))
    except OSError:
        return False
