"""The sections of a cohort's report."""

from __future__ import annotations

import datetime as dt

from workbench.display import blocks as b
from workbench.display import cohort_figures as figures
from workbench.display.figures import score_text
from workbench.display.parts import (
    areas_of,
    assumed_callout,
    example_callout,
    locale_of,
    method_blocks,
    notes_blocks,
    number_cell,
    place_is_open,
    rules_blocks,
)
from workbench.display.style import level_chip
from workbench.language import Locale, plain, printed_difference
from workbench.study.views import CohortRow, CohortView, NodeView

MOST_LISTED = 60
MOST_INDICATORS = 15


def _section(view: CohortView, blocks: list[b.Block | None]) -> b.Section:
    """Return blocks as a section in the language of the view."""
    return b.Section(blocks, view.info.locale)


def _main(view: CohortView) -> NodeView | None:
    """Return the node by which the cohort is ordered."""
    code = view.headline[0] if view.headline else None
    return next((n for n in view.nodes if n.code == code), None)


def _areas(view: CohortView) -> list[NodeView]:
    """Return the areas of the report: what the headline is made of, and groupings beside it."""
    return areas_of(view.nodes, list(view.headline))


def cover(view: CohortView) -> b.Section:
    """Return the head of the report."""
    locale, info = locale_of(view.info), view.info
    date = locale.date(dt.date.fromisoformat(view.wave_date)) if view.wave_date else view.wave_title
    facts = [
        (locale.text("Municipalities"), locale.integer(view.n)),
        (locale.text("Measurement"), date),
    ]
    if view.stage:
        facts.append((locale.text("Stage"), view.stage))
    badge = locale.text("Example") if info.example else ""
    head = b.Cover(
        info.title,
        info.instrument_title,
        locale.text("Cohort report"),
        tuple(facts),
        badge,
        info.instrument_language,
    )
    lead = b.Paragraph(b.as_rich(info.description)) if info.description else None
    return _section(view, [head, lead, example_callout(info, locale)])


def where(view: CohortView) -> b.Section:
    """Return where the cohort stands: one sentence, one picture."""
    locale, node = locale_of(view.info), _main(view)
    blocks: list[b.Block | None] = [b.Heading(locale.text("Where does the cohort stand?"))]
    scored = [r for r in view.rows if node is not None and r.scores[node.code] is not None]
    if node is None or node.cohort is None or not scored:
        blocks += _by_levels(view, locale)
        blocks.append(assumed_callout(view.info, view.assumptions, locale))
        return _section(view, blocks)
    best, worst = scored[0], scored[-1]
    text = locale.rich(
        "**Half of the {n} municipalities reach {median} or more.** The highest is {best} "
        "({top}), the lowest {worst} ({bottom}).",
        n=locale.integer(len(scored)),
        median=score_text(node, node.cohort, locale),
        best=best.name,
        top=score_text(node, best.scores[node.code], locale),
        worst=worst.name,
        bottom=score_text(node, worst.scores[node.code], locale),
    )
    blocks.append(b.Paragraph(text, "lead"))
    svg = figures.distribution(node, scored, locale.text("Median"), locale)
    alt = plain(text)
    rows = (
        b.Row((b.cell(locale.text("Lower quartile")), number_cell(node, node.low, locale))),
        b.Row((b.cell(locale.text("Median")), number_cell(node, node.cohort, locale))),
        b.Row((b.cell(locale.text("Upper quartile")), number_cell(node, node.high, locale))),
    )
    heads = (b.ColumnHead(locale.text("What")), b.ColumnHead(node.title, "right"))
    blocks.append(b.Figure(svg, alt, "", b.Table(heads, rows)))
    if view.baseline_title:
        blocks.append(_change(view, node, scored, locale))
    blocks.append(assumed_callout(view.info, view.assumptions, locale))
    return _section(view, blocks)


