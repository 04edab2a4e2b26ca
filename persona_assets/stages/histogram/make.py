"""Drawing the picture of a dataset."""

import json
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from persona_assets.keys import DatasetKey
from persona_assets.plots.dataset_figure import draw_dataset
from persona_assets.plots.pictures import make_thumbnail, save_picture
from persona_assets.stage.context import StageContext
from persona_assets.stage.outcomes import Made
from persona_assets.stages.token_stats.spec import PICTURE, TOKEN_STATS, TokenStatsRecord
from persona_assets.statistics.counts_table import select_counted
from persona_assets.store.replacement import Replacement


@dataclass(frozen=True)
class HistogramMade:
    path: Path
    size_bytes: int
    conversations: int
    without_score: int
    thumbnail: bytes
    """The picture scaled down to a small PNG, for the Dagster UI."""


def make(context: StageContext[DatasetKey], replacement: Replacement, counts: pa.Table) -> Made[HistogramMade]:
    """Draw the key's picture from its token counts."""
    record = context.manifest.get(TOKEN_STATS)
    path = PICTURE.path(context.workspace.root, context.key)
    staged = replacement.file(path)
    save_picture(draw_dataset(context.key, counts, record.inputs.tokenizer), staged, _texts(context.key, record))
    drawn = select_counted(counts)
    made = HistogramMade(
        path,
        size_bytes=staged.stat().st_size,
        conversations=drawn.num_rows,
        without_score=drawn["extract_score"].null_count,
        thumbnail=make_thumbnail(staged),
    )
    return Made(made, findings={"conversations": made.conversations})


def _texts(key: DatasetKey, record: TokenStatsRecord) -> dict[str, str]:
    """Texts inside the PNG that say which numbers it shows."""
    return {"Title": str(key), "Description": json.dumps(describe_numbers(record))}


def describe_numbers(record: TokenStatsRecord) -> dict[str, int | str]:
    """What is written inside a picture about the numbers it was drawn from."""
    return {
        "conversations": record.rows - record.refused_by_template,
        "tokens": record.tokens,
        "dataset_fingerprint": record.inputs.dataset_fingerprint,
    }
