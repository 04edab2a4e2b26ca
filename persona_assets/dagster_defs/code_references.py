"""Links from assets to the code that makes them, found where the package is installed."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import dagster as dg

CODE_REFERENCES = "dagster/code_references"


def refer_to_code(modules: Sequence[str]) -> Mapping[str, dg.CodeReferencesMetadataValue]:
    """Metadata with a link to each of ``modules`` that is there, which is not imported for it."""
    with warnings.catch_warnings():
        # Code references are in beta; dagster is pinned in pyproject.toml.
        warnings.simplefilter("ignore", dg.BetaWarning)
        references = list(_refer(modules))
        return {CODE_REFERENCES: dg.CodeReferencesMetadataValue(code_references=references)} if references else {}


def _refer(modules: Sequence[str]) -> Iterator[dg.LocalFileCodeReference | dg.UrlCodeReference]:
    for module in modules:
        found = find_spec(module)
        if found and found.origin:
            path = Path(found.origin)
            label = f"{path.parent.name}/{path.name}"
            yield dg.LocalFileCodeReference(file_path=str(path), line_number=1, label=label)
