"""Studies, instruments, scores and results of comparisons as they show themselves in a notebook."""

from __future__ import annotations

import os
from collections.abc import Iterable

import numpy as np

from workbench.display import blocks as b
from workbench.display.parts import noun_of
from workbench.display.rules import RULES
from workbench.display.style import level_chip
from workbench.display.values import NO_VALUE
from workbench.instruments import Instrument
from workbench.language import Locale, as_locale, marked, nearest_tag
from workbench.scoring import Scores
from workbench.scoring.states import NO_LEVEL
from workbench.stats import Result
from workbench.study import Study
from workbench.study.compare import Comparison
from workbench.study.foreign import foreign_of
from workbench.study.info import study_info
from workbench.study.views import LevelInfo

SHOWN = 10
MOST_GROUPS = 16
QUESTIONS = ("study.view(unit)", "study.scores", "study.what_if(...)", "compare(study)")
FRAMES = ("scores.to_frame()", "scores.wide(wave)")
COMPLETENESS = {
    "published": marked("Published: it can be scored as its publisher does"),
    "partial": marked("Partial: some of its rules are assumed, and reports say which"),
    "outline": marked(
        "Outline: only its structure is known, and nothing can be scored with it yet"
    ),
}


def study_section(study: Study) -> b.Section:
    """Return a study: what it measures, of whom and when, and what can be asked of it."""
    locale, info = study.locale, study_info(study)
    noun = noun_of(info)
    said = noun.count("{n} {noun} measured", "{n} {nouns} measured", len(study.observed_units()))
    waves = [w.title.in_(locale.tag) if w.title else w.id for w in study.spec.waves]
    facts = (
        (locale.text("Instrument"), info.instrument_title),
        (locale.text("Measured"), f"{said}: {locale.listing(waves)}"),
        (locale.text("Author"), info.author),
        (locale.text("Remarks on the data"), locale.integer(len(study.warnings))),
    )
    blocks: list[b.Block | None] = [
        b.Heading(info.title),
        b.Callout("example", locale.text("Fictitious data"), ()) if info.example else None,
        b.Paragraph(b.as_rich(info.description)) if info.description else None,
        _facts(facts, locale),
        _own_choices(study, locale),
        _headline_table(study.scores, locale, info.scales, study.names),
        b.Paragraph(
            b.as_rich(
                locale.text("Ask it further: {calls}.", calls=locale.listing(list(QUESTIONS)))
            ),
            "note",
        ),
    ]
    return b.Section(blocks, locale.tag, info.foreign)


def _facts(facts: Iterable[tuple[str, str]], locale: Locale) -> b.Bullets:
    """Return facts as a list of names and values."""
    said = (locale.text("{name}: {value}", name=name, value=value) for name, value in facts)
    return b.Bullets(tuple(map(b.as_rich, said)))


def _own_choices(study: Study, locale: Locale) -> b.Callout | None:
    """Return that a study makes choices that its instrument does not."""
    if not study.spec.choices.changes_scores:
        return None
    title = locale.text("Its choices are not those of the instrument")
    written = study.spec.choices.model_dump(mode="json", exclude_defaults=True)
    items = tuple(b.as_rich(f"{name}: {value}") for name, value in written.items())
    return b.Callout("warning", title, items)


def scores_section(scores: Scores, locale: str | None = None) -> b.Section:
    """Return scores: how many there are, and the result of page one in the last wave."""
    speaker = as_locale(locale or nearest_tag(scores.instrument.spec.language))
    waves = scores.cases.get_level_values("wave").unique()
    size = [
        speaker.count("{n} unit", "{n} units", len(scores.units)),
        speaker.count("{n} wave", "{n} waves", len(waves)),
        speaker.count("{n} part", "{n} parts", len(scores.nodes)),
    ]
    blocks: list[b.Block | None] = [
        b.Heading(scores.instrument.text(scores.instrument.spec.title, speaker.tag)),
        b.Paragraph(b.as_rich(speaker.listing(size) + ".")),
        _headline_table(scores, speaker, _scales(scores.instrument, speaker.tag), {}),
        b.Paragraph(
            b.as_rich(speaker.text("All of them: {calls}.", calls=speaker.listing(list(FRAMES)))),
            "note",
        ),
    ]
    return b.Section(blocks, speaker.tag)


