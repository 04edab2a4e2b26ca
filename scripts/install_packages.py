"""Run ``pip install`` with the given arguments and show in one line what it is doing.

usage: python scripts/install_packages.py ARGUMENTS OF PIP INSTALL

All that pip printed is shown if it fails. Where the output is no terminal, a line is printed every few seconds.
"""

import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

SECONDS_BETWEEN_LINES = 15
WIDTH = 72
ERASE = "\r\x1b[2K"
PIP = (sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off")
_STEP = re.compile(r"\s*(?P<verb>Collecting|Downloading|Using cached|Building wheel for) (?P<what>\S+)")


@dataclass
class Watch:
    """What pip has said so far."""

    began: float = field(default_factory=time.monotonic)
    packages: int = 0

    def read(self, line: str) -> str | None:
        """What a line says that is worth showing."""
        if line.startswith("Installing collected packages"):
            return f"installing {line.count(',') + 1} packages"
        if not (step := _STEP.match(line)):
            return None
        self.packages += step["verb"] == "Collecting"
        return f"{self.packages:>3} packages; {step['verb'].lower()} {_shorten(step['what'])}"

    def seconds(self) -> int:
        return round(time.monotonic() - self.began)


def _shorten(what: str) -> str:
    """The name of a package or of its file, without versions."""
    return re.split(r"[=<>!~;\[(]|-\d", what.rpartition("/")[2])[0]


def show(lines: Iterable[str]) -> Iterator[str]:
    """Show what goes on, and hand on the lines."""
    watch, due = Watch(), 0.0
    for line in lines:
        said = watch.read(line)
        if said and sys.stdout.isatty():
            _write(ERASE + f"  {watch.seconds():>3} s  {said}"[:WIDTH])
        elif said and watch.seconds() >= due:
            _write(f"  {watch.seconds():>3} s  {said}\n")
            due = watch.seconds() + SECONDS_BETWEEN_LINES
        yield line
    erased = ERASE if sys.stdout.isatty() else ""
    _write(f"{erased}  {watch.seconds():>3} s  {watch.packages} packages\n")


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    with subprocess.Popen(
        [*PIP, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as pip:
        said = list(show(pip.stdout or ()))
    if pip.returncode:
        _write("".join(said))
    return pip.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
