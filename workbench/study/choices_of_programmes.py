"""Comparisons of those who take part in a programme with the others."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench import stats
from workbench.language import Message
from workbench.specs.comparisons import Programme
from workbench.study.compare import Choice, refuse_own_waves

PATH = ("comparisons", "programme")


def programme(choice: Choice) -> None:
    """Compare the changes of participants and others by the design that the dates allow."""
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
    if choice.data.own_wave(choice.node) == "whole":
        refuse_own_waves(choice)
        return
    starts = _starts(choice, declared)
    several = sorted(set(starts.dropna()))
    if len(several) > 1:
        _staggered(choice, starts)
    elif len(choice.waves) > 2:
        _several_waves(choice, declared, starts)
    else:
        _two_waves(choice, declared)


def _taking_part(choice: Choice, declared: Programme) -> pd.Series:
    """Return 1 for participants, 0 for the others, missing where a cell is empty."""
    words = choice.data.groups(declared.column, (*PATH, "column"))
    part = words.astype(str).isin(declared.participants).astype(float)
    return part.where(words.notna())


def _starts(choice: Choice, declared: Programme) -> pd.Series:
    """Return the position of the wave in which each unit started, missing for those that did not.

    Where all started together, the first wave after the start is declared, or is the second.
    """
    waves = list(choice.waves)
    if declared.start is not None:
        words = choice.data.groups(declared.start, (*PATH, "start"))
        return words.map({wave: float(i) for i, wave in enumerate(waves)})
    start = declared.start_wave or waves[1]
    part = _taking_part(choice, declared)
    place = float(waves.index(start)) if start in waves else 1.0
    return pd.Series(np.where(part == 1, place, np.nan), index=part.index)


def _clusters(choice: Choice, declared: Programme) -> pd.Series | None:
    """Return the group at which the programme was assigned, None where it is the unit itself."""
    if declared.assigned is None:
        return None
    return choice.data.groups(declared.assigned, (*PATH, "assigned"))


def _one_wave(choice: Choice, declared: Programme) -> None:
    """Compare both groups in one wave: a difference, and no effect."""
    data, wave = choice.data, choice.waves[-1]
    values = data.scores(choice.node, wave)
    part = _taking_part(choice, declared).reindex(values.index)
    choice.take(
        stats.two_groups(
            values,
            part,
            group=1.0,
            reference=0.0,
            labels=data.labels(choice.node, None, wave),
            sizes=data.sizes,
        ),
        Message("there is one measurement: groups differ, and nothing is said of a programme"),
    )
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
