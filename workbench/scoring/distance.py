"""The distance DP2 of Pena Trapero, as CONAPO's index of marginalization uses it since 2020."""

from __future__ import annotations

import numpy as np

from workbench.errors import Problem, Reason, ScoringError
from workbench.language import Message
from workbench.scoring.fits import Parameters
from workbench.scoring.states import Floats

# No index of the field needs more than a handful; a circle of orders is found before that.
MAX_PASSES = 100


def fit_distance(values: Floats, reference: Floats, ddof: int, node: str) -> Parameters:
    """Return the reference, the deviations and the weights of a DP2 distance.

    Parameters
    ----------
    values : array of float, shape (cases, children)
        Reference population; cases with a gap are left out.
    reference : array of float, shape (children,)
        Value of each child from which distances are taken.
    ddof : {0, 1}
        Deviation with n or n - 1 in the denominator.
    node : str
        Named in errors.

    Raises
    ------
    ScoringError
        If there are too few complete cases, a child does not vary, or the order of the children
        goes round in a circle.

    Notes
    -----
    With ``d[i, j] = |x[i, j] - reference[j]| / deviation[j]`` the index is ``sum_j w[j] d[i, j]``.
    It starts as the plain sum. Children are ordered by their absolute correlation with the index;
    the weight of each is one minus the R squared of its regression on those before it (the first
    has 1); the index is computed anew until the order stays.

    References
    ----------
    Pena Trapero, J. B. (1977), Problemas de la medición del bienestar y conceptos afines, INE.
    CONAPO (2021), Índice de marginación por entidad federativa y municipio 2020, methodological
    annex.
    """
    known = values[~np.isnan(values).any(axis=1)]
    if len(known) < values.shape[1] + 2:
        what = Message("{node}: too few complete cases for a distance", node=node)
        raise ScoringError(Problem(Reason.CALIBRATION, what, got=str(len(known)), code=node))
    deviation = known.std(axis=0, ddof=ddof)
    if (deviation == 0).any():
        what = Message("{node}: a part has the same value in the whole reference", node=node)
        raise ScoringError(Problem(Reason.CALIBRATION, what, code=node))
    parts = np.abs(known - reference) / deviation
    index, tried = parts.sum(axis=1), list[tuple[int, ...]]()
    while True:
        correlation = np.abs([np.corrcoef(part, index)[0, 1] for part in parts.T])
        order = tuple(np.argsort(-correlation, kind="stable").tolist())
        if tried and order == tried[-1]:
            break
        if order in tried or len(tried) >= MAX_PASSES:
            what = Message("{node}: the order of the parts does not settle", node=node)
            raise ScoringError(Problem(Reason.CALIBRATION, what, code=node))
        tried.append(order)
        weight = _weights(parts, order)
        index = parts @ weight
    return {
        "reference": tuple(reference.tolist()),
        "deviation": tuple(deviation.tolist()),
        "weight": tuple(weight.tolist()),
    }


def _weights(parts: Floats, order: tuple[int, ...]) -> Floats:
    """Return what each part tells that those before it in the order do not."""
    weight = np.ones(parts.shape[1])
    centred = parts - parts.mean(axis=0)
    for place, column in enumerate(order[1:], start=1):
        before, own = centred[:, order[:place]], centred[:, column]
        fitted = before @ np.linalg.lstsq(before, own, rcond=None)[0]
        weight[column] = ((own - fitted) ** 2).sum() / (own**2).sum()
    return weight


def distance(values: Floats, parameters: Parameters) -> Floats:
    """Return the distance of each case, shape (cases,); NaN where a child is missing."""
    reference, deviation, weight = (
        np.asarray(parameters[name]) for name in ("reference", "deviation", "weight")
    )
    result: Floats = np.abs(values - reference) / deviation @ weight
    return result
