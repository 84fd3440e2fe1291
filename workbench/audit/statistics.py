"""What the indicators of an index look like before anything is done with them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.audit.index.screen import measured_share
from workbench.audit.index.structure import Structure
from workbench.audit.limits import AVAILABLE, KURTOSIS, NONZERO, SKEWNESS, UNIQUE
from workbench.scoring.treatment import FEWEST, shape
from workbench.stats.measured import Floats, numeric_frame

OK, LOW, OUT = "ok", "LOW", "OUT"


def indicator_statistics(
    values: pd.DataFrame,
    *,
    skewness: float = SKEWNESS,
    kurtosis: float = KURTOSIS,
    available: float = AVAILABLE,
    nonzero: float = NONZERO,
    unique: float = UNIQUE,
) -> pd.DataFrame:
    """Return the distribution of each indicator, with flags for what asks for a closer look.

    Parameters
    ----------
    values : DataFrame of float
        Units by indicators; missing where one was not measured.
    skewness, kurtosis : float
        An indicator with more of both is flagged ``OUT``: it may have outliers.
    available, nonzero, unique : float
        Share of all units; an indicator with less is flagged ``LOW``.

    Returns
    -------
    DataFrame
        One row an indicator: ``min``, ``max``, ``mean``, ``median``, ``sd`` (of a sample),
        ``skewness`` and ``kurtosis`` (bias-corrected, of a sample; excess; missing with fewer than
        four values), counts ``n_available``,
        ``n_nonzero``, ``n_unique``, ``n_same`` (units that share the commonest value), their shares
        ``share_...``, and ``flag_available``, ``flag_nonzero``, ``flag_unique``,
        ``flag_skew_kurtosis``.

    Notes
    -----
    Shares of non-zero, unique and equal values are of the values that are there, and their flags of
    all units, as COINr's ``get_stats`` has them.
    """
    frame = numeric_frame(values)
    rows = {str(code): _statistics(frame[code].to_numpy()) for code in frame}
    found = pd.DataFrame.from_dict(rows, orient="index").rename_axis("indicator")
    if found.empty:
        return found
    n = len(frame)
    limits = {"available": available, "nonzero": nonzero, "unique": unique}
    for name, limit in limits.items():
        enough = found[f"n_{name}"].to_numpy() / max(n, 1) >= limit
        found[f"flag_{name}"] = np.where(enough, OK, LOW)
    far = (found["skewness"].abs() > skewness) & (found["kurtosis"] > kurtosis)
    found["flag_skew_kurtosis"] = np.where(far.to_numpy(), OUT, OK)
    counts = [str(c) for c in found if str(c).startswith("n_")]
    found[counts] = found[counts].astype(np.int64)
    return found


def _statistics(column: Floats) -> dict[str, float]:
    """Return the numbers of one indicator."""
    n = len(column)
    x = column[~np.isnan(column)]
    if x.size == 0:
        names = ("min", "max", "mean", "median", "sd", "skewness", "kurtosis")
        empty = dict.fromkeys(names, np.nan)
        counts = dict.fromkeys(("n_available", "n_nonzero", "n_unique", "n_same"), 0)
        shares = dict.fromkeys(("share_nonzero", "share_unique", "share_same"), np.nan)
        return {**empty, **counts, "share_available": 0.0, **shares}
    _, times = np.unique(x, return_counts=True)
    told = times.size > 1 and x.size >= FEWEST
    skewness, kurtosis = shape(x) if told else (np.nan, np.nan)
    counts = {
        "n_available": x.size,
        "n_nonzero": int(np.count_nonzero(x)),
        "n_unique": times.size,
        "n_same": int(times.max()),
    }
    return {
        "min": float(x.min()),
        "max": float(x.max()),
        "mean": float(x.mean()),
        "median": float(np.median(x)),
        "sd": float(x.std(ddof=1)) if x.size > 1 else np.nan,
        "skewness": skewness,
        "kurtosis": kurtosis,
        **counts,
        "share_available": x.size / n,
        "share_nonzero": counts["n_nonzero"] / x.size,
        "share_unique": counts["n_unique"] / x.size,
        "share_same": counts["n_same"] / x.size,
    }


def availability(values: pd.DataFrame) -> pd.DataFrame:
    """Return how much was measured of each unit.

    Parameters
    ----------
    values : DataFrame of float
        Units by indicators.

    Returns
    -------
    DataFrame
        One row a unit: ``n_missing``, ``n_zero``, ``n_missing_or_zero``, ``available`` (share of
        indicators), ``nonzero`` (share of those available; missing where none is).
    """
    return measured_share(numeric_frame(values))


def availability_by_group(values: pd.DataFrame, structure: Structure) -> pd.DataFrame:
    """Return the share of indicators that were measured of each unit, group by group.

    Parameters
    ----------
    values : DataFrame of float
        Units by indicators.
    structure : Structure

    Returns
    -------
    DataFrame
        Units by groups, lower levels first; shares of all indicators below a group, whatever the
        levels between.
    """
    there = numeric_frame(values).notna()
    codes = [c for level in structure.levels[1:] for c in structure.at_level(level)]
    return pd.DataFrame(
        {code: there[list(structure.indicators_below(code))].mean(axis=1) for code in codes},
        index=values.index,
    )
