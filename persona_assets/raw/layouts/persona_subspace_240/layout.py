"""persona-subspace's 240 layout: two files per persona, or one for a baseline, which no judge scores."""

from pathlib import Path
from typing import ClassVar

from persona_assets.kinds import ROLE, TRAIT
from persona_assets.raw.folders import ModelFolder
from persona_assets.raw.grammar import RowGrammar
from persona_assets.raw.layouts.persona_files.arrangement import Arrangement, Place, folders_in
from persona_assets.raw.layouts.persona_files.layout import PersonaFilesLayout
from persona_assets.raw.rows import LabelWords

_ROLES, _TRAITS = "roles_240", "traits_240"
_RESPONSES, _SCORES = "responses", "extract_scores"


class PersonaSubspace240(PersonaFilesLayout):
    name = "persona-subspace-240"
    arrangement = Arrangement(
        place=f"{{model}}/{{{_ROLES}|{_TRAITS}}}/{{{_RESPONSES}|{_SCORES}}}/",
        places=(Place(ROLE, _ROLES, _RESPONSES, (_SCORES,)), Place(TRAIT, _TRAITS, _RESPONSES, (_SCORES,))),
        stems=("role", "trait", "respons", "score"),
    )
    grammar = RowGrammar(legacy_prompt_index=True)
    labels: ClassVar = {
        ROLE.name: LabelWords({"pos": "pos", "default": "default"}, legacy={"neutral": "default"}),
        TRAIT.name: LabelWords({"pos": "pos", "neg": "neg"}),
    }

    def recognise(self, model: ModelFolder) -> tuple[Path, ...]:
        return folders_in(model, self.arrangement.folders)


PERSONA_SUBSPACE_240 = PersonaSubspace240()
