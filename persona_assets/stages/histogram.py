"""histogram: one picture per dataset, drawn from its token counts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from persona_assets.plots.dataset_figure import PlottedCounts, dataset_figure
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
    counts = _plotted(work.token_counts)
    section = work.manifest.section(TOKEN_STATS)
    tokenizer = section[INPUTS]["tokenizer"]
    marked = f"{tokenizer['id']} (synthetic demo tokenizer)" if tokenizer["source"] == "sample" else tokenizer["id"]
    subtitle = f"{counts.tokens.size:,} conversations, {int(counts.tokens.sum()):,} tokens by {marked}"
    figure = dataset_figure(str(work.name), subtitle, work.key.kind, counts)
    path = workspace.plot_file(work.key)
    with replacing() as replacement:
        staged = replacement.file(path)
        figure.savefig(staged, format="png", metadata=_picture_metadata(work, section))
        without_score = int(np.isnan(counts.scores).sum())
        made = HistogramMade(path, staged.stat().st_size, int(counts.tokens.size), without_score, thumbnail(staged))
        inputs = picture_inputs(work.manifest.sections())
        record_stage(work, HISTOGRAM, replacement, inputs, {"conversations": made.conversations})
    return made


def _picture_metadata(work: KeyWork, section: Mapping[str, Any]) -> dict[str, str | None]:
    """Text inside the PNG that says which numbers it shows. No software version: equal input, equal bytes."""
    shown = {
        "conversations": section["rows"],
        "tokens": section["tokens"],
        DATASET_FINGERPRINT: section[INPUTS][DATASET_FINGERPRINT],
    }
    return {"Software": None, "Title": str(work.name), "Description": json.dumps(shown)}


def _plotted(counts: pa.Table) -> PlottedCounts:
    return PlottedCounts(
        tokens=counts["tokens"].to_numpy().astype(np.float64),
        scores=counts["extract_score"].cast(pa.float64()).fill_null(float("nan")).to_numpy(),
    )
