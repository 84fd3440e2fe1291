"""Participants and others alike in what was measured: weights, balance, and estimates on arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd

from workbench.stats.linear import ALONE, fit_ols
from workbench.stats.logistic import fit_logit
from workbench.stats.pairs import Floats
from workbench.stats.result import Number


@dataclass(frozen=True, slots=True)
class Matching:
    """What a comparison of like with like rests on, shape (n,) each.

    Attributes
    ----------
    outcome, treated : array of float
    design : array of float, shape (n, k)
        Covariates with a column of ones.
    chance : array of float
        Fitted probability of taking part (the propensity score).
    with_it, without_it : array of float
        Outcome that a regression among participants, and one among the others, foresees for each.
    """

    outcome: Floats
    treated: Floats
    design: Floats
    chance: Floats
    with_it: Floats
    without_it: Floats

    @property
    def n(self) -> int:
        """Number of units."""
        return len(self.outcome)

    @property
    def att_weights(self) -> Floats:
        """1 for participants, the odds of taking part for the others."""
        odds = self.chance / (1 - self.chance)
        return np.where(self.treated == 1, 1.0, odds)

    @property
    def ate_weights(self) -> Floats:
        """Inverse of the probability of the group that each is in."""
        return np.where(self.treated == 1, 1 / self.chance, 1 / (1 - self.chance))


def matching(outcome: Floats, treated: Floats, design: Floats) -> Matching:
    """Return propensity scores and what regressions foresee.

    Parameters
    ----------
    outcome, treated : array of float, shape (n,)
    design : array of float, shape (n, k)
        Of full rank among participants and among the others, not separated.
    """
    chance = fit_logit(design, treated).chance
    foreseen = [
        design @ fit_ols(design[treated == value], outcome[treated == value]).beta
        for value in (1.0, 0.0)
    ]
    return Matching(outcome, treated, design, chance, *foreseen)


def effective_size(weights: Floats) -> float:
    """Return Kish's effective sample size: squared sum of the weights over their sum of squares."""
    return float(weights.sum() ** 2 / np.square(weights).sum())


def aipw_ate(found: Matching) -> tuple[float, Floats]:
    """Return the doubly robust average effect over all, and the influence of each unit.

    Notes
    -----
    psi = m1 - m0 + t (y - m1)/e - (1 - t)(y - m0)/(1 - e) (Robins, Rotnitzky and Zhao 1994); the
    influence is psi less its mean, the standard error the root of mean(influence^2)/n.
    """
    y, t, e = found.outcome, found.treated, found.chance
    psi = found.with_it - found.without_it
    psi = psi + t * (y - found.with_it) / e - (1 - t) * (y - found.without_it) / (1 - e)
    return float(psi.mean()), psi - psi.mean()


def aipw_att(found: Matching) -> tuple[float, Floats]:
    """Return the doubly robust average effect over participants, and the influence of each unit.

    Notes
    -----
    psi = (t - (1 - t) e/(1 - e)) (y - m0)/p with p the share of participants; influence
    psi - effect t/p (Moodie, Saarela and Stephens 2018).
    """
    y, t, e = found.outcome, found.treated, found.chance
    share = t.mean()
    psi = (t - (1 - t) * e / (1 - e)) * (y - found.without_it) / share
    return float(psi.mean()), psi - psi.mean() * t / share


def careful(found: Matching, estimand: Literal["ate", "att"]) -> Matching:
    """Return the units as far from what is foreseen as they would be without being in the fit.

    Notes
    -----
    A regression lies too near to the units that it was fitted to. As for HC3 (MacKinnon and White
    1985), each distance is divided by 1 less the leverage of the unit in its own group; for the
    effect on participants only the others are foreseen by their own regression.
    """
    outcome = found.outcome.copy()
    for value, foreseen in ((1.0, found.with_it), (0.0, found.without_it)):
        own = found.treated == value
        if value and estimand == "att":
            continue
        leverage = fit_ols(found.design[own], found.outcome[own]).leverage
        # Who decides a coefficient alone lies on the line and says nothing of the distances.
        free = np.where(1 - leverage > ALONE, 1 - leverage, 1.0)
        outcome[own] = foreseen[own] + (found.outcome - foreseen)[own] / free
    return replace(found, outcome=outcome)


