"""Every municipality with its place or level."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.cohort.common import is_scored, main, section
from workbench.display.cohort.measures import alone, everyone
from workbench.display.figures import score_text
from workbench.display.parts import chip_of, locale_of, noun_of, number_cell, place_is_open
from workbench.language import Locale
from workbench.study.views import CohortRow, CohortView, NodeView, RankInfo

MOST_RESULTS = 3
# Columns with ranges of places beyond which populations, which each report has, are left out.
WIDEST = 9

Column = tuple[b.ColumnHead, list[b.Cell]]


def ranking(view: CohortView) -> b.Section:
    """Return every municipality with its results, and what ties and missing data leave open."""
    locale, noun, node = locale_of(view.info), noun_of(view.info), main(view)
    if node is None and alone(view):
        return section(view, [b.Heading(noun.text("All {nouns}")), *everyone(view, locale)])
    marks = [" †" if r.n_warnings else "" for r in view.rows]
    names = [b.cell(r.name + mark) for r, mark in zip(view.rows, marks, strict=True)]
    columns: list[Column] = [(b.ColumnHead(noun.title, width=2.4), names)]
    note = ""
    if node is None:
        columns += [
            (b.ColumnHead(locale.text("Code")), [b.cell(r.code) for r in view.rows]),
            *_group(view, locale),
        ]
    elif is_scored(view, node):
        columns = [_places(view, locale), *columns, *_scores(view, node, locale)]
        note = _key(view, locale)
    else:
        columns += _levels(view, node, locale)
        note = locale.text("= means that missing data can change nothing.")
    columns += [_other(view, n, locale) for n in _others(view, node)]
    if not view.certainty.places or len(columns) < WIDEST:
        columns += _population(view, locale)
    table = b.Table(
        tuple(head for head, _ in columns),
        tuple(b.Row(cells) for cells in zip(*(cells for _, cells in columns), strict=True)),
    )
    blocks: list[b.Block | None] = [b.Heading(noun.text("All {nouns}")), table]
    if note and len(view.rows) > 1:
        blocks.append(b.Paragraph(b.as_rich(note), "note"))
    return section(view, blocks)


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
        "indicator without information at its worst and at its best."
    )


def _places(view: CohortView, locale: Locale) -> Column:
    """Return the column of places."""
    cells = [_place(r.rank, locale) for r in view.rows]
    return b.ColumnHead(locale.text("Place"), "right", 0.6), cells


def _place(rank: RankInfo | None, locale: Locale) -> b.Cell:
    """Return a place, with an asterisk where it is shared; a dash for none."""
    if rank is None:
        return b.cell("–")
    return b.cell(f"{locale.integer(rank.rank)}{'*' if rank.ties > 1 else ''}", number=rank.rank)


def _before(view: CohortView, node: NodeView, locale: Locale) -> list[Column]:
    """Return the columns of score and place at the baseline, where any is known."""
    if all(r.earlier_rank is None for r in view.rows):
        return []
    places = [_place(r.earlier_rank, locale) for r in view.rows]
    then = locale.text("Place in {wave}", wave=view.baseline_title or "")
    column = (b.ColumnHead(then, "right", 0.8), places)
    if node.own_wave == "whole":
        return [column]
    scores = [number_cell(node, r.earlier, locale) for r in view.rows]
    return [(b.ColumnHead(view.baseline_title or "", "right", 1.0), scores), column]


def _scores(view: CohortView, node: NodeView, locale: Locale) -> list[Column]:
    """Return the columns of the score, of what it could be, and of the places that are possible."""
    scores = [number_cell(node, r.scores[node.code], locale) for r in view.rows]
    return [
        (b.ColumnHead(node.title, "right", 1.1), scores),
        *_before(view, node, locale),
        (
            b.ColumnHead(locale.text("Could be"), "right", 1.5),
            [b.cell(between(r, node, locale)) for r in view.rows],
        ),
        (
            b.ColumnHead(locale.text("Places possible"), "right", 1.0),
            [b.cell(_places_possible(r, locale)) for r in view.rows],
        ),
        *_ranges(view, locale),
    ]


def _ranges(view: CohortView, locale: Locale) -> list[Column]:
    """Return the columns of the places that measurement error and other weights give."""
    titles = {
        "error": locale.text("By measurement error"),
        "choices": locale.text("With other weights"),
    }
    known: dict[tuple[str, str], str] = {
        (row.code, p.basis): locale.integer(p.low)
        if p.low == p.high
        else f"{locale.integer(p.low)} – {locale.integer(p.high)}"
        for row in view.rows
        for p in view.certainty.places.get(row.code, ())
    }
    return [
        (
            b.ColumnHead(title, "right", 1.0),
            [b.cell(known.get((row.code, basis), "–")) for row in view.rows],
        )
        for basis, title in titles.items()
        if any(basis == found for _, found in known)
    ]


def between(row: CohortRow, node: NodeView, locale: Locale) -> str:
    """Return the scores that missing data leave open."""
    low, high = row.low.get(node.code), row.high.get(node.code)
    if not row.known:
        return locale.text("not known")
    if low is None or high is None:
        return "=" if row.scores[node.code] is not None else "–"
    if high - low < 10**-node.decimals:
        return "="
    return f"{score_text(node, low, locale)} – {score_text(node, high, locale)}"


def _places_possible(row: CohortRow, locale: Locale) -> str:
    """Return the places that missing data leave open."""
    if row.rank is None:
        return "–"
    if place_is_open(row.rank):
        return f"{locale.integer(row.rank.best)} – {locale.integer(row.rank.worst)}"
    return "=" if row.rank.known else locale.text("not known")


def _levels(view: CohortView, node: NodeView, locale: Locale) -> list[Column]:
    """Return the columns of the level and of the levels that missing data leave open."""
    titles = {level.id: level.title for level in view.info.scales.get(node.scale or "", ())}
    open_ = []
    for row in view.rows:
        low, high = row.levels_low.get(node.code), row.levels_high.get(node.code)
        if low is None or high is None:
            open_.append(b.cell("–"))
        elif low == high:
            open_.append(b.cell("="))
        else:
            open_.append(b.cell(f"{titles[low]} – {titles[high]}"))
    chips = [_level_cell(view, r, node) for r in view.rows]
    return [
        (b.ColumnHead(node.title, width=1.6), chips),
        (b.ColumnHead(locale.text("Could be"), width=1.8), open_),
    ]


def _level_cell(view: CohortView, row: CohortRow, node: NodeView) -> b.Cell:
    """Return the level of a unit as a cell."""
    chip = chip_of(view.info, node.scale, row.levels.get(node.code), "")
    return b.cell(chip=chip) if chip else b.cell("–")


def _others(view: CohortView, node: NodeView | None) -> list[NodeView]:
    """Return the results beside the first one."""
    codes = [c for c in view.headline if node is None or c != node.code]
    return [n for n in view.nodes if n.code in codes][:MOST_RESULTS]


def _other(view: CohortView, node: NodeView, locale: Locale) -> Column:
    """Return the column of another result."""
    if is_scored(view, node):
        scores = [number_cell(node, r.scores[node.code], locale) for r in view.rows]
        return b.ColumnHead(node.title, "right", 1.1), scores
    return b.ColumnHead(node.title, width=1.4), [_level_cell(view, r, node) for r in view.rows]


def _group(view: CohortView, locale: Locale) -> list[Column]:
    """Return the column of groups, where there are several."""
    if len({r.peer for r in view.rows}) < 2:
        return []
    return [(b.ColumnHead(locale.text("Group"), width=2.0), [b.cell(r.peer) for r in view.rows])]


def _population(view: CohortView, locale: Locale) -> list[Column]:
    """Return the column of populations, where any is known."""
    if all(r.population is None for r in view.rows):
        return []
    cells = [b.cell(locale.integer(r.population), number=r.population) for r in view.rows]
    return [(b.ColumnHead(locale.text("Population"), "right", 1.0), cells)]