def _headline_table(
    scores: Scores,
    locale: Locale,
    scales: dict[str, tuple[LevelInfo, ...]],
    names: dict[str, str],
) -> b.Table | None:
    """Return the results of page one in the last wave, a few units of it; places are not given."""
    instrument = scores.instrument
    codes = [code for code in instrument.headline if code in scores.results]
    cases = scores.cases
    waves = cases.get_level_values("wave")
    if not codes or not len(cases):
        return None
    last = str(waves[-1])
    rows = np.flatnonzero(waves == last)
    heads = [b.ColumnHead(locale.text("Unit"), width=2.0)]
    heads += [b.ColumnHead(instrument.title(c, locale.tag), "right") for c in codes]
    lines = []
    for row in rows[:SHOWN]:
        unit = str(cases[row][0])
        cells = [_result_cell(scores, code, int(row), locale, scales) for code in codes]
        lines.append(b.Row((b.cell(names.get(unit, unit)), *cells)))
    caption = locale.text(
        "{wave}: the first {n} of {all}, in the order of their codes",
        wave=last,
        n=locale.integer(len(lines)),
        all=locale.integer(len(rows)),
    )
    return b.Table(tuple(heads), tuple(lines), caption)


def _result_cell(
    scores: Scores,
    code: str,
    row: int,
    locale: Locale,
    scales: dict[str, tuple[LevelInfo, ...]],
) -> b.Cell:
    """Return the score and the level of a node in one case."""
    result, instrument = scores.results[code], scores.instrument
    place, score = int(result.level[row]), float(result.score[row])
    levels = scales.get(instrument.nodes[code].scale or "", ())
    chip = level_chip(levels[place]) if place != NO_LEVEL and levels else None
    if np.isnan(score):
        return b.cell(chip=chip) if chip else b.cell(NO_VALUE)
    return b.cell(locale.number(score, instrument.decimals(code)), chip=chip, number=score)


def _scales(instrument: Instrument, tag: str) -> dict[str, tuple[LevelInfo, ...]]:
    """Return the levels of each scale of an instrument."""
    language = instrument.spec.language
    return {
        scale: tuple(
            LevelInfo(
                id=level.id,
                title=level.title.in_(tag, language),
                colour=level.colour,
                place=place,
                of=len(levels),
                follows=instrument.text(level.follows, tag),
            )
            for place, level in enumerate(levels)
        )
        for scale, levels in instrument.scales.items()
    }


def instrument_section(instrument: Instrument, locale: str | None = None) -> b.Section:
    """Return an instrument: who publishes it, how far it is known, and its groups."""
    speaker = as_locale(locale or nearest_tag(instrument.spec.language))
    spec = instrument.spec
    facts = [
        (speaker.text("Publisher"), instrument.text(spec.publisher, speaker.tag)),
        (speaker.text("Version"), spec.version),
    ]
    plurals = {tier.id: instrument.text(tier.plural, speaker.tag) for tier in spec.tiers}
    facts += [(title, speaker.integer(instrument.counts[tier])) for tier, title in plurals.items()]
    leaves = instrument.text(spec.indicator_plural, speaker.tag) or speaker.text("Indicators")
    facts.append((leaves, speaker.integer(len(instrument.indicators))))
    known = [speaker.text(COMPLETENESS[spec.completeness])]
    known += [instrument.text(spec.completeness_note, speaker.tag)]
    description = instrument.text(spec.description, speaker.tag)
    example = b.Callout("example", speaker.text("Fictitious example"), ())
    blocks: list[b.Block | None] = [
        b.Heading(instrument.text(spec.title, speaker.tag)),
        example if spec.example else None,
        b.Paragraph(b.as_rich(description)) if description else None,
        _facts(tuple(facts), speaker),
        b.Bullets(tuple(b.as_rich(text) for text in known if text)),
        _groups(instrument, speaker),
    ]
    return b.Section(blocks, speaker.tag, foreign_of(instrument, speaker.tag))


