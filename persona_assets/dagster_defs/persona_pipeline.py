"""The six partitioned assets, fused into one step that works key by key.

As six steps over a range of keys, one bad key would fail the whole range, or be shown materialised
although it was not. Here each key's stages are logged as they succeed, and the step fails at its end
if any key failed: Dagster then shows exactly the good keys materialised and the bad ones failed.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from dagster._core.definitions.data_version import DATA_VERSION_IS_USER_PROVIDED_TAG, DATA_VERSION_TAG
from pydantic import Field

from persona_assets.dagster_defs.asset_checks import CHECK_SPECS, EvaluationLog
from persona_assets.dagster_defs.partitions import parse_partition_keys, persona_partitions
from persona_assets.errors import InvalidNameError, PersonaAssetsError, SettingsError
from persona_assets.keys import Variant
from persona_assets.kinds import Kind
from persona_assets.leftovers import remove_leftovers
from persona_assets.progress import ProgressListener
from persona_assets.settings import Settings, check_variants, load_settings
from persona_assets.stages.names import STAGE_NAMES, STAGES
from persona_assets.workspace import Workspace

GROUP = "persona_datasets"
OP_NAME = "persona_datasets"
KEYS_PER_FLUSH = 50


class PersonaRunConfig(dg.Config):
    """What a run may be told that the settings do not say."""

    variants: dict[str, list[str]] = Field(
        default_factory=dict,
        description="Filter variants by kind, such as {role: [min2], trait: [min50, min70__neg]}. "
        "A kind not named here gets the variants of the settings.",
    )
    redo: bool = Field(
        default=False,
        description="Make everything again. Otherwise a stage whose raw files, settings, tokenizer, code and "
        "outputs are those of its last materialisation is recorded as unchanged.",
    )
    workers: int = Field(default=0, ge=0, description="Keys worked on at the same time; 0 takes the setting.")

    def variants_of(self, kind: Kind, settings: Settings) -> tuple[Variant, ...]:
        if kind.name in self.variants:
            return tuple(Variant.parse(text, kind) for text in self.variants[kind.name])
        return settings.variants_of(kind)

    def check(self) -> None:
        """Refuse variants that fit no kind before any key is touched."""
        try:
            check_variants({kind: tuple(variants) for kind, variants in self.variants.items()})
        except InvalidNameError as error:
            raise SettingsError(f"run configuration of {OP_NAME}, variants: {error}") from error


SPECS = [
    dg.AssetSpec(
        stage.name,
        deps=[STAGES[place - 1].name] if place else [],
        description=stage.description,
        group_name=GROUP,
        kinds=set(stage.kinds),
        partitions_def=persona_partitions,
        code_version=stage.code_version,
    )
    for place, stage in enumerate(STAGES)
]


@dg.multi_asset(
    name=OP_NAME,
    specs=SPECS,
    check_specs=CHECK_SPECS,
    can_subset=True,
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def persona_pipeline(
    context: dg.AssetExecutionContext, config: PersonaRunConfig, progress: dg.ResourceParam[ProgressListener]
) -> Iterator[dg.AssetMaterialization | dg.AssetCheckEvaluation]:
    # The stages import transformers and datasets, which a code location should not pay for on loading.
    from persona_assets.dagster_defs.metadata import metadata_of
    from persona_assets.parallel import KeyTask, run_tasks

    settings = _prepare(config)
    for leftover in remove_leftovers(Workspace.of(settings)):
        context.log.warning(f"removed {leftover}, which a killed process had left")
    keys, failures = parse_partition_keys(context.partition_keys)
    selected = {key.to_user_string() for key in context.selected_asset_keys}
    stages = tuple(name for name in STAGE_NAMES if name in selected)
    checked = tuple(sorted({key.asset_key.to_user_string() for key in context.selected_asset_check_keys}))
    tasks = [
        KeyTask(key, settings, stages, config.variants_of(key.kind, settings), checked, config.redo) for key in keys
    ]
    evaluations = EvaluationLog(context)
    for count, outcome in enumerate(run_tasks(tasks, config.workers or settings.workers), start=1):
        key, failure = outcome.key, outcome.failure
        for stage, made in outcome.made.items():
            tags = {DATA_VERSION_TAG: outcome.data_versions[stage], DATA_VERSION_IS_USER_PROVIDED_TAG: "true"}
            yield dg.AssetMaterialization(stage, partition=str(key), metadata=metadata_of(made), tags=tags)
        evaluations.add(key, outcome.checks)
        if count % KEYS_PER_FLUSH == 0:
            yield from evaluations.flush()
        if failure:
            failures[str(key)] = f"{failure.stage}: {failure.message}"
            context.log.error(f"{key} failed at {failures[str(key)]}\n{failure.traceback or ''}")
        context.log.info(f"{count} of {len(tasks)} keys: {key} {'failed' if failure else 'done'}")
        progress.key_done(key, failure)
    yield from evaluations.flush()
    if failures:
        raise dg.Failure(
            _describe(failures, len(context.partition_keys)),
            metadata=_failure_metadata(failures),
            allow_retries=False,
        )


def _prepare(config: PersonaRunConfig) -> Settings:
    try:
        config.check()
        return load_settings()
    except PersonaAssetsError as error:
        raise dg.Failure(str(error), allow_retries=False) from error


def _describe(failures: dict[str, str], count: int) -> str:
    lines = [f"{key}: {reason}" for key, reason in sorted(failures.items())[:20]]
    more = [f"... and {len(failures) - 20} more, see the run log"] if len(failures) > 20 else []
    return "\n".join([f"{len(failures)} of {count} keys failed; all others are done.", *lines, *more])


def _failure_metadata(failures: dict[str, str]) -> dict[str, Any]:
    return {
        "failed_keys": len(failures),
        "failures": dg.MetadataValue.json(dict(sorted(failures.items())[:100])),
    }
