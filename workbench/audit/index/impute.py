"""Imputation: missing values filled in, and each filled value told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.audit.index.data import framed, groups_of_cases, matrix, waves_of
from workbench.audit.index.em import expected
from workbench.audit.index.made import Made
from workbench.audit.index.over_time import filled_over_time
from workbench.errors import Place, Problem, Reason, ScoringError
from workbench.language import Message
from workbench.scoring.states import Floats
from workbench.specs.index import Impute

if TYPE_CHECKING:
    from workbench.audit.index.index import Index


def impute(index: Index, step: Impute) -> Made:
    """Return values with those that are missing filled in, as far as the method can.

    Reports ``imputed``, a row an indicator: how many were missing, how many were filled in, how
    many are left; and ``imputed_values``, a row a filled value with the wave it came from, if any.

    Raises
    ------
    ScoringError
        If there is no such level or column, only one wave for a method over time, or an indicator
        that does not vary where indicators are to be put on one scale.
    """
    frame = index.latest
    x = matrix(frame)
    source = np.full(x.shape, "", dtype=object)
    if step.method in ("latest", "constant", "linear"):
        if frame.index.nlevels == 1 or len(set(waves_of(frame))) < 2:
            what = Message(
                "there is one wave only, and {method} takes values of others", method=step.method
            )
            fix = Message("Choose mean or median.")
            raise ScoringError(Problem(Reason.WAVE_UNKNOWN, what, Place("impute"), fix=fix))
        found, source = filled_over_time(frame, x, index.times, step.method, step.max_waves)
    elif step.method == "em":
        found = _jointly(index, step, frame, x)
    elif step.across == "indicators":
        found = _of_other_indicators(index, step, frame, x)
    else:
        found = _of_other_units(index, step, frame, x)
    filled = np.isnan(x) & ~np.isnan(found)
    codes = list(frame.columns)
    missing = np.isnan(x).sum(axis=0)
    report = pd.DataFrame(
        {
            "n": len(x),
            "n_missing": missing,
            "n_filled": filled.sum(axis=0),
            "n_left": missing - filled.sum(axis=0),
        },
        index=pd.Index(codes, name="code"),
    )
    rows, columns = np.nonzero(filled)
    each = frame.index[rows].to_frame(index=False)
    each["code"] = np.array(codes, dtype=object)[columns]
    each["value"], each["from_wave"] = found[rows, columns], source[rows, columns]
    made = framed(found, frame.index, frame.columns)
    return Made(made, reports={"imputed": report, "imputed_values": each})


def _of_other_units(index: Index, step: Impute, frame: pd.DataFrame, x: Floats) -> Floats:
    """Return values with the mean or median of the same indicator in other units."""
    found = x.copy(order="F")
    for _, cases in groups_of_cases(index, frame, step.scope, step.by, "impute"):
        inside = x[cases]
        instead = _middle(step, inside, axis=0)
        found[cases] = np.where(np.isnan(inside), instead[None, :], inside)
    return found


def _of_other_indicators(index: Index, step: Impute, frame: pd.DataFrame, x: Floats) -> Floats:
    """Return values with the mean or median of other indicators of the same unit.

    Indicators are put between 0 and 1 first, turned where less is better, and the result is brought
    back to the scale of the indicator that lacks it.
    """
    found = x.copy(order="F")
    for columns in _columns(index, step, frame):
        for _, cases in groups_of_cases(index, frame, step.scope, (), "impute"):
            inside = x[np.ix_(cases, columns)]
            lowest, spread, sign = _scales(index, step, frame, inside, columns)
            scaled = (inside * sign - lowest) / spread
            instead = _middle(step, scaled, axis=1)[:, None] * spread + lowest
            found[np.ix_(cases, columns)] = np.where(np.isnan(inside), instead * sign, inside)
    return found


def _scales(
    index: Index, step: Impute, frame: pd.DataFrame, inside: Floats, columns: np.ndarray
) -> tuple[Floats, Floats, Floats]:
    """Return lowest value, range and direction of indicators; 0, 1, 1 where none is scaled."""
    ones = np.ones(len(columns))
    if not step.normalise_first or not np.isnan(inside).any():
        return np.zeros(len(columns)), ones, ones
    codes = [str(frame.columns[c]) for c in columns]
    sign = np.array([float(index.structure.nodes[code].direction) for code in codes])
    known = ~np.isnan(inside).all(axis=0)
    low, high = np.full(len(columns), np.nan), np.full(len(columns), np.nan)
    turned = (inside * sign)[:, known]
    low[known], high[known] = np.nanmin(turned, axis=0), np.nanmax(turned, axis=0)
    flat = [code for code, a, b in zip(codes, low, high, strict=True) if a == b]
    if flat:
        raise ScoringError([_flat(code) for code in flat])
    return low, high - low, sign


def _flat(code: str) -> Problem:
    """Return the problem of an indicator that cannot be put on a scale with others."""
    what = Message("{code} has the same value everywhere and can't be put on one scale", code=code)
    fix = Message("Leave it out, or impute across units.")
    return Problem(Reason.CALIBRATION, what, Place("impute"), fix=fix, code=code)


def _jointly(index: Index, step: Impute, frame: pd.DataFrame, x: Floats) -> Floats:
    """Return values with what a joint normal distribution of the indicators expects."""
    found = x.copy(order="F")
    for columns in _columns(index, step, frame):
        names = [str(frame.columns[c]) for c in columns]
        for _, cases in groups_of_cases(index, frame, step.scope, (), "impute"):
            found[np.ix_(cases, columns)] = expected(x[np.ix_(cases, columns)], names)
    return found


def _columns(index: Index, step: Impute, frame: pd.DataFrame) -> list[np.ndarray]:
    """Return the indicators that speak for each other: all, or those of one group of a level."""
    if step.level is None:
        return [np.arange(frame.shape[1])]
    groups = [index.structure.above(str(code), step.level) for code in frame.columns]
    without = [str(c) for c, g in zip(frame.columns, groups, strict=True) if g is None]
    if without:
        what = Message("{code} has no group of level {level}", code=without[0], level=step.level)
        expected_ = Message("{names}", names=", ".join(map(str, index.structure.levels[1:])))
        raise ScoringError(
            Problem(Reason.PARAMETER_VALUE, what, Place("impute"), expected=expected_)
        )
    return [np.flatnonzero(np.array(groups) == group) for group in dict.fromkeys(groups)]


def _middle(step: Impute, x: Floats, axis: int) -> Floats:
    """Return the mean or median of what is there; missing where nothing is."""
    some = ~np.isnan(x).all(axis=axis)
    found = np.full(some.shape, np.nan)
    if some.any():
        middle = np.nanmean if step.method == "mean" else np.nanmedian
        found[some] = middle(x[:, some] if axis == 0 else x[some], axis=axis)
    return found
