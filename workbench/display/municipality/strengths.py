"""Strengths and weaknesses: the areas that stand out."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.figures import score_text
from workbench.display.municipality.beside import quarters
from workbench.display.municipality.common import areas_of_view, section
from workbench.display.parts import at_the_top, locale_of, value_text
from workbench.language import Locale, marked, printed_difference
from workbench.study.views import NodeView, UnitView

MOST_NAMED = 3


def strengths(view: UnitView) -> b.Section:
    """Return the areas that stand out, against peers if there are enough, else by their result."""
    locale = locale_of(view.info)
    blocks: list[b.Block | None] = [b.Heading(locale.text("Strengths and weaknesses"))]
    rows = [n for n in areas_of_view(view) if n.score is not None]
    tiers = {n.tier: n.tier_title for n in rows}
    by_tier = {t: [n for n in rows if n.tier == t] for t in tiers}
    by_tier = {t: some for t, some in by_tier.items() if len(some) > 1}
    if not by_tier and any(i.beside.peers_median is not None for i in view.indicators):
        return section(view, [*blocks, *_by_indicator(view, locale)])
    if not by_tier:
        text = locale.text("There are too few areas with a result to compare them.")
        return section(view, [*blocks, b.Paragraph(b.as_rich(text))])
    against_peers = all(n.peers is not None for n in rows)
    for tier, some in by_tier.items():
        best, worst = _apart(view, some, against_peers=against_peers)
        no_best = (
            locale.text("No area is above its peers.")
            if against_peers
            else locale.text("No area stands out.")
        )
        suffix = f": {tiers[tier]}" if len(by_tier) > 1 else ""
        for title, part, none in (
            (locale.text("Strongest"), best, no_best),
            (locale.text("Weakest"), worst, locale.text("Every area is at the top.")),
        ):
            items = tuple(
                _strength_item(view, n, against_peers=against_peers, locale=locale) for n in part
            )
            blocks += [b.Heading(title + suffix, 3)]
            blocks.append(b.Bullets(items) if items else b.Paragraph(b.as_rich(none)))
    blocks.append(b.Paragraph(b.as_rich(_order(locale, against_peers=against_peers)), "note"))
    return section(view, blocks)


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
            "the peers. Weakest: those farthest below it; where none is, the lowest result."
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
    top = [n for n in rows if at_the_top(view.info, n)]
    rest = sorted(
        (n for n in rows if n not in top),
        key=lambda n: (_strength(n, against_peers=against_peers), n.code),
    )
    k = min(MOST_NAMED, len(rows) // 2)
    if not against_peers:
        worst = rest[:k]
        limit = max((n.score or 0.0 for n in worst), default=0.0)
        best = [n for n in reversed(rest) if (n.score or 0.0) > limit]
        return [*top, *best[: max(k - len(top), 0)]], worst
    worst = [n for n in rest if _strength(n, against_peers=True) < 0][:k]
    if not worst and rest:
        least = min(n.score or 0.0 for n in rest)
        worst = [n for n in rest if n.score == least][:k]
    above = [n for n in reversed(rest) if n not in worst and _strength(n, against_peers=True) > 0]
    return [*top, *above[: max(k - len(top), 0)]], worst


def _strength(node: NodeView, *, against_peers: bool) -> float:
    """Return by how much an area stands out: its distance to the peers, else its result."""
    return printed_difference(
        node.score or 0.0, (node.peers or 0.0) if against_peers else 0.0, node.decimals
    )


def _strength_item(
    view: UnitView, node: NodeView, *, against_peers: bool, locale: Locale
) -> b.Rich:
    """Return an area with its result and its distance to the peers."""
    values = {"title": node.title, "score": score_text(node, node.score, locale)}
    if not against_peers or node.peers is None or node.score is None:
        if at_the_top(view.info, node):
            return locale.rich("**{title}**: {score}, the top of the scale", **values)
        return locale.rich("**{title}**: {score}", **values)
    away = _strength(node, against_peers=True)
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
