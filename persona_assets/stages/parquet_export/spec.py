"""What parquet_export declares: its output, check and record."""

from persona_assets.stage.code import StageCode
from persona_assets.stage.columns import take_over
from persona_assets.stage.records import Count, StageRecord
from persona_assets.stage.spec import Check, Need, Output, Stage
from persona_assets.stages.filtered_variants.spec import FILTERED_VARIANTS, RowsInputs, find_rows_inputs
from persona_assets.stages.scored_dataset.dictionary import DATASET_COLUMNS
from persona_assets.stages.scored_dataset.spec import SCORED_DATASET

NAME = "parquet_export"
PARQUET_FILE = Output("datasets/processed/persona", ".parquet")
"""One file beside each dataset folder."""

EXAMPLE = """\
import pandas as pd

rows = pd.read_parquet("{workspace}/datasets/processed/persona/{key}.parquet")
rows.groupby("label")["extract_score"].describe()
"""

PARQUET_EQUALS_FOLDER = Check(
    "parquet_equals_folder", NAME, "Each Parquet file holds the rows and types of its folder.", severe=True
)


class ParquetExportRecord(StageRecord[RowsInputs], frozen=True, kw_only=True):
    """The number of rows of every file, by dataset name."""

    rows: dict[str, Count]


def load_code() -> StageCode:
    from persona_assets.stages.filtered_variants.reading import VARIANTS
    from persona_assets.stages.parquet_export.checks import check
    from persona_assets.stages.parquet_export.display import show
    from persona_assets.stages.parquet_export.make import make
    from persona_assets.stages.scored_dataset.reading import DATASET

    return StageCode(make, show, takes=(DATASET, VARIANTS), check=check, check_takes=(DATASET, VARIANTS))


PARQUET_EXPORT = Stage(
    NAME,
    "The dataset and its variants as zstd Parquet, equal row for row to the folders.",
    kinds=frozenset({"parquet"}),
    code_version="2",
    record=ParquetExportRecord,
    inputs=find_rows_inputs,
    load_code=load_code,
    outputs=(PARQUET_FILE,),
    needs=(Need(SCORED_DATASET), Need(FILTERED_VARIANTS)),
    columns=take_over(DATASET_COLUMNS, SCORED_DATASET.name, FILTERED_VARIANTS.name),
    example=EXAMPLE,
    checks=(PARQUET_EQUALS_FOLDER,),
)