def _change(view: CohortView, node: NodeView, rows: list[CohortRow], locale: Locale) -> b.Block:
    """Return how many units rose and fell since the baseline."""
    scored = [(r.scores[node.code], r.earlier) for r in rows]
    pairs = [(now, then) for now, then in scored if now is not None and then is not None]
    moved = [printed_difference(now, then, node.decimals) for now, then in pairs]
    up, down = sum(m > 0 for m in moved), sum(m < 0 for m in moved)
    text = locale.rich(
        "Of {n} municipalities measured also in {before}, **{up} rose and {down} fell**.",
        n=locale.integer(len(pairs)),
        before=view.baseline_title or "",
        up=locale.integer(up),
        down=locale.integer(down),
    )
    return b.Paragraph(text)


def _by_levels(view: CohortView, locale: Locale) -> list[b.Block | None]:
    """Return how many units are at each level of each group, for instruments without a total."""
    text = locale.text("This instrument gives no total: its results stand side by side.")
    found: list[b.Block | None] = [b.Paragraph(b.as_rich(text), "lead")]
    rows = [n for n in view.nodes if n.counts and n.scale]
    if not rows:
        return found
    scale = rows[0].scale or ""
    levels = list(reversed(view.info.scales[scale]))
    heads = (
        b.ColumnHead(rows[0].tier_title, width=3.0),
        *(b.ColumnHead(level.title, "right", 0.6) for level in levels),
    )
    body = tuple(
        b.Row(
            (
                b.cell(n.title),
                *(
                    b.cell(locale.integer(n.counts.get(lv.id)), number=n.counts.get(lv.id))
                    for lv in levels
                ),
            )
        )
        for n in rows
        if n.scale == scale
    )
    found.append(b.Table(heads, body))
    return found


def groups(view: CohortView) -> b.Section:
    """Return how results differ by group of municipalities."""
    locale, node = locale_of(view.info), _main(view)
    blocks: list[b.Block | None] = [b.Heading(locale.text("By size of municipality"))]
    some = [g for g in view.groups if g.n]
    if node is None or len(some) < 2:
        text = locale.text("The study declares no groups with results to compare.")
        return _section(view, [*blocks, b.Paragraph(b.as_rich(text))])
    entries = [(g.title, g.n, g.lower, g.median, g.upper) for g in some]
    rows = tuple(
        b.Row(
            (
                b.cell(g.title),
                b.cell(locale.integer(g.n), number=g.n),
                number_cell(node, g.lower, locale),
                number_cell(node, g.median, locale),
                number_cell(node, g.upper, locale),
            )
        )
        for g in some
    )
    heads = (
        b.ColumnHead(locale.text("Group"), width=2.4),
        b.ColumnHead(locale.text("Municipalities"), "right"),
        b.ColumnHead(locale.text("Lower quartile"), "right"),
        b.ColumnHead(locale.text("Median"), "right"),
        b.ColumnHead(locale.text("Upper quartile"), "right"),
    )
    alt = "; ".join(
        f"{g.title}: {score_text(node, g.median, locale)}" for g in some if g.median is not None
    )
    svg = figures.groups(entries, node, locale)
    note = locale.text(
        "The bar is the middle half of the group, the line its median. Groups of fewer than {n} "
        "are not summarised. The difference between groups is described here, not tested.",
        n=locale.integer(view.group_minimum),
    )
    return _section(
        view,
        [
            *blocks,
            b.Figure(svg, alt, "", b.Table(heads, rows)),
            b.Paragraph(b.as_rich(note), "note"),
        ],
    )


