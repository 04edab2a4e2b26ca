"""Every library that is imported is declared, with a reason, and every declared one is used."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

from persona_assets_tests.packaging import CHECKOUT, PROJECT_FILE

OURS = {"persona_assets", "persona_assets_tests", "hatch_build"}
OF_AN_EXTRA = {"distributed": "cluster"}
"""Imported by the package only where a setting asks for it."""
EXTRAS = ("cluster", "postgres", "dev")
STARTED = {"dagster-webserver"}
IMPORTED_BY_EXAMPLES = {"polars"}
NAMED_IN_PROFILES = {"dagster-postgres", "psycopg2-binary"}
PROGRAMS_AND_PLUGINS = {"dagster-dg-cli", "mypy", "pandas-stubs", "pytest-xdist", "ruff", "types-psycopg2"}
IN_AN_IMAGE_ONLY = {"dagster-k8s"}
"""The launcher of the Kubernetes image; its tests are skipped where it is not installed."""
RUN_BY_CONSUMERS = "persona_assets_tests/consumers/programs"
"""Programs that another Python runs, with what .ci/consumers.txt and .ci/older_consumers.txt name."""


@cache
def requirements(extra: str | None = None) -> frozenset[str]:
    project = tomllib.loads(PROJECT_FILE.read_text(encoding="utf-8"))["project"]
    declared = project["optional-dependencies"][extra] if extra else project["dependencies"]
    return frozenset(distribution(re.split(r"[^\w.-]", text)[0]) for text in declared) - {"persona-assets"}


def all_extras() -> frozenset[str]:
    return frozenset().union(*map(requirements, EXTRAS))


def distribution(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def imported_by(*parts: str) -> frozenset[str]:
    """The distributions whose modules these folders and files of the checkout import, or skip a test without."""
    provided = packages_distributions()
    files = [path for part in parts for path in sorted(python_files(CHECKOUT / part))]
    scripts = {path.stem for path in files if not path.with_name("__init__.py").exists()}
    modules = {name.split(".")[0] for path in files for name in imported_names(path)}
    third_party = modules - OURS - scripts - sys.stdlib_module_names
    return frozenset(distribution(provided.get(module, [module])[0]) for module in third_party)


def python_files(path: Path) -> Iterator[Path]:
    yield from path.rglob("*.py") if path.is_dir() else [path]


def imported_names(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module
            case ast.Call(func=ast.Attribute(attr="importorskip"), args=[ast.Constant(value=str(module)), *_]):
                yield module


def test_what_the_package_imports_is_declared_and_what_is_declared_it_imports() -> None:
    always = imported_by("persona_assets") - OF_AN_EXTRA.keys()
    assert requirements() - STARTED == always


def test_what_the_build_runs_imports_the_standard_library_alone() -> None:
    """pip builds in an environment of its own, which has only what builds."""
    names = {name.split(".")[0] for name in imported_names(CHECKOUT / "persona_assets" / "provenance.py")}
    assert names <= set(sys.stdlib_module_names)


def test_each_extra_declares_what_it_is_for() -> None:
    for library, extra in OF_AN_EXTRA.items():
        assert library in imported_by("persona_assets")
        assert requirements(extra) == {library}
    assert requirements("postgres") == NAMED_IN_PROFILES


def test_what_tests_scripts_and_benchmarks_import_is_declared() -> None:
    imported = imported_by("persona_assets_tests", "scripts", "benchmarks", "hatch_build.py")
    declared = requirements() | all_extras()
    assert imported - IN_AN_IMAGE_ONLY - imported_by(RUN_BY_CONSUMERS) <= declared
    assert requirements("dev") - PROGRAMS_AND_PLUGINS - IMPORTED_BY_EXAMPLES <= imported


def test_what_the_consumers_programs_import_is_pinned_for_them() -> None:
    files = (CHECKOUT / ".ci" / name for name in ("consumers.txt", "older_consumers.txt"))
    pinned = "".join(file.read_text(encoding="utf-8") for file in files)
    names = {distribution(line.partition("==")[0]) for line in pinned.splitlines() if "==" in line}
    assert imported_by(RUN_BY_CONSUMERS) <= names


def test_libraries_that_are_not_imported_are_named_where_they_are_used() -> None:
    used = {
        "dagster-webserver": ("deploy/docker/compose.yaml", "dagster-webserver"),
        "dagster-postgres": ("persona_assets_tests/scaling/test_postgres.py", "dagster_postgres"),
        "psycopg2-binary": ("deploy/postgres/dagster.yaml", "postgresql+psycopg2"),
    }
    assert used.keys() == STARTED | NAMED_IN_PROFILES
    for file, name in used.values():
        assert name in (CHECKOUT / file).read_text(encoding="utf-8")


def test_every_requirement_has_its_reason() -> None:
    declared = requirements() | all_extras()
    text = PROJECT_FILE.read_text(encoding="utf-8")
    with_reason = re.findall(r'^ +"([\w-]+)[^"]*", +# \w', text, re.MULTILINE)
    assert declared - {distribution(name) for name in with_reason} == set()


def test_every_requirement_has_the_version_that_the_tests_passed_with() -> None:
    pinned = (CHECKOUT / "constraints.txt").read_text(encoding="utf-8")
    names = {distribution(line.partition("==")[0]) for line in pinned.splitlines() if "==" in line}
    assert requirements() | all_extras() <= names
    assert not re.search(r"://|^-", pinned, re.MULTILINE)
