"""Were both groups on like paths before the start, and what if they had not stayed on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.stats as sp

from workbench.stats.fixed_effects import TwoWayFit
from workbench.stats.inference import Errors
from workbench.stats.pairs import Floats
from workbench.stats.result import Number

# Multiples of the largest drift before the start that a violation is tried at.
DRIFTS = (0.0, 0.5, 1.0, 1.5, 2.0)


@dataclass(frozen=True, slots=True)
class EventStudy:
    """The distance between both groups in each wave, less that in the wave of reference.

    Attributes
    ----------
    waves : tuple
        Labels, without the wave of reference.
    steps : array of float, shape (waves,)
        Waves from the wave of reference; negative before it.
    after : array of bool, shape (waves,)
        Whether the programme had started.
    fit : TwoWayFit
    errors : dict of str to Errors
    main : Errors
        The errors that intervals rest on.
    """

    waves: tuple[object, ...]
    steps: Floats
    after: np.ndarray[tuple[int], np.dtype[np.bool_]]
    fit: TwoWayFit
    errors: dict[str, Errors]
    main: Errors

    @property
    def beta(self) -> Floats:
        """Distances, shape (waves,)."""
        return self.fit.beta

    @property
    def before(self) -> list[int]:
        """Which of them lie before the start."""
        return [int(j) for j in np.flatnonzero(~self.after)]

    def table(self, level: float) -> pd.DataFrame:
        """Return the distances by wave with every error and the interval."""
        table = pd.DataFrame({"coef": self.beta}, index=pd.Index(self.waves, name="wave"))
        table["step"], table["after"] = self.steps, self.after
        for kind, part in self.errors.items():
            table[f"se_{kind}"] = part.se
        reach = self.main.reach(level)
        table["se"], table["df"], table["p"] = self.main.se, self.main.df, self.main.p(self.beta)
        table["ci_low"], table["ci_high"] = self.beta - reach, self.beta + reach
        return table


def like_paths(study: EventStudy) -> dict[str, Number]:
    """Return the joint test that no distance before the start differs from the reference.

    Notes
    -----
    Wald's statistic with CR1 errors (unit effects outside the factor), against chi-squared and
    against F with G - 1 degrees of freedom. That it is not small proves nothing: see
    :func:`violations`.
    """
    places = study.before
    if not places:
        return {}
    errors = study.errors["cluster_nonnested"]
    part = study.beta[places]
    # With more coefficients than clusters the covariance is singular: a pseudo-inverse serves.
    inverse = np.linalg.pinv(errors.covariance[np.ix_(places, places)], hermitian=True)
    wald, df = float(part @ inverse @ part), len(places)
    return {
        "pretrend_wald_chi2_nonnested": wald,
        "pretrend_df": df,
        "pretrend_p_chi2": float(sp.chi2.sf(wald, df)),
        "pretrend_p_F": float(sp.f.sf(wald / df, df, float(errors.df[0]))),
    }


def largest_drift(study: EventStudy) -> float:
    """Return the largest change of the distance between two waves that follow each other before.

    Notes
    -----
    Without two waves before the start there is none: NaN.
    """
    if not study.before:
        return float("nan")
    path = sorted([(0.0, 0.0), *((study.steps[j], study.beta[j]) for j in study.before)])
    return float(np.abs(np.diff([value for _, value in path])).max())


def violations(study: EventStudy, level: float) -> pd.DataFrame:
    """Return where the average effect would lie if the paths had drifted apart.

    Parameters
    ----------
    study : EventStudy
    level : float
        Of the interval around the estimate.

    Returns
    -------
    DataFrame
        By multiple of the largest drift before the start: ``low`` and ``high`` of the estimate,
        ``ci_low`` and ``ci_high`` with its sampling error.

    Notes
    -----
    If from one wave to the next both groups drift apart by at most M times the largest drift before
    the start, the average distance after it is biased by at most M times that drift times the mean
    number of steps (relative magnitudes of Rambachan and Roth 2023). The drift is taken as it was
    found: its own error is not in the interval.
    """
    weight = np.where(study.after, 1.0 / study.after.sum(), 0.0)
    middle, reach = _combined(study, weight, level)
    steps = float(weight @ study.steps)
    bias = np.array(DRIFTS) * steps * largest_drift(study)
    return pd.DataFrame(
        {
            "low": middle - bias,
            "high": middle + bias,
            "ci_low": middle - reach - bias,
            "ci_high": middle + reach + bias,
        },
        index=pd.Index(DRIFTS, name="drift"),
    )


def robustness(study: EventStudy, level: float) -> dict[str, Number]:
    """Return the average effect after the start, and how far it bears a violation.

    Returns
    -------
    dict of str to number
        ``average_after``; ``largest_drift``; ``breakdown``, the multiple of that drift at which the
        interval reaches zero; ``trend_slope`` per wave before the start, and ``trend_adjusted``,
        the average with that slope gone on.
    """
    weight = np.where(study.after, 1.0 / study.after.sum(), 0.0)
    middle, reach = _combined(study, weight, level)
    found: dict[str, Number] = {
        "average_after": middle,
        "average_after_ci_low": middle - reach,
        "average_after_ci_high": middle + reach,
    }
    if not study.before:
        return found
    drift, steps = largest_drift(study), float(weight @ study.steps)
    earlier = np.where(study.after, 0.0, study.steps)
    slope = earlier / float(earlier @ earlier)
    adjusted, width = _combined(study, weight - slope * steps, level)
    return found | {
        "largest_drift": drift,
        "breakdown": max(abs(middle) - reach, 0.0) / (drift * steps) if drift > 0 else None,
        "trend_slope": float(slope @ study.beta),
        "trend_adjusted": adjusted,
        "trend_adjusted_ci_low": adjusted - width,
        "trend_adjusted_ci_high": adjusted + width,
    }


def _combined(study: EventStudy, weight: Floats, level: float) -> tuple[float, float]:
    """Return a weighted sum of the distances, and half the width of its interval."""
    se = float(np.sqrt(weight @ study.main.covariance @ weight))
    # The fewest degrees of freedom among the distances: never too bold.
    reach = float(sp.t.ppf(0.5 + level / 2, float(study.main.df.min()))) * se
    return float(weight @ study.beta), reach