def _groups(instrument: Instrument, locale: Locale) -> b.Table:
    """Return the groups of an instrument with their weights and rules."""
    heads = (
        b.ColumnHead(locale.text("Group"), width=2.6),
        b.ColumnHead(locale.text("Rule"), width=1.4),
        b.ColumnHead(locale.text("Parts"), "right"),
        b.ColumnHead(instrument.text(instrument.spec.indicator_plural, locale.tag)
                     or locale.text("Indicators"), "right"),
    )  # fmt: skip
    rows = []
    # Of an instrument of many groups the upper ones say what it is made of.
    deepest = 99 if len(instrument.groups) <= MOST_GROUPS else 1
    for depth, node in instrument.walk():
        if node.is_indicator or depth > deepest:
            continue
        method = str(node.aggregate.method) if node.aggregate else "none"
        cells = (
            b.cell(instrument.title(node.code, locale.tag)),
            b.cell(locale.text(RULES.get(method, method))),
            b.cell(locale.integer(len(node.children)), number=len(node.children)),
            b.cell(locale.integer(len(node.leaves)), number=len(node.leaves)),
        )
        rows.append(b.Row(cells, depth, depth == 0))
    return b.Table(heads, tuple(rows))


def comparison_section(found: Comparison) -> b.Section:
    """Return a comparison: its sentences, what a reader must know, and why it was chosen."""
    results = [answer.result for answer in found.answers]
    locale = as_locale(found.locale)
    blocks: list[b.Block | None] = [
        b.Paragraph(b.as_rich(found.sentence(locale.tag)), "lead"),
        _notes(results, locale),
        b.Heading(locale.text("Why this comparison"), 3),
        b.Bullets(tuple(b.as_rich(text) for text in found.choice(locale.tag))),
    ]
    return b.Section(blocks, locale.tag)


def result_section(result: Result, locale: str | None = None) -> b.Section:
    """Return one result of a comparison: its sentences, its numbers, what a reader must know."""
    speaker = as_locale(locale or nearest_tag(os.environ.get("WORKBENCH_LANG")))
    blocks: list[b.Block | None] = [
        b.Paragraph(
            b.as_rich(result.sentence(speaker.tag) or result.method.text(speaker.tag)), "lead"
        ),
        _numbers(result, speaker),
        _notes([result], speaker),
    ]
    return b.Section(blocks, speaker.tag)


def _numbers(result: Result, locale: Locale) -> b.Table | None:
    """Return the numbers of a result, as far as there are any."""
    if result.refusal is not None:
        return None
    interval, test = result.interval, result.test
    numbers: list[tuple[str, float | None]] = [
        (locale.text("Estimate"), result.estimate),
        (locale.text("Lower end"), interval.low if interval else None),
        (locale.text("Upper end"), interval.high if interval else None),
        (locale.text("p"), test.p if test else None),
    ]
    rows = [
        b.Row(
            (b.cell(locale.text("Units used")), b.cell(locale.integer(result.n), number=result.n))
        )
    ]
    rows += [
        b.Row((b.cell(name), b.cell(locale.number(x, 3), number=x)))
        for name, x in numbers
        if x is not None
    ]
    heads = (b.ColumnHead(locale.text("Number")), b.ColumnHead(locale.text("Value"), "right"))
    return b.Table(heads, tuple(rows), result.method.text(locale.tag))


def _notes(results: Iterable[Result], locale: Locale) -> b.Callout | None:
    """Return who was left out, warnings and doubts, each once."""
    notes = dict.fromkeys(note for result in results for note in result.notes(locale.tag))
    if not notes:
        return None
    title = locale.text("To know before quoting it")
    return b.Callout("info", title, tuple(b.as_rich(note) for note in notes))
