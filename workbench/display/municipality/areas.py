"""Areas and indicators: every result with its level and coverage."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display import figures
from workbench.display.figures import score_of
from workbench.display.municipality.beside import beside_tables
from workbench.display.municipality.common import (
    areas_of_view,
    dated,
    is_best_level,
    level_title,
    open_levels,
    peer_median,
    section,
)
from workbench.display.municipality.indicators import indicator_tables
from workbench.display.municipality.overview import indicators_at_a_glance, made_of_blocks
from workbench.display.parts import (
    chip_of,
    indicators_of,
    locale_of,
    not_broken_down,
    number_cell,
    parts_of,
    what_is_known,
)
from workbench.language import Locale
from workbench.study.views import NodeView, UnitView


def areas(view: UnitView) -> b.Section:
    """Return the areas as bars and every indicator with its level."""
    locale = locale_of(view.info)
    blocks: list[b.Block | None] = [b.Heading(locale.text("Areas and indicators"))]
    rows = areas_of_view(view)
    drawn = [n for n in rows if n.score is not None or n.counts]
    tiers = list(dict.fromkeys(n.tier for n in drawn))
    for tier in tiers:
        some = [n for n in drawn if n.tier == tier]
        if len(tiers) > 1:
            blocks.append(b.Heading(dated(some[0].tier_title, some), 3))
        caption = dated("", some) if len(tiers) == 1 else ""
        blocks.append(_areas_figure(view, some, caption, locale))
    blocks += _how_to_read(view, drawn, locale)
    blocks += made_of_blocks(view, locale)
    known = {i.code for i in view.indicators if i.status != "missing"}
    if not known:
        blocks.append(b.Paragraph(b.as_rich(what_is_known(drawn, locale))))
        blocks += _node_tables(view, locale)
        return section(view, blocks)
    blocks += _node_tables(view, locale)
    blocks += indicators_at_a_glance(view, locale)
    blocks += indicator_tables(view, locale)
    blocks += beside_tables(view, locale)
    return section(view, blocks)


def _areas_figure(
    view: UnitView, rows: list[NodeView], caption: str, locale: Locale
) -> b.Figure | None:
    """Return one picture of areas of the same kind."""
    label = peer_median(view, locale) if any(n.peers is not None for n in rows) else ""
    with_parts = [(n, parts_of(view.info, n.counts, n.n_indicators)) for n in rows]
    if not any(parts or n.score is not None for n, parts in with_parts):
        return None
    svg = figures.areas(with_parts, label, locale)
    alt = "; ".join(f"{n.title}: {_in_words(n, parts, locale)}" for n, parts in with_parts)
    heads = [b.ColumnHead(rows[0].tier_title, width=2.6)]
    with_score = any(n.score is not None for n in rows)
    if with_score:
        heads.append(b.ColumnHead(locale.text("Result"), "right"))
    with_base = any(n.counts and n.unit == "percent" for n in rows)
    if with_base:
        heads.append(b.ColumnHead(locale.text("Measurable"), "right"))
    chips = {chip.title: None for _, parts in with_parts for chip, _ in parts}
    heads += [b.ColumnHead(title, "right") for title in chips]
    body = []
    for node, parts in with_parts:
        counts = {chip.title: n for chip, n in parts}
        cells = [
            b.cell(locale.integer(counts.get(t, 0.0)), number=counts.get(t, 0.0)) for t in chips
        ]
        base = [_base_cell(node, locale)] if with_base else []
        text = score_of(node, node.score, locale)
        score = [b.cell(text, number=node.score)] if with_score else []
        body.append(b.Row((b.cell(node.title), *score, *base, *cells)))
    return b.Figure(svg, alt, caption, b.Table(tuple(heads), tuple(body)))


def _in_words(node: NodeView, parts: list[figures.Part], locale: Locale) -> str:
    """Return what the picture shows of an area: its result, else its counts."""
    if node.score is not None:
        return score_of(node, node.score, locale)
    counted = [f"{chip.title} {locale.integer(n)}" for chip, n in parts if n]
    return ", ".join(counted) or locale.text("no result")


def _base_cell(node: NodeView, locale: Locale) -> b.Cell:
    """Return how many indicators a share divides by; a star where that is deduced."""
    if node.base is None:
        return b.cell(locale.text("not published"))
    return b.cell(locale.integer(node.base) + ("*" if node.base_deduced else ""), number=node.base)


def _how_to_read(view: UnitView, rows: list[NodeView], locale: Locale) -> list[b.Block | None]:
    """Return what the counts of the areas leave open, once."""
    level = level_title(view, view.info.share_level or "")
    said = []
    if any(n.counts and n.unit == "percent" for n in rows):
        said.append(
            locale.text(
                "A result is the number of {indicators} at the level {level} divided by the "
                "measurable.",
                indicators=indicators_of(view.info),
                level=level,
            )
            if is_best_level(view, view.info.share_level or "")
            else locale.text(
                "A result is the number of {indicators} at the level {level} or better divided by "
                "the measurable.",
                indicators=indicators_of(view.info),
                level=level,
            )
        )
    if any(n.base_deduced for n in rows):
        said.append(
            locale.text(
                "Measurable*: the source does not print this number; it is the only one that gives "
                "the printed percentage."
            )
        )
    titles = {c.title for n in rows for c, _ in parts_of(view.info, n.counts, n.n_indicators)}
    if not_broken_down(locale) in titles:
        all_in = all(n.base == n.n_indicators for n in rows if n.counts)
        said.append(
            locale.text(
                "Not broken down: indicators of an area whose state the source does not print. "
                "They are at a lower level or without information."
            )
            if all_in
            else locale.text(
                "Not broken down: indicators of an area whose state the source does not print. "
                "They can be at a lower level, without information, or not measurable."
            )
        )
    return [b.Paragraph(b.as_rich(" ".join(said)), "note")] if said else []


def _node_tables(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return groups that have levels, or that lie below the areas, as a table of results."""
    below = [n for n in view.nodes if _has_result(view, n) and n not in view.headline]
    if not below or (not any(n.level for n in below) and len(below) == len(areas_of_view(view))):
        return []
    with_score = any(n.score is not None for n in below)
    with_level = any(n.level for n in below)
    # What the parts give stands beside what the source reports, so that a reader can compare.
    again = any(_recomputed(n) for n in below)
    heads = [b.ColumnHead(locale.text("Area"), width=3.0)]
    if with_score:
        heads.append(b.ColumnHead(locale.text("Result"), "right"))
    if again:
        heads.append(b.ColumnHead(locale.text("Recomputed"), "right"))
    if with_level:
        assumed = all(n.level_assumed for n in below if n.level)
        title = locale.text("Level (assumed cut-points)") if assumed else locale.text("Level")
        heads.append(b.ColumnHead(title, width=1.8))
    heads.append(b.ColumnHead(locale.text("Observed"), "right"))
    inner = {parent for n in below for parent in n.parents}
    rows = []
    for node in below:
        cells = [b.cell(f"{node.title} ({node.wave})" if node.wave else node.title)]
        if with_score:
            cells.append(number_cell(node, node.score, locale))
        if again:
            shown = node.computed if _recomputed(node) else None
            cells.append(number_cell(node, shown, locale))
        if with_level:
            chip = chip_of(view.info, node.scale, node.level, node.status)
            between = open_levels(view, node) or "–"
            cells.append(b.cell(chip=chip) if node.level else b.cell(between))
        cells.append(b.cell(_coverage(node, locale)))
        rows.append(b.Row(tuple(cells), depth=max(node.depth - 1, 0), strong=node.code in inner))
    note = locale.text("Observed: the share of what a result needs that the data hold.")
    partly = any(n.status != "reported" for n in below)
    return [
        b.Table(tuple(heads), tuple(rows)),
        b.Paragraph(b.as_rich(note), "note") if partly else None,
    ]


def _recomputed(node: NodeView) -> bool:
    """Return whether a reported result can also be computed from its parts."""
    return node.status == "reported" and node.computed is not None and not node.counts


def _has_result(view: UnitView, node: NodeView) -> bool:
    """Return whether a group has a score or a level, or a level within bounds."""
    return node.score is not None or bool(node.level) or bool(open_levels(view, node))


def _coverage(node: NodeView, locale: Locale) -> str:
    """Return how a result came about, and the share of what it needs that was observed."""
    if node.status == "reported":
        return locale.text("as reported")
    return locale.percent(node.coverage * 100, 0)
