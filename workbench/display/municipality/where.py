"""Cover and first answer: where does the municipality stand."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display import figures
from workbench.display.figures import score_text
from workbench.display.municipality.common import (
    level_title,
    levels_from,
    measurement,
    median_of_all,
    peer_median,
    section,
)
from workbench.display.municipality.side_by_side import standing_by_levels
from workbench.display.municipality.target import target_texts
from workbench.display.parts import (
    assumed_callout,
    effect_text,
    example_callout,
    indicators_of,
    locale_of,
    noun_of,
    number_cell,
    parts_of,
    place_certainty,
)
from workbench.display.precision import places_texts
from workbench.display.values import titled, with_unit
from workbench.language import Locale, marked, plain
from workbench.study.views import NodeView, UnitView, worst_of

MOST_DEFECTS = 3
MOST_UNPROVED = 12


def cover(view: UnitView) -> b.Section:
    """Return the head of the report: who, what, when."""
    locale, info = locale_of(view.info), view.info
    facts = [(title, value) for title, value in view.groups]
    if view.population is not None:
        facts.append((locale.text("Population"), locale.integer(view.population)))
    facts.append((locale.text("Code"), view.code))
    facts.append((locale.text("Measurement"), measurement(view)))
    if view.stage:
        facts.append((locale.text("Stage"), view.stage))
    badge = locale.text("Example") if info.example else ""
    head = b.Cover(view.name, info.instrument_title, info.title, tuple(facts), badge)
    return section(view, [head, example_callout(info)])


def where(view: UnitView) -> b.Section:
    """Return where the unit stands: one sentence, one picture, and what the result rests on."""
    locale = locale_of(view.info)
    blocks: list[b.Block | None] = [b.Heading(locale.text("Where do we stand?"))]
    if view.later_title is not None:
        text = locale.text(
            "{name} was not measured in {later}: this report shows {wave}.",
            name=view.name,
            later=view.later_title,
            wave=measurement(view),
        )
        blocks.append(b.Paragraph(b.as_rich(text)))
    if not view.headline:
        blocks += standing_by_levels(view, locale)
    drawn: b.Block | None = None
    for node in view.headline:
        blocks.append(b.Paragraph(_headline_sentence(view, node, locale), "lead"))
        place = _place_sentence(view, node, locale)
        if place:
            blocks.append(b.Paragraph(place))
        if drawn is None:  # the first result of which there is something to draw
            drawn = _standing_figure(view, node, locale)
            blocks.append(drawn)
    blocks += _levels_note(view, locale)
    blocks += [b.Paragraph(text) for text in target_texts(view, locale)]
    pair = _two_axes(view, locale)
    blocks.append(pair)
    if view.facts:
        blocks.append(_facts_table(view, locale))
    blocks.append(assumed_callout(view.info, view.assumptions, locale))
    blocks.append(_unproved(view, locale))
    if view.warnings:
        blocks.append(_defects(view, locale))
    return section(view, blocks)


def _unproved(view: UnitView, locale: Locale) -> b.Callout | None:
    """Return the statements that are said to hold without the evidence that is demanded."""
    some = [i for i in view.indicators if "no_evidence" in i.remarks]
    if not some:
        return None
    title = locale.count(
        "{n} statement is said to hold without evidence, and does not count as met",
        "{n} statements are said to hold without evidence, and do not count as met",
        len(some),
    )
    items = [b.as_rich(titled(i.code, i.title)) for i in some[:MOST_UNPROVED]]
    if len(some) > MOST_UNPROVED:
        more = locale.count("and {n} more", "and {n} more", len(some) - MOST_UNPROVED)
        items.append(b.as_rich(more))
    return b.Callout("warning", title, tuple(items))


def _defects(view: UnitView, locale: Locale) -> b.Callout:
    """Return what is wrong with the data, and whether the result depends on it."""
    some = view.warnings[:MOST_DEFECTS]
    items = [b.as_rich(w.text) for w in some]
    if len(view.warnings) > len(some):
        more = locale.count(
            "{n} more is listed under How sure are we?",
            "{n} more are listed under How sure are we?",
            len(view.warnings) - len(some),
        )
        items.append(b.as_rich(more))
    effect = effect_text(worst_of(w.changes for w in view.warnings), locale)
    title = locale.count(
        "The data do not agree with each other at {n} point",
        "The data do not agree with each other at {n} points",
        len(view.warnings),
    )
    return b.Callout("warning", title, (*items, b.as_rich(effect)))


def _headline_sentence(view: UnitView, node: NodeView, locale: Locale) -> b.Rich:
    """Return the result in one sentence."""
    info = view.info
    when = f" ({node.wave})" if node.wave else ""
    if node.score is None:
        return _no_score_sentence(view, node, locale)
    text = score_text(node, node.score, locale)
    if node.unit == "percent" and info.share_level and node.counts:
        return _share_sentence(view, node, text, locale)
    if node.unit == "points" and node.maximum:
        return locale.rich(
            "**{name} reaches {score} of {maximum} points{when}.**",
            name=view.name,
            score=text,
            maximum=locale.number(node.maximum, 0),
            when=when,
        )
    level = f", {level_title(view, node.level)}" if node.level else ""
    if level and node.level_assumed:
        level += locale.text(" (level by assumed cut-points)")
    return locale.rich(
        "**{title}: {score}{level}{when}.**",
        title=node.title,
        score=text,
        level=level,
        when=when,
    )


def _share_sentence(view: UnitView, node: NodeView, score: str, locale: Locale) -> b.Rich:
    """Return a share of indicators in one sentence: of the unit, or of one among its results."""
    level = view.info.share_level or ""
    better = levels_from(view, level)
    reached = sum(node.counts.get(lv) or 0.0 for lv in better)
    out = sum(node.counts.get(s) or 0.0 for s in ("not_measurable", "not_applicable"))
    best = len(better) == 1
    if len(view.headline) == 1:
        source = (
            marked(
                "**{name} has {reached} of {n} measurable {indicators} at the level {level}: "
                "{score}.**"
            )
            if best
            else marked(
                "**{name} has {reached} of {n} measurable {indicators} at the level {level} or "
                "better: {score}.**"
            )
        )
    else:
        source = (
            marked(
                "**{title}: {score}**, {reached} of {n} measurable {indicators} at the level "
                "{level}."
            )
            if best
            else marked(
                "**{title}: {score}**, {reached} of {n} measurable {indicators} at the level "
                "{level} or better."
            )
        )
    return locale.rich(
        source,
        name=view.name,
        title=node.title,
        reached=locale.integer(reached),
        n=locale.integer(node.n_indicators - out),
        indicators=indicators_of(view.info),
        level=level_title(view, level),
        score=score,
    )


def _no_score_sentence(view: UnitView, node: NodeView, locale: Locale) -> b.Rich:
    """Return why there is no score, and what it could be."""
    if node.level:
        level = level_title(view, node.level)
        return locale.rich("**{title}: {level}.**", title=node.title, level=level)
    if node.status == "bounded" and node.level_low and node.level_high:
        return locale.rich(
            "**{title} can't be told from these data: from {low} to {high}.**",
            title=node.title,
            low=level_title(view, node.level_low),
            high=level_title(view, node.level_high),
        )
    if node.low is not None and node.high is not None and node.status in ("withheld", "bounded"):
        return locale.rich(
            "**{title} can't be told from these data: between {low} and {high}.** {share} of what "
            "it needs was observed.",
            title=node.title,
            low=score_text(node, node.low, locale),
            high=score_text(node, node.high, locale),
            share=locale.percent(node.coverage * 100, 0),
        )
    return locale.rich("**{title}: no result, because nothing was observed.**", title=node.title)


def _levels_note(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return the levels of the results that are levels: one says little without the others."""
    scales = dict.fromkeys(
        n.scale for n in view.headline if n.scale and (n.level or n.level_low is not None)
    )
    return [
        b.Paragraph(
            b.as_rich(
                locale.text(
                    "Levels, from worst to best: {levels}.",
                    levels=", ".join(level.title for level in view.info.scales[scale]),
                )
            ),
            "note",
        )
        for scale in scales
        if scale and len(view.info.scales[scale]) > 1
    ]


