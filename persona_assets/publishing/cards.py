"""The cards of a repository: its front page, with the configurations, and one for each model and kind."""

from collections.abc import Sequence

from persona_assets.kinds import KINDS
from persona_assets.provenance import package_version
from persona_assets.publishing.configurations import Configuration, find_default, lack_joined
from persona_assets.publishing.facts import DatasetFacts, add_up
from persona_assets.publishing.groups import Group
from persona_assets.publishing.rendering import Safe, render
from persona_assets.settings import Settings
from persona_assets.stage.columns import Column
from persona_assets.stages.parquet_export.spec import PARQUET_EXPORT

TAGS = ("persona", "interpretability", "steering-vectors", "synthetic")
_SIZES = (
    (10**3, "n<1K"),
    (10**4, "1K<n<10K"),
    (10**5, "10K<n<100K"),
    (10**6, "100K<n<1M"),
    (10**7, "1M<n<10M"),
    (10**8, "10M<n<100M"),
    (10**9, "100M<n<1B"),
)
_PERSONA_SUBSPACE = "persona-subspace"
"""How the layouts of the corpus that CITATION.cff refers to begin."""


def render_front_page(
    groups: Sequence[Group], configurations: Sequence[Configuration], repository: str, settings: Settings
) -> str:
    """``README.md``: what the Hub and ``datasets`` read, then what a reader should know."""
    datasets = [one for group in groups for one in group.datasets]
    default = find_default(configurations)
    return render(
        "front_page.md.j2",
        groups=groups,
        configurations=configurations,
        default=default,
        example=default or configurations[0],
        lack_joined=lack_joined(datasets),
        columns=_list_columns(groups),
        repository=repository,
        license=settings.dataset_license,
        citation=settings.dataset_citation,
        version=package_version(),
        of_persona_subspace=any(layout.startswith(_PERSONA_SUBSPACE) for one in groups for layout in one.layouts),
        tags=TAGS,
        size=name_size(sum(one.rows for one in groups)),
        most_repeated=max((one.signs for one in datasets), key=lambda signs: signs.repeated_questions),
        folded=[one for one in groups if one.folded],
        unjudged=_count_unjudged(datasets),
        kinds=[kind for kind in KINDS.values() if any(one.kind == kind for one in groups)],
        synthetic=any(tokenizer.synthetic for one in groups for tokenizer in one.tokenizers),
    )


def render_card(group: Group) -> str:
    """The card of one model and kind, with a line for each dataset."""
    return render("card.md.j2", group=group, kind=group.kind)


def name_size(rows: int) -> Safe:
    """The class of sizes that the Hub puts a dataset of so many rows into."""
    return Safe(next((name for limit, name in _SIZES if rows < limit), "n>1T" if rows >= 10**12 else "1B<n<10B"))


def _list_columns(groups: Sequence[Group]) -> list[Column]:
    there = {name for group in groups for name in group.columns}
    return [column for column in PARQUET_EXPORT.columns if column.name in there]


def _count_unjudged(datasets: Sequence[DatasetFacts]) -> dict[str, int]:
    """The rows of each label of which no row of any dataset has a score."""
    scored = add_up(one.signs.scored_by_label for one in datasets)
    labels = add_up(one.signs.labels for one in datasets)
    return {label: rows for label, rows in labels.items() if not scored.get(label)}
