"""Units compared two by two: outranking, and Copeland's score."""

from __future__ import annotations

import numpy as np

from workbench.errors import Problem, Reason, ScoringError
from workbench.language import Message
from workbench.scoring.fits import Parameters
from workbench.scoring.states import Floats

# Sums of the same weights in another order differ by binary arithmetic alone.
TOLERANCE = 1e-12
# Comparisons held in memory at once.
CHUNK = 4_000_000


def outranking(values: Floats, reference: Floats, weights: Floats) -> Floats:
    """Return the share of weight in which each case is above each case of a reference.

    Parameters
    ----------
    values : array of float, shape (cases, parts)
    reference : array of float, shape (others, parts)
    weights : array of float, shape (parts,)

    Returns
    -------
    array of float, shape (cases, others)
        Parts in which both are equal count half; parts that one of them lacks do not count. NaN
        where they share none.

    References
    ----------
    Munda, G. and Nardo, M. (2009), Noncompensatory/nonlinear composite indicators for ranking
    countries, Applied Economics 41, doi:10.1080/00036840601019364.
    """
    above = np.zeros((len(values), len(reference)))
    counted = np.zeros_like(above)
    for part, weight in enumerate(weights):
        a, b = values[:, part, None], reference[None, :, part]
        above += weight * ((a > b) + 0.5 * (a == b))
        counted += weight * (~np.isnan(a) & ~np.isnan(b))
    return np.divide(above, counted, out=np.full_like(above, np.nan), where=counted > 0)


def fit_copeland(values: Floats, weights: Floats, node: str) -> Parameters:
    """Return the reference of Copeland scores: the cases that others are compared with.

    Raises
    ------
    ScoringError
        If there are no two cases of which anything is known.
    """
    known = values[~np.isnan(values).all(axis=1)]
    if len(known) < 2:
        what = Message("{node}: fewer than two units can be compared", node=node)
        raise ScoringError(Problem(Reason.CALIBRATION, what, got=str(len(known)), code=node))
    return {"reference": tuple(known.ravel().tolist()), "weight": tuple(weights.tolist())}


def copeland(values: Floats, parameters: Parameters) -> Floats:
    """Return how many of the reference each case beats, less how many beat it, shape (cases,).

    A case beats another if it is above it in more than half of the weight. The order of cases plays
    no part: each pair is compared once for both.
    """
    weights = np.asarray(parameters["weight"], dtype=np.float64)
    reference = np.asarray(parameters["reference"], dtype=np.float64).reshape(-1, len(weights))
    found = np.full(len(values), np.nan)
    size = max(1, CHUNK // len(reference))
    for start in range(0, len(values), size):
        part = values[start : start + size]
        share = outranking(part, reference, weights) - 0.5
        won = np.nansum(np.where(np.abs(share) <= TOLERANCE, 0.0, np.sign(share)), axis=1)
        found[start : start + size] = np.where(np.isnan(part).all(axis=1), np.nan, won)
    return found
