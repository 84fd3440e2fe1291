"""Comparisons of groups on made-up municipalities, beside plain loops over the libraries.

    python benchmarks/comparisons.py [UNITS]        default 2469

115 indicators, three contrasts of groups each: the differences, their intervals and every p-value,
adjusted for their number. The loop calls scipy for the same tests and intervals (Welch, Mann and
Whitney, Brunner and Munzel) and leaves out what scipy has no function for: the interval of the
standardised difference, the shift with its interval, checks and sentences. Then a bootstrap and a
permutation test of one indicator, beside scipy's. The differences must agree to the last digits.
The seed is fixed. Prints medians of rounds in turn, in processor seconds, and their ratio.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import pandas as pd
import scipy.stats as sp
from made_up import side_by_side
from statsmodels.stats.multitest import multipletests

from workbench.stats import adjust, bootstrap, permutation_test, two_groups

SEED = 20260101
INDICATORS = 115
CONTRASTS = (("metropolitan", "rural"), ("metropolitan", "urban"), ("urban", "rural"))

n = int(sys.argv[1]) if len(sys.argv) > 1 else 2469
rng = np.random.default_rng(SEED)
codes = [f"{i:05d}" for i in range(n)]
groups = pd.Series(
    rng.choice(["metropolitan", "urban", "rural"], n, p=[0.2, 0.3, 0.5]), index=codes
)
scores = pd.DataFrame(
    np.clip(
        rng.normal(50, 20, (n, INDICATORS)) + 3 * (groups == "urban").to_numpy()[:, None], 0, 100
    ),
    index=codes,
    columns=[f"I{i:03d}" for i in range(INDICATORS)],
).round(1)
scores = scores.mask(rng.random(scores.shape) < 0.05)


def ours() -> dict[str, float]:
    """Return every difference, by the workbench."""
    results = {
        f"{name} {a} {b}": two_groups(values, groups, group=a, reference=b)
        for name, values in scores.items()
        for a, b in CONTRASTS
    }
    return {name: result.estimate for name, result in adjust(results, method="bh").items()}


def plain() -> dict[str, float]:
    """Return every difference, by a loop over scipy."""
    found, p = {}, []
    for name, values in scores.items():
        for a, b in CONTRASTS:
            x, y = values[groups == a].dropna(), values[groups == b].dropna()
            test = sp.ttest_ind(x, y, equal_var=False)
            test.confidence_interval(0.95)
            test.confidence_interval(0.90)
            sp.mannwhitneyu(x, y)
            sp.brunnermunzel(x, y)
            found[f"{name} {a} {b}"] = x.mean() - y.mean()
            p.append(test.pvalue)
    multipletests(p, method="fdr_bh")
    return found


mine, theirs = ours(), plain()
assert all(abs(mine[name] - theirs[name]) < 1e-12 * 100 for name in theirs)


def report(what: str, one: Callable[[], object], other: Callable[[], object], rounds: int) -> None:
    """Print the medians of both and their ratio."""
    a, b = side_by_side(one, other, rounds)
    print(f"{what}: workbench {a:.3f} s, scipy {b:.3f} s, ratio {a / b:.2f}")


report(f"{len(mine)} comparisons of {n} units", ours, plain, 3)

first = scores["I000"].dropna()
report(
    "19,999 bootstrap replicates of a median, BCa",
    lambda: bootstrap(first, "median", seed=SEED),
    lambda: sp.bootstrap((first.to_numpy(),), np.median, n_resamples=19_999, rng=SEED),
    3,
)
pair = first[groups[first.index].isin(CONTRASTS[0])]
chosen = groups[pair.index] == CONTRASTS[0][0]
report(
    "9,999 permutations of a difference of means",
    lambda: permutation_test(pair, groups, group=CONTRASTS[0][0], seed=SEED),
    lambda: sp.permutation_test(
        (pair[chosen].to_numpy(), pair[~chosen].to_numpy()),
        lambda x, y, axis: x.mean(axis) - y.mean(axis),
        vectorized=True,
        n_resamples=9_999,
        rng=SEED,
    ),
    3,
)