def ranking(view: CohortView) -> b.Section:
    """Return every municipality with its place, and what ties and missing data leave open."""
    locale, node = locale_of(view.info), _main(view)
    blocks: list[b.Block | None] = [b.Heading(locale.text("All municipalities"))]
    heads: tuple[b.ColumnHead, ...]
    if node is None:
        rows = tuple(b.Row((b.cell(r.name), b.cell(r.code), b.cell(r.peer))) for r in view.rows)
        heads = (
            b.ColumnHead(locale.text("Municipality"), width=2.4),
            b.ColumnHead(locale.text("Code")),
            b.ColumnHead(locale.text("Group"), width=2.0),
        )
        return _section(view, [*blocks, b.Table(heads, rows)])
    heads = (
        b.ColumnHead(locale.text("Place"), "right", 0.6),
        b.ColumnHead(locale.text("Municipality"), width=2.4),
        b.ColumnHead(node.title, "right", 1.1),
        b.ColumnHead(locale.text("Could be"), "right", 1.5),
        b.ColumnHead(locale.text("Places possible"), "right", 1.0),
        b.ColumnHead(locale.text("Population"), "right", 1.0),
    )
    rows = tuple(_rank_row(view, r, node, locale) for r in view.rows)
    note = locale.text(
        "Places are by score; an asterisk marks places that are shared, a dagger data with "
        "defects, and = that missing data can change nothing. What a result could be takes every "
        "indicator without information as failed or as reached."
    )
    return _section(view, [*blocks, b.Table(heads, rows), b.Paragraph(b.as_rich(note), "note")])


def _rank_row(view: CohortView, row: CohortRow, node: NodeView, locale: Locale) -> b.Row:
    """Return one municipality of the ranking."""
    low, high = row.low.get(node.code), row.high.get(node.code)
    open_ = low is not None and high is not None and high - low >= 10**-node.decimals
    between = (
        f"{score_text(node, low, locale)} – {score_text(node, high, locale)}" if open_ else "="
    )
    rank = row.rank
    places = "="
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


def areas(view: CohortView) -> b.Section:
    """Return the areas of all municipalities: what is typical, and a map of who stands where."""
    locale = locale_of(view.info)
    blocks: list[b.Block | None] = [b.Heading(locale.text("Areas and indicators"))]
    rows = [n for n in _areas(view) if n.cohort is not None]
    if rows:
        heads = (
            b.ColumnHead(rows[0].tier_title, width=2.6),
            b.ColumnHead(locale.text("Lower quartile"), "right"),
            b.ColumnHead(locale.text("Median"), "right"),
            b.ColumnHead(locale.text("Upper quartile"), "right"),
        )
        body = tuple(
            b.Row(
                (
                    b.cell(n.title),
                    number_cell(n, n.low, locale),
                    number_cell(n, n.cohort, locale),
                    number_cell(n, n.high, locale),
                )
            )
            for n in rows
        )
        blocks.append(b.Table(heads, body))
        tier = [n for n in rows if n.tier == rows[0].tier]
        some = [r for r in view.rows if any(r.scores[n.code] is not None for n in tier)]
        if len(some) > 1 and len(tier) > 1:
            blocks += _map(view, some, tier, locale)
    blocks += _indicators(view, locale)
    if len(blocks) == 1:
        text = locale.text("The source gives no results by area.")
        blocks.append(b.Paragraph(b.as_rich(text)))
    return _section(view, blocks)


def _map(
    view: CohortView, rows: list[CohortRow], nodes: list[NodeView], locale: Locale
) -> list[b.Block | None]:
    """Return the heat map with the table behind it."""
    svg = figures.heat_map(rows, nodes, locale)
    heads = (
        b.ColumnHead(locale.text("Municipality"), width=2.0),
        *(b.ColumnHead(n.title, "right") for n in nodes),
    )
    body = tuple(
        b.Row((b.cell(r.name), *(number_cell(n, r.scores[n.code], locale) for n in nodes)))
        for r in rows
    )
    shown = min(len(rows), figures.MOST_ROWS)
    alt = locale.text(
        "Scores of {n} municipalities in {k} areas; the darker, the higher.",
        n=locale.integer(shown),
        k=locale.integer(len(nodes)),
    )
    caption = alt
    if len(rows) > shown:
        caption = locale.text(
            "The {n} highest of {all} municipalities; the darker, the higher. All are in the data "
            "of the run.",
            n=locale.integer(shown),
            all=locale.integer(len(rows)),
        )
    return [b.Figure(svg, alt, caption, b.Table(heads, body[:MOST_LISTED]))]