def _place_sentence(view: UnitView, node: NodeView, locale: Locale) -> b.Rich | None:
    """Return the place among all, with what ties and missing data leave open."""
    rank = node.rank
    if rank is None:
        return None
    if rank.scored == 1:
        noun = noun_of(view.info)
        return b.as_rich(
            noun.text("It is the only {noun} with a result: there is no place to give.")
        )
    places = {"rank": locale.integer(rank.rank), "n": locale.integer(rank.scored)}
    text = (
        locale.text("Place {rank} of {n}", **places)
        if rank.scored == rank.n
        else locale.text("Place {rank} of the {n} with a result", **places)
    )
    if rank.ties > 1:
        text += locale.count(", shared with {n} other", ", shared with {n} others", rank.ties - 1)
    if view.surveys:
        open_ = locale.text(
            "it rests on answers of people, and what chance or those who did not answer could "
            "change is not counted"
        )
        return b.as_rich(f"{text}; {open_}.")
    ranges = places_texts(view.certainty.places.get(node.code, ()), locale)
    return b.as_rich("; ".join([text, place_certainty(rank, noun_of(view.info)), *ranges]) + ".")


def _standing_figure(view: UnitView, node: NodeView, locale: Locale) -> b.Block | None:
    """Return the picture of page one; None where there is nothing to draw."""
    parts = parts_of(view.info, node.counts, node.n_indicators)
    spread = view.spread.get(node.code, {})
    drawn_others = sum(len(x) for k, x in spread.items() if k != "edges")
    if not parts and (node.score is None or not drawn_others):
        return None
    peers = view.peer_title if spread.get("peers") and sum(spread["peers"]) else ""
    svg = figures.standing(node, view.name, parts, spread, peers, noun_of(view.info))
    counted = ", ".join(f"{chip.title} {locale.integer(count)}" for chip, count in parts)
    result = (
        score_text(node, node.score, locale) if node.score is not None else locale.text("no result")
    )
    said = [f"{view.name}, {node.title}: {result}"]
    said += [text for text in (counted, plain(_place_sentence(view, node, locale) or "")) if text]
    alt = ". ".join(said)
    rows = [
        b.Row((b.cell(chip.title, chip=None), b.cell(locale.integer(n), number=n)))
        for chip, n in parts
    ]
    if node.score is not None:
        rows.append(b.Row((b.cell(node.title), number_cell(node, node.score, locale))))
    if node.peers is not None:
        rows.append(
            b.Row((b.cell(peer_median(view, locale)), number_cell(node, node.peers, locale)))
        )
    if node.cohort is not None:
        everyone = median_of_all(view, locale)
        rows.append(b.Row((b.cell(everyone), number_cell(node, node.cohort, locale))))
    table = b.Table(
        (b.ColumnHead(locale.text("What")), b.ColumnHead(locale.text("Value"), "right")),
        tuple(rows),
    )
    return b.Figure(svg, alt, "", table)


