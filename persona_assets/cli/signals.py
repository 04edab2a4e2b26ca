"""Ctrl-C and SIGTERM: one exit code and no traceback, whatever a command is doing at the time."""

import math
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import TypeVar

Result = TypeVar("Result")

ENDING = (signal.SIGINT, signal.SIGTERM)
SECONDS_TO_UNWIND = 30.0
"""For this long after the first signal, further ones are ignored, so that even a busy machine can unwind."""


@dataclass
class _Watch:
    """Records every signal, whichever handler is called: Dagster installs its own during a run."""

    ignored: tuple[int, ...]
    """Signals that were already ignored at the start, as for a background job of a shell."""
    ends: tuple[socket.socket, socket.socket] = field(default_factory=socket.socketpair)
    first: signal.Signals | None = None
    held: bool = False
    noticed: float = math.inf
    """When the first was recorded."""

    def begin(self) -> None:
        for end in self.ends:
            end.setblocking(False)
        signal.set_wakeup_fd(self.ends[1].fileno(), warn_on_full_buffer=False)
        for number in ENDING:
            signal.signal(number, self.handle)

    def handle(self, number: int, _frame: FrameType | None) -> None:
        """Raise, unless an earlier signal was recorded a short time ago."""
        seconds_since = time.monotonic() - self.noticed
        self.received_signal()
        if number in self.ignored or self.held or 0 <= seconds_since < SECONDS_TO_UNWIND:
            return
        raise KeyboardInterrupt

    def received_signal(self) -> signal.Signals | None:
        try:
            numbers = self.ends[0].recv(1024)
        except BlockingIOError:
            return self.first
        wanted = [signal.Signals(number) for number in numbers if number in ENDING and number not in self.ignored]
        if wanted and not self.first:
            self.first, self.noticed = wanted[0], time.monotonic()
        return self.first


_watches: list[_Watch] = []


def watch_signals() -> None:
    """Let both signals raise KeyboardInterrupt from now on, and record them."""
    _watches.append(_Watch(tuple(number for number in ENDING if signal.getsignal(number) == signal.SIG_IGN)))
    _watches[-1].begin()


def received_signal() -> signal.Signals | None:
    """Return the first signal that asked this program to end, if any."""
    return _watches[-1].received_signal() if _watches else None


def run_undisturbed(work: Callable[[], Result]) -> Result:
    """Do ``work``, which checks for signals itself, without being interrupted by one.

    It runs in a thread, because Dagster installs its own handlers in the main thread, and these raise while it is
    recording events.
    """
    for watch in _watches:
        watch.held = True
    try:
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(work).result()
    finally:
        for watch in _watches:
            watch.held = False


@contextmanager
def sparing_children() -> Iterator[None]:
    """Start processes in the block with Ctrl-C blocked. A terminal sends it to all of them, and some that Dagster
    starts print a traceback. This process still receives it, through a thread that only waits.
    """
    done = threading.Event()
    threading.Thread(target=done.wait, daemon=True).start()
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        done.set()


def describe_stop() -> str:
    """Say that this program was stopped, and by what."""
    signalled = received_signal()
    return f"stopped by {signalled.name if signalled else 'an interruption'}"


def ignore_signals() -> None:
    """Ignore both signals during the last steps of a program that is about to end."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
