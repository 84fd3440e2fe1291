"""Strengths and weaknesses: the areas that stand out."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.figures import score_of, score_text
from workbench.display.municipality.beside import quarters
from workbench.display.municipality.common import (
    areas_of_view,
    dated,
    level_title,
    place_of,
    section,
)
from workbench.display.parts import (
    at_the_top,
    locale_of,
    named,
    nothing_to_compare,
    value_text,
)
from workbench.display.standouts import bullets_of, first_of
from workbench.language import Locale, marked, printed_difference
from workbench.study.views import NodeView, UnitView

MOST_NAMED = 3
MOST_AT_LEVEL = 6


def strengths(view: UnitView) -> b.Section:
    """Return the areas that stand out: against peers if there are enough, by result, by level."""
    locale = locale_of(view.info)
    blocks: list[b.Block | None] = [b.Heading(locale.text("Strengths and weaknesses"))]
    rows = [n for n in areas_of_view(view) if n.score is not None]
    by_tier = _by_kind([(n.tier, n) for n in rows])
    against_peers = all(n.peers is not None for n in rows)
    levels = _by_kind([(n.scale or "", n) for n in areas_of_view(view) if n.level])
    if by_tier:
        for some in by_tier:
            name = dated(some[0].tier_title if len(by_tier) > 1 else "", some)
            suffix = f": {name}" if name else ""
            blocks += _scored(view, some, suffix, against_peers=against_peers, locale=locale)
        order = _order(locale, against_peers=against_peers)
        blocks.append(b.Paragraph(b.as_rich(order), "note"))
    elif any(i.beside.peers_median is not None for i in view.indicators):
        blocks += _by_indicator(view, locale)
    elif levels:
        for some in levels:
            suffix = f": {some[0].tier_title}" if len(levels) > 1 else ""
            blocks += _at_levels(view, some, suffix, locale)
    else:
        blocks.append(nothing_to_compare(areas_of_view(view), locale))
    return section(view, blocks)


def _by_kind(some: list[tuple[str, NodeView]]) -> list[list[NodeView]]:
    """Return areas that can be compared with each other; a kind with one area is left out."""
    kinds = {kind: [n for k, n in some if k == kind] for kind, _ in some}
    return [part for part in kinds.values() if len(part) > 1]


def _scored(
    view: UnitView, rows: list[NodeView], suffix: str, *, against_peers: bool, locale: Locale
) -> list[b.Block | None]:
    """Return the strongest and the weakest of areas with scores."""
    best, worst = _apart(view, rows, against_peers=against_peers)
    no_best = (
        locale.text("No area is above its peers.")
        if against_peers
        else locale.text("No area stands out.")
    )
    found: list[b.Block | None] = []
    for title, part, none in (
        (locale.text("Strongest"), best, no_best),
        (locale.text("Weakest"), worst, _no_worst(view, rows, best, locale)),
    ):
        items = tuple(
            _strength_item(view, n, against_peers=against_peers, locale=locale) for n in part
        )
        found += [b.Heading(title + suffix, 3)]
        found.append(bullets_of(items, locale) if items else b.Paragraph(b.as_rich(none)))
    return found


def _no_worst(view: UnitView, rows: list[NodeView], best: list[NodeView], locale: Locale) -> str:
    """Return why no area is among the weakest: all are at the top, or none is below its peers.

    The lowest result is named, unless it is one of those called strongest: its peers are lower.
    """
    if all(at_the_top(view.info, n) for n in rows):
        return locale.text("Every area is at the top.")
    least = min(rows, key=lambda n: (_share(n), n.code))
    if least in best:
        return locale.text("No area is below its peers.")
    return locale.text(
        "No area is below its peers. The lowest result is {title}: {score}.",
        title=least.title,
        score=score_of(least, least.score, locale),
    )


def _at_levels(
    view: UnitView, rows: list[NodeView], suffix: str, locale: Locale
) -> list[b.Block | None]:
    """Return the areas at the highest and at the lowest level that any of them reaches."""
    places = {n.code: place_of(view, n.scale, n.level) for n in rows}
    top, bottom = max(places.values()), min(places.values())
    if top == bottom:
        text = locale.text(
            "All areas are at {level}.", level=level_title(view, rows[0].level or "")
        )
        return [b.Paragraph(b.as_rich(text))]
    found: list[b.Block | None] = []
    for title, place in ((locale.text("Strongest"), top), (locale.text("Weakest"), bottom)):
        some = [n for n in rows if places[n.code] == place]
        said = locale.rich(
            "**{level}**: {names}",
            level=level_title(view, some[0].level or ""),
            names=named([n.title for n in some], MOST_AT_LEVEL, locale),
        )
        found += [b.Heading(title + suffix, 3), b.Bullets((said,))]
    return found


def _by_indicator(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return the raw indicators in the best and in the worst quarter of the peers."""
    found: list[b.Block | None] = []
    best, worst = quarters(view)
    for title, some, none in (
        (locale.text("In the best quarter of its peers"), best, locale.text("No indicator is.")),
        (locale.text("In the worst quarter of its peers"), worst, locale.text("No indicator is.")),
    ):
        items = tuple(
            locale.rich("**{title}**: {value}", title=i.title, value=value_text(i, locale))
            for i in some
        )
        found.append(b.Heading(title, 3))
        found.append(b.Bullets(items) if items else b.Paragraph(b.as_rich(none)))
    return found


