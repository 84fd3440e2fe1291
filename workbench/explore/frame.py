"""The table of units as people sort and filter it: titles in their language, places with ranges."""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbench.display.parts import noun_of
from workbench.display.style import level_shape
from workbench.explore.exploration import Exploration

SHAPES = {"circle": "●", "square": "■", "diamond": "◆", "triangle": "▼"}


def people_frame(seen: Exploration) -> pd.DataFrame:
    """Return the table with the columns that people read, one row a unit, the best first.

    Returns
    -------
    DataFrame
        Columns: name, groups; place with both ends of its range, places gained, score, level, how
        much was measured, as far as there are any. Index ``unit``.
    """
    locale, table = seen.locale, seen.table
    found: dict[str, Any] = {noun_of(seen.info).title: table["name"].astype(str)}
    for column, title in seen.base.spec.units.groups.items():
        own = seen.base.units[column].reindex(table.index)
        found[title.in_(locale.tag)] = own.fillna("").astype(str)
    if seen.basis:
        found |= {
            locale.text("Place"): _whole(table["place"]),
            locale.text("at best"): _whole(table["low"]),
            locale.text("at worst"): _whole(table["high"]),
        }
        if seen.is_changed:
            found[locale.text("Places gained")] = _whole(table["moved"])
    if seen.has_places:
        found[locale.text("Score")] = table["score"].round(seen.base.instrument.decimals(seen.node))
    if seen.levels:
        found[locale.text("Level")] = _levels(seen)
    measured = (100 * table["coverage"]).round()
    if (measured != 100).any():
        found[locale.text("Measured, %")] = _whole(measured)
    return pd.DataFrame(found, index=table.index)


def _whole(column: pd.Series) -> pd.Series:
    """Return places as whole numbers."""
    return column.round().astype("Int64")


def _levels(seen: Exploration) -> pd.Series:
    """Return levels as shape and word, in their order."""
    words = [f"{SHAPES.get(level_shape(x), '')} {x.title}".strip() for x in seen.levels]
    codes = [int(code) for code in seen.table["level"]]  # without a level it is -1 in both
    values = pd.Categorical.from_codes(codes, pd.Index(words), ordered=True)
    return pd.Series(values, index=seen.table.index)
