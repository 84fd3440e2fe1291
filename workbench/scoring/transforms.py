"""Transformations of values whose distribution has a long tail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from workbench.errors import Problem, Reason, ScoringError
from workbench.language import Message
from workbench.scoring.states import Floats

# The part of the range that keeps the logarithm of the lowest value finite, as COIN Tool has it.
SHARE_OF_RANGE = 0.01


def fit_transform(by: str, there: Floats, node: str) -> dict[str, float]:
    """Return the parameters of a transformation, fitted to values without gaps.

    Parameters
    ----------
    by : {"log", "log_ct", "log_ct_plus", "log_ct_orig", "log_gii", "box_cox"}
    there : array of float, shape (n,)
    node : str
        Named in errors.

    Raises
    ------
    ScoringError
        If a value has no logarithm, or the transformation would turn the order round.
    """
    low, high = float(there.min()), float(there.max())
    if by == "log" and low <= 0:
        fix = Message("Choose log_ct, which shifts the values first.")
        raise ScoringError(
            _problem(Message("{node}: 0 and less have no logarithm", node=node), low, node, fix)
        )
    if low == high and by in ("log_ct", "log_ct_plus", "log_gii"):
        what = Message("{node} has the same value in the whole reference", node=node)
        raise ScoringError(_problem(what, low, node))
    if by == "log_gii" and high <= 1:
        what = Message("{node}: log_gii turns the order of values up to 1", node=node)
        raise ScoringError(_problem(what, high, node, Message("Choose log_ct.")))
    tail = 1.0
    if by == "log_ct_plus":
        centred = there - there.mean()
        tail = 1.0 if (centred**3).sum() > 0 else -1.0
    return {"lowest": low, "highest": high, "tail": tail}


def transformed(by: str, x: Floats, parameters: Mapping[str, Any], power: float | None) -> Floats:
    """Return transformed values; missing where a value has no number after it.

    Parameters
    ----------
    by : str
        As of :func:`fit_transform`, which gives the parameters.
    x : array of float
    parameters : mapping
    power : float or None
        Of box_cox.

    References
    ----------
    Box, G. E. P. and Cox, D. R. (1964), An analysis of transformations, Journal of the Royal
    Statistical Society B 26, doi:10.1111/j.2517-6161.1964.tb00553.x.
    JRC (2019), COIN Tool user guide, doi:10.2760/523877.
    """
    low, high, tail = (float(parameters[name]) for name in ("lowest", "highest", "tail"))
    a = SHARE_OF_RANGE * (high - low)
    with np.errstate(all="ignore"):
        match by:
            case "log":
                found = np.log(x)
            case "log_ct" | "log_ct_plus":
                found = np.log(x - low + a) if tail > 0 else -np.log(high + a - x)
            case "log_ct_orig":
                found = np.log(x - low + 1)
            case "log_gii":
                found = np.log((high - 1) * (x - low) / (high - low) + 1)
            case _:
                base = np.where(x - low + 1 > 0, x - low + 1, np.nan)
                found = np.log(base) if not power else (base**power - 1) / power
    return np.where(np.isfinite(found), found, np.nan)


def _problem(what: Message, got: float, node: str, fix: Message | None = None) -> Problem:
    """Return why values can't be transformed."""
    return Problem(Reason.CALIBRATION, what, got=f"{got:g}", fix=fix, code=node)
