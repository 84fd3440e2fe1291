"""The picture of shares against what chance gives: a funnel for each indicator."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.display import blocks as b
from workbench.display.compared.common import ComparedView
from workbench.display.funnel_figures import Funnel, funnel
from workbench.display.parts import named
from workbench.instruments.proportions import multiple
from workbench.language import marked
from workbench.stats.funnel import LIMITS, widened
from workbench.study.compare import Answer

MOST_ROWS = 40
MOST_NAMED = 12
SPACE = b.as_rich(" ")
STEPS = 200


def funnel_pictures(view: ComparedView) -> list[b.Block | None]:
    """Return a funnel for each indicator, with the units outside its limits."""
    drawn = [answer for answer in view.told if "units" in answer.result.tables]
    return [block for answer in drawn for block in (_figure(view, answer), _far(view, answer))]


def _far(view: ComparedView, answer: Answer) -> b.Paragraph | None:
    """Return the names of those far outside, by side; None where there are none."""
    locale, table = view.locale, answer.result.tables["units"].sort_values("z")
    sides = (
        ("above", marked("**Far above**: {names}.")),
        ("below", marked("**Far below**: {names}.")),
    )
    texts = []
    for side, source in sides:
        units = table.index[table["flag998_wide"] == side].astype(str)
        names = [view.study.names.get(unit, unit) for unit in units]
        if side == "above":
            names = names[::-1]
        if names:
            texts.append(locale.rich(source, names=named(names, MOST_NAMED, locale)))
    if not texts:
        return None
    return b.Paragraph(tuple(span for k, text in enumerate(texts) for span in (SPACE[:k] + text)))


def _figure(view: ComparedView, answer: Answer) -> b.Figure:
    """Return the funnel of one indicator."""
    locale, table = view.locale, answer.result.tables["units"]
    node = view.study.instrument.nodes[answer.node]
    factor = multiple(node) or 1.0
    drawn = funnel(
        _drawn(answer, factor), view.axis(answer.node), lambda x: locale.exact(round(x, 6)), locale
    )
    outside = table[table["flag95_wide"] != "inside"].sort_values("z", ascending=False)
    centre = factor * float(answer.result["theta"] or 0.0)
    alt = locale.text(
        "{n} with {title} around {centre}; outside: {outside}",
        n=locale.integer(len(table)),
        title=view.title(answer.node),
        centre=locale.number(centre, 1),
        outside=locale.integer(len(outside)),
    )
    text = locale.text(
        "Horizontal line: all together. Dashed: limits that hold 95 of 100 if only chance made "
        "them differ; the fewer the cases, the wider. Solid: limits of 99.8 %."
    )
    return b.Figure(drawn, alt, text, _outside(view, outside, factor))


def _drawn(answer: Answer, factor: float) -> Funnel:
    """Return the numbers of a funnel, in the unit of the indicator."""
    result = answer.result
    table, theta = result.tables["units"], float(result["theta"] or 0.0)
    wider = max(1.0, result["phi_winsorised10"] or 1.0) ** 0.5
    cases = table["n"].to_numpy(dtype=np.float64)
    grid = np.unique(np.geomspace(cases.min(), cases.max(), STEPS).round())
    found = {}
    for name, level in LIMITS.items():
        ends = [widened(grid, theta, tail, wider) for tail in ((1 - level) / 2, (1 + level) / 2)]
        found[name] = (factor * ends[0], factor * ends[1])
    far = (table["flag998_wide"] != "inside").to_numpy()
    return Funnel(
        cases=cases,
        shares=factor * table["p"].to_numpy(dtype=np.float64),
        far=far,
        outside=(table["flag95_wide"] != "inside").to_numpy() & ~far,
        centre=factor * theta,
        grid=grid,
        limits=found,
    )


def _outside(view: ComparedView, outside: pd.DataFrame, factor: float) -> b.Table:
    """Return the units outside the limits, those farthest above first."""
    locale, names = view.locale, view.study.names
    heads = (
        b.ColumnHead(view.noun.title, width=2.4),
        b.ColumnHead(locale.text("Counted"), "right", 1.4),
        b.ColumnHead(locale.text("Measured"), "right"),
        b.ColumnHead(locale.text("To be expected"), "right", 1.4),
    )
    rows = []
    for unit, row in _first_and_last(outside).iterrows():
        ends = [locale.number(factor * row[f"wide_{side}95"], 1) for side in ("low", "high")]
        share = factor * float(row["p"])
        counted = locale.text(
            "{events} of {cases}",
            events=locale.integer(int(row["x"])),
            cases=locale.integer(int(row["n"])),
        )
        rows.append(
            b.Row(
                (
                    b.cell(names.get(str(unit), str(unit))),
                    b.cell(counted),
                    b.cell(locale.number(share, 1), number=share),
                    b.cell(locale.text("{low} to {high}", low=ends[0], high=ends[1])),
                )
            )
        )
    caption = ""
    if len(outside) > MOST_ROWS:
        caption = locale.text(
            "The {n} farthest outside, of {all}.",
            n=locale.integer(MOST_ROWS),
            all=locale.integer(len(outside)),
        )
    return b.Table(heads, tuple(rows), caption)


def _first_and_last(outside: pd.DataFrame) -> pd.DataFrame:
    """Return all, or the farthest of both sides in their order."""
    if len(outside) <= MOST_ROWS:
        return outside
    farthest = outside["z"].abs().sort_values(ascending=False, kind="stable").index[:MOST_ROWS]
    return outside.loc[outside.index.isin(farthest)]
