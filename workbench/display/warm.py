"""What the first report of a process has to load, loaded before it."""

from __future__ import annotations

from matplotlib.figure import Figure as Picture

from workbench.display import blocks as b
from workbench.display.marks import Key, bare_axes, legend, legend_height
from workbench.display.sheet import Sheet, sketch
from workbench.display.style import TONES
from workbench.display.svg import SIZE, Canvas, drawing, text_width
from workbench.language import as_locale


@sketch
def _sketch(canvas: Canvas, keys: list[Key]) -> Sheet:
    """Return a picture drawn as those of one unit are: ticks, a legend, letters of both weights."""
    sheet = Sheet(canvas.width, 1.0 + legend_height(canvas, keys, 0.1))
    axes = bare_axes(sheet, (1.0, 0.1, canvas.width - 1.2, 0.8))
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
    axes.text(text_width("1", SIZE, "semibold"), 0.5, "1", fontweight="semibold")
    legend(canvas, sheet, 0.9, keys, 0.1)
    return sheet


@drawing
def _picture(canvas: Canvas, keys: list[Key]) -> Picture:
    """Return a picture with what most of a cohort's have: bars, text, ticks, a legend."""
    figure = canvas.figure(1.0 + legend_height(canvas, keys, 0.1))
    axes = bare_axes(figure, (1.0, 0.1, canvas.width - 1.2, 0.8))
    axes.barh([0, 1], [1, 2], hatch="//")
    axes.plot([1], [1], marker="D", linestyle="none")
    axes.set_yticks([0, 1], ["a", "b"])
    axes.text(1, 1, "1", weight="semibold")
    legend(canvas, figure, 0.9, keys, 0.1)
    return figure


def warm_up(tag: str) -> None:
    """Load the texts of a language, the fonts and the templates, and draw once in both ways.

    Parameters
    ----------
    tag : str
        Language and country, ``es-MX``.
    """
    locale = as_locale(tag)
    text = b.as_rich(locale.text("Areas and indicators"))
    table = b.Table((b.ColumnHead("a"),), (b.Row((b.cell(locale.number(1.5)),)),))
    keys: list[Key] = [({"marker": "s", "color": TONES["green"]}, "a")]
    parts: list[b.Block] = [
        b.Cover("a", "a", "a", (("a", "a"),)),
        b.Heading("a"),
        b.Paragraph(text),
        b.Bullets((text,)),
        b.Callout("info", "a", (text,)),
        table,
        b.Figure(_sketch(keys), "a", table=table),
        b.Figure(_picture(keys), "a"),
    ]
    b.Section(parts, tag)._repr_mimebundle_()
