"""The figure of one dataset: tokens per conversation by score band, conversations and tokens by score."""

import numpy as np
import pyarrow as pa
from matplotlib.figure import Figure

from persona_assets.keys import DatasetKey
from persona_assets.kinds import Kind
from persona_assets.plots.bands import PlottedCounts
from persona_assets.plots.length_panels import draw_lengths
from persona_assets.plots.panels import make_figure
from persona_assets.plots.scales import SharedAxes
from persona_assets.plots.score_panels import draw_by_score
from persona_assets.statistics.counts_table import select_counted
from persona_assets.tokens.identity import TokenizerIdentity

SIZE_INCHES = (10.0, 5.6)


def draw_dataset(
    key: DatasetKey, counts: pa.Table, tokenizer: TokenizerIdentity, axes: SharedAxes | None = None
) -> Figure:
    """Draw a dataset from its token counts, which ``tokenizer`` made."""
    plotted = _select_plotted(select_counted(counts))
    counted_by = f"{tokenizer.id} (synthetic demo tokenizer)" if tokenizer.synthetic else tokenizer.id
    subtitle = f"{plotted.tokens.size:,} conversations, {int(plotted.tokens.sum()):,} tokens by {counted_by}"
    if refused := counts.num_rows - plotted.tokens.size:
        subtitle += f"; the chat template refuses {refused:,} more"
    return draw_counts(str(key), subtitle, key.kind, plotted, axes)


def draw_counts(
    title: str, subtitle: str, kind: Kind, counts: PlottedCounts, axes: SharedAxes | None = None
) -> Figure:
    """Draw the four panels on axes that fit this dataset or, for pictures to compare, reach as far as ``axes``.

    Axes too short for the data are extended: nothing is ever cut off.
    """
    figure = make_figure(*SIZE_INCHES, title, subtitle)
    draw_lengths(figure, kind, counts, axes)
    draw_by_score(figure, kind, counts, axes)
    return figure


def _select_plotted(counts: pa.Table) -> PlottedCounts:
    return PlottedCounts(
        tokens=counts["tokens"].to_numpy().astype(np.float64),
        scores=counts["extract_score"].cast(pa.float64()).fill_null(float("nan")).to_numpy(),
    )