def _two_axes(view: UnitView, locale: Locale) -> b.Block | None:
    """Return two headline results on two axes at two dates, where both are known twice."""
    pair = [
        n
        for n in view.headline
        if n.score is not None
        and n.earlier
        and n.earlier.score is not None
        and n.own_wave != "whole"
    ]
    if len(view.headline) != 2 or len(pair) != 2:
        return None
    first, second = pair
    assert first.earlier is not None and second.earlier is not None  # noqa: PT018, S101
    waves = (first.earlier.wave_title, first.wave or view.wave_title)
    rows = tuple(
        b.Row(
            (
                b.cell(node.title),
                number_cell(node, node.earlier.score if node.earlier else None, locale),
                number_cell(node, node.score, locale),
            )
        )
        for node in pair
    )
    heads = (
        b.ColumnHead(locale.text("Result")),
        b.ColumnHead(waves[0], "right"),
        b.ColumnHead(waves[1], "right"),
    )
    alt = f"{view.name}. " + "; ".join(
        locale.text(
            "{title}: from {before} to {after}",
            title=n.title,
            before=score_text(n, n.earlier.score if n.earlier else None, locale),
            after=score_text(n, n.score, locale),
        )
        for n in pair
    )
    svg = figures.two_axes(first, second, waves, locale)
    return b.Figure(
        svg, alt, locale.text("Global result on two axes, at two dates."), b.Table(heads, rows)
    )


def _facts_table(view: UnitView, locale: Locale) -> b.Table:
    """Return reported facts beside the scores."""
    rows = []
    for fact in view.facts:
        yes_no = locale.text("yes") if fact.value else locale.text("no")
        text = yes_no if fact.boolean else with_unit(fact.value, fact.unit, locale)
        title = f"{fact.title} ({fact.wave_title})" if fact.wave_title else fact.title
        rows.append(b.Row((b.cell(title), b.cell(text, number=fact.value))))
    heads = (
        b.ColumnHead(locale.text("Reported by the source"), width=2.0),
        b.ColumnHead(locale.text("Value"), "right"),
    )
    return b.Table(heads, tuple(rows))
