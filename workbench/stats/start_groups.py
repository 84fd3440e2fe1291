"""Units of a panel by the wave in which each started."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.language import Counted, Message
from workbench.stats.group_time import Cohorts, Controls
from workbench.stats.measured import numeric_frame
from workbench.stats.pairs import Floats
from workbench.stats.result import Dropped, Sentence
from workbench.stats.sizes import Sizes, default_sizes
from workbench.stats.wording import Labels


@dataclass(frozen=True, slots=True)
class StartGroups:
    """A complete panel with the start of each unit, sorted by code.

    Attributes
    ----------
    values : array of float, shape (units, waves)
    starts : array of float, shape (units,)
        Number of the first wave with the programme; infinite for never.
    times : array of float, shape (waves,)
    waves : tuple
        Names.
    units : tuple of str
    everyone : Cohorts
        With units that started before the first wave (0), small groups and all waves: what a
        two-way coefficient would take.
    dropped : tuple of Dropped
    warnings : tuple of Message
    """

    values: Floats
    starts: Floats
    times: Floats
    waves: tuple[object, ...]
    units: tuple[object, ...]
    everyone: Cohorts
    dropped: tuple[Dropped, ...]
    warnings: tuple[Sentence, ...]

    def name_of(self, start: float) -> object:
        """Return the name of the wave of a start; None for never."""
        return self.waves[int(start)] if np.isfinite(start) else None


def start_groups(
    scores: pd.DataFrame,
    start: pd.Series,
    never: object,
    controls: Controls,
    labels: Labels,
    sizes: Sizes | None,
    clusters: pd.Series | None,
) -> StartGroups:
    """Return the units that can be compared, by their start.

    Parameters
    ----------
    scores : DataFrame of float
        Units by waves.
    start : Series
        First wave with the programme; missing for never.
    never : object
        Another value for never, or None.
    controls : {"never", "not_yet"}
        With ``not_yet`` and no unit that never starts, the last group serves as one, and the waves
        from its start on are left out.
    labels : Labels
    sizes : mapping, optional
    clusters : Series, optional
        Units without a cluster are left out.

    Raises
    ------
    ValueError
        If a unit or wave stands twice, or a start is not a wave.
    """
    for index in (scores.index, scores.columns, start.index):
        if index.has_duplicates:
            raise ValueError(f"{index[index.duplicated()][0]} stands twice")
    table = numeric_frame(scores, "scores").dropna()
    measured = int(scores.notna().any(axis=1).sum())
    gappy = measured - len(table)
    known = table.index.isin(start.index)
    if clusters is not None:
        known &= table.index.isin(clusters.dropna().index)
    unknown = int((~known).sum())
    table = table[known]
    table = table.loc[sorted(table.index, key=str)]
    starts, times = _numbers(start.loc[table.index], never, table.columns)
    values = table.to_numpy(dtype=np.float64)
    everyone = Cohorts(values, starts, times)
    early, small, lone = _left_out(starts, sizes)
    keep = ~(early | small)
    last = len(times)
    warnings: tuple[Sentence, ...] = ()
    if controls == "not_yet" and keep.any() and np.isfinite(starts[keep]).all():
        last = int(starts[keep].max())
        warnings = (
            Message(
                "All of the {nouns} started at some time: those that started last are compared "
                "with, until they started.",
                nouns=labels.nouns,
            ),
        )
        starts = np.where(starts >= last, np.inf, starts)
    return StartGroups(
        values[keep][:, :last],
        starts[keep],
        times[:last],
        tuple(table.columns),
        tuple(table.index[keep]),
        everyone,
        _dropped(gappy, unknown, int(early.sum()), int(small.sum()), labels),
        (*warnings, *lone),
    )


def _numbers(start: pd.Series, never: object, waves: pd.Index) -> tuple[Floats, Floats]:
    """Return the number of the first wave with the programme of each unit, and dates of waves."""
    dates = pd.to_numeric(pd.Series(waves), errors="coerce").to_numpy(dtype=np.float64)
    dated = bool(np.isfinite(dates).all() and (np.diff(dates) > 0).all())
    places = {wave: i for i, wave in enumerate(waves)}
    found = np.full(len(start), np.inf)
    for i, value in enumerate(start):
        if pd.isna(value) or (never is not None and value == never):
            continue
        if value in places:
            found[i] = places[value]
            continue
        number = pd.to_numeric(value, errors="coerce") if dated else np.nan
        if not np.isfinite(number):
            raise ValueError(f"start: {value!r} is not a wave; there are {list(waves)}")
        later = np.flatnonzero(dates >= number)
        found[i] = later[0] if len(later) else np.inf
    return found, dates if dated else np.arange(len(waves), dtype=np.float64)


def _left_out(
    starts: Floats, sizes: Sizes | None
) -> tuple[np.ndarray, np.ndarray, tuple[Sentence, ...]]:
    """Return who started before all waves, who started with too few others, and a warning."""
    rule = (sizes or default_sizes())["start_group"]
    early = starts == 0
    small = np.zeros(len(starts), dtype=bool)
    least = np.inf
    for g in np.unique(starts[np.isfinite(starts) & ~early]):
        member = starts == g
        if member.sum() < rule.refuse:
            small |= member
        else:
            least = min(least, member.sum())
    if least >= rule.warn:
        return early, small, ()
    text = Counted(
        "The smallest group that started together has {n} member only.",
        "The smallest group that started together has {n} members only.",
        int(least),
    )
    return early, small, (text,)


def _dropped(
    gappy: int, unknown: int, early: int, small: int, labels: Labels
) -> tuple[Dropped, ...]:
    """Return who was left out, and why."""
    nouns = labels.nouns
    parts = (
        (
            gappy,
            Counted(
                "{n} of the {nouns} was not measured in every round and is left out.",
                "{n} of the {nouns} were not measured in every round and are left out.",
                gappy,
                nouns=nouns,
            ),
        ),
        (
            unknown,
            Counted(
                "Of {n} of the {nouns} it is not known when it started; it is left out.",
                "Of {n} of the {nouns} it is not known when they started; they are left out.",
                unknown,
                nouns=nouns,
            ),
        ),
        (
            early,
            Counted(
                "{n} of the {nouns} had started by the first round and is left out.",
                "{n} of the {nouns} had started by the first round and are left out.",
                early,
                nouns=nouns,
            ),
        ),
        (
            small,
            Counted(
                "{n} of the {nouns} started with too few others and is left out.",
                "{n} of the {nouns} started with too few others and are left out.",
                small,
                nouns=nouns,
            ),
        ),
    )
    return tuple(Dropped(n, text) for n, text in parts if n)
