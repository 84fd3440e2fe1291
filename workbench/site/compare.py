"""What the comparison of two units reads: every result of each, texts shared by all kept once."""

from __future__ import annotations

from functools import cache
from typing import Any

from workbench.display.cohort.common import is_scored
from workbench.display.cohort.measures import alone, measure_title
from workbench.display.parts import chip_of, locale_of
from workbench.display.scales import score_text
from workbench.display.values import NO_VALUE, decimals_of
from workbench.language import Locale
from workbench.language.locale import half_up
from workbench.site.rows import place_cell, result_cell, values_beside
from workbench.study.views import CohortRow, CohortView, NodeView


def comparison_of(view: CohortView) -> dict[str, Any] | None:
    """Return what two units are compared by; None where there are not two.

    Parameters
    ----------
    view : CohortView

    Returns
    -------
    dict
        ``rows``: title, depth and decimals of each line, -1 where no difference is taken.
        ``cells``: text, number as printed, and level of each cell that occurs. ``units``: code,
        name, and for each line its place among the cells.
    """
    if len(view.rows) < 2:
        return None
    locale = locale_of(view.info)
    lines = _lines(view, locale)
    known: dict[tuple[Any, ...], int] = {}
    units = []
    for row in view.rows:
        cells = [read(row) for _, _, _, read in lines]
        places = [known.setdefault(cell, len(known)) for cell in cells]
        units.append([row.code, row.name, places])
    return {
        "rows": [[title, depth, decimals] for title, depth, decimals, _ in lines],
        "cells": [_listed(cell) for cell in known],
        "units": units,
    }


def _listed(cell: tuple[Any, ...]) -> list[Any]:
    """Return a cell as it is written."""
    text, number, chip = cell
    return [text, number, list(chip) if chip else None]


def _lines(view: CohortView, locale: Locale) -> list[tuple[str, int, int, Any]]:
    """Return the lines of the comparison: title, depth, decimals and what reads a unit."""
    found: list[tuple[str, int, int, Any]] = []
    if any(row.population is not None for row in view.rows):
        found.append((
            locale.text("Population"), 0, 0,
            lambda r: (locale.integer(r.population), r.population, None),
        ))  # fmt: skip
    if any(row.rank for row in view.rows):
        found.append(
            (locale.text("Place"), 0, -1, lambda r: (place_cell(r, locale)["text"], None, None))
        )
    for node in view.nodes:
        scored = is_scored(view, node)
        if scored or any(row.levels.get(node.code) for row in view.rows):
            decimals = node.decimals if scored else -1
            found.append((node.title, node.depth, decimals, _reader(view, node, locale)))
    measures = alone(view)
    for measure, beside in zip(measures, values_beside(view, measures).values(), strict=True):
        title, decimals = measure_title(measure, locale), decimals_of(*beside)
        found.append((title, 0, decimals, _reader_of_measure(measure.code, decimals, locale)))
    return found


def _reader_of_measure(code: str, decimals: int, locale: Locale) -> Any:
    """Return what reads a raw indicator of a unit, as it is printed."""

    def read(row: CohortRow) -> tuple[str, float | None, None]:
        value = row.values.get(code)
        if value is None:
            return NO_VALUE, None, None
        return locale.number(value, decimals), float(half_up(value, decimals)), None

    return read


def _reader(view: CohortView, node: NodeView, locale: Locale) -> Any:
    """Return what reads a result of a unit."""
    code, main = node.code, node.code in view.headline
    scored = is_scored(view, node)

    @cache  # many units share a score
    def told(score: float | None, level: str | None) -> tuple[str, tuple[str, ...] | None]:
        made = chip_of(view.info, node.scale, level, "")
        chip = (made.tone, made.shape, made.title) if made else None
        return "" if chip and score is None else score_text(node, score, locale), chip

    def read(row: CohortRow) -> tuple[str, float | None, tuple[str, ...] | None]:
        value = row.scores.get(code)
        number = None if value is None else float(half_up(value, node.decimals))
        if not main:
            text, chip = told(number, row.levels.get(code))
            return text, number, chip
        cell = result_cell(view, row, node, locale, scored=scored)
        text = f"{cell['text']} {cell.get('more', '')}".strip()
        return text, number, tuple(cell["chip"]) if "chip" in cell else None

    return read
