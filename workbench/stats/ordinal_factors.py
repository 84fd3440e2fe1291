"""Which factors go with a level, such as a traffic light: proportional odds, and shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import scipy.stats as sp

from workbench.language import Message
from workbench.stats.cumulative import (
    CumulativeFit,
    OrderedData,
    expected_shares,
    fit_cumulative,
    separated,
)
from workbench.stats.factor_words import NOT_A_CAUSE, allowance, level_association
from workbench.stats.inference import Errors
from workbench.stats.logistic import odds
from workbench.stats.measured import numeric
from workbench.stats.pairs import Floats
from workbench.stats.predictors import Design, design_of, flattened, focus_of, thin, unsound
from workbench.stats.result import (
    Check,
    Effect,
    Interval,
    Number,
    Refusal,
    Result,
    Sentence,
    rounded,
)
from workbench.stats.sizes import Sizes
from workbench.stats.wording import PLAIN, Labels


@dataclass(frozen=True, slots=True)
class _Fitted:
    """A fit with what it rests on.

    Attributes
    ----------
    design : Design
    ordered : OrderedData
    fit : CumulativeFit
    errors : Errors
        Of the coefficients, thresholds left out.
    """

    design: Design
    ordered: OrderedData
    fit: CumulativeFit
    errors: Errors

    @property
    def beta(self) -> Floats:
        """Coefficients, shape (k,)."""
        return self.fit.values[self.ordered.thresholds :]


# Each level has a threshold of its own, and a further one in the test of proportional odds.
LEVELS_UP_TO = 20


def ordinal_factors(
    outcome: pd.Series,
    predictors: pd.DataFrame,
    *,
    levels: Sequence[object] | None = None,
    weights: pd.Series | None = None,
    focus: str | None = None,
    reference: Mapping[str, object] | None = None,
    level: float = 0.95,
    labels: Labels = PLAIN,
    names: Mapping[str, object] | None = None,
    sizes: Sizes | None = None,
) -> Result:
    """Return which factors go with a level (proportional odds).

    Parameters
    ----------
    outcome : Series
        Level of each unit: an ordered category, or text or numbers with ``levels``.
    predictors, focus, reference, labels, names, sizes
        As of :func:`workbench.stats.factors`.
    levels : sequence, optional
        From the lowest to the highest. By default the order of the category; of numbers, their own.
    weights : Series of float, optional
        How many times each row was seen.
    level : float
        Of the intervals.

    Returns
    -------
    Result
        Estimate: log odds of a higher level for one more of the focus; effect ``odds_ratio``.
        ``tables["coefficients"]``, ``thresholds``, ``shares`` (expected share of each level at the
        values of each factor, the others as they are), ``proportional_odds`` (test by factor).

    Notes
    -----
    P(Y <= j) = logistic(threshold_j - x b), errors by the observed information, normal.
    Proportional odds are tested by the likelihood ratio against a model in which the factor's
    coefficients differ by threshold (partial proportional odds, Peterson and Harrell 1990). The
    cases that count are n - sum n_j^3 / n^2 (Harrell 2015, section 4.4).

    Raises
    ------
    ValueError
        If levels are not given for text, or an outcome is not among them.
    """
    scale = _levels(outcome, levels)
    design = design_of(outcome, predictors, labels, reference=reference, beside=(weights,))
    term = focus_of(design, focus)
    codes = np.array([scale.index(value) for value in design.outcome], dtype=np.intp)
    seen = np.ones(design.n) if weights is None else _frequencies(weights, design)
    ordered = OrderedData(design.matrix[:, 1:], codes, seen)
    what = Message("Which factors go with the level cannot be computed.")
    counts = np.bincount(codes, seen, minlength=len(scale)).astype(np.float64)
    refusal = _refusal(design, ordered, counts, scale, what, sizes)
    if refusal is not None:
        return _result(design, counts, scale, refusal=refusal)
    fit = fit_cumulative(ordered)
    k, first = ordered.k, ordered.thresholds
    covariance = fit.covariance[first : first + k, first : first + k]
    found = _Fitted(design, ordered, fit, Errors("information", covariance, np.full(k, np.inf)))
    table = _table(found, level)
    proportional = _proportional(found)
    places = [j - 1 for j in design.places(term)]
    j = places[0] if len(places) == 1 else None
    return _result(
        design,
        counts,
        scale,
        conventions=("P(Y <= j) = logistic(threshold_j - x b)", "Wald intervals"),
        estimate=None if j is None else float(found.beta[j]),
        interval=None if j is None else found.errors.interval(found.beta, j, level),
        effects=() if j is None else (_odds_ratio(found, j, level),),
        test=found.errors.test(found.beta, places),
        verdict=None if j is None else found.errors.verdict(found.beta, j, level, None),
        checks=_checks(proportional),
        warnings=(*design.warnings, *thin(design, sizes, _informative(counts))),
        sentences=(
            *(_sentence(found, j, scale, level, labels, names or {}) for j in places),
            *allowance(design),
            NOT_A_CAUSE,
        ),
        details=_details(found, table, proportional, scale),
        tables={
            "coefficients": table,
            "thresholds": _thresholds(found, scale),
            "shares": _shares(found, scale, level),
            "proportional_odds": proportional,
        },
    )


# -- parts ------------------------------------------------------------------------------------


def _levels(outcome: pd.Series, levels: Sequence[object] | None) -> list[object]:
    """Return the levels from the lowest to the highest.

    Raises
    ------
    ValueError
        If they are not known, or an outcome is not among them.
    """
    if pd.api.types.is_numeric_dtype(outcome.dtype):
        outcome = numeric(outcome, "outcome")
    there = set(outcome.dropna())
    if levels is None and isinstance(outcome.dtype, pd.CategoricalDtype) and outcome.cat.ordered:
        levels = list(outcome.cat.categories)
    if levels is None and pd.api.types.is_numeric_dtype(outcome.dtype):
        levels = sorted(there)
    if levels is None:
        raise ValueError("levels: expected the levels from the lowest to the highest")
    strange = sorted(map(str, there - set(levels)))
    if strange:
        raise ValueError(f"outcome: {strange} are not among the levels {list(levels)}")
    return list(levels)


def _frequencies(weights: pd.Series, design: Design) -> Floats:
    """Return how many times each row was seen.

    Raises
    ------
    ValueError
        If one is negative.
    """
    seen = np.asarray(weights.loc[design.outcome.index], dtype=np.float64)
    if (seen < 0).any():
        raise ValueError(f"weights: {seen.min()} is negative")
    return seen


def _informative(counts: Floats) -> float:
    """Return the cases that count: fewer than there are where most are at one level."""
    n = float(counts.sum())
    return n - float((counts**3).sum()) / n**2 if n else 0.0


def _refusal(
    design: Design,
    ordered: OrderedData,
    counts: Floats,
    scale: list[object],
    what: Sentence,
    sizes: Sizes | None,
) -> Refusal | None:
    """Return why levels can't be related to factors, if they can't."""
    if len(scale) > LEVELS_UP_TO:
        return Refusal(
            "too_many_levels",
            what,
            Message(
                "There are {n} levels; more than {most} are rather a number.",
                n=rounded(len(scale), 0),
                most=rounded(LEVELS_UP_TO, 0),
            ),
            Message("Look at it as a number, or join levels."),
        )
    empty = [str(name) for name, n in zip(scale, counts, strict=True) if n == 0]
    if design.n and empty:
        return Refusal(
            "empty_category",
            what,
            Message("No one is at the level {level}.", level=empty[0]),
            Message("Join it with the level beside it, or leave it out of the levels."),
        )
    found = unsound(design, what, sizes, _informative(counts))
    if found is not None:
        return found
    if len(scale) < 2:
        return Refusal(
            "no_variation",
            what,
            Message("All are at the same level."),
            Message("The count says all there is to say."),
        )
    if separated(ordered):
        return Refusal(
            "separation",
            what,
            Message("The factors separate the levels, or nearly: no ratio can be given."),
            Message("How many are at each level can be counted by factor."),
        )
    return None


def _table(found: _Fitted, level: float) -> pd.DataFrame:
    """Return the coefficients with their odds ratios, one row each."""
    names = [column.name for column in found.design.columns]
    beta, errors = found.beta, found.errors
    table = pd.DataFrame({"coef": beta}, index=pd.Index(names, name="term"))
    reach = errors.reach(level)
    table["se"], table["z"], table["p"] = errors.se, beta / errors.se, errors.p(beta)
    table["odds_ratio"] = odds(beta)
    table["or_wald_low"], table["or_wald_high"] = odds(beta - reach), odds(beta + reach)
    return table


def _thresholds(found: _Fitted, scale: list[object]) -> pd.DataFrame:
    """Return the thresholds between levels with their errors."""
    count = found.ordered.thresholds
    names = [f"{low}|{high}" for low, high in pairwise(scale)]
    errors = np.sqrt(np.diag(found.fit.covariance)[:count])
    columns = {"thresholds": found.fit.values[:count], "se": errors}
    return pd.DataFrame(columns, index=pd.Index(names, name="between"))


def _proportional(found: _Fitted) -> pd.DataFrame:
    """Return the test of proportional odds of each factor, empty with two levels."""
    rows = {}
    for term in found.design.terms if found.ordered.thresholds > 1 else ():
        columns = tuple(j - 1 for j in found.design.places(term))
        freed = fit_cumulative(found.ordered, columns)
        df = len(columns) * (found.ordered.thresholds - 1)
        ratio = max(2 * (freed.loglik - found.fit.loglik), 0.0)
        p = float(sp.chi2.sf(ratio, df))
        # Where the freed model has no maximum, the ratio is no test.
        rows[term] = (ratio, df, p) if freed.converged else (np.nan, df, np.nan)
    return pd.DataFrame.from_dict(rows, orient="index", columns=pd.Index(["LRT", "df", "p"]))


def _checks(proportional: pd.DataFrame) -> tuple[Check, ...]:
    """Return the assumption of proportional odds by factor."""
    return tuple(
        Check(
            f"proportional_odds {term}",
            float(ratio),
            float(p),
            Message(
                "What goes with {factor} is not alike from level to level; one ratio for all of "
                "them is too simple.",
                factor=str(term),
            ),
        )
        for term, ratio, p in zip(
            proportional.index, proportional["LRT"], proportional["p"], strict=True
        )
        if np.isfinite(p)
    )


def _odds_ratio(found: _Fitted, j: int, level: float) -> Effect:
    """Return the odds ratio of one more, with its Wald interval."""
    ends = found.errors.interval(found.beta, j, level)
    interval = Interval(float(odds(ends.low)), float(odds(ends.high)), level, "Wald")
    return Effect("odds_ratio", float(odds(found.beta[j])), interval)


def _at(found: _Fitted, j: int, value: float) -> Floats:
    """Return the columns with one of them at a value, the others of its category at 0."""
    columns = found.ordered.columns.copy()
    columns[:, [i - 1 for i in found.design.places(found.design.columns[j].term)]] = 0.0
    columns[:, j] = value
    return columns


def _shares(found: _Fitted, scale: list[object], level: float) -> pd.DataFrame:
    """Return the expected share of each level at the values of each factor, with intervals."""
    rows = []
    for j, column in enumerate(found.design.columns):
        values = [(column.lower, column.reference), (column.upper, column.level)]
        first = j + 1 == found.design.places(column.term)[0]
        for value, name in values if first else values[1:]:
            share, gradient = expected_shares(found.ordered, found.fit, _at(found, j, value))
            lengths = np.linalg.norm(gradient @ found.fit.root, axis=1)
            reach = float(sp.norm.ppf(0.5 + level / 2)) * lengths
            for at, part, wide in zip(scale, share, reach, strict=True):
                shown = name or f"{value:g}"
                ends = max(part - wide, 0.0), min(part + wide, 1.0)
                rows.append((column.term, shown, at, part, *ends))
    names = ["term", "value", "level", "share", "low", "high"]
    return pd.DataFrame(rows, columns=pd.Index(names))


def _sentence(
    found: _Fitted,
    j: int,
    scale: list[object],
    level: float,
    labels: Labels,
    names: Mapping[str, object],
) -> Sentence:
    """Return in words how many reach the highest level at both values of a column."""
    column = found.design.columns[j]
    sides = [
        expected_shares(found.ordered, found.fit, _at(found, j, value))
        for value in (column.upper, column.lower)
    ]
    gradient = sides[0][1][-1] - sides[1][1][-1]
    se = float(np.linalg.norm(gradient @ found.fit.root))
    apart = float(sides[0][0][-1] - sides[1][0][-1])
    reach = float(sp.norm.ppf(0.5 + level / 2)) * se
    verdict = found.errors.verdict(found.beta, j, level, None)
    shares = (float(sides[0][0][-1]), float(sides[1][0][-1]))
    interval = Interval(apart - reach, apart + reach, level, "delta method")
    top = names.get(str(scale[-1]), str(scale[-1]))
    return level_association(column, shares, interval, verdict, top, labels, names)


def _details(
    found: _Fitted, table: pd.DataFrame, proportional: pd.DataFrame, scale: list[object]
) -> dict[str, Number]:
    """Return the numbers of the fit, and the tables by ``column/row``."""
    numbers: dict[str, Number] = {
        "n_weighted": float(found.ordered.weights.sum()),
        "loglik": found.fit.loglik,
        "aic": 2 * len(found.fit.values) - 2 * found.fit.loglik,
    }
    thresholds = flattened(_thresholds(found, scale)[["thresholds"]])
    tests = {
        f"proportional_odds_lr/{term}/{name}": _number(proportional[name].loc[term])
        for term in proportional.index
        for name in proportional
    }
    return numbers | flattened(table) | thresholds | tests


def _number(value: float) -> float | None:
    """Return a number, None where there is none."""
    return float(value) if np.isfinite(value) else None


def _result(design: Design, counts: Floats, scale: list[object], **values: object) -> Result:
    """Return the result of a design; what is not given is missing."""
    described: dict[str, Number] = {
        f"n/{name}": float(n) for name, n in zip(scale, counts, strict=True)
    }
    fields: dict[str, object] = {
        "design": "independent",
        "unit": "log odds",
        "dropped": design.dropped,
        "details": described,
        "fingerprint": design.fingerprint,
    }
    return Result(
        "ordinal_factors",
        "association",
        int(counts.sum()),
        Message("proportional odds logit"),
        **(fields | values),  # type: ignore[arg-type]
    )
