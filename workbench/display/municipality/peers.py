"""Against whom: the municipality beside its peers."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.figures import score_text
from workbench.display.municipality.common import areas_of_view, section
from workbench.display.parts import (
    locale_of,
    number_cell,
)
from workbench.language import Locale, marked, printed_difference
from workbench.study.views import NodeView, UnitView


def peers(view: UnitView) -> b.Section:
    """Return how the unit compares with those of like size."""
    locale = locale_of(view.info)
    blocks: list[b.Block | None] = [b.Heading(locale.text("Compared with whom?"))]
    if view.n_cohort < 2:
        text = locale.text("This study holds one municipality: there is nobody to compare with.")
        return section(view, [*blocks, b.Paragraph(b.as_rich(text))])
    if view.n_peers < view.peer_minimum:
        text = locale.text(
            "The study has {n} peers ({peers}); below {minimum} no comparison is made.",
            n=locale.integer(view.n_peers),
            peers=view.peer_title or locale.text("size unknown"),
            minimum=locale.integer(view.peer_minimum),
        )
        return section(view, [*blocks, b.Paragraph(b.as_rich(text))])
    for node in view.headline:
        if node.peers is not None and node.score is not None:
            blocks.append(b.Paragraph(_peer_sentence(view, node, locale)))
    blocks.append(_peer_table(view, locale))
    if view.info.peers_source:
        note = locale.text("Peers: {source}.", source=view.info.peers_source)
        blocks.append(b.Paragraph(b.as_rich(note), "note"))
    return section(view, blocks)


def _peer_sentence(view: UnitView, node: NodeView, locale: Locale) -> b.Rich:
    """Return the distance to the median of the peers."""
    assert node.score is not None and node.peers is not None  # noqa: PT018, S101
    difference = printed_difference(node.score, node.peers, node.decimals)
    points = locale.number(abs(difference), node.decimals)
    if abs(difference) < 0.5 * 10**-node.decimals:
        source = marked("**{title}: equal to the median of its {n} peers** ({peers}), {median}.")
    elif difference > 0:
        source = marked(
            "**{title}: {points} points above the median of its {n} peers** ({peers}), {median}."
        )
    else:
        source = marked(
            "**{title}: {points} points below the median of its {n} peers** ({peers}), {median}."
        )
    return locale.rich(
        source,
        title=node.title,
        points=points,
        n=locale.integer(node.n_peers),
        peers=view.peer_title,
        median=score_text(node, node.peers, locale),
    )


def _peer_table(view: UnitView, locale: Locale) -> b.Block | None:
    """Return the areas beside the medians of peers and of all."""
    rows = [
        n
        for n in [*view.headline, *areas_of_view(view)]
        if n.score is not None and n.peers is not None
    ]
    if not rows:
        return None
    heads = (
        b.ColumnHead(locale.text("Area"), width=2.6),
        b.ColumnHead(
            view.name if len(view.name) <= 24 else locale.text("This municipality"), "right"
        ),
        b.ColumnHead(locale.text("Median of {n} peers", n=locale.integer(view.n_peers)), "right"),
        b.ColumnHead(locale.text("Median of all {n}", n=locale.integer(view.n_cohort)), "right"),
        b.ColumnHead(locale.text("Difference from peers"), "right"),
    )
    body = []
    for node in rows:
        assert node.score is not None and node.peers is not None  # noqa: PT018, S101
        difference = printed_difference(node.score, node.peers, node.decimals)
        body.append(
            b.Row(
                (
                    b.cell(node.title),
                    number_cell(node, node.score, locale),
                    number_cell(node, node.peers, locale),
                    number_cell(node, node.cohort, locale),
                    b.cell(locale.number(difference, node.decimals, sign=True), number=difference),
                ),
                strong=node in view.headline,
            )
        )
    return b.Table(heads, tuple(body))
