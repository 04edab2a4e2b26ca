"""Run ``pip install`` with the given arguments and show in one line what it is doing.

usage: python scripts/install_packages.py ARGUMENTS OF PIP INSTALL

All that pip printed is shown if it fails. Where the output is no terminal, a line is printed every few seconds.
"""

import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import IO

SECONDS_BETWEEN_LINES = 15
WIDTH = 72
ERASE = "\r\x1b[2K"
PIP = (sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off")
TICK_SECONDS = 1
_STEP = re.compile(r"\s*(?P<verb>Collecting|Downloading|Using cached|Building wheel for) (?P<what>\S+)")


class Display:
    """One line that says for how long, and what."""

    def __init__(self) -> None:
        self.began, self.due = time.monotonic(), 0.0
        self.on_terminal = sys.stdout.isatty()

    def show(self, said: str) -> None:
        seconds = time.monotonic() - self.began
        line = f"  {seconds:>3.0f} s  {said}"[:WIDTH]
        if self.on_terminal:
            _write(ERASE + line)
        elif seconds >= self.due:
            _write(line + "\n")
            self.due = seconds + SECONDS_BETWEEN_LINES

    def end(self, said: str) -> None:
        self.due = 0.0
        self.show(said)
        _write("\n" if self.on_terminal else "")


def main(arguments: list[str]) -> int:
    display, said, now = Display(), [], "asking what is needed"
    with subprocess.Popen(
        [*PIP, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as pip:
        for line in _read(pip.stdout):
            said.append(line or "")
            now = describe(line or "", said) or now
            display.show(now)
    display.end("pip failed" if pip.returncode else "packages are there")
    if pip.returncode:
        _write("".join(said))
    return pip.returncode


def _read(stream: IO[str] | None) -> Iterator[str | None]:
    """Every line, and nothing at all whenever there has been none for a while."""
    lines: queue.Queue[str | None] = queue.Queue()
    reader = threading.Thread(target=lambda: [lines.put(line) for line in stream or ()], daemon=True)
    reader.start()
    while reader.is_alive() or not lines.empty():
        try:
            yield lines.get(timeout=TICK_SECONDS)
        except queue.Empty:
            yield None


def describe(line: str, said: list[str]) -> str | None:
    """What a line of pip says that is worth showing."""
    if line.startswith("Installing collected packages"):
        return f"installing {line.count(',') + 1} packages"
    if not (step := _STEP.match(line)):
        return None
    found = sum(earlier.lstrip().startswith("Collecting") for earlier in said)
    return f"{step['verb'].lower()} {_shorten(step['what'])} ({found})"


def _shorten(what: str) -> str:
    """The name of a package or of its file, without versions."""
    return re.split(r"[=<>!~;\[(]|-\d", what.rpartition("/")[2])[0]


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
