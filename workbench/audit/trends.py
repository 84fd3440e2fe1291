"""Trends of a panel: growth of each indicator of each unit, and what it rests on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd

from workbench.audit.index.structure import Structure
from workbench.audit.lineage import direction
from workbench.audit.options import refuse_idle, require_option
from workbench.errors import Problem, Reason, ScoringError
from workbench.language import Message
from workbench.stats.measured import Floats, numeric_frame

Measure = Literal["growth", "percent"]
Trend = Callable[[Floats, Floats], float]
FEWEST = 2


def growth_rate(values: Floats, times: Floats) -> float:
    """Return the compound annual growth rate between the first and the last value that is there.

    Parameters
    ----------
    values : array of float, shape (times,)
        Missing where nothing was measured.
    times : array of float, shape (times,)
        Years.

    Returns
    -------
    float
        0.02 for 2 % a year; 0 where both ends are equal; missing with fewer than two values, or
        where the sign changes; infinite from 0.

    Notes
    -----
    (last / first)^(1 / years) - 1, as COINr's ``CAGR``.
    """
    return float(
        _growth(np.asarray(values, dtype=np.float64)[None, :], np.asarray(times, float))[0]
    )


def percent_change(values: Floats, times: Floats, *, per: float = 1.0) -> float:
    """Return by how many percent a series changes in so many years.

    Parameters
    ----------
    values, times : array of float, shape (times,)
    per : float
        Years: 10 gives the change a decade.

    Notes
    -----
    With two values: their difference over the first. With more: the slope of the least squares
    line, over the line at the first year. As COINr's ``prc_change``.
    """
    x = np.asarray(values, dtype=np.float64)[None, :]
    return float(_percent(x, np.asarray(times, float), per)[0])


def interpolated(panel: pd.DataFrame, at: Sequence[float] | None = None) -> pd.DataFrame:
    """Return a panel with values between those that are there, on a straight line.

    Parameters
    ----------
    panel : DataFrame of float
        Indexed by unit and time; columns are indicators.
    at : sequence of float, optional
        Times to fill, within the range of the panel, new ones too; all that the panel has by
        default.

    Returns
    -------
    DataFrame
        Indexed by unit and time. Nothing is put before a unit's first value or after its last.

    Raises
    ------
    ScoringError
        If a time lies outside the panel.
    """
    units, times, cube = _cube(panel)
    wanted = times if at is None else np.unique(np.asarray(at, dtype=np.float64))
    _inside(wanted, times)
    every = np.union1d(times, wanted)
    found = np.full((len(units), len(every), cube.shape[2]), np.nan)
    found[:, np.searchsorted(every, times), :] = cube
    fill = np.isin(every, wanted)
    for i in range(len(units)):
        for j in range(cube.shape[2]):
            known = ~np.isnan(cube[i, :, j])
            if known.sum() >= FEWEST:
                line = np.interp(every, times[known], cube[i, known, j], left=np.nan, right=np.nan)
                found[i, fill, j] = line[fill]
    index = pd.MultiIndex.from_product([units, every], names=panel.index.names)
    return pd.DataFrame(found.reshape(-1, cube.shape[2]), index=index, columns=panel.columns)


def trends(
    panel: pd.DataFrame,
    *,
    measure: Measure | Trend = "growth",
    times: Sequence[float] | None = None,
    latest: int | None = None,
    interpolate: bool | Sequence[float] = False,
    per: float = 1.0,
    structure: Structure | None = None,
) -> pd.DataFrame:
    """Return the trend of each indicator of each unit over a panel.

    Parameters
    ----------
    panel : DataFrame of float
        Indexed by unit and time (a number, as a year); columns are indicators.
    measure : {"growth", "percent"} or callable
        Compound annual growth, percent change, or a function of values and times.
    times : sequence of float, optional
        Times that count; all by default.
    latest : int, optional
        Only so many times up to the last value of each series count; not together with ``times``.
    interpolate : bool or sequence of float
        Whether gaps between values are filled first, or at which times.
    per : float
        Years of a percent change.
    structure : Structure, optional
        Given, trends of indicators of which less is better are turned: above 0 is better.

    Returns
    -------
    DataFrame
        One row a unit and indicator: ``unit``, ``indicator``, ``trend``, ``available`` (share of
        times with a value, before any is filled), ``first``, ``last`` (times of the values at the
        ends), and with ``latest`` ``available_latest`` and ``first_latest``.

    Raises
    ------
    ScoringError
        If a time is not in the panel, the panel is not indexed by unit and time, or an option would
        change nothing.

    Notes
    -----
    COINr's ``get_trends`` gives nothing where ``latest`` reaches back to the first time of the
    panel; here that is a trend like any other.
    """
    if not callable(measure):
        require_option("measure", measure, get_args(Measure))
    if per != 1 and measure != "percent":
        refuse_idle("per", Message("it is of a percent change"))
    if times is not None and latest is not None:
        refuse_idle("times", Message("latest says which times count"))
    if latest is not None and latest < FEWEST:
        what = Message("latest: a trend needs two times at least")
        raise ScoringError(Problem(Reason.PARAMETER_VALUE, what, got=str(latest)))
    units, moments, raw = _cube(panel)
    if times is not None:
        _known(times, moments)
    filled = panel
    if interpolate is not False:
        filled = interpolated(panel, None if interpolate is True else interpolate)
    _, at, cube = _cube(filled)
    chosen = np.isin(moments, times) if times is not None else np.ones(len(moments), dtype=bool)
    seen = ~np.isnan(raw[:, chosen, :])
    table: dict[str, object] = {
        "unit": np.repeat(units.to_numpy(), raw.shape[2]),
        "indicator": np.tile(panel.columns.to_numpy(), len(units)),
        "available": seen.mean(axis=1).ravel(),
        "first": _end(seen, moments[chosen], first=True),
        "last": _end(seen, moments[chosen], first=False),
    }
    if latest is None:
        used = np.isin(at, times) if times is not None else np.ones(len(at), dtype=bool)
        cube, at = cube[:, used, :], at[used]
    else:
        within = _last_times(cube, latest)
        cube = np.where(within, cube, np.nan)
        real = within & np.isin(at, moments)[None, :, None]
        there = real & ~np.isnan(_onto(raw, moments, at))
        size = real.sum(axis=1)
        share = np.divide(there.sum(axis=1), size, out=np.full(size.shape, np.nan), where=size > 0)
        table["available_latest"] = share.ravel()
        table["first_latest"] = _end(~np.isnan(cube), at, first=True)
    found = _measured(cube, at, measure, per)
    if structure is not None:
        found = found * [direction(structure, code) for code in panel.columns]
    table["trend"] = found.ravel()
    frame = pd.DataFrame(table)
    return frame[["unit", "indicator", "trend", *frame.columns.difference(
        ["unit", "indicator", "trend"], sort=False)]]  # fmt: skip


# -- series ---------------------------------------------------------------------------------------


def _measured(cube: Floats, at: Floats, measure: Measure | Trend, per: float) -> Floats:
    """Return the trend of each series, shape (units, indicators)."""
    series = np.moveaxis(cube, 1, 2).reshape(-1, cube.shape[1])
    if measure == "growth":
        found = _growth(series, at)
    elif measure == "percent":
        found = _percent(series, at, per)
    elif callable(measure):
        enough = (~np.isnan(series)).sum(axis=1) >= FEWEST
        found = np.array([float(measure(y, at)) if ok else np.nan
                          for y, ok in zip(series, enough, strict=True)])  # fmt: skip
    return found.reshape(cube.shape[0], cube.shape[2])


def _growth(series: Floats, at: Floats) -> Floats:
    """Return the growth rate of each series, shape (series,)."""
    first, last, enough = _ends(series)
    rows = np.arange(len(series))
    a, b = series[rows, first], series[rows, last]
    with np.errstate(all="ignore"):
        rate = (b / a) ** (1 / (at[last] - at[first])) - 1
    return np.where(enough, np.where(a == b, 0.0, rate), np.nan)


def _percent(series: Floats, at: Floats, per: float) -> Floats:
    """Return the percent change of each series, shape (series,)."""
    there = ~np.isnan(series)
    n = there.sum(axis=1)
    first, last, enough = _ends(series)
    rows = np.arange(len(series))
    a, b = series[rows, first], series[rows, last]
    with np.errstate(all="ignore"):
        two = (b - a) * 100 / a * per / (at[last] - at[first])
        t = np.where(there, at, np.nan)
        dt = t - np.nansum(t, axis=1)[:, None] / n[:, None]
        mean = np.nansum(series, axis=1) / n
        slope = np.nansum(dt * series, axis=1) / np.nansum(dt**2, axis=1)
        line = slope * per / (mean + slope * dt[rows, first]) * 100
    same = np.nanmax(np.where(there, series, -np.inf), axis=1) == np.nanmin(
        np.where(there, series, np.inf), axis=1
    )
    found = np.where(same, 0.0, np.where(n < 3, two, line))
    return np.where(enough, found, np.nan)


def _ends(series: Floats) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return where each series begins and ends, and whether it has two values."""
    there = ~np.isnan(series)
    first = there.argmax(axis=1)
    last = series.shape[1] - 1 - there[:, ::-1].argmax(axis=1)
    return first, last, there.sum(axis=1) >= FEWEST


