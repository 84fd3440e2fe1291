"""Strengths and weaknesses of the cohort, and what next."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.cohort.common import areas_of_view, section
from workbench.display.figures import score_text
from workbench.display.parts import locale_of, noun_of
from workbench.display.style import level_chip
from workbench.language import Locale
from workbench.study.views import CohortIndicator, CohortView, NodeView

MOST_NAMED = 3
MOST_STEPS = 12


def strengths(view: CohortView) -> b.Section:
    """Return the areas in which half of the cohort does best and worst."""
    locale, noun = locale_of(view.info), noun_of(view.info)
    blocks: list[b.Block | None] = [b.Heading(locale.text("Strengths and weaknesses"))]
    rows = [n for n in areas_of_view(view) if n.cohort is not None]
    by_tier = {n.tier: [m for m in rows if m.tier == n.tier] for n in rows}
    by_tier = {tier: some for tier, some in by_tier.items() if len(some) > 1}
    if not by_tier:
        text = locale.text("There are too few areas with a result to compare them.")
        return section(view, [*blocks, b.Paragraph(b.as_rich(text))])
    for some in by_tier.values():
        best, worst = _apart(some)
        suffix = f": {some[0].tier_title}" if len(by_tier) > 1 else ""
        for title, part in ((locale.text("Strongest"), best), (locale.text("Weakest"), worst)):
            items = tuple(_item(n, locale) for n in part)
            none = b.Paragraph(b.as_rich(locale.text("No area stands out.")))
            blocks += [b.Heading(title + suffix, 3), b.Bullets(items) if items else none]
    how = noun.text(
        "Ordered by the median of the {nouns}. An area can be hard for all: the order does "
        "not say why."
    )
    blocks.append(b.Paragraph(b.as_rich(how), "note"))
    return section(view, blocks)


def _apart(rows: list[NodeView]) -> tuple[list[NodeView], list[NodeView]]:
    """Return the areas with the highest and the lowest medians; none is in both."""
    ordered = sorted(rows, key=lambda n: (n.cohort or 0.0, n.code))
    k = min(MOST_NAMED, len(rows) // 2)
    worst = ordered[:k]
    limit = max(n.cohort or 0.0 for n in worst)
    best = [n for n in reversed(ordered) if (n.cohort or 0.0) > limit][:k]
    least = min((n.cohort or 0.0 for n in best), default=float("inf"))
    return best, [n for n in worst if (n.cohort or 0.0) < least] if best else []


def _item(node: NodeView, locale: Locale) -> b.Rich:
    """Return an area with its median and quartiles."""
    return locale.rich(
        "**{title}**: median {median}; the middle half lies between {low} and {high}",
        title=node.title,
        median=score_text(node, node.cohort, locale),
        low=score_text(node, node.low, locale),
        high=score_text(node, node.high, locale),
    )


def next_steps(view: CohortView) -> b.Section:
    """Return the indicators that most municipalities have one level below the best."""
    locale, noun = locale_of(view.info), noun_of(view.info)
    blocks: list[b.Block | None] = [b.Heading(locale.text("What next?"))]
    near = _nearest(view)
    if near:
        blocks += _steps(view, near, locale)
    else:
        text = noun.text(
            "The data hold no indicators of the {nouns}: which ones are closest to the next level "
            "can't be told from them."
        )
        blocks.append(b.Paragraph(b.as_rich(text)))
    calendar = (
        noun.text("The calendar is in the report of each {noun}.")
        if view.has_roadmap
        else locale.text("No calendar: the study has no roadmap.")
    )
    blocks.append(b.Paragraph(b.as_rich(calendar), "note"))
    return section(view, blocks)


def _nearest(view: CohortView) -> list[tuple[CohortIndicator, int]]:
    """Return indicators with the number of units one level below the best, most first."""
    found = []
    for indicator in view.indicators:
        levels = view.info.scales.get(indicator.scale or "", ())
        n = indicator.counts.get(levels[-2].id, 0) if len(levels) > 1 else 0
        if n:
            found.append((indicator, n))
    return sorted(found, key=lambda pair: (-pair[1], pair[0].code))[:MOST_STEPS]


def _steps(
    view: CohortView, near: list[tuple[CohortIndicator, int]], locale: Locale
) -> list[b.Block | None]:
    """Return the table of what is one level below the best."""
    levels = view.info.scales[near[0][0].scale or ""]
    below, best = level_chip(levels[-2]).title, level_chip(levels[-1]).title
    noun = noun_of(view.info)
    text = noun.text(
        "Indicators that most {nouns} have at {below}, one level below {best}. What each lacks is "
        "in its own report.",
        below=below,
        best=best,
    )
    heads = (
        b.ColumnHead(view.info.indicator_title, width=3.6),
        b.ColumnHead(below, "right"),
        b.ColumnHead(best, "right"),
    )
    rows = tuple(
        b.Row(
            (
                b.cell(f"{i.code} {i.title}"),
                b.cell(locale.integer(n), number=n),
                b.cell(locale.integer(i.counts.get(levels[-1].id, 0))),
            )
        )
        for i, n in near
        if i.scale == near[0][0].scale
    )
    return [b.Paragraph(b.as_rich(text)), b.Table(heads, rows)]
