"""The picture of a change: each unit then and now, and how units moved between levels."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from workbench.display import blocks as b
from workbench.display.compared.common import ComparedView
from workbench.display.compared_figures import Slope, bundled, slopes
from workbench.display.flow_figures import flows
from workbench.display.style import level_chip

HIGHEST = 60
# More lines than these are no longer told apart: those that moved alike are then drawn as one.
MOST_LINES = 80
MOST_NAMED = 15


def change_pictures(view: ComparedView) -> list[b.Block | None]:
    """Return the result of each unit in the first and the last wave, and its moves by level."""
    node, (first, last) = view.main[0].node, (view.found.waves[0], view.found.waves[-1])
    scale, data = view.data.scale(node), view.data
    waves = view.wave_title(first), view.wave_title(last)
    found: list[b.Block | None] = []
    if scale == "number":
        found.append(_slopes(view, _both(data.scores(node, first), data.scores(node, last)), waves))
    if scale != "number" or any(a.result.question == "level_transitions" for a in view.told):
        read = data.met if scale == "yes_no" else data.level_numbers
        found.append(_flows(view, _both(read(node, first), read(node, last)), waves, scale))
    return found


def _both(before: pd.Series, after: pd.Series) -> pd.DataFrame:
    """Return the units measured both times."""
    return pd.DataFrame({"before": before, "after": after}).dropna()


def _slopes(view: ComparedView, both: pd.DataFrame, waves: tuple[str, str]) -> b.Figure | None:
    """Return a line for each unit, or for those that moved alike, and the mean or the median."""
    if both.empty:
        return None
    locale, main = view.locale, view.main[0]
    on_average = main.result.question == "mean_change"
    ends = both.mean() if on_average else both.median()
    name = locale.text("Mean") if on_average else locale.text("Median")
    digits = max(view.data.decimals(main.node), 1)
    middle = Slope(float(ends["before"]), float(ends["after"]))
    written = locale.number(middle.before, digits), locale.number(middle.after, digits)
    before, after = (both[side].to_numpy(dtype=float) for side in ("before", "after"))
    names = view.study.units["name"].reindex(both.index) if len(both) <= MOST_NAMED else None
    titles = [""] * len(both) if names is None else [str(name) for name in names]
    some = [
        Slope(float(x), float(y), title=title)
        for x, y, title in zip(before, after, titles, strict=True)
    ]
    noun = view.noun
    caption = noun.text("Each line is one of the {nouns}.")
    if len(some) > MOST_LINES:
        some = bundled(before, after)
        most = locale.integer(max(s.n for s in some))
        caption = noun.text(
            "The {nouns} that began and ended alike are one line, the wider the more there are; "
            "the widest stands for {most} of {all}.",
            most=most,
            all=locale.integer(len(both)),
        )
    drawn = slopes(some, (name, middle, *written), waves, view.axis(main.node), locale,
                   better=view.data.direction(main.node))  # fmt: skip
    alt = locale.text(
        "{name} of {n}: {before} in {first}, {after} in {last}",
        name=name,
        n=locale.integer(len(both)),
        before=written[0],
        after=written[1],
        first=waves[0],
        last=waves[1],
    )
    return b.Figure(drawn, alt, caption, _units_table(view, both, waves, digits))


def _units_table(
    view: ComparedView, both: pd.DataFrame, waves: tuple[str, str], digits: int
) -> b.Table:
    """Return the numbers of each unit, the largest rise first; the highest where they are many."""
    locale, names = view.locale, view.study.names
    both = both.assign(change=both["after"] - both["before"])
    both = both.sort_values("change", ascending=False, kind="stable")
    left_out = len(both) - HIGHEST
    heads = (
        b.ColumnHead(view.info.unit_noun.one.capitalize(), width=2.4),
        b.ColumnHead(waves[0], "right"),
        b.ColumnHead(waves[1], "right"),
        b.ColumnHead(locale.text("Change"), "right"),
    )
    rows = tuple(
        b.Row(
            (
                b.cell(str(names.get(str(unit), str(unit)))),
                b.cell(locale.number(row["before"], digits), number=row["before"]),
                b.cell(locale.number(row["after"], digits), number=row["after"]),
                b.cell(locale.number(row["change"], digits, sign=True), number=row["change"]),
            )
        )
        for unit, row in both.head(HIGHEST).iterrows()
    )
    caption = ""
    if left_out > 0:
        caption = locale.text(
            "The {n} with the highest change, of {all}.",
            n=locale.integer(HIGHEST),
            all=locale.integer(len(both)),
        )
    return b.Table(heads, rows, caption)


def _flows(
    view: ComparedView, both: pd.DataFrame, waves: tuple[str, str], scale: str
) -> b.Figure | None:
    """Return how many units were at each level then and now, and how they moved between."""
    if both.empty:
        return None
    locale = view.locale
    levels = _levels(view, scale)
    pairs = zip(both["before"], both["after"], strict=True)
    ways = dict(sorted(Counter((int(x), int(y)) for x, y in pairs).items()))
    drawn = flows(ways, levels, waves, locale)
    heads = (
        b.ColumnHead(waves[0], width=2.0),
        b.ColumnHead(waves[1], width=2.0),
        b.ColumnHead(locale.text("Cases"), "right"),
    )
    rows = tuple(
        b.Row((b.cell(levels[x][0]), b.cell(levels[y][0]), b.cell(locale.integer(n), number=n)))
        for (x, y), n in ways.items()
    )
    up, down, same = (
        locale.integer(sum(n for (x, y), n in ways.items() if (y > x) - (y < x) == way))
        for way in (1, -1, 0)
    )
    alt = locale.text("{up} rose, {down} fell, {same} did not change", up=up, down=down, same=same)
    noun = view.noun
    caption = noun.text("How many {nouns} were at each level, and how they moved.")
    return b.Figure(drawn, alt, caption, b.Table(heads, rows))


def _levels(view: ComparedView, scale: str) -> list[tuple[str, b.Chip | None]]:
    """Return the titles and chips of levels, or of no and yes."""
    node = view.main[0].node
    levels = view.data.instrument.levels_of(node)
    if scale == "yes_no" and len(levels) != 2:
        return [(view.locale.text("no"), None), (view.locale.text("yes"), None)]
    name = view.data.instrument.nodes[node].scale
    infos = view.info.scales.get(name or "", ())
    return [(info.title, level_chip(info)) for info in infos]
