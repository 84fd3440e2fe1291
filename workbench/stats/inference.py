"""Errors of coefficients under one convention, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.stats as sp

from workbench.stats.linear import std_errors
from workbench.stats.pairs import Floats
from workbench.stats.result import Interval, Test, Verdict, verdict_of


@dataclass(frozen=True, slots=True)
class Errors:
    """Errors of coefficients under one convention.

    Attributes
    ----------
    kind : str
        ``HC3``, ``CR2``, ...
    covariance : array of float, shape (k, k)
    df : array of float, shape (k,)
        Of the t distribution; infinite for the normal.
    """

    kind: str
    covariance: Floats
    df: Floats

    @property
    def se(self) -> Floats:
        """Standard errors, shape (k,)."""
        return std_errors(self.covariance)

    def p(self, beta: Floats) -> Floats:
        """Return two-sided p-values, shape (k,)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.abs(beta / self.se)
        return np.asarray(2 * sp.t.sf(ratio, self.df), dtype=np.float64)

    def reach(self, level: float) -> Floats:
        """Return half the width of the intervals, shape (k,)."""
        quantiles = np.asarray(sp.t.ppf(0.5 + level / 2, self.df), dtype=np.float64)
        return quantiles * self.se

    def interval(self, beta: Floats, j: int, level: float) -> Interval:
        """Return the interval of one coefficient."""
        middle, reach = float(beta[j]), float(self.reach(level)[j])
        law = "t" if np.isfinite(self.df[j]) else "normal"
        return Interval(middle - reach, middle + reach, level, f"{law}, {self.kind}")

    def verdict(self, beta: Floats, j: int, level: float, margin: float | None) -> Verdict:
        """Return what the interval of one coefficient lets one say."""
        # Without an error nothing is determined, whatever the estimate.
        if not self.se[j] > 0:
            return Verdict.UNDETERMINED
        narrow = self.interval(beta, j, 0.90)
        return verdict_of(self.interval(beta, j, level), narrow=narrow, margin=margin)

    def test(self, beta: Floats, places: list[int]) -> Test:
        """Return the test of one coefficient, or the joint one of several.

        Notes
        -----
        Several: Wald's statistic over their number against F, its second degrees of freedom the
        fewest of the coefficients; chi-squared where these are infinite.
        """
        if len(places) == 1:
            j = places[0]
            statistic = float(beta[j] / self.se[j]) if self.se[j] > 0 else float("nan")
            finite = np.isfinite(self.df[j])
            df = (float(self.df[j]),) if finite else ()
            return Test("t" if finite else "z", statistic, df, float(self.p(beta)[j]))
        part = beta[places]
        wald = float(part @ np.linalg.pinv(self.covariance[np.ix_(places, places)]) @ part)
        first, second = float(len(places)), float(self.df[places].min())
        if not np.isfinite(second):
            return Test("chi2", wald, (first,), float(sp.chi2.sf(wald, first)))
        ratio = wald / first
        return Test("F", ratio, (first, second), float(sp.f.sf(ratio, first, second)))
