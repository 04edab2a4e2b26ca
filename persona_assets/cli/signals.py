"""Ctrl-C and SIGTERM: one exit code and no traceback, whatever a command is doing just then."""

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
"""In which a further signal leaves alone what the first has set going, on a busy machine too."""


@dataclass
class _Watch:
    """Sees every signal, whose handler it may be that is called: Dagster puts its own in place during a run."""

    ignored: tuple[int, ...]
    """Those the program was started to ignore, as shells do in the background."""
    ends: tuple[socket.socket, socket.socket] = field(default_factory=socket.socketpair)
    first: signal.Signals | None = None
    held: bool = False
    noticed: float = math.inf
    """When the first was seen."""

    def begin(self) -> None:
        for end in self.ends:
            end.setblocking(False)
        signal.set_wakeup_fd(self.ends[1].fileno(), warn_on_full_buffer=False)
        for one in ENDING:
            signal.signal(one, self.handle)

    def handle(self, number: int, _frame: FrameType | None) -> None:
        """Raise, unless an earlier signal was noticed a short time ago."""
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
    """From now on both signals raise KeyboardInterrupt, and are remembered."""
    _watches.append(_Watch(tuple(one for one in ENDING if signal.getsignal(one) == signal.SIG_IGN)))
    _watches[-1].begin()


def received_signal() -> signal.Signals | None:
    """The first signal that asked this program to end."""
    return _watches[-1].received_signal() if _watches else None


def run_undisturbed(work: Callable[[], Result]) -> Result:
    """Do ``work``, which asks for signals itself, where none interrupts it.

    In a thread, because Dagster puts its own handlers in place wherever it may, and those raise in the middle of what
    it records.
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
    """Processes started in the block never see Ctrl-C, which a terminal sends to all: Dagster starts some that answer
    it with a traceback. This process sees it through a thread that does nothing else.
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
    """That this program was stopped, and by what."""
    signalled = received_signal()
    return f"stopped by {signalled.name if signalled else 'an interruption'}"


def ignore_signals() -> None:
    """For the last steps of a program that ends anyway."""
    for one in ENDING:
        signal.signal(one, signal.SIG_IGN)
