"""The results to take away: one row a unit, and a dictionary that says what each column is."""

from __future__ import annotations

from typing import Any

from workbench.display.cohort.common import is_scored
from workbench.display.parts import locale_of, noun_of
from workbench.language import Locale, marked
from workbench.scoring.states import STATE_TITLES, State
from workbench.site.rows import absent
from workbench.study import Study
from workbench.study.views import CohortRow, CohortView, NodeView

Column = dict[str, Any]
Value = str | float | int | None
# Where a result comes from, as the states of scores are called.
BASES = {
    "observed": marked("observed"),
    "computed": marked("computed from its parts"),
    "reported": marked("as published; its parts are not known"),
    "mixed": marked("computed from parts of which some are as published"),
    "carried": marked("kept from an earlier measurement"),
}


class _Table:
    """Columns with their values, one for each unit."""

    def __init__(self, view: CohortView, without: list[str]) -> None:
        self.rows: list[CohortRow | None] = [*view.rows, *(None for _ in without)]
        self.columns: list[Column] = []
        self.values: list[list[Value]] = []

    def add(
        self, name: str, meaning: str, unit: str, states: str, values: list[Value], kind: str
    ) -> None:
        """Add a column."""
        self.columns.append(
            {"name": name, "meaning": meaning, "unit": unit, "states": states, "kind": kind}
        )
        self.values.append(values)

    def of_rows(self, read: Any) -> list[Value]:
        """Return what is read of each row; nothing for units that have none."""
        return [None if row is None else read(row) for row in self.rows]


def results_of(study: Study, view: CohortView) -> dict[str, Any]:
    """Return the results of all units as columns with their dictionary, and rows.

    Parameters
    ----------
    study : Study
    view : CohortView

    Returns
    -------
    dict
        ``columns`` (name, meaning, unit, states, kind) and ``rows``.
    """
    locale = locale_of(view.info)
    without = absent(study, view)
    table = _Table(view, without)
    _identity(table, study, view, without, locale)
    for node in view.nodes:
        if node.code in view.headline:
            _headline(table, study, view, node, locale)
        else:
            _part(table, view, node, locale)
    for measure in view.measures:
        code = measure.code
        values = table.of_rows(lambda r, code=code: r.values.get(code))
        empty = locale.text("Empty where there is no value.")
        table.add(f"{code}_value", measure.title, measure.unit, empty, values, "number")
    return {
        "columns": table.columns,
        "rows": [list(row) for row in zip(*table.values, strict=True)],
    }


def _identity(
    table: _Table, study: Study, view: CohortView, without: list[str], locale: Locale
) -> None:
    """Add who each unit is and when it was measured."""
    noun, units = noun_of(view.info), study.units
    codes = [*(row.code for row in view.rows), *without]
    never = locale.text("Never empty.")
    table.add("unit", noun.text("Code of the {noun}, as text"), "", never, list(codes), "text")
    table.add("name", locale.text("Name"), "", never, [study.names[c] for c in codes], "text")
    unknown = locale.text("Empty where it is not known.")
    for column, title in study.spec.units.groups.items():
        values: list[Value] = [str(units[column][c]) for c in codes]
        table.add(column, title.in_(locale.tag), "", unknown, values, "text")
    if any(row.population is not None for row in view.rows):
        people: list[Value] = [study.builder.population(c) for c in codes]
        table.add(
            "population", locale.text("Population"), locale.text("inhabitants"), unknown, people,
            "number",
        )  # fmt: skip
    said = locale.text("Empty for those measured in other waves only: nothing else is filled in.")
    waves: list[Value] = [*(view.wave for _ in view.rows), *(None for _ in without)]
    table.add("wave", locale.text("Measurement that the results are of"), "", said, waves, "text")


