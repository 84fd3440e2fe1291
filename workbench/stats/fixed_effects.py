"""Least squares with an effect of every unit and every wave taken out, with or without gaps.

Written here because the clustered error of the library at hand changes with the order in which it
meets the fixed effects; the tests compare with R's plm and sandwich.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.stats.inference import Errors
from workbench.stats.linear import (
    Codes,
    OlsFit,
    cr0_covariance,
    cr2_covariance,
    fit_ols,
    hc_covariance,
)
from workbench.stats.pairs import Floats


@dataclass(frozen=True, slots=True)
class TwoWayFit:
    """A fit with an effect of every unit and wave.

    Attributes
    ----------
    fit : OlsFit
        Of the slopes and the waves, unit means taken out; the slopes come first.
    slopes : int
    units, waves : int
    r2 : float
        Of the whole fit, the effects of units and waves included.
    r2_within : float
        Of the slopes, after units and waves are taken out.
    """

    fit: OlsFit
    slopes: int
    units: int
    waves: int
    r2: float
    r2_within: float

    @property
    def beta(self) -> Floats:
        """Slopes, shape (slopes,)."""
        return self.fit.beta[: self.slopes]

    @property
    def k_all(self) -> int:
        """Coefficients, those of every unit and wave among them."""
        return self.slopes + self.units + self.waves - 1

    @property
    def k_nonnested(self) -> int:
        """Coefficients without those of the units, which lie within the clusters."""
        return self.slopes + self.waves


def fit_two_way(regressors: Floats, outcome: Floats, units: Codes, waves: Codes) -> TwoWayFit:
    """Return the least squares fit with an effect of every unit and wave.

    Parameters
    ----------
    regressors : array of float, shape (n, slopes)
    outcome : array of float, shape (n,)
    units, waves : array of int, shape (n,)
        Number of the unit and wave of each row, from 0.

    Notes
    -----
    Unit means are taken out of everything, waves stay as columns (Frisch and Waugh 1933): exact
    with gaps, too, where taking out both means is not.
    """
    columns = waves_as_columns(waves)
    both = within(np.column_stack([regressors, columns]), units)
    centred = within(outcome[:, None], units)[:, 0]
    fit = fit_ols(both, centred)
    around = outcome - outcome.mean()
    rest = fit_ols(both[:, regressors.shape[1] :], centred).rss
    return TwoWayFit(
        fit,
        regressors.shape[1],
        int(units.max()) + 1,
        int(waves.max()) + 1,
        1 - fit.rss / float(around @ around),
        1 - fit.rss / rest if rest > 0 else 0.0,
    )


def waves_as_columns(waves: Codes) -> Floats:
    """Return a column for each wave but the first, shape (n, waves - 1)."""
    columns: Floats = (waves[:, None] == np.arange(1, int(waves.max()) + 1)).astype(np.float64)
    return columns


def within(values: Floats, units: Codes) -> Floats:
    """Return columns less the mean of their unit, shape (n, columns)."""
    sums = np.zeros((int(units.max()) + 1, values.shape[1]))
    np.add.at(sums, units, values)
    centred: Floats = values - (sums / np.bincount(units)[:, None])[units]
    return centred


def nested(units: Codes, clusters: Codes) -> bool:
    """Return whether every unit lies in one cluster."""
    pairs = np.unique(np.column_stack([units, clusters]), axis=0)
    return len(pairs) == len(np.unique(units))


def two_way_errors(found: TwoWayFit, units: Codes, clusters: Codes) -> dict[str, Errors]:
    """Return the errors of the slopes under every convention.

    Parameters
    ----------
    found : TwoWayFit
    units, clusters : array of int, shape (n,)

    Returns
    -------
    dict of str to Errors
        ``iid``, ``hc1_lsdv``, ``cluster_CR0`` (no factor), ``cluster_lsdv_all_params`` and
        ``cluster_nonnested`` (factor G/(G - 1) (N - 1)/(N - K) with K all coefficients, or without
        those of the units where these lie within the clusters), ``cluster_CR2``.

    Notes
    -----
    Only effects that are nested within the clusters may be left out of K (Cameron and Miller 2015,
    section III.B). CR2 treats the unit effects as taken out within the clusters (Pustejovsky and
    Tipton 2018, theorem 2).
    """
    fit, k = found.fit, found.slopes
    n, rest = fit.n, fit.n - found.k_all
    groups = int(clusters.max()) + 1
    fixed = found.k_nonnested if nested(units, clusters) else found.k_all
    plain = cr0_covariance(fit, clusters)
    between = np.full(k, float(groups - 1))
    spread = groups / (groups - 1) * (n - 1) if groups > 1 else np.nan
    cr2 = cr2_covariance(fit, clusters)
    free = np.full(k, float(rest))
    parts: dict[str, tuple[str, Floats, Floats]] = {
        "iid": ("classic", hc_covariance(fit, "classic", df=rest), free),
        "hc1_lsdv": ("HC1", hc_covariance(fit, "HC1", df=rest), free),
        "cluster_CR0": ("CR0", plain, between),
        "cluster_lsdv_all_params": ("CR1, all coefficients", plain * (spread / rest), between),
        "cluster_nonnested": ("CR1", plain * (spread / (n - fixed)), between),
        "cluster_CR2": ("CR2", cr2.covariance, cr2.df[:k]),
    }
    return {key: Errors(kind, cov[:k, :k], df) for key, (kind, cov, df) in parts.items()}
