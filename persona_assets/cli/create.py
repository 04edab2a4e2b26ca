"""``persona-assets create``: make one dataset, with a filter of the user's choice."""

from collections.abc import Sequence

import click
from rich.console import Console

from persona_assets.cli.materialise_keys import materialise_keys
from persona_assets.cli.selection import KindChoice
from persona_assets.dagster_defs.run_config import PersonaRunConfig
from persona_assets.errors import RawDataError
from persona_assets.keys import DatasetKey, DatasetName, Variant
from persona_assets.kinds import Kind
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import RawInventory, discover
from persona_assets.settings import Settings, load_settings
from persona_assets.stage.wording import name_first
from persona_assets.suggestions import suggest


@click.command()
@click.option("--type", "kinds", type=KindChoice(single=True), required=True, help="Kind of persona.")
@click.option("--model", required=True, help="Model name, as in the raw root.")
@click.option("--name", required=True, help="Role or trait name, as in the raw root.")
@click.option("--min-score", type=int, help="Only rows with at least this score.")
@click.option("--label-filter", help="Only rows with this label.")
@click.pass_context
def create(
    context: click.Context,
    kinds: Sequence[Kind],
    model: str,
    name: str,
    min_score: int | None,
    label_filter: str | None,
) -> None:
    """Materialise one dataset with the default variants and, if given, one more."""
    settings = load_settings()
    key = DatasetKey(model, kinds[0].name, name)
    inventory = discover(RawCorpus.of(settings))
    if key not in inventory.keys:
        raise RawDataError(_describe_lack(inventory, key))
    config = PersonaRunConfig(variants=_choose_variants(settings, key, min_score, label_filter))
    context.exit(materialise_keys(Console(), settings, inventory, [key], config))


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


def _choose_variants(
    settings: Settings, key: DatasetKey, min_score: int | None, label: str | None
) -> dict[str, list[str]]:
    if min_score is None and label is None:
        return {}
    asked = DatasetName(key, Variant(min_score, label)).variant
    variants = [*settings.variants_of(key.kind), asked]
    return {key.kind.name: [str(variant) for variant in variants]}
