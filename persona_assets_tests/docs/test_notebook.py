"""The notebook's page and the examples of public names run on a copy that cannot be written, and leave it alone."""

import doctest
import inspect
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import persona_assets
from persona_assets_tests.docs import DOCS, ROOT, find_code_blocks, read_page
from persona_assets_tests.docs.read_only import describe_tree, run_on_mount, why_not_mounted

PUBLIC = [(name, getattr(persona_assets, name)) for name in persona_assets.__all__]
METHODS = [
    (f"Collection.{name}", member)
    for name, member in vars(persona_assets.Collection).items()
    if not name.startswith("_")
]
BLOCKS = find_code_blocks(read_page(DOCS / "notebook.md"), "python")


@pytest.fixture(scope="module")
def _untouched(share: Path) -> Iterator[None]:
    """After all examples not a byte of the share differs, nor when it was written."""
    before = describe_tree(share)
    yield
    assert describe_tree(share) == before


@pytest.fixture
def beside_share(_untouched: None, share: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the share is the current one, as the examples have it."""
    monkeypatch.chdir(share.parent)
    return share


@pytest.mark.parametrize(("name", "named"), PUBLIC + METHODS, ids=[name for name, _ in PUBLIC + METHODS])
def test_a_public_name_has_an_example_that_runs(name: str, named: Any, beside_share: Path) -> None:
    text = inspect.getdoc(named.func if hasattr(named, "func") else named)
    assert text, name
    names = {"persona_assets": persona_assets, "ws": persona_assets.open("workspace")}
    example = doctest.DocTestParser().get_doctest(text, names, name, None, None)
    assert example.examples, f"{name} has no example"
    said: list[str] = []
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    results = doctest.DocTestRunner(optionflags=options, verbose=False).run(example, out=said.append)
    assert results.failed == 0, "".join(said)


@pytest.mark.parametrize("block", BLOCKS, ids=range(1, len(BLOCKS) + 1))
def test_a_block_of_the_page_runs(block: str, beside_share: Path) -> None:
    exec(compile(block, "notebook.md", "exec"), {})


def test_all_blocks_run_where_not_even_root_can_write(share: Path, tmp_path: Path) -> None:
    if problem := why_not_mounted(share):
        pytest.skip(problem)
    program = tmp_path / "blocks.py"
    program.write_text("\n".join(f"exec({block!r}, {{}})" for block in BLOCKS), encoding="utf-8")
    before = describe_tree(share)
    done = run_on_mount(share, [sys.executable, str(program)], {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    assert describe_tree(share) == before


def test_the_share_has_no_raw_root_and_nothing_to_write_to(share: Path) -> None:
    assert not share.joinpath("persona-data").exists()
    assert not any(path.stat().st_mode & 0o222 for path in (share, *share.rglob("*")))
    if os.geteuid() != 0:
        with pytest.raises(PermissionError):
            share.joinpath("written").touch()


def test_ten_lines_are_ten_lines() -> None:
    assert len([line for line in BLOCKS[0].splitlines() if line.strip()]) == 10
