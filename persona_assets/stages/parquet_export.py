"""parquet_export: the dataset and its variants as one Parquet file each, beside their folders."""

from dataclasses import dataclass
from pathlib import Path

from persona_assets.keys import DatasetName
from persona_assets.stages.inputs import rows_inputs
from persona_assets.stages.names import PARQUET_EXPORT
from persona_assets.stages.recording import record_stage
from persona_assets.stages.work import KeyWork
from persona_assets.store.parquet import write_parquet
from persona_assets.store.replacement import replacing


@dataclass(frozen=True)
class ParquetFile:
    path: Path
    rows: int
    size_bytes: int


@dataclass(frozen=True)
class ParquetExportMade:
    files: dict[str, ParquetFile]
    """By dataset name: the base dataset and every variant that has rows."""


def make_parquet_export(work: KeyWork) -> ParquetExportMade:
    """Write the Parquet files, and remove those of variants that have become empty."""
    files: dict[str, ParquetFile] = {}
    with replacing(work.workspace.journal(work.key)) as replacement:
        for name in work.names:
            path, table = work.workspace.parquet_file(name), work.stored(name)
            staged = replacement.file(path)
            write_parquet(staged, table)
            files[str(name)] = ParquetFile(path, table.num_rows, staged.stat().st_size)
        for variant, rows in work.variant_rows.items():
            if not rows:
                replacement.remove(work.workspace.parquet_file(DatasetName(work.key, variant)))
        counts = {"rows": {name: file.rows for name, file in files.items()}}
        record_stage(work, PARQUET_EXPORT, replacement, rows_inputs(work.manifest.sections()), counts)
    return ParquetExportMade(files)
