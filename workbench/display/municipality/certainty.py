"""How sure the results are, and how the report was made."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.figures import score_text
from workbench.display.municipality.answers import how_chosen
from workbench.display.municipality.common import level_title, measurement, section
from workbench.display.municipality.kinds import kinds_blocks
from workbench.display.parts import (
    FACTS,
    OPEN_STATES,
    locale_of,
    method_blocks,
    noun_of,
    rules_blocks,
    warnings_blocks,
)
from workbench.display.precision import precision_texts
from workbench.display.values import titled
from workbench.language import Locale, marked_plural
from workbench.study.views import NodeView, UnitView

MOST_NAMED = 3


def certainty(view: UnitView) -> b.Section:
    """Return how sure the results are, by kind, and the defects found."""
    locale = locale_of(view.info)
    blocks: list[b.Block | None] = [b.Heading(locale.text("How sure are we?"))]
    for node in view.headline:
        text = _bounds_sentence(view, node, locale)
        if text:
            blocks.append(b.Paragraph(text))
    precise = precision_texts(view.certainty.precisions, noun_of(view.info))
    chosen = [b.as_rich(text) for text in how_chosen(view, locale)]
    said = [*precise, *chosen] or [b.as_rich(_interval_sentence(view))]
    blocks += [b.Paragraph(text) for text in said]
    blocks += _without_choices(view, locale)
    blocks += kinds_blocks(view, locale)
    blocks += _rule_effects(view, locale)
    blocks += warnings_blocks(view.warnings, view.notes, locale)
    blocks += rules_blocks(view.assumptions, locale)
    return section(view, blocks)


def _without_choices(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return that the study varies weights where that can't be done."""
    if not view.certainty.no_choices:
        return []
    text = locale.text(
        "The study asks how other weights would move the places. Of {titles} that can't be told: "
        "it is no mean of parts that stand in these data.",
        titles=locale.listing(list(view.certainty.no_choices)),
    )
    return [b.Paragraph(b.as_rich(text))]


def _bounds_sentence(view: UnitView, node: NodeView, locale: Locale) -> b.Rich | None:
    """Return what missing data could change at a headline."""
    if node.low is None or node.high is None:
        return _level_bounds(view, node, locale)
    low, high = score_text(node, node.low, locale), score_text(node, node.high, locale)
    if low == high or node.high - node.low < 10**-node.decimals:
        if not node.parts_known:
            return locale.rich(
                "**{title}: as reported by the source.** Its parts are not in these data, so it "
                "can't be recomputed.",
                title=node.title,
            )
        if view.surveys:  # chance and refusals could, which the bounds do not count
            return None
        return locale.rich(
            "**{title}: nothing is missing that could change it.**", title=node.title
        )
    found = {s: node.counts.get(s) or 0.0 for s in OPEN_STATES}
    open_ = int(sum(found.values()))
    if open_:
        which = [f"{view.info.states[s]}: {locale.integer(n)}" for s, n in found.items() if n]
        return locale.rich_count(
            "**{title}: between {low} and {high}**, if the {n} indicator without a level ({which}) "
            "fails or reaches the best level.",
            "**{title}: between {low} and {high}**, if the {n} indicators without a level "
            "({which}) all fail or all reach the best level.",
            open_,
            title=node.title,
            low=low,
            high=high,
            which="; ".join(which),
        )
    return locale.rich(
        "**{title}: between {low} and {high}**, whatever the missing data turn out to be.",
        title=node.title,
        low=low,
        high=high,
    )


def _level_bounds(view: UnitView, node: NodeView, locale: Locale) -> b.Rich | None:
    """Return what missing data could change at a headline that is a level without a score."""
    if node.score is not None or node.level_low is None or node.level_high is None:
        return None
    if node.level_low == node.level_high:
        return locale.rich(
            "**{title}: nothing is missing that could change it.**", title=node.title
        )
    return locale.rich(
        "**{title}: from {low} to {high}**, whatever the missing data turn out to be.",
        title=node.title,
        low=level_title(view, node.level_low),
        high=level_title(view, node.level_high),
    )


def _interval_sentence(view: UnitView) -> str:
    """Return why there is no margin of error."""
    noun = noun_of(view.info)
    if FACTS & set(view.info.kinds):
        return noun.text(
            "There is no margin of error: every {noun} is read against the same list of facts, and "
            "nothing was sampled. What remains is what the reviewer could see, and how the rules "
            "were read."
        )
    return noun.locale.text(
        "No margin of error can be given: the source states neither a sample nor the precision of "
        "its results."
    )


def _rule_effects(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return what rules for missing data and for open cases did, in counts; few are named."""
    texts = {
        "when_missing": marked_plural(
            "{n} indicator has the level or state that the instrument gives to missing data.",
            "{n} indicators have the level or state that the instrument gives to missing data.",
        ),
        "no_evidence": marked_plural(
            "{n} statement is said to hold without the evidence that the instrument demands.",
            "{n} statements are said to hold without the evidence that the instrument demands.",
        ),
        "undefined": marked_plural(
            "{n} indicator has no result: the instrument gives no rule for its case.",
            "{n} indicators have no result: the instrument gives no rule for their case.",
        ),
        "missing_reference": marked_plural(
            "{n} indicator lacks a reference value that is not published.",
            "{n} indicators lack a reference value that is not published.",
        ),
        "carried": marked_plural(
            "{n} indicator keeps its level from an earlier review.",
            "{n} indicators keep their level from an earlier review.",
        ),
        "gate": marked_plural(
            "{n} indicator is held below the best level by a condition beside its elements.",
            "{n} indicators are held below the best level by a condition beside their elements.",
        ),
        "gate_unknown": marked_plural(
            "{n} indicator is at the best level only if a condition holds that is not recorded.",
            "{n} indicators are at the best level only if a condition holds that is not recorded.",
        ),
    }
    items = []
    for kind, (one, many) in texts.items():
        some = [titled(i.code, i.title) for i in view.indicators if kind in i.remarks]
        if some:
            text = locale.count(one, many, len(some))
            if len(some) <= MOST_NAMED:
                text = f"{text.removesuffix('.')} ({'; '.join(some)})."
            items.append(b.as_rich(text))
    return [b.Bullets(tuple(items))] if items else []


def method(view: UnitView) -> b.Section:
    """Return how the report was made and how to check it."""
    locale = locale_of(view.info)
    rows = [(locale.text("Measurement"), measurement(view))]
    if view.stage:
        rows.append((locale.text("Stage"), view.stage))
    blocks: list[b.Block | None] = [b.Heading(locale.text("How was this made?"))]
    blocks += method_blocks(view.info, rows, locale)
    return section(view, blocks)
