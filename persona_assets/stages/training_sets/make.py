"""Making a training set: choosing, taking the persona out, splitting, writing, and accounting for every candidate."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from persona_assets.errors import SettingsError
from persona_assets.settings import Settings
from persona_assets.stage.context import StageContext
from persona_assets.stage.outcomes import Made
from persona_assets.stages.contrast_pairs.spec import CONTRAST_PAIRS
from persona_assets.stages.conversation_signs.spec import CONVERSATION_SIGNS
from persona_assets.stages.training_sets.choosing import Choice, choose_pairs, choose_rows
from persona_assets.stages.training_sets.members import find_recipe, list_all_read, list_made_keys, list_members
from persona_assets.stages.training_sets.sources import Reader, Sources
from persona_assets.stages.training_sets.spec import SETS
from persona_assets.stages.training_sets.versions import list_versions
from persona_assets.stages.training_sets.writing import CARD, MANIFEST, SetWriter, write_json
from persona_assets.store.replacement import Replacement
from persona_assets.template_arguments import Arguments
from persona_assets.training.card import Counts, write_card
from persona_assets.training.filling import Filling
from persona_assets.training.formats.contract import SetInWords
from persona_assets.training.formats.registry import FORMATS
from persona_assets.training.patterns import check_patterns
from persona_assets.training.tally import Tally
from persona_assets.training_recipes import Recipe


@dataclass(frozen=True)
class TrainingSetMade:
    path: Path
    name: str
    recipe: Recipe
    tally: Tally
    splits: Mapping[str, Counts]
    datasets: Mapping[str, Counts]
    not_read: Mapping[str, str]


@dataclass(frozen=True)
class _Set:
    """A set about to be made."""

    context: StageContext[str]
    recipe: Recipe

    @property
    def name(self) -> str:
        return self.context.key

    @property
    def settings(self) -> Settings:
        return self.context.settings

    @property
    def origin(self) -> str:
        return f"training set {self.name!r}"

    def check(self) -> None:
        """Raise SettingsError if the recipe means no dataset, or asks for what is switched off."""
        check_patterns(self.recipe, list_made_keys(self.settings), self.origin)
        off = self.settings.stages_off
        if self.recipe.whole_answers and CONVERSATION_SIGNS.name in off:
            raise SettingsError(
                f"{self.origin}: which answers are whole is found by {CONVERSATION_SIGNS.name}, which "
                "PERSONA_STAGES_OFF names; switch it on, or set whole_answers = false"
            )
        if self.recipe.of_pairs and CONTRAST_PAIRS.name in off:
            raise SettingsError(
                f"{self.origin}: it is made of {CONTRAST_PAIRS.name}, which PERSONA_STAGES_OFF names; switch it on"
            )

    @cached_property
    def reader(self) -> Reader:
        with_signs = CONVERSATION_SIGNS.name not in self.settings.stages_off
        return Reader(self.context, with_signs, every_column=self.recipe.where is not None)

    def choose(self) -> tuple[Sources, Choice, Mapping[str, str]]:
        """The datasets, the candidates, and what could not be read."""
        sources = self.reader.read_sources(list_all_read(self.name, self.settings))
        if not sources.read:
            raise SettingsError(f"{self.origin}: no dataset can be read; {next(iter(sources.not_read.values()))}")
        if not self.recipe.of_pairs:
            return sources, choose_rows(sources, self.recipe, self.origin), sources.not_read
        members = list_members(self.name, self.settings)
        index, without = self.reader.read_pairs(members, sources)
        if without and not index.num_rows:
            raise SettingsError(f"{self.origin}: no pairs can be read; {next(iter(without.values()))}")
        choice = choose_pairs(sources, index, self.recipe, self.settings, self.origin)
        return sources, choice, {**sources.not_read, **without}

    def find_arguments(self) -> Arguments:
        """What the chat template is given of the model to be trained.

        Raises:
            SettingsError: the models of the set differ, and the recipe does not say which one is to be trained.
        """
        known = self.settings.chat_template_arguments
        if self.recipe.trained_model is not None:
            return known.get(self.recipe.trained_model, {})
        models = sorted({key.model for key in list_members(self.name, self.settings)})
        different = {str(sorted(known.get(model, {}).items())): model for model in models}
        if len(different) > 1:
            raise SettingsError(
                f"{self.origin}: the chat templates of {' and '.join(sorted(different.values()))} take different "
                "arguments; say which model is to be trained (trained_model), or choose models that agree"
            )
        return known.get(models[0], {}) if models else {}

    def describe(self, arguments: Arguments) -> SetInWords:
        return SetInWords(self.name, tuple(self.recipe.splits), self.recipe.of_pairs, arguments)


def make(context: StageContext[str], replacement: Replacement) -> Made[TrainingSetMade]:
    """Write the splits of a set in its format, with its card, its manifest and the rows that it was made from.

    Raises:
        SettingsError: the recipe cannot be followed, or leaves a split empty.
    """
    work = _Set(context, find_recipe(context.key, context.settings))
    work.check()
    form, arguments = FORMATS[work.recipe.format], work.find_arguments() if _needs_arguments(work.recipe) else {}
    described = work.describe(arguments)
    sources, choice, not_read = work.choose()
    target = SETS.path(context.workspace.root, context.key)
    folder = replacement.folder(target)
    folder.mkdir(exist_ok=True)
    writer = SetWriter(folder, form, arguments, sources)
    filling = Filling(work.recipe, form, choice.pool, choice.tokens, sources.read_row, choice.tally)
    for split in work.recipe.splits:
        writer.write_split(folder / described.file_of(split), split, filling.fill(split))
        _require_examples(work, split, writer, choice.tally)
    splits = {split: part.counts for split, part in writer.splits.items()}
    datasets = {name: writer.datasets[name].counts for name in sorted(writer.datasets)}
    card = write_card(described, form, work.recipe, choice.tally, splits=splits, datasets=datasets)
    made = TrainingSetMade(target, work.name, work.recipe, choice.tally, splits, datasets, not_read)
    findings = _list_findings(made, filling)
    writer.write_rows()
    writer.write_files(
        {
            **form.companions(described),
            MANIFEST: write_json(_describe_origin(work, made, arguments, findings)),
            CARD: card,
        }
    )
    return Made(made, findings=findings)


def _needs_arguments(recipe: Recipe) -> bool:
    return FORMATS[recipe.format].takes_arguments


def _require_examples(work: _Set, split: str, writer: SetWriter, tally: Tally) -> None:
    if not writer.splits[split].examples:
        raise SettingsError(
            f"{work.origin}: split {split!r} would be empty; none of the questions that are left falls into it, or "
            "its budget is below its first answer. Give it a larger share, take another seed, or choose more. Left "
            f"out so far: {tally.explain()}"
        )


def _list_findings(made: TrainingSetMade, filling: Filling) -> dict[str, Any]:
    return {
        "candidates": made.tally.candidates,
        "taken": made.tally.taken,
        "left_out": made.tally.list_left_out(),
        "splits": {
            split: {**asdict(counts), "budget": filling.budget_of(split)} for split, counts in made.splits.items()
        },
        "not_read": dict(made.not_read),
    }


def _describe_origin(
    work: _Set, made: TrainingSetMade, arguments: Arguments, findings: Mapping[str, Any]
) -> dict[str, Any]:
    """The manifest in the folder: it goes where the set goes."""
    used = [
        key for key in list_all_read(work.name, work.settings) if str(key) in made.datasets or made.recipe.of_pairs
    ]
    return {
        "name": work.name,
        "recipe": work.recipe.model_dump(mode="json"),
        "chat_template_arguments": arguments,
        **findings,
        "datasets": {name: asdict(counts) for name, counts in made.datasets.items()},
        "made_from": {str(key): list_versions(work.reader.manifests(key)) for key in used},
    }
