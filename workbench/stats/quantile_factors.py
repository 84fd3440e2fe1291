"""Which factors go with a score at the bottom, in the middle and at the top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.language import Message
from workbench.stats.factor_words import NOT_A_CAUSE, allowance, association
from workbench.stats.inference import Errors
from workbench.stats.measured import numeric
from workbench.stats.noise import spread_out
from workbench.stats.pairs import Floats
from workbench.stats.predictors import Design, design_of, focus_of, thin, unsound
from workbench.stats.quantile_fit import bootstrap, fit_quantile, loss, se_iid, se_nid
from workbench.stats.result import Effect, Number, Refusal, Result, Sentence, rounded
from workbench.stats.sizes import Sizes, few, too_few
from workbench.stats.wording import PLAIN, Labels


@dataclass(frozen=True, slots=True)
class _AtQuantile:
    """A fit at one quantile.

    Attributes
    ----------
    tau : float
    beta, iid, nid : array of float, shape (k,)
        Coefficients, and errors by formula.
    loss : float
    errors : Errors
        That intervals rest on.
    """

    tau: float
    beta: Floats
    iid: Floats
    nid: Floats
    loss: float
    errors: Errors


def quantile_factors(
    outcome: pd.Series,
    predictors: pd.DataFrame,
    *,
    quantiles: tuple[float, ...] = (0.25, 0.5, 0.75),
    focus: str | None = None,
    reference: Mapping[str, object] | None = None,
    margin: float | None = None,
    level: float = 0.95,
    replicates: int = 200,
    seed: int = 1,
    labels: Labels = PLAIN,
    names: Mapping[str, object] | None = None,
    sizes: Sizes | None = None,
) -> Result:
    """Return which factors go with a score at the bottom, in the middle and at the top.

    Parameters
    ----------
    outcome, predictors, focus, reference, margin, level, labels, names, sizes
        As of :func:`workbench.stats.factors`.
    quantiles : tuple of float
        Shares (0-1) of the units below the lines.
    replicates : int
        Draws of the bootstrap; with 0 errors are by formula (``nid``).
    seed : int
        Of the draws.

    Returns
    -------
    Result
        Estimate: the coefficient of the focus at the quantile nearest to the middle; effect
        ``top_less_bottom``, the last less the first. ``tables["coefficients"]`` by quantile and
        factor; ``details`` the same by ``tau_0.25/coef/name``.

    Notes
    -----
    The exact optimum by linear programming; where there are several optima, one of them, with the
    same objective. Main errors: standard deviation of the draws of whole units, t(n - k) (as
    quantreg's ``boot``). ``se_iid`` and ``se_nid`` are those of quantreg: see
    :mod:`workbench.stats.quantile_fit`.

    Raises
    ------
    ValueError
        If a quantile lies outside (0, 1) or the focus is not a predictor.
    """
    if not quantiles or not all(0 < tau < 1 for tau in quantiles):
        raise ValueError(f"quantiles: {quantiles}; expected shares between 0 and 1")
    known = numeric(outcome, "outcome")
    design = design_of(known, predictors, labels, reference=reference)
    term = focus_of(design, focus)
    values = design.outcome.to_numpy(dtype=np.float64)
    refusal = _refusal(design, values, labels, sizes)
    if refusal is not None:
        return _result(design, refusal=refusal)
    taus = tuple(sorted(quantiles))
    drawn = bootstrap(design.matrix, values, taus, replicates, seed) if replicates else None
    found = [_at(design, values, tau, i, drawn) for i, tau in enumerate(taus)]
    middle = min(found, key=lambda part: abs(part.tau - 0.5))
    places = design.places(term)
    if not (middle.errors.se[places] > 0).all():
        return _result(design, refusal=_lumped(labels), details=_details(design, found))
    j = places[0] if len(places) == 1 else None
    return _result(
        design,
        method=Message("quantile regression, errors {kind}", kind=middle.errors.kind),
        conventions=(
            "exact optimum by linear programming",
            f"errors: {middle.errors.kind}, t(n - k); the others in the table",
        ),
        estimate=None if j is None else float(middle.beta[j]),
        interval=None if j is None else middle.errors.interval(middle.beta, j, level),
        effects=() if j is None or drawn is None else _apart(found, drawn, j, level),
        test=middle.errors.test(middle.beta, places),
        margin=margin,
        verdict=None if j is None else middle.errors.verdict(middle.beta, j, level, margin),
        warnings=(
            *design.warnings,
            *thin(design, sizes),
            *few(design.n, "bootstrap", sizes),
        ),
        sentences=(
            *(
                _sentence(design, part, place, level, margin, labels, names or {})
                for place in places
                for part in found
            ),
            *allowance(design),
            NOT_A_CAUSE,
        ),
        details=_details(design, found),
        tables={"coefficients": _table(design, found, level)},
        seed=seed if replicates else None,
        replicates=replicates or None,
    )


# -- parts ------------------------------------------------------------------------------------


def _refusal(design: Design, values: Floats, labels: Labels, sizes: Sizes | None) -> Refusal | None:
    """Return why quantiles can't be related to factors, if they can't."""
    what = Message("Which factors go with {outcome} cannot be computed.", outcome=labels.outcome)
    found = unsound(design, what, sizes) or too_few(
        design.n,
        "bootstrap",
        what,
        Message("The groups can be described one beside the other."),
        sizes,
    )
    if found is not None or spread_out(values):
        return found
    return Refusal(
        "no_variation",
        what,
        Message("All have the same value."),
        Message("The count says all there is to say."),
    )


def _lumped(labels: Labels) -> Refusal:
    """Return the refusal of values so alike that there is no error to go by."""
    return Refusal(
        "no_variation",
        Message("Which factors go with {outcome} cannot be computed.", outcome=labels.outcome),
        Message("So many have the same value that there is no error to go by."),
        Message("The groups can be described one beside the other."),
    )


def _at(
    design: Design, values: Floats, tau: float, place: int, drawn: Floats | None
) -> _AtQuantile:
    """Return the fit at one quantile."""
    beta = fit_quantile(design.matrix, values, tau)
    iid, nid = se_iid(design.matrix, values, beta, tau), se_nid(design.matrix, values, tau)
    free = np.full(len(beta), float(design.n - len(beta)))
    if drawn is not None:
        errors = Errors("bootstrap", np.atleast_2d(np.cov(drawn[:, place].T)), free)
    elif np.isfinite(nid).all():
        errors = Errors("nid", np.diag(nid**2), free)
    else:
        errors = Errors("iid", np.diag(iid**2), free)
    return _AtQuantile(tau, beta, iid, nid, loss(design.matrix, values, beta, tau), errors)


def _apart(found: list[_AtQuantile], drawn: Floats, j: int, level: float) -> tuple[Effect, ...]:
    """Return how much more the focus goes with at the top than at the bottom."""
    if len(found) < 2:
        return ()
    gap = np.array([found[-1].beta[j] - found[0].beta[j]])
    variance = np.array([[float(np.var(drawn[:, -1, j] - drawn[:, 0, j], ddof=1))]])
    errors = Errors("bootstrap", variance, found[0].errors.df[:1])
    return (Effect("top_less_bottom", float(gap[0]), errors.interval(gap, 0, level)),)


def _table(design: Design, found: list[_AtQuantile], level: float) -> pd.DataFrame:
    """Return the coefficients by quantile and factor."""
    parts = []
    for part in found:
        reach = part.errors.reach(level)
        columns = {
            "coef": part.beta,
            "se": part.errors.se,
            "p": part.errors.p(part.beta),
            "ci_low": part.beta - reach,
            "ci_high": part.beta + reach,
            "se_iid": part.iid,
            "se_nid": part.nid,
        }
        index = pd.MultiIndex.from_product([[part.tau], design.names], names=["tau", "term"])
        parts.append(pd.DataFrame(columns, index=index))
    return pd.concat(parts)


def _details(design: Design, found: list[_AtQuantile]) -> dict[str, Number]:
    """Return the numbers of every quantile by ``tau_0.25/coef/name``."""
    numbers: dict[str, Number] = {"n": design.n}
    for part in found:
        head = f"tau_{part.tau:g}"
        numbers[f"{head}/objective"] = part.loss
        for name, values in (
            ("coef", part.beta),
            ("se", part.errors.se),
            ("se_iid", part.iid),
            ("se_nid_huber_sandwich", part.nid),
        ):
            for term, value in zip(design.names, values, strict=True):
                numbers[f"{head}/{name}/{term}"] = float(value) if np.isfinite(value) else None
    return numbers


def _sentence(
    design: Design,
    part: _AtQuantile,
    j: int,
    level: float,
    margin: float | None,
    labels: Labels,
    names: Mapping[str, object],
) -> Sentence:
    """Return what goes with one column at one quantile."""
    return Message(
        "At the score that {percent} of 100 {nouns} do not pass: {sentence}",
        percent=rounded(100 * part.tau, 1),
        nouns=labels.nouns,
        sentence=association(
            design.columns[j - 1],
            float(part.beta[j]),
            part.errors.interval(part.beta, j, level),
            part.errors.verdict(part.beta, j, level, margin),
            labels,
            names,
        ),
    )


def _result(design: Design, **values: object) -> Result:
    """Return the result of a design; what is not given is missing."""
    fields: dict[str, object] = {
        "method": Message("quantile regression"),
        "design": "independent",
        "dropped": design.dropped,
        "details": {"n": design.n},
        "fingerprint": design.fingerprint,
    }
    return Result(
        "quantile_factors",
        "association",
        design.n,
        **(fields | values),  # type: ignore[arg-type]
    )
