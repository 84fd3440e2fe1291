"""Areas and indicators of all municipalities."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display import cohort_figures as figures
from workbench.display.cohort.common import MOST_LISTED, areas_of_view, section
from workbench.display.parts import locale_of, noun_of, number_cell, what_is_known
from workbench.display.style import level_chip
from workbench.language import Locale
from workbench.study.views import CohortRow, CohortView, NodeView

MOST_INDICATORS = 15


def areas(view: CohortView) -> b.Section:
    """Return the areas of all municipalities: what is typical, and a map of who stands where."""
    locale = locale_of(view.info)
    blocks: list[b.Block | None] = [b.Heading(locale.text("Areas and indicators"))]
    rows = [n for n in areas_of_view(view) if n.cohort is not None]
    if rows:
        heads = (
            b.ColumnHead(rows[0].tier_title, width=2.6),
            b.ColumnHead(locale.text("Lower quartile"), "right"),
            b.ColumnHead(locale.text("Median"), "right"),
            b.ColumnHead(locale.text("Upper quartile"), "right"),
        )
        body = tuple(
            b.Row(
                (
                    b.cell(n.title),
                    number_cell(n, n.low, locale),
                    number_cell(n, n.cohort, locale),
                    number_cell(n, n.high, locale),
                )
            )
            for n in rows
        )
        blocks.append(b.Table(heads, body))
        tier = [n for n in rows if n.tier == rows[0].tier]
        some = [r for r in view.rows if any(r.scores[n.code] is not None for n in tier)]
        if len(some) > 1 and len(tier) > 1:
            blocks += _map(view, some, tier, locale)
    blocks += _indicators(view, locale)
    return section(view, blocks)


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
    """Return the indicators that fewest municipalities have at the best level."""
    known = [i for i in view.indicators if i.scale]
    if not known:
        areas = [n for n in areas_of_view(view) if n.cohort is not None]
        return [b.Paragraph(b.as_rich(what_is_known(areas, locale)))]
    levels = view.info.scales[known[0].scale or ""]
    best = levels[-1]
    same = [i for i in known if i.scale == known[0].scale]
    ordered = sorted(same, key=lambda i: (i.counts.get(best.id, 0), i.code))[:MOST_INDICATORS]
    heads = (
        b.ColumnHead(view.info.indicator_title, width=3.4),
        *(b.ColumnHead(level.title, "right", 0.8) for level in reversed(levels)),
        b.ColumnHead(locale.text("No level"), "right", 0.8),
    )
    rows = tuple(
        b.Row(
            (
                b.cell(f"{i.code} {i.title}"),
                *(
                    b.cell(locale.integer(i.counts[level.id]), number=i.counts[level.id])
                    for level in reversed(levels)
                ),
                b.cell(locale.integer(i.counts["none"]), number=i.counts["none"]),
            )
        )
        for i in ordered
    )
    noun = noun_of(view.info)
    title = noun.text(
        "Indicators that fewest {nouns} have at {level}", level=level_chip(best).title
    )
    return [b.Heading(title, 3), b.Table(heads, rows)]
