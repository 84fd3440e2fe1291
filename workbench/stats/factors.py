"""Which factors go with a score: least squares that bears unequal spread and clusters."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import scipy.stats as sp

from workbench.language import Message
from workbench.stats.clusters import cluster_codes, clusters_refused, few_clusters, in_one_cluster
from workbench.stats.factor_words import NOT_A_CAUSE, allowance, association
from workbench.stats.families import adjusted_p
from workbench.stats.inference import Errors
from workbench.stats.linear import (
    HC_KINDS,
    Codes,
    OlsFit,
    cr0_covariance,
    cr1_factor,
    cr2_covariance,
    fit_ols,
    hc_covariance,
)
from workbench.stats.measured import numeric
from workbench.stats.noise import spread_out
from workbench.stats.pairs import Floats
from workbench.stats.predictors import Design, design_of, flattened, focus_of, thin, unsound
from workbench.stats.result import (
    Check,
    Number,
    Refusal,
    Result,
    Sentence,
)
from workbench.stats.sizes import Sizes
from workbench.stats.wording import PLAIN, Labels

_UNEVEN = Message(
    "The scores do not spread evenly around the line; the errors given allow for that."
)


# Share of the variation below which what is left over is the error of the arithmetic.
EXACT = 1e-20


def factors(
    outcome: pd.Series,
    predictors: pd.DataFrame,
    *,
    focus: str | None = None,
    clusters: pd.Series | None = None,
    reference: Mapping[str, object] | None = None,
    margin: float | None = None,
    level: float = 0.95,
    labels: Labels = PLAIN,
    names: Mapping[str, object] | None = None,
    sizes: Sizes | None = None,
) -> Result:
    """Return which factors go with a score (least squares, HC3 or CR2 errors, t distribution).

    Parameters
    ----------
    outcome : Series of float
        One number a unit, indexed by code.
    predictors : DataFrame
        Numbers, yes/no or categories by unit; text is a category.
    focus : str, optional
        The factor that the question is about; the first if left out.
    clusters : Series, optional
        Group of each unit, such as its state, within which units resemble each other.
    reference : mapping, optional
        Category -> level that its other levels are compared with; the first if left out.
    margin : float, optional
        Smallest relevant coefficient of the focus.
    level : float
        Of the intervals.
    labels, sizes
        As of :func:`workbench.stats.mean_change`.
    names : mapping, optional
        Factor or level -> words for it, for sentences.

    Returns
    -------
    Result
        Estimate: the coefficient of the focus, in points for one more of it; None where it is a
        category of several levels, whose joint F test is ``test`` then. ``tables["coefficients"]``
        holds every coefficient under every convention, ``details`` the same by ``se_HC3/name``.

    Notes
    -----
    Main errors: HC3 with t(n - k); with clusters CR2 with Satterthwaite's degrees of freedom
    (Pustejovsky and Tipton 2018). ``p_holm`` allows for the number of coefficients. Breusch and
    Pagan's test is the studentised one (Koenker 1981).

    Raises
    ------
    ValueError
        If the focus is not a predictor, or an outcome is no number.
    """
    known = numeric(outcome, "outcome")
    design = design_of(known, predictors, labels, reference=reference, beside=(clusters,))
    term = focus_of(design, focus)
    codes = None if clusters is None else cluster_codes(clusters, design.outcome.index)
    what = Message("Which factors go with {outcome} cannot be computed.", outcome=labels.outcome)
    values = design.outcome.to_numpy(dtype=np.float64)
    refusal = unsound(design, what, sizes) or _constant(values, what)
    if refusal is not None:
        return _refused(design, values, refusal)
    fit = fit_ols(design.matrix, values)
    refusal = clusters_refused(codes, design.matrix[:, design.places(term)], what, sizes)
    if refusal is not None:
        # What no error can be given for is still a description.
        return _refused(design, values, refusal, fit.beta)
    if fit.rss <= EXACT * float(np.square(values - values.mean()).sum()):
        return _refused(design, values, _exact(what, labels))
    errors = _errors(fit, codes)
    main = _main(errors, codes is not None)
    table = _table(design, fit, errors, main, level)
    bp = _breusch_pagan(fit)
    places = design.places(term)
    j = places[0] if len(places) == 1 else None
    return Result(
        "factors",
        "association",
        design.n,
        Message("least squares, errors {kind}", kind=main.kind),
        design="independent",
        dropped=design.dropped,
        conventions=(
            f"main errors {main.kind}; the others in the table of coefficients",
            "p-values by the t distribution, of the joint test by F",
        ),
        estimate=None if j is None else float(fit.beta[j]),
        interval=None if j is None else main.interval(fit.beta, j, level),
        test=main.test(fit.beta, places),
        margin=margin,
        verdict=None if j is None else main.verdict(fit.beta, j, level, margin),
        checks=(Check("breusch_pagan", *bp, _UNEVEN),),
        warnings=(
            *design.warnings,
            *thin(design, sizes),
            *few_clusters(codes, sizes),
            *_alone(errors),
            *_one_sided(design, codes),
        ),
        sentences=_sentences(design, fit, main, term, margin, level, labels, names or {}),
        details=_details(fit, values, table, bp, codes),
        tables={"coefficients": table},
        fingerprint=design.fingerprint,
    )


# -- parts ------------------------------------------------------------------------------------


def _constant(values: Floats, what: Sentence) -> Refusal | None:
    """Return the refusal of an outcome that does not vary."""
    if spread_out(values):
        return None
    return Refusal(
        "no_variation",
        what,
        Message("All have the same value."),
        Message("The count says all there is to say."),
    )


def _exact(what: Sentence, labels: Labels) -> Refusal:
    """Return the refusal of factors that leave nothing over."""
    return Refusal(
        "no_variation",
        what,
        Message(
            "The factors determine {outcome} exactly, so there is no error to go by.",
            outcome=labels.outcome,
        ),
        Message("See whether one of the factors is a part of the result."),
    )


def _one_sided(design: Design, codes: Codes | None) -> tuple[Sentence, ...]:
    """Return the warning of other factors that a single cluster has."""
    if codes is None:
        return ()
    return tuple(
        Message("{factor} occurs in one group only: its error says nothing.", factor=column.shown)
        for j, column in enumerate(design.columns, 1)
        if in_one_cluster(codes, design.matrix[:, j])
    )


def _refused(
    design: Design, values: Floats, refusal: Refusal, beta: Floats | None = None
) -> Result:
    """Return a refusal with what can be described."""
    details: dict[str, Number] = {"n": design.n}
    if design.n:
        details["mean"] = float(values.mean())
    if beta is not None:
        details |= {f"coef/{name}": float(x) for name, x in zip(design.names, beta, strict=True)}
    return Result(
        "factors",
        "association",
        design.n,
        Message("least squares"),
        design="independent",
        dropped=design.dropped,
        warnings=design.warnings,
        refusal=refusal,
        details=details,
        fingerprint=design.fingerprint,
    )


def _errors(fit: OlsFit, codes: Codes | None) -> dict[str, Errors]:
    """Return the errors under every convention."""
    rest = np.full(fit.k, float(fit.n - fit.k))
    found: dict[str, Errors] = {
        kind: Errors(kind, hc_covariance(fit, kind), rest) for kind in HC_KINDS
    }
    if codes is None:
        return found
    groups = int(codes.max()) + 1
    plain = cr0_covariance(fit, codes)
    between = np.full(fit.k, float(groups - 1))
    cr2 = cr2_covariance(fit, codes)
    return found | {
        "cluster_CR0": Errors("CR0", plain, between),
        "cluster_CR1_stata": Errors("CR1", plain * cr1_factor(groups, fit.n, fit.k), between),
        "cluster_CR2": Errors("CR2", cr2.covariance, cr2.df),
    }


def _main(errors: Mapping[str, Errors], clustered: bool) -> Errors:
    """Return the errors that the main fields rest on: HC1 where HC3 is not defined."""
    if clustered:
        return errors["cluster_CR2"]
    return errors["HC3"] if np.isfinite(errors["HC3"].covariance).all() else errors["HC1"]


def _alone(errors: Mapping[str, Errors]) -> tuple[Sentence, ...]:
    """Return the warning of a unit that alone decides a coefficient."""
    if np.isfinite(errors["HC3"].covariance).all():
        return ()
    return (Message("One case alone decides a coefficient; its error says little."),)


def _table(
    design: Design, fit: OlsFit, errors: Mapping[str, Errors], main: Errors, level: float
) -> pd.DataFrame:
    """Return every coefficient under every convention, one row each."""
    table = pd.DataFrame({"coef": fit.beta}, index=pd.Index(design.names, name="term"))
    for kind, found in errors.items():
        table[f"se_{kind}"] = found.se
    robust = errors["HC3"]
    table["ci_HC3/low"] = fit.beta - robust.reach(level)
    table["ci_HC3/high"] = fit.beta + robust.reach(level)
    table["p_HC3"] = robust.p(fit.beta)
    if "cluster_CR2" in errors:
        table["p_cluster_CR1_tG1"] = errors["cluster_CR1_stata"].p(fit.beta)
        table["df_CR2_satterthwaite"] = errors["cluster_CR2"].df
        table["p_CR2_satterthwaite"] = errors["cluster_CR2"].p(fit.beta)
    table["se"], table["df"], table["p"] = main.se, main.df, main.p(fit.beta)
    table["ci_low"] = fit.beta - main.reach(level)
    table["ci_high"] = fit.beta + main.reach(level)
    table["p_holm"] = adjusted_p(table["p"].iloc[1:])
    return table


def _breusch_pagan(fit: OlsFit) -> tuple[float, float]:
    """Return the studentised statistic of Breusch and Pagan, and its p-value."""
    squares = np.square(fit.residuals)
    around = squares - squares.mean()
    total = float(around @ around)
    if total == 0 or fit.k == 1:
        return 0.0, 1.0
    statistic = fit.n * (1 - fit_ols(fit.design, squares).rss / total)
    return statistic, float(sp.chi2.sf(statistic, fit.k - 1))


def _details(
    fit: OlsFit, values: Floats, table: pd.DataFrame, bp: tuple[float, float], codes: Codes | None
) -> dict[str, Number]:
    """Return the numbers of the fit, and the table by ``column/term``."""
    around = values - values.mean()
    r2 = 1 - fit.rss / float(around @ around)
    found: dict[str, Number] = {
        "n": fit.n,
        "df_resid": fit.n - fit.k,
        "r2": r2,
        "adj_r2": 1 - (1 - r2) * (fit.n - 1) / (fit.n - fit.k),
        "breusch_pagan_lm": bp[0],
        "breusch_pagan_p": bp[1],
    }
    if codes is not None:
        found["n_clusters"] = int(codes.max()) + 1
    return found | flattened(table)


def _sentences(
    design: Design,
    fit: OlsFit,
    main: Errors,
    term: str,
    margin: float | None,
    level: float,
    labels: Labels,
    names: Mapping[str, object],
) -> tuple[Sentence, ...]:
    """Return what goes with the focus, one sentence for each of its columns."""
    found = []
    for j in design.places(term):
        interval = main.interval(fit.beta, j, level)
        verdict = main.verdict(fit.beta, j, level, margin)
        column = design.columns[j - 1]
        found.append(association(column, fit.beta[j], interval, verdict, labels, names))
    return (*found, *allowance(design), NOT_A_CAUSE)
