"""Outputs and deliverables, with what came of each in words."""

from __future__ import annotations

from collections import Counter

from workbench.display import blocks as b
from workbench.display.municipality.common import section
from workbench.display.parts import locale_of
from workbench.display.programme.common import status_chip
from workbench.study.views import UnitView


def outputs(view: UnitView) -> b.Section:
    """Return each output with its result in words and its status; empty where there are none."""
    locale = locale_of(view.info)
    some = [i for i in view.indicators if i.kind == "output" and (i.beside.text or i.level)]
    if not some:
        return section(view, [])
    counts = Counter(status_chip(view, i, locale).title for i in some)
    said = locale.rich_count(
        "**{n} output**, by status: {counts}.",
        "**{n} outputs**, by status: {counts}.",
        len(some),
        counts=locale.listing([f"{title} ({locale.integer(n)})" for title, n in counts.items()]),
    )
    heads = (
        b.ColumnHead(locale.text("Output or deliverable"), width=2.2),
        b.ColumnHead(locale.text("Result"), width=3.6),
        b.ColumnHead(locale.text("Status"), width=1.7),
    )
    rows = tuple(
        b.Row(
            (
                b.cell(i.title),
                b.cell(i.beside.text or "–"),
                b.cell(chip=status_chip(view, i, locale)),
            )
        )
        for i in some
    )
    heading = b.Heading(locale.text("Outputs and deliverables"))
    return section(view, [heading, b.Paragraph(said), b.Table(heads, rows)])
