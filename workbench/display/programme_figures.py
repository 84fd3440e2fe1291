"""The figures of a programme's report."""

from __future__ import annotations

from matplotlib.figure import Figure

from workbench.display.marks import bare_axes, label_row, rows_of
from workbench.display.style import ACCENT, FAINT, INK
from workbench.display.svg import SIZE, Canvas, drawing, widest
from workbench.language import Locale
from workbench.study.views import PipelineView


@drawing
def stages_figure(
    canvas: Canvas, pipeline: PipelineView, shares: list[float | None], locale: Locale
) -> Figure:
    """Return the stages of a pipeline as bars, each as long as its share of the largest.

    Parameters
    ----------
    canvas : Canvas
    pipeline : PipelineView
    shares : list of float or None
        Of the stage before, in percent.
    locale : Locale
    """
    stages = pipeline.stages
    labels = [_label(s.number, share, locale) for s, share in zip(stages, shares, strict=True)]
    rows = rows_of(canvas, [stage.title for stage in stages], bar=0.2)
    right = 0.15 + widest(labels, SIZE + 0.5)
    figure = canvas.figure(rows.height + 0.1)
    inches = canvas.width - rows.left - right
    axes = bare_axes(figure, (rows.left, 0.05, inches, rows.height))
    axes.axis("off")
    largest = max((s.number or 0.0 for s in stages), default=0.0) or 1.0
    axes.set(xlim=(0, largest), ylim=(len(stages), 0))
    for index, (stage, label) in enumerate(zip(stages, labels, strict=True)):
        label_row(axes, rows, index)
        y, number = index + rows.middle, stage.number or 0.0
        axes.barh(y, largest, height=rows.thick, color=FAINT, alpha=0.45)
        axes.barh(y, number, height=rows.thick, color=ACCENT)
        axes.text(
            largest * (1 + 0.06 / inches), y, label, ha="left", va="center", fontsize=SIZE + 0.5,
            fontweight="semibold", color=INK,
        )  # fmt: skip
    return figure


def _label(number: float | None, share: float | None, locale: Locale) -> str:
    """Return the number of a stage with its share of the stage before."""
    text = locale.integer(number)
    return text if share is None else f"{text} ({locale.percent(share, 1)})"
