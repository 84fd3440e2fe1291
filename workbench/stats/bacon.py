"""What a two-way fixed effects coefficient compares when starts differ (Goodman-Bacon 2021)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.stats.group_time import Cohorts

UNTREATED = "Treated vs Untreated"
EARLIER = "Earlier vs Later Treated"
LATER = "Later vs Earlier Treated"
ALWAYS = "Later vs Always Treated"


def decomposition(cohorts: Cohorts) -> pd.DataFrame:
    """Return every two-by-two comparison within the coefficient, its weight and estimate.

    Parameters
    ----------
    cohorts : Cohorts
        A complete panel; a start of 0 means treated in every wave.

    Returns
    -------
    DataFrame
        ``treated`` and ``control`` (numbers of starting waves, infinite for never), ``type``,
        ``weight`` and ``estimate``; the weighted sum of the estimates is the coefficient.

    Notes
    -----
    With n the share of units and d the share of waves treated, weights are proportional to
    n_k n_l times (1 - d_l)^2 times the variance of treatment within the comparison: theorem 1 of
    Goodman-Bacon 2021. Comparisons of later with earlier starters use units as controls that have
    the programme already.
    """
    total = len(cohorts.times)
    starts = np.unique(cohorts.starts)
    share = {g: float((cohorts.starts == g).mean()) for g in starts}
    treated = {g: (total - g) / total if np.isfinite(g) else 0.0 for g in starts}
    rows = []
    for i, k in enumerate(starts):
        for late in starts[i + 1 :]:
            both = share[k] * share[late]
            d_k, d_l = treated[k], treated[late]
            if np.isinf(late):
                if k > 0:
                    rows.append((k, late, UNTREATED, both * d_k * (1 - d_k), 0, total))
                continue
            if k > 0:
                rows.append((k, late, EARLIER, both * (d_k - d_l) * (1 - d_k), 0, int(late)))
            kind = LATER if k > 0 else ALWAYS
            rows.append((late, k, kind, both * d_l * (d_k - d_l), int(k), total))
    table = pd.DataFrame(
        [
            (one, other, kind, weight, _two_by_two(cohorts, one, other, first, last))
            for one, other, kind, weight, first, last in rows
        ],
        columns=["treated", "control", "type", "weight", "estimate"],
    )
    table["weight"] /= table["weight"].sum()
    return table


def by_type(table: pd.DataFrame) -> pd.DataFrame:
    """Return the weight and average estimate of each type of comparison."""
    products = table.assign(product=table["weight"] * table["estimate"])
    sums = products.groupby("type")[["weight", "product"]].sum()
    return pd.DataFrame(
        {"weight": sums["weight"], "average_estimate": sums["product"] / sums["weight"]}
    )


def _two_by_two(cohorts: Cohorts, one: float, other: float, first: int, last: int) -> float:
    """Return the difference in differences of two groups between some waves, split at a start."""
    split = int(one)
    before, after = slice(first, split), slice(split, last)
    changes = [
        rows[:, after].mean() - rows[:, before].mean()
        for rows in (cohorts.values[cohorts.starts == g] for g in (one, other))
    ]
    return float(changes[0] - changes[1])