def other_estimates(found: Matching) -> dict[str, Number]:
    """Return the plain difference, and the effect by weighting and by regression alone.

    Notes
    -----
    Weighted means divide by the sum of the weights (Hajek).
    """
    y, t = found.outcome, found.treated
    gap = found.with_it - found.without_it

    def apart(weights: Floats) -> float:
        means = [np.average(y[t == value], weights=weights[t == value]) for value in (1, 0)]
        return float(means[0] - means[1])

    return {
        "naive": apart(np.ones(found.n)),
        "ipw_ate_hajek": apart(found.ate_weights),
        "ra_ate": float(gap.mean()),
        "ipw_att_hajek": apart(found.att_weights),
        "ra_att": float(gap[t == 1].mean()),
    }


def balance(found: Matching, names: list[str]) -> pd.DataFrame:
    """Return how far both groups lie apart in each covariate, before and after weighting.

    Parameters
    ----------
    found : Matching
    names : list of str
        Of the columns of the design after the first.

    Returns
    -------
    DataFrame
        By covariate: means, and standardised differences.

    Notes
    -----
    Differences over the root of the mean of both unweighted variances, so that weighting changes
    the numerator only (Austin 2009).
    """
    t, columns = found.treated, found.design[:, 1:]
    one, other = columns[t == 1], columns[t == 0]
    spread = np.sqrt((one.var(axis=0, ddof=1) + other.var(axis=0, ddof=1)) / 2)
    spread = np.where(spread > 0, spread, np.nan)
    table = pd.DataFrame(
        {"mean_treated": one.mean(axis=0), "mean_control": other.mean(axis=0)},
        index=pd.Index(names, name="covariate"),
    )
    weightings = {
        "smd_unweighted": np.ones(found.n),
        "smd_att_weighted": found.att_weights,
        "smd_ate_weighted": found.ate_weights,
    }
    for name, weights in weightings.items():
        means = [
            np.average(columns[t == value], axis=0, weights=weights[t == value]) for value in (1, 0)
        ]
        table[name] = (means[0] - means[1]) / spread
    return table


def overlap(found: Matching) -> tuple[pd.DataFrame, float, float]:
    """Return how many of each group have which probability of taking part, and what they share.

    Returns
    -------
    table : DataFrame
        Units by tenth of the probability and group.
    low, high : float
        Ends of the range in which there are both participants and others.
    """
    edges = np.linspace(0, 1, 11)
    names = [f"{low:.1f}-{high:.1f}" for low, high in pairwise(edges)]
    parts = [found.chance[found.treated == value] for value in (1, 0)]
    table = pd.DataFrame(
        {
            group: np.histogram(part, edges)[0]
            for group, part in zip(("treated", "control"), parts, strict=True)
        },
        index=pd.Index(names, name="propensity"),
    )
    low = max(float(part.min()) for part in parts)
    return table, low, min(float(part.max()) for part in parts)


def e_value(effect: float, se: float, spread: float) -> tuple[float, float]:
    """Return how strong an unmeasured difference would have to be to explain an effect away.

    Parameters
    ----------
    effect, se : float
    spread : float
        Standard deviation of the outcome.

    Returns
    -------
    float, float
        E-value of the estimate and of the end of its 95 % interval nearer to zero (1 where the
        interval holds zero): the risk ratio with both participation and outcome.

    Notes
    -----
    d = effect / spread, risk ratio about exp(0.91 d), its interval exp(0.91 d -+ 1.78 se/spread);
    E = RR + sqrt(RR (RR - 1)) (VanderWeele and Ding 2017).
    """
    d, error = abs(effect) / spread, se / spread

    def value(ratio: float) -> float:
        return ratio + float(np.sqrt(ratio * (ratio - 1))) if ratio > 1 else 1.0

    return value(float(np.exp(0.91 * d))), value(float(np.exp(0.91 * d - 1.78 * error)))
