"""Every municipality with its place."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.cohort.common import main, section
from workbench.display.figures import score_text
from workbench.display.parts import locale_of, noun_of, number_cell, place_is_open
from workbench.language import Locale
from workbench.study.views import CohortRow, CohortView, NodeView


def ranking(view: CohortView) -> b.Section:
    """Return every municipality with its place, and what ties and missing data leave open."""
    locale, noun, node = locale_of(view.info), noun_of(view.info), main(view)
    blocks: list[b.Block | None] = [b.Heading(noun.text("All {nouns}"))]
    heads: tuple[b.ColumnHead, ...]
    if node is None:
        rows = tuple(b.Row((b.cell(r.name), b.cell(r.code), b.cell(r.peer))) for r in view.rows)
        heads = (
            b.ColumnHead(noun.title, width=2.4),
            b.ColumnHead(locale.text("Code")),
            b.ColumnHead(locale.text("Group"), width=2.0),
        )
        return section(view, [*blocks, b.Table(heads, rows)])
    heads = (
        b.ColumnHead(locale.text("Place"), "right", 0.6),
        b.ColumnHead(noun.title, width=2.4),
        b.ColumnHead(node.title, "right", 1.1),
        b.ColumnHead(locale.text("Could be"), "right", 1.5),
        b.ColumnHead(locale.text("Places possible"), "right", 1.0),
        b.ColumnHead(locale.text("Population"), "right", 1.0),
    )
    rows = tuple(_rank_row(view, r, node, locale) for r in view.rows)
    note = _key(view, locale)
    return section(view, [*blocks, b.Table(heads, rows), b.Paragraph(b.as_rich(note), "note")])


def _key(view: CohortView, locale: Locale) -> str:
    """Return what the marks of the ranking mean."""
    if not any(row.known for row in view.rows):
        return locale.text(
            "Places are by score; an asterisk marks places that are shared, a dagger data with "
            "defects. What the results could be, and so the places, is not known: the source "
            "publishes the results only, not what they are made of."
        )
    return locale.text(
        "Places are by score; an asterisk marks places that are shared, a dagger data with "
        "defects, and = that missing data can change nothing. What a result could be takes every "
        "indicator without information as failed or as reached."
    )


def _rank_row(view: CohortView, row: CohortRow, node: NodeView, locale: Locale) -> b.Row:
    """Return one municipality of the ranking."""
    low, high = row.low.get(node.code), row.high.get(node.code)
    open_ = low is not None and high is not None and high - low >= 10**-node.decimals
    between = (
        f"{score_text(node, low, locale)} – {score_text(node, high, locale)}" if open_ else "="
    )
    rank = row.rank
    unknown = locale.text("not known")
    between = between if row.known else unknown
    places = "=" if rank is not None and rank.known else unknown
    if rank is not None and place_is_open(rank):
        places = f"{locale.integer(rank.best)} – {locale.integer(rank.worst)}"
    shared = "*" if rank is not None and rank.ties > 1 else ""
    mark = " †" if row.n_warnings else ""
    place = f"{locale.integer(rank.rank)}{shared}" if rank else "–"
    return b.Row(
        (
            b.cell(place, number=rank.rank if rank else None),
            b.cell(row.name + mark),
            number_cell(node, row.scores[node.code], locale),
            b.cell(between),
            b.cell(places if rank else "–"),
            b.cell(locale.integer(row.population), number=row.population),
        )
    )
