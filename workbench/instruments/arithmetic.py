"""Arithmetic of formulas: pure functions over arrays in which NaN is what is not known.

One value a case is an array of shape ``(cases,)`` or a plain number; several values a case, such as
the scores of all parts of a group, are an array of shape ``(values, cases)``.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# A quotient of decimal numbers rarely meets a printed cut-point exactly: 1.21 against 1.1 grows by
# 9.99999999999999 %. Numbers closer than this share of the larger one (of 1, if both are smaller)
# are taken as equal.
RELATIVE_TOLERANCE = 1e-9
PERCENTILE = re.compile(r"^p(100|\d{1,2}(\.\d+)?)$")


def is_same(a: Array, b: Array) -> NDArray[np.bool_]:
    """Return where two numbers are equal within the tolerance."""
    near = np.abs(a - b) <= RELATIVE_TOLERANCE * np.maximum(1.0, np.maximum(np.abs(a), np.abs(b)))
    return np.asarray(near)


def rounded(x: Array, decimals: float | Array) -> Array:
    """Return numbers rounded as by hand: halves away from zero, as spreadsheets do.

    A half that binary arithmetic made a little smaller is taken for one.
    """
    scale = 10.0 ** np.asarray(decimals, dtype=np.float64)
    size = np.abs(x) * scale
    whole = np.floor(size + 0.5 + RELATIVE_TOLERANCE * np.maximum(1.0, np.minimum(size, 1e3)))
    return np.asarray(np.sign(x) * whole / scale)


def floor(x: Array) -> Array:
    """Return the whole number below; one that binary arithmetic made a little smaller is met."""
    near = np.round(x)
    return np.asarray(np.where(is_same(x, near), near, np.floor(x)))


def normal_cdf(x: Array) -> Array:
    """Return the share of a standard normal distribution below each number, 0 to 1."""
    return np.asarray(np.vectorize(math.erfc, otypes=[np.float64])(-x / math.sqrt(2)) / 2)


def truth(x: Array) -> Array:
    """Return 1, 0 or NaN for numbers used as conditions."""
    return np.where(np.isnan(x), np.nan, np.where(np.asarray(x) != 0, 1.0, 0.0))


def kleene(parts: list[Array], settled: float) -> Array:
    """Join truths: the settling value wins, then unknown, then the other."""
    stack = np.stack(np.broadcast_arrays(*parts))
    decided = (stack == settled).any(axis=0)
    unknown = np.isnan(stack).any(axis=0)
    return np.where(decided, settled, np.where(unknown, np.nan, 1.0 - settled))


def where(condition: Array, yes: Array, no: Array) -> Array:
    """Return one of two numbers by a condition; NaN where it is not known."""
    holds, a, b = np.broadcast_arrays(truth(condition), yes, no)
    return np.where(np.isnan(holds), np.nan, np.where(holds == 1.0, a, b))


def compare(op: ast.cmpop, a: Array, b: Array) -> Array:
    """Return a comparison within the tolerance; NaN where either side is missing."""
    result = COMPARISONS[type(op)](a, b, is_same(a, b))
    return np.where(np.isnan(a) | np.isnan(b), np.nan, result.astype(np.float64))


COMPARISONS: Mapping[type[ast.cmpop], Callable[..., NDArray[np.bool_]]] = {
    ast.Lt: lambda a, b, same: (a < b) & ~same,
    ast.LtE: lambda a, b, same: (a < b) | same,
    ast.Gt: lambda a, b, same: (a > b) & ~same,
    ast.GtE: lambda a, b, same: (a > b) | same,
    ast.Eq: lambda a, b, same: same,
    ast.NotEq: lambda a, b, same: ~same,
}
OPERATORS: Mapping[type[ast.operator], Callable[[Array, Array], Array]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: np.divide(a, b),
    ast.Pow: lambda a, b: np.power(a, b),
}
# Functions of each value by itself.
PLAIN: Mapping[str, Callable[[Array], Array]] = {
    "abs": np.abs,
    "log": np.log,
    "log10": np.log10,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "floor": floor,
    "ceil": lambda x: -floor(-x),
    "normal_cdf": normal_cdf,
    "known": lambda x: (~np.isnan(x)).astype(np.float64),
}
# Functions that make one value of several.
SUMMARIES: Mapping[str, Callable[..., Array]] = {
    "mean": np.nanmean,
    "median": np.nanmedian,
    "sd": np.nanstd,
    "min": np.nanmin,
    "max": np.nanmax,
    "sum": np.nansum,
    "product": np.nanprod,
    "count": lambda rows, axis: (~np.isnan(rows)).sum(axis=axis).astype(np.float64),
}
FIGURES: Mapping[str, Callable[[Array], object]] = {
    "mean": np.mean,
    "median": np.median,
    "sd": np.std,
    "sd1": lambda x: np.std(x, ddof=1) if x.size > 1 else np.nan,
    "min": np.min,
    "max": np.max,
    "sum": np.sum,
    "count": np.size,
}


def summary(name: str, values: list[Array]) -> Array:
    """Return one value a case made of several.

    A value that stands by itself must be known; of several together (shape ``(values, cases)``)
    those that are not known are left out.

    Parameters
    ----------
    name : str
        One of SUMMARIES; ``sd`` has n in the denominator.
    values : list of array
    """
    rows, spoiled = _rows(values)
    some = ~spoiled if name == "count" else ~np.isnan(rows).all(axis=0) & ~spoiled
    result = np.full(some.shape, np.nan)
    if some.any():
        result[some] = SUMMARIES[name](rows[..., some], axis=0)
    return result


def extremes(k: int, values: list[Array], *, largest: bool) -> Array:
    """Return the k largest or smallest of several values, shape ``(k, cases)``; NaN for none."""
    rows, spoiled = _rows(values)
    sign = -1.0 if largest else 1.0
    ordered = sign * np.sort(sign * rows, axis=0)[:k]  # NaN is sorted last
    return np.where(spoiled, np.nan, ordered)


def _rows(values: list[Array]) -> tuple[Array, NDArray[np.bool_]]:
    """Return values as rows, and the cases in which one that must be known is not."""
    shape = np.broadcast_shapes(*(x.shape[-1:] for x in values))
    parts = [np.broadcast_to(x, (*x.shape[:-1][-1:], *shape)) for x in values]
    needed = [x for x in parts if x.ndim < 2]
    rows = np.concatenate([x if x.ndim == 2 else x[None] for x in parts])
    if not needed:
        return rows, np.zeros(shape, dtype=bool)
    return rows, np.asarray(np.isnan(np.stack(needed)).any(axis=0))


def figure(name: str, values: Array) -> float:
    """Return a figure of a population: one of FIGURES, or a percentile such as ``p95``."""
    there = values[~np.isnan(values)]
    if not there.size:
        return np.nan
    if name in FIGURES:
        return float(FIGURES[name](there))  # type: ignore[arg-type]
    return float(np.percentile(there, float(name[1:])))
