"""The commands and the example of docs/publishing.md run against a stand-in of the Hub, and its messages exist."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from persona_assets.publishing import hub_errors, sending
from persona_assets_tests.commands import PROGRAM
from persona_assets_tests.docs import DOCS, find_code_blocks, find_section, find_table_entries, read_page
from persona_assets_tests.publishing.hub_stand_in import TOKEN, running_hub

PAGE = read_page(DOCS / "publishing.md")


@pytest.mark.campaign
def test_the_commands_push_what_the_example_loads(demo_workspace: Path, tmp_path: Path) -> None:
    [commands], [example] = find_code_blocks(PAGE, "bash"), find_code_blocks(PAGE, "python")
    with running_hub() as hub:
        told = {"HF_ENDPOINT": hub.url, "HF_TOKEN": TOKEN, "HF_HUB_DISABLE_XET": "1", "HF_HUB_OFFLINE": "0"}
        environment = {**os.environ, **told, "HF_HOME": str(tmp_path / "home")}
        environment["PERSONA_WORKSPACE"] = str(demo_workspace)
        for command in commands.splitlines():
            _, *arguments = shlex.split(command)
            subprocess.run([PROGRAM, *arguments], cwd=tmp_path, env=environment, check=True, capture_output=True)
        loaded = subprocess.run(
            [sys.executable, "-c", example], cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
        )
        pushed = {path: blob.content for path, blob in hub.dataset("me/personas").files.items()}
    folder = tmp_path / "to_look_at"
    written = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert pushed.pop(".gitattributes")
    assert written == pushed
    assert loaded.stdout.strip()


def test_the_messages_are_those_of_the_program() -> None:
    messages = find_table_entries(find_section(PAGE, "What can go wrong"))
    code = "".join(Path(str(module.__file__)).read_text(encoding="utf-8") for module in (hub_errors, sending))
    unsplit = code.replace('"\n        f"', "").replace("{other}", "model")
    assert [message for message in sorted(messages) if message not in unsplit] == []
