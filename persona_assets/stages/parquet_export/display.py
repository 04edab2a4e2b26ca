"""How parquet_export looks in the UI."""

from collections.abc import Mapping

from persona_assets.stage.shown import ROW_COUNT, Shown, ShownTable
from persona_assets.stage.wording import count
from persona_assets.stages.parquet_export.make import ParquetExportMade


def show(made: ParquetExportMade) -> Mapping[str, Shown]:
    files = list(made.files.values())
    rows, size = files[0].rows, sum(file.size_bytes for file in files)  # the dataset itself comes first
    return {
        "summary": f"{count(rows, 'row')} of the dataset, {count(len(files), 'file')} with {size / 1e6:,.1f} MB",
        "files": ShownTable({"path": str(file.path), "rows": file.rows, "bytes": file.size_bytes} for file in files),
        ROW_COUNT: rows,
        "size_bytes": size,
    }
