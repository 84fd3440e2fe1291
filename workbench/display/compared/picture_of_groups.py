"""The picture of groups: the units of each with their mean, and the differences of every two."""

from __future__ import annotations

import numpy as np

from workbench.display import blocks as b
from workbench.display.compared.common import (
    MOST_PAIRS,
    PAIRS,
    ComparedView,
    between,
    furthest_pairs,
    number,
    pair_title,
)
from workbench.display.compared.estimates import estimate_of, estimates
from workbench.display.compared_figures import Estimate
from workbench.display.group_figures import Group, group_rows
from workbench.language import Locale
from workbench.stats import Result
from workbench.study.compare import Answer


def group_pictures(view: ComparedView) -> list[b.Block | None]:
    """Return the units of each group, and the differences between groups."""
    answer = view.told[0]
    spread = _spread(view, answer) if view.data.scale(answer.node) == "number" else None
    return [spread, _differences(view, answer)]


def _spread(view: ComparedView, answer: Answer) -> b.Figure | None:
    """Return the units of each group with its mean; groups in their order, else by mean."""
    locale, column = view.locale, view.found.by
    if column is None:
        return None
    result, digits = answer.result, max(view.data.decimals(answer.node), 1)
    values = view.data.scores(answer.node, view.found.waves[-1]).dropna()
    group = view.data.groups(column, ("comparisons", "groups")).reindex(values.index)
    names = view.data.group_names(column)
    parts = {
        key: Group(view.named(names.get(key, key)), np.asarray(values[group == key], dtype=float))
        for key in dict.fromkeys([*names, *sorted(group.dropna().unique(), key=str)])
    }
    some = [part for part in parts.values() if len(part.values)]
    if not names:
        some.sort(key=lambda g: g.mean * view.data.direction(answer.node), reverse=True)
    drawn = group_rows(some, view.axis(answer.node), lambda x: locale.number(x, digits), locale)
    heads = (
        b.ColumnHead(locale.text("Group"), width=2.6),
        b.ColumnHead(locale.text("Cases"), "right", 0.8),
        b.ColumnHead(locale.text("Mean"), "right"),
        b.ColumnHead(locale.text("Interval"), "right", 1.6),
    )
    rows = tuple(
        b.Row(
            (
                b.cell(g.title),
                b.cell(locale.integer(len(g.values)), number=len(g.values)),
                b.cell(number(result, g.mean, locale), number=g.mean),
                b.cell(_limits(result, g, locale)),
            )
        )
        for g in some
    )
    alt = "; ".join(f"{g.title}: {locale.number(g.mean, digits)}" for g in some)
    noun = view.noun
    text = noun.text(
        "In brackets how many there are. The interval is that of the mean, not of single {nouns}."
    )
    return b.Figure(drawn, alt, text, b.Table(heads, rows))


def _limits(result: Result, group: Group, locale: Locale) -> str:
    """Return the interval of a group's mean."""
    low, high = group.interval() or (None, None)
    return between(result, low, high, locale)


def _differences(view: ComparedView, answer: Answer) -> b.Figure | None:
    """Return the differences of every two groups, or of the two that there are."""
    locale, result = view.locale, answer.result
    pairs = result.tables.get(PAIRS)
    if pairs is None:
        if result.interval is None:
            return None
        group, other = (view.named(result.names.get(side, "")) for side in ("group", "other"))
        title = locale.text("{group} compared with {reference}", group=group, reference=other)
        return estimates([estimate_of(result, title)], view.unit_of(answer), result, locale)
    shown = furthest_pairs(pairs)
    rows = [
        Estimate(
            pair_title(view, result, pair),
            float(pair["diff_b_minus_a"]),
            float(pair["ci_low"]),
            float(pair["ci_high"]),
        )
        for _, pair in shown.iterrows()
    ]
    note = ""
    if len(pairs) > MOST_PAIRS:
        note = locale.text(
            "The {n} pairs furthest apart, of {all}.",
            n=locale.integer(len(shown)),
            all=locale.integer(len(pairs)),
        )
    return estimates(rows, view.unit_of_node(answer.node), result, locale, note=note)
