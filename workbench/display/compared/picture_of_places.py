"""The picture of a ranking: each place with the places that could as well be."""

from __future__ import annotations

import pandas as pd

from workbench.display import blocks as b
from workbench.display.compared.common import ComparedView
from workbench.display.place_figures import Place, places, places_of_many
from workbench.study.compare import Answer

MOST_ROWS = 60


def place_pictures(view: ComparedView) -> list[b.Block | None]:
    """Return the places of all units with the range of each."""
    answer = view.told[0]
    table = answer.result.tables.get("units")
    if table is None:
        return []
    low, high = ("holm_low", "holm_high") if "holm_low" in table else ("low", "high")
    ordered = table.sort_values(["rank", low, high], kind="stable")
    names = view.study.names
    some = [
        Place(
            str(names.get(str(unit), str(unit))),
            int(row["rank"]),
            round(row[low]),
            round(row[high]),
        )
        for unit, row in ordered.iterrows()
    ]
    draw = places if len(some) <= MOST_ROWS else places_of_many
    return [_figure(view, answer, some, draw(some, view.locale))]


def _figure(view: ComparedView, answer: Answer, some: list[Place], drawn: b.Drawing) -> b.Figure:
    """Return the picture with its numbers."""
    locale = view.locale
    heads = (
        b.ColumnHead(locale.text("Place"), "right", 0.6),
        b.ColumnHead(view.noun.title, width=2.4),
        b.ColumnHead(locale.text("From"), "right"),
        b.ColumnHead(locale.text("To"), "right"),
    )
    rows = tuple(
        b.Row(
            (
                b.cell(locale.integer(p.place), number=p.place),
                b.cell(p.title),
                b.cell(locale.integer(p.low), number=p.low),
                b.cell(locale.integer(p.high), number=p.high),
            )
        )
        for p in some[:MOST_ROWS]
    )
    caption = ""
    if len(some) > MOST_ROWS:
        caption = locale.text(
            "The first {n}, of {all}.",
            n=locale.integer(MOST_ROWS),
            all=locale.integer(len(some)),
        )
    width = pd.Series([p.high - p.low for p in some]).median()
    alt = locale.text(
        "{n} places; half of the ranges are {width} places wide or less",
        n=locale.integer(len(some)),
        width=locale.integer(int(width)),
    )
    if answer.result.question == "rank_ranges":
        text = locale.text("Dark: place by score. Light: places compatible with the data.")
    else:
        text = locale.text("Dark: place by score. Light: places with other reasonable weights.")
    return b.Figure(drawn, alt, text, b.Table(heads, rows, caption))
