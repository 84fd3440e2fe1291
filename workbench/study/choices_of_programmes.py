"""Comparisons of those who take part in a programme with the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from workbench import stats
from workbench.errors import DataError, Problem, Reason, did_you_mean
from workbench.language import Message
from workbench.specs.comparisons import Programme
from workbench.stats import Labels
from workbench.study.compare import Choice

PATH = ("comparisons", "programme")


def programme(choice: Choice) -> None:
    """Compare the changes of participants and others by the design that the dates allow."""
    _by_dates(choice)
    remark = choice.data.listed.remark() if choice.data.listed is not None else None
    if remark is not None:
        first = choice.answers[0]
        told = replace(first.result, warnings=(*first.result.warnings, remark))
        choice.answers[0] = replace(first, result=told)


def _by_dates(choice: Choice) -> None:
    """Choose the design by the dates of measurement and of the start."""
    declared = choice.data.spec.programme
    if declared is None:
        choice.refuse(
            "not_declared",
            Message("A programme cannot be compared."),
            Message("The study does not say who takes part in one."),
            Message("Declare it: comparisons: programme, with a group of the units table."),
        )
        return
    if len(choice.waves) < 2:
        _one_wave(choice, declared)
        return
    starts = _starts(choice, declared)
    if starts is None:
        _unknown_start(choice)
        return
    several = sorted(set(starts.dropna()))
    if several in ([0.0], [float(len(choice.waves))]):
        _one_side_of_start(choice, declared, before=several == [0.0])
    elif len(several) > 1:
        _staggered(choice, starts)
    elif len(choice.waves) > 2:
        _several_waves(choice, declared, starts)
    else:
        _two_waves(choice, declared)


def _taking_part(choice: Choice, declared: Programme) -> pd.Series:
    """Return 1 for participants, 0 for the others, missing where a cell is empty."""
    if choice.data.listed is not None:
        return choice.data.listed.part
    words = choice.data.groups(str(declared.column), (*PATH, "column"))
    part = words.astype(str).isin(declared.participants).astype(float)
    return part.where(words.notna())


def _starts(choice: Choice, declared: Programme) -> pd.Series | None:
    """Return how many waves came before each unit's start, missing for those that never started.

    None where the study does not say when they started, and more than two waves leave it open.
    """
    if declared.start is not None:
        words = choice.data.groups(declared.start, (*PATH, "start"))
        return words.map(_position_of(choice, declared.start))
    part = _taking_part(choice, declared)
    if declared.start_wave is None and len(choice.waves) > 2:
        return None
    start = choice.waves[1] if declared.start_wave is None else declared.start_wave
    place = _position_of(choice, None)(start)
    return pd.Series(np.where(part == 1, place, np.nan), index=part.index)


def _position_of(choice: Choice, column: str | None) -> Callable[[object], float]:
    """Return what counts the waves looked at that came before a wave of the study."""
    order = [wave.id for wave in choice.data.study.spec.waves]

    def position(wave: object) -> float:
        if wave is None or wave != wave:
            return float("nan")
        if str(wave) not in order:
            what = Message("a unit started in a wave that the study does not have")
            place = choice.data.study.place(*PATH, "start")
            fix = did_you_mean(str(wave), order)
            expected = Message(
                "a wave of the study in column {column}, empty for units that never started",
                column=column or "",
            )
            problem = Problem(
                Reason.WAVE_UNKNOWN, what, place, got=str(wave), expected=expected, fix=fix
            )
            raise DataError(problem)
        start = order.index(str(wave))
        return float(sum(order.index(seen) < start for seen in choice.waves))

    return position


def _unknown_start(choice: Choice) -> None:
    """Refuse a programme of which it is not known when it started."""
    choice.refuse(
        "not_declared",
        Message("Whether participants changed more than others cannot be computed."),
        Message("The study has more than two measurements, and does not say when they started."),
        Message("Declare it: comparisons: programme, with start_wave, or start by unit."),
    )


def _one_side_of_start(choice: Choice, declared: Programme, *, before: bool) -> None:
    """Refuse an effect where no wave lies on one side of the start; compare changes and levels."""
    choice.refuse(
        "too_few",
        Message("An effect of the programme cannot be computed."),
        Message("Nothing was measured before the programme started.")
        if before
        else Message("Nothing was measured after the programme started."),
        Message(
            "Below stands how both groups differed, and how each changed: differences, which may "
            "have been there without the programme."
        ),
    )
    data, (first, last) = choice.data, (choice.waves[0], choice.waves[-1])
    change = data.scores(choice.node, last) - data.scores(choice.node, first)
    changed = replace(
        data.labels(choice.node, first, last),
        outcome=Message(
            "the change of “{title}” from {before} to {after}",
            title=data.instrument.nodes[choice.node].spec.title,
            before=data.wave_title(first),
            after=data.wave_title(last),
        ),
    )
    for wave in (first, last):
        levels = data.scores(choice.node, wave)
        labels = data.labels(choice.node, None, wave)
        outcome = Message("{outcome} in {wave}", outcome=labels.outcome, wave=data.wave_title(wave))
        _two_groups(choice, declared, levels, replace(labels, outcome=outcome))
    _two_groups(choice, declared, change, changed)
    choice.leave(
        Message("Difference in differences"),
        Message("it takes a measurement before the start and one after"),
    )


def _two_groups(choice: Choice, declared: Programme, values: pd.Series, labels: Labels) -> None:
    """Take the difference of participants and others, as a difference."""
    part = _taking_part(choice, declared).reindex(values.index)
    title = declared.title
    inside = Message("with {title}", title=title) if title else Message("participants")
    outside = Message("without {title}", title=title) if title else Message("others")
    choice.take(
        stats.two_groups(
            values,
            part,
            group=1.0,
            reference=0.0,
            labels=labels,
            names={1.0: inside, 0.0: outside},
            sizes=choice.data.sizes,
        ),
        Message("it is a difference of two groups, and says nothing of what the programme did"),
        beside=len(choice.answers) > 0,
    )


def _clusters(choice: Choice, declared: Programme) -> pd.Series | None:
    """Return the group at which the programme was assigned, None where it is the unit itself."""
    if declared.assigned is None:
        return None
    return choice.data.groups(declared.assigned, (*PATH, "assigned"))


def _one_wave(choice: Choice, declared: Programme) -> None:
    """Compare both groups in one wave: a difference, and no effect."""
    data, wave = choice.data, choice.waves[-1]
    values = data.scores(choice.node, wave)
    _two_groups(choice, declared, values, data.labels(choice.node, None, wave))
    choice.leave(
        Message("Difference in differences"), Message("there is no measurement before the start")
    )


def _two_waves(choice: Choice, declared: Programme) -> None:
    """Compare changes between two waves."""
    data, (before, after) = choice.data, (choice.waves[0], choice.waves[-1])
    choice.take(
        stats.effect_two_waves(
            data.scores(choice.node, before),
            data.scores(choice.node, after),
            _taking_part(choice, declared),
            clusters=_clusters(choice, declared),
            margin=data.spec.margin_of(choice.node),
            labels=data.labels(choice.node, before, after),
            sizes=data.sizes,
        ),
        Message("participants and others were measured before and after"),
    )
    choice.leave(
        Message("Event study"), Message("there is one measurement before the start and one after")
    )
    if not declared.alike:
        choice.leave(
            Message("Comparison with similar units"),
            Message("the study declares no columns by which units are alike"),
        )


def _several_waves(choice: Choice, declared: Programme, starts: pd.Series) -> None:
    """Compare changes over several waves with one start."""
    data = choice.data
    start = starts.dropna()
    if start.empty:
        _two_waves(choice, declared)
        return
    choice.take(
        stats.effect_several_waves(
            _panel(choice),
            starts.notna().astype(float),
            choice.waves[int(start.iloc[0])],
            clusters=_clusters(choice, declared),
            margin=data.spec.margin_of(choice.node),
            labels=data.labels(choice.node, choice.waves[0], choice.waves[-1]),
            sizes=data.sizes,
        ),
        Message("there are several measurements and one start"),
    )
    choice.leave(Message("Staggered start"), Message("all started in the same wave"))


def _staggered(choice: Choice, starts: pd.Series) -> None:
    """Compare changes where units started in different waves."""
    data = choice.data
    choice.take(
        stats.effect_staggered(
            _panel(choice),
            starts,
            labels=data.labels(choice.node, choice.waves[0], choice.waves[-1]),
            sizes=data.sizes,
        ),
        Message("units started in different waves"),
    )
    choice.leave(
        Message("Two-way fixed effects alone"),
        Message("with different starts it compares those who started with each other"),
    )


def _panel(choice: Choice) -> pd.DataFrame:
    """Return the scores by unit and wave."""
    return pd.DataFrame({w: choice.data.scores(choice.node, w) for w in choice.waves})
