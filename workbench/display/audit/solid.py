"""How solid the places are, and on what they depend: steps 7 to 10."""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.audit.limits import FAR, STILL, STRENGTHS
from workbench.display import blocks as b
from workbench.display.audit.common import (
    AuditView,
    more_rows,
    number_cell,
    plain,
    records,
    share_cell,
    wide,
)
from workbench.display.audit.words import choice_name, option_names
from workbench.display.audit_figures import Bar, bars
from workbench.display.place_figures import Place, places_of_many
from workbench.display.place_figures import places as places_drawn
from workbench.language import Locale, marked

MOST_PLACES = 60
MOST_BARS = 20


def places(view: AuditView) -> b.Section:
    """Return the range of places of every unit."""
    locale, found = view.locale, view.found
    if found.robustness.refusal is not None:
        return view.section([])
    heading = view.step(locale.text("Which places could each have?"), 7, 10)
    table = records(found.places)
    names = found.study.names
    some = [
        Place(
            names.get(str(row["unit"]), str(row["unit"])),
            int(row["rank"]),
            round(min(row["low"], row["rank"])),
            round(max(row["high"], row["rank"])),
        )
        for row in table
    ]
    draw = places_drawn if len(some) <= MOST_PLACES else places_of_many
    text = " ".join((_draws(view, locale), _range(view, locale)))
    alt = locale.count(
        "{all} places; half of the ranges are {n} place wide or less",
        "{all} places; half of the ranges are {n} places wide or less",
        wide(view),
        all=locale.integer(len(some)),
    )
    caption = locale.text("Dark: place by score. Light: places with other reasonable choices.")
    figure = b.Figure(draw(some, locale), alt, caption, _table(view, table, some))
    gaps = found.robustness.warnings[: bool(found.robustness.details["units_unscored"])]
    notes = [plain(w.text(locale.tag), "note") for w in gaps]
    varied = plain(locale.text("These choices were varied:"))
    return view.section([heading, plain(text), figure, *notes, varied, _plan(view, locale)])


def _draws(view: AuditView, locale: Locale) -> str:
    """Return what each draw takes."""
    found = view.found.robustness
    draws = locale.integer(view.found.plan.draws)
    if not found.details["weights_varied"]:
        return locale.text("Each draw takes one of the choices of every kind, {draws} times.",
                           draws=draws)  # fmt: skip
    if found.tables["choices"].empty:
        return locale.text("Each draw takes weights near those of the index, {draws} times.",
                           draws=draws)  # fmt: skip
    return locale.text(
        "Each draw takes one of the choices of every kind and weights near those of the index, "
        "{draws} times.",
        draws=draws,
    )


def _range(view: AuditView, locale: Locale) -> str:
    """Return what the ranges hold."""
    return locale.text(
        "The range holds {share} of the draws. It is no margin of error: it tells what other "
        "choices would give.",
        share=locale.percent(100 * view.found.plan.share, 0),
    )


def _table(view: AuditView, table: list[dict[str, Any]], some: list[Place]) -> b.Table:
    """Return places with their ranges and chances as numbers."""
    locale, top = view.locale, view.found.plan.top
    heads = (
        b.ColumnHead(locale.text("Place"), "right", 0.6),
        b.ColumnHead(view.noun.title, width=2.2),
        b.ColumnHead(locale.text("From"), "right", 0.7),
        b.ColumnHead(locale.text("To"), "right", 0.7),
        b.ColumnHead(locale.text("Among the first {top}", top=locale.integer(top)), "right", 1.1),
        b.ColumnHead(locale.text("Moves more than {far}", far=locale.integer(FAR)), "right", 1.1),
    )
    rows = tuple(
        b.Row(
            (
                b.cell(locale.integer(p.place), number=p.place),
                b.cell(p.title),
                b.cell(locale.integer(p.low), number=p.low),
                b.cell(locale.integer(p.high), number=p.high),
                share_cell(row["top"], locale),
                share_cell(row["moved_far"], locale),
            )
        )
        for p, row in zip(some[:MOST_PLACES], table, strict=False)
    )
    return b.Table(heads, rows, more_rows(len(rows), len(some), locale))


