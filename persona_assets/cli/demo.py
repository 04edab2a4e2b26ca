"""``persona-assets demo``: run the whole main job on synthetic data, without downloads."""

import shlex
from pathlib import Path

import click
from rich.console import Console

from persona_assets.cli.materialise_keys import materialise_keys
from persona_assets.cli.signals import received_signal
from persona_assets.dagster_defs.run_config import PersonaRunConfig
from persona_assets.errors import SettingsError
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover
from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets.sample.conversations import MARKER, PERSONAS, write_sample_corpus
from persona_assets.setting_names import SETTINGS_FILE
from persona_assets.settings import Settings, load_settings
from persona_assets.store.replacement import new_file
from persona_assets.workspace import Workspace

_HEADER = "# Written by 'persona-assets demo'. The data is synthetic, and so is the tokenizer.\n[models]\n"


@click.command()
@click.pass_context
def demo(context: click.Context) -> None:
    """Write a small synthetic corpus into the workspace and materialise everything from it."""
    settings = load_settings()
    _refuse_real_data(settings)
    workspace = Workspace.of(settings)
    write_sample_corpus(workspace)
    with new_file(settings.workspace / SETTINGS_FILE) as staged:
        staged.write_text(_format_demo_settings(), encoding="utf-8")
    settings = load_settings()
    console = Console()
    console.print(f"synthetic demo corpus written to {workspace.raw_root}", soft_wrap=True)
    inventory = discover(RawCorpus.of(settings))
    code = materialise_keys(console, settings, inventory, inventory.keys, PersonaRunConfig())
    if received_signal():
        context.exit(code)
    console.print("\nsynthetic data and tokenizer: for looking around, not for research")
    console.print(f"open the Dagster UI:  {_choose_open_command(settings)}", soft_wrap=True)
    context.exit(code)


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


def _choose_open_command(settings: Settings) -> str:
    default = settings.workspace == Path("workspace").absolute()
    here = Path("Makefile").exists()
    if here and default:
        return "make dev"
    return f"PERSONA_WORKSPACE={shlex.quote(str(settings.workspace))} persona-assets dev"
