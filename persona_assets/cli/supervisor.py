"""Starting and ending a program with many processes as one.

``dagster dev`` ends its webserver, daemon and code server only on SIGINT, which background jobs of a shell ignore.
Here every signal that ends a program ends all of its processes.
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
"""Signals sent to the group, each with the seconds it then has to end."""
_ROUNDS_WHILE_STARTING = _ROUNDS[1:]
"""SIGINT would interrupt imports, of which Python prints a traceback."""
_PAUSE_SECONDS = 0.1
_SET_PARENT_DEATH_SIGNAL = 1


class Supervisor:
    """Runs one command in a separate process group until it ends, or until this process is told to end."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command, self._environment = command, environment
        self._told: int | None = None
        self._is_up = False

    def run(self, look: Callable[[int], bool]) -> int | None:
        """Run the command and end every process of its group. Return its exit code, or None if told to end.

        ``look`` is called with the group every few seconds, and returns whether the command is up. If it raises, the
        command is ended and the error passed on.
        """
        # A handler, because an ignored signal would be inherited. So the command has the defaults, even under nohup.
        before = {number: signal.signal(number, self._note) for number in self._find_signals_to_handle()}
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
                        self._is_up = look(command.pid)
                        looked = time.monotonic()
            finally:
                _end_group(command, _ROUNDS if self._is_up else _ROUNDS_WHILE_STARTING)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        return None if self._told is not None else command.returncode

    @staticmethod
    def _find_signals_to_handle() -> list[signal.Signals]:
        """All ending signals, but without SIGHUP if this process was started to ignore it."""
        ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        return [number for number in ENDING_SIGNALS if number is not signal.SIGHUP or not ignored]

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._told = number


def _end_with_parent() -> None:
    """In the command: ask to be signalled if the supervisor is killed. Only Linux supports this."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGINT)


def _end_group(leader: subprocess.Popen[bytes], rounds: Sequence[tuple[signal.Signals, float]]) -> None:
    """Send stronger signals until the group has ended. Its number is not reused before its last process is gone."""
    for number, patience in rounds:
        deadline = time.monotonic() + patience
        if not _send(leader.pid, number):
            break
        while time.monotonic() < deadline and _send(leader.pid, 0):
            leader.poll()  # otherwise a leader that has ended still counts as running
            time.sleep(_PAUSE_SECONDS)
    leader.wait()


def _send(group: int, number: int) -> bool:
    """Send a signal to the group. Returns whether any process of it was left."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True
