"""The first principal component, as CONAPO's index of marginalization used it until 2015."""

from __future__ import annotations

import numpy as np

from workbench.errors import Problem, Reason, ScoringError
from workbench.language import Message
from workbench.scoring.fits import Parameters
from workbench.scoring.states import Floats


def fit_component(
    values: Floats, ddof: int, positive: int | None, node: str, *, standardised: bool = True
) -> Parameters:
    """Return means, deviations, loadings and variance of the first principal component.

    Parameters
    ----------
    values : array of float, shape (cases, children)
        Reference population; cases with a gap are left out.
    ddof : {0, 1}
        Deviations with n or n - 1 in the denominator.
    positive : int or None
        Child whose loading is made positive; None makes the sum of all loadings so.
    node : str
        Named in errors.
    standardised : bool
        Whether the children are divided by their deviations; if not, these are given as 1.

    Raises
    ------
    ScoringError
        If there are too few complete cases, or a child does not vary.

    Notes
    -----
    Loadings are the first eigenvector of the correlation matrix, or of the covariance matrix; its
    sign is free and set by the rule.

    References
    ----------
    Hotelling, H. (1933), Analysis of a complex of statistical variables into principal components,
    Journal of Educational Psychology 24, doi:10.1037/h0071325.
    """
    known = values[~np.isnan(values).any(axis=1)]
    if len(known) < values.shape[1] + 2:
        what = Message("{node}: too few complete cases for a component", node=node)
        raise ScoringError(Problem(Reason.CALIBRATION, what, got=str(len(known)), code=node))
    mean, deviation = known.mean(axis=0), known.std(axis=0, ddof=ddof)
    if (deviation == 0).any():
        what = Message("{node}: a part has the same value in the whole reference", node=node)
        raise ScoringError(Problem(Reason.CALIBRATION, what, code=node))
    if standardised:
        matrix = np.corrcoef(known, rowvar=False)
    else:
        deviation, matrix = np.ones_like(mean), np.cov(known, rowvar=False, ddof=ddof)
    variances, vectors = np.linalg.eigh(matrix)
    loading = vectors[:, -1]
    sign = loading.sum() if positive is None else loading[positive]
    loading = loading if sign >= 0 else -loading
    return {
        "mean": tuple(mean.tolist()),
        "deviation": tuple(deviation.tolist()),
        "loading": tuple(loading.tolist()),
        "variance": float(variances[-1]),
        "share_of_variance": float(variances[-1] / variances.sum()),
    }


def component(values: Floats, parameters: Parameters, *, unit_variance: bool) -> Floats:
    """Return the component of each case, shape (cases,); NaN where a child is missing."""
    mean, deviation, loading = (
        np.asarray(parameters[name]) for name in ("mean", "deviation", "loading")
    )
    result: Floats = (values - mean) / deviation @ loading
    return result / np.sqrt(float(parameters["variance"])) if unit_variance else result  # type: ignore[arg-type]


def component_weights(kind: str, parameters: Parameters) -> Floats:
    """Return the weights that a component gives to the children, which add up to 1.

    Parameters
    ----------
    kind : {"loadings", "squared_loadings", "scaled_loadings"}
    parameters : mapping
        As :func:`fit_component` gave them.
    """
    loading = np.asarray(parameters["loading"], dtype=np.float64)
    weight = loading**2 if kind == "squared_loadings" else loading
    if kind == "scaled_loadings":
        weight = weight / np.asarray(parameters["deviation"])
    result: Floats = weight / weight.sum()
    return result
