"""Making everything for every raw file that was chosen, or for those of which there is something."""

from collections.abc import Mapping, Sequence

from rich.console import Console

from persona_assets.cli.materialise_keys import materialise_keys
from persona_assets.cli.selection import choose
from persona_assets.collection.listed_keys import list_made
from persona_assets.collection.survey import survey
from persona_assets.dagster_defs.run_config import PersonaRunConfig
from persona_assets.errors import MissingInputError
from persona_assets.kinds import Kind
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover
from persona_assets.settings import load_settings
from persona_assets.stage.wording import count
from persona_assets.stages.token_stats.spec import PICTURE
from persona_assets.workspace import Workspace


def generate_all(
    kinds: Sequence[Kind], models: Sequence[str], *, resume: bool, config: Mapping[str, int | bool | None]
) -> int:
    """Materialise the keys of ``kinds`` and ``models``; of these, with ``resume``, those left to do. Return the exit
    code.
    """
    settings = load_settings()
    inventory = discover(RawCorpus.of(settings))
    keys = choose(inventory, kinds, models)
    if resume:
        left = {state.key for state in survey(settings, inventory).states if state.left_to_do}
        keys = tuple(key for key in keys if key in left)
    told = PersonaRunConfig.model_validate({name: value for name, value in config.items() if value is not None})
    code = materialise_keys(Console(), settings, inventory, keys, told)
    return code or int(bool(inventory.unfit))


def analyze_made(kinds: Sequence[Kind], models: Sequence[str], workers: int | None) -> int:
    """Bring the datasets made so far of ``kinds`` and ``models``, and their statistics, up to date. Return the exit
    code.

    Raises:
        MissingInputError: none of them was made.
    """
    settings = load_settings()
    workspace, inventory = Workspace.of(settings), discover(RawCorpus.of(settings))
    asked, made = choose(inventory, kinds, models), frozenset(list_made(workspace))
    keys = [key for key in asked if key in made]
    console = Console()
    if not keys:
        raise MissingInputError(
            f"no dataset of these is in {workspace.root} yet, so that there is nothing to analyze; make them with "
            "'persona-assets generate'"
        )
    if left := len(asked) - len(keys):
        console.print(f"{count(left, 'raw file')} without a dataset left to 'persona-assets generate'")
    code = materialise_keys(console, settings, inventory, keys, PersonaRunConfig(workers=workers or 0))
    console.print(f"pictures    {workspace.root / PICTURE.folder}", soft_wrap=True)
    return code
