"""``persona-assets dev`` as a process: told of a taken port, ended by any signal, with nothing left behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from persona_assets_tests.ui.servers import PATIENCE_SECONDS, free_port, wait_for

PROGRAM = str(Path(sys.executable).parent / "persona-assets")
SECONDS_TO_END = 20.0

pytestmark = [
    pytest.mark.campaign,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds processes through Linux's /proc"),
]


@pytest.fixture
def running(workspace_with_corpus: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[bytes], int]]]:
    """Start a server that answers; whatever is left of it is killed at the end."""

    started: list[subprocess.Popen[bytes]] = []

    def start(*before: str) -> tuple[subprocess.Popen[bytes], int]:
        port, log = free_port(), workspace_with_corpus / "log"
        with log.open("wb") as output:
            command = [*before, PROGRAM, "dev", "--port", str(port)]
            started.append(subprocess.Popen(command, stdout=output, stderr=output))
        wait_for(f"http://127.0.0.1:{port}", started[-1], log)
        return started[-1], port

    yield start
    for process in processes_of(workspace_with_corpus):
        os.kill(process, signal.SIGKILL)
    for server in started:
        server.wait()


def processes_of(workspace: Path) -> list[int]:
    """All that were started for this workspace, however far they are from whoever started them."""
    wanted, found = f"PERSONA_WORKSPACE={workspace}".encode(), []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment, state = (folder / "environ").read_bytes(), (folder / "stat").read_text(errors="replace")
        except OSError:
            continue
        if wanted in environment.split(b"\0") and ") Z " not in state and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found


def assert_all_gone(workspace: Path, begun: float) -> None:
    while processes_of(workspace) and time.monotonic() - begun < SECONDS_TO_END:
        time.sleep(0.2)
    assert processes_of(workspace) == []


@pytest.mark.parametrize(
    ("before", "how"),
    [
        (("setsid", "--wait"), signal.SIGTERM),
        (("sh", "-c", 'trap "" INT; exec "$@"', "sh"), signal.SIGINT),
        (("nohup",), signal.SIGTERM),
    ],
    ids=["in a session of its own", "in the background", "under nohup"],
)
def test_it_ends_however_it_was_started_and_leaves_no_process(
    running: Callable[..., tuple[subprocess.Popen[bytes], int]],
    workspace_with_corpus: Path,
    before: tuple[str, ...],
    how: signal.Signals,
) -> None:
    _, port = running(*before)
    assert len(processes_of(workspace_with_corpus)) > 3
    begun = time.monotonic()
    os.kill(min(process for process in processes_of(workspace_with_corpus) if is_program(process)), how)
    assert_all_gone(workspace_with_corpus, begun)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))


def is_program(process: int) -> bool:
    """Whether it is the command itself, or what the command became."""
    words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    return b"dev" in words and Path(os.fsdecode(words[0])).name.startswith("python")


def test_what_it_started_ends_when_it_is_killed(
    running: Callable[..., tuple[subprocess.Popen[bytes], int]], workspace_with_corpus: Path
) -> None:
    server, _ = running()
    server.kill()
    server.wait()
    assert_all_gone(workspace_with_corpus, time.monotonic())


def test_it_ends_when_who_started_it_is_gone(workspace_with_corpus: Path) -> None:
    port, log = free_port(), workspace_with_corpus / "log"
    shell = ["sh", "-c", '"$@" >"$LOG" 2>&1 &', "sh", PROGRAM, "dev", "--port", str(port)]
    subprocess.run(shell, env={**os.environ, "LOG": str(log)}, check=True)
    try:
        wait_until_said(log, "ready")
        begun = time.monotonic()
        os.kill(min(filter(is_program, processes_of(workspace_with_corpus))), signal.SIGTERM)
        assert_all_gone(workspace_with_corpus, begun)
    finally:
        for process in processes_of(workspace_with_corpus):
            os.kill(process, signal.SIGKILL)


@pytest.mark.parametrize("seconds", [0.0, 1.0, 3.0])
def test_it_ends_while_it_starts(workspace_with_corpus: Path, seconds: float) -> None:
    log = workspace_with_corpus / "log"
    with log.open("wb") as output:
        server = subprocess.Popen([PROGRAM, "dev", "--port", str(free_port())], stdout=output, stderr=output)
    try:
        wait_until_said(log, "Dagster UI")
        time.sleep(seconds)
        begun = time.monotonic()
        server.terminate()
        server.wait(SECONDS_TO_END)
        assert_all_gone(workspace_with_corpus, begun)
    finally:
        for process in processes_of(workspace_with_corpus):
            os.kill(process, signal.SIGKILL)
    assert "Traceback" not in log.read_text(encoding="utf-8")


def wait_until_said(log: Path, word: str) -> None:
    """Wait for a line of the log that begins with ``word``."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not log.exists() or not any(line.startswith(word) for line in log.read_text().splitlines()):
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def test_a_taken_port_is_told_in_one_sentence_and_nothing_is_started(workspace_with_corpus: Path) -> None:
    with listening() as port:
        done = subprocess.run(
            [PROGRAM, "dev", "--port", str(port)], capture_output=True, text=True, check=False, timeout=60
        )
        assert processes_of(workspace_with_corpus) == []
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"port {port} of 127.0.0.1 is used by another program" in done.stderr
    assert "--port" in done.stderr


def test_a_port_that_is_taken_while_it_starts_ends_it_all_the_same(workspace_with_corpus: Path) -> None:
    port = free_port()
    log = workspace_with_corpus / "log"
    with log.open("wb") as output:
        server = subprocess.Popen([PROGRAM, "dev", "--port", str(port)], stdout=output, stderr=output)
    deadline = time.monotonic() + 60
    while b"Dagster home" not in log.read_bytes() and time.monotonic() < deadline:
        time.sleep(0.02)
    with listening(port):
        code = server.wait(60)
        assert_all_gone(workspace_with_corpus, time.monotonic())
    assert code == 1
    assert f"port {port} of 127.0.0.1 is used by another program" in log.read_text(encoding="utf-8").splitlines()[-1]


@contextmanager
def listening(port: int = 0) -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        listener.listen()
        yield int(listener.getsockname()[1])
