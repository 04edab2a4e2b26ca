"""What happens by itself: new and changed raw files are materialised, and nightly whatever is left to do.

Nothing here deletes anything, and nothing starts while other work on the partitions is queued or running.
What makes datasets is off until switched on in the UI; what only describes them follows by itself.
"""

import hashlib
from collections.abc import Iterator, Sequence

import dagster as dg

from persona_assets.collection.survey import KeyState, survey
from persona_assets.dagster_defs.batch import RANGE_END_TAG, RANGE_START_TAG
from persona_assets.dagster_defs.jobs import materialise_personas, refresh_catalogue
from persona_assets.dagster_defs.partitions import contiguous_ranges, persona_partitions, register, registered_keys
from persona_assets.dagster_runtime.abandoned_runs import close_abandoned_runs, find_latest_never_begun
from persona_assets.dagster_runtime.ended_runs import find_latest_ended
from persona_assets.dagster_runtime.run_tags import tags_of
from persona_assets.dagster_runtime.work_in_progress import find_work_in_progress
from persona_assets.errors import PersonaAssetsError
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover, fingerprint
from persona_assets.settings import Settings, load_settings
from persona_assets.workspace import Workspace


@dg.sensor(
    job=materialise_personas,
    minimum_interval_seconds=10,
    description="Registers raw files that are new, and runs every key whose raw files are new or have changed. It "
    "waits while other work on the partitions is in progress.",
)
def raw_files_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Registers raw files that are new, and runs every key whose raw files are new or have changed.

    The cursor is a hash over names, sizes and times of all raw files, and the latest run that died before it began:
    while it stands, a tick costs one scan. Vanished files are left to the catalogue, which shows their keys as
    orphaned.
    """
    try:
        settings = load_settings()
        workspace = Workspace.of(settings)
        if busy := _busy(context.instance, workspace):
            return dg.SkipReason(busy)
        seen = f"{fingerprint(RawCorpus.of(settings))} {find_latest_never_begun(context.instance, workspace)}".strip()
        if seen == context.cursor:
            return dg.SkipReason("no raw file is new, changed or gone")
        inventory = discover(RawCorpus.of(settings))
        if not inventory.keys:
            return dg.SkipReason(inventory.explain_emptiness())
        wanted = [one for one in survey(settings, inventory).states if one.left_to_do and one.worth_trying]
    except PersonaAssetsError as error:
        return dg.SkipReason(str(error))
    new = sorted(set(map(str, inventory.keys)).difference(registered_keys(context.instance)))
    return dg.SensorResult(
        run_requests=list(_requests(context.instance, settings, wanted, new, seen)),
        dynamic_partitions_requests=[persona_partitions.build_add_request(new)] if new else [],
        cursor=seen,
    )


@dg.sensor(
    job=refresh_catalogue,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Refreshes the catalogue, the statistics and the pictures of all keys once work on the partitions "
    "has come to rest, also after runs that failed or only checked. It makes no dataset.",
)
def catalogue_sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Refreshes the files that describe all keys, once, when work on the partitions has come to rest.

    It follows the end of every run that may have changed how keys stand, also of one that failed or only checked.
    """
    try:
        workspace = Workspace.of(load_settings())
        if busy := _busy(context.instance, workspace):
            return dg.SkipReason(busy)
    except PersonaAssetsError as error:
        return dg.SkipReason(str(error))
    ended = find_latest_ended(context.instance, workspace)
    newest = f"{ended} {find_latest_never_begun(context.instance, workspace)}".strip()
    if newest == (context.cursor or ""):
        return dg.SkipReason("no run on the partitions has ended since")
    context.update_cursor(newest)
    return dg.RunRequest(run_key=_run_key(workspace, newest), tags=tags_of(workspace))


@dg.schedule(
    job=materialise_personas,
    cron_schedule="0 2 * * *",
    execution_timezone="UTC",
    description="Runs every key that is missing, failed or stale, at two o'clock at night (UTC). It does nothing "
    "while other work on the partitions is in progress.",
)
def nightly_schedule(context: dg.ScheduleEvaluationContext) -> dg.SkipReason | list[dg.RunRequest]:
    """Runs every key that is missing, failed or stale; ``catalogue_sensor`` refreshes the catalogue afterwards.

    In UTC, which knows no clock changes, so that no night is skipped or doubled.
    """
    try:
        settings = load_settings()
        if busy := _busy(context.instance, Workspace.of(settings)):
            return dg.SkipReason(busy)
        inventory = discover(RawCorpus.of(settings))
        wanted = [one for one in survey(settings, inventory).states if one.left_to_do]
    except PersonaAssetsError as error:
        return dg.SkipReason(str(error))
    register(context.instance, inventory.keys)
    night = context.scheduled_execution_time.isoformat()
    return list(_requests(context.instance, settings, wanted, (), night))


def _busy(instance: dg.DagsterInstance, workspace: Workspace) -> str | None:
    """What is at work on the partitions, in words, once runs whose process is gone are closed."""
    close_abandoned_runs(instance, workspace)
    return find_work_in_progress(instance, workspace)


def _requests(
    instance: dg.DagsterInstance, settings: Settings, wanted: Sequence[KeyState], new: Sequence[str], occasion: str
) -> Iterator[dg.RunRequest]:
    """One run per contiguous range. ``occasion`` keeps a repeated tick from requesting the same twice."""
    order, workspace = [*registered_keys(instance), *new], Workspace.of(settings)
    for keys in contiguous_ranges((str(one.key) for one in wanted), order, settings.keys_per_run):
        yield dg.RunRequest(
            run_key=_run_key(workspace, f"{occasion} {keys[0]} {keys[-1]}"),
            tags={RANGE_START_TAG: keys[0], RANGE_END_TAG: keys[-1], **tags_of(workspace)},
        )


def _run_key(workspace: Workspace, occasion: str) -> str:
    """Of this workspace: Dagster would take the run of another one in the same home for the one requested."""
    return hashlib.sha256(f"{tags_of(workspace)} {occasion}".encode()).hexdigest()
