"""The answer to a question of a comparison: sentences first, then every number."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.compared.common import (
    MOST_PAIRS,
    PAIRS,
    ComparedView,
    between,
    furthest_pairs,
    number,
    p_text,
    pair_title,
)
from workbench.display.compared.summary import summary
from workbench.display.parts import assumed_callout
from workbench.display.values import NO_VALUE
from workbench.language import Locale, marked
from workbench.stats import Result
from workbench.stats.wording import verdict_word
from workbench.study.compare import Answer

HEADINGS = {
    "change": marked("What changed?"),
    "indicators": marked("Which indicators changed?"),
    "groups": marked("How do the groups differ?"),
    "programme": marked("Did participants change more than the others?"),
    "rank": marked("How solid are the places?"),
    "chance": marked("Who is outside what chance gives?"),
}
# What a comparison looks at, by the name of its result.
LOOKS_AT = {
    "mean_change": marked("Mean change"),
    "typical_change": marked("Typical change"),
    "share_improved": marked("Share that improved"),
    "several_waves": marked("All measurements, first to last"),
    "level_transitions": marked("Changes of level"),
    "requirement_change": marked("Change of those that meet it"),
    "two_groups": marked("Difference of two groups"),
    "several_groups": marked("Differences of several groups"),
    "two_proportions": marked("Difference of two shares"),
    "effect_two_waves": marked("Estimated effect, before and after"),
    "effect_several_waves": marked("Estimated effect, several measurements"),
    "effect_staggered": marked("Estimated effect, different starts"),
    "effect_weighted": marked("Estimated effect, beside similar ones"),
    "rank_ranges": marked("Places compatible with the data"),
    "rank_robustness": marked("Places with other weights"),
    "funnel": marked("Share of all together"),
}


# Columns of the table that say something only where several tests were made.
ADJUSTED = (5, 6)


def answer(view: ComparedView) -> b.Section:
    """Return the sentences of a comparison and its numbers, or why it can't be made."""
    locale = view.locale
    heading = HEADINGS.get(view.found.question, marked("What does the comparison say?"))
    blocks: list[b.Block | None] = [b.Heading(locale.text(heading))]
    blocks += _sentences(view, locale)
    if any(a.result.refusal is None for a in view.found.answers):
        blocks += [_table(view, locale), b.Paragraph(b.as_rich(_how_to_read(view, locale)), "note")]
    if not view.follows:
        blocks.append(assumed_callout(view.info, view.cohort.assumptions, locale))
    return view.section(blocks)


def _sentences(view: ComparedView, locale: Locale) -> list[b.Block | None]:
    """Return the main answers in words, then those that stand beside them."""
    refused = [a for a in view.main if a.result.refusal is not None]
    told = [a for a in view.main if a.result.refusal is None]
    blocks: list[b.Block | None] = []
    if len(told) == 1:
        blocks.append(b.Paragraph(b.as_rich(told[0].result.sentence(locale.tag)), "lead"))
    elif told:
        blocks += summary(view, told)
    if refused:
        title = locale.text("This can't be told from these data")
        many = len(view.main) > 1
        items = tuple(
            _named(view, a, locale) if many else b.as_rich(a.result.sentence(locale.tag))
            for a in refused
        )
        blocks.append(b.Callout("warning", title, items))
    beside = _beside(view, told, locale)
    if beside:
        heading = (
            locale.text("Looked at in other ways") if told else locale.text("What can be told")
        )
        blocks += [b.Heading(heading, 3), b.Bullets(beside)]
    return blocks


def _beside(view: ComparedView, told: list[Answer], locale: Locale) -> tuple[b.Rich, ...]:
    """Return what stands beside the main answers, without sentences that were said already."""
    said = {line for answer in told for line in answer.result.lines(locale.tag)}
    found: list[b.Rich] = []
    for answer in view.beside:
        lines = answer.result.lines(locale.tag) if answer.result.refusal is None else []
        new = [line for line in lines if line not in said]
        said |= set(lines)
        if new:
            found.append(b.as_rich(" ".join(new)))
    return tuple(found)


def _named(view: ComparedView, answer: Answer, locale: Locale) -> b.Rich:
    """Return an answer after the title of what it is of."""
    text = answer.result.sentence(locale.tag)
    return locale.rich("**{title}**: {text}", title=view.title(answer.node), text=text)


