"""Coverage of the intervals about change: two waves, requirements, levels, several waves, order."""

from __future__ import annotations

import numpy as np
import pandas as pd

from intervals import Drawn, cover, covers, given
from intervals.made import all_held, codes, of, series
from workbench.stats import (
    convergence,
    level_transitions,
    mean_change,
    no_change,
    reliable_change,
    requirement_change,
    several_waves,
    share_improved,
    stability,
    trajectories,
    typical_change,
    variance_between,
)

Pair = tuple[pd.Series, pd.Series]


def pair(before: np.ndarray, after: np.ndarray) -> Pair:
    """Return two measurements of the same units."""
    return series(before), series(after)


def normal_pair(rng: np.random.Generator, n: int, change: float = 3.0) -> Pair:
    """Return normal scores whose changes have deviation 6."""
    before = rng.normal(50, 10, n)
    return pair(before, before + rng.normal(change, 6, n))


@cover(
    {
        "mean change, t": "exact",
        "mean change in deviations d_z, noncentral t": "exact",
        "mean change in deviations, Hedges' g_z": "approximate",
    }
)
def mean_(rng: np.random.Generator, n: int) -> tuple[Drawn, ...]:
    result = mean_change(*normal_pair(rng, n))
    return (given(result), 3.0), (of(result, "d_z"), 0.5), (of(result, "hedges_gz"), 0.5)


@covers("mean change, t; skewed changes", kind="broken")
def mean_skewed(rng: np.random.Generator, n: int) -> Drawn:
    before = rng.normal(50, 10, n)
    return given(mean_change(*pair(before, before + rng.exponential(5, n)))), 5.0


@covers("negligible change, 90 % t", kind="exact")
def tost(rng: np.random.Generator, n: int) -> Drawn:
    return of(no_change(*normal_pair(rng, n, 1.0), margin=3.0), "change_90"), 1.0


@covers("typical change, Walsh", kind="conservative")
def typical(rng: np.random.Generator, n: int) -> Drawn:
    return given(typical_change(*normal_pair(rng, n))), 3.0


@covers("typical change, Walsh; heavy tails", kind="conservative")
def typical_heavy(rng: np.random.Generator, n: int) -> Drawn:
    before = rng.normal(50, 10, n)
    return given(typical_change(*pair(before, before + 3 + 4 * rng.standard_t(2, n)))), 3.0


@covers("typical change, Walsh; ties and zeros", kind="conservative")
def typical_ties(rng: np.random.Generator, n: int) -> Drawn:
    # Symmetric about 5 in steps of 5, so 5 is the typical change.
    steps = rng.choice([-5.0, 0.0, 5.0, 10.0, 15.0], n, p=[0.1, 0.25, 0.3, 0.25, 0.1])
    before = np.round(rng.normal(50, 10, n) / 5) * 5
    return given(typical_change(*pair(before, before + steps))), 5.0


@covers("share that improved, Wilson; any share alike")
def share(rng: np.random.Generator, n: int) -> Drawn:
    p = rng.uniform()
    rises = np.where(rng.random(n) < p, 5.0, -5.0) + rng.uniform(-1, 1, n)
    before = rng.normal(50, 10, n)
    return given(share_improved(*pair(before, before + rises))), p


@covers("share of risers among movers, Clopper-Pearson", kind="conservative")
def among(rng: np.random.Generator, n: int) -> Drawn:
    p = rng.uniform(0.2, 0.8)
    rises = rng.choice([-5.0, 5.0], n, p=[1 - p, p]) * (rng.random(n) < 0.8)
    before = np.round(rng.normal(50, 10, n))
    result = share_improved(*pair(before, before + rises))
    return None if result.refusal else result.effects[0].interval, p


def cells(rng: np.random.Generator, n: int) -> tuple[Pair, np.ndarray]:
    """Return answers whose four cells (kept, gained, lost, never) have shares drawn anew."""
    shares = rng.dirichlet([2, 2, 1, 2])
    kind = rng.choice(4, n, p=shares)
    return pair(np.isin(kind, (0, 2)), np.isin(kind, (0, 1))), shares


@cover(
    {
        "change of a share, Agresti-Min; any table alike": "approximate",
        "gained for each lost, Clopper-Pearson": "conservative",
    }
)
def paired_shares(rng: np.random.Generator, n: int) -> tuple[Drawn, ...]:
    answers, shares = cells(rng, n)
    result = requirement_change(*answers)
    odds = of(result, "odds_ratio_gain_loss")
    return (given(result), float(shares[1] - shares[2])), (odds, float(shares[1] / shares[2]))


@covers("change of a share, Agresti-Min; rare")
def paired_shares_rare(rng: np.random.Generator, n: int) -> Drawn:
    kind = rng.choice(4, n, p=[0.05, 0.1, 0.02, 0.83])
    answers = pair(np.isin(kind, (0, 2)), np.isin(kind, (0, 1)))
    return given(requirement_change(*answers)), 0.08


@covers("share of moves upward, Clopper-Pearson", kind="conservative")
def moves(rng: np.random.Generator, n: int) -> Drawn:
    names = ["red", "yellow", "green"]
    at = rng.integers(0, 3, n)
    to = np.clip(at + rng.choice([-1, 0, 1], n, p=[0.2, 0.4, 0.4]), 0, 2)
    before, after = pair(np.array(names)[at], np.array(names)[to])
    # From red only up, from green only down: each level is as likely.
    up = 2 * 0.4 / (2 * 0.4 + 2 * 0.2)
    return given(level_transitions(before, after, names)), up


