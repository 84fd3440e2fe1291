"""Normalisation: raw numbers onto one scale, with parameters fitted once to a reference.

Each method has two functions: ``fit`` reads its parameters from the reference, ``apply`` uses them
on any values. Values arrive with their direction already applied (less is better: times -1), as the
OECD/JRC Handbook (2008, section 5) and the R package COINr do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.errors import Problem, Reason, ScoringError
from workbench.instruments.arithmetic import RELATIVE_TOLERANCE
from workbench.language import Message
from workbench.scoring.fits import Parameters
from workbench.scoring.plugins import checked, load_plugin
from workbench.scoring.states import Floats
from workbench.scoring.treatment import logged, treated, treatment
from workbench.specs.instrument import (
    Classes,
    DistanceToMaximum,
    DistanceToReference,
    DistanceToTarget,
    Fitted,
    Goalposts,
    MinMax,
    Normalise,
    PercentileRank,
    PluginNormaliser,
    RankScore,
    Ratio,
    Scaled,
    ZScore,
)

PLUGIN_GROUP = "workbench.normalisers"


@dataclass(frozen=True, slots=True)
class Reference:
    """Values of one node in the reference population.

    Parameters
    ----------
    values : array of float, shape (cases,)
        Direction applied; NaN for missing.
    units : array of str, shape (cases,)
        Unit of each value.
    """

    values: Floats
    units: np.ndarray


def fit(rule: Normalise, reference: Reference, node: str, direction: int) -> Parameters:
    """Return the parameters of a normalisation, fitted to the reference.

    Parameters
    ----------
    rule : Normalise
    reference : Reference
    node : str
        Named in errors.
    direction : int
        1 or -1; targets and goalposts are turned with it.

    Raises
    ------
    ScoringError
        If the reference can't give them: no value, or no two different ones.
    """
    if not isinstance(rule, Fitted):
        return {}
    values = logged(rule, reference.values * direction)
    limits = treatment(rule, values, node)
    prepared = treated(values, limits, rule.treat) * direction
    return {**limits, **_fit(rule, Reference(prepared, reference.units), node, direction)}


def _fit(rule: Normalise, reference: Reference, node: str, direction: int) -> Parameters:
    """Return the parameters of a normalisation, fitted to values that are prepared."""
    there = reference.values[~np.isnan(reference.values)]
    match rule:
        case MinMax():
            return _ends(rule, there, node, direction)
        case DistanceToTarget(target=target):
            low, high = _spread(there, node)
            if logged(rule, target) * direction <= low:
                raise ScoringError(_no_way(node, target))
            return {"minimum": low, "maximum": high}
        case ZScore(ddof=ddof):
            _spread(there, node)
            return {"mean": float(there.mean()), "sd": float(there.std(ddof=ddof))}
        case Ratio(to=to):
            _spread(there, node)
            return {"figure": float(_FIGURES[to](there * direction))}
        case Classes():
            _spread(there, node)
            if rule.cuts:
                return {"cuts": tuple(sorted(x * direction for x in rule.cuts))}
            n = len(rule.points)
            shares = rule.at or tuple((np.arange(1, n) / n).tolist())
            return {"cuts": tuple(np.quantile(there, shares).tolist())}
        case RankScore() | PercentileRank():
            _spread(there, node)
            return {"sorted": tuple(np.sort(there).tolist())}
        case DistanceToMaximum():
            return _best(rule, there, node)
        case DistanceToReference(unit=unit):
            low, _ = _spread(there, node)
            own = reference.values[(reference.units == unit) & ~np.isnan(reference.values)]
            if own.size != 1:
                what = Message("{node}: the reference unit has {n} values", node=node, n=own.size)
                fix = Message("Name a unit that is observed once in the reference waves.")
                raise ScoringError(Problem(Reason.CALIBRATION, what, got=unit, fix=fix))
            if own[0] <= low:
                raise ScoringError(_no_way(node, unit))
            return {"minimum": low, "reference": float(own[0])}
        case PluginNormaliser(name=name):
            return _checked_parameters(name, _plugin(name).fit(there, rule.options))
    return {}


def apply(rule: Normalise, values: Floats, parameters: Parameters, direction: int) -> Floats:
    """Return normalised values.

    Parameters
    ----------
    rule : Normalise
    values : array of float, any shape
        Raw values, direction not applied.
    parameters : mapping
        As :func:`fit` gave them.
    direction : int
        1 if more is better, -1 if less is.

    Notes
    -----
    min_max: ``a + (x - min) / (max - min) (b - a)``, the ends percentiles or fixed if asked;
    goalposts the same between fixed limits, on logarithms if asked; z_score: ``(x - mean) / sd``;
    rank: 1 + values of the reference below; borda: one less; percentile_rank:
    ``a + (below + ties / 2) / n (b - a)``, or as its rule counts; distance_to_maximum:
    ``a + x / max (b - a)``; distance_to_target: ``(x - min) / (target - min)``, at most 1 if
    capped; distance_to_reference: ``1 - (x_ref - x) / (x_ref - min)``; scaled:
    ``scale (x - lower) / (upper - lower)``; ratio:
    ``scale x / figure``, its inverse where less is better; classes: the points of the quantile
    class. Missing stays missing; ties share their place.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, section 5,
    doi:10.1787/9789264043466-en.
    """
    if isinstance(rule, Fitted):
        values = treated(logged(rule, values), parameters, rule.treat)
    x = values * direction
    match rule:
        case MinMax(range=(a, b), cap=cap):
            low, high = _number(parameters, "minimum"), _number(parameters, "maximum")
            share = (x - low) / (high - low)
            return a + (np.clip(share, 0.0, 1.0) if cap else share) * (b - a)
        case Goalposts():
            return _goalposts(rule, values, direction)
        case Scaled(lower=low, upper=high, scale=scale):
            return (x - low) / (high - low) * scale
        case ZScore(mean=mean, sd=sd, limit=limit):
            z = (x - _number(parameters, "mean")) / _number(parameters, "sd")
            z = z if limit is None else np.clip(z, -limit, limit)
            return mean + z * sd
        case RankScore(method=method):
            below, _ = _places(x, np.asarray(parameters["sorted"]))
            return np.where(np.isnan(x), np.nan, below + (method == "rank"))
        case DistanceToTarget(target=target, cap=cap):
            low = _number(parameters, "minimum")
            share = (x - low) / (logged(rule, target) * direction - low)
            return np.minimum(share, 1.0) if cap else share
        case DistanceToReference(cap=cap):
            low, own = _number(parameters, "minimum"), _number(parameters, "reference")
            share = 1.0 - (own - x) / (own - low)
            return np.minimum(share, 1.0) if cap else share
        case DistanceToMaximum(range=(a, b)):
            return a + x / _number(parameters, "maximum") * (b - a)
        case Ratio(scale=scale):
            figure = np.full(values.shape, _number(parameters, "figure"))
            top, base = (values, figure) if direction > 0 else (figure, values)
            quotient: Floats = np.full(values.shape, np.nan)
            np.divide(top, base, out=quotient, where=base != 0)
            return quotient * scale
        case Classes(points=points):
            place = np.searchsorted(_cuts_with_slack(parameters), x, side="left")
            found = np.asarray(points)[np.minimum(place, len(points) - 1)]
            return np.where(np.isnan(x), np.nan, found)
        case PercentileRank():
            return _percentile_rank(rule, x, np.asarray(parameters["sorted"]))
        case PluginNormaliser(name=name):
            return checked(name, _plugin(name).apply(x, parameters, rule.options), x.shape)
    msg = f"no way to apply {rule.method}"
    raise AssertionError(msg)


def limits(rule: Normalise | None) -> tuple[float, float]:
    """Return the least and the most a normalisation can give; infinite where it has no limit."""
    match rule:
        case Classes(points=points):
            return min(points), max(points)
        case (
            Goalposts(cap=True, range=(a, b))
            | MinMax(cap=True, range=(a, b))
            | PercentileRank(range=(a, b))
        ):
            return min(a, b), max(a, b)
        case DistanceToTarget(cap=True) | DistanceToReference(cap=True):
            return -np.inf, 1.0
    return -np.inf, np.inf


def _goalposts(rule: Goalposts, values: Floats, direction: int) -> Floats:
    """Return values between fixed limits, turned where less is better."""
    low, high, x = rule.lower, rule.upper, values
    if rule.log:
        with np.errstate(all="ignore"):
            low, high = float(np.log(low)), float(np.log(high))
            # A value of 0 or less has no logarithm; capped goalposts put it at the lower one.
            x = np.log(np.where(values > 0, values, rule.lower if rule.cap else np.nan))
            x = np.where(np.isnan(values), np.nan, x)
    share = (x - low) / (high - low)
    if rule.cap:
        share = np.clip(share, 0.0, 1.0)
    if direction < 0:
        share = 1.0 - share
    a, b = rule.range
    return a + share * (b - a)


def _places(x: Floats, ordered: Floats) -> tuple[Floats, Floats]:
    """Return how many of the reference lie below each value, and how many up to it.

    Sums of the same parts in another order differ by binary arithmetic alone: they are ties.
    """
    # Noise of sums is relative to their parts, which are of the size of the largest value.
    size = min(1.0, float(np.abs(ordered).max(initial=0.0)))
    slack = RELATIVE_TOLERANCE * np.maximum(size, np.abs(x))
    below = np.searchsorted(ordered, x - slack, side="left").astype(np.float64)
    return below, np.searchsorted(ordered, x + slack, side="right").astype(np.float64)


def _percentile_rank(rule: PercentileRank, x: Floats, ordered: Floats) -> Floats:
    """Return the place of values among the reference, onto the range of the rule."""
    below, upto = _places(x, ordered)
    n = len(ordered)
    share = {
        "half": (below + upto) / 2 / n,
        "below": below / (n - 1),
        "up_to": upto / n,
    }[rule.counts]
    a, b = rule.range
    return np.where(np.isnan(x), np.nan, a + share * (b - a))


_FIGURES: dict[str, Callable[[Floats], Any]] = {
    "mean": np.mean,
    "median": np.median,
    "minimum": np.min,
    "maximum": np.max,
    "sum": np.sum,
}


def _best(rule: DistanceToMaximum, there: Floats, node: str) -> Parameters:
    """Return the best of the reference, which must be above 0 unless signs are kept."""
    best = float(there.max()) if there.size else 0.0
    if best <= 0 and not (rule.signed and best):
        what = Message("{node}: the best value is not above 0", node=node)
        fix = Message("Where less is better choose min_max or goalposts.")
        got = f"{best + 0.0:g}"
        raise ScoringError(Problem(Reason.CALIBRATION, what, got=got, fix=fix, code=node))
    return {"maximum": best}


def _cuts_with_slack(parameters: Parameters) -> Floats:
    """Return cuts between classes; a value that meets one exactly is in the class below."""
    cuts: Floats = np.asarray(parameters["cuts"], dtype=np.float64)
    return cuts + 1e-12 * np.maximum(1.0, np.abs(cuts))


def _ends(rule: MinMax, there: Floats, node: str, direction: int) -> Parameters:
    """Return the two ends of a range: of the reference, its percentiles, or fixed."""
    low, high = _spread(there, node)
    if rule.percentiles is not None:
        turned = [100 - x for x in reversed(rule.percentiles)]
        wanted = rule.percentiles if direction > 0 else turned
        low, high = (float(x) for x in np.percentile(there, wanted))
    fixed = [None if x is None else float(logged(rule, x)) for x in (rule.lower, rule.upper)]
    if direction < 0:  # values arrive turned, so the lower end is the upper one
        fixed = [None if x is None else -x for x in reversed(fixed)]
    low, high = (end if x is None else x for x, end in zip(fixed, (low, high), strict=True))
    if low >= high:
        what = Message("{node}: the two ends of the range are the same or crossed", node=node)
        raise ScoringError(Problem(Reason.CALIBRATION, what, got=f"{low:g}, {high:g}", code=node))
    return {"minimum": low, "maximum": high}


def _spread(there: Floats, node: str) -> tuple[float, float]:
    """Return minimum and maximum, which must differ."""
    if there.size == 0 or there.min() == there.max():
        what = (
            Message("{node} has no value in the reference", node=node)
            if there.size == 0
            else Message("{node} has the same value in the whole reference", node=node)
        )
        fix = Message("Choose other reference waves or units, or fixed goalposts.")
        raise ScoringError(Problem(Reason.CALIBRATION, what, fix=fix, code=node))
    return float(there.min()), float(there.max())


def _no_way(node: str, got: object) -> Problem:
    """Return the problem of a target that no value of the reference is short of."""
    what = Message("{node}: no value of the reference is short of the target", node=node)
    fix = Message("Choose another target or unit; set direction: -1 where less is better.")
    return Problem(Reason.CALIBRATION, what, got=str(got), fix=fix, code=node)


def _number(parameters: Parameters, name: str) -> float:
    """Return a parameter that is one number."""
    value = parameters[name]
    return value[0] if isinstance(value, tuple) else value


def _plugin(name: str) -> Any:
    """Return a normaliser that another package registered.

    It has ``fit(values, options) -> mapping`` and ``apply(values, parameters, options) -> array``.
    """
    return load_plugin(PLUGIN_GROUP, name, ("fit", "apply"))


def _checked_parameters(name: str, found: Any) -> Parameters:
    """Return what a plug-in fitted, if it can be written down and read again.

    Raises
    ------
    ScoringError
        If it is no mapping of texts to numbers or lists of numbers.
    """
    try:
        return {
            str(key): tuple(float(x) for x in value)
            if isinstance(value, list | tuple)
            else float(value)
            for key, value in dict(found).items()
        }
    except (TypeError, ValueError) as cause:
        what = Message("the plug-in {name} did not fit numbers", name=name)
        raise ScoringError(Problem(Reason.PLUGIN, what, got=repr(found))) from cause
