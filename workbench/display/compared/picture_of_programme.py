"""The picture of a programme: how both groups went on, and the distance between them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.display import blocks as b
from workbench.display.compared.common import ComparedView, number
from workbench.display.compared.estimates import estimate_of, estimate_row, estimates
from workbench.display.compared_figures import Estimate, events
from workbench.display.group_figures import Group, Walk, walks
from workbench.display.values import NO_VALUE
from workbench.language import Locale
from workbench.stats import Result
from workbench.study.compare import Answer
from workbench.study.compared import part_start


def programme_pictures(view: ComparedView) -> list[b.Block | None]:
    """Return the means of participants and others by wave, and what the comparison estimates."""
    told = [a for a in view.told if a.result.interval is not None]
    if not told:
        return []
    found: list[b.Block | None] = [_walks(view, told[0].node)]
    main = [a for a in told if not a.beside]
    if main:
        return [*found, _effect(view, main[0])]
    rows = [estimate_of(a.result, view.about(a)) for a in told]
    return [*found, estimates(rows, view.unit_of(told[0]), told[0].result, view.locale)]


def _walks(view: ComparedView, node: str) -> b.Figure | None:
    """Return the means of participants and others in each wave."""
    locale, waves = view.locale, view.found.waves
    if len(waves) < 2:
        return None
    part = view.data.taking_part()
    scores = {w: view.data.scores(node, w) for w in waves}
    some, rows = [], []
    for value, name in view.data.part_names.items():
        groups = [_of(scores[w], part, value) for w in waves]
        if not all(len(g.values) for g in groups):
            return None
        title = view.named(name)
        n = locale.integer(max(len(g.values) for g in groups))
        means = tuple(g.mean for g in groups)
        some.append(Walk(f"{title} ({n})", means, tuple(g.interval() for g in groups)))
        rows += [
            _walk_row(view, title, view.wave_title(w), g)
            for w, g in zip(waves, groups, strict=True)
        ]
    digits = max(view.data.decimals(node), 1)
    titles = [view.wave_title(w) for w in waves]
    start = part_start(view.data, waves)
    drawn = walks(some, titles, start, view.axis(node), lambda x: locale.number(x, digits), locale)
    heads = (
        b.ColumnHead(locale.text("Group"), width=2.0),
        b.ColumnHead(locale.text("When")),
        b.ColumnHead(locale.text("Cases"), "right"),
        b.ColumnHead(locale.text("Mean"), "right"),
        b.ColumnHead(locale.text("Interval"), "right", 1.6),
    )
    alt = "; ".join(
        locale.text(
            "{group}: {before} in {first}, {after} in {last}",
            group=walk.title,
            before=locale.number(walk.means[0], digits),
            after=locale.number(walk.means[-1], digits),
            first=titles[0],
            last=titles[-1],
        )
        for walk in some
    )
    caption = locale.text("Mean of each group in each measurement, with its interval.")
    return b.Figure(drawn, alt, caption, b.Table(heads, tuple(rows)))


def _of(scores: pd.Series, part: pd.Series, value: object) -> Group:
    """Return the scores of participants, or of the others."""
    own = scores[part.reindex(scores.index) == value].dropna()
    return Group("", np.asarray(own, dtype=float))


def _walk_row(view: ComparedView, title: str, wave: str, group: Group) -> b.Row:
    """Return the mean of a group in a wave as numbers."""
    locale, digits = view.locale, max(view.data.decimals(view.found.answers[0].node), 1) + 1
    ends = group.interval()
    limits = "; ".join(locale.number(x, digits) for x in ends) if ends else NO_VALUE
    return b.Row(
        (
            b.cell(title),
            b.cell(wave),
            b.cell(locale.integer(len(group.values)), number=len(group.values)),
            b.cell(locale.number(group.mean, digits), number=group.mean),
            b.cell(limits),
        )
    )


def _effect(view: ComparedView, answer: Answer) -> b.Figure | None:
    """Return the distance of participants and others around the start, or the one estimate."""
    result, locale = answer.result, view.locale
    if "by_wave" in result.tables:
        some, reference = _by_wave(view, result)
    elif "dynamic" in result.tables:
        some, reference = _by_step(result, locale), ""
    elif result.interval is not None:
        group, other = (view.named(name) for name in view.data.part_names.values())
        title = locale.text("{group} compared with {reference}", group=group, reference=other)
        return estimates([estimate_of(result, title)], view.unit_of(answer), result, locale)
    else:
        return None
    group, other = (view.named(name) for name in view.data.part_names.values())
    axis = locale.text("{group} compared with {reference}", group=group, reference=other)
    if unit := view.unit_of(answer):
        axis = f"{axis} ({unit})"
    drawn = events(some, reference, axis, lambda x: locale.number(x, result.decimals), locale)
    heads = (
        b.ColumnHead(locale.text("When"), width=2.0),
        b.ColumnHead(locale.text("Distance"), "right"),
        b.ColumnHead(locale.text("Interval"), "right", 1.6),
    )
    rows = tuple(
        b.Row((b.cell(e.title), b.cell("0"), b.cell(NO_VALUE)))
        if e.title == reference
        else estimate_row(e, result, locale)
        for e in some
    )
    alt = "; ".join(f"{e.title}: {number(result, e.value, locale)}" for e in some)
    text = locale.text("Distance between participants and others, less that before the start.")
    if any(not e.after and e.title != reference for e in some):
        like = locale.text(
            "Were both on like paths before, the dots before the start lie near zero."
        )
        text = f"{text} {like}"
    return b.Figure(drawn, alt, text, b.Table(heads, rows))


def _by_wave(view: ComparedView, result: Result) -> tuple[list[Estimate], str]:
    """Return the distances by wave in order of time, with the wave of reference."""
    table = result.tables["by_wave"]
    known = {str(wave): row for wave, row in table.iterrows()}
    some, reference = [], ""
    for wave in view.found.waves:
        title = view.wave_title(wave)
        if wave in known:
            row = known[wave]
            ends = float(row["coef"]), float(row["ci_low"]), float(row["ci_high"])
            some.append(Estimate(title, *ends, after=bool(row["after"])))
        elif _both_seen(view, wave):
            reference = title
            some.append(Estimate(title, 0.0, 0.0, 0.0, after=False))
    return some, reference


def _both_seen(view: ComparedView, wave: str) -> bool:
    """Return whether both groups were measured in a wave; only then can it be the reference."""
    scores = view.data.scores(view.main[0].node, wave).dropna()
    return len(view.data.taking_part().reindex(scores.index).dropna().unique()) > 1


def _by_step(result: Result, locale: Locale) -> list[Estimate]:
    """Return the average effects by the number of waves since each unit's start."""
    table = result.tables["dynamic"].sort_values("e")
    columns = ("e", "att", "ci_low", "ci_high")
    return [
        Estimate(
            locale.number(step, 0, sign=True), float(value), float(low), float(high), step >= 0
        )
        for step, value, low, high in zip(*(table[c] for c in columns), strict=True)
    ]
