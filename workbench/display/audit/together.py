"""How the indicators go together, and how much each part counts: steps 4 and 6."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.audit.limits import MOST_P, SAME
from workbench.display import blocks as b
from workbench.display.audit.common import (
    MOST_ROWS,
    AuditView,
    more_rows,
    number_cell,
    plain,
    records,
    share_cell,
)
from workbench.display.audit_figures import Share, correlation_map, weights_and_counts
from workbench.display.parts import named
from workbench.language import Locale
from workbench.stats.correlation_tables import correlation_table

# A map of more is no picture any more: groups are shown in its place.
MOST_ON_MAP = 60
MOST_PAIRS = 12


def together(view: AuditView) -> b.Section:
    """Return the map of correlations, and what is counted twice or goes against its group."""
    locale, found = view.locale, view.found
    if found.index is None:
        return view.section([])
    heading = view.step(locale.text("How do the indicators go together?"), 4)
    if not found.enough or len(found.varying) < 3:
        return view.section([heading, plain(_too_few(view))])
    blocks = [heading, *_remarks(view, locale), _map(view, locale), _groups(view, locale)]
    return view.section(blocks)


def _too_few(view: AuditView) -> str:
    """Return why nothing is said of how parts go together."""
    return view.noun.text(
        "There are too few {nouns} with a result to tell how the parts go together."
    )


def _remarks(view: AuditView, locale: Locale) -> list[b.Block | None]:
    """Return in words what the correlations say."""
    pairs = view.found.pairs
    inside = pairs[pairs["together"]]
    twice = inside[inside["correlation"] > SAME]
    against = inside[(inside["correlation"] < 0) & (inside["p_value"] < MOST_P)]
    items = []
    mean = inside["correlation"].mean()
    if mean == mean:
        items.append(
            locale.rich(
                "Indicators of the same group have a correlation of **{r}** on average; 1 is the "
                "highest there is.",
                r=locale.number(float(mean), 2),
            )
        )
    if len(twice):
        text = locale.count(
            "{n} pair of a group says almost the same (correlation above {r}): {pairs}.",
            "{n} pairs of a group say almost the same (correlation above {r}): {pairs}.",
            len(twice),
            pairs=_closest(view, twice),
            r=locale.number(SAME, 1),
        )
        items.append(b.as_rich(text))
    if len(against):
        text = locale.count(
            "{n} pair of a group goes against each other: {pairs}.",
            "{n} pairs of a group go against each other: {pairs}.",
            len(against),
            pairs=_closest(view, against),
        )
        items.append(b.as_rich(text))
    return [b.Bullets(tuple(items))] if items else []


def _closest(view: AuditView, pairs: pd.DataFrame) -> str:
    """Return the pairs with the strongest correlations as a list."""
    ordered = sorted(records(pairs), key=lambda r: -abs(r["correlation"]))
    both = [f"{view.title(r['first'])} – {view.title(r['second'])}" for r in ordered]
    return named(both, 3, view.locale)


def _map(view: AuditView, locale: Locale) -> b.Block | None:
    """Return the map of correlations with the strongest of them as numbers."""
    found = view.found
    tree = found.structure
    codes = [c for c in tree.indicators if c in found.varying]
    groups = {c: next(iter(tree.nodes[c].parents)) for c in codes}
    if len(codes) > MOST_ON_MAP:
        lowest = list(dict.fromkeys(groups.values()))
        codes = [c for c in lowest if c in found.varying][:MOST_ON_MAP]
        groups = {c: next(iter(tree.nodes[c].parents), tree.top) for c in codes}
    codes.sort(key=lambda c: list(tree.order).index(groups[c]))
    if len(codes) < 3:
        return None
    breaks = [i for i in range(1, len(codes)) if groups[codes[i]] != groups[codes[i - 1]]]
    matrix = correlation_table(found.values[codes]).to_numpy()
    drawn = correlation_map([view.title(c) for c in codes], matrix, breaks, locale)
    i, j = np.triu_indices(len(codes), 1)
    r = matrix[i, j]
    order = np.argsort(-np.abs(np.nan_to_num(r)), kind="stable")[:MOST_PAIRS]
    heads = (
        b.ColumnHead(locale.text("One"), width=2.0),
        b.ColumnHead(locale.text("Other"), width=2.0),
        b.ColumnHead(locale.text("Correlation"), "right", 0.8),
    )
    rows = tuple(
        b.Row(
            (
                b.cell(view.title(codes[i[k]])),
                b.cell(view.title(codes[j[k]])),
                number_cell(float(r[k]), locale),
            )
        )
        for k in order
    )
    table = b.Table(heads, rows, more_rows(len(rows), len(r), locale))
    alt = locale.text(
        "Map of the correlations of {n} parts; the median is {r}",
        n=locale.integer(len(codes)),
        r=locale.number(float(np.nanmedian(r)), 2),
    )
    caption = locale.text(
        "Blue: both high in the same units. Red: one high where the other is low."
    )
    return b.Figure(drawn, alt, caption, table)


def _groups(view: AuditView, locale: Locale) -> b.Block | None:
    """Return how consistent each group is."""
    found = view.found
    alpha, first = found.consistency, found.first_shares
    groups = [
        g for g in reversed(found.structure.order) if g in first or alpha.get(g) == alpha.get(g)
    ]
    if not groups:
        return None
    heads = (
        b.ColumnHead(locale.text("Group"), width=2.4),
        b.ColumnHead(locale.text("Cronbach's alpha"), "right"),
        b.ColumnHead(locale.text("Told by one line"), "right"),
    )
    rows = tuple(
        b.Row(
            (
                b.cell(view.title(g)),
                number_cell(float(alpha.get(g, np.nan)), locale),
                share_cell(first.get(g, float("nan")), locale),
            )
        )
        for g in groups[:MOST_ROWS]
    )
    caption = locale.text(
        "Told by one line: part of the differences that the first principal component holds. A "
        "group that adds up different things need not be consistent: a low number is no fault by "
        "itself."
    )
    return b.Table(heads, rows, caption)


def importance(view: AuditView) -> b.Section:
    """Return how much each part counts in fact, beside its weight."""
    locale, found = view.locale, view.found
    if found.index is None:
        return view.section([])
    heading = view.step(locale.text("How much does each part count?"), 6)
    if not found.enough:
        return view.section([heading, plain(_too_few(view))])
    table = found.importance
    table = table[table["importance_share"].notna()]
    several = table.groupby("parent")["node"].transform("size") > 1
    # From the top down; what counts otherwise than it is meant to comes first.
    far = (table["importance_share"] - table["weight"]).abs()
    table = table.assign(far=-far)[several]
    table["above"] = [-found.structure.nodes[str(g)].level for g in table["parent"]]
    table = table.sort_values(["above", "parent", "far"], kind="stable")
    if table.empty:
        return view.section([])
    text = locale.text(
        "The weight is what a part is meant to count within its group. What it counts in fact is "
        "its part of the squared correlations with the group: parts that differ little between "
        "units, or go together with nothing, count less than their weight."
    )
    shown = records(table)[:MOST_ROWS]
    against = set(found.against)
    drawn = weights_and_counts(
        [
            Share(view.title(r["node"]), r["weight"], r["importance_share"], r["node"] in against)
            for r in shown
        ],
        locale,
    )
    heads = (
        b.ColumnHead(locale.text("Part"), width=2.2),
        b.ColumnHead(locale.text("Of"), width=1.8),
        b.ColumnHead(locale.text("Weight"), "right", 0.7),
        b.ColumnHead(locale.text("Counts in fact"), "right", 0.9),
        b.ColumnHead(locale.text("Correlation"), "right", 0.9),
    )
    cells = tuple(
        b.Row(
            (
                b.cell(view.title(r["node"])),
                b.cell(view.title(r["parent"])),
                share_cell(r["weight"], locale),
                share_cell(r["importance_share"], locale),
                number_cell(r["r_parent"], locale),
            )
        )
        for r in shown
    )
    distances = [abs(r["importance_share"] - r["weight"]) for r in shown]
    far_part = shown[distances.index(max(distances))]
    alt = locale.text(
        "Weights of {n} parts beside what they count; furthest apart is {name}: {weight} against "
        "{counts}",
        n=locale.integer(len(shown)),
        name=view.title(far_part["node"]),
        weight=locale.percent(100 * far_part["weight"], 0),
        counts=locale.percent(100 * far_part["importance_share"], 0),
    )
    numbers = b.Table(heads, cells, more_rows(len(shown), len(table), locale))
    own = found.weigh_themselves
    note = locale.count(
        "{n} group finds its weights itself, and equal ones are shown: {names}.",
        "{n} groups find their weights themselves, and equal ones are shown: {names}.",
        len(own),
        names=view.listed(own),
    )
    return view.section(
        [heading, plain(text), plain(note) if own else None, b.Figure(drawn, alt, "", numbers)]
    )
