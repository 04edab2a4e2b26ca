"""Ctrl-C and SIGTERM end a command within seconds, keep what is done and say so in one sentence."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import dagster as dg
import filelock
import pytest

from persona_assets import cli
from persona_assets.cli import commands
from persona_assets.collection.byte_comparison import verify
from persona_assets.settings import load_settings
from persona_assets.workspace import Workspace
from persona_assets_tests.raw_corpus import KEYS, write_persona

PROGRAM = Path(sys.executable).parent / "persona-assets"
PATIENCE_SECONDS = 60.0
SECONDS_TO_END = 20.0
"""Keys in hand have 3 s; the rest is for a busy machine."""
STUCK, ALSO_STUCK = KEYS[4], KEYS[5]
"""Keys whose lock the test holds, so that whoever works on them is in the middle of a key when the signal comes."""

linux_only = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="looks at processes through /proc")
pytestmark = [linux_only, pytest.mark.campaign]


def to_group(command: "Command", which: signal.Signals) -> None:
    """As a terminal does."""
    os.killpg(command.process.pid, which)


def to_parent(command: "Command", which: signal.Signals) -> None:
    command.process.send_signal(which)


def twice_to_group(command: "Command", which: signal.Signals) -> None:
    to_group(command, which)
    time.sleep(0.5)
    to_group(command, which)


def heed_signals() -> None:
    """As a terminal starts a command: what runs the tests may have been started in the background."""
    for which in (signal.SIGINT, signal.SIGTERM):
        signal.signal(which, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


class Command:
    """A command in a process group of its own."""

    def __init__(self, folder: Path, *arguments: str, keys_per_run: int = 2) -> None:
        self.process = subprocess.Popen(
            [PROGRAM, *arguments],
            cwd=folder,
            env=os.environ | {"PERSONA_KEYS_PER_RUN": str(keys_per_run)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=heed_signals,  # noqa: PLW1509 - no other thread of a test holds a lock
        )

    def wait_until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def end(self) -> tuple[int, str]:
        """The exit code, and everything it and its workers wrote."""
        written = "".join(self.process.communicate(timeout=SECONDS_TO_END))
        return self.process.returncode, written

    def handles(self, which: signal.Signals) -> bool:
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        caught = re.search(r"^SigCgt:\s*([0-9a-f]+)$", status, re.MULTILINE)
        return bool(caught and int(caught[1], 16) >> (which - 1) & 1)

    def group(self) -> list[int]:
        """Living processes of the command's session."""
        return [pid for pid, session in sessions() if session == self.process.pid]


Run = Callable[..., Command]


@pytest.fixture
def run() -> Iterator[Run]:
    """Starts commands; none outlives its test."""
    started: list[Command] = []

    def start(folder: Path, *arguments: str, keys_per_run: int = 2) -> Command:
        started.append(Command(folder, *arguments, keys_per_run=keys_per_run))
        return started[-1]

    yield start
    for command in started:
        if command.group():
            os.killpg(command.process.pid, signal.SIGKILL)
        with command.process:
            pass


def sessions() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, _, _, session, *_ = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            except OSError:
                continue
            if state != "Z":
                yield int(entry.name), int(session)


@contextmanager
def in_the_middle_of(workspace: Path, *keys: str) -> Iterator[None]:
    """Whoever begins one of ``keys`` stays at it for as long as the block lasts."""
    with ExitStack() as locks:
        for key in keys:
            path = workspace / "persona_locks" / f"{key}.lock"
            path.parent.mkdir(parents=True, exist_ok=True)
            locks.enter_context(filelock.FileLock(path))
        yield


def done(workspace: Path) -> set[str]:
    return {picture.stem for picture in (workspace / "persona_token_plots").glob("*.png")}


