"""What changed in the cohort since the baseline."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.cohort.common import main, measurement, section
from workbench.display.cohort.measures import changed
from workbench.display.comparison import counts_sentence, moves_table
from workbench.display.earlier import cohort_versions
from workbench.display.parts import (
    locale_of,
    noun_of,
    number_cell,
    partly_own_wave,
    recorded_change,
    wholly_own_wave,
)
from workbench.language import Locale, Noun, marked
from workbench.study.change_views import CohortMove
from workbench.study.changes import LEAVES
from workbench.study.views import CohortChange, CohortView, NodeView

# Changes beyond a 95 % interval that measurement error alone gives.
BY_CHANCE = 0.05


def change(view: CohortView) -> b.Section:
    """Return how many municipalities rose and fell since the baseline."""
    locale, noun, node = locale_of(view.info), noun_of(view.info), main(view)
    blocks: list[b.Block | None] = [b.Heading(locale.text("What has changed?"))]
    versions = cohort_versions(view.info, view.versions)
    if view.moves:
        return section(view, [*blocks, *_moves(view, locale, noun), *versions])
    measures = changed(view, locale)
    apart = _own_wave(view, noun)
    if not view.changes and apart:
        told = [b.Paragraph(recorded_change(view.info, locale))] if measures else []
        return section(view, [*blocks, *apart, *measures, *told, *versions])
    if not view.changes:
        said = recorded_change(view.info, locale) if measures else b.as_rich(_why_not(view, noun))
        return section(view, [*blocks, *measures, b.Paragraph(said), *versions])
    first = view.changes[0]
    if node is not None and first.code == node.code:
        blocks.append(b.Paragraph(_moved(view, first, noun)))
        if first.most and first.n > 1:
            blocks.append(b.Paragraph(b.as_rich(_who_moved(first, node, noun))))
    sure = view.certainty.changes
    if node is not None and node.code in sure:
        blocks.append(b.Paragraph(_beyond(sure[node.code], noun)))
    blocks.append(_table(view, noun))
    blocks += apart
    blocks += measures
    if any(c.adjusted for c in view.changes):
        text = noun.text(
            "Where one {noun} was not measured on the same indicators both times, whether it rose "
            "or fell is told over those that were measurable both times."
        )
        blocks.append(b.Paragraph(b.as_rich(text), "note"))
    blocks.append(b.Paragraph(recorded_change(view.info, locale, precise=bool(sure))))
    return section(view, [*blocks, *versions])


def _own_wave(view: CohortView, noun: Noun) -> list[b.Block | None]:
    """Return what is to be known of results that are measured against their own wave."""
    told = {c.code for c in view.changes}
    titles = [n.title for n in view.nodes if n.own_wave == "whole" and n.code in view.headline]
    found: list[b.Block | None] = []
    if titles and view.baseline_title is not None and view.n_both:
        found.append(b.Callout("info", noun.locale.listing(titles), (wholly_own_wave(noun),)))
    if any(n.own_wave == "part" for n in view.nodes if n.code in told):
        found.append(b.Paragraph(b.as_rich(partly_own_wave(noun)), "note"))
    return found


def _beyond(counts: tuple[int, int, int], noun: Noun) -> b.Rich:
    """Return how many units changed by more than measurement error gives."""
    locale, (rose, fell, within) = noun.locale, counts
    return locale.rich(
        "**Beyond measurement error: {up} and {down}**; {within}. By measurement error alone, "
        "about {expected} of {all} would seem to have changed.",
        up=locale.count("{n} rose", "{n} rose", rose),
        down=locale.count("{n} fell", "{n} fell", fell),
        within=locale.count("{n} is within it", "{n} are within it", within),
        expected=locale.number(BY_CHANCE * sum(counts), 1),
        all=locale.integer(sum(counts)),
    )


def _moves(view: CohortView, locale: Locale, noun: Noun) -> list[b.Block | None]:
    """Return how many municipalities changed at each result, by the rules of the instrument."""
    blocks: list[b.Block | None] = []
    for tier, title in view.move_tiers:
        outcomes = [
            o for m in view.moves if m.tier == tier for o, n in m.counts.items() for _ in range(n)
        ]
        if outcomes:
            blocks.append(b.Paragraph(counts_sentence(title, outcomes, locale)))
    text = noun.text("Each result of each {noun} is compared with itself; nothing is added up.")
    blocks.append(b.Paragraph(b.as_rich(text), "note"))
    for tier, title in view.move_tiers:
        some = [m for m in view.moves if m.tier == tier and _has_moved(m)]
        if some:
            blocks += [b.Heading(title, 3), moves_table(some, locale)]
    if view.change_remarks:
        items = tuple(b.as_rich(text) for text in view.change_remarks)
        blocks.append(b.Callout("info", locale.text("How to read these changes"), items))
    blocks.append(b.Paragraph(recorded_change(view.info, locale)))
    return blocks


def _has_moved(move: CohortMove) -> bool:
    """Return whether a result is worth a row: groups, and indicators that moved somewhere."""
    return move.tier != LEAVES or bool(set(move.counts) - {"unchanged", "none"})


def _why_not(view: CohortView, noun: Noun) -> str:
    """Return why no change can be told."""
    if view.baseline_title is None:
        return noun.locale.text(
            "There is one measurement only ({wave}): there is no other to compare it with.",
            wave=measurement(view),
        )
    if view.n_both:
        return noun.text(
            "No result can be compared between {before} and {after} here; what changed is in the "
            "report of each {noun}.",
            before=view.baseline_title,
            after=view.wave_title,
        )
    return noun.text(
        "No {noun} was measured both in {before} and in {after}.",
        before=view.baseline_title,
        after=view.wave_title,
    )


def _moved(view: CohortView, change: CohortChange, noun: Noun) -> b.Rich:
    """Return how many units rose, fell and stayed."""
    locale = noun.locale
    same = change.n - change.rose - change.fell
    source = marked("{of}: **{up} and {down}**; {same}.")
    return locale.rich(
        source if same else marked("{of}: **{up} and {down}**."),
        of=noun.count(
            "Of {n} {noun} measured also in {before}",
            "Of {n} {nouns} measured also in {before}",
            change.n,
            before=view.baseline_title or "",
        ),
        up=locale.count("{n} rose", "{n} rose", change.rose),
        down=locale.count("{n} fell", "{n} fell", change.fell),
        same=locale.count("{n} did not change", "{n} did not change", same),
    )


def _who_moved(change: CohortChange, node: NodeView, noun: Noun) -> str:
    """Return the units that changed most."""
    locale = noun.locale
    items = [f"{name} ({locale.number(m, node.decimals, sign=True)})" for name, m in change.most]
    return noun.text("Those that changed most, in points: {names}.", names=locale.listing(items))


def _table(view: CohortView, noun: Noun) -> b.Table:
    """Return the medians then and now, and how many rose and fell, by area."""
    locale, nodes = noun.locale, {n.code: n for n in view.nodes}
    heads = (
        b.ColumnHead(locale.text("Area"), width=2.6),
        b.ColumnHead(noun.titles, "right"),
        b.ColumnHead(locale.text("Median in {wave}", wave=view.baseline_title or ""), "right", 1.2),
        b.ColumnHead(locale.text("Median in {wave}", wave=view.wave_title), "right", 1.2),
        b.ColumnHead(locale.text("Rose"), "right"),
        b.ColumnHead(locale.text("Fell"), "right"),
    )
    rows = tuple(
        b.Row(
            (
                b.cell(nodes[c.code].title),
                b.cell(locale.integer(c.n), number=c.n),
                number_cell(nodes[c.code], c.before, locale),
                number_cell(nodes[c.code], c.now, locale),
                b.cell(locale.integer(c.rose), number=c.rose),
                b.cell(locale.integer(c.fell), number=c.fell),
            )
        )
        for c in view.changes
    )
    return b.Table(heads, rows)