def _table(view: ComparedView, locale: Locale) -> b.Table:
    """Return the numbers of every answer that could be given."""
    heads = (
        b.ColumnHead(locale.text("What"), width=2.4),
        b.ColumnHead(locale.text("Cases"), "right", 0.7),
        b.ColumnHead(locale.text("Estimate"), "right", 1.0),
        b.ColumnHead(locale.text("Interval"), "right", 1.8),
        b.ColumnHead(locale.text("p"), "right", 0.8),
        b.ColumnHead(locale.text("Adjusted p"), "right", 1.1),
        b.ColumnHead(locale.text("Tests"), "right", 0.8),
        b.ColumnHead(locale.text("Verdict"), width=1.7),
    )
    rows: list[b.Row] = []
    for answer in view.told:
        rows += [_row(view, answer, locale), *_pairs(view, answer.result, locale)]
    kept = [i for i in range(len(heads)) if any(r.cells[i].plain() != NO_VALUE for r in rows)]
    if not any(_is_adjusted(a.result) for a in view.told):
        kept = [i for i in kept if i not in ADJUSTED]
    cut = (b.Row(tuple(r.cells[i] for i in kept), depth=r.depth) for r in rows)
    return b.Table(tuple(heads[i] for i in kept), tuple(cut), _pairs_note(view, locale))


def _is_adjusted(result: Result) -> bool:
    """Return whether a p of a result allows for other tests."""
    return PAIRS in result.tables or bool(result.test and result.test.p_adjusted is not None)


def _pairs_note(view: ComparedView, locale: Locale) -> str:
    """Return that of many pairs of groups only some are listed."""
    pairs = next((a.result.tables[PAIRS] for a in view.told if PAIRS in a.result.tables), None)
    if pairs is None or len(pairs) <= MOST_PAIRS:
        return ""
    return locale.text(
        "The {n} pairs furthest apart, of {all}.",
        n=locale.integer(MOST_PAIRS),
        all=locale.integer(len(pairs)),
    )


def _row(view: ComparedView, answer: Answer, locale: Locale) -> b.Row:
    """Return the numbers of an answer."""
    result = answer.result
    interval, test = result.interval, result.test
    limits = between(result, interval.low, interval.high, locale) if interval else NO_VALUE
    return b.Row(
        (
            b.cell(_what(view, answer, locale)),
            b.cell(locale.integer(result.n), number=result.n),
            b.cell(number(result, result.estimate, locale), number=result.estimate),
            b.cell(limits),
            b.cell(p_text(test.p if test else None, locale), number=test.p if test else None),
            b.cell(p_text(test.p_adjusted if test else None, locale)),
            b.cell(locale.integer(test.m) if test else NO_VALUE),
            b.cell(result.verdict_word(locale.tag) or NO_VALUE),
        )
    )


def _pairs(view: ComparedView, result: Result, locale: Locale) -> list[b.Row]:
    """Return the differences of every two groups, whose p and intervals hold for all at once."""
    pairs = result.tables.get(PAIRS)
    if pairs is None:
        return []
    return [
        b.Row(
            (
                b.cell(pair_title(view, result, row)),
                b.cell(NO_VALUE),
                b.cell(number(result, row["diff_b_minus_a"], locale)),
                b.cell(between(result, row["ci_low"], row["ci_high"], locale)),
                b.cell(NO_VALUE),
                b.cell(p_text(row["p"], locale)),
                b.cell(locale.integer(len(pairs))),
                b.cell(verdict_word(result.family, row["verdict"]).text(locale.tag)),
            ),
            depth=1,
        )
        for _, row in furthest_pairs(pairs).iterrows()
    ]


def _what(view: ComparedView, answer: Answer, locale: Locale) -> str:
    """Return what a row is of: the node where there are several, else the way to look at it."""
    several = len({a.node for a in view.found.answers}) > 1
    if about := view.about(answer):
        unit = view.unit_of(answer)
        return f"{about} ({unit})" if unit else about
    source = LOOKS_AT.get(answer.result.question, "")
    title = view.title(answer.node) if several or not source else locale.text(source)
    unit = view.unit_of(answer)
    return f"{title} ({unit})" if unit else title


def _how_to_read(view: ComparedView, locale: Locale) -> str:
    """Return what the columns mean, and whether the question was declared beforehand."""
    levels = [a.result.interval.level for a in view.found.answers if a.result.interval is not None]
    parts = []
    if levels:
        parts.append(
            locale.text(
                "Intervals are at {level}: they hold the estimates that fit the data.",
                level=locale.percent(100 * levels[0], 0),
            )
        )
    if any(a.result.test is not None for a in view.told):
        parts.append(
            locale.text(
                "p says how often chance alone would give at least as much if there were no "
                "difference; where several tests are made at once, the adjusted p allows for their "
                "number."
            )
        )
    if any(PAIRS in a.result.tables or a.about for a in view.told):
        parts.append(locale.text("A difference is that of the first group less the second."))
    declared = all(a.result.confirmatory for a in view.main)
    parts.append(
        locale.text("The study declared this question beforehand.")
        if declared
        else locale.text(
            "The study did not declare this question beforehand: the answer is exploratory."
        )
    )
    return " ".join(parts)
