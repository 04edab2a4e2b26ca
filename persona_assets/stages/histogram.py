"""histogram: one picture per dataset, drawn from its token counts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from matplotlib.figure import Figure

from persona_assets.keys import DatasetKey
from persona_assets.plots.dataset_figure import dataset_figure
from persona_assets.plots.plotted_counts import PlottedCounts
from persona_assets.plots.saving import save_picture
from persona_assets.plots.shared_axes import SharedAxes
from persona_assets.plots.thumbnail import thumbnail
from persona_assets.stages.inputs import picture_inputs
from persona_assets.stages.names import HISTOGRAM, TOKEN_STATS
from persona_assets.stages.recording import record_stage
from persona_assets.stages.work import KeyWork
from persona_assets.store.manifests import DATASET_FINGERPRINT, INPUTS
from persona_assets.store.replacement import replacing


@dataclass(frozen=True)
class HistogramMade:
    path: Path
    size_bytes: int
    conversations: int
    without_score: int
    thumbnail: bytes
    """The picture again as a small PNG, for the Dagster UI."""


def make_histogram(work: KeyWork) -> HistogramMade:
    """Draw the key's picture from its token counts."""
    workspace = work.workspace
    section = work.manifest.section(TOKEN_STATS)
    figure = draw_dataset(work.key, work.token_counts, section[INPUTS]["tokenizer"])
    path = workspace.plot_file(work.key)
    with replacing(workspace.journal(work.key)) as replacement:
        staged = replacement.file(path)
        save_picture(figure, staged, _picture_texts(work, section))
        made = HistogramMade(
            path,
            size_bytes=staged.stat().st_size,
            conversations=work.token_counts.num_rows,
            without_score=work.token_counts["extract_score"].null_count,
            thumbnail=thumbnail(staged),
        )
        inputs = picture_inputs(work.manifest.sections())
        record_stage(work, HISTOGRAM, replacement, inputs, {"conversations": made.conversations})
    return made


def draw_dataset(
    key: DatasetKey, counts: pa.Table, tokenizer: Mapping[str, Any], axes: SharedAxes | None = None
) -> Figure:
    """The picture of a dataset, from its token counts; ``tokenizer`` is the record of who counted them."""
    plotted = _plotted(counts)
    marked = f"{tokenizer['id']} (synthetic demo tokenizer)" if tokenizer["source"] == "sample" else tokenizer["id"]
    subtitle = f"{plotted.tokens.size:,} conversations, {int(plotted.tokens.sum()):,} tokens by {marked}"
    return dataset_figure(str(key), subtitle, key.kind, plotted, axes)


def _picture_texts(work: KeyWork, section: Mapping[str, Any]) -> dict[str, str]:
    """Texts inside the PNG that say which numbers it shows."""
    shown = {
        "conversations": section["rows"],
        "tokens": section["tokens"],
        DATASET_FINGERPRINT: section[INPUTS][DATASET_FINGERPRINT],
    }
    return {"Title": str(work.name), "Description": json.dumps(shown)}


def _plotted(counts: pa.Table) -> PlottedCounts:
    return PlottedCounts(
        tokens=counts["tokens"].to_numpy().astype(np.float64),
        scores=counts["extract_score"].cast(pa.float64()).fill_null(float("nan")).to_numpy(),
    )
