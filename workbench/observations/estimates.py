"""Weighted shares and means of a survey, with the standard errors of its design."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Sample:
    """The design of a sample drawn at random, one row a respondent.

    Parameters
    ----------
    weight : array of float, shape (n,)
        How many each respondent stands for, above 0.
    stratum : array of int, shape (n,)
        Number of the stratum, from 0.
    cluster : array of int, shape (n,)
        Number of the cluster, from 0, each in one stratum; of the respondent where none was drawn.
    size : array of float, shape (strata,)
        Clusters that each stratum has in all; NaN where that is not known or many more.
    """

    weight: Floats
    stratum: Ints
    cluster: Ints
    size: Floats

    @cached_property
    def clusters(self) -> Floats:
        """Clusters of each stratum that took part, shape (strata,)."""
        _, first = np.unique(self.cluster, return_index=True)
        counts = np.bincount(self.stratum[first], minlength=len(self.size))
        return counts.astype(np.float64)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A weighted mean of some respondents.

    Parameters
    ----------
    value : float
        NaN where nobody counts.
    std_error : float
        NaN where the design gives none.
    alone : bool
        Whether a stratum with a single cluster is why there is no standard error.
    """

    value: float
    std_error: float
    alone: bool = False


def weighted_mean(y: Floats, weight: Floats) -> float:
    """Return the mean of ``y``, each with its weight; NaN of nobody.

    Examples
    --------
    >>> weighted_mean(np.array([1.0, 0.0]), np.array([1.0, 3.0]))
    0.25
    """
    total = weight.sum()
    return float((weight * y).sum() / total) if total else np.nan


def estimate(y: Floats, rows: Ints, sample: Sample) -> Estimate:
    """Return the weighted mean of a domain and its standard error by linearisation.

    Parameters
    ----------
    y : array of float, shape (domain,)
        Answers of the domain.
    rows : array of int, shape (domain,)
        The domain: rows, in the sample, of those who belong to the group and answered.
    sample : Sample
        All who took part, also those outside the domain.

    Returns
    -------
    Estimate

    Notes
    -----
    The mean is a ratio, sum(w y) / sum(w) over the domain. Each respondent of the domain has
    z = w (y - mean) / sum(w); the others have 0, because the size of a domain is itself a matter of
    chance. With z summed up by cluster, the variance is the sum over strata of
    ``(1 - n/N) n / (n - 1) sum (z - mean of z)**2``, with n clusters of the N that the stratum has;
    1 - n/N is left out where N is not known. A stratum with a single cluster, some of whose
    respondents count, gives no variance, and none is made up for it. Clusters outside the domain
    all differ from the mean alike, so that they need no row of their own.

    References
    ----------
    Cochran (1977), Sampling Techniques, chapters 5 and 6; Wolter (2007), Introduction to Variance
    Estimation, chapter 6; Lumley (2004), doi:10.18637/jss.v009.i08, whose R package ``survey``
    computes the same.
    """
    weight = sample.weight[rows]
    value = weighted_mean(y, weight)
    if np.isnan(value):
        return Estimate(value, np.nan)
    clusters, first, of = np.unique(sample.cluster[rows], return_index=True, return_inverse=True)
    totals = np.bincount(of, weight * (y - value) / weight.sum(), len(clusters))
    strata, place = np.unique(sample.stratum[rows][first], return_inverse=True)
    n = sample.clusters[strata]
    if (n == 1).any():
        return Estimate(value, np.nan, alone=True)
    means = np.bincount(place, totals, len(strata)) / n
    inside = np.bincount(place, (totals - means[place]) ** 2, len(strata))
    outside = (n - np.bincount(place, minlength=len(strata))) * means**2
    size = sample.size[strata]
    left = np.where(np.isnan(size), 1.0, 1.0 - n / np.maximum(size, n))
    return Estimate(value, float(np.sqrt((left * n / (n - 1) * (inside + outside)).sum())))
