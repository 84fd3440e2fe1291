"""Levels by the strata of Dalenius and Hodges, fitted to a reference."""

from __future__ import annotations

import numpy as np

from workbench.errors import Problem, Reason, ScoringError
from workbench.language import Message
from workbench.scoring.fits import Parameters
from workbench.scoring.states import NO_LEVEL, Floats, Ints
from workbench.specs.instrument import Strata

# A cumulative root that meets a part of the total exactly does so within binary arithmetic.
SLACK = 1e-9


def fit_strata(rule: Strata, values: Floats, classes: float, n: int, node: str) -> Parameters:
    """Return the classes of a population and those after which its strata are cut.

    Parameters
    ----------
    rule : Strata
    values : array of float, shape (cases,)
        Reference population; NaN is left out.
    classes : float
        Range divided by the width of a class; need not be whole.
    n : int
        Strata wanted.
    node : str
        Named in errors.

    Raises
    ------
    ScoringError
        If the reference has no two different values, or too few classes for its strata.

    Notes
    -----
    With f the counts of the classes and C the cumulative sum of their square roots, stratum h ends
    after the class where C is nearest to ``h / n`` of its total, or after the last one that does
    not exceed it.

    References
    ----------
    Dalenius, T. and Hodges, J. L. (1959), Minimum variance stratification, Journal of the American
    Statistical Association 54, doi:10.1080/01621459.1959.10501501.
    """
    known = values[~np.isnan(values)] * _sign(rule)
    if known.size == 0 or known.min() == known.max() or classes < n:
        what = Message("{node}: the reference does not divide into {n} strata", node=node, n=n)
        raise ScoringError(Problem(Reason.CALIBRATION, what, got=f"{classes:g}", code=node))
    low, width = float(known.min()), float(np.ptp(known)) / classes
    last = int(np.ceil(classes - SLACK)) - 1
    counts = np.bincount(_class_of(known, low, width, last), minlength=last + 1)
    root = np.cumsum(np.sqrt(counts))
    after = []
    for stratum in range(1, n):
        part = root[-1] * stratum / n
        if rule.cut == "nearest":
            after.append(int(np.argmin(np.abs(root - part))))
        else:
            after.append(int(np.searchsorted(root, part * (1 + SLACK), side="right")) - 1)
    return {"minimum": low, "width": width, "last": float(last), "after": tuple(map(float, after))}


def stratum_of(rule: Strata, values: Floats, parameters: Parameters, *, direction: int) -> Ints:
    """Return the level of each value: 0 is worst, -1 for missing.

    Parameters
    ----------
    rule : Strata
    values : array of float, shape (cases,)
    parameters : mapping
        As :func:`fit_strata` gave them.
    direction : int
        1 if more is better, -1 if less is.
    """
    after = np.asarray(parameters["after"])
    known = ~np.isnan(values)
    low, width, last = (float(parameters[k]) for k in ("minimum", "width", "last"))  # type: ignore[arg-type]
    place = _class_of(np.where(known, values * _sign(rule), low), low, width, int(last))
    stratum = np.searchsorted(after, place, side="left")
    turned = (direction < 0) != (rule.of == "negative")
    level = len(after) - stratum if turned else stratum
    return np.where(known, level, NO_LEVEL).astype(np.int16)


def class_number(rule: Strata, wave: str, year: float, n: int) -> float | None:
    """Return the number of classes for a wave with ``n`` values; None where none is declared."""
    if isinstance(rule.classes, dict):
        named = "" if np.isnan(year) else f"{year:.0f}"
        return rule.classes.get(wave, rule.classes.get(named))
    if rule.classes == "sturges":
        return float(1 + np.log2(max(n, 1)))
    return float(rule.classes)


def _sign(rule: Strata) -> int:
    """Return -1 where the classes start at the greatest value."""
    return -1 if rule.of == "negative" else 1


def _class_of(values: Floats, low: float, width: float, last: int) -> np.ndarray:
    """Return the class of each value; those beyond the ends are in the first or last."""
    return np.clip(np.floor((values - low) / width), 0, last).astype(np.intp)