def _plan(view: AuditView, locale: Locale) -> b.Block:
    """Return what was varied, in words."""
    found = view.found
    table = records(found.robustness.tables["choices"])
    items = []
    for choice in dict.fromkeys(row["choice"] for row in table):
        options = [row["option"] for row in table if row["choice"] == choice]
        if choice == "one_out":
            text = locale.text("each of {n} in turn, or none", n=locale.integer(len(options) - 1))
        else:
            text = "; ".join(option_names(choice, options, locale))
        name = _capital(choice_name(choice, locale))
        items.append(locale.rich("**{name}**: {options}", name=name, options=text))
    if found.robustness.details["weights_varied"]:
        text = locale.text("each up to {share} more or less", share=_shares(view))
        name = _capital(choice_name("weights", locale))
        items.append(locale.rich("**{name}**: {options}", name=name, options=text))
    return b.Bullets(tuple(items))


def _shares(view: AuditView) -> str:
    """Return up to what share of itself a weight varies: one, or the least and the most of them."""
    plan, structure = view.found.plan, view.found.structure
    levels = structure.levels[:-1]
    shares = [100 * plan.weight_shares.get(level, plan.weight_share) for level in levels]
    ends = [view.locale.percent(x, 0) for x in (min(shares), max(shares))]
    if ends[0] == ends[1]:
        return ends[0]
    return view.locale.text("{low} to {high}, by level", low=ends[0], high=ends[1])


def _capital(text: str) -> str:
    """Return a text with a capital."""
    return text[:1].upper() + text[1:]


def sensitivity(view: AuditView) -> b.Section:
    """Return which choice moves places most."""
    locale, found = view.locale, view.found
    result = found.robustness
    indices = result.tables.get("indices")
    if result.refusal is not None or indices is None or len(indices) < 2:
        return view.section([])
    heading = view.step(locale.text("Which choice matters most?"), 7)
    ordered = sorted(records(indices), key=lambda row: -row["ST"])
    titles = [_capital(choice_name(row["input"], locale)) for row in ordered]
    drawn = bars(
        [
            Bar(title, row["ST"], row["S1"], row["ST_low"], row["ST_high"])
            for title, row in zip(titles, ordered, strict=True)
        ],
        locale,
        axis=locale.text("Part of the variation of places"),
        percent=True,
        words=(locale.text("Alone"), locale.text("With the others")),
    )
    heads = (
        b.ColumnHead(locale.text("Choice"), width=2.4),
        b.ColumnHead(locale.text("Alone"), "right"),
        b.ColumnHead(locale.text("With the others"), "right"),
        b.ColumnHead(locale.text("From"), "right"),
        b.ColumnHead(locale.text("To"), "right"),
    )
    numbers = ("S1", "ST", "ST_low", "ST_high")
    rows = tuple(
        b.Row((b.cell(title), *(share_cell(max(0.0, row[c]), locale) for c in numbers)))
        for title, row in zip(titles, ordered, strict=True)
    )
    alt = locale.text(
        "Parts of the variation of places by choice; the largest is {name} with {share}",
        name=choice_name(ordered[0]["input"], locale),
        share=locale.percent(100 * ordered[0]["ST"], 0),
    )
    caption = locale.text(
        "Sobol indices of the mean shift of places, first and total order, from {n} samples; the "
        "line is an interval of 95 %.",
        n=locale.integer(found.plan.sobol_samples or 0),
    )
    figure = b.Figure(drawn, alt, caption, b.Table(heads, rows))
    # What is said of places stands with them.
    about = result.warnings[bool(result.details["units_unscored"]) :]
    notes = [plain(w.text(locale.tag), "note") for w in about]
    return view.section([heading, figure, *notes, _options(view, locale)])


