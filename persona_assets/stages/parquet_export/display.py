"""How parquet_export looks in the UI."""

from collections.abc import Mapping

from persona_assets.stage.shown import ROW_COUNT, Shown, ShownTable
from persona_assets.stages.parquet_export.make import ParquetExportMade


def show(made: ParquetExportMade) -> Mapping[str, Shown]:
    files = made.files.values()
    return {
        ROW_COUNT: sum(file.rows for file in files),
        "bytes": sum(file.size_bytes for file in files),
        "files": ShownTable({"path": str(file.path), "rows": file.rows, "bytes": file.size_bytes} for file in files),
    }
