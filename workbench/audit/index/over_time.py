"""Missing values filled in from other waves of the same unit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workbench.scoring.states import Floats


def filled_over_time(
    frame: pd.DataFrame,
    x: Floats,
    times: Mapping[str, float],
    method: str,
    max_waves: int | None,
) -> tuple[Floats, np.ndarray]:
    """Return values with gaps filled from other waves, and the wave each was taken from.

    Parameters
    ----------
    frame : DataFrame
        Index ``unit, wave``.
    x : array of float, shape (cases, indicators)
    times : mapping of str to float
        Date of each wave.
    method : {"latest", "constant", "linear"}
        latest: the last known value before; constant: the same, and the first known one before it;
        linear: on the line between the known values around, the nearest beyond them.
    max_waves : int or None
        How many waves away a value may be.
    """
    waves = sorted(times, key=lambda wave: times[wave])
    date = np.array([times[wave] for wave in waves])
    units, unit = np.unique(frame.index.get_level_values("unit").astype(str), return_inverse=True)
    place = {wave: number for number, wave in enumerate(waves)}
    wave = np.array([place[w] for w in frame.index.get_level_values("wave")])
    cube = np.full((len(units), len(waves), x.shape[1]), np.nan)
    cube[unit, wave] = x
    known = ~np.isnan(cube)
    number = np.arange(len(waves))[None, :, None]
    before = np.maximum.accumulate(np.where(known, number, -1), axis=1)
    after = np.minimum.accumulate(np.where(known, number, len(waves))[:, ::-1], axis=1)[:, ::-1]
    has_before, has_after = before >= 0, after < len(waves)
    if method == "latest":
        left = right = np.where(has_before, before, -1)
    elif method == "constant":
        left = right = np.where(has_before, before, np.where(has_after, after, -1))
    else:
        left = np.where(has_before, before, np.where(has_after, after, -1))
        right = np.where(has_after, after, np.where(has_before, before, -1))
    filled = _between(cube, date, left, right)
    away = np.maximum(np.abs(number - left), np.abs(right - number))
    allowed = (left >= 0) & (True if max_waves is None else away <= max_waves)
    found = np.where(known, cube, np.where(allowed, filled, np.nan))
    names = np.array([*waves, ""], dtype=object)
    source = np.where(left == right, names[left], names[left] + "–" + names[right])
    return np.asfortranarray(found[unit, wave]), source[unit, wave]


def _between(cube: Floats, date: Floats, left: np.ndarray, right: np.ndarray) -> Floats:
    """Return values on the line between two waves; of one wave where both are the same."""
    a = np.take_along_axis(cube, np.maximum(left, 0), axis=1)
    b = np.take_along_axis(cube, np.maximum(right, 0), axis=1)
    span = date[right] - date[left]
    share = np.divide(
        date[None, :, None] - date[left], span, out=np.zeros(cube.shape), where=span != 0
    )
    return np.where(left == right, a, a + (b - a) * share)