def _end(seen: np.ndarray, at: Floats, *, first: bool) -> Floats:
    """Return the time of the first or last value of each series with two values or more."""
    order = seen if first else seen[:, ::-1, :]
    place = order.argmax(axis=1)
    times = at[place] if first else at[::-1][place]
    return np.where(seen.sum(axis=1) >= FEWEST, times, np.nan).ravel()


# -- panels ---------------------------------------------------------------------------------------


def _cube(panel: pd.DataFrame) -> tuple[pd.Index, Floats, Floats]:
    """Return units, times, and values of shape (units, times, indicators)."""
    if panel.index.nlevels != 2 or panel.index.has_duplicates:
        what = Message("a panel is indexed by unit and time, each pair once")
        raise ScoringError(Problem(Reason.PARAMETER_VALUE, what))
    units = pd.Index(panel.index.get_level_values(0)).unique().sort_values()
    moments = pd.Index(panel.index.get_level_values(1))
    try:
        at = moments.to_numpy().astype(np.float64)
    except (TypeError, ValueError):
        what = Message("the times of a panel are numbers, as years")
        raise ScoringError(Problem(Reason.PARAMETER_VALUE, what)) from None
    times, place = np.unique(at, return_inverse=True)
    cube = np.full((len(units), len(times), panel.shape[1]), np.nan)
    rows = units.get_indexer(panel.index.get_level_values(0))
    cube[rows, place] = numeric_frame(panel).to_numpy()
    return units, times, cube


