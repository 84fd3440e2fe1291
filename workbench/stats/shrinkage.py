"""Scores of few cases pulled towards what is known of all units (empirical Bayes, Fay-Herriot)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy.stats as sp

from workbench.language import Message
from workbench.stats.measured import Floats, left_out, numeric, numeric_frame, once, row
from workbench.stats.random_effects import (
    METHODS,
    Method,
    Spread,
    fit_spread,
    heterogeneity,
    typical_variance,
)
from workbench.stats.result import (
    Effect,
    Interval,
    Number,
    Refusal,
    Result,
    Sentence,
    Test,
    fingerprint,
    rounded,
)
from workbench.stats.sizes import Sizes, too_few
from workbench.stats.wording import PLAIN, Labels


def shrunken_scores(
    scores: pd.Series,
    std_errors: pd.Series | None,
    *,
    covariates: pd.DataFrame | None = None,
    unit: str | None = None,
    method: Method = "REML",
    level: float = 0.95,
    labels: Labels = PLAIN,
    sizes: Sizes | None = None,
) -> Result:
    """Return each score pulled towards the mean by as much as its standard error asks for.

    Parameters
    ----------
    scores : Series of float
        One number a unit, indexed by code.
    std_errors : Series of float or None
        Standard error of each score; None where there are none: the question is refused.
    covariates : DataFrame, optional
        Facts of the units, one column each, that predict the score; the score is then pulled
        towards what they say (Fay and Herriot 1979). Columns that do not vary are an error.
    unit : str, optional
        Code of the unit that is asked about: its shrunken score becomes the estimate.
    method : {"REML", "PM", "DL"}
        Of the variance between units; the other two stand in tables and ``details``.
    level : float
    labels : Labels
    sizes : mapping, optional

    Returns
    -------
    Result
        Estimate: the unit's shrunken score, or without a unit the mean of all, its interval by
        Hartung, Knapp, Sidik and Jonkman. Effects ``tau`` (deviation between units, in points) and
        ``I2`` (share of the variance, in percent). Test: Q. Table ``units``: ``raw``, ``se``,
        ``blup`` (shrunken), ``blup_se``, ``low``, ``high``, ``weight_own``; tables ``DL``, ``PM``,
        ``REML`` alike; ``coefficients`` by method.

    Notes
    -----
    blup = B raw + (1 - B) fitted with B = tau2 / (tau2 + se^2). ``blup_se`` counts the error of the
    mean, sqrt(B se^2 + (1 - B)^2 x' V x), not that of tau2; ``rmse`` adds it (Prasad and Rao 1990;
    Datta and Lahiri 2000, doi:10.2307/24306531). ``low`` and ``high`` are t(n - coefficients) times
    ``rmse`` away: by the normal and ``blup_se`` 95 % would be 87 % of 8 units, and fewer than that
    of units nearly alike. Places must not be made of shrunken scores alone:
    they are too alike.

    Raises
    ------
    ValueError
        If a code stands twice or a standard error is not above 0.
    """
    frame = _frame(scores, std_errors, covariates)
    n = len(frame)
    dropped = (left_out(len(scores) - n, labels),) if len(scores) > n else ()
    x = _model(frame, covariates)
    refusal = _refusal(frame, x, unit, std_errors, sizes)
    raw = frame[["raw", "se"]]
    used = (
        Message("empirical Bayes, {method}", method=method)
        if covariates is None
        else Message("Fay-Herriot, {method}", method=method)
    )
    if refusal is not None:
        return Result(
            "shrunken_scores",
            "description",
            n,
            used,
            reading="none" if std_errors is None else "measurement",
            refusal=refusal,
            details={"n": n},
            tables={"units": raw},
            fingerprint=fingerprint(frame.index, frame["raw"]),
            dropped=dropped,
            design="scores with standard errors",
        )
    y, v = frame["raw"].to_numpy(), frame["se"].to_numpy() ** 2
    fits = {name: fit_spread(y, v, x, name) for name in METHODS}
    tables: dict[str, pd.DataFrame] = {
        name: _shrunken(raw, fits[name], x, level) for name in METHODS
    }
    q, df, p = heterogeneity(y, v, x)
    details: dict[str, Number] = {"n": n, "Q": q, "Q_df": df, "Qp": p}
    for name in METHODS:
        details |= _numbers(name, fits[name], y, v, x, level)
    chosen = fits[method]
    estimate = float(np.mean(chosen.fitted))
    interval = _hksj(chosen, y, x, level) if covariates is None else None
    effects: tuple[Effect, ...] = (
        Effect("tau", float(np.sqrt(chosen.tau2))),
        Effect("I2", float(details[f"{method}_I2"] or 0.0)),
    )
    if unit is not None:
        own = row(tables[method], unit)
        estimate = own["blup"]
        interval = Interval(own["low"], own["high"], level, "t, empirical Bayes")
        effects = (*effects, Effect("raw", own["raw"]))
        details |= own
    warnings: tuple[Sentence, ...] = ()
    if unit is not None:
        warnings = (Message("A place in a ranking must not be made of shrunken scores alone."),)
    return Result(
        "shrunken_scores",
        "description",
        n,
        used,
        conventions=(
            "unit intervals count the errors of the mean and of the variance between units",
        ),
        reading="measurement",
        estimate=estimate,
        interval=interval,
        effects=effects,
        test=Test("Q", q, (float(df),), p),
        warnings=warnings,
        sentences=_sentences(chosen, tables[method], unit, n, labels),
        details=details,
        tables={"units": tables[method], **tables, "coefficients": _coefficients(fits, covariates)},
        fingerprint=fingerprint(frame.index, frame["raw"], frame["se"], x.ravel()),
        dropped=dropped,
        design="scores with standard errors",
    )


# -- parts ------------------------------------------------------------------------------------


def _frame(
    scores: pd.Series, std_errors: pd.Series | None, covariates: pd.DataFrame | None
) -> pd.DataFrame:
    """Return units with all that is needed, in the order of codes."""
    once(scores.index)
    frame = pd.DataFrame({"raw": numeric(scores, "scores")})
    frame["se"] = np.nan
    if std_errors is not None:
        once(std_errors.index)
        errors = numeric(std_errors, "std_errors")
        if (errors <= 0).any():
            wrong = errors.index[errors <= 0][0]
            raise ValueError(f"std_errors: that of {wrong} is not above 0")
        frame["se"] = errors.reindex(frame.index)
    if covariates is not None:
        once(covariates.index)
        facts = numeric_frame(covariates, "covariates").reindex(frame.index)
        frame = frame.join(facts.add_prefix("x_"))
    frame.index = pd.Index(frame.index.map(str), name="unit")
    needed = frame if std_errors is not None else frame.drop(columns="se")
    known: pd.DataFrame = frame.loc[np.isfinite(needed.to_numpy()).all(axis=1)]
    return known.sort_index()


def _model(frame: pd.DataFrame, covariates: pd.DataFrame | None) -> Floats:
    """Return the columns of the linear model, the first of them 1."""
    ones = np.ones((len(frame), 1))
    if covariates is None:
        return ones
    return np.hstack([ones, frame[[f"x_{name}" for name in covariates.columns]].to_numpy()])


def _shrunken(raw: pd.DataFrame, fit: Spread, x: Floats, level: float) -> pd.DataFrame:
    """Return raw and shrunken scores with their errors."""
    v = raw["se"].to_numpy() ** 2
    own = fit.tau2 / (fit.tau2 + v)
    blup = own * raw["raw"].to_numpy() + (1 - own) * fit.fitted
    mean_error = np.einsum("ij,jk,ik->i", x, fit.covariance, x)
    se = np.sqrt(own * v + (1 - own) ** 2 * mean_error)
    # The error of tau2 by its asymptotic variance under REML.
    third = v**2 * fit.weights**3 * 2 / (fit.weights**2).sum()
    rmse = np.sqrt(se**2 + 2 * third)
    reach = sp.t.ppf(0.5 + level / 2, len(raw) - x.shape[1]) * rmse
    return raw.assign(
        blup=blup,
        blup_se=se,
        low=blup - reach,
        high=blup + reach,
        weight_own=own,
        fitted=fit.fitted,
        rmse=rmse,
    )


def _numbers(
    name: str, fit: Spread, y: Floats, v: Floats, x: Floats, level: float
) -> dict[str, Number]:
    """Return the numbers of one method by flat names."""
    typical = typical_variance(v, x)
    found: dict[str, Number] = {
        f"{name}_tau2": fit.tau2,
        f"{name}_I2": 100 * fit.tau2 / (fit.tau2 + typical),
    }
    if x.shape[1] > 1:
        return found
    mu, se = float(fit.beta[0]), float(np.sqrt(fit.covariance[0, 0]))
    reach = float(sp.norm.ppf(0.5 + level / 2) * np.sqrt(se**2 + fit.tau2))
    hksj = _hksj(fit, y, x, level)
    scale = (hksj.high - hksj.low) / 2 / float(sp.t.ppf(0.5 + level / 2, len(y) - 1))
    z = float(sp.norm.ppf(0.5 + level / 2) * se)
    return found | {
        f"{name}_mu": mu,
        f"{name}_se": se,
        f"{name}_ci_low": mu - z,
        f"{name}_ci_high": mu + z,
        f"{name}_pred_low": mu - reach,
        f"{name}_pred_high": mu + reach,
        f"{name}_HKSJ_se": scale,
        f"{name}_HKSJ_ci_low": hksj.low,
        f"{name}_HKSJ_ci_high": hksj.high,
        f"{name}_HKSJ_p": float(2 * sp.t.sf(abs(mu) / scale, len(y) - 1)) if scale else 0.0,
    }


def _hksj(fit: Spread, y: Floats, x: Floats, level: float) -> Interval:
    """Return the interval of the mean by Hartung, Knapp, Sidik and Jonkman."""
    df = len(y) - x.shape[1]
    scale = float((fit.weights * (y - fit.fitted) ** 2).sum()) / df
    se = float(np.sqrt(scale * fit.covariance[0, 0]))
    reach = float(sp.t.ppf(0.5 + level / 2, df)) * se
    return Interval(fit.beta[0] - reach, fit.beta[0] + reach, level, "HKSJ")


def _coefficients(fits: dict[Method, Spread], covariates: pd.DataFrame | None) -> pd.DataFrame:
    """Return the coefficients of the linear model with standard errors, by method."""
    names = ["(mean)" if covariates is None else "(intercept)"]
    names += [] if covariates is None else [str(c) for c in covariates.columns]
    rows = [
        {
            "method": method,
            "term": term,
            "estimate": float(fit.beta[i]),
            "std_error": float(np.sqrt(fit.covariance[i, i])),
        }
        for method, fit in fits.items()
        for i, term in enumerate(names)
    ]
    return pd.DataFrame(rows).set_index(["method", "term"])


def _refusal(
    frame: pd.DataFrame,
    x: Floats,
    unit: str | None,
    std_errors: pd.Series | None,
    sizes: Sizes | None,
) -> Refusal | None:
    """Return why nothing can be shrunken."""
    what = Message("How far the scores must be pulled towards their mean cannot be computed.")
    instead = Message("The scores can be shown as they are.")
    if std_errors is None:
        return Refusal("no_error", what, Message("The scores have no standard error."), instead)
    if unit is not None and unit not in frame.index:
        why = Message("{name} has no score with a standard error.", name=unit)
        return Refusal("not_measured", what, why, instead)
    extra = x.shape[1] - 1
    few_units = too_few(max(0, len(frame) - extra), "shrunken_units", what, instead, sizes)
    if few_units is None and np.linalg.matrix_rank(x) < x.shape[1]:
        why = Message("A fact of the units does not vary, or follows from the others.")
        return Refusal("no_variation", what, why, Message("It can be left out of the model."))
    return few_units


def _sentences(
    fit: Spread, units: pd.DataFrame, unit: str | None, n: int, labels: Labels
) -> tuple[Sentence, ...]:
    """Return what was found in words."""
    values = {**labels.values, "all": rounded(n, 0)}
    if fit.tau2 == 0:
        none = Message(
            "No differences between the {all} {nouns} can be told from chance: the best estimate "
            "of {outcome} is the same for all that are alike.",
            **values,
        )
        return (none,)
    if unit is None:
        spread = Message(
            "Beyond chance, {outcome} of the {all} {nouns} differs by about {tau} {unit} from what "
            "is expected of them.",
            tau=rounded(float(np.sqrt(fit.tau2))),
            **values,
        )
        return (spread,)
    own = row(units, unit)
    one = Message(
        "{name} has {raw}; counting how uncertain that is, the best estimate is {blup} (probably "
        "between {low} and {high}).",
        name=unit,
        **{part: rounded(own[part]) for part in ("raw", "blup", "low", "high")},
    )
    return (one,)
