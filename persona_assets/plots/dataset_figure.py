"""The picture of one dataset: tokens per conversation by score band, conversations and tokens by score."""

from matplotlib.figure import Figure

from persona_assets.kinds import Kind
from persona_assets.plots.length_panels import draw_lengths
from persona_assets.plots.panel import new_figure
from persona_assets.plots.plotted_counts import PlottedCounts
from persona_assets.plots.score_panels import draw_by_score
from persona_assets.plots.shared_axes import SharedAxes

SIZE_INCHES = (10.0, 5.6)


def dataset_figure(
    title: str, subtitle: str, kind: Kind, counts: PlottedCounts, axes: SharedAxes | None = None
) -> Figure:
    """Draw the four panels on axes of this dataset's own or, to lay pictures side by side, on ``axes``.

    Axes too short for the data are extended: nothing is ever cut off.
    """
    figure = new_figure(*SIZE_INCHES, title, subtitle)
    draw_lengths(figure, kind, counts, axes)
    draw_by_score(figure, kind, counts, axes)
    return figure
