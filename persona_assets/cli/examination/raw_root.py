"""The raw root: whether it is there, in which layout each model is read, and what has no key."""

from collections.abc import Iterator

from persona_assets.cli.examination.findings import Finding, problem, warning, well
from persona_assets.collection.listed_keys import list_made
from persona_assets.errors import RawDataError
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import RawInventory, discover
from persona_assets.settings import Settings
from persona_assets.stage.wording import count
from persona_assets.workspace import Workspace

SUBJECT = "raw root"


def examine_raw_root(settings: Settings) -> tuple[list[Finding], RawInventory]:
    """The findings, and what the raw root holds: nothing if it cannot be read."""
    nothing = RawInventory(settings.raw_root, (), ())
    try:
        inventory = discover(RawCorpus.of(settings))
    except RawDataError as error:
        made = len(list_made(Workspace.of(settings)))
        if not made:
            return [problem(SUBJECT, str(error))], nothing
        return [warning(SUBJECT, f"{error}. The {count(made, 'key')} made so far can be read without it")], nothing
    return list(_examine(inventory)), inventory


def _examine(inventory: RawInventory) -> Iterator[Finding]:
    if not inventory.keys:
        yield problem(
            SUBJECT, f"{inventory.explain_emptiness()}; set PERSONA_DATA_ROOT to the folder that holds them"
        )
        return
    yield well(SUBJECT, f"{inventory.root}: {count(len(inventory.keys), 'key')}")
    for reading in inventory.models:
        if reading.layout is None:
            yield warning(SUBJECT, f"{reading}; docs/layouts.md says which layouts are read")
        else:
            yield well(SUBJECT, str(reading))
    if inventory.unfit:
        more = f" and {len(inventory.unfit) - 1:,} more" if len(inventory.unfit) > 1 else ""
        yield warning(
            SUBJECT, f"not taken: {inventory.unfit[0]}{more}; 'persona-assets list' names all, with the reasons"
        )
