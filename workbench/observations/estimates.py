"""Weighted shares and means of a survey, with the standard errors of its design."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
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
    stratum: NDArray[np.intp]
    cluster: NDArray[np.intp]
    size: Floats


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


def weighted_mean(y: Floats, weight: Floats, where: Bools) -> float:
    """Return the mean of ``y`` over the respondents who count, each with its weight.

    Parameters
    ----------
    y, weight : array of float, shape (n,)
    where : array of bool, shape (n,)
        Who counts.

    Examples
    --------
    >>> weighted_mean(np.array([1.0, 0.0, 9.0]), np.array([1.0, 3.0, 5.0]), np.array([1, 1, 0]) > 0)
    0.25
    """
    total = weight[where].sum()
    return float((weight[where] * y[where]).sum() / total) if total else np.nan


def estimate(y: Floats, where: Bools, sample: Sample) -> Estimate:
    """Return the weighted mean of a domain and its standard error by linearisation.

    Parameters
    ----------
    y : array of float, shape (n,)
        Answers; not read where ``where`` is false.
    where : array of bool, shape (n,)
        The domain: who belongs to the group and answered.
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
    respondents count, gives no variance, and none is made up for it.

    References
    ----------
    Cochran (1977), Sampling Techniques, chapters 5 and 6; Wolter (2007), Introduction to Variance
    Estimation, chapter 6; Lumley (2004), doi:10.18637/jss.v009.i08, whose R package ``survey``
    computes the same.
    """
    value = weighted_mean(y, sample.weight, where)
    if np.isnan(value):
        return Estimate(value, np.nan)
    scaled = sample.weight / sample.weight[where].sum()
    z = np.where(where, scaled * np.where(where, y - value, 0.0), 0.0)
    n_clusters = int(sample.cluster.max()) + 1
    totals = np.bincount(sample.cluster, z, n_clusters)
    stratum = np.zeros(n_clusters, dtype=np.intp)
    stratum[sample.cluster] = sample.stratum
    n_strata = len(sample.size)
    n = np.bincount(stratum, minlength=n_strata).astype(np.float64)
    touched = np.bincount(sample.stratum, where, n_strata) > 0
    if np.any(touched & (n == 1)):
        return Estimate(value, np.nan, alone=True)
    means = np.bincount(stratum, totals, n_strata) / np.maximum(n, 1)
    squares = np.bincount(stratum, (totals - means[stratum]) ** 2, n_strata)
    left = np.where(np.isnan(sample.size), 1.0, 1.0 - n / np.maximum(sample.size, n))
    variance = left * n / np.maximum(n - 1, 1) * squares
    return Estimate(value, float(np.sqrt(variance.sum())))
