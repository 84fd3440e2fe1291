"""The ASEM index treated in every way of COINr's Treat, beside its documented steps in numpy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.audit.index.asem import R_ABSOLUTE, R_RELATIVE, folder
from workbench.audit.coinr import read_coinr
from workbench.audit.index import Index

Step = Callable[[np.ndarray], np.ndarray]


@pytest.fixture(scope="module")
def denominated(shared: Path) -> Index:
    where = folder(shared)
    return read_coinr(where / "iData.csv", where / "iMeta.csv").index().denominate()


def skew(x: np.ndarray) -> float:
    there = x[~np.isnan(x)]
    n, d = len(there), there - there.mean()
    g = np.sqrt(n) * (d**3).sum() / (d**2).sum() ** 1.5
    return float(g * np.sqrt(n * (n - 1)) / (n - 2))


def kurt(x: np.ndarray) -> float:
    there = x[~np.isnan(x)]
    n, d = len(there), there - there.mean()
    r = n * (d**4).sum() / (d**2).sum() ** 2
    return float(((n + 1) * (r - 3) + 6) * (n - 1) / ((n - 2) * (n - 3)))


def tame(x: np.ndarray, limits: tuple[float, float]) -> bool:
    return abs(skew(x)) < limits[0] or kurt(x) < limits[1]


def winsorised(
    winmax: int | None, limits: tuple[float, float] = (2, 3.5), force: bool = False
) -> Step:
    def step(x: np.ndarray) -> np.ndarray:
        x, high, low = x.copy(), 0, 0
        while (not tame(x, limits) or force) and (winmax is None or high + low < winmax):
            if skew(x) >= 0:
                at = np.flatnonzero(x == np.nanmax(x))
                x[at], high = np.nanmax(np.delete(x, at)), len(at)
            else:
                at = np.flatnonzero(x == np.nanmin(x))
                x[at], low = np.nanmin(np.delete(x, at)), len(at)
        return x

    return step


def log_ct(x: np.ndarray) -> np.ndarray:
    return np.log(x - np.nanmin(x) + 0.01 * (np.nanmax(x) - np.nanmin(x)))


def log_ct_plus(x: np.ndarray) -> np.ndarray:
    a = 0.01 * (np.nanmax(x) - np.nanmin(x))
    return log_ct(x) if skew(x) > 0 else -np.log(np.nanmax(x) + a - x)


def log_ct_orig(x: np.ndarray) -> np.ndarray:
    return np.log(x - np.nanmin(x) + 1)


def box_cox(power: float) -> Step:
    def step(x: np.ndarray) -> np.ndarray:
        y = x - np.nanmin(x) + 1
        return np.log(y) if power == 0 else (y**power - 1) / power

    return step


def treat(
    x: np.ndarray,
    first: Step,
    then: Step | None,
    combine: bool = False,
    limits: tuple[float, float] = (2, 3.5),
) -> np.ndarray:
    """Check, first step, check, second step of what was there, or of what the first gave."""
    if tame(x, limits):
        return x
    once = first(x)
    if tame(once, limits) or then is None:
        return once
    return then(once if combine else x)


CASES: dict[str, tuple[dict[str, Any], Step]] = {
    "defaults": ({"then": "log_ct"}, lambda x: treat(x, winsorised(5), log_ct)),
    "one point": ({"most": 1, "then": "log_ct"}, lambda x: treat(x, winsorised(1), log_ct)),
    "no limit": ({"most": None}, lambda x: treat(x, winsorised(None), None)),
    "tail": ({"most": 2, "then": "log_ct_plus"}, lambda x: treat(x, winsorised(2), log_ct_plus)),
    "orig": ({"most": 1, "then": "log_ct_orig"}, lambda x: treat(x, winsorised(1), log_ct_orig)),
    "combined": (
        {"most": 2, "then": "log_ct_plus", "combine": True},
        lambda x: treat(x, winsorised(2), log_ct_plus, combine=True),
    ),
    "box cox": (
        {"most": 1, "then": "box_cox", "power": 0.25},
        lambda x: treat(x, winsorised(1), box_cox(0.25)),
    ),
    "logarithm first": ({"first": "log_ct"}, lambda x: treat(x, log_ct, None)),
    "limits": (
        {"most": 3, "skewness": 1, "kurtosis": 2, "then": "log_ct"},
        lambda x: treat(x, winsorised(3, (1, 2)), log_ct, limits=(1, 2)),
    ),
    # Only where an indicator fails is anything forced.
    "forced": ({"most": 3, "force": True}, lambda x: treat(x, winsorised(3, force=True), None)),
}


@pytest.mark.parametrize("name", list(CASES))
def test_treated_as_documented(denominated: Index, name: str) -> None:
    options, by_hand = CASES[name]
    found = denominated.treat("shape", **options).latest
    values = denominated.latest
    changed = 0
    for code in values:
        wanted = by_hand(values[code].to_numpy(dtype=np.float64))
        np.testing.assert_allclose(found[code], wanted, rtol=R_RELATIVE, atol=R_ABSOLUTE)
        changed += not np.array_equal(wanted, values[code].to_numpy(), equal_nan=True)
    assert changed > 5
