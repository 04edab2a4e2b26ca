"""assistant-axis's layout, with or without a folder for each kind, and what its forks write."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

from persona_assets.keys import DatasetKey
from persona_assets.kinds import ROLE, TRAIT, Kind
from persona_assets.raw.files import RawFile
from persona_assets.raw.folders import ModelFolder
from persona_assets.raw.grammar import RowGrammar
from persona_assets.raw.layouts.assistant_axis.numbered_labels import shorten_label
from persona_assets.raw.layouts.contract import RawRecord
from persona_assets.raw.layouts.persona_files.arrangement import Arrangement, Place, folders_in
from persona_assets.raw.layouts.persona_files.layout import PersonaFilesLayout
from persona_assets.raw.layouts.persona_files.likeness import (
    RESPONSES,
    RESPONSES_OF_FORK,
    ROLES,
    SCORES_OF_ASSISTANT_AXIS,
    SCORES_OF_FORK,
    TRAITS,
    find_assistant_axis,
)
from persona_assets.raw.layouts.persona_subspace_240.layout import PERSONA_SUBSPACE_240
from persona_assets.raw.rows import LabelWords, ParsedRow, RowRules

_BASELINE, _BASELINE_LABEL = "default", "default"
_OWN = (RESPONSES, SCORES_OF_ASSISTANT_AXIS)
_OF_FORK = (RESPONSES_OF_FORK, SCORES_OF_FORK)
_INNER = f"{{{'|'.join(_OWN)}}}"


def _place(kind: Kind, folder: str | None, names: tuple[str, str]) -> Place:
    responses, scores = names
    return Place(kind, folder, responses, (scores,))


def _label_baseline(record: dict[str, Any], _number: int) -> None:
    record["label"] = _BASELINE_LABEL


class AssistantAxis(PersonaFilesLayout):
    name = "assistant-axis"
    arrangement = Arrangement(
        place=f"{{model}}/{_INNER}/ or {{model}}/{{{ROLES}|{TRAITS}}}/{_INNER}/",
        places=(
            _place(ROLE, None, _OWN),
            _place(ROLE, ROLES, _OWN),
            _place(TRAIT, TRAITS, _OWN),
            _place(TRAIT, None, _OF_FORK),
            _place(ROLE, ROLES, _OF_FORK),
            _place(TRAIT, TRAITS, _OF_FORK),
        ),
        stems=("role", "trait", "respons", "score"),
        neighbours=re.compile(r"_batch_state\.json|_batch\.lock|_batch\.log|.+\.tmp", re.DOTALL),
    )
    grammar = RowGrammar()
    other_grammar = RowGrammar(complete=shorten_label)
    baseline_grammar = RowGrammar(complete=_label_baseline)
    labels: ClassVar = {
        ROLE.name: LabelWords({"pos": "pos", "default": "default", "positive": "pos"}),
        TRAIT.name: LabelWords(
            {"pos": "pos", "neg": "neg", "default": "default", "positive": "pos", "negative": "neg"}
        ),
    }

    def recognise(self, model: ModelFolder) -> tuple[Path, ...]:
        own = () if _is_folder_of_kind(model) else folders_in(model, (RESPONSES, RESPONSES_OF_FORK))
        return (*own, *find_assistant_axis(model))

    def is_baseline(self, key: DatasetKey) -> bool:
        return self.is_unscored(key.kind, key.persona)

    def is_unscored(self, kind: Kind, persona: str) -> bool:  # noqa: ARG002
        return persona == _BASELINE

    def other_grammar_of(self, key: DatasetKey) -> RowGrammar:
        return self.baseline_grammar if self.is_baseline(key) else self.other_grammar

    def read_rows(self, files: Sequence[RawFile], key: DatasetKey, rules: RowRules) -> Iterator[RawRecord]:
        for record in super().read_rows(files, key, rules):
            if self.is_baseline(key) and isinstance(record.parsed, ParsedRow):
                record.parsed.row.label = _BASELINE_LABEL
            yield record


def _is_folder_of_kind(model: ModelFolder) -> bool:
    """Whether it is one, which looks like that of a model if the raw root is named a folder too deep."""
    return model.model in (ROLES, TRAITS, *PERSONA_SUBSPACE_240.arrangement.folders)


ASSISTANT_AXIS = AssistantAxis()
