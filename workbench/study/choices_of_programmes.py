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
from workbench.study.compare import Choice, refuse_own_waves
from workbench.study.compared import PROGRAMME


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
    if not choice.waves:
        choice.refuse(
            "no_wave",
            Message("A programme cannot be compared."),
            Message("The study has no dated measurement."),
            Message("Give its waves a date or a year."),
        )
        return
    if len(choice.waves) < 2:
        _one_wave(choice)
        return
    if choice.data.own_wave(choice.node) == "whole":
        refuse_own_waves(choice)
        return
    starts = _starts(choice, declared)
    if starts is None:
        _unknown_start(choice)
        return
    several = sorted(set(starts.dropna()))
    if several in ([0.0], [float(len(choice.waves))]):
        _one_side_of_start(choice, before=several == [0.0])
    elif len(several) > 1:
        _staggered(choice, starts)
    elif len(choice.waves) > 2:
        _several_waves(choice, declared, starts)
    else:
        _two_waves(choice, declared)


def _starts(choice: Choice, declared: Programme) -> pd.Series | None:
    """Return how many waves came before each unit's start, missing for those that never started.

    None where the study does not say when they started, and more than two waves leave it open.
    """
    if declared.start is not None:
        words = choice.data.groups(declared.start, (*PROGRAMME, "start"))
        return words.map(_position_of(choice, declared.start))
    part = choice.data.taking_part()
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
            place = choice.data.study.place(*PROGRAMME, "start")
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


def _one_side_of_start(choice: Choice, *, before: bool) -> None:
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
        _levels_of_both(choice, wave)
    about = Message(
        "{pair}, change from {before} to {after}",
        pair=_pair(choice),
        before=data.wave_title(first),
        after=data.wave_title(last),
    )
    _two_groups(choice, change, changed, about)
    choice.leave(
        Message("Difference in differences"),
        Message("it takes a measurement before the start and one after"),
    )


def _levels_of_both(choice: Choice, wave: str) -> None:
    """Take how far apart participants and others were in a wave."""
    labels = choice.data.labels(choice.node, None, wave)
    title = choice.data.wave_title(wave)
    outcome = Message("{outcome} in {wave}", outcome=labels.outcome, wave=title)
    scores = choice.data.scores(choice.node, wave)
    about = Message("{pair}, {wave}", pair=_pair(choice), wave=title)
    _two_groups(choice, scores, replace(labels, outcome=outcome), about)


def _pair(choice: Choice) -> Message:
    """Return the names of participants and others, in the order of their difference."""
    group, reference = choice.data.part_names.values()
    return Message("{group} compared with {reference}", group=group, reference=reference)


def _two_groups(choice: Choice, values: pd.Series, labels: Labels, about: Message) -> None:
    """Take the difference of participants and others, as a difference."""
    part = choice.data.taking_part().reindex(values.index)
    choice.take(
        stats.two_groups(
            values,
            part,
            group=1.0,
            reference=0.0,
            labels=labels,
            names=choice.data.part_names,
            sizes=choice.data.sizes,
        ),
        Message("it is a difference of two groups, and says nothing of what the programme did"),
        beside=len(choice.answers) > 0,
        about=about,
    )


def _clusters(choice: Choice, declared: Programme) -> pd.Series | None:
    """Return the group at which the programme was assigned, None where it is the unit itself."""
    if declared.assigned is None:
        return None
    return choice.data.groups(declared.assigned, (*PROGRAMME, "assigned"))


def _one_wave(choice: Choice) -> None:
    """Compare both groups in one wave: a difference, and no effect."""
    _levels_of_both(choice, choice.waves[-1])
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
            choice.data.taking_part(),
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
    _similar_units(choice, declared, before, after)


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
    last_before = choice.waves[int(start.iloc[0]) - 1]
    _levels_of_both(choice, last_before)
    _similar_units(choice, declared, last_before, choice.waves[-1])
    choice.leave(Message("Staggered start"), Message("all started in the same wave"))


def _similar_units(choice: Choice, declared: Programme, before: str, after: str) -> None:
    """Compare participants with others that were alike before, by the columns declared."""
    data = choice.data
    if not declared.alike:
        choice.leave(
            Message("Comparison with similar units"),
            Message("the study declares no columns by which units are alike"),
        )
        return
    alike = {name: data.groups(name, (*PROGRAMME, "alike")) for name in declared.alike}
    scores = data.scores(choice.node, before)
    covariates = pd.DataFrame(alike).infer_objects().reindex(scores.index)
    covariates[choice.node] = scores
    part = choice.data.taking_part()
    known = covariates.notna().all(axis=1) & part.reindex(covariates.index).notna()
    choice.take(
        stats.effect_weighted(
            data.scores(choice.node, after).reindex(covariates.index)[known],
            part.reindex(covariates.index)[known],
            covariates[known],
            margin=data.spec.margin_of(choice.node),
            labels=data.labels(choice.node, before, after),
            sizes=data.sizes,
        ),
        Message("the study names what participants and others are made alike by"),
        beside=True,
    )


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
