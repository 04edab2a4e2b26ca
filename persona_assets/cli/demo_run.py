"""The whole main job on synthetic data, without downloads."""

from rich.console import Console

from persona_assets.cli.demo_tour import describe_tour
from persona_assets.cli.materialise_keys import materialise_keys
from persona_assets.cli.signals import received_signal
from persona_assets.dagster_defs.run_config import PersonaRunConfig
from persona_assets.errors import SettingsError
from persona_assets.keys import DatasetKey
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover
from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets.sample.conversations import MARKER, PERSONAS, write_if_different
from persona_assets.sample.lessons import NEW, write_demo_corpus
from persona_assets.setting_names import SETTINGS_FILE
from persona_assets.settings import Settings, load_settings
from persona_assets.workspace import Workspace

_HEADER = "# Written by 'persona-assets demo'. The data is synthetic, and so is the tokenizer.\n[models]\n"


_BEFORE = """A made-up corpus through all assets: about half a minute, no download.
Three of its files are faulty on purpose, and one is left for you to make.
"""


def run_demo() -> int:
    """Write the corpus, materialise it, say what there is to see; return the exit code."""
    settings = load_settings()
    _refuse_real_data(settings)
    workspace = Workspace.of(settings)
    console = Console()
    console.print(_BEFORE)
    write_demo_corpus(workspace)
    write_if_different(settings.workspace / SETTINGS_FILE, _format_demo_settings())
    settings = load_settings()
    inventory = discover(RawCorpus.of(settings))
    keys = [key for key in inventory.keys if key != NEW or _is_made(workspace, key)]
    code = materialise_keys(console, settings, inventory, keys, PersonaRunConfig())
    if not received_signal():
        for line in describe_tour(settings, all_made=NEW in keys):
            console.print(line, soft_wrap=True, markup=False, highlight=False)
    return code


def _is_made(workspace: Workspace, key: DatasetKey) -> bool:
    return workspace.manifest(key).exists()


def _format_demo_settings() -> str:
    return _HEADER + "".join(f'"{model}" = "{SAMPLE_TOKENIZER}"\n' for model in PERSONAS)


def _refuse_real_data(settings: Settings) -> None:
    root, file = settings.raw_root, settings.workspace / SETTINGS_FILE
    if settings.data_root is not None:
        raise SettingsError(
            "the demo writes its own raw data; unset PERSONA_DATA_ROOT, or set PERSONA_WORKSPACE to another folder"
        )
    if root.exists() and any(root.iterdir()) and not (root / MARKER).exists():
        raise SettingsError(f"{root} contains data not from the demo; set PERSONA_WORKSPACE to another folder")
    if file.exists() and file.read_text(encoding="utf-8") != _format_demo_settings():
        raise SettingsError(f"{file} contains your own settings; set PERSONA_WORKSPACE to another folder")