def _onto(cube: Floats, times: Floats, at: Floats) -> Floats:
    """Return values at the times of a longer list."""
    found = np.full((cube.shape[0], len(at), cube.shape[2]), np.nan)
    found[:, np.searchsorted(at, times), :] = cube
    return found


def _last_times(cube: Floats, latest: int) -> np.ndarray:
    """Return the last so many times up to the last value of each series; none with fewer."""
    n = cube.shape[1]
    there = ~np.isnan(cube)
    last = np.where(there.any(axis=1), n - 1 - there[:, ::-1, :].argmax(axis=1), -1)
    first = last - latest + 1
    at = np.arange(n)[None, :, None]
    inside = (at >= first[:, None, :]) & (at <= last[:, None, :]) & (first >= 0)[:, None, :]
    return np.asarray(inside)


def _inside(wanted: Floats, times: Floats) -> None:
    """Refuse times outside the panel."""
    if wanted.size and (wanted.min() < times.min() or wanted.max() > times.max()):
        what = Message("times to fill lie within the panel")
        expected = Message("{low} to {high}", low=f"{times.min():g}", high=f"{times.max():g}")
        got = ", ".join(f"{t:g}" for t in wanted[:12])
        raise ScoringError(Problem(Reason.PARAMETER_VALUE, what, got=got, expected=expected))


def _known(wanted: Sequence[float], times: Floats) -> None:
    """Refuse times that the panel does not have."""
    odd = [t for t in wanted if t not in times]
    if odd:
        what = Message("the panel has no such time")
        expected = Message("one of {names}", names=", ".join(f"{t:g}" for t in times))
        got = f"{odd[0]:g}"
        raise ScoringError(Problem(Reason.WAVE_UNKNOWN, what, got=got, expected=expected))