@covers("change of one unit, measurement error", kind="exact")
def one_unit(rng: np.random.Generator, n: int) -> Drawn:
    # Deviation 10 and reliability 0.9: errors have deviation sqrt(10).
    real = rng.normal(50, np.sqrt(90), n)
    before, after = real + rng.normal(0, np.sqrt(10), (2, n))
    result = reliable_change(*pair(before, after + 4), reliability=0.9, unit="00000")
    return given(result), 4.0


@covers("change of one unit, measurement error; deviation declared", kind="exact")
def one_unit_declared(rng: np.random.Generator, n: int) -> Drawn:
    real = rng.normal(50, np.sqrt(90), n)
    before, after = real + rng.normal(0, np.sqrt(10), (2, n))
    series = pair(before, after + 4)
    return given(reliable_change(*series, reliability=0.9, sd=10.0, unit="00000")), 4.0


# -- several waves ----------------------------------------------------------------------------


def waves(rng: np.random.Generator, n: int, k: int, *, paces: float = 0.0) -> pd.DataFrame:
    """Return units that rise by 2 a wave on average; variance between 64, within 25."""
    own, pace = rng.normal(50, 8, (n, 1)), rng.normal(2, paces, (n, 1))
    values = own + pace * np.arange(k) + rng.normal(0, 5, (n, k))
    return pd.DataFrame(values, index=codes(n), columns=[f"w{i}" for i in range(k)])


@cover(
    {
        "first to last wave, t": "exact",
        "all pairs of four waves at once, Bonferroni": "conservative",
    }
)
def all_waves(rng: np.random.Generator, n: int) -> tuple[Drawn, ...]:
    result = several_waves(waves(rng, n, 4))
    table = result.tables["pairs"]
    steps = np.array([2.0 * (int(b[1:]) - int(a[1:])) for a, b in table.index])
    return (given(result), 6.0), all_held(table, steps, "low_all", "high_all")


def with_gaps(rng: np.random.Generator, wide: pd.DataFrame) -> pd.DataFrame:
    """Return a panel of which a seventh of the visits are missing at random."""
    return wide.where(rng.random(wide.shape) > 1 / 7)


@cover(
    {
        "pace, one for all, Kenward-Roger; missing visits": "approximate",
        "share of variance that lasts, Wald": "exact",
    },
    draws=1000,
)
def pace(rng: np.random.Generator, n: int) -> tuple[Drawn, ...]:
    result = trajectories(with_gaps(rng, waves(rng, n, 4)), paces=False)
    return (given(result), 2.0), (of(result, "icc"), 64 / 89)


@covers("pace, each its own, Kenward-Roger; missing visits", draws=1000)
def own_paces(rng: np.random.Generator, n: int) -> Drawn:
    return given(trajectories(with_gaps(rng, waves(rng, n, 5, paces=2.0)), paces=True)), 2.0


@covers("pace, as found, Kenward-Roger; small differences", draws=1000)
def found_paces(rng: np.random.Generator, n: int) -> Drawn:
    return given(trajectories(with_gaps(rng, waves(rng, n, 5, paces=0.8)))), 2.0


@covers("pace in states, Kenward-Roger", sizes=(20, 60), draws=1000)
def state_paces(rng: np.random.Generator, n: int) -> Drawn:
    wide = waves(rng, n, 4)
    state = np.arange(n) % (n // 3)
    wide = wide.add(rng.normal(0, 5, n // 3)[state], axis=0)
    states = pd.Series([f"E{s}" for s in state], wide.index)
    return given(trajectories(wide, states=states, paces=False)), 2.0


@covers("share of variance between groups, Wald; unequal groups", kind="exact", draws=1000)
def between_share(rng: np.random.Generator, n: int) -> Drawn:
    group = np.repeat(np.arange(n), 2 + np.arange(n) % 7)
    values = rng.normal(0, 3, n)[group] + rng.normal(0, 5, len(group))
    names = pd.Series([f"g{g}" for g in group])
    return given(variance_between(pd.Series(values), names)), 9 / 34


# -- order and gaps ---------------------------------------------------------------------------

R = 0.7


def related(rng: np.random.Generator, n: int, spread: float = 1.3) -> Pair:
    """Return normal scores with correlation 0.7, the second with 1.3 times the spread."""
    first, noise = rng.normal(size=(2, n))
    second = R * first + np.sqrt(1 - R**2) * noise
    return pair(50 + 10 * first, 50 + 10 * spread * second)


@cover(
    {"ratio of spreads, Pitman-Morgan": "exact", "slope of change on baseline, HC3": "approximate"}
)
def gaps(rng: np.random.Generator, n: int) -> tuple[Drawn, ...]:
    result = convergence(*related(rng, n))
    return (given(result), 1.3), (of(result, "beta_change_on_baseline"), 1.3 * R - 1)


@cover(
    {
        "rank correlation of two waves, Bonett-Wright": "approximate",
        "share of pairs in order, Kendall": "approximate",
    }
)
def order(rng: np.random.Generator, n: int) -> tuple[Drawn, ...]:
    result = stability(*related(rng, n))
    rank, share = 6 / np.pi * np.arcsin(R / 2), 0.5 + np.arcsin(R) / np.pi
    return (given(result), rank), (of(result, "share_in_order"), share)
