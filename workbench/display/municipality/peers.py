"""Against whom: the municipality beside its peers."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.figures import score_text
from workbench.display.municipality.beside import typical_values
from workbench.display.municipality.chance import chance_blocks
from workbench.display.municipality.common import areas_of_view, median_of_all, section
from workbench.display.municipality.position import counts_cell, position_text
from workbench.display.parts import (
    locale_of,
    noun_of,
    number_cell,
)
from workbench.language import Locale, marked, printed_difference
from workbench.study.views import NodeView, UnitView

LONGEST_HEAD = 24


def peers(view: UnitView) -> b.Section:
    """Return how the unit compares with those of like size."""
    locale = locale_of(view.info)
    blocks: list[b.Block | None] = [b.Heading(locale.text("Compared with whom?"))]
    if view.n_cohort < 2:
        noun = noun_of(view.info)
        text = noun.text("This study holds one {noun}: there is no other to compare it with.")
        return section(view, [*blocks, b.Paragraph(b.as_rich(text))])
    enough = view.n_peers >= view.peer_minimum
    table = _peer_table(view, locale) if enough else _cohort_table(view, locale)
    if not enough:
        text = _too_few(view, locale, instead=table is not None)
        blocks.append(b.Paragraph(b.as_rich(text)))
    for node in view.headline:
        if enough and node.peers is not None and node.score is not None:
            blocks.append(b.Paragraph(_peer_sentence(view, node, locale)))
        position = position_text(view, node, locale)
        if position is not None:
            blocks.append(b.Paragraph(position))
    blocks.append(table)
    if table is not None:
        blocks.append(b.Paragraph(b.as_rich(_who_is_in(view, locale, enough=enough)), "note"))
    blocks += typical_values(view, locale)
    blocks += chance_blocks(view, locale)
    if enough and view.info.peers_source:
        note = locale.text("Peers: {source}.", source=view.info.peers_source)
        blocks.append(b.Paragraph(b.as_rich(note), "note"))
    return section(view, blocks)


def _too_few(view: UnitView, locale: Locale, *, instead: bool) -> str:
    """Return that there are not enough peers to speak of, and what stands instead of them."""
    text = locale.count(
        "The study has {n} peer ({peers}); with fewer than {minimum} peers their median is not "
        "given.",
        "The study has {n} peers ({peers}); with fewer than {minimum} peers their median is not "
        "given.",
        view.n_peers,
        peers=view.peer_title or _unknown_group(view, locale),
        minimum=locale.integer(view.peer_minimum),
    )
    if instead:
        noun = noun_of(view.info)
        text += " " + noun.text("All {nouns} of the study stand beside it instead.")
    return text


def _unknown_group(view: UnitView, locale: Locale) -> str:
    """Return what is not known of a unit that belongs to no group of peers."""
    if view.grouped_by == "population":
        return locale.text("size unknown")
    return locale.text("group unknown")


def _who_is_in(view: UnitView, locale: Locale, *, enough: bool) -> str:
    """Return whether the medians count the municipality itself."""
    n, noun = locale.integer(view.n_cohort), noun_of(view.info)
    if not enough:
        return noun.text("The median of all {n} counts {name} too.", n=n, name=view.name)
    text = noun.text(
        "The median of its peers leaves {name} out, the median of all {n} counts it.",
        n=n,
        name=view.name,
    )
    if view.grouped_by == "all":
        return text
    return f"{text} " + noun.text(
        "The cohort report counts every member of a group, so its median of the group can be "
        "another one."
    )


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


def _cohort_table(view: UnitView, locale: Locale) -> b.Block | None:
    """Return the areas beside the medians of all, where there are too few peers."""
    rows = [
        n
        for n in [*view.headline, *areas_of_view(view)]
        if n.score is not None and n.cohort is not None
    ]
    if not rows:
        return None
    heads = (
        b.ColumnHead(locale.text("Area"), width=2.6),
        b.ColumnHead(_own_name(view), "right"),
        b.ColumnHead(median_of_all(view, locale), "right"),
        b.ColumnHead(locale.text("Difference"), "right"),
    )
    body = tuple(
        b.Row(
            (
                b.cell(node.title),
                number_cell(node, node.score, locale),
                number_cell(node, node.cohort, locale),
                _apart(node, node.cohort, locale),
            ),
            strong=node in view.headline,
        )
        for node in rows
    )
    return b.Table(heads, body)


def _own_name(view: UnitView) -> str:
    """Return the name of the unit as the head of a column."""
    noun = noun_of(view.info)
    return view.name if len(view.name) <= LONGEST_HEAD else noun.text("This {noun}")


def _apart(node: NodeView, median: float | None, locale: Locale) -> b.Cell:
    """Return the distance of a result to a median, as printed."""
    if node.score is None or median is None:
        return b.cell("–")
    difference = printed_difference(node.score, median, node.decimals)
    return b.cell(locale.number(difference, node.decimals, sign=True), number=difference)


def _peers_counted(rows: list[NodeView], locale: Locale) -> str:
    """Return the name of the peers' median, with how many they are where that is one number."""
    counts = {n.n_peers for n in rows}
    if len(counts) > 1:
        return locale.text("Median of peers")
    return locale.text("Median of {n} peers", n=locale.integer(counts.pop()))


def _peer_table(view: UnitView, locale: Locale) -> b.Block | None:
    """Return the areas beside the medians of peers and of all."""
    rows = [
        n
        for n in [*view.headline, *areas_of_view(view)]
        if n.score is not None and n.peers is not None
    ]
    if not rows:
        return None
    heads = [
        b.ColumnHead(locale.text("Area"), width=2.6),
        b.ColumnHead(_own_name(view), "right"),
        b.ColumnHead(_peers_counted(rows, locale), "right"),
        b.ColumnHead(median_of_all(view, locale), "right"),
        b.ColumnHead(locale.text("Difference from peers"), "right"),
    ]
    places = [view.certainty.positions.get(n.code) for n in rows]
    told = any(p is not None and p.percentile is not None for p in places)
    if told:
        heads.append(b.ColumnHead(locale.text("Behind / level / ahead"), "right", 1.2))
    body = []
    for node, place in zip(rows, places, strict=True):
        body.append(
            b.Row(
                (
                    b.cell(node.title),
                    number_cell(node, node.score, locale),
                    number_cell(node, node.peers, locale),
                    number_cell(node, node.cohort, locale),
                    _apart(node, node.peers, locale),
                    *([counts_cell(place, locale)] if told else []),
                ),
                strong=node in view.headline,
            )
        )
    return b.Table(tuple(heads), tuple(body))
