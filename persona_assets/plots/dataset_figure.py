"""The figure of one dataset: how long answers are and how they were scored, each label by itself.

    legend
    label by label: answers by tokens      label by label: conversations by score
    percentiles of answers and prompts     conversations kept by each minimum score

Without scores, the left half takes the whole width.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from persona_assets.keys import DatasetKey
from persona_assets.kinds import Kind
from persona_assets.plots.answer_panels import draw_answers, draw_spreads, fit_length_axis
from persona_assets.plots.bands import BANDS
from persona_assets.plots.label_notes import write_notes
from persona_assets.plots.marks import draw_legend
from persona_assets.plots.panels import MARGIN, Box, make_figure
from persona_assets.plots.plotted_rows import PlottedRows
from persona_assets.plots.score_panels import draw_kept, draw_scores
from persona_assets.plots.shared_axes import SharedAxes
from persona_assets.plots.words import name_dataset
from persona_assets.tokens.identity import TokenizerIdentity

SIZE_INCHES = (7.2, 4.9)
LEFT, RIGHT = 1.5, 4.52
LEFT_WIDTH, RIGHT_WIDTH, WHOLE_WIDTH = 2.45, 2.53, 5.55
LEGEND_BOTTOM = 4.22
LEGEND_ROOM = 0.25
UPPER_TOP, UPPER_BOTTOM = 3.87, 2.05
LOWER = (0.44, 1.31)
"""The bottom and the height of the lower panels."""
GAP = 0.14
"""Between the panels of two labels."""


@dataclass(frozen=True)
class Caption:
    """What is written above a figure."""

    title: str
    subtitle: str


def caption_dataset(key: DatasetKey, rows: PlottedRows, refused: int, tokenizer: TokenizerIdentity) -> Caption:
    """The words of a dataset's figure, whose tokens ``tokenizer`` counted."""
    prompts, answers = int(rows.prompt_tokens.sum()), int(rows.answer_tokens.sum())
    counted_by = f"{tokenizer.id} (synthetic demo tokenizer)" if tokenizer.synthetic else tokenizer.id
    subtitle = (
        f"{rows.scores.size:,} conversations; {prompts + answers:,} tokens by {counted_by}, "
        f"{prompts:,} in prompts and {answers:,} in answers"
    )
    if refused:
        subtitle += f"; the chat template refuses {refused:,} more"
    return Caption(name_dataset(key.model, key.kind, key.persona, baseline=rows.is_baseline), subtitle)


def draw_dataset(caption: Caption, kind: Kind, rows: PlottedRows, axes: SharedAxes | None = None) -> Figure:
    """Draw a dataset on axes that fit it or, for pictures to compare, reach as far as ``axes``.

    Axes too short for the data are extended: nothing is ever cut off.
    """
    figure = make_figure(*SIZE_INCHES, caption.title, caption.subtitle)
    labels = [(name, of_label) for name, of_label in rows.by_label()]
    width = LEFT_WIDTH if rows.scored else WHOLE_WIDTH
    length = fit_length_axis(rows, axes)
    places = _stack(LEFT, width, UPPER_TOP + (0 if rows.scored else LEGEND_ROOM), len(labels))
    draw_answers(figure, kind, places, [of_label for _, of_label in labels], length, axes)
    write_notes(figure, labels, places)
    draw_spreads(figure, kind, Box(LEFT, LOWER[0], width, LOWER[1]), rows, length)
    if rows.scored:
        draw_legend(figure, BANDS[kind.name], f"{kind.name} score", MARGIN, LEGEND_BOTTOM)
        places = _stack(RIGHT, RIGHT_WIDTH, UPPER_TOP, len(labels))
        draw_scores(figure, kind, places, labels, axes)
        draw_kept(figure, kind, Box(RIGHT, LOWER[0], RIGHT_WIDTH, LOWER[1]), labels, axes)
    return figure


def _stack(left: float, width: float, top: float, count: int) -> Sequence[Box]:
    """The places of ``count`` panels of one column, the first on top."""
    height = (top - UPPER_BOTTOM - GAP * (count - 1)) / count
    return [Box(left, top - (place + 1) * height - place * GAP, width, height) for place in range(count)]
