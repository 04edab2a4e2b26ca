"""Making one dataset with the variant that was asked for, and copying it to where it is wanted."""

from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console

from persona_assets.cli.materialise_keys import materialise_keys
from persona_assets.collection.dataset_copies import copy_dataset
from persona_assets.collection.listed_keys import list_made
from persona_assets.dagster_defs.run_config import PersonaRunConfig
from persona_assets.errors import RawDataError
from persona_assets.keys import DatasetKey, DatasetName, Variant
from persona_assets.kinds import Kind
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import RawInventory, discover
from persona_assets.settings import Settings, load_settings
from persona_assets.stage.spec import PERSONAS
from persona_assets.stage.wording import name_first
from persona_assets.stages.registry import list_switched_on
from persona_assets.suggestions import suggest
from persona_assets.workspace import Workspace


@dataclass(frozen=True)
class Wish:
    """What the options of the command ask for."""

    kind: Kind
    model: str
    persona: str
    min_score: int | None = None
    max_score: int | None = None
    label_filter: str | None = None
    output_dir: Path | None = None

    @property
    def name(self) -> DatasetName:
        """Of the dataset asked for.

        Raises:
            InvalidNameError: the persona or the filter does not fit the kind.
        """
        key = DatasetKey(self.model, self.kind.name, self.persona)
        wanted = (self.min_score, self.label_filter, self.max_score)
        return DatasetName(key, None if wanted == (None, None, None) else Variant(*wanted))


def create_dataset(wish: Wish) -> int:
    """Materialise the key of ``wish``, with its variant; copy the dataset if that is asked for. Return the exit code.

    Raises:
        RawDataError: the key has no raw file.
        StorageError: the copy cannot be written.
    """
    settings, name = load_settings(), wish.name
    inventory = discover(RawCorpus.of(settings))
    if name.key not in inventory.keys:
        raise RawDataError(_describe_lack(inventory, name.key))
    config = PersonaRunConfig(variants=_choose_variants(settings, name))
    console, needed = Console(), _list_needed(settings, name.key)
    if needed:
        console.print(
            f"also made, because {name.key} is paired with it: {', '.join(map(str, needed))}", soft_wrap=True
        )
    code = materialise_keys(console, settings, inventory, [*needed, name.key], config)
    if wish.output_dir and code == 0:
        for path in copy_dataset(Workspace.of(settings), name, wish.output_dir.absolute()):
            click.echo(f"copied to   {path}")
    return code


def _list_needed(settings: Settings, key: DatasetKey) -> list[DatasetKey]:
    """The keys whose outputs the stages of ``key`` read, as far as nothing was made of them yet."""
    made = frozenset(list_made(Workspace.of(settings)))
    needs = [need for stage in list_switched_on(settings, PERSONAS) for need in stage.needs]
    others = dict.fromkeys(other for need in needs for other in need.list_other_keys(key, settings))
    return [other for other in others if isinstance(other, DatasetKey) and other not in made]


def _describe_lack(inventory: RawInventory, key: DatasetKey) -> str:
    lacks = f"{key} has no raw file in {inventory.root}"
    models = sorted({one.model for one in inventory.keys})
    if key.model not in models:
        return f"{lacks}, which holds the models {', '.join(models) or 'none'}{suggest(key.model, models)}"
    names = [one.persona for one in inventory.keys if (one.model, one.kind) == (key.model, key.kind)]
    alike = suggest(key.persona, names)
    elsewhere = [str(one) for one in inventory.keys if one.persona == key.persona]
    there = f"; there is {name_first(elsewhere, len(elsewhere))}" if elsewhere else ""
    return f"{lacks}{alike or there}; see 'persona-assets list --type {key.kind.plural} --model {key.model}'"


def _choose_variants(settings: Settings, name: DatasetName) -> dict[str, list[str]]:
    if name.variant is None:
        return {}
    kind = name.key.kind
    return {kind.name: [str(variant) for variant in (*settings.variants_of(kind), name.variant)]}
