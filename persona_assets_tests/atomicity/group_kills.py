"""Killing ``persona-assets generate --workers 2`` with all its processes, and looking at the workspace each time."""

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from persona_assets.collection.byte_comparison import verify
from persona_assets.collection.leftovers import clean_up
from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets.workspace import Workspace
from persona_assets_tests.atomicity import ONE, OTHER
from persona_assets_tests.end_to_end import files_below
from persona_assets_tests.raw_corpus import GEMMA, MODELS, write_settings

PROGRAM = Path(sys.executable).parent / "persona-assets"
KEYS = tuple(f"{GEMMA}__trait__trait{number}" for number in range(10))
RESUME_EVERY = 12
PATIENCE_SECONDS = 180.0
SHORTEST_LIFE_SECONDS, LONGEST_LIFE_SECONDS = 2.0, 7.0


@dataclass
class GroupCampaign:
    """What was done and what was seen."""

    kills: int = 0
    ended_by_themselves: int = 0
    left_behind: int = 0
    """Kills after which something lay under a hidden name, or a replacement was unfinished."""
    put_back: int = 0
    resumed: int = 0
    torn: list[str] = field(default_factory=list)
    exact_at_the_end: bool = False


def kill_groups(folder: Path, kills: int, seed: int = 0) -> GroupCampaign:
    """Two versions of the raw files in turn, so that there is always something to make."""
    workspace, campaign, chance = folder / "workspace", GroupCampaign(), random.Random(seed)
    write_settings(workspace, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    expected = tuple(_undisturbed(folder, place) for place in (0, 1))
    for number in range(kills):
        _write_raw(workspace, number % 2)
        _kill_once(workspace, chance.uniform(SHORTEST_LIFE_SECONDS, LONGEST_LIFE_SECONDS), campaign)
        _look(workspace, campaign)
        if number % RESUME_EVERY == RESUME_EVERY - 1:
            _resume(workspace, campaign, expected[number % 2])
    _write_raw(workspace, 0)
    campaign.exact_at_the_end = _resume(workspace, campaign, expected[0])
    return campaign


def _write_raw(workspace: Path, place: int) -> None:
    for key in KEYS:
        (ONE, OTHER)[place].write(workspace / "persona-data", key)


def _undisturbed(folder: Path, place: int) -> dict[str, str]:
    workspace = folder / f"undisturbed{place}" / "workspace"
    write_settings(workspace, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    _write_raw(workspace, place)
    _run(workspace, "generate")
    return _without_paths(workspace)


def _run(workspace: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PERSONA_WORKSPACE": str(workspace)}
    environment.pop("DAGSTER_HOME", None)
    return subprocess.run(
        [PROGRAM, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )


def _without_paths(workspace: Path) -> dict[str, str]:
    """Manifests and statistics name the workspace and the times of its files."""
    told_apart = ("persona_manifests/", "persona_token_stats/")
    return {path: of for path, of in files_below(workspace).items() if not path.startswith(told_apart)}


def _kill_once(workspace: Path, life_seconds: float, campaign: GroupCampaign) -> None:
    environment = {**os.environ, "PERSONA_WORKSPACE": str(workspace)}
    environment.pop("DAGSTER_HOME", None)
    process = subprocess.Popen(
        [PROGRAM, "generate", "--workers", "2"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(life_seconds)
    campaign.ended_by_themselves += process.poll() is not None
    try:
        os.killpg(process.pid, signal.SIGKILL)
        campaign.kills += 1
    except ProcessLookupError:
        pass
    process.wait(PATIENCE_SECONDS)
    _wait_for_the_rest(process.pid)


def _wait_for_the_rest(group: int) -> None:
    """A killed process that waits for the disk holds its locks until it is told."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and any(_is_of(group, entry) for entry in Path("/proc").iterdir()):
        time.sleep(0.05)


def _is_of(group: int, process: Path) -> bool:
    try:
        fields = (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return False
    return int(fields[2]) == group and fields[0] != "Z"


def _look(workspace: Path, campaign: GroupCampaign) -> None:
    """After the clean-up that the next run begins with, every output is the one that its manifest names."""
    cleanup = clean_up(Workspace(workspace, workspace / "persona-data"))
    campaign.left_behind += bool(cleanup.removed or cleanup.given_back)
    campaign.put_back += len(cleanup.given_back)
    campaign.torn += cleanup.problems
    campaign.torn += map(str, verify(Workspace(workspace, workspace / "persona-data"), workers=2).damages)


def _resume(workspace: Path, campaign: GroupCampaign, expected: dict[str, str]) -> bool:
    for arguments in (("generate", "--resume"), ("verify",)):
        done = _run(workspace, *arguments)
        if done.returncode:
            campaign.torn.append(
                f"{' '.join(arguments)} exits {done.returncode}: {(done.stdout + done.stderr)[-500:]}"
            )
    campaign.resumed += 1
    exact = _without_paths(workspace) == expected
    if not exact:
        campaign.torn.append("a resumed workspace is not as one that was never disturbed")
    return exact
