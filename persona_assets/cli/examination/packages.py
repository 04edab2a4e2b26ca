"""The versions of Python and of the libraries, against those that the package declares."""

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, version

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from persona_assets.cli.examination.findings import Finding, problem, warning, well
from persona_assets.stage.wording import count

SUBJECT = "versions"
PACKAGE = "persona_assets"


def examine_packages() -> Iterator[Finding]:
    """Every library that is missing or of another version; of the others, how many."""
    try:
        declared = distribution(PACKAGE)
    except PackageNotFoundError:
        yield warning(SUBJECT, f"{PACKAGE} is not installed, so that nothing says what it needs; install it")
        return
    needed = [Requirement(text) for text in declared.requires or ()]
    always = [one for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
    faults = [fault for one in always if (fault := _find_fault(one))]
    yield _examine_python(declared.metadata["Requires-Python"])
    for fault in faults:
        yield problem(SUBJECT, f"{fault}; install {PACKAGE} again, best in a new virtual environment")
    if not faults:
        yield well(SUBJECT, f"{PACKAGE} {declared.version}, {count(len(always), 'library', 'libraries')} as declared")


def _examine_python(declared: str | None) -> Finding:
    here = platform.python_version()
    if declared and not SpecifierSet(declared).contains(here, prereleases=True):
        return problem(
            SUBJECT, f"Python {here}, but {declared} is needed; make a virtual environment with such a one"
        )
    return well(SUBJECT, f"Python {here}")


def _find_fault(needed: Requirement) -> str | None:
    try:
        found = version(needed.name)
    except PackageNotFoundError:
        return f"{needed.name} is not installed, but {needed.specifier or 'it'} is needed"
    if needed.specifier.contains(found, prereleases=True):
        return None
    return f"{needed.name} is {found}, but {needed.specifier} is needed"
