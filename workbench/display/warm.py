"""What the first report of a process has to load, loaded before it."""

from __future__ import annotations

from matplotlib.figure import Figure as Picture

from workbench.display import blocks as b
from workbench.display.marks import Key, bare_axes, legend, legend_height
from workbench.display.style import TONES
from workbench.display.svg import Canvas, drawing
from workbench.language import as_locale


@drawing
def _picture(canvas: Canvas, keys: list[Key]) -> Picture:
    """Return a picture with what most of them have: bars, text, ticks, a legend."""
    figure = canvas.figure(1.0 + legend_height(canvas, keys, 0.1))
    axes = bare_axes(figure, (1.0, 0.1, canvas.width - 1.2, 0.8))
    axes.barh([0, 1], [1, 2], hatch="//")
    axes.plot([1], [1], marker="D", linestyle="none")
    axes.set_yticks([0, 1], ["a", "b"])
    axes.text(1, 1, "1", weight="semibold")
    legend(canvas, figure, 0.9, keys, 0.1)
    return figure


def warm_up(tag: str) -> None:
    """Load the texts of a language, the fonts and the templates, and draw once.

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
        b.Figure(_picture(keys), "a", table=table),
    ]
    b.Section(parts, tag)._repr_mimebundle_()
