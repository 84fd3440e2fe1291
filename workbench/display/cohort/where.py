"""Cover, first answer and groups: where the cohort stands, and how its groups differ."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display import cohort_figures as figures
from workbench.display.cohort.common import main, measurement, section
from workbench.display.figures import score_text
from workbench.display.parts import (
    assumed_callout,
    example_callout,
    locale_of,
    noun_of,
    number_cell,
)
from workbench.language import Locale, plain
from workbench.study.views import CohortView


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
        info.instrument_language,
    )
    lead = b.Paragraph(b.as_rich(info.description)) if info.description else None
    return section(view, [head, lead, example_callout(info)])


def where(view: CohortView) -> b.Section:
    """Return where the cohort stands: one sentence, one picture."""
    locale, noun, node = locale_of(view.info), noun_of(view.info), main(view)
    blocks: list[b.Block | None] = [b.Heading(locale.text("Where does the cohort stand?"))]
    scored = [r for r in view.rows if node is not None and r.scores[node.code] is not None]
    if node is None or node.cohort is None or not scored:
        blocks += _by_levels(view, locale)
        blocks.append(assumed_callout(view.info, view.assumptions, locale))
        return section(view, blocks)
    best, worst = scored[0], scored[-1]
    text = noun.rich(
        "**Half of the {n} {nouns} reach {median} or more.** The highest is {best} ({top}), the "
        "lowest {worst} ({bottom}).",
        n=locale.integer(len(scored)),
        median=score_text(node, node.cohort, locale),
        best=best.name,
        top=score_text(node, best.scores[node.code], locale),
        worst=worst.name,
        bottom=score_text(node, worst.scores[node.code], locale),
    )
    blocks.append(b.Paragraph(text, "lead"))
    svg = figures.distribution(node, scored, locale.text("Median"), noun)
    alt = plain(text)
    rows = (
        b.Row((b.cell(locale.text("Lower quartile")), number_cell(node, node.low, locale))),
        b.Row((b.cell(locale.text("Median")), number_cell(node, node.cohort, locale))),
        b.Row((b.cell(locale.text("Upper quartile")), number_cell(node, node.high, locale))),
    )
    heads = (b.ColumnHead(locale.text("What")), b.ColumnHead(node.title, "right"))
    blocks.append(b.Figure(svg, alt, "", b.Table(heads, rows)))
    blocks.append(assumed_callout(view.info, view.assumptions, locale))
    return section(view, blocks)


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


def _grouping(view: CohortView) -> str:
    """Return what the groups of the cohort are."""
    noun = noun_of(view.info)
    if view.grouped_by == "population":
        return noun.text("By size of {noun}")
    return noun.text("By group of {nouns}")


def groups(view: CohortView) -> b.Section:
    """Return how results differ by group of municipalities."""
    locale, noun, node = locale_of(view.info), noun_of(view.info), main(view)
    blocks: list[b.Block | None] = [b.Heading(_grouping(view))]
    some = [g for g in view.groups if g.n]
    if node is None or len(some) < 2:
        text = locale.text("The study declares no groups with results to compare.")
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
