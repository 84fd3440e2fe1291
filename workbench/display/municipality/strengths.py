"""Strengths and weaknesses: the areas that stand out."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.figures import score_text
from workbench.display.municipality.common import areas_of_view, section
from workbench.display.parts import (
    locale_of,
)
from workbench.language import Locale, marked, printed_difference
from workbench.study.views import NodeView, UnitView


def strengths(view: UnitView) -> b.Section:
    """Return the areas that stand out, against peers if there are enough, else by their result."""
    locale = locale_of(view.info)
    blocks: list[b.Block | None] = [b.Heading(locale.text("Strengths and weaknesses"))]
    rows = [n for n in areas_of_view(view) if n.score is not None]
    tiers = {n.tier: n.tier_title for n in rows}
    by_tier = {t: [n for n in rows if n.tier == t] for t in tiers}
    by_tier = {t: some for t, some in by_tier.items() if len(some) > 1}
    if not by_tier:
        text = locale.text("There are too few areas with a result to compare them.")
        return section(view, [*blocks, b.Paragraph(b.as_rich(text))])
    against_peers = all(n.peers is not None for n in rows)
    for tier, some in by_tier.items():
        ordered = sorted(some, key=lambda n: (-_strength(n, against_peers=against_peers), n.code))
        k = min(3, len(ordered) // 2)
        suffix = f": {tiers[tier]}" if len(by_tier) > 1 else ""
        best, worst = ordered[:k], list(reversed(ordered[-k:]))
        if against_peers:
            best = [n for n in best if _strength(n, against_peers=True) > 0]
            worst = [n for n in worst if _strength(n, against_peers=True) < 0]
        for title, part, none in (
            (locale.text("Strongest"), best, locale.text("No area is above its peers.")),
            (locale.text("Weakest"), worst, locale.text("No area is below its peers.")),
        ):
            items = tuple(
                _strength_item(n, against_peers=against_peers, locale=locale) for n in part
            )
            blocks += [b.Heading(title + suffix, 3)]
            blocks.append(b.Bullets(items) if items else b.Paragraph(b.as_rich(none)))
    how = (
        locale.text("Ordered by the distance to the median of the peers.")
        if against_peers
        else locale.text("Ordered by result: without enough peers there is no other yardstick.")
    )
    blocks.append(b.Paragraph(b.as_rich(how), "note"))
    return section(view, blocks)


def _strength(node: NodeView, *, against_peers: bool) -> float:
    """Return by how much an area stands out: its distance to the peers, else its result."""
    return printed_difference(
        node.score or 0.0, (node.peers or 0.0) if against_peers else 0.0, node.decimals
    )


def _strength_item(node: NodeView, *, against_peers: bool, locale: Locale) -> b.Rich:
    """Return an area with its result and its distance to the peers."""
    if not against_peers or node.peers is None or node.score is None:
        return locale.rich(
            "**{title}**: {score}", title=node.title, score=score_text(node, node.score, locale)
        )
    away = _strength(node, against_peers=True)
    text = (
        marked("**{title}**: {score}, {away} points above the median of its peers ({median})")
        if away > 0
        else marked("**{title}**: {score}, {away} points below the median of its peers ({median})")
    )
    return locale.rich(
        text,
        title=node.title,
        score=score_text(node, node.score, locale),
        away=locale.number(abs(away), node.decimals),
        median=score_text(node, node.peers, locale),
    )
