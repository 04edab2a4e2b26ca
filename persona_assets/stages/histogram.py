"""histogram: one picture per dataset, drawn from its token counts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from persona_assets.plots.dataset_figure import draw_dataset
from persona_assets.plots.pictures import make_thumbnail, save_picture
from persona_assets.stages.inputs import picture_inputs
from persona_assets.stages.names import HISTOGRAM, TOKEN_STATS
from persona_assets.stages.recording import record_stage
from persona_assets.stages.work import KeyWork
from persona_assets.store.manifests import DATASET_FINGERPRINT, INPUTS
from persona_assets.store.replacement import replacing
from persona_assets.tokens.identity import TokenizerIdentity


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
    tokenizer = msgspec.convert(section[INPUTS]["tokenizer"], TokenizerIdentity)
    figure = draw_dataset(work.key, work.token_counts, tokenizer)
    path = workspace.plot_file(work.key)
    with replacing(workspace.journal(work.key)) as replacement:
        staged = replacement.file(path)
        save_picture(figure, staged, _picture_texts(work, section))
        made = HistogramMade(
            path,
            size_bytes=staged.stat().st_size,
            conversations=work.token_counts.num_rows,
            without_score=work.token_counts["extract_score"].null_count,
            thumbnail=make_thumbnail(staged),
        )
        inputs = picture_inputs(work.manifest.sections())
        record_stage(work, HISTOGRAM, replacement, inputs, {"conversations": made.conversations})
    return made


def _picture_texts(work: KeyWork, section: Mapping[str, Any]) -> dict[str, str]:
    """Texts inside the PNG that say which numbers it shows."""
    shown = {
        "conversations": section["rows"],
        "tokens": section["tokens"],
        DATASET_FINGERPRINT: section[INPUTS][DATASET_FINGERPRINT],
    }
    return {"Title": str(work.name), "Description": json.dumps(shown)}
