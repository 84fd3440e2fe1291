"""Effects by starting group and wave, and their averages, after Callaway and Sant'Anna (2021).

Written here in numpy: the libraries at hand change with the hash seed of the process or lack
not-yet-treated controls. The tests compare with R's did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import scipy.stats as sp
from numpy.typing import NDArray

from workbench.stats.linear import Codes
from workbench.stats.pairs import Floats
from workbench.stats.result import Number

Controls = Literal["never", "not_yet"]
Base = Literal["varying", "universal"]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cohorts:
    """A complete panel of units with the wave in which each started.

    Attributes
    ----------
    values : array of float, shape (units, waves)
    starts : array of float, shape (units,)
        Number of the first wave with the programme, from 1 (0 would leave no wave before);
        infinite for units that never start.
    times : array of float, shape (waves,)
        Dates of the waves, in which the time since the start is counted.
    codes : array of int, shape (units,), or None
        Number of the cluster of each unit.
    """

    values: Floats
    starts: Floats
    times: Floats
    codes: Codes | None = None

    @property
    def n(self) -> int:
        """Number of units."""
        return len(self.starts)

    @property
    def groups(self) -> list[int]:
        """Starting waves that occur, in order."""
        return [int(g) for g in np.unique(self.starts[np.isfinite(self.starts)])]


@dataclass(frozen=True, slots=True)
class GroupTime:
    """Effects by starting group and wave.

    Attributes
    ----------
    groups, waves : array of int, shape (cells,)
        Number of the starting wave and of the wave.
    att : array of float, shape (cells,)
        Average effect on the units of the group in the wave; before the start, what should be 0.
    influence : array of float, shape (cells, units)
        Influence of each unit on each effect.
    controls : array of int, shape (cells,)
        Units compared with.
    cohorts : Cohorts
    """

    groups: NDArray[np.intp]
    waves: NDArray[np.intp]
    att: Floats
    influence: Floats
    controls: NDArray[np.intp]
    cohorts: Cohorts

    @property
    def after(self) -> Bools:
        """Which cells lie at or after the start, shape (cells,)."""
        after: Bools = self.waves >= self.groups
        return after

    @property
    def since(self) -> Floats:
        """Time since the start in the units of the dates, shape (cells,)."""
        return np.round(self.cohorts.times[self.waves] - self.cohorts.times[self.groups], 10)

    @property
    def covariance(self) -> Floats:
        """Of the effects, shape (cells, cells)."""
        summed = by_cluster(self.influence, self.cohorts)
        covariance: Floats = summed @ summed.T / self.cohorts.n**2
        return covariance


@dataclass(frozen=True, slots=True)
class Average:
    """A weighted average of effects.

    Attributes
    ----------
    att : float
    influence : array of float, shape (units,)
    se : float
    """

    att: float
    influence: Floats
    se: float


def by_cluster(influence: Floats, cohorts: Cohorts) -> Floats:
    """Return influences summed within clusters, shape (..., clusters); of each unit without them.

    Notes
    -----
    The variance is the sum of their squares over n^2. With G clusters they are multiplied by the
    root of G/(G - 1).
    """
    if cohorts.codes is None:
        return influence
    groups = int(cohorts.codes.max()) + 1
    member = (cohorts.codes[:, None] == np.arange(groups)).astype(np.float64)
    summed: Floats = influence @ member * np.sqrt(groups / (groups - 1))
    return summed


def _average(att: float, influence: Floats, cohorts: Cohorts) -> Average:
    """Return an average with its error: root of the mean squared influence over n."""
    summed = by_cluster(influence, cohorts)
    return Average(float(att), influence, float(np.sqrt(summed @ summed)) / cohorts.n)


def group_time(
    cohorts: Cohorts, controls: Controls, base: Base, *, clean: bool = True
) -> GroupTime:
    """Return the effect on each starting group in each wave.

    Parameters
    ----------
    cohorts : Cohorts
    controls : {"never", "not_yet"}
        Whom each group is compared with: units that never start, or those that have not started by
        the later of both waves that are compared.
    base : {"varying", "universal"}
        Wave that is compared with: the last before the start; with ``varying`` each wave before the
        start is compared with the one before it instead.
    clean : bool
        False takes controls that have not started by t alone, as R's did 2.1.1 does: with the
        universal base and not-yet-treated controls, some have the programme at the base then.

    Notes
    -----
    att(g, t) = mean change of the group from the base to t less that of the controls; influence of
    unit i: n (1[i in g]/n_g (dy_i - m_g) - 1[i in C]/n_C (dy_i - m_C)). Cells without controls are
    left out.
    """
    cells = [
        cell
        for g in cohorts.groups
        for t in range(len(cohorts.times))
        for cell in _cell(cohorts, g, t, controls, base, clean)
    ]
    groups, waves, att, influence, sizes = zip(*cells, strict=True) if cells else ((),) * 5
    return GroupTime(
        np.array(groups, dtype=np.intp),
        np.array(waves, dtype=np.intp),
        np.array(att, dtype=np.float64),
        np.array(influence, dtype=np.float64).reshape(len(cells), cohorts.n),
        np.array(sizes, dtype=np.intp),
        cohorts,
    )


def _cell(
    cohorts: Cohorts, g: int, t: int, controls: Controls, base: Base, clean: bool
) -> list[tuple[int, int, float, Floats, int]]:
    """Return one cell, nothing where there is no wave or no unit to compare with."""
    before = t - 1 if base == "varying" and t < g else g - 1
    if before < 0 or before == t:
        return []
    member = cohorts.starts == g
    if controls == "never":
        other = np.isinf(cohorts.starts)
    else:
        other = (cohorts.starts > (max(t, before) if clean else t)) & ~member
    if not other.any():
        return []
    change = cohorts.values[:, t] - cohorts.values[:, before]
    one, rest = float(change[member].mean()), float(change[other].mean())
    influence = cohorts.n * (
        member / member.sum() * (change - one) - other / other.sum() * (change - rest)
    )
    return [(g, t, one - rest, influence, int(other.sum()))]


def average(effects: GroupTime, cells: Bools, by_size: bool = True) -> Average:
    """Return the average of some effects.

    Parameters
    ----------
    effects : GroupTime
    cells : array of bool, shape (cells,)
    by_size : bool
        Whether each effect weighs as much as its group has units; else all weigh alike.

    Notes
    -----
    That sizes of groups are themselves a draw adds to the influence: with w = p_g / sum p,
    (1[i in g] - p_g)/sum p - p_g sum (1[i in g'] - p_g')/(sum p)^2 times the effect (section 4 of
    Callaway and Sant'Anna 2021).
    """
    att, influence = effects.att[cells], effects.influence[cells]
    if not by_size:
        return _average(float(att.mean()), influence.mean(axis=0), effects.cohorts)
    cohorts, groups = effects.cohorts, effects.groups[cells]
    weight, of_weight = _weights(groups, groups, cohorts)
    return _average(float(weight @ att), weight @ influence + att @ of_weight, effects.cohorts)


def _mean(parts: list[Average], cohorts: Cohorts) -> Average:
    """Return the plain mean of averages."""
    return _average(
        float(np.mean([part.att for part in parts])),
        np.mean([part.influence for part in parts], axis=0),
        cohorts,
    )


def _weights(groups: NDArray[Any], drawn: NDArray[Any], cohorts: Cohorts) -> tuple[Floats, Floats]:
    """Return weights by size of group, and the influence of each unit on them.

    Parameters
    ----------
    groups : array, shape (parts,)
        Number of the starting wave of each part.
    drawn : array, shape (parts,)
        Groups whose units count as the draw: the same, but for :func:`group_se_of_did`.
    cohorts : Cohorts

    Returns
    -------
    array of float, shape (parts,)
    array of float, shape (parts, units)
    """
    share = (cohorts.starts[None, :] == groups[:, None]).mean(axis=1)
    around = (cohorts.starts[None, :] == drawn[:, None]) - share[:, None]
    influence = around / share.sum() - np.outer(share, around.sum(axis=0)) / share.sum() ** 2
    return share / share.sum(), influence


def _over_groups(
    parts: list[Average], groups: NDArray[Any], drawn: NDArray[Any], cohorts: Cohorts
) -> Average:
    """Return the average over start groups by size."""
    weight, of_weight = _weights(groups, drawn, cohorts)
    att = np.array([part.att for part in parts])
    influence = np.array([part.influence for part in parts])
    return _average(float(weight @ att), weight @ influence + att @ of_weight, cohorts)


def group_se_of_did(
    parts: Mapping[str, Mapping[float, Average]], cohorts: Cohorts, base: Base
) -> float:
    """Return the error of the average over groups as R's did 2.1.1 gives it.

    Notes
    -----
    There the influence of the weights takes the units of the first cells of the table of effects
    (all of the first group) for those of each group. Given so that its numbers can be found again;
    it differs little, and is not used.
    """
    groups = np.array(list(parts["group"]))
    cells = len(cohorts.times) - (base == "varying")
    first = np.repeat(groups, cells)[: len(groups)]
    return _over_groups(list(parts["group"].values()), groups, first, cohorts).se


def averages(effects: GroupTime) -> dict[str, dict[float, Average]]:
    """Return the averages by time since the start, by group, and by wave.

    Returns
    -------
    dict of str to dict
        ``dynamic`` by time since the start; ``group`` by number of the starting wave; ``calendar``
        by number of the wave, both after the start only.
    """
    after = effects.after

    def split(keys: Floats, within: Bools, by_size: bool) -> dict[float, Average]:
        return {
            float(key): average(effects, (keys == key) & within, by_size)
            for key in np.unique(keys[within])
        }

    return {
        "dynamic": split(effects.since, np.ones_like(after), True),
        "group": split(effects.groups.astype(np.float64), after, False),
        "calendar": split(effects.waves.astype(np.float64), after, True),
    }


def summaries(effects: GroupTime, parts: dict[str, dict[float, Average]]) -> dict[str, Average]:
    """Return the one number of each way to average.

    Returns
    -------
    dict of str to Average
        ``simple``: all effects after the start by size of group; ``dynamic_overall``: mean over
        times since the start; ``group_overall``: over groups by size; ``calendar_overall``: mean
        over waves.
    """
    cohorts, groups = effects.cohorts, parts["group"]
    starts = np.array(list(groups))
    return {
        "simple": average(effects, effects.after),
        "dynamic_overall": _mean(
            [part for since, part in parts["dynamic"].items() if since >= 0], cohorts
        ),
        "group_overall": _over_groups(list(groups.values()), starts, starts, cohorts),
        "calendar_overall": _mean(list(parts["calendar"].values()), cohorts),
    }


def pretest(effects: GroupTime) -> dict[str, Number]:
    """Return the joint test that every effect before the start is 0 (Wald, chi-squared)."""
    places = np.flatnonzero(~effects.after)
    covariance = effects.covariance[np.ix_(places, places)]
    if not len(places) or np.linalg.matrix_rank(covariance) < len(places):
        return {"pretest_wald": None, "pretest_df": len(places), "pretest_p": None}
    part = effects.att[places]
    wald = float(part @ np.linalg.solve(covariance, part))
    return {
        "pretest_wald": wald,
        "pretest_df": len(places),
        "pretest_p": float(sp.chi2.sf(wald, len(places))),
    }


def as_table(rows: Mapping[Any, Average], names: tuple[str, ...], level: float) -> pd.DataFrame:
    """Return averages as a table with normal intervals.

    Parameters
    ----------
    rows : mapping of tuple to Average
        By the values of ``names``.
    names : tuple of str
    level : float
    """
    keys = [dict(zip(names, key, strict=True)) for key in rows]
    table = pd.DataFrame(keys, columns=pd.Index(names))
    table["att"] = [part.att for part in rows.values()]
    table["se"] = [part.se for part in rows.values()]
    reach = float(sp.norm.ppf(0.5 + level / 2)) * table["se"]
    table["ci_low"], table["ci_high"] = table["att"] - reach, table["att"] + reach
    return table
