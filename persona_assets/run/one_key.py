"""Running the stages of one key in order, up to the first that fails."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from persona_assets.errors import PersonaAssetsError
from persona_assets.keys import Variant
from persona_assets.run.key_run import KeyRun, describe_unexpected
from persona_assets.run.last_outcome import read_last_outcome, renew_last_outcome
from persona_assets.run.outcome import KeyOutcome, StageFailure
from persona_assets.run.showcase import Showcase
from persona_assets.settings import Settings
from persona_assets.stage.context import StageContext
from persona_assets.stage.displays import read_displays
from persona_assets.stage.file_stamps import read_file_stamps, renew_file_stamps
from persona_assets.stage.freshness import Comparison, manifests_of
from persona_assets.stage.manifest import Manifest
from persona_assets.stage.spec import PERSONAS, Partitioning, PartitionKey
from persona_assets.stages.registry import list_stages, list_switched_on
from persona_assets.store.file_stamps import SeenFiles
from persona_assets.store.ownership import owning
from persona_assets.workspace import Workspace


def materialise_key(  # noqa: PLR0913 - what is asked of a run, by name
    key: PartitionKey,
    settings: Settings,
    *,
    partitioning: Partitioning = PERSONAS,
    stages: Sequence[str] | None = None,
    variants: Sequence[Variant] = (),
    checked: Sequence[str] = (),
    redo: bool = False,
    verify_bytes: bool = False,
    on_show: Mapping[str, str] = MappingProxyType({}),
) -> KeyOutcome:
    """Make and check ``stages`` (None: all) of ``key`` in their order. Those of ``checked`` are only checked, as they
    are on disk.

    A stage whose inputs, code and outputs are as in its manifest is left as it is, unless ``redo``. Files whose
    stamps have not changed are taken to be the same, unless ``verify_bytes``. What is left is shown as it was shown
    last, unless its data version is that of ``on_show``.
    An error ends this key and is part of the outcome. Nothing is raised, so that one bad key never stops
    the others. After a gating check has failed, later stages are not made. Two runs of one key wait
    for each other.
    """
    wanted = tuple(stage.name for stage in list_stages(partitioning)) if stages is None else tuple(stages)
    outcome = KeyOutcome(key, {}, None)
    try:
        workspace = Workspace.of(settings)
        switched_on = list_switched_on(settings, partitioning)
        with owning(workspace.ownership(key)):
            known = list_stages()
            manifest = Manifest.read(workspace.manifest(key), key, known)
            files = SeenFiles({} if verify_bytes else read_file_stamps(workspace, key).files)
            context = StageContext(key, settings, known, manifest, variants, redo, files)
            comparison = Comparison(manifests_of(workspace, known))
            showcase = Showcase(workspace, key, on_show, read_displays(workspace, key))
            run = KeyRun(context, read_last_outcome(workspace, key), comparison, showcase)
            failure = run.go(switched_on, wanted, checked)
            outcome = KeyOutcome(key, run.made, failure, run.outcomes, run.data_versions())
            renew_last_outcome(run.context, run.last, run.outcomes, tuple(run.made), failure)
            showcase.close()
            renew_file_stamps(workspace, key, files)
    except PersonaAssetsError as error:
        return replace(outcome, failure=outcome.failure or StageFailure.of((*wanted, *checked)[0], key, error))
    except Exception as error:  # noqa: BLE001 - reported with its traceback, and fails the key
        return replace(outcome, failure=outcome.failure or describe_unexpected((*wanted, *checked)[0], error))
    return outcome
