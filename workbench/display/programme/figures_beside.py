"""Figures that are neither benchmarks, outputs, stages nor changes."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.municipality.beside import indicator_chip
from workbench.display.municipality.common import section
from workbench.display.parts import locale_of, value_text
from workbench.language import Locale
from workbench.study.views import IndicatorView, UnitView


def figures_beside(view: UnitView) -> b.Section:
    """Return the figures that no other section shows; empty where there are none."""
    locale = locale_of(view.info)
    staged = {stage.code for pipeline in view.pipelines for stage in pipeline.stages}
    some = [
        i
        for i in view.indicators
        if i.benchmark is None
        and i.change is None
        and i.kind != "output"
        and i.code not in staged
        and i.status != "missing"
    ]
    if not some:
        return section(view, [])
    noted = any(i.beside.note for i in some)
    heads = [
        b.ColumnHead(view.info.indicator_title, width=3.0),
        b.ColumnHead(locale.text("Figure"), "right", 1.4),
    ]
    if noted:
        heads.append(b.ColumnHead(locale.text("Note of the source"), width=2.6))
    rows = tuple(_row(view, i, locale, noted=noted) for i in some)
    heading = b.Heading(locale.text("Other figures"))
    return section(view, [heading, b.Table(tuple(heads), rows)])


def _row(view: UnitView, indicator: IndicatorView, locale: Locale, *, noted: bool) -> b.Row:
    """Return a figure with its note; its answer or state where it is no number."""
    title = f"{indicator.title} ({indicator.wave})" if indicator.wave else indicator.title
    text = indicator.beside.answer or value_text(indicator, locale)
    chip = None if text else indicator_chip(view, indicator)
    shown = b.cell(text or ("" if chip else "–"), chip=chip, number=indicator.value)
    note = [b.cell(indicator.beside.note)] if noted else []
    return b.Row((b.cell(title), shown, *note))
