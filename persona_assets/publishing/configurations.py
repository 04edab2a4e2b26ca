"""The named configurations by which ``datasets.load_dataset`` finds the files of a repository."""

from collections.abc import Sequence
from dataclasses import dataclass

from persona_assets.kinds import KINDS, Kind
from persona_assets.publishing.facts import DatasetFacts


@dataclass(frozen=True)
class Configuration:
    """A name, and the pattern of the files that it loads."""

    name: str
    path: str
    is_default: bool = False


def list_configurations(datasets: Sequence[DatasetFacts]) -> tuple[Configuration, ...]:
    """One for each dataset, and before them one for all of a kind, if they have the same columns.

    That one is the default if there is no other kind. Columns differ between kinds, so there is never a default that
    holds both.
    """
    single = [Configuration(str(one.key), one.path_in_repository) for one in datasets]
    joined = [
        Configuration(
            f"all_{kind.plural}", f"data/*/{kind.plural}/*.parquet", is_default=len(of_kind) == len(datasets)
        )
        for kind in KINDS.values()
        if len(of_kind := [one for one in datasets if one.key.kind == kind]) > 1 and _have_same_columns(of_kind)
    ]
    return (*joined, *single)


def find_default(configurations: Sequence[Configuration]) -> Configuration | None:
    """The one that is loaded if none is named: marked as such, or the only one."""
    if len(configurations) == 1:
        return configurations[0]
    return next((one for one in configurations if one.is_default), None)


def lack_joined(datasets: Sequence[DatasetFacts]) -> tuple[Kind, ...]:
    """The kinds of which there are several datasets, but with different columns."""
    by_kind = {kind: [one for one in datasets if one.key.kind == kind] for kind in KINDS.values()}
    return tuple(kind for kind, ones in by_kind.items() if ones and not _have_same_columns(ones))


def _have_same_columns(datasets: Sequence[DatasetFacts]) -> bool:
    return len({one.signs.columns for one in datasets}) == 1
