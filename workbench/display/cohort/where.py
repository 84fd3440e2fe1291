"""Cover, first answer and groups: where the cohort stands, and how its groups differ."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display import cohort_figures as figures
from workbench.display import figures as unit_figures
from workbench.display.cohort.common import (
    is_scored,
    level_counts,
    main,
    measurement,
    section,
)
from workbench.display.figures import score_text
from workbench.display.parts import (
    assumed_callout,
    example_callout,
    locale_of,
    noun_of,
    number_cell,
)
from workbench.display.style import level_chip, state_chip
from workbench.language import Locale, marked, plain
from workbench.study.views import CohortRow, CohortView, NodeView

SPACE = b.as_rich(" ")
MOST_NAMED = 3


def cover(view: CohortView) -> b.Section:
    """Return the head of the report."""
    locale, info = locale_of(view.info), view.info
    facts = [
        (noun_of(info).titles, locale.integer(view.n)),
        (locale.text("Measurement"), measurement(view)),
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
    )
    lead = b.Paragraph(b.as_rich(info.description)) if info.description else None
    return section(view, [head, lead, example_callout(info)])


def where(view: CohortView) -> b.Section:
    """Return where the cohort stands: one sentence, one picture."""
    locale, node = locale_of(view.info), main(view)
    blocks: list[b.Block | None] = [b.Heading(locale.text("Where does the cohort stand?"))]
    if node is None:
        blocks += _side_by_side(view, locale)
    elif is_scored(view, node):
        blocks += _by_score(view, node, locale)
        if node.scale and any(node.counts.values()):
            blocks += _by_level(view, node, locale)
    elif node.counts:
        blocks += _by_level(view, node, locale, "lead")
    else:
        text = locale.text("Nothing was observed that gives a result.")
        blocks.append(b.Paragraph(b.as_rich(text), "lead"))
    blocks.append(assumed_callout(view.info, view.assumptions, locale))
    return section(view, blocks)


def _by_score(view: CohortView, node: NodeView, locale: Locale) -> list[b.Block | None]:
    """Return the median of the scores, the first and the last, and how all are spread."""
    noun = noun_of(view.info)
    scored = [r for r in view.rows if r.scores[node.code] is not None]
    if len(scored) == 1:
        text = locale.rich(
            "**The only result is that of {best}: {top}.**",
            best=scored[0].name,
            top=score_text(node, scored[0].scores[node.code], locale),
        )
        return [b.Paragraph(text, "lead")]
    text = _ends(scored, node, locale)
    if len(scored) > 2:  # half of two is one of them, and their median is nobody's
        source = (
            marked("**At least half of the {n} {nouns} are at {median} or less.**")
            if node.less_is_better
            else marked("**At least half of the {n} {nouns} reach {median} or more.**")
        )
        median = score_text(node, node.cohort, locale)
        text = (*noun.rich(source, n=locale.integer(len(scored)), median=median), *SPACE, *text)
    values = [
        (locale.text("Lower quartile"), node.low),
        (locale.text("Median"), node.cohort),
        (locale.text("Upper quartile"), node.high),
    ]
    rows = tuple(
        b.Row((b.cell(title), number_cell(node, value, locale)))
        for title, value in values
        if value is not None
    )
    heads = (b.ColumnHead(locale.text("What")), b.ColumnHead(node.title, "right"))
    svg = figures.distribution(node, scored, locale.text("Median"), noun)
    return [
        b.Paragraph(text, "lead"),
        b.Figure(svg, plain(text), "", b.Table(heads, rows)),
    ]


def _ends(scored: list[CohortRow], node: NodeView, locale: Locale) -> b.Rich:
    """Return who has the first and the last result; all where several share it."""
    texts = [score_text(node, r.scores[node.code], locale) for r in scored]
    top, bottom = texts[0], texts[-1]
    first = [r.name for r, text in zip(scored, texts, strict=True) if text == top]
    last = [r.name for r, text in zip(scored, texts, strict=True) if text == bottom]
    if top == bottom:
        return locale.rich("All have the same result: {top}.", top=top)
    source = (
        marked(
            "The lowest result, {top}, is that of {first}; the highest, {bottom}, that of {last}."
        )
        if node.less_is_better
        else marked(
            "The highest result, {top}, is that of {first}; the lowest, {bottom}, that of {last}."
        )
    )
    return locale.rich(
        source, top=top, first=_listed(first, locale), bottom=bottom, last=_listed(last, locale)
    )


def _listed(names: list[str], locale: Locale) -> str:
    """Return names as a list, the first of them where they are many."""
    if len(names) <= MOST_NAMED + 1:
        return locale.listing(names)
    more = locale.count("{n} more", "{n} more", len(names) - MOST_NAMED)
    return locale.listing([*names[:MOST_NAMED], more])


def _by_level(
    view: CohortView, node: NodeView, locale: Locale, style: str = "normal"
) -> list[b.Block | None]:
    """Return how many units are at each level of a result."""
    noun = noun_of(view.info)
    levels = view.info.scales[node.scale or ""]
    parts = [(level_chip(lv), node.counts.get(lv.id) or 0.0) for lv in reversed(levels)]
    parts = [(chip, n) for chip, n in parts if n]
    unknown = view.n - sum(n for _, n in parts)
    if unknown:
        parts.append((state_chip("missing", locale.text("No level")), unknown))
    said = locale.listing([f"{chip.title}: {locale.integer(n)}" for chip, n in parts])
    text = noun.rich(
        "**{title}, of {n} {nouns}**: {counts}.",
        title=node.title,
        n=locale.integer(view.n),
        counts=said,
    )
    heads = (b.ColumnHead(locale.text("Level")), b.ColumnHead(noun.titles, "right"))
    rows = tuple(b.Row((b.cell(c.title), b.cell(locale.integer(n), number=n))) for c, n in parts)
    svg = unit_figures.counted(parts, locale)
    return [b.Paragraph(text, style), b.Figure(svg, plain(text), "", b.Table(heads, rows))]


def _side_by_side(view: CohortView, locale: Locale) -> list[b.Block | None]:
    """Return how many units are at each level of each group, for instruments without a total."""
    text = locale.text("This instrument gives no total: its results stand side by side.")
    found: list[b.Block | None] = [b.Paragraph(b.as_rich(text), "lead")]
    rows = [n for n in view.nodes if n.counts and n.scale]
    if rows:
        found += level_counts(view, rows, rows[0].tier_title)
    elif view.measures:
        text = locale.count(
            "{n} indicator was measured; its spread is under Areas and indicators.",
            "{n} indicators were measured; the spread of each is under Areas and indicators.",
            len(view.measures),
        )
        found.append(b.Paragraph(b.as_rich(text)))
    return found


def _grouping(view: CohortView) -> str:
    """Return what the groups of the cohort are."""
    if view.grouped_by == "population":
        noun = noun_of(view.info)
        return noun.text("By size of {noun}")
    return locale_of(view.info).text("By group")


def groups(view: CohortView) -> b.Section:
    """Return how results differ by group of municipalities."""
    locale, noun, node = locale_of(view.info), noun_of(view.info), main(view)
    blocks: list[b.Block | None] = [b.Heading(_grouping(view))]
    some = [g for g in view.groups if g.n]
    if node is None or len(some) < 2:
        text = locale.text("The study forms no groups of peers with results to compare.")
        return section(view, [*blocks, b.Paragraph(b.as_rich(text))])
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
        b.ColumnHead(noun.titles, "right"),
        b.ColumnHead(locale.text("Lower quartile"), "right"),
        b.ColumnHead(locale.text("Median"), "right"),
        b.ColumnHead(locale.text("Upper quartile"), "right"),
    )
    alt = "; ".join(
        f"{g.title}: {score_text(node, g.median, locale)}" for g in some if g.median is not None
    )
    svg = figures.groups(entries, node, locale)
    note = noun.text(
        "The bar is the middle half of the group, the line its median. Groups of fewer than {n} "
        "are not summarised. A group's median counts all its members; the report of each {noun} "
        "leaves it out of the median of its peers. The difference between groups is described "
        "here, not tested.",
        n=locale.integer(view.group_minimum),
    )
    return section(
        view,
        [
            *blocks,
            b.Figure(svg, alt, "", b.Table(heads, rows)),
            b.Paragraph(b.as_rich(note), "note"),
        ],
    )