def _headline(
    table: _Table, study: Study, view: CohortView, node: NodeView, locale: Locale
) -> None:
    """Add a main result with its limits, its level, its state and its place."""
    code, unit = node.code, _unit(node, locale)
    empty = locale.text("Empty where there is no result; the state says why.")
    if is_scored(view, node):
        limit = locale.text("Empty where only the result is published, or nothing is known.")
        texts = {
            "score": (node.title, empty, "scores"),
            "low": (locale.text("{title}: least it could be with the data that are missing",
                                title=node.title), limit, "low"),
            "high": (locale.text("{title}: most it could be with the data that are missing",
                                 title=node.title), limit, "high"),
        }  # fmt: skip
        for name, (meaning, states, field) in texts.items():
            values = table.of_rows(lambda r, f=field: getattr(r, f).get(code))
            table.add(f"{code}_{name}", meaning, unit, states, values, "number")
    if node.scale:
        titles = {level.id: level.title for level in view.info.scales[node.scale]}
        listed = locale.text("Levels, worst first: {levels}.", levels=", ".join(titles.values()))
        meanings = {
            "level": locale.text("{title}: level", title=node.title),
            "level_low": locale.text("{title}: worst level possible", title=node.title),
            "level_high": locale.text("{title}: best level possible", title=node.title),
        }
        for name, meaning in meanings.items():
            field = name.replace("level", "levels")
            values = table.of_rows(lambda r, f=field: titles.get(getattr(r, f).get(code)))
            table.add(f"{code}_{name}", meaning, "", f"{listed} {empty}", values, "text")
    _state(table, study, view, node, locale)
    if view.headline and code == view.headline[0] and any(r.rank for r in view.rows):
        _place(table, view, locale)


def _state(table: _Table, study: Study, view: CohortView, node: NodeView, locale: Locale) -> None:
    """Add where a result comes from, or why there is none."""
    at, result = study.builder.wave(view.wave), study.scores.results[node.code]
    found = {u: result.status(int(row)) for u, row in zip(at.units, at.rows, strict=True)}
    values = table.of_rows(lambda r: found[r.code])
    used = sorted({str(v) for v in values if v is not None})
    said = "; ".join(f"{name}: {_status_text(name, view, locale)}" for name in used)
    meaning = locale.text(
        "{title}: where the result comes from, or why there is none", title=node.title
    )
    table.add(f"{node.code}_state", meaning, "", said, values, "text")


def _status_text(name: str, view: CohortView, locale: Locale) -> str:
    """Return what a state means."""
    if name in view.info.states:
        return view.info.states[name]
    if name in BASES:
        return locale.text(BASES[name])
    return locale.text(STATE_TITLES[State[name.upper()]])


def _place(table: _Table, view: CohortView, locale: Locale) -> None:
    """Add the place and the places that are possible."""
    empty = locale.text("Empty where there is no place.")
    known = locale.text("Empty where only the result is published: then it is not known.")
    columns = (
        ("place", locale.text("Place, 1 is best; equal results share one"), empty, "rank"),
        ("place_best", locale.text("Best place with the data that are missing"), known, "best"),
        ("place_worst", locale.text("Worst place with the data that are missing"), known, "worst"),
        ("place_shared", locale.text("How many share the place"), empty, "ties"),
    )
    for name, meaning, states, field in columns:
        told = field in ("rank", "ties")

        def read(row: CohortRow, field: str = field, told: bool = told) -> Value:
            if row.rank is None or not (told or row.rank.known):
                return None
            return int(getattr(row.rank, field))

        table.add(name, meaning, "", states, table.of_rows(read), "number")


def _part(table: _Table, view: CohortView, node: NodeView, locale: Locale) -> None:
    """Add score and level of what a result is made of, where any unit has one."""
    code = node.code
    meaning = f"{node.tier_title}: {node.title}"
    empty = locale.text("Empty where there is no result.")
    if is_scored(view, node):
        values = table.of_rows(lambda r: r.scores.get(code))
        table.add(f"{code}_score", meaning, _unit(node, locale), empty, values, "number")
    if node.scale and any(r.levels.get(code) for r in view.rows):
        titles = {level.id: level.title for level in view.info.scales[node.scale]}
        listed = locale.text("Levels, worst first: {levels}.", levels=", ".join(titles.values()))
        levels = table.of_rows(lambda r: titles.get(r.levels.get(code)))
        said = locale.text("{title}: level", title=meaning)
        table.add(f"{code}_level", said, "", f"{listed} {empty}", levels, "text")


def _unit(node: NodeView, locale: Locale) -> str:
    """Return the unit of a score in words."""
    if node.unit in ("percent", "%"):
        return locale.text("percent")
    if node.unit in (None, "points"):
        return locale.text("points")
    return str(node.unit)
