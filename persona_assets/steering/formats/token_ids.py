"""Token ids and the places of the answers, for nnsight, nnterp, TransformerLens and any loop over a model."""

from pathlib import Path
from typing import TYPE_CHECKING

from persona_assets.steering.formats.contract import Format

if TYPE_CHECKING:
    from persona_assets.steering.material import Material


def write(material: "Material", folder: Path) -> int:
    """A row per pair: the columns of the index, then ids, start and end of both sides."""
    import pyarrow as pa

    from persona_assets.pairs.index import INDEX_SCHEMA, SIDES
    from persona_assets.store.parquet import write_parquet

    fields = [
        field
        for side in SIDES
        for field in (
            pa.field(f"{side}_input_ids", pa.list_(pa.int32()), nullable=False),
            pa.field(f"{side}_answer_start", pa.int32(), nullable=False),
            pa.field(f"{side}_answer_end", pa.int32(), nullable=False),
        )
    ]
    rows = [
        {
            **pair.row,
            **{f"{side}_input_ids": answer.ids for side, answer in pair.sides.items()},
            **{f"{side}_answer_start": answer.start for side, answer in pair.sides.items()},
            **{f"{side}_answer_end": answer.end for side, answer in pair.sides.items()},
        }
        for pair in material.render_pairs()
    ]
    table = pa.Table.from_pylist(rows, schema=pa.schema([*INDEX_SCHEMA, *fields]))
    write_parquet(folder / f"{material.key}.parquet", table)
    return len(rows)


TOKEN_IDS = Format("token_ids", "input ids with the places of the answers, as Parquet", write)
