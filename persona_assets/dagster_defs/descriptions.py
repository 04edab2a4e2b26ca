"""What the UI says of an asset before anything is made: text, example, columns, lineage, tags and code."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from persona_assets.dagster_defs.code_references import refer_to_code
from persona_assets.dagster_defs.column_schemas import describe_columns
from persona_assets.dagster_runtime.code_location import page_of_job
from persona_assets.dagster_runtime.own_names import REDO_FAILED
from persona_assets.errors import SettingsError
from persona_assets.settings import Settings, load_settings
from persona_assets.stage.columns import Column
from persona_assets.stage.spec import PERSONAS, Stage
from persona_assets.stages.registry import list_stages

EXAMPLE_KEY = "qwen-3-32b__trait__calm"
_STAGE_MODULES = ("spec", "make", "checks")
_TO_REDO = f"Failed keys are made again, all in one run, by [{REDO_FAILED}]({page_of_job(REDO_FAILED)})."


def describe_stage(stage: Stage[Any], settings: Settings) -> str:
    """Markdown whose first line alone says what the stage makes."""
    if stage.name in settings.stages_off:
        return f"{stage.description} Switched off by PERSONA_STAGES_OFF."
    to_redo = [_TO_REDO] if stage.partitioning == PERSONAS else []
    return "\n\n".join([stage.description, *_show_example(stage.example, settings), *to_redo])


def describe_stage_outputs(stage: Stage[Any], settings: Settings) -> Mapping[str, Any]:
    """The metadata of the stage's asset definition."""
    package = stage.load_code.__module__.rpartition(".")[0]
    off = {"switched_off": True} if stage.name in settings.stages_off else {}
    code = refer_to_code([f"{package}.{module}" for module in _STAGE_MODULES])
    return {**describe_columns(stage.columns), **code, **off}


def tag_stage(stage: Stage[Any]) -> Mapping[str, str]:
    """The place of the stage in the order of work, and that it is made for each key."""
    place = list_stages().index(stage) + 1
    return {"step": str(place), "made_for": "each_key", **({"optional": "true"} if stage.optional else {})}


def describe_asset(
    asset: dg.AssetsDefinition, example: str = "", columns: Sequence[Column] = ()
) -> dg.AssetsDefinition:
    """An asset of all keys, with what its function does not say."""
    settings = read_settings_at_load()
    module = asset.op.compute_fn.decorated_fn.__module__  # type: ignore[union-attr]  # @asset always decorates one

    def complete(spec: dg.AssetSpec) -> dg.AssetSpec:
        return spec.replace_attributes(
            description="\n\n".join([_unwrap(spec.description or ""), *_show_example(example, settings)]),
            metadata={**spec.metadata, **describe_columns(columns), **refer_to_code([module])},
            tags={**spec.tags, "made_for": "all_keys"},
        )

    return asset.map_asset_specs(complete)


def read_settings_at_load() -> Settings:
    """The settings as the code location is loaded; if they cannot be used, which every run reports, the defaults."""
    try:
        return load_settings()
    except SettingsError:
        return Settings.model_construct()


def _show_example(example: str, settings: Settings) -> list[str]:
    if not example:
        return []
    return [f"```python\n{example.format(workspace=settings.workspace, key=EXAMPLE_KEY).strip()}\n```"]


def _unwrap(text: str) -> str:
    """Lines joined to paragraphs: the asset graph shows only the first line."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
