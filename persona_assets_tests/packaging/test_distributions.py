"""The wheel and the sdist, really built: what is in them, and which commit they say they were built from."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from persona_assets import provenance
from persona_assets_tests.packaging import CHECKOUT

pytest.importorskip("hatchling", reason="hatchling is not installed: pip install -e '.[dev]'")

PARTS = ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", ".gitignore", "persona_assets")
STAMP = "persona_assets/commit.txt"
PRINT_COMMIT = "from persona_assets import provenance as p; print(p.__file__); print(p.git_sha())"


def run(*command: str | Path, folder: Path, **environment: str) -> str:
    return subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, check=True, timeout=120
    ).stdout


def copy(source: Path, target: Path, *left_out: str) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", *left_out))
    else:
        shutil.copy(source, target)


def git(*arguments: str, folder: Path) -> str:
    who = ("-c", "user.name=nobody", "-c", "user.email=nobody@example.org")
    return run("git", *who, *arguments, folder=folder).strip()


def build(source: Path, target: str, into: Path) -> Path:
    run(sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", into, folder=source)
    [built] = into.glob("*.whl" if target == "wheel" else "*.tar.gz")
    return built


def commit_of_installed(wheel: Path, folder: Path) -> str:
    """What ``git_sha()`` gives where the wheel is installed in a new folder, as the program there prints it."""
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target")
    run(*pip, folder / "installed", wheel, folder=folder)
    code, commit = run(
        sys.executable, "-c", PRINT_COMMIT, folder=folder, PYTHONPATH=str(folder / "installed")
    ).splitlines()
    assert Path(code).is_relative_to(folder / "installed")
    return commit


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what distributions are built from, with tests beside it, committed to a repository of its own."""
    source = tmp_path_factory.mktemp("source")
    for part in (*PARTS, "persona_assets_tests/__init__.py"):
        (source / part).parent.mkdir(exist_ok=True)
        copy(CHECKOUT / part, source / part)
    git("init", "--quiet", folder=source)
    git("add", "--all", folder=source)
    git("commit", "--quiet", "--message", "everything", folder=source)
    return source


@pytest.fixture(scope="module")
def commit(source: Path) -> str:
    return git("rev-parse", "HEAD", folder=source)


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(source, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def unpacked_sdist(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    with tarfile.open(build(source, "sdist", folder)) as archive:
        archive.extractall(folder, filter="data")
    [unpacked] = (path for path in folder.iterdir() if path.is_dir())
    return unpacked


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(source: Path, wheel: Path) -> None:
    package = git("ls-files", "persona_assets", folder=source).splitlines()
    assert {"persona_assets/py.typed", "persona_assets/sample/tokenizer/tokenizer.json"} <= set(package)
    names = zipfile.ZipFile(wheel).namelist()
    assert sorted(name for name in names if ".dist-info/" not in name) == sorted((*package, STAMP))


def test_an_installed_wheel_knows_the_commit_it_was_built_from(wheel: Path, commit: str, tmp_path: Path) -> None:
    assert commit_of_installed(wheel, tmp_path) == commit


def test_a_wheel_built_from_the_sdist_knows_it_too(unpacked_sdist: Path, commit: str, tmp_path: Path) -> None:
    assert (unpacked_sdist / STAMP).read_text(encoding="utf-8") == f"{commit}\n"
    assert commit_of_installed(build(unpacked_sdist, "wheel", tmp_path), tmp_path) == commit


def test_building_leaves_nothing_in_the_source(source: Path, wheel: Path, unpacked_sdist: Path) -> None:
    assert git("status", "--porcelain", "--ignored", folder=source) == ""


def test_a_wheel_of_changed_files_says_so(source: Path, commit: str, tmp_path: Path) -> None:
    changed = tmp_path / "changed"
    copy(source, changed)
    with (changed / "persona_assets" / "keys.py").open("a", encoding="utf-8") as module:
        module.write("# changed\n")
    assert commit_of_installed(build(changed, "wheel", tmp_path), tmp_path) == f"{commit}-dirty"


def test_without_a_repository_nothing_is_stamped(source: Path, tmp_path: Path) -> None:
    exported = tmp_path / "exported"
    copy(source, exported, ".git")
    assert commit_of_installed(build(exported, "wheel", tmp_path), tmp_path) == "None"


def test_a_checkout_gives_its_own_commit_whatever_a_stamp_says(source: Path, commit: str, tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    copy(source, checkout)
    (checkout / STAMP).write_text("another\n", encoding="utf-8")
    printed = run(sys.executable, "-c", PRINT_COMMIT, folder=tmp_path, PYTHONPATH=str(checkout))
    assert printed.splitlines()[1] == commit


def test_a_checkout_holds_no_stamp() -> None:
    assert provenance.STAMP == CHECKOUT / STAMP
    assert not provenance.STAMP.exists()
