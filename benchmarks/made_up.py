"""Made-up observations for the benchmarks, and clocks that a busy machine disturbs little."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from workbench.instruments import Instrument
from workbench.observations import Observations


def tidy(
    instrument: Instrument, units: int, waves: int, codes: list[str], values: np.ndarray
) -> Observations:
    """Return a matrix, shape (waves x units, codes), as tidy observations."""
    names = [f"{i:05d}" for i in range(units)]
    ids = [str(2020 + w) for w in range(waves)]
    n = units * waves
    frame = pd.DataFrame(
        {
            "unit": pd.Categorical.from_codes(np.tile(np.arange(units), waves * len(codes)), names),
            "wave": pd.Categorical.from_codes(
                np.tile(np.repeat(np.arange(waves), units), len(codes)), ids
            ),
            "code": pd.Categorical.from_codes(np.repeat(np.arange(len(codes)), n), codes),
            "value": values.T.ravel(),
        }
    )
    for name in ("stage", "rater", "state"):
        frame[name] = pd.Categorical.from_codes(np.zeros(len(frame), dtype=int), [""])
    for name in ("std_error", "precision"):
        frame[name] = np.nan
    for name in ("source", "note", "evidence"):
        frame[name] = ""
    frame["compare_only"] = False
    table = pd.DataFrame({"name": names, "population": np.nan}, index=pd.Index(names, name="unit"))
    return Observations(instrument, table, tuple(ids), {w: {} for w in ids}, frame)


def side_by_side(
    ours: Callable[[], object], theirs: Callable[[], object], rounds: int = 9
) -> tuple[float, float]:
    """Return the median processor seconds of two functions, run in turn."""
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for function, seconds in zip((ours, theirs), spent, strict=True):
            start = time.process_time()
            function()
            seconds.append(time.process_time() - start)
    return statistics.median(spent[0]), statistics.median(spent[1])
