"""Areas and indicators of all municipalities."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display import cohort_figures as figures
from workbench.display.cohort.common import (
    MOST_LISTED,
    areas_of_view,
    at_levels,
    indicators_in_levels,
    level_counts,
    listed,
    section,
)
from workbench.display.cohort.measures import typical
from workbench.display.parts import locale_of, noun_of, number_cell, what_is_known
from workbench.display.style import level_chip
from workbench.display.values import natural, titled
from workbench.language import Locale
from workbench.study.views import CohortIndicator, CohortRow, CohortView, LevelInfo, NodeView

MOST_INDICATORS = 15


def areas(view: CohortView) -> b.Section:
    """Return the areas of all municipalities: what is typical, and a map of who stands where."""
    locale = locale_of(view.info)
    blocks: list[b.Block | None] = [b.Heading(locale.text("Areas and indicators"))]
    rows = [n for n in areas_of_view(view) if n.cohort is not None]
    levelled = [n for n in areas_of_view(view) if n.cohort is None and n.counts and n.scale]
    if rows:
        blocks.append(_typical(view, rows, locale))
        tier = [n for n in rows if n.tier == rows[0].tier]
        some = [r for r in view.rows if any(r.scores[n.code] is not None for n in tier)]
        if len(some) > 1 and len(tier) > 1:
            blocks += _map(view, some, tier, locale)
    if levelled and view.headline:
        blocks += level_counts(view, levelled, levelled[0].tier_title)
    blocks += _indicators(view, locale)
    if view.measures and len(blocks) > 1:
        blocks.append(b.Heading(locale.text("What was measured"), 3))
    blocks += typical(view, locale)
    if len(blocks) == 1 and not view.info.has_indicators:
        blocks.append(b.Paragraph(b.as_rich(what_is_known([], locale))))
    elif rows and not view.info.has_indicators:
        blocks.append(b.Paragraph(b.as_rich(what_is_known(rows, locale))))
    if len(blocks) == 1:
        text = noun_of(view.info).text("The indicators are in the report of each {noun}.")
        blocks.append(b.Paragraph(b.as_rich(text)))
    return section(view, blocks)


def _typical(view: CohortView, rows: list[NodeView], locale: Locale) -> b.Table:
    """Return the medians of areas, with quartiles where enough units have a result."""
    spread = any(n.low is not None for n in rows)
    heads = [
        b.ColumnHead(rows[0].tier_title, width=2.6),
        b.ColumnHead(noun_of(view.info).titles, "right"),
        b.ColumnHead(locale.text("Lower quartile"), "right"),
        b.ColumnHead(locale.text("Median"), "right"),
        b.ColumnHead(locale.text("Upper quartile"), "right"),
    ]
    body = []
    for n in rows:
        cells = [
            b.cell(n.title),
            b.cell(locale.integer(n.n_units), number=n.n_units),
            number_cell(n, n.low, locale),
            number_cell(n, n.cohort, locale),
            number_cell(n, n.high, locale),
        ]
        body.append(b.Row(tuple(c for k, c in enumerate(cells) if spread or k not in (2, 4))))
    kept = tuple(h for k, h in enumerate(heads) if spread or k not in (2, 4))
    return b.Table(kept, tuple(body))


def _map(
    view: CohortView, rows: list[CohortRow], nodes: list[NodeView], locale: Locale
) -> list[b.Block | None]:
    """Return the heat map with the table behind it."""
    noun = noun_of(view.info)
    svg = figures.heat_map(rows, nodes, locale)
    heads = (
        b.ColumnHead(noun.title, width=2.0),
        *(b.ColumnHead(n.title, "right") for n in nodes),
    )
    body = tuple(
        b.Row((b.cell(r.name), *(number_cell(n, r.scores[n.code], locale) for n in nodes)))
        for r in rows
    )
    shown = min(len(rows), figures.MOST_ROWS)
    alt = noun.text(
        "Scores of {n} {nouns} in {k} areas; the darker, the higher.",
        n=locale.integer(shown),
        k=locale.integer(len(nodes)),
    )
    caption = alt
    if len(rows) > shown:
        caption = noun.text(
            "The {n} highest of {all} {nouns}; the darker, the higher. All are in the data "
            "of the run.",
            n=locale.integer(shown),
            all=locale.integer(len(rows)),
        )
    return [b.Figure(svg, alt, caption, b.Table(heads, body[:MOST_LISTED]))]


def _indicators(view: CohortView, locale: Locale) -> list[b.Block | None]:
    """Return the indicators that fewest municipalities have at the best level, scale by scale."""
    known = indicators_in_levels(view)
    found: list[b.Block | None] = []
    for scale in dict.fromkeys(i.scale or "" for i in known):
        same = [i for i in known if i.scale == scale]
        found += _fewest(view, view.info.scales[scale], same, locale)
    return found


def _fewest(
    view: CohortView, levels: tuple[LevelInfo, ...], some: list[CohortIndicator], locale: Locale
) -> list[b.Block | None]:
    """Return the indicators of one scale that fewest municipalities have at its best level."""
    ordered = sorted(some, key=lambda i: (at_levels(view, i), natural(i.code)))
    heads = (
        b.ColumnHead(view.info.indicator_title, width=3.4),
        *(b.ColumnHead(level.title, "right", 0.8) for level in reversed(levels)),
        b.ColumnHead(locale.text("No level"), "right", 0.8),
    )
    rows = tuple(
        b.Row(
            (
                b.cell(titled(i.code, i.title)),
                *(
                    b.cell(locale.integer(i.counts[level.id]), number=i.counts[level.id])
                    for level in reversed(levels)
                ),
                b.cell(locale.integer(i.counts["none"]), number=i.counts["none"]),
            )
        )
        for i in ordered[:MOST_INDICATORS]
    )
    title = noun_of(view.info).text(
        "{indicators} that fewest {nouns} have at the level {level}",
        indicators=view.info.indicator_plural,
        level=level_chip(levels[-1]).title,
    )
    note = listed(len(rows), len(some), locale)
    return [
        b.Heading(title, 3),
        b.Table(heads, rows),
        b.Paragraph(b.as_rich(note), "note") if note else None,
    ]
