"""The table of all units: each result with what it could be, each place with its range."""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbench.display.cohort.common import is_scored
from workbench.display.cohort.measures import alone, measure_title
from workbench.display.cohort.ranking import between
from workbench.display.parts import added_up_nowhere, chip_of, locale_of, noun_of, rank_text
from workbench.display.scales import score_text
from workbench.display.values import plain_number
from workbench.language import Locale
from workbench.language.messages import NO_VALUE
from workbench.study import Study
from workbench.study.measure_views import CohortMeasure
from workbench.study.views import CohortRow, CohortView, NodeView

MOST_RESULTS = 4
MOST_COLUMNS = 6  # of results and raw indicators; all are among what is handed out

Cell = dict[str, Any]


def cell(
    value: float | str | None, text: str, more: str = "", chip: list[str] | None = None
) -> Cell:
    """Return a cell: what it is sorted by, what it says, what it could be, its level."""
    found: Cell = {"v": value, "text": text}
    if more:
        found["more"] = more
    if chip:
        found["chip"] = chip
    return found


def table_of(study: Study, view: CohortView) -> dict[str, Any]:
    """Return columns and rows of the table, as plain values.

    Parameters
    ----------
    study : Study
    view : CohortView

    Returns
    -------
    dict
        ``columns`` beside name and code, and ``rows`` by code: those with a result in the order of
        the cohort, then those that were measured in other waves only.
    """
    locale = locale_of(view.info)
    nodes = [n for n in view.nodes if n.code in view.headline][:MOST_RESULTS]
    measures = alone(view)[: MOST_COLUMNS - len(nodes)]
    peopled = any(row.population is not None for row in view.rows)
    placed = any(row.rank is not None for row in view.rows)
    columns = [{"title": locale.text("Population"), "kind": "number"}] if peopled else []
    for index, node in enumerate(nodes):
        columns.append({"title": node.title, "kind": "number"})
        if index == 0 and placed:
            columns.append({"title": locale.text("Place"), "kind": "number"})
    columns += [{"title": measure_title(m, locale), "kind": "number"} for m in measures]
    beside = values_beside(view, measures)
    scored = {node.code: is_scored(view, node) for node in nodes}
    under, rows = _under(study), []
    for row in view.rows:
        cells = [cell(row.population, locale.integer(row.population))] if peopled else []
        for index, node in enumerate(nodes):
            cells.append(result_cell(view, row, node, locale, scored=scored[node.code]))
            if index == 0 and placed:
                cells.append(place_cell(row, locale))
        for m in measures:
            value = row.values.get(m.code)
            cells.append(cell(value, plain_number(value, locale, *beside[m.code])))
        rows.append(_row(row.code, row.name, under[row.code], cells))
    rows += [
        _row(
            code, study.names[code], under[code], _absent(study, view, code, len(columns), peopled)
        )
        for code in absent(study, view)
    ]
    note = " ".join(filter(None, (_note(view, nodes, locale), _left_out(view, measures, locale))))
    return {"columns": columns, "rows": rows, "note": note}


def values_beside(view: CohortView, measures: list[CohortMeasure]) -> dict[str, list[float | None]]:
    """Return the values of each measure: one column is printed with one number of decimals."""
    return {m.code: [row.values.get(m.code) for row in view.rows] for m in measures}


def absent(study: Study, view: CohortView) -> list[str]:
    """Return the units that were observed, and not in the wave of the cohort."""
    here = {row.code for row in view.rows}
    return [code for code in study.observed_units() if code not in here]


def _row(code: str, name: str, under: str, cells: list[Cell]) -> dict[str, Any]:
    """Return one row."""
    return {"code": code, "name": name, "under": under, "cells": cells}


def _under(study: Study) -> dict[str, str]:
    """Return the groups of each unit, by the variables that divide the units."""
    units = study.units
    columns = [units[g].astype(str).tolist() for g in study.spec.units.groups if _divides(units[g])]
    return {
        str(code): ", ".join(c[i] for c in columns if c[i]) for i, code in enumerate(units.index)
    }


def _divides(column: pd.Series) -> bool:
    """Return whether a variable has several values."""
    return int(column.nunique()) > 1


def _absent(study: Study, view: CohortView, code: str, width: int, peopled: bool) -> list[Cell]:
    """Return the cells of a unit that was not measured in this wave."""
    locale = locale_of(view.info)
    cells = [cell(None, NO_VALUE) for _ in range(width)]
    if peopled:
        number = study.builder.population(code)
        cells[0] = cell(number, locale.integer(number))
    if width > int(peopled):
        said = locale.text("not measured in {wave}", wave=view.wave_title)
        cells[int(peopled)] = cell(None, NO_VALUE, said)
    return cells


def result_cell(
    view: CohortView, row: CohortRow, node: NodeView, locale: Locale, *, scored: bool
) -> Cell:
    """Return a result with what missing data leave open: a score, a level, or both.

    ``scored`` says whether any unit has a score at the node.
    """
    level, code = row.levels.get(node.code), node.code
    chip = chip_of(view.info, node.scale, level, "")
    drawn = [chip.tone, chip.shape, chip.title] if chip else None
    if scored:
        score = row.scores.get(code)
        return cell(score, score_text(node, score, locale), _could_be(row, node, locale), drawn)
    titles = {x.id: x for x in view.info.scales.get(node.scale or "", ())}
    low, high = row.levels_low.get(code), row.levels_high.get(code)
    open_ = low is not None and high is not None and low != high
    between_ = f"{titles[low].title} – {titles[high].title}" if open_ and low and high else ""
    if level is None:
        return cell(None, between_ or NO_VALUE)
    return cell(float(titles[level].place), "", between_, drawn)


def _could_be(row: CohortRow, node: NodeView, locale: Locale) -> str:
    """Return the scores that missing data leave open; nothing where there is no result."""
    text = between(row, node, locale)
    return "" if text == NO_VALUE else text


def place_cell(row: CohortRow, locale: Locale) -> Cell:
    """Return a place, never without its range."""
    rank = row.rank
    return cell(rank.rank, rank_text(rank, locale)) if rank else cell(None, NO_VALUE)


def _left_out(view: CohortView, measures: list[CohortMeasure], locale: Locale) -> str:
    """Return how many raw indicators the table has no room for; empty where all are shown."""
    of = len(alone(view))
    if len(measures) == of:
        return ""
    return locale.text(
        "{k} of {n} indicators that are numbers without a level are shown; all are among the data.",
        k=locale.integer(len(measures)), n=locale.integer(of),
    )  # fmt: skip


def _note(view: CohortView, nodes: list[NodeView], locale: Locale) -> str:
    """Return how the table is read."""
    if not nodes:
        if not any(measure.alone for measure in view.measures):
            return locale.text("This instrument gives no total: its results stand side by side.")
        return added_up_nowhere(locale)
    noun = noun_of(view.info)
    if not any(is_scored(view, node) for node in nodes):
        return noun.text(
            "Where data are missing, the levels between which a {noun} could be stand beside."
        )
    note = noun.text(
        "Beside each result stands what it could be if every indicator without information were at "
        "its worst, and at its best; = means that missing data can change nothing."
    )
    ranks = [row.rank for row in view.rows if row.rank]
    if not ranks:
        return note
    places = noun.text(
        "The place counts the {k} {nouns} with a result; in brackets, the places that each could "
        "have among the {n} of which anything is known.",
        k=locale.integer(ranks[0].scored), n=locale.integer(ranks[0].n),
    )  # fmt: skip
    return f"{note} {places}"
