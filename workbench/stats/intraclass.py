"""Agreement of several evaluators on numbers: intraclass correlations in all their forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import scipy.stats as sp

from workbench.language import Message
from workbench.stats.measured import Floats, row
from workbench.stats.ratings import (
    ITEMS,
    MARKS,
    WHAT,
    Marks,
    by_marks,
    few_items,
    incomplete,
    mark,
    numbers,
    rated,
    refused,
    too_few_items,
)
from workbench.stats.result import (
    Effect,
    Interval,
    Number,
    Refusal,
    Result,
    Sentence,
    Test,
    rounded,
    verdict_of,
)
from workbench.stats.sizes import Sizes
from workbench.stats.wording import Labels

Form = Literal["ICC1", "ICC2", "ICC3", "ICC1k", "ICC2k", "ICC3k"]
# Shrout and Fleiss (1979) to McGraw and Wong (1996).
NAMES: dict[Form, str] = {
    "ICC1": "ICC(1)",
    "ICC2": "ICC(A,1)",
    "ICC3": "ICC(C,1)",
    "ICC1k": "ICC(k)",
    "ICC2k": "ICC(A,k)",
    "ICC3k": "ICC(C,k)",
}

# The smallest detectable change is customarily counted with 1.96, not with more digits of it.
CUSTOMARY_95 = 1.96


@dataclass(frozen=True, slots=True)
class Squares:
    """Mean squares of a table of items by evaluators.

    Parameters
    ----------
    n, k : int
        Items, evaluators.
    items, raters, error, within : float
        Mean squares between items, between evaluators, of the rest, and within items.
    total : float
        Variance of all ratings.
    """

    n: int
    k: int
    items: float
    raters: float
    error: float
    within: float
    total: float


def intraclass_correlation(
    ratings: pd.DataFrame,
    *,
    form: Form = "ICC2",
    level: float = 0.95,
    marks: Marks = MARKS,
    labels: Labels = ITEMS,
    sizes: Sizes | None = None,
) -> Result:
    """Return which part of the differences between ratings lies in what was rated.

    Parameters
    ----------
    ratings : DataFrame of float
        Items by evaluators; items with a rating missing are left out.
    form : {"ICC2", "ICC1", "ICC3", "ICC1k", "ICC2k", "ICC3k"}
        ICC2, absolute agreement of single ratings, ICC(A,1) of McGraw and Wong: right where scores
        of different evaluators are compared. ICC3 forgives one who is stricter throughout; ICC1 is
        for other evaluators on each item; a k at the end is for the mean of all evaluators.
    level : float
    marks : Marks
    labels : Labels
        ``nouns``: the items.
    sizes : mapping, optional

    Returns
    -------
    Result
        Estimate: the form asked for with its interval; test F. Table ``forms``: ``icc``, ``F``,
        ``df1``, ``df2``, ``p``, ``ci_low``, ``ci_high``, ``mcgraw_wong`` of all six. ``details``:
        ``sem_agreement`` and ``mdc95_agreement``, error of measurement and smallest change of a
        single rating beyond it.

    Notes
    -----
    Formulas and intervals of Shrout and Fleiss (1979, doi:10.1037/0033-2909.86.2.420) and McGraw
    and Wong (1996, doi:10.1037/1082-989X.1.1.30); that of ICC2 by Satterthwaite's degrees of
    freedom. SEM = deviation of all ratings times sqrt(1 - ICC2); ``sem_components``, the root of
    the variances of evaluators and rest, is the other convention.
    """
    frame = rated(ratings)
    whole = frame.dropna()
    n, k = whole.shape
    dropped = incomplete(len(frame) - n, labels)
    values = numbers(whole)
    details: dict[str, Number] = {"subjects": n, "raters": k}
    varied = n > 1 and bool(np.ptp(values.mean(axis=1)) > 1e-12 * (1 + np.abs(values).max()))
    tables: dict[str, pd.DataFrame] = {}
    if varied:
        squares = mean_squares(values)
        tables["forms"] = _forms(squares, level)
        details |= _error(squares, row(tables["forms"], "ICC2")["icc"])
    refusal = too_few_items(n, sizes) or (None if varied else _flat(labels))
    method = Message("intraclass correlation {form}, {name}", form=form, name=NAMES[form])
    if refusal is not None:
        return refused(
            "intraclass_correlation",
            method,
            frame,
            refusal,
            n=n,
            dropped=dropped,
            details=details,
            tables=tables,
        )
    found = row(tables["forms"], form)
    icc = found["icc"]
    bounded = bool(np.isfinite(found["ci_low"]))
    interval = Interval(found["ci_low"], found["ci_high"], level, "F") if bounded else None
    warnings = few_items(n, sizes)
    if not bounded:
        warnings = (*warnings, Message("All ratings coincide, so there is no interval."))
    test = Test("F", found["F"], (found["df1"], found["df2"]), found["p"])
    return Result(
        "intraclass_correlation",
        "agreement",
        n,
        method,
        design="raters",
        dropped=dropped,
        conventions=("absolute agreement" if "2" in form or "1" in form else "consistency",),
        reading="raters",
        estimate=icc,
        unit="coefficient",
        interval=interval,
        effects=(Effect("sem_agreement", float(details["sem_agreement"] or 0.0)),),
        test=test if bounded else None,
        verdict=verdict_of(interval, null=marks.tentative),
        warnings=warnings,
        sentences=_sentences(icc, interval, marks, labels),
        details=details
        | {"icc": icc}
        | ({"ci_low": interval.low, "ci_high": interval.high} if interval else {}),
        tables=tables,
        fingerprint=mark(whole),
    )


def mean_squares(values: Floats) -> Squares:
    """Return the mean squares of a table of items by evaluators."""
    n, k = values.shape
    centre = values.mean()
    items = k * ((values.mean(axis=1) - centre) ** 2).sum()
    raters = n * ((values.mean(axis=0) - centre) ** 2).sum()
    total = ((values - centre) ** 2).sum()
    # Sums of squares that are 0 up to rounding are 0.
    error = max(0.0, total - items - raters)
    error = 0.0 if error < 1e-12 * total else error
    within = 0.0 if total - items < 1e-12 * total else total - items
    return Squares(
        n,
        k,
        float(items / (n - 1)),
        float(raters / (k - 1)),
        float(error / ((n - 1) * (k - 1))),
        float(within / (n * (k - 1))),
        float(total / (n * k - 1)),
    )


def _forms(s: Squares, level: float) -> pd.DataFrame:
    """Return all six forms with tests and intervals."""
    n, k, upper = s.n, s.k, 0.5 + level / 2
    rows: dict[str, dict[str, float]] = {}
    for single, mean, error, df2 in (
        ("ICC1", "ICC1k", s.within, n * (k - 1)),
        ("ICC3", "ICC3k", s.error, (n - 1) * (k - 1)),
    ):
        f = s.items / error if error > 0 else np.inf
        low = f / sp.f.ppf(upper, n - 1, df2)
        high = f * sp.f.ppf(upper, df2, n - 1)
        shared = {"F": f, "df1": n - 1, "df2": df2, "p": float(sp.f.sf(f, n - 1, df2))}
        rows[single] = {
            "icc": (s.items - error) / (s.items + (k - 1) * error),
            **shared,
            "ci_low": (low - 1) / (low + k - 1) if np.isfinite(f) else np.nan,
            "ci_high": (high - 1) / (high + k - 1) if np.isfinite(f) else np.nan,
        }
        rows[mean] = {
            "icc": (s.items - error) / s.items if s.items > 0 else np.nan,
            **shared,
            "ci_low": 1 - 1 / low if low > 0 else -np.inf,
            "ci_high": 1 - 1 / high if high > 0 else -np.inf,
        }
        if not np.isfinite(f):
            rows[mean] |= {"ci_low": np.nan, "ci_high": np.nan}
    return (
        pd.DataFrame(rows | _agreement(s, upper, rows["ICC3"]))
        .T.loc[list(NAMES)]
        .assign(mcgraw_wong=list(NAMES.values()))
    )


def _agreement(
    s: Squares, upper: float, consistency: dict[str, float]
) -> dict[str, dict[str, float]]:
    """Return absolute agreement, of single ratings and of their mean."""
    n, k = s.n, s.k
    shared = {name: consistency[name] for name in ("F", "df1", "df2", "p")}
    icc = (s.items - s.error) / (s.items + (k - 1) * s.error + k * (s.raters - s.error) / n)
    mean = (s.items - s.error) / (s.items + (s.raters - s.error) / n)
    low = high = np.nan
    if s.error > 0:
        ratio = s.raters / s.error
        part = n * (1 + (k - 1) * icc) - k * icc
        df = (
            (k - 1)
            * (n - 1)
            * (k * icc * ratio + part) ** 2
            / ((n - 1) * k**2 * icc**2 * ratio**2 + part**2)
        )
        rest = k * s.raters + (k * n - k - n) * s.error
        f_low, f_high = sp.f.ppf(upper, n - 1, df), sp.f.ppf(upper, df, n - 1)
        low = n * (s.items - f_low * s.error) / (f_low * rest + n * s.items)
        high = n * (f_high * s.items - s.error) / (rest + n * f_high * s.items)
    return {
        "ICC2": {"icc": icc, **shared, "ci_low": low, "ci_high": high},
        "ICC2k": {
            "icc": mean,
            **shared,
            "ci_low": low * k / (1 + low * (k - 1)),
            "ci_high": high * k / (1 + high * (k - 1)),
        },
    }


def _error(s: Squares, icc: float) -> dict[str, Number]:
    """Return the error of measurement of a single rating, by both conventions."""
    sem = float(np.sqrt(s.total * max(0.0, 1 - icc)))
    raters = max(0.0, (s.raters - s.error) / s.n)
    return {
        "irr_twoway_agreement_single": icc,
        "sem_agreement": sem,
        "mdc95_agreement": CUSTOMARY_95 * float(np.sqrt(2)) * sem,
        "sem_components": float(np.sqrt(raters + s.error)),
        "sem_consistency": float(np.sqrt(s.error)),
    }


def _flat(labels: Labels) -> Refusal:
    """Return the refusal where the items do not differ."""
    why = Message(
        "On average all {nouns} were rated the same, so nothing tells them apart.",
        nouns=labels.nouns,
    )
    return Refusal("no_variation", WHAT, why, Message("The ratings can be shown side by side."))


def _sentences(
    icc: float, interval: Interval | None, marks: Marks, labels: Labels
) -> tuple[Sentence, ...]:
    """Return the coefficient in words, and what the customary marks make of it."""
    share = rounded(100 * max(0.0, icc), 0)
    if interval is None:
        return (Message("The evaluators gave all {nouns} the same ratings.", **labels.values),)
    size = Message(
        "Of every 100 parts of the differences between ratings, {share} lie in the {nouns} "
        "themselves (probably between {low} and {high}) and the rest in the evaluators.",
        share=share,
        low=rounded(100 * max(0.0, interval.low), 0),
        high=rounded(100 * max(0.0, interval.high), 0),
        **labels.values,
    )
    return size, by_marks(interval, marks)
