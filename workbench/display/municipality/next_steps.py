"""What next: what is closest to the next level, who is there already, and the roadmap."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display import figures
from workbench.display.municipality.beside import what_follows
from workbench.display.municipality.common import place_of, section
from workbench.display.parts import (
    chip_of,
    locale_of,
)
from workbench.language import Locale
from workbench.study.views import IndicatorView, UnitView

MOST_STEPS = 12


def next_steps(view: UnitView) -> b.Section:
    """Return what is closest to the next level, who is there already, and the roadmap."""
    locale = locale_of(view.info)
    blocks: list[b.Block | None] = [b.Heading(locale.text("What next?"))]
    due = what_follows(view, locale)
    blocks += due
    near = _nearest(view)
    if near:
        blocks += _steps(view, near, locale)
    elif not due:
        blocks.append(b.Paragraph(b.as_rich(_no_steps(view, locale))))
    if view.roadmap is not None:
        plan = view.roadmap
        rows = tuple(
            b.Row(
                (
                    b.cell(t[0]),
                    b.cell(", ".join(str(c) for c in t[1]) or "–"),
                    b.cell(_marks(plan.marks, t[2])),
                )
            )
            for t in plan.tasks
        )
        heads = (
            b.ColumnHead(locale.text("Task"), width=2.6),
            b.ColumnHead(locale.text("Columns")),
            b.ColumnHead(locale.text("Marks")),
        )
        alt = locale.count("Roadmap with {n} task", "Roadmap with {n} tasks", len(plan.tasks))
        blocks += [
            b.Heading(plan.title, 3),
            b.Figure(figures.roadmap(plan), alt, plan.source, b.Table(heads, rows)),
        ]
        blocks += [b.Paragraph(b.as_rich(note), "note") for note in plan.notes]
    return section(view, blocks)


def _marks(known: tuple[tuple[str, str, str], ...], marks: tuple[tuple[int, str], ...]) -> str:
    """Return the marks of a task in words."""
    titles = {name: title for name, title, _ in known}
    return ", ".join(f"{column}: {titles[mark]}" for column, mark in marks) or "–"


def _nearest(view: UnitView) -> list[IndicatorView]:
    """Return indicators below their best level whose gap is known, the smallest gap first."""
    found = []
    for indicator in view.indicators:
        levels = view.info.scales.get(indicator.scale or "", ())
        place = place_of(view, indicator.scale, indicator.level)
        if not levels or not 0 <= place < len(levels) - 1 or not indicator.lacking:
            continue
        found.append(indicator)
    return sorted(
        found, key=lambda i: (len(i.lacking), -place_of(view, i.scale, i.level), _natural(i.code))
    )


def _natural(code: str) -> tuple[tuple[int, str], ...]:
    """Return a key that sorts 4.4.10 after 4.4.9."""
    return tuple((int(p), "") if p.isdigit() else (0, p) for p in code.split("."))


def _steps(view: UnitView, near: list[IndicatorView], locale: Locale) -> list[b.Block | None]:
    """Return the list of what is closest to the best level."""
    levels = view.info.scales[near[0].scale or ""]
    best = levels[-1].title
    text = locale.count(
        "{n} checklist lacks something to reach {level}. These are the closest:",
        "{n} checklists lack something to reach {level}. These are the closest:",
        len(near),
        level=best,
    )
    with_peers = any(i.peers_top is not None for i in near[:MOST_STEPS])
    heads = [
        b.ColumnHead(view.info.indicator_title, width=2.2),
        b.ColumnHead(locale.text("Now"), width=1.1),
        b.ColumnHead(locale.text("What is lacking"), width=3.4),
        b.ColumnHead(locale.text("Review"), width=0.9),
    ]
    if with_peers:
        heads.append(b.ColumnHead(locale.text("Peers there"), width=1.3))
    review = {"once": locale.text("once"), "annual": locale.text("every year")}
    rows = []
    for i in near[:MOST_STEPS]:
        cells = [
            b.cell(f"{i.code} {i.title}"),
            b.cell(chip=chip_of(view.info, i.scale, i.level, i.status)),
            b.cell("; ".join(i.lacking)),
            b.cell(review.get(i.review or "", "–")),
        ]
        if with_peers:
            cells.append(b.cell(_peers_there(i, locale)))
        rows.append(b.Row(tuple(cells)))
    warning = locale.text(
        "A tick is no aim in itself: choose what serves people, and let the level follow. The "
        "order says what is closest, not what matters most."
    )
    return [
        b.Paragraph(b.as_rich(text)),
        b.Table(tuple(heads), tuple(rows)),
        b.Paragraph(b.as_rich(warning), "note"),
    ]


def _peers_there(indicator: IndicatorView, locale: Locale) -> str:
    """Return how many peers are at the best level, and some of them by name."""
    if indicator.peers_top is None:
        return "–"
    text = locale.text(
        "{k} of {n}", k=locale.integer(indicator.peers_top), n=locale.integer(indicator.peers_n)
    )
    return (
        f"{text}: {locale.listing(list(indicator.peers_there))}" if indicator.peers_there else text
    )


def _no_steps(view: UnitView, locale: Locale) -> str:
    """Return why no next step is listed."""
    if not any(i.status != "missing" for i in view.indicators):
        return locale.text(
            "The source gives totals by area, not indicators: which ones to mend first can't be "
            "told from these data. With the elements of each indicator this page lists what is "
            "closest to the next level."
        )
    if all(
        i.level
        and place_of(view, i.scale, i.level) == len(view.info.scales.get(i.scale or "", ())) - 1
        for i in view.indicators
        if i.scale and i.level
    ) and any(i.scale and i.level for i in view.indicators):
        return locale.text(
            "Every indicator with a level is at its best one: the task is to keep it."
        )
    return locale.text(
        "The data do not say what each indicator lacks, so no next step can be derived from them."
    )