def runs_of_keys(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> list[dg.DagsterRunStatus]:
    """How each run over keys ended, in the order they began."""
    monkeypatch.setenv("DAGSTER_HOME", str(workspace / "dagster_home"))
    with dg.DagsterInstance.get() as instance:
        runs = instance.get_runs(dg.RunsFilter(job_name="materialise_personas"))
        return [run.status for run in reversed(runs)]


def assert_one_sentence(written: str, signalled: signal.Signals, count: int, of: int) -> None:
    (sentence,) = [line for line in written.splitlines() if "stopped by" in line]
    assert sentence.startswith(f"stopped by {signalled.name}: {count} of {of} keys done")
    for unwanted in ("Traceback", "Error", "failed ", "Interrupt"):
        assert unwanted not in written.replace("0 failed", ""), written


@pytest.mark.parametrize(
    ("send", "which", "workers"),
    [
        pytest.param(to_group, signal.SIGINT, 1, id="SIGINT to all, 1 worker"),
        pytest.param(to_parent, signal.SIGINT, 2, id="SIGINT to the command, 2 workers"),
        pytest.param(to_parent, signal.SIGTERM, 1, id="SIGTERM to the command, 1 worker"),
        pytest.param(twice_to_group, signal.SIGINT, 2, id="SIGINT to all twice, 2 workers"),
    ],
)
def test_a_signal_ends_the_whole_batch_and_its_workers(
    workspace_with_corpus: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    send: Callable[[Command, signal.Signals], None],
    which: signal.Signals,
    workers: int,
) -> None:
    with in_the_middle_of(workspace_with_corpus, STUCK, ALSO_STUCK):
        command = run(workspace_with_corpus, "generate", "--workers", str(workers))
        command.wait_until(lambda: len(done(workspace_with_corpus)) == 4 and worked_on(workspace_with_corpus, 3))
        send(command, which)
        code, written = command.end()
    assert code == 128 + which, written
    assert done(workspace_with_corpus) == set(KEYS[:4])
    assert_one_sentence(written, which, 4, len(KEYS))
    assert "7 left; continue with 'persona-assets generate --resume'" in written
    assert command.group() == []
    assert not (workspace_with_corpus / "persona_catalogue.json").exists()
    finished, stopped = dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.CANCELED
    assert runs_of_keys(workspace_with_corpus, monkeypatch) == [finished, finished, stopped]
    assert verify(Workspace.of(load_settings()), workers=1).damages == ()


def worked_on(workspace: Path, runs: int) -> bool:
    """Whether so many Dagster runs have begun their work."""
    return len(list((workspace / "dagster_home" / "history" / "runs").glob("*-*.db"))) >= runs


def test_a_single_key_is_stopped_like_many(workspace_with_corpus: Path, run: Run) -> None:
    model, kind, name = STUCK.split("__")
    with in_the_middle_of(workspace_with_corpus, STUCK):
        command = run(workspace_with_corpus, "create", "--type", kind, "--model", model, "--name", name)
        command.wait_until(lambda: worked_on(workspace_with_corpus, 1))
        to_parent(command, signal.SIGTERM)
        code, written = command.end()
    assert code == 128 + signal.SIGTERM
    assert_one_sentence(written, signal.SIGTERM, 0, 1)
    assert command.group() == []


def test_a_signal_during_the_refresh_keeps_all_keys_and_renews_nothing_more(workspace: Path, run: Run) -> None:
    write_persona(workspace / "persona-data", KEYS[0], questions=1)
    with in_the_middle_of(workspace, "corpus"):
        command = run(workspace, "generate")
        command.wait_until(lambda: worked_on(workspace, 2))
        to_group(command, signal.SIGINT)
        code, written = command.end()
    assert code == 128 + signal.SIGINT, written
    assert_one_sentence(written, signal.SIGINT, 1, 1)
    assert done(workspace) == {KEYS[0]}
    assert not (workspace / "persona_catalogue.json").exists()


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM], ids=lambda which: which.name)
@pytest.mark.parametrize("name", ["generate", "status"])
def test_a_signal_in_the_first_seconds_ends_any_command_without_a_traceback(
    workspace: Path, run: Run, name: str, which: signal.Signals
) -> None:
    write_persona(workspace / "persona-data", KEYS[0], questions=1)
    command = run(workspace, name)
    command.wait_until(lambda: command.handles(signal.SIGTERM))
    to_group(command, which)
    code, written = command.end()
    assert code == 128 + which, written
    assert written.splitlines() == [f"stopped by {which.name}"]
    assert done(workspace) == set()
    assert command.group() == []


def test_an_interruption_that_an_import_wraps_is_still_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Python 3.11 does so for whatever a descriptor's __set_name__ raises."""
    monkeypatch.setattr(cli, "watch_signals", lambda: None)
    monkeypatch.setattr(commands, "commands", partial(fail_because_of, KeyboardInterrupt()))
    with pytest.raises(SystemExit):
        cli.main()
    assert capsys.readouterr().err == "stopped by an interruption\n"
    monkeypatch.setattr(commands, "commands", partial(fail_because_of, ValueError()))
    with pytest.raises(RuntimeError):
        cli.main()


def fail_because_of(cause: BaseException) -> None:
    raise RuntimeError("Error calling __set_name__") from cause


def test_a_stopped_batch_goes_on_where_it_was(workspace_with_corpus: Path, run: Run) -> None:
    with in_the_middle_of(workspace_with_corpus, KEYS[-1]):
        command = run(workspace_with_corpus, "generate", "--workers", "2", keys_per_run=0)
        command.wait_until(lambda: len(done(workspace_with_corpus)) == len(KEYS) - 1)
        to_group(command, signal.SIGINT)
        assert command.end()[0] == 128 + signal.SIGINT
    resumed = run(workspace_with_corpus, "generate", "--resume")
    written = "".join(resumed.process.communicate(timeout=PATIENCE_SECONDS))
    assert resumed.process.returncode == 0, written
    assert "1 of 1 keys done" in written
    assert done(workspace_with_corpus) == set(KEYS)
