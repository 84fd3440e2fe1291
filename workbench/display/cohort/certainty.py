"""How sure the results of the cohort are, and how the report was made."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.cohort.chance import chance_blocks, ranges_blocks
from workbench.display.cohort.common import MOST_LISTED, is_scored, main, measurement, section
from workbench.display.parts import (
    effect_text,
    locale_of,
    method_blocks,
    named,
    notes_blocks,
    noun_of,
    rules_blocks,
)
from workbench.display.precision import precision_texts
from workbench.language import Locale, Noun
from workbench.study.views import CohortRow, CohortView, NodeView, worst_of

MOST_ABSENT = 12


def certainty(view: CohortView) -> b.Section:
    """Return how sure the results are, and the defects of the data by municipality."""
    locale, noun, node = locale_of(view.info), noun_of(view.info), main(view)
    blocks: list[b.Block | None] = [b.Heading(locale.text("How sure are we?"))]
    if node is not None:
        bounds = _bounds if is_scored(view, node) else _open_levels
        said = bounds(view, node, noun)
        blocks += [b.Paragraph(b.as_rich(text)) for text in said]
    blocks += [b.Paragraph(text) for text in precision_texts(view.certainty.precisions, noun)]
    blocks += ranges_blocks(view, locale)
    blocks += chance_blocks(view, locale)
    if view.absent:
        blocks.append(b.Paragraph(b.as_rich(_absent(view, noun))))
    text = noun.text(
        "These are the {nouns} that were measured. What they say of others depends on who "
        "took part."
    )
    blocks.append(b.Paragraph(b.as_rich(text)))
    blocks.append(_unproved(view, locale, noun))
    blocks.append(_defects(view, locale, noun))
    blocks += notes_blocks(view.notes, locale)
    blocks += rules_blocks(view.assumptions, locale)
    return section(view, blocks)


def _bounds(view: CohortView, node: NodeView, noun: Noun) -> list[str]:
    """Return in how many municipalities missing data could change the result, and where unknown."""
    scored = [r for r in view.rows if r.scores[node.code] is not None]
    found = []
    if len(scored) < len(view.rows):
        found.append(
            noun.count(
                "{n} {noun} has no result: data that it needs are missing.",
                "{n} {nouns} have no result: data that it needs are missing.",
                len(view.rows) - len(scored),
            )
        )
    known = [r for r in scored if r.known]
    if known:
        wide = sum(_width(r, node) >= 10**-node.decimals for r in known)
        text = noun.count(
            "In {n} {noun} missing data could change the result; the table of all {nouns} says "
            "by how much.",
            "In {n} {nouns} missing data could change the result; the table of all {nouns} says "
            "by how much.",
            wide,
        )
        none = (
            noun.text("In no {noun} could missing data change the result.")
            if len(scored) == len(view.rows)
            else noun.text("In no {noun} with a result could missing data change it.")
        )
        found.append(text if wide else none)
    if len(known) < len(scored):
        found.append(
            noun.count(
                "Of {n} {noun} the source publishes the result only, not what it is made of: "
                "whether missing data could change it can't be told.",
                "Of {n} {nouns} the source publishes the results only, not what they are "
                "made of: whether missing data could change them can't be told.",
                len(scored) - len(known),
            )
        )
    return found


def _open_levels(view: CohortView, node: NodeView, noun: Noun) -> list[str]:
    """Return in how many municipalities missing data leave several levels open."""
    known = [r for r in view.rows if r.levels_low.get(node.code) and r.levels_high.get(node.code)]
    wide = sum(r.levels_low[node.code] != r.levels_high[node.code] for r in known)
    text = noun.count(
        "In {n} {noun} missing data could change the result; the table of all {nouns} says "
        "by how much.",
        "In {n} {nouns} missing data could change the result; the table of all {nouns} says "
        "by how much.",
        wide,
    )
    none = noun.text("In no {noun} could missing data change the result.")
    return [text if wide else none] if known else []


def _absent(view: CohortView, noun: Noun) -> str:
    """Return who is in the study and was not measured this time."""
    names = named(list(view.absent), MOST_ABSENT, noun.locale)
    return noun.count(
        "{n} {noun} of the study was not measured in {wave}: {names}.",
        "{n} {nouns} of the study were not measured in {wave}: {names}.",
        len(view.absent),
        wave=view.wave_title,
        names=names,
    )


def _width(row: CohortRow, node: NodeView) -> float:
    """Return by how much missing data could move a result."""
    return (row.high.get(node.code) or 0.0) - (row.low.get(node.code) or 0.0)


def _unproved(view: CohortView, locale: Locale, noun: Noun) -> b.Block | None:
    """Return where statements are said to hold without the evidence that is demanded."""
    if not view.unproved:
        return None
    title = noun.count(
        "{n} {noun} says that statements hold without evidence: they do not count as met",
        "{n} {nouns} say that statements hold without evidence: they do not count as met",
        len(view.unproved),
    )
    items = tuple(
        locale.rich("**{name}**: {n}", name=name, n=locale.integer(n))
        for name, n in view.unproved[:MOST_LISTED]
    )
    return b.Callout("warning", title, items)


def _defects(view: CohortView, locale: Locale, noun: Noun) -> b.Block:
    """Return the defects of the data by municipality, or that none was found."""
    if not view.warnings:
        text = locale.text("No contradiction was found in the data of this report.")
        return b.Paragraph(b.as_rich(text))
    title = noun.count(
        "The data of {n} {noun} do not agree with each other",
        "The data of {n} {nouns} do not agree with each other",
        sum(bool(w.name) for w in view.warnings),
    )
    changes = worst_of(w.changes for w in view.warnings)
    effect = (
        noun.text("In no {noun} does this change the result.")
        if changes is False
        else effect_text(changes, locale)
    )
    items = [
        locale.rich("**{name}**: {text}", name=w.name, text=w.text) if w.name else b.as_rich(w.text)
        for w in view.warnings[:MOST_LISTED]
    ]
    left = len(view.warnings) - len(items)
    if left:
        more = locale.count("{n} more is not shown.", "{n} more are not shown.", left)
        items.append(b.as_rich(more))
    return b.Callout("warning", title, (b.as_rich(effect), *items))


def method(view: CohortView) -> b.Section:
    """Return how the report was made and how to check it."""
    locale = locale_of(view.info)
    rows = [(locale.text("Measurement"), measurement(view))]
    if view.stage:
        rows.append((locale.text("Stage"), view.stage))
    blocks: list[b.Block | None] = [b.Heading(locale.text("How was this made?"))]
    blocks += method_blocks(view.info, rows, locale)
    return section(view, blocks)
