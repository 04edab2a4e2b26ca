"""How filtered_variants looks in the UI."""

from collections.abc import Mapping

from persona_assets.stage.shown import ROW_COUNT, Shown, ShownTable
from persona_assets.stage.wording import count, percent
from persona_assets.stages.filtered_variants.make import FilteredVariantsMade

EMPTY = "empty: no row passes, not written"


def show(made: FilteredVariantsMade) -> Mapping[str, Shown]:
    return {
        "summary": _summarise(made),
        "variants": ShownTable(
            {
                "variant": variant,
                "rows": rows,
                "share": percent(rows, made.dataset_rows),
                "path": str(made.folders.get(variant, EMPTY)),
            }
            for variant, rows in made.rows.items()
        ),
        ROW_COUNT: made.dataset_rows,
        **{f"rows_{variant}": rows for variant, rows in made.rows.items()},
    }


def _summarise(made: FilteredVariantsMade) -> str:
    kept = [f"{variant} {f'{rows:,}' if rows else 'none, so it is empty'}" for variant, rows in made.rows.items()]
    return f"of {count(made.dataset_rows, 'row')}: {', '.join(kept) or 'no variant is asked for'}"