def _options(view: AuditView, locale: Locale) -> b.Block | None:
    """Return how far places move under each option."""
    every = records(view.found.robustness.tables["choices"])
    table = [row for row in every if row["choice"] != "one_out"]
    if not table:
        return None
    heads = (
        b.ColumnHead(locale.text("Choice"), width=2.2),
        b.ColumnHead(locale.text("Option"), width=2.4),
        b.ColumnHead(locale.text("Draws"), "right", 0.7),
        b.ColumnHead(locale.text("Mean shift of places"), "right", 1.0),
    )
    rows = []
    for choice in dict.fromkeys(row["choice"] for row in table):
        own = [row for row in table if row["choice"] == choice]
        options = option_names(choice, [row["option"] for row in own], locale)
        for option, row in zip(options, own, strict=True):
            cells = (
                b.cell(_capital(choice_name(choice, locale))),
                b.cell(option),
                b.cell(locale.integer(row["draws"]), number=row["draws"]),
                number_cell(row["mean_shift"], locale, 1),
            )
            rows.append(b.Row(cells))
    return b.Table(heads, tuple(rows))


def influence(view: AuditView) -> b.Section:
    """Return how far places move without each indicator."""
    locale, found = view.locale, view.found
    if found.robustness.refusal is not None or len(found.structure.indicators) < 3:
        return view.section([])
    heading = view.step(locale.text("On which indicators do the places rest?"), 8)
    shifts = found.influence
    shown = shifts.iloc[:MOST_BARS]
    axis = locale.text("Mean shift of places without it")
    drawn = bars([Bar(view.title(str(c)), float(x)) for c, x in shown.items()], locale, axis=axis)
    heads = (
        b.ColumnHead(locale.text("Indicator"), width=2.6),
        b.ColumnHead(axis, "right"),
        b.ColumnHead(locale.text("Weight in the index"), "right"),
    )
    rows = tuple(
        b.Row(
            (
                b.cell(view.title(str(c))),
                number_cell(float(x), locale, 1),
                share_cell(float(found.weights[str(c)]), locale),
            )
        )
        for c, x in shown.items()
    )
    alt = locale.text(
        "Shifts of places without each indicator; the largest is {name} with {shift} places",
        name=view.title(str(shown.index[0])),
        shift=locale.number(float(shown.iloc[0]), 1),
    )
    numbers = b.Table(heads, rows, more_rows(len(shown), len(shifts), locale))
    still = shifts.index[shifts < STILL * len(found.values)].tolist()
    text = (
        locale.text(
            "Without these, places hardly move: {names}.", names=view.listed(map(str, still))
        )
        if still
        else ""
    )
    return view.section([heading, b.Figure(drawn, alt, "", numbers), plain(text) if text else None])


def links(view: AuditView) -> b.Section:
    """Return how the result goes together with what else is known of the units."""
    locale, found = view.locale, view.found
    if found.index is None or not found.enough:
        return view.section([])
    heading = view.step(locale.text("What else does the result go with?"), 9)
    table = found.links
    if table.empty:
        text = view.noun.text(
            "The study holds no numbers of the {nouns} besides, as population, to compare with."
        )
        return view.section([heading, plain(text)])
    items = []
    for row in records(table):
        r = float(row["correlation"])
        sort = WORDS[int(np.digitize(abs(r), STRENGTHS))]
        items.append(
            locale.rich(
                "**{name}**: {sort} (Spearman's correlation {r}).",
                name=_column(view, row["size"]),
                sort=locale.text(sort),
                r=locale.number(r, 2),
            )
        )
    text = locale.text("That figures go together does not say that one causes the other.")
    return view.section([heading, b.Bullets(tuple(items)), plain(text, "note")])


WORDS = (
    marked("hardly goes with the result"),
    marked("goes with the result a little"),
    marked("goes with the result clearly"),
    marked("goes with the result strongly"),
)


def _column(view: AuditView, name: str) -> str:
    """Return what a column of the units is called."""
    locale = view.locale
    if name == "population":
        return locale.text("Population")
    titles = view.found.study.spec.units.groups
    title = titles.get(name) if isinstance(titles, dict) else None
    return title.in_(locale.tag) if title is not None and hasattr(title, "in_") else name
