"""A program with many processes, started and ended as one.

``dagster dev`` ends its webserver, daemon and code server only when it is told to in the one way it knows, SIGINT,
which a shell hides from what it starts in the background. Here any signal that ends a program ends all of it.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from types import FrameType

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SECONDS_BETWEEN_LOOKS = 2.0
_ROUNDS = ((signal.SIGINT, 10.0), (signal.SIGTERM, 3.0), (signal.SIGKILL, 5.0))
"""What the group is sent, and how many seconds it then has to be gone."""
_PAUSE_SECONDS = 0.1
_SET_PARENT_DEATH_SIGNAL = 1


class Supervisor:
    """Runs one command in a process group of its own until it ends, or until this process is told to end."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command, self._environment = command, environment
        self._told: int | None = None

    def run(self, look: Callable[[int], None]) -> int | None:
        """Start the command, wait, and leave no process of its group; return its exit code, None if told to end.

        ``look`` is called with the group now and then. What it raises ends the command and is passed on.
        """
        # With a handler, not ignored: so the command starts with the default, under nohup or in the background too.
        before = {number: signal.signal(number, self._note) for number in self._heeded()}
        try:
            command = subprocess.Popen(
                self._command,
                env=self._environment,
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - no other thread runs here
            )
            try:
                looked = time.monotonic()
                while command.poll() is None and self._told is None:
                    time.sleep(_PAUSE_SECONDS)
                    if time.monotonic() - looked >= SECONDS_BETWEEN_LOOKS:
                        look(command.pid)
                        looked = time.monotonic()
            finally:
                _end_group(command)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        return None if self._told is not None else command.returncode

    @staticmethod
    def _heeded() -> list[signal.Signals]:
        """All but the hang-up of a terminal that this process was told to outlive."""
        ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        return [number for number in ENDING_SIGNALS if number is not signal.SIGHUP or not ignored]

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._told = number


def _end_with_parent() -> None:
    """In the command: be told when the supervisor is killed, which can then tell nobody. Only Linux knows how."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGINT)


def _end_group(leader: subprocess.Popen[bytes]) -> None:
    """Ask, then insist. The group's number stays taken until its last process is gone."""
    for number, patience in _ROUNDS:
        deadline = time.monotonic() + patience
        if not _send(leader.pid, number):
            break
        while time.monotonic() < deadline and _send(leader.pid, 0):
            leader.poll()  # a dead leader nobody has asked for counts as there
            time.sleep(_PAUSE_SECONDS)
    leader.wait()


def _send(group: int, number: int) -> bool:
    """Whether there was a process in the group to send it to."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True
