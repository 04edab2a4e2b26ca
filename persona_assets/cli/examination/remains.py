"""What killed processes left behind, and what living ones hold."""

from collections.abc import Iterator

from persona_assets.cli.examination.findings import Finding, problem, warning, well
from persona_assets.collection.leftovers import find_leftovers
from persona_assets.collection.outputs import list_entries
from persona_assets.errors import StorageError
from persona_assets.stage.wording import count, name_first
from persona_assets.store.locks import is_held
from persona_assets.workspace import Workspace

SUBJECT = "leftovers"
_LOCK = ".lock"


def examine_remains(workspace: Workspace) -> Iterator[Finding]:
    """Locks that are held now, and journals and hidden files; these are normal only while something runs."""
    try:
        held = [entry.name.removesuffix(_LOCK) for entry in list_entries(workspace.locks) if is_held(entry.path)]
        left = find_leftovers(workspace)
    except StorageError as error:
        yield problem(SUBJECT, str(error))
        return
    if held:
        yield well(SUBJECT, f"at work now: {name_first(held, len(held))}")
    if not left:
        yield well(SUBJECT, "no journal and no unfinished file")
        return
    files = f"{count(len(left), 'journal or unfinished file', 'journals and unfinished files')}, first {left[0]}"
    if held:
        yield well(SUBJECT, f"{files}: of the process at work, or of one that was killed")
    else:
        yield warning(
            SUBJECT,
            f"{files}: left by a process that was killed. The next 'persona-assets generate' restores what they "
            "were to replace, and removes them",
        )
