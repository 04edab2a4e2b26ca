"""histogram: one picture per dataset, drawn from its token counts."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from persona_assets.plots.dataset_figure import PlottedCounts, dataset_figure
from persona_assets.plots.thumbnail import thumbnail
from persona_assets.stages.names import HISTOGRAM, TOKEN_STATS
from persona_assets.stages.work import KeyWork
from persona_assets.store.atomic import new_file
from persona_assets.store.manifests import DATASET_FINGERPRINT


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
    tokenizer = work.manifest.section(TOKEN_STATS)["tokenizer"]
    marked = f"{tokenizer['id']} (synthetic demo tokenizer)" if tokenizer["source"] == "sample" else tokenizer["id"]
    subtitle = f"{counts.tokens.size:,} conversations, {int(counts.tokens.sum()):,} tokens by {marked}"
    figure = dataset_figure(str(work.name), subtitle, work.key.kind, counts)
    path = workspace.plot_file(work.key)
    with new_file(path) as staged:
        figure.savefig(staged, format="png", metadata=_picture_metadata(work))
        small = thumbnail(staged)
    without_score = int(np.isnan(counts.scores).sum())
    made = HistogramMade(path, path.stat().st_size, int(counts.tokens.size), without_score, small)
    work.manifest.write(HISTOGRAM, {"conversations": made.conversations, "bytes": made.size_bytes})
    return made


def _picture_metadata(work: KeyWork) -> dict[str, str | None]:
    """Text inside the PNG that says which numbers it shows. No software version: equal input, equal bytes."""
    section = work.manifest.section(TOKEN_STATS)
    shown = {
        "conversations": section["rows"],
        "tokens": section["tokens"],
        DATASET_FINGERPRINT: section[DATASET_FINGERPRINT],
    }
    return {"Software": None, "Title": str(work.name), "Description": json.dumps(shown)}


def _plotted(counts: pa.Table) -> PlottedCounts:
    return PlottedCounts(
        tokens=counts["tokens"].to_numpy().astype(np.float64),
        scores=counts["extract_score"].cast(pa.float64()).fill_null(float("nan")).to_numpy(),
    )