def _indicators(view: CohortView, locale: Locale) -> list[b.Block | None]:
    """Return the indicators that fewest municipalities have at the best level."""
    known = [i for i in view.indicators if i.scale]
    if not known:
        text = locale.text(
            "The source gives results by area only: which indicators stand behind them can't be "
            "told from these data."
        )
        return [b.Paragraph(b.as_rich(text))]
    levels = view.info.scales[known[0].scale or ""]
    best = levels[-1]
    same = [i for i in known if i.scale == known[0].scale]
    ordered = sorted(same, key=lambda i: (i.counts.get(best.id, 0), i.code))[:MOST_INDICATORS]
    heads = (
        b.ColumnHead(view.info.indicator_title, width=3.4),
        *(b.ColumnHead(level.title, "right", 0.8) for level in reversed(levels)),
        b.ColumnHead(locale.text("No level"), "right", 0.8),
    )
    rows = tuple(
        b.Row(
            (
                b.cell(f"{i.code} {i.title}"),
                *(
                    b.cell(locale.integer(i.counts[level.id]), number=i.counts[level.id])
                    for level in reversed(levels)
                ),
                b.cell(locale.integer(i.counts["none"]), number=i.counts["none"]),
            )
        )
        for i in ordered
    )
    title = locale.text(
        "Indicators that fewest municipalities have at {level}", level=level_chip(best).title
    )
    return [b.Heading(title, 3), b.Table(heads, rows)]


def certainty(view: CohortView) -> b.Section:
    """Return how sure the results are, and the defects of the data by municipality."""
    locale, node = locale_of(view.info), _main(view)
    blocks: list[b.Block | None] = [b.Heading(locale.text("How sure are we?"))]
    if node is not None:
        wide = [
            r
            for r in view.rows
            if (r.high.get(node.code) or 0.0) - (r.low.get(node.code) or 0.0) >= 10**-node.decimals
        ]
        text = locale.count(
            "In {n} municipality missing data could change the result; the table above says by "
            "how much.",
            "In {n} municipalities missing data could change the result; the table above says by "
            "how much.",
            len(wide),
        )
        blocks.append(b.Paragraph(b.as_rich(text)))
    text = locale.text(
        "These are the municipalities that were measured. What they say of others depends on who "
        "took part."
    )
    blocks.append(b.Paragraph(b.as_rich(text)))
    named = [name for name, _ in view.warnings if name]
    if view.warnings:
        intro = locale.count(
            "Defects found in the data of {n} municipality",
            "Defects found in the data of {n} municipalities",
            len(named),
        )
        items = tuple(
            locale.rich("**{name}**: {text}", name=name, text=text) if name else b.as_rich(text)
            for name, text in view.warnings[:MOST_LISTED]
        )
        blocks.append(b.Callout("warning", intro, items))
    else:
        text = locale.text("No contradiction was found in the data of this report.")
        blocks.append(b.Paragraph(b.as_rich(text)))
    blocks += notes_blocks(view.notes, locale)
    blocks += rules_blocks(view.info, view.assumptions, locale)
    return _section(view, blocks)


def method(view: CohortView) -> b.Section:
    """Return how the report was made and how to check it."""
    locale = locale_of(view.info)
    rows = [(locale.text("Measurement"), view.wave_title)]
    if view.stage:
        rows.append((locale.text("Stage"), view.stage))
    blocks: list[b.Block | None] = [b.Heading(locale.text("How was this made?"))]
    blocks += method_blocks(view.info, rows, locale)
    return _section(view, blocks)
