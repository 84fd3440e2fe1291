"""What next: what is closest to the next level, who is there already, and the roadmap."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.municipality.beside import what_follows
from workbench.display.municipality.common import (
    aimed_level,
    areas_of_view,
    place_of,
    section,
    yardstick,
)
from workbench.display.municipality.conditions import failing
from workbench.display.municipality.gaps import (
    answer_steps,
    peers_cell,
    peers_head,
    point_steps,
    to_answer,
)
from workbench.display.municipality.roadmap import roadmap_blocks
from workbench.display.municipality.steps import (
    checklists,
    chosen,
    dependencies,
    fair,
    is_in,
    lacking_text,
    missing_steps,
    out_of_reach,
    planned,
)
from workbench.display.parts import chip_of, locale_of, noun_of, value_text
from workbench.display.values import titled
from workbench.language import Locale
from workbench.study.views import IndicatorView, UnitView

MOST_STEPS = 12


def next_steps(view: UnitView) -> b.Section:
    """Return what is closest to the next level, who is there already, and the roadmap."""
    locale = locale_of(view.info)
    blocks: list[b.Block | None] = [b.Heading(locale.text("What next?"))]
    due = [*failing(view, locale), *what_follows(view, locale)]
    blocks += due
    lists, measures, answers = checklists(view), measures_below(view), to_answer(view)
    if lists:
        blocks += _steps(view, lists, locale)
    if measures:
        blocks += _measured_steps(view, measures, locale)
    blocks += [out_of_reach(view, locale), *dependencies(view, locale)]
    statements = _statements(view)
    if statements:
        blocks += _unmet(view, statements, locale)
    if answers:
        blocks += answer_steps(view, fair(view, answers, MOST_STEPS), len(answers), locale)
    points = point_steps(view, locale)
    blocks += points
    some = [*lists, *measures, *answers]
    if some and not any(i.peers_top is not None for i in some):
        blocks.append(b.Paragraph(b.as_rich(_no_peers(view, locale)), "note"))
    if not (some or points or due or statements):
        blocks.append(b.Paragraph(b.as_rich(_no_steps(view, locale))))
    blocks += roadmap_blocks(view)
    return section(view, blocks)


def measures_below(view: UnitView) -> list[IndicatorView]:
    """Return measures below their best level whose next cut-point is known."""
    return [
        i
        for i in view.indicators
        if i.value is not None and i.level and aimed_level(view, i) not in (None, i.level)
    ]


def _statements(view: UnitView) -> list[IndicatorView]:
    """Return statements that do not hold, or that lack the evidence that is demanded.

    Those under a level by conditions are left out: what its next level asks for stands already.
    """
    told = [n.code for n in view.nodes if n.conditions is not None]
    unmet = [i for i in view.indicators if i.kind == "statement" and i.value == 0.0]
    return [i for i in unmet if not any(is_in(view, i, code) for code in told)]


def _unmet(view: UnitView, some: list[IndicatorView], locale: Locale) -> list[b.Block | None]:
    """Return the statements that are not met, and what each lacks."""
    text = locale.count("{n} statement is not met.", "{n} statements are not met.", len(some))
    heads = (
        b.ColumnHead(view.info.indicator_title, width=3.6),
        b.ColumnHead(locale.text("What is lacking"), width=2.4),
    )
    proof, all_of_it = locale.text("the evidence"), locale.text("that it holds")
    rows = tuple(
        b.Row(
            (
                b.cell(titled(i.code, i.title)),
                b.cell(proof if "no_evidence" in i.remarks else all_of_it),
            )
        )
        for i in some
    )
    return [b.Paragraph(b.as_rich(text)), b.Table(heads, rows)]


def _steps(view: UnitView, near: list[IndicatorView], locale: Locale) -> list[b.Block | None]:
    """Return the list of what is closest to the best level."""
    best = view.info.scales[near[0].scale or ""][-1].title
    shown = chosen(view, near, MOST_STEPS)
    review = {"once": locale.text("once"), "annual": locale.text("every year")}
    with_review = any(i.review in review for i in shown)
    plans = planned(view, shown, locale)
    heads = [
        b.ColumnHead(view.info.indicator_title, width=2.2),
        b.ColumnHead(locale.text("Now"), width=1.4),
        b.ColumnHead(locale.text("What is lacking"), width=2.9),
        *([b.ColumnHead(locale.text("Review"), width=0.9)] if with_review else []),
        *peers_head(shown, locale),
        *([b.ColumnHead(locale.text("In the roadmap"), width=1.2)] if plans else []),
    ]
    rows = []
    for i in shown:
        cells = [
            b.cell(titled(i.code, i.title)),
            b.cell(chip=chip_of(view.info, i.scale, i.level, i.status)),
            b.cell(lacking_text(i, locale)),
            *([b.cell(review.get(i.review or "", "–"))] if with_review else []),
            *peers_cell(i, shown, locale),
            *([b.cell(plans.get(i.code, "–"))] if plans else []),
        ]
        rows.append(b.Row(tuple(cells)))
    warning = locale.text(
        "Ticking boxes is not the aim: choose what serves people, and the level will follow. The "
        "order says what is closest, not what matters most."
    )
    return [
        b.Paragraph(b.as_rich(_how_many(near, shown, best, locale))),
        b.Table(tuple(heads), tuple(rows)),
        b.Paragraph(b.as_rich(warning), "note"),
    ]


def _how_many(
    near: list[IndicatorView], shown: list[IndicatorView], best: str, locale: Locale
) -> str:
    """Return how many checklists lack something, how many one thing only, and which are shown."""
    text = locale.count(
        "{n} checklist lacks something to reach {level}.",
        "{n} checklists lack something to reach {level}.",
        len(near),
        level=best,
    )
    one = sum(missing_steps(i) == 1 for i in near)
    if one == len(near) > 1:
        text += " " + locale.text("Each of them lacks one element only.")
    elif one:
        text += " " + locale.count(
            "{n} of them lacks one element only.", "{n} of them lack one element only.", one
        )
    if len(near) == 1:
        return text
    if len(shown) == len(near):
        return f"{text} {locale.text('All are listed, the smallest gap first:')}"
    if one > len(shown):
        cut = locale.text(
            "{k} of these are listed, taken from each area in turn, the weakest area first:",
            k=locale.integer(len(shown)),
        )
    else:
        cut = locale.text(
            "The {k} with the smallest gap are listed; where gaps are equal, they are taken from "
            "each area in turn, the weakest area first:",
            k=locale.integer(len(shown)),
        )
    return f"{text} {cut}"


def _measured_steps(
    view: UnitView, some: list[IndicatorView], locale: Locale
) -> list[b.Block | None]:
    """Return the measures below their best level with the values of the next one."""
    heads = (
        b.ColumnHead(view.info.indicator_title, width=3.0),
        b.ColumnHead(locale.text("Now"), width=1.4),
        b.ColumnHead(locale.text("Measured"), width=1.4),
        b.ColumnHead(locale.text("For the next level"), width=2.2),
        *peers_head(some, locale),
    )
    rows = tuple(
        b.Row(
            (
                b.cell(titled(i.code, i.title)),
                b.cell(chip=chip_of(view.info, i.scale, i.level, i.status)),
                b.cell(value_text(i, locale), number=i.value),
                b.cell(yardstick(view, i, locale)),
                *peers_cell(i, some, locale),
            )
        )
        for i in some
    )
    text = locale.count(
        "{n} measure is below its best level. It has no elements to tick: what counts is its "
        "value.",
        "{n} measures are below their best level. They have no elements to tick: what counts is "
        "their value. They measure different things, so they are not ordered by distance.",
        len(some),
    )
    return [b.Paragraph(b.as_rich(text)), b.Table(heads, rows)]


def _no_peers(view: UnitView, locale: Locale) -> str:
    """Return why no peer that is there already is named."""
    if view.n_cohort < 2:
        noun = noun_of(view.info)
        return noun.text(
            "No peers that are there already are named: the study holds one {noun} only."
        )
    if view.n_peers < view.peer_minimum:
        return locale.count(
            "No peers that are there already are named: the study has {n} peer only.",
            "No peers that are there already are named: the study has {n} peers only.",
            view.n_peers,
        )
    return locale.text(
        "No peers that are there already are named: their indicators are not in these data."
    )


def _no_steps(view: UnitView, locale: Locale) -> str:
    """Return why no next step is listed."""
    if not any(i.status != "missing" for i in view.indicators):
        return _no_indicators(view, locale)
    if all(
        i.level
        and place_of(view, i.scale, i.level) == len(view.info.scales.get(i.scale or "", ())) - 1
        for i in view.indicators
        if i.scale and i.level
    ) and any(i.scale and i.level for i in view.indicators):
        return locale.text(
            "Every indicator with a level is at its best one: the task is to keep it."
        )
    if not any(i.scale for i in view.indicators):
        return locale.text(
            "The instrument gives these indicators no levels, so no next step can be derived from "
            "them."
        )
    return locale.text(
        "The data do not say what each indicator lacks, so no next step can be derived from them."
    )


def _no_indicators(view: UnitView, locale: Locale) -> str:
    """Return that no step follows from totals, and what it would take."""
    text = (
        locale.text(
            "The source gives totals by area, not indicators: which ones to mend first can't be "
            "told from these data."
        )
        if areas_of_view(view)
        else locale.text(
            "The source gives one total, neither areas nor indicators: what to mend first can't "
            "be told from these data."
        )
    )
    if view.info.scales:
        text += " " + locale.text(
            "With the elements of each indicator this page lists what is closest to the next level."
        )
    return text
