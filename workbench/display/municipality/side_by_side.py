"""Where a unit stands by an instrument without a total: levels counted, else what was measured."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display import figures
from workbench.display.municipality.beside import indicator_chip
from workbench.display.parts import value_text
from workbench.display.style import level_chip
from workbench.display.values import titled
from workbench.language import Locale
from workbench.study.views import UnitView

MOST_VALUES = 12


def standing_by_levels(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return where a unit stands by an instrument without a total: how many at each level."""
    found: list[b.Block | None] = []
    by_scale: dict[str, dict[str, int]] = {}
    for node in view.nodes:
        if node.scale and node.level:
            by_scale.setdefault(node.scale, {}).setdefault(node.level, 0)
            by_scale[node.scale][node.level] += 1
    text = locale.text("This instrument gives no total: its results stand side by side.")
    found.append(b.Paragraph(b.as_rich(text), "lead"))
    for scale, counts in by_scale.items():
        levels = view.info.scales[scale]
        parts = [
            (level_chip(lv), float(counts[lv.id])) for lv in reversed(levels) if lv.id in counts
        ]
        names = locale.listing([f"{chip.title}: {locale.integer(n)}" for chip, n in parts])
        alt = f"{view.name}. {names}"
        rows = tuple(
            b.Row((b.cell(chip.title), b.cell(locale.integer(n), number=n))) for chip, n in parts
        )
        heads = (
            b.ColumnHead(locale.text("Level")),
            b.ColumnHead(locale.text("Number of results"), "right"),
        )
        svg = figures.counted(parts, locale)
        found.append(b.Figure(svg, alt, "", b.Table(heads, rows)))
    return found if by_scale else [*found, *_measured(view, locale)]


def _measured(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return what was measured where no result stands above it: a few values, else how many."""
    some = [i for i in view.indicators if i.value is not None or i.level]
    if not some:
        text = locale.text("Nothing was observed that gives a result.")
        return [b.Paragraph(b.as_rich(text))]
    if len(some) > MOST_VALUES:
        text = locale.count(
            "{n} indicator was measured; it is shown under Areas and indicators.",
            "{n} indicators were measured; each is shown under Areas and indicators.",
            len(some),
        )
        return [b.Paragraph(b.as_rich(text))]
    heads = (
        b.ColumnHead(view.info.indicator_title, width=3.0),
        b.ColumnHead(locale.text("Measured"), width=1.6),
    )
    rows = []
    for i in some:
        title = titled(i.code, i.title)
        chip = None if i.value is not None else indicator_chip(view, i)
        cells = (f"{title} ({i.wave})" if i.wave else title, value_text(i, locale))
        rows.append(b.Row((b.cell(cells[0]), b.cell(cells[1], chip=chip, number=i.value))))
    return [b.Table(heads, tuple(rows))]
