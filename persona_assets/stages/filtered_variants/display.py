"""How filtered_variants looks in the UI."""

from collections.abc import Mapping

from persona_assets.stage.shown import ROW_COUNT, Shown, ShownTable
from persona_assets.stages.filtered_variants.make import FilteredVariantsMade

EMPTY = "empty: no row passes, not written"


def show(made: FilteredVariantsMade) -> Mapping[str, Shown]:
    return {
        ROW_COUNT: sum(made.rows.values()),
        **{f"rows_{variant}": rows for variant, rows in made.rows.items()},
        "variants": ShownTable(
            {"variant": variant, "rows": rows, "path": str(made.folders.get(variant, EMPTY))}
            for variant, rows in made.rows.items()
        ),
    }
