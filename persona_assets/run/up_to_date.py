"""Finding out at a glance, from stamps and manifests alone, which keys a run need not work on."""

from collections.abc import Iterator, Sequence
from typing import Any

from persona_assets.errors import PersonaAssetsError
from persona_assets.run.key_task import KeyTask
from persona_assets.run.last_outcome import read_last_outcome
from persona_assets.stage.context import StageContext
from persona_assets.stage.file_stamps import read_file_stamps
from persona_assets.stage.freshness import Comparison, ReadManifest, manifests_of
from persona_assets.stage.manifest import Manifest
from persona_assets.stage.spec import Stage
from persona_assets.stages.registry import list_stages, list_switched_on
from persona_assets.store.file_stamps import SeenFiles
from persona_assets.workspace import Workspace


def list_up_to_date(tasks: Sequence[KeyTask]) -> Iterator[KeyTask]:
    """Yield the ``tasks`` that would leave everything as it is and on show as it is.

    No raw file and no output is read. At the slightest doubt, a task is left out: it looks closely itself.
    """
    if not tasks:
        return
    read = manifests_of(Workspace.of(tasks[0].settings), list_stages())
    for task in tasks:
        only_checked = set(task.checked).difference(task.stages)
        if not (task.redo or task.verify_bytes or only_checked) and _is_up_to_date(task, read):
            yield task


def _is_up_to_date(task: KeyTask, read: ReadManifest) -> bool:
    workspace, known = Workspace.of(task.settings), list_stages()
    try:
        wanted = [one for one in list_switched_on(task.settings, task.partitioning) if one.name in task.stages]
        if workspace.journal(task.key).exists():
            return False
        manifest = Manifest.read(workspace.manifest(task.key), task.key, known)
        files = SeenFiles(read_file_stamps(workspace, task.key).files, may_read=False)
        context = StageContext(task.key, task.settings, known, manifest, task.variants, files=files)
        if not Comparison(read).are_unchanged(wanted, context) or not _all_checked(wanted, context):
            return False
    except PersonaAssetsError:
        return False  # work on the key will say what is wrong
    return all(task.on_show.get(stage.name) == manifest.data_version(stage) for stage in wanted)


def _all_checked(stages: Sequence[Stage[Any]], context: StageContext[Any]) -> bool:
    """Whether the last work on the key did not fail, and every check has an outcome for what is there."""
    last = read_last_outcome(context.workspace, context.key)
    return last.failure is None and all(last.knows(stage, context.manifest.data_version(stage)) for stage in stages)
