"""persona-subspace's older layout: the scores may be called labels, and traits were also asked neutrally."""

import re
from pathlib import Path
from typing import Any, ClassVar

from persona_assets.kinds import ROLE, TRAIT
from persona_assets.raw.folders import ModelFolder
from persona_assets.raw.grammar import RowGrammar
from persona_assets.raw.layouts.persona_files.arrangement import Arrangement, Place
from persona_assets.raw.layouts.persona_files.layout import PersonaFilesLayout
from persona_assets.raw.layouts.persona_files.likeness import (
    RESPONSES,
    ROLES,
    SCORES_OF_PERSONA_SUBSPACE,
    TRAITS,
    find_persona_subspace,
)
from persona_assets.raw.rows import LabelWords

_NEUTRAL = {"neutral": "default"}


def _name_prompt_index(record: dict[str, Any], _number: int) -> None:
    """Give the index of a pair of opposite prompts its later name."""
    if "pair_index" in record and "prompt_index" not in record:
        record["prompt_index"] = record.pop("pair_index")


class PersonaSubspace(PersonaFilesLayout):
    name = "persona-subspace"
    arrangement = Arrangement(
        place=f"{{model}}/{{{ROLES}|{TRAITS}}}/{{{'|'.join((RESPONSES, *SCORES_OF_PERSONA_SUBSPACE))}}}/",
        places=(
            Place(ROLE, ROLES, RESPONSES, SCORES_OF_PERSONA_SUBSPACE),
            Place(TRAIT, TRAITS, RESPONSES, SCORES_OF_PERSONA_SUBSPACE),
        ),
        stems=("role", "trait", "respons", "score", "label"),
        neighbours=re.compile(r"batch_tracking\.jsonl"),
    )
    grammar = RowGrammar()
    other_grammar = RowGrammar(legacy_prompt_index=True, complete=_name_prompt_index)
    labels: ClassVar = {
        ROLE.name: LabelWords({"pos": "pos", "default": "default"}, _NEUTRAL),
        TRAIT.name: LabelWords({"pos": "pos", "neg": "neg", "default": "default"}, _NEUTRAL),
    }

    def recognise(self, model: ModelFolder) -> tuple[Path, ...]:
        return find_persona_subspace(model)


PERSONA_SUBSPACE = PersonaSubspace()