def _order(locale: Locale, *, against_peers: bool) -> str:
    """Return how strengths and weaknesses were told apart."""
    if against_peers:
        return locale.text(
            "Strongest: areas at the top of their scale, then those farthest above the median of "
            "the peers. Weakest: those farthest below it."
        )
    return locale.text(
        "Ordered by result, because there are not enough peers to compare with. An area at the top "
        "of its scale is a strength."
    )


def _apart(
    view: UnitView, rows: list[NodeView], *, against_peers: bool
) -> tuple[list[NodeView], list[NodeView]]:
    """Return the strongest and the weakest areas; none is in both.

    Parameters
    ----------
    view : UnitView
    rows : list of NodeView
        Areas of one kind, with a result.
    against_peers : bool
        Whether they are measured against the median of the peers.
    """

    def worth(node: NodeView) -> float:
        return _strength(node, against_peers=against_peers)

    top = [n for n in rows if at_the_top(view.info, n)]
    rest = sorted((n for n in rows if n not in top), key=worth)
    most = sorted(rest, key=worth, reverse=True)
    k = min(MOST_NAMED, len(rows) // 2)
    if against_peers:
        worst = first_of([n for n in rest if worth(n) < 0], k, worth)
        best = [n for n in most if worth(n) > 0]
    else:
        worst = first_of(rest, k, worth)
        limit = max((worth(n) for n in worst), default=0.0)
        best = [n for n in most if worth(n) > limit]
    return [*top, *first_of(best, k - len(top), worth)], worst


def _strength(node: NodeView, *, against_peers: bool) -> float:
    """Return by how much an area stands out: its distance to the peers, else its result."""
    if not against_peers:
        return _share(node)
    away = printed_difference(node.score or 0.0, node.peers or 0.0, node.decimals)
    return -away if node.less_is_better else away


def _share(node: NodeView) -> float:
    """Return a result so that areas can be compared: of a maximum, the share of it."""
    score = (node.score or 0.0) / node.maximum if node.maximum else node.score or 0.0
    return -score if node.less_is_better else score


def _strength_item(
    view: UnitView, node: NodeView, *, against_peers: bool, locale: Locale
) -> b.Rich:
    """Return an area with its result and its distance to the peers."""
    values = {"title": node.title, "score": score_of(node, node.score, locale)}
    if not against_peers or node.peers is None or node.score is None:
        if at_the_top(view.info, node):
            return locale.rich("**{title}**: {score}, the top of the scale", **values)
        return locale.rich("**{title}**: {score}", **values)
    away = printed_difference(node.score, node.peers, node.decimals)
    if away > 0:
        text = marked(
            "**{title}**: {score}, {away} points above the median of its peers ({median})"
        )
    elif away < 0:
        text = marked(
            "**{title}**: {score}, {away} points below the median of its peers ({median})"
        )
    else:
        text = marked("**{title}**: {score}, equal to the median of its peers")
    return locale.rich(
        text,
        **values,
        away=locale.number(abs(away), node.decimals),
        median=score_text(node, node.peers, locale),
    )
