"""Levels by strata fitted to a reference: Dalenius and Hodges, quantiles, breaks."""

from __future__ import annotations

import numpy as np

from workbench.errors import Problem, Reason, ScoringError
from workbench.language import Message
from workbench.scoring.fits import Parameters
from workbench.scoring.states import NO_LEVEL, Bools, Floats, Ints
from workbench.specs.instrument import Strata

# A cumulative root that meets a part of the total exactly does so within binary arithmetic.
SLACK = 1e-9


def fit_strata(rule: Strata, values: Floats, classes: float, n: int, node: str) -> Parameters:
    """Return where the strata of a population are cut: by classes, or at values.

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
    by_class = rule.method == "dalenius_hodges"
    if known.size == 0 or known.min() == known.max() or (by_class and classes < n):
        what = Message("{node}: the reference does not divide into {n} strata", node=node, n=n)
        raise ScoringError(Problem(Reason.CALIBRATION, what, got=f"{classes:g}", code=node))
    if not by_class:
        return {"bounds": _bounds(rule, known, n, node)}
    low, width = float(known.min()), float(np.ptp(known)) / classes
    last = int(np.ceil(classes - SLACK)) - 1
    counts = np.bincount(_class_of(rule, known, low, width, last), minlength=last + 1)
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
    known = ~np.isnan(values)
    if rule.method != "dalenius_hodges":
        bounds = np.asarray(parameters["bounds"])
        slack = SLACK * np.maximum(1.0, np.abs(bounds))
        place = np.searchsorted(bounds + slack, np.where(known, values * _sign(rule), 0.0))
        return _as_levels(rule, place, len(bounds), known, direction)
    after = np.asarray(parameters["after"])
    low, width, last = (float(parameters[k]) for k in ("minimum", "width", "last"))  # type: ignore[arg-type]
    place = _class_of(rule, np.where(known, values * _sign(rule), low), low, width, int(last))
    stratum = np.searchsorted(after, place, side="left")
    return _as_levels(rule, stratum, len(after), known, direction)


def _as_levels(rule: Strata, stratum: np.ndarray, top: int, known: Bools, direction: int) -> Ints:
    """Return strata, counted from where the classes start, as levels with the worst first."""
    turned = (direction < 0) != (rule.of == "negative")
    return np.where(known, top - stratum if turned else stratum, NO_LEVEL).astype(np.int16)


def _bounds(rule: Strata, known: Floats, n: int, node: str) -> tuple[float, ...]:
    """Return the upper limits of all strata but the last; a value at a limit is below it.

    Raises
    ------
    ScoringError
        If ``at`` does not name one cut fewer than there are levels, or values are too few.

    References
    ----------
    Fisher, W. D. (1958), On grouping for maximum homogeneity, Journal of the American Statistical
    Association 53, doi:10.1080/01621459.1958.10501479.
    """
    distinct = np.unique(known)
    if (rule.at and len(rule.at) != n - 1) or len(distinct) < n:
        what = Message("{node}: the reference does not divide into {n} strata", node=node, n=n)
        raise ScoringError(Problem(Reason.CALIBRATION, what, got=str(len(distinct)), code=node))
    if rule.method == "quantiles":
        shares = np.array(rule.at) if rule.at else np.arange(1, n) / n
        return tuple(np.quantile(known, shares).tolist())
    if rule.method == "deviations":
        return tuple((known.mean() + known.std() * np.array(rule.at)).tolist())
    if rule.method == "equal_intervals":
        return tuple(np.linspace(known.min(), known.max(), n + 1)[1:-1].tolist())
    return _natural_breaks(np.sort(known), n)


def _natural_breaks(x: Floats, n: int) -> tuple[float, ...]:
    """Return the last value of each group but one, of the grouping with least squares inside."""
    size = len(x)
    total = np.concatenate([[0.0], np.cumsum(x - x.mean())])
    square = np.concatenate([[0.0], np.cumsum((x - x.mean()) ** 2)])

    def inside(start: np.ndarray, end: int) -> Floats:
        """Squares around the mean of x[start:end]."""
        part: Floats = total[end] - total[start]
        squares: Floats = square[end] - square[start] - part**2 / (end - start)
        return squares

    best = np.array([0.0, *(inside(np.array([0]), end)[0] for end in range(1, size + 1))])
    origin = np.zeros((n, size + 1), dtype=np.intp)
    for group in range(1, n):
        found = np.full(size + 1, np.inf)
        for end in range(group + 1, size + 1):
            start = np.arange(group, end)
            cost = best[start] + inside(start, end)
            origin[group, end] = start[np.argmin(cost)]
            found[end] = cost.min()
        best = found
    ends, end = list[float](), size
    for group in range(n - 1, 0, -1):
        end = int(origin[group, end])
        ends.append(float(x[end - 1]))
    return tuple(reversed(ends))


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


def _class_of(rule: Strata, values: Floats, low: float, width: float, last: int) -> np.ndarray:
    """Return the class of each value; those beyond the ends are in the first or last."""
    widths = (values - low) / width
    place = np.floor(widths) if rule.closed == "left" else np.ceil(widths - SLACK) - 1
    return np.clip(place, 0, last).astype(np.intp)
