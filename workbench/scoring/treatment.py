"""Values made ready for their normalisation: logarithms, and extremes that are brought in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from workbench.errors import Problem, Reason, ScoringError
from workbench.language import Message
from workbench.scoring.fits import Parameters
from workbench.scoring.states import Floats
from workbench.scoring.transforms import fit_transform, transformed
from workbench.specs.instrument import (
    Fitted,
    TreatDistance,
    Treatment,
    TreatPercentiles,
    TreatShape,
    TreatTransform,
)

# With fewer values neither skewness nor kurtosis says anything.
FEWEST = 4


@dataclass(frozen=True, slots=True)
class Check:
    """Whether a distribution is tame: not both skewness and kurtosis are beyond their limits."""

    skewness: float
    kurtosis: float
    passes: bool


@dataclass(frozen=True, slots=True)
class Treated:
    """What a treatment does, step by step.

    Parameters
    ----------
    parameters : mapping
        With which :func:`treated` does the same to any values.
    checks : tuple of Check
        Before, and after each step; empty where nothing was checked.
    steps : tuple of str
        Steps that were taken: ``winsorise`` or the name of a transformation.
    brought_in : int
        Values that were brought to another.
    """

    parameters: Parameters
    checks: tuple[Check, ...] = ()
    steps: tuple[str, ...] = ()
    brought_in: int = 0


def logged(rule: Fitted, x: Floats | float) -> Floats:
    """Return values, or their logarithms if the rule asks for them; NaN at 0 and below."""
    values = np.asarray(x, dtype=np.float64)
    if not rule.log:
        return values
    with np.errstate(all="ignore"):
        return np.log(np.where(values > 0, values, np.nan))


def treated(values: Floats, parameters: Parameters, rule: Treatment | None) -> Floats:
    """Return values as a treatment with its fitted parameters leaves them.

    Those beyond its limits are at them; where it transforms, what the transformation has no
    number for is missing.
    """
    if "least" in parameters:
        values = np.clip(values, parameters["least"], parameters["most"])
    if "step" in parameters and isinstance(rule, TreatShape | TreatTransform):
        by = _steps(rule)[int(parameters["step"])]  # type: ignore[arg-type]
        values = transformed(by, values, parameters, rule.power)
    return values


def treatment(rule: Fitted, values: Floats, node: str) -> Parameters:
    """Return the parameters of a treatment, fitted to the reference; none where nothing is treated.

    Parameters
    ----------
    rule : Fitted
    values : array of float, shape (cases,)
        Of the reference, direction not applied; NaN for missing.
    node : str
        Named in errors.

    Raises
    ------
    ScoringError
        As :func:`fit_treatment`.
    """
    if rule.treat is None:
        return {}
    return fit_treatment(rule.treat, values, node).parameters


def fit_treatment(rule: Treatment, values: Floats, node: str) -> Treated:
    """Return what a treatment does to the values of a reference.

    Parameters
    ----------
    rule : Treatment
    values : array of float, shape (cases,)
        Direction not applied; NaN for missing.
    node : str
        Named in errors.

    Raises
    ------
    ScoringError
        If its limits leave no two different values, or it has no number for a value.

    Notes
    -----
    shape brings all values that share the most extreme place to the next one, and counts them; it
    stops when the distribution is tame or as many as allowed were brought in. The second step takes
    the values as they were unless ``combine`` is set.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, section 5.
    Becker, W. and others (2022), COINr: an R package for developing composite indicators, Journal
    of Open Source Software 7, doi:10.21105/joss.04567.
    """
    there = values[~np.isnan(values)]
    if there.size == 0:
        return Treated({})
    match rule:
        case TreatShape():
            return _shaped(rule, there, node)
        case TreatTransform(by=by):
            return Treated({"step": 0.0, **fit_transform(by, there, node)}, steps=(by,))
        case TreatPercentiles(at=at):
            least, most = (float(x) for x in np.percentile(there, at))
        case TreatDistance(method="deviations", limit=limit):
            centre, spread = float(there.mean()), float(there.std(ddof=min(1, there.size - 1)))
            least, most = centre - limit * spread, centre + limit * spread
        case TreatDistance(limit=limit):
            low, high = (float(x) for x in np.percentile(there, (25, 75)))
            least, most = low - limit * (high - low), high + limit * (high - low)
    return Treated(_limits(least, most, node))


def _limits(least: float, most: float, node: str) -> Parameters:
    """Return limits, which must leave different values."""
    if least >= most:
        what = Message("{node}: its treatment leaves no two different values", node=node)
        raise ScoringError(Problem(Reason.CALIBRATION, what, got=f"{least:g}, {most:g}", code=node))
    return {"least": least, "most": most}


def _shaped(rule: TreatShape, there: Floats, node: str) -> Treated:
    """Return what a treatment by the shape of a distribution does."""
    checks, steps = [check(rule, there)], list[str]()
    parameters: dict[str, float | tuple[float, ...]] = {}
    brought_in, now = 0, there
    for number, by in enumerate(_steps(rule)):
        if checks[-1].passes:
            break
        if number == 1 and not rule.combine:
            now, parameters, brought_in = there, {}, 0
        if by == "winsorise":
            ends = _winsorised(rule, np.sort(now))
            if ends is None:
                return Treated({}, (checks[0],))
            least, most, brought_in = ends
            parameters = {"least": least, "most": most}
            now = np.clip(now, least, most)
        else:
            found: Mapping[str, float] = fit_transform(by, now, node)
            now = transformed(by, now, found, rule.power)
            parameters |= {"step": float(number), **found}
        steps.append(by)
        checks.append(check(rule, now))
    return Treated(parameters, tuple(checks), tuple(steps), brought_in)


def _steps(rule: TreatShape | TreatTransform) -> tuple[str, ...]:
    """Return the steps that a treatment may take, in their order."""
    if isinstance(rule, TreatTransform):
        return (rule.by,)
    return (rule.first,) if rule.then is None else (rule.first, rule.then)


def _winsorised(rule: TreatShape, ordered: Floats) -> tuple[float, float, int] | None:
    """Return the ends to which extremes are brought, and how many values are brought there.

    None where one value alone would be left: such an indicator is as it was, and not tame.
    """
    low, high, n = 0, len(ordered) - 1, len(ordered)
    while rule.most is None or low + (n - 1 - high) < rule.most:
        now = np.clip(ordered, ordered[low], ordered[high])
        found = check(rule, now)
        if found.passes and not rule.force:
            break
        if found.skewness >= 0:
            high = int(np.searchsorted(ordered, ordered[high], side="left")) - 1
        else:
            low = int(np.searchsorted(ordered, ordered[low], side="right"))
        if low >= high or ordered[low] == ordered[high]:
            return None
    return float(ordered[low]), float(ordered[high]), low + (n - 1 - high)


def check(rule: TreatShape, there: Floats) -> Check:
    """Return whether a distribution is tame."""
    skewness, kurtosis = shape(there)
    passes = abs(skewness) < rule.skewness or kurtosis < rule.kurtosis
    return Check(skewness, kurtosis, passes)


def shape(x: Floats) -> tuple[float, float]:
    """Return sample skewness and excess kurtosis (G1 and G2, as spreadsheets); 0 for few values."""
    n, spread = len(x), x.std()
    if n < FEWEST or spread == 0:
        return 0.0, 0.0
    z = (x - x.mean()) / spread
    g1, g2 = (z**3).mean(), (z**4).mean() - 3
    skewness = g1 * np.sqrt(n * (n - 1)) / (n - 2)
    return float(skewness), float(((n + 1) * g2 + 6) * (n - 1) / ((n - 2) * (n - 3)))
