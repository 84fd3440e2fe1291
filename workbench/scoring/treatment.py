"""Values made ready for their normalisation: logarithms, and extremes that are brought in."""

from __future__ import annotations

import numpy as np

from workbench.errors import Problem, Reason, ScoringError
from workbench.language import Message
from workbench.scoring.fits import Parameters
from workbench.scoring.states import Floats
from workbench.specs.instrument import Fitted, TreatDistance, TreatPercentiles, TreatShape

# With fewer values neither skewness nor kurtosis says anything.
FEWEST = 4


def logged(rule: Fitted, x: Floats | float) -> Floats:
    """Return values, or their logarithms if the rule asks for them; NaN at 0 and below."""
    values = np.asarray(x, dtype=np.float64)
    if not rule.log:
        return values
    with np.errstate(all="ignore"):
        return np.log(np.where(values > 0, values, np.nan))


def treated(values: Floats, limits: Parameters) -> Floats:
    """Return values of which those beyond the limits of a treatment are at them."""
    if "least" not in limits:
        return values
    return np.clip(values, limits["least"], limits["most"])


def treatment(rule: Fitted, values: Floats, node: str) -> Parameters:
    """Return the limits of a treatment, fitted to the reference; none where nothing is treated.

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
        If the limits leave no two different values.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, section 5.
    Becker, W. and others (2022), COINr: an R package for developing composite indicators, Journal
    of Open Source Software 7, doi:10.21105/joss.04567.
    """
    there = values[~np.isnan(values)]
    if rule.treat is None or there.size == 0:
        return {}
    match rule.treat:
        case TreatPercentiles(at=at):
            least, most = (float(x) for x in np.percentile(there, at))
        case TreatDistance(method="deviations", limit=limit):
            centre, spread = float(there.mean()), float(there.std(ddof=min(1, there.size - 1)))
            least, most = centre - limit * spread, centre + limit * spread
        case TreatDistance(limit=limit):
            low, high = (float(x) for x in np.percentile(there, (25, 75)))
            least, most = low - limit * (high - low), high + limit * (high - low)
        case TreatShape():
            least, most = _tamed(rule.treat, np.sort(there))
    if least >= most:
        what = Message("{node}: its treatment leaves no two different values", node=node)
        raise ScoringError(Problem(Reason.CALIBRATION, what, got=f"{least:g}, {most:g}", code=node))
    return {"least": least, "most": most}


def _tamed(rule: TreatShape, ordered: Floats) -> tuple[float, float]:
    """Return the ends to which extremes are brought until the distribution is tame."""
    low, high = 0, len(ordered) - 1
    for _ in range(rule.most):
        skewness, kurtosis = shape(np.clip(ordered, ordered[low], ordered[high]))
        if not (abs(skewness) > rule.skewness and kurtosis > rule.kurtosis):
            break
        low, high = (low, high - 1) if skewness > 0 else (low + 1, high)
    return float(ordered[low]), float(ordered[high])


def shape(x: Floats) -> tuple[float, float]:
    """Return sample skewness and excess kurtosis (G1 and G2, as spreadsheets); 0 for few values."""
    n, spread = len(x), x.std()
    if n < FEWEST or spread == 0:
        return 0.0, 0.0
    z = (x - x.mean()) / spread
    g1, g2 = (z**3).mean(), (z**4).mean() - 3
    skewness = g1 * np.sqrt(n * (n - 1)) / (n - 2)
    return float(skewness), float(((n + 1) * g2 + 6) * (n - 1) / ((n - 2) * (n - 3)))
