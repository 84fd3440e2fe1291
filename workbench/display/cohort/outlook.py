"""Strengths and weaknesses of the cohort, and what next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workbench.display import blocks as b
from workbench.display.cohort.common import (
    areas_of_view,
    indicators_in_levels,
    listed,
    section,
)
from workbench.display.figures import score_of, score_text
from workbench.display.parts import locale_of, nothing_to_compare, noun_of
from workbench.display.standouts import bullets_of, first_of
from workbench.display.style import level_chip
from workbench.display.values import natural, titled
from workbench.language import Locale, Noun, marked
from workbench.study.views import CohortIndicator, CohortView, LevelInfo, NodeView

MOST_NAMED = 3
MOST_STEPS = 12
# Kinds of which a unit's own report says what is lacking.
TELLS_WHAT_LACKS = frozenset({"checklist", "statement", "category", "measure", "benchmark"})


def strengths(view: CohortView) -> b.Section:
    """Return the areas in which half of the cohort does best and worst."""
    locale, noun = locale_of(view.info), noun_of(view.info)
    blocks: list[b.Block | None] = [b.Heading(locale.text("Strengths and weaknesses"))]
    rows = [n for n in areas_of_view(view) if n.cohort is not None]
    by_tier = _by_kind([(n.tier, n) for n in rows])
    levelled = _by_kind([(n.scale or "", n) for n in areas_of_view(view) if n.counts and n.scale])
    if by_tier:
        for some in by_tier:
            suffix = f": {some[0].tier_title}" if len(by_tier) > 1 else ""
            best, worst = _apart(some, _median)
            blocks += _lists(best, worst, suffix, lambda n: _item(n, noun), locale)
        how = noun.text(
            "Ordered by the median of the {nouns}. An area can be hard for all: the order does "
            "not say why."
        )
        blocks.append(b.Paragraph(b.as_rich(how), "note"))
    elif levelled and not rows:
        for some in levelled:
            suffix = f": {some[0].tier_title}" if len(levelled) > 1 else ""
            best, worst = _apart(some, lambda n: _shares(view, n))
            blocks += _lists(best, worst, suffix, lambda n: _level_item(view, n, locale), locale)
        how = noun.text(
            "How many {nouns} are at each level. Areas are ordered by the share at the best level, "
            "and where that is equal by the share at the next ones. An area can be hard for all: "
            "the order does not say why."
        )
        blocks.append(b.Paragraph(b.as_rich(how), "note"))
    else:
        blocks.append(nothing_to_compare(areas_of_view(view), locale))
    return section(view, blocks)


def _by_kind(some: list[tuple[str, NodeView]]) -> list[list[NodeView]]:
    """Return areas that can be compared with each other; a kind with one area is left out."""
    kinds = {kind: [n for k, n in some if k == kind] for kind, _ in some}
    return [part for part in kinds.values() if len(part) > 1]


def _lists(
    best: list[NodeView],
    worst: list[NodeView],
    suffix: str,
    item: Callable[[NodeView], b.Rich],
    locale: Locale,
) -> list[b.Block | None]:
    """Return the strongest and the weakest areas as lists."""
    found: list[b.Block | None] = []
    for title, part in ((locale.text("Strongest"), best), (locale.text("Weakest"), worst)):
        none = b.Paragraph(b.as_rich(locale.text("No area stands out.")))
        items = tuple(item(n) for n in part)
        found += [b.Heading(title + suffix, 3), bullets_of(items, locale) if items else none]
    return found


def _median(node: NodeView) -> float:
    """Return a median so that areas can be compared: of a maximum, the share of it."""
    median = (node.cohort or 0.0) / node.maximum if node.maximum else node.cohort or 0.0
    return -median if node.less_is_better else median


def _by_level(view: CohortView, node: NodeView) -> list[tuple[LevelInfo, int]]:
    """Return how many units are at each level of a node, the best level first."""
    levels = reversed(view.info.scales[node.scale or ""])
    return [(level, int(node.counts.get(level.id) or 0.0)) for level in levels]


def _shares(view: CohortView, node: NodeView) -> tuple[float, ...]:
    """Return the shares of the units with a level at the best one, at the two best, and so on."""
    counts = [n for _, n in _by_level(view, node)]
    return tuple(sum(counts[: k + 1]) / max(sum(counts), 1) for k in range(len(counts)))


def _apart(
    rows: list[NodeView], worth: Callable[[NodeView], Any]
) -> tuple[list[NodeView], list[NodeView]]:
    """Return the areas that are worth most and least; none is in both."""
    k = min(MOST_NAMED, len(rows) // 2)
    worst = first_of(sorted(rows, key=worth), k, worth)
    limit = max(worth(n) for n in worst)
    best = [n for n in sorted(rows, key=worth, reverse=True) if worth(n) > limit]
    if not best:
        return [], []
    return first_of(best, k, worth), worst


def _item(node: NodeView, noun: Noun) -> b.Rich:
    """Return an area with its median, and quartiles where enough units have a result."""
    locale = noun.locale
    median = score_of(node, node.cohort, locale)
    if node.low is None or node.high is None:
        return noun.rich(
            marked("**{title}**: median {median}, of {n} {nouns}")
            if node.n_units != 1
            else marked("**{title}**: {median}, of one {noun}"),
            title=node.title,
            median=median,
            n=locale.integer(node.n_units),
        )
    return locale.rich(
        "**{title}**: median {median}; the middle half lies between {low} and {high}",
        title=node.title,
        median=median,
        low=score_text(node, node.low, locale),
        high=score_text(node, node.high, locale),
    )


def _level_item(view: CohortView, node: NodeView, locale: Locale) -> b.Rich:
    """Return an area with how many units are at each of its levels."""
    counts = [
        f"{level_chip(level).title}: {locale.integer(n)}" for level, n in _by_level(view, node) if n
    ]
    return locale.rich("**{title}**: {counts}", title=node.title, counts=locale.listing(counts))


def next_steps(view: CohortView) -> b.Section:
    """Return the indicators that most municipalities have one level below the best."""
    locale, noun = locale_of(view.info), noun_of(view.info)
    blocks: list[b.Block | None] = [b.Heading(locale.text("What next?"))]
    steps = _steps(view, locale)
    blocks += steps
    if not steps:
        blocks.append(b.Paragraph(b.as_rich(_no_steps(view))))
    calendar = (
        noun.text("The calendar is in the report of each {noun}.")
        if view.has_roadmap
        else locale.text("No calendar: the study has no roadmap.")
    )
    blocks.append(b.Paragraph(b.as_rich(calendar), "note"))
    return section(view, blocks)


def _no_steps(view: CohortView) -> str:
    """Return why no next step is listed."""
    noun = noun_of(view.info)
    if not view.info.has_indicators:
        return noun.text(
            "The data hold no indicators of the {nouns}: which ones are closest to the next level "
            "can't be told from them."
        )
    if not view.indicators and view.info.has_conditions:
        return noun.text("What the next level asks for is in the report of each {noun}.")
    if not view.indicators:
        text = noun.locale.text("The indicators have no levels, so no next one can be named.")
        if any(m.n > view.group_minimum for m in view.measures):
            text += " " + noun.text(
                "The report of each {noun} sets its values beside those of its peers, where they "
                "are enough."
            )
        return text
    return noun.text("No indicator is one level below its best one in any of the {nouns}.")


def _steps(view: CohortView, locale: Locale) -> list[b.Block | None]:
    """Return the indicators that most units have one level below the best, scale by scale."""
    found: list[b.Block | None] = []
    known = indicators_in_levels(view)
    for scale in dict.fromkeys(i.scale or "" for i in known):
        levels = view.info.scales[scale]
        if len(levels) < 2:
            continue
        below = [(i, i.counts.get(levels[-2].id, 0)) for i in known if i.scale == scale]
        some = sorted(
            ((i, n) for i, n in below if n), key=lambda pair: (-pair[1], natural(pair[0].code))
        )
        if some:
            found += _scale_steps(view, levels, some, locale)
    return found


def _scale_steps(
    view: CohortView,
    levels: tuple[LevelInfo, ...],
    some: list[tuple[CohortIndicator, int]],
    locale: Locale,
) -> list[b.Block | None]:
    """Return the table of what is one level below the best of one scale."""
    below, best = level_chip(levels[-2]).title, level_chip(levels[-1]).title
    noun, near = noun_of(view.info), some[:MOST_STEPS]
    text = noun.text(
        "{indicators} that most {nouns} have at the level {below}, the one before {best}.",
        indicators=view.info.indicator_plural,
        below=below,
        best=best,
    )
    cut = listed(len(near), len(some), locale)
    text += f" {cut}" if cut else ""
    if any(i.kind in TELLS_WHAT_LACKS for i, _ in near):
        text += " " + noun.text("What each {noun} lacks is in its own report.")
    heads = (
        b.ColumnHead(view.info.indicator_title, width=3.6),
        b.ColumnHead(below, "right"),
        b.ColumnHead(best, "right"),
    )
    rows = tuple(
        b.Row(
            (
                b.cell(titled(i.code, i.title)),
                b.cell(locale.integer(n), number=n),
                b.cell(locale.integer(i.counts.get(levels[-1].id, 0))),
            )
        )
        for i, n in near
    )
    return [b.Paragraph(b.as_rich(text)), b.Table(heads, rows)]
