"""``persona-assets create``: make one dataset, with a filter of the user's choice."""

import click
from rich.console import Console

from persona_assets.cli.materialise_keys import materialise_keys
from persona_assets.dagster_defs.run_config import PersonaRunConfig
from persona_assets.errors import RawDataError
from persona_assets.keys import DatasetKey, DatasetName, Variant
from persona_assets.kinds import KINDS
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover
from persona_assets.settings import Settings, load_settings


@click.command()
@click.option("--type", "kind", type=click.Choice(list(KINDS)), required=True, help="Kind of persona.")
@click.option("--model", required=True, help="Model name, as in the raw root.")
@click.option("--name", required=True, help="Role or trait name, as in the raw root.")
@click.option("--min-score", type=int, help="Only rows with at least this score.")
@click.option("--label-filter", help="Only rows with this label.")
@click.pass_context
def create(
    context: click.Context, kind: str, model: str, name: str, min_score: int | None, label_filter: str | None
) -> None:
    """Materialise one dataset with the default variants and, if given, one more."""
    settings = load_settings()
    key = DatasetKey(model, kind, name)
    inventory = discover(RawCorpus.of(settings))
    if key not in inventory.keys:
        raise RawDataError(
            f"{key} has no raw file in {inventory.root}; see 'persona-assets list --type {key.kind.plural}'"
        )
    config = PersonaRunConfig(variants=_choose_variants(settings, key, min_score, label_filter))
    context.exit(materialise_keys(Console(), settings, inventory, [key], config))


def _choose_variants(
    settings: Settings, key: DatasetKey, min_score: int | None, label: str | None
) -> dict[str, list[str]]:
    if min_score is None and label is None:
        return {}
    asked = DatasetName(key, Variant(min_score, label)).variant
    variants = [*settings.variants_of(key.kind), asked]
    return {key.kind.name: [str(variant) for variant in variants]}
