"""Aggregation: children to a parent, on arrays of shape (cases, children).

Every function is pure. What is missing is NaN (or -1 for levels) and what is not measurable or not
applicable is left out by weight 0, so that the same function gives the result, and with the lowest
and highest each child could be, its bounds.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from workbench.instruments.arithmetic import rounded
from workbench.scoring.plugins import checked, load_plugin
from workbench.scoring.states import NO_LEVEL, Bools, Floats, Ints
from workbench.specs.instrument import ByFormula, Mean, PluginAggregator, Points

RELATIVE_TOLERANCE = 1e-12
PLUGIN_GROUP = "workbench.aggregators"

NumberRule = Mean | Points | PluginAggregator


def arithmetic(scores: Floats, weights: Floats) -> Floats:
    """Return the weighted arithmetic mean of what is there.

    Parameters
    ----------
    scores : array of float, shape (cases, children)
        NaN for missing.
    weights : array of float, shape (cases, children)
        0 leaves a child out.

    Returns
    -------
    array of float, shape (cases,)
        NaN where no weight is left.
    """
    there = ~np.isnan(scores)
    if there.all():
        return divide((scores * weights).sum(axis=1), weights.sum(axis=1))
    top = np.where(there, scores * weights, 0.0).sum(axis=1)
    return divide(top, (weights * there).sum(axis=1))


def geometric(scores: Floats, weights: Floats) -> Floats:
    """Return the weighted geometric mean; a score of 0 gives 0, a negative one NaN."""
    there = ~np.isnan(scores)
    with np.errstate(all="ignore"):
        logs = np.where(there & (weights > 0), np.log(scores) * weights, 0.0)
        return np.exp(divide(logs.sum(axis=1), (weights * there).sum(axis=1)))


def harmonic(scores: Floats, weights: Floats) -> Floats:
    """Return the weighted harmonic mean; a score of 0 gives 0."""
    there = ~np.isnan(scores) & (weights > 0)
    with np.errstate(all="ignore"):
        inverse = np.where(there, weights / scores, 0.0).sum(axis=1)
        total = (weights * there).sum(axis=1)
        return np.where(np.isinf(inverse), 0.0, divide(total, inverse))


def power(scores: Floats, weights: Floats, exponent: float) -> Floats:
    """Return the weighted power mean; NaN where a score has no such power.

    A score of 0 gives 0 with a negative exponent, as the limit of scores that approach it.
    """
    there = ~np.isnan(scores) & (weights > 0)
    with np.errstate(all="ignore"):
        raised = np.where(there, weights * scores**exponent, 0.0).sum(axis=1)
        found = divide(raised, (weights * there).sum(axis=1)) ** (1 / exponent)
        below = (there & (scores < 0)).any(axis=1) if exponent < 0 else np.isinf(found)
        return np.where(below, np.nan, np.where(np.isinf(raised), 0.0, found))


def median(scores: Floats, weights: Floats) -> Floats:
    """Return the plain median of the children with weight."""
    return _reduce(np.nanmedian, scores, weights)


def minimum(scores: Floats, weights: Floats) -> Floats:
    """Return the lowest of the children with weight."""
    return _reduce(np.nanmin, scores, weights)


def maximum(scores: Floats, weights: Floats) -> Floats:
    """Return the highest of the children with weight."""
    return _reduce(np.nanmax, scores, weights)


def weighted_sum(scores: Floats, weights: Floats) -> Floats:
    """Return the weighted sum of what is there; NaN where nothing is."""
    there = ~np.isnan(scores) & (weights > 0)
    total = np.where(there, scores * weights, 0.0).sum(axis=1)
    return np.where(there.any(axis=1), total, np.nan)


MEANS = {
    "arithmetic": arithmetic,
    "geometric": geometric,
    "harmonic": harmonic,
    "median": median,
    "minimum": minimum,
    "maximum": maximum,
    "sum": weighted_sum,
}


def combine(rule: NumberRule, scores: Floats, weights: Floats) -> Floats:
    """Return the number that a rule makes of the parts that are there, shape (cases,).

    Parameters
    ----------
    rule : Mean, Points or PluginAggregator
    scores, weights : array of float, shape (cases, children)
        NaN for missing; weight 0 leaves a child out.
    """
    match rule:
        case Mean(method="power", exponent=float(exponent)):
            return power(scores, weights, exponent)
        case Mean(method=method):
            return MEANS[method](scores, weights)
        case Points():
            return weighted_sum(scores, weights)
        case PluginAggregator(name=name, options=options):
            plugin = load_plugin(PLUGIN_GROUP, name, ("aggregate",))
            return checked(name, plugin.aggregate(scores, weights, options), (len(scores),))


def limited(rule: NumberRule | ByFormula, scores: Floats) -> Floats:
    """Return scores between floor and cap of a rule, with the decimals that it keeps."""
    if rule.floor is None and rule.cap is None and rule.round is None:
        return scores
    found: Floats = np.clip(
        scores,
        -np.inf if rule.floor is None else rule.floor,
        np.inf if rule.cap is None else rule.cap,
    )
    return found if rule.round is None else rounded(found, rule.round)


def is_enough(rule: NumberRule | ByFormula, there: Bools, weights: Floats) -> tuple[Bools, Floats]:
    """Return where a rule finds enough parts, and the share of weight that is there.

    Parameters
    ----------
    rule : Mean, Points, PluginAggregator or ByFormula
    there : array of bool, shape (cases, children)
    weights : array of float, shape (cases, children)
        0 for children that are left out.
    """
    total = weights.sum(axis=1)
    if there.all():
        return np.ones(len(there), dtype=bool), (total > 0).astype(np.float64)
    coverage = np.nan_to_num(divide((weights * there).sum(axis=1), total))
    enough: Bools = coverage >= rule.min_availability - RELATIVE_TOLERANCE
    if rule.min_parts is not None:
        counted = weights > 0
        share = divide((there & counted).sum(axis=1) * 1.0, counted.sum(axis=1) * 1.0)
        enough &= share >= rule.min_parts - RELATIVE_TOLERANCE
    return enough, coverage


def weakest_link(levels: Ints, counted: Bools, base: Ints, plus: Ints) -> Ints:
    """Return the lowest level, with a plus where any other is higher (PEFA method M1).

    Parameters
    ----------
    levels : array of int, shape (cases, children)
        Levels of the children, worst is 0; -1 for unknown.
    counted : array of bool, shape (cases, children)
        False for children that do not apply.
    base, plus : array of int, shape (levels,)
        Level of the result for each lowest level, without and with a plus.

    Returns
    -------
    array of int, shape (cases,)
        -1 where a child is unknown or none counts.

    References
    ----------
    PEFA Secretariat (2016), Framework for assessing public financial management, scoring method 1.
    """
    top = len(base)
    low = np.where(counted, levels, top).min(axis=1, initial=top)
    high = np.where(counted, levels, NO_LEVEL).max(axis=1, initial=NO_LEVEL)
    known = (~counted | (levels != NO_LEVEL)).all(axis=1) & counted.any(axis=1)
    safe = np.where(known, low, 0)
    result = np.where(high > low, plus[safe], base[safe])
    return np.where(known, result, NO_LEVEL).astype(np.int16)


def lookup_table(
    levels: Ints, counted: Bools, table: Mapping[tuple[int, ...], int], single: Ints
) -> Ints:
    """Return the level that a table gives for the sorted levels of the children (PEFA method M2).

    Parameters
    ----------
    levels : array of int, shape (cases, children)
        Levels of the children, worst is 0; -1 for unknown.
    counted : array of bool, shape (cases, children)
        False for children that do not apply: the rest is looked up in the smaller table.
    table : mapping of tuple of int to int
        Level of the result by sorted levels, worst first.
    single : array of int
        Level of the result where one child is left.

    Returns
    -------
    array of int, shape (cases,)
        -1 where a child is unknown, none counts, or the table has no such row.
    """
    known = (~counted | (levels != NO_LEVEL)).all(axis=1) & counted.any(axis=1)
    blank = np.iinfo(np.int16).max
    ordered = np.sort(np.where(counted, levels, blank), axis=1)
    result = np.full(len(levels), NO_LEVEL, dtype=np.int16)
    rows, inverse = np.unique(ordered[known], axis=0, return_inverse=True)
    found = np.full(len(rows), NO_LEVEL, dtype=np.int16)
    for index, row in enumerate(rows):
        key = tuple(int(x) for x in row if x != blank)
        found[index] = single[key[0]] if len(key) == 1 else table.get(key, NO_LEVEL)
    result[known] = found[inverse.ravel()] if len(rows) else NO_LEVEL
    return result


def divide(top: Floats, base: Floats) -> Floats:
    """Return a quotient; NaN where the base is 0."""
    quotient: Floats = np.divide(top, base, out=np.full(np.shape(top), np.nan), where=base > 0)
    return quotient


def _reduce(function: object, scores: Floats, weights: Floats) -> Floats:
    """Return a reduction over the children that are there and have weight; NaN for none."""
    used = np.where(weights > 0, scores, np.nan)
    result = np.full(len(scores), np.nan)
    some = ~np.isnan(used).all(axis=1)
    if some.any():
        result[some] = function(used[some], axis=1)  # type: ignore[operator]
    return result
