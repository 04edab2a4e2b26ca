"""Drawing the picture of a dataset."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from persona_assets.keys import DatasetKey
from persona_assets.plots.dataset_figure import caption_dataset, draw_dataset
from persona_assets.plots.pictures import make_thumbnail, save_picture
from persona_assets.plots.plotted_rows import PlottedRows, read_plotted
from persona_assets.stage.context import StageContext
from persona_assets.stage.outcomes import Made
from persona_assets.stages.histogram.cuts import find_cuts
from persona_assets.stages.histogram.spec import BESIDE
from persona_assets.stages.token_stats.spec import PICTURE, TOKEN_STATS, TokenStatsRecord
from persona_assets.store.replacement import Replacement


@dataclass(frozen=True)
class HistogramMade:
    path: Path
    beside: Sequence[Path]
    """The same picture in further formats."""
    size_bytes: int
    conversations: int
    without_score: int
    thumbnail: bytes
    """The picture scaled down to a small PNG, for the Dagster UI."""


def make(
    context: StageContext[DatasetKey], replacement: Replacement, dataset: pa.Table, counts: pa.Table
) -> Made[HistogramMade]:
    """Draw the key's picture from its token counts and from what its rows say of answers cut off."""
    rows = read_plotted(counts, context.key.kind, find_cuts(dataset, counts))
    path = PICTURE.path(context.workspace.root, context.key)
    staged = replacement.file(path)
    beside = _draw(context, replacement, staged, rows, refused=counts.num_rows - rows.scores.size)
    made = HistogramMade(
        path,
        beside,
        size_bytes=staged.stat().st_size,
        conversations=rows.scores.size,
        without_score=int(np.isnan(rows.scores).sum()),
        thumbnail=make_thumbnail(staged),
    )
    return Made(made, findings={"conversations": made.conversations})


def _draw(
    context: StageContext[DatasetKey], replacement: Replacement, staged: Path, rows: PlottedRows, refused: int
) -> list[Path]:
    """Write the PNG to ``staged``, and the formats beside it that the settings ask for; remove the others."""
    record = context.manifest.get(TOKEN_STATS)
    caption = caption_dataset(context.key, rows, refused, record.inputs.tokenizer)
    figure, texts = draw_dataset(caption, context.key.kind, rows), _texts(context.key, record)
    save_picture(figure, staged, texts)
    written = []
    for form, output in BESIDE.items():
        path = output.path(context.workspace.root, context.key)
        if form in context.settings.picture_formats:
            save_picture(figure, replacement.file(path), texts, form)
            written.append(path)
        else:
            replacement.remove(path)
    return written


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
