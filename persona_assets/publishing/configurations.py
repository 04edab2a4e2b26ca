"""The named configurations by which ``datasets.load_dataset`` finds the files of a repository."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from persona_assets.kinds import KINDS, Kind
from persona_assets.publishing.facts import DatasetFacts


@dataclass(frozen=True)
class Configuration:
    """A name, and the pattern of the files that it loads."""

    name: str
    path: str
    holds: str = ""
    """What it joins, in words; empty for a single dataset."""
    is_default: bool = False


def list_configurations(datasets: Sequence[DatasetFacts]) -> tuple[Configuration, ...]:
    """One for each dataset, and before them those that join datasets of one kind with the same columns.

    What joins all of a kind is the default if there is no other kind. Columns differ between kinds, so there is never
    a default that holds both.
    """
    single = [Configuration(str(one.key), one.path_in_repository) for one in datasets]
    joined = [one for kind in KINDS.values() for one in _join(kind, datasets)]
    return (*joined, *single)


def _join(kind: Kind, datasets: Sequence[DatasetFacts]) -> Iterator[Configuration]:
    """All of ``kind``, then, if there are several models, all of each."""
    of_kind = [one for one in datasets if one.key.kind == kind]
    if _can_be_joined(of_kind):
        everything = len(of_kind) == len(datasets)
        name, path = f"all_{kind.plural}", f"data/*/{kind.plural}/*.parquet"
        yield Configuration(name, path, f"{kind.plural} of all models", everything)
    models = sorted({one.key.model for one in of_kind})
    for model in models if len(models) > 1 else ():
        if _can_be_joined([one for one in of_kind if one.key.model == model]):
            path = f"data/{model}/{kind.plural}/*.parquet"
            yield Configuration(f"all_{kind.plural}_{model}", path, f"{kind.plural} of {model}")


def find_default(configurations: Sequence[Configuration]) -> Configuration | None:
    """The one that is loaded if none is named: marked as such, or the only one."""
    if len(configurations) == 1:
        return configurations[0]
    return next((one for one in configurations if one.is_default), None)


def lack_joined(datasets: Sequence[DatasetFacts]) -> tuple[Kind, ...]:
    """The kinds of which there are several datasets, but with different columns."""
    by_kind = {kind: [one for one in datasets if one.key.kind == kind] for kind in KINDS.values()}
    return tuple(kind for kind, ones in by_kind.items() if ones and not _have_same_columns(ones))


def _can_be_joined(datasets: Sequence[DatasetFacts]) -> bool:
    return len(datasets) > 1 and _have_same_columns(datasets)


def _have_same_columns(datasets: Sequence[DatasetFacts]) -> bool:
    return len({one.signs.columns for one in datasets}) == 1
