"""What filtered_variants declares: its outputs, checks, record and inputs."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress

import msgspec

from persona_assets.errors import InvalidNameError
from persona_assets.keys import DatasetKey, Variant
from persona_assets.stage.code import StageCode
from persona_assets.stage.columns import take_over
from persona_assets.stage.manifest import Manifest
from persona_assets.stage.now import Now
from persona_assets.stage.records import Count, StageRecord
from persona_assets.stage.spec import Check, Need, Stage
from persona_assets.stages.scored_dataset.dictionary import DATASET_COLUMNS
from persona_assets.stages.scored_dataset.spec import DATASET_FOLDER, SCORED_DATASET

NAME = "filtered_variants"

EXAMPLE = """\
from pathlib import Path

from datasets import load_from_disk

folders = Path("{workspace}/datasets/processed/persona").glob("{key}__*/")
variants = {{folder.name: load_from_disk(str(folder), keep_in_memory=True)["train"] for folder in folders}}
"""

VARIANTS_CONSISTENT = Check(
    "variants_consistent",
    NAME,
    "Every row of a variant passes its filter, and no row that passes is missing.",
    severe=True,
    gates=True,
)


class VariantsInputs(msgspec.Struct, frozen=True):
    """What the variants depend on."""

    dataset_fingerprint: str
    variants: list[str]
    """Their names, sorted."""


class FilteredVariantsRecord(StageRecord[VariantsInputs], frozen=True, kw_only=True):
    """The number of rows of every variant. An empty one is recorded with 0 rows, but has no folder."""

    variants: dict[str, Count]


class RowsInputs(msgspec.Struct, frozen=True):
    """What stages depend on that export or describe the dataset and its variants."""

    dataset_fingerprint: str
    variants: dict[str, int]
    """Rows by variant, sorted by name."""


def find_inputs(now: Now) -> VariantsInputs:
    return VariantsInputs(
        now.manifest.get(SCORED_DATASET).dataset_fingerprint,
        sorted({*map(str, now.variants), *map(str, list_made_earlier(now.manifest, now.key))}),
    )


def list_made_earlier(manifest: Manifest, key: DatasetKey) -> list[Variant]:
    """Every variant made of ``key`` so far, whichever version of the code made it: a new version must lose none."""
    recorded = manifest.entry(FILTERED_VARIANTS, "variants")
    return list(_keep_valid(recorded, key)) if isinstance(recorded, dict) else []


def _keep_valid(names: Iterable[str], key: DatasetKey) -> Iterator[Variant]:
    for name in names:
        with suppress(InvalidNameError):
            yield Variant.parse(name, key.kind)


def find_rows_inputs(now: Now) -> RowsInputs:
    """The inputs of stages that export or describe the dataset and its variants."""
    rows = now.manifest.get(FILTERED_VARIANTS).variants
    return RowsInputs(now.manifest.get(SCORED_DATASET).dataset_fingerprint, dict(sorted(rows.items())))


def parse_variants(names: Collection[str], key: DatasetKey) -> dict[str, Variant]:
    """Parse the variants of a record, by name.

    Raises:
        InvalidNameError: one does not fit the kind of ``key``.
    """
    return {name: Variant.parse(name, key.kind) for name in names}


def find_problem(record: FilteredVariantsRecord, key: DatasetKey) -> str | None:
    try:
        parse_variants(record.variants, key)
    except InvalidNameError as error:
        return str(error)
    return None


def load_code() -> StageCode:
    from persona_assets.stages.filtered_variants.checks import check
    from persona_assets.stages.filtered_variants.display import show
    from persona_assets.stages.filtered_variants.make import make
    from persona_assets.stages.filtered_variants.reading import VARIANTS
    from persona_assets.stages.scored_dataset.reading import DATASET

    return StageCode(make, show, takes=(DATASET,), check=check, check_takes=(DATASET, VARIANTS))


FILTERED_VARIANTS = Stage(
    NAME,
    "Datasets of the rows within some scores, of one label, or both. Roles: min3. Traits: pos, neg, min70__pos.",
    kinds=frozenset({"huggingface", "arrow"}),
    code_version="2",
    record=FilteredVariantsRecord,
    inputs=find_inputs,
    load_code=load_code,
    outputs=(DATASET_FOLDER,),
    needs=(Need(SCORED_DATASET),),
    columns=take_over(DATASET_COLUMNS, SCORED_DATASET.name),
    example=EXAMPLE,
    checks=(VARIANTS_CONSISTENT,),
    problem_with=find_problem,
)
