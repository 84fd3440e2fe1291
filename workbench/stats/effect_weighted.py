"""Participants against others who are alike in what was measured."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from workbench.language import Counted, Message
from workbench.stats.inference import Errors
from workbench.stats.linear import aliased
from workbench.stats.logistic import separation
from workbench.stats.measured import numeric
from workbench.stats.noise import spread_out
from workbench.stats.pairs import Floats
from workbench.stats.predictors import Design, design_of, flattened, unsound
from workbench.stats.programme import (
    PROGRAMME,
    Programme,
    effect_sentence,
    small_arm,
    taking_part,
)
from workbench.stats.propensity import (
    Matching,
    aipw_ate,
    aipw_att,
    balance,
    careful,
    e_value,
    effective_size,
    matching,
    other_estimates,
    overlap,
)
from workbench.stats.result import (
    Dropped,
    Effect,
    Number,
    Refusal,
    Result,
    Sentence,
    Verdict,
    fingerprint,
    rounded,
)
from workbench.stats.sizes import Sizes, few, too_few
from workbench.stats.wording import PLAIN, Labels

Estimand = Literal["ate", "att"]
# Customary limit of balance after weighting (catalogue, 16).
BALANCED = 0.1
ASSUMPTION = Message("nothing that was not measured tells both groups apart")
WHAT = Message("Participants cannot be compared with others like them.")
APART = Message("Both groups can be described one beside the other.")


# Probability of the other group below which a unit can't be like any of it.
CERTAIN = 1e-9


def effect_weighted(
    outcome: pd.Series,
    treated: pd.Series,
    covariates: pd.DataFrame,
    *,
    estimand: Estimand = "ate",
    trim: float | None = None,
    margin: float | None = None,
    level: float = 0.95,
    labels: Labels = PLAIN,
    groups: Programme = PROGRAMME,
    sizes: Sizes | None = None,
) -> Result:
    """Return how participants differ from others alike in what was measured (doubly robust).

    Parameters
    ----------
    outcome : Series of float
        One number a unit, indexed by code, measured after the programme.
    treated : Series of bool
        Whether each unit took part (yes/no or 0/1).
    covariates : DataFrame
        What was measured before the programme: numbers, yes/no or categories.
    estimand : {"ate", "att"}
        The average over all units, or over participants.
    trim : float, optional
        Units whose probability of taking part lies below it, or above 1 less it, are left out and
        everything is fitted anew (Crump and others 2009 propose 0.1). By default none is.
    margin, level, labels, sizes
        As of :func:`workbench.stats.mean_change`.
    groups : Programme
        What sentences call both groups.

    Returns
    -------
    Result
        Estimate: augmented inverse probability weighting (AIPW), in points, with an interval by its
        influence function. ``tables["balance"]`` holds both groups before and after
        weighting, ``overlap`` their probabilities; ``details`` the estimates by weighting and by
        regression alone, effective sizes and E-values.

    Notes
    -----
    Probabilities by a logit, outcomes by least squares within each group, both on all covariates:
    see :mod:`workbench.stats.propensity`. The interval takes each unit's distance from what the
    others of its group foresee (:func:`workbench.stats.propensity.careful`) and t(n - 2 k); the
    plain error, too small in small groups, stands in ``details`` as ``aipw_se_influence``.

    Raises
    ------
    ValueError
        If ``estimand`` or ``trim`` is none of those.
    """
    if estimand not in ("ate", "att"):
        raise ValueError(f"estimand: {estimand!r}; expected 'ate' or 'att'")
    if trim is not None and not 0 <= trim < 0.5:
        raise ValueError(f"trim: {trim}; expected a share from 0 to below 0.5")
    part = taking_part(treated)
    known = numeric(outcome, "outcome")
    design = design_of(known, covariates, labels, beside=(part,))
    arms = part.loc[design.outcome.index].to_numpy(dtype=np.float64)
    refusal = _refusal(design, arms, labels, sizes)
    if refusal is not None:
        return _result(design, arms, (), refusal=refusal)
    found = _matching(design, arms)
    dropped: tuple[Dropped, ...] = ()
    if trim is not None:
        kept = (found.chance >= trim) & (found.chance <= 1 - trim)
        dropped = _trimmed(int((~kept).sum()), labels)
        design, arms = _only(design, kept), arms[kept]
        refusal = _refusal(design, arms, labels, sizes)
        if refusal is not None:
            return _result(design, arms, dropped, refusal=refusal)
        found = _matching(design, arms)
    return _answer(
        design, found, dropped, estimand, margin, level, labels=labels, groups=groups, sizes=sizes
    )


# -- parts ------------------------------------------------------------------------------------


def _answer(
    design: Design,
    found: Matching,
    dropped: tuple[Dropped, ...],
    estimand: Estimand,
    margin: float | None,
    level: float,
    *,
    labels: Labels,
    groups: Programme,
    sizes: Sizes | None,
) -> Result:
    """Return the comparison of like with like."""
    arms = found.treated
    table, low, high = overlap(found)
    refusal = _no_overlap(found, low, high, labels) or too_few(
        _least_effective(found, estimand), "effective_sample", WHAT, APART, sizes
    )
    if refusal is not None:
        return _result(design, arms, dropped, refusal=refusal, tables={"overlap": table})
    weighted = aipw_ate if estimand == "ate" else aipw_att
    estimate, influence = weighted(found)[0], weighted(careful(found, estimand))[1]
    variance = float(np.square(influence).sum() / (found.n * (found.n - 1)))
    free = max(1.0, float(found.n - 2 * found.design.shape[1]))
    errors = Errors("influence function", np.array([[variance]]), np.array([free]))
    beta = np.array([estimate])
    whom = labels.nouns if estimand == "ate" else groups.participants
    interval, verdict = errors.interval(beta, 0, level), errors.verdict(beta, 0, level, margin)
    even = balance(found, [column.name for column in design.columns])
    outside = int(((found.chance < low) | (found.chance > high)).sum())
    numbers = _numbers(found) | flattened(even)
    numbers |= {"ps_common_low": low, "ps_common_high": high, "n_outside_common": outside}
    return _result(
        design,
        arms,
        dropped,
        conventions=(
            "weighted means divide by the sum of the weights",
            "standard error by the influence function, each distance as HC3 has it",
            "differences of covariates over the root of the mean of both unweighted variances",
        ),
        estimate=estimate,
        interval=interval,
        effects=(Effect("e_value", float(numbers[f"e_value_{estimand}"] or 1.0)),),
        test=errors.test(beta, [0]),
        margin=margin,
        verdict=verdict,
        warnings=(
            *design.warnings,
            *few(int(min(arms.sum(), (1 - arms).sum())), "treated_for_weighting", sizes),
            *_thin(_least_effective(found, estimand), sizes),
            *_outside(outside, labels),
            *_uneven(even[f"smd_{estimand}_weighted"]),
        ),
        sentences=(
            Counted(
                "This compares {participants} with {others} alike in {n} characteristic measured "
                "before.",
                "This compares {participants} with {others} alike in {n} characteristics measured "
                "before.",
                len(design.terms),
                **groups.values,
            ),
            effect_sentence(estimate, interval, verdict, ASSUMPTION, labels, whom),
            *_hidden(verdict, float(numbers[f"e_value_limit_{estimand}"] or 1.0)),
        ),
        details=numbers,
        tables={"balance": even, "overlap": table},
    )


def _matching(design: Design, arms: Floats) -> Matching:
    """Return the propensity scores and foreseen outcomes of a design."""
    return matching(design.outcome.to_numpy(dtype=np.float64), arms, design.matrix)


def _only(design: Design, kept: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Design:
    """Return a design with some of its rows."""
    return Design(
        design.outcome[kept],
        design.predictors[kept],
        design.matrix[kept],
        design.columns,
        design.dropped,
        design.warnings,
    )


def _refusal(design: Design, arms: Floats, labels: Labels, sizes: Sizes | None) -> Refusal | None:
    """Return why like can't be compared with like, if it can't."""
    found = small_arm(arms, "treated_for_weighting", WHAT, labels, sizes) or unsound(
        design, WHAT, None, np.inf
    )
    if found is not None:
        return found
    alone = [
        design.columns[j - 1].shown
        for value in (1, 0)
        for j in aliased(design.matrix[arms == value])
    ]
    if alone:
        return Refusal(
            "no_overlap",
            WHAT,
            Message(
                "Within one of both groups {factor} does not vary, or the others determine it.",
                factor=alone[0],
            ),
            Message("Leave it out, or join its categories."),
        )
    if separation(design.matrix, arms) is not None:
        return Refusal(
            "no_overlap",
            WHAT,
            Message("What was measured separates both groups without overlap."),
            APART,
        )
    if not spread_out(design.outcome.to_numpy(dtype=np.float64)):
        return Refusal(
            "no_variation",
            WHAT,
            Message("All have the same value."),
            Message("The count says all there is to say."),
        )
    return None


def _no_overlap(found: Matching, low: float, high: float, labels: Labels) -> Refusal | None:
    """Return the refusal of groups whose probabilities do not meet, or of certain ones."""
    certain = int((np.minimum(found.chance, 1 - found.chance) < CERTAIN).sum())
    if low <= high and not certain:
        return None
    if low <= high:
        return Refusal(
            "no_overlap",
            WHAT,
            Counted(
                "For {n} of the {nouns} it was certain to which group it would belong.",
                "For {n} of the {nouns} it was certain to which group they would belong.",
                certain,
                nouns=labels.nouns,
            ),
            Message("The others can be compared where those without a like are left out."),
        )
    return Refusal(
        "no_overlap",
        WHAT,
        Message("What was measured separates both groups without overlap."),
        APART,
    )


def _least_effective(found: Matching, estimand: Estimand) -> float:
    """Return the smaller effective size of both groups under the weights of the estimand."""
    weights = found.ate_weights if estimand == "ate" else found.att_weights
    return min(effective_size(weights[found.treated == value]) for value in (1, 0))


def _numbers(found: Matching) -> dict[str, Number]:
    """Return every estimate, effective sizes and E-values."""
    one, other = (found.outcome[found.treated == value] for value in (1, 0))
    spread = float(np.sqrt((one.var(ddof=1) + other.var(ddof=1)) / 2))
    numbers: dict[str, Number] = {
        "n": found.n,
        "n_treated": len(one),
        "n_control": len(other),
        "ps_min": float(found.chance.min()),
        "ps_max": float(found.chance.max()),
        "ess_control_att": effective_size(found.att_weights[found.treated == 0]),
        "ess_treated_ate": effective_size(found.ate_weights[found.treated == 1]),
        "ess_control_ate": effective_size(found.ate_weights[found.treated == 0]),
    }
    numbers |= other_estimates(found)
    for name, (estimate, influence) in (("ate", aipw_ate(found)), ("att", aipw_att(found))):
        se = float(np.sqrt(np.square(influence).mean() / found.n))
        values = e_value(estimate, se, spread) if spread > 0 else (1.0, 1.0)
        suffix = "" if name == "ate" else "_att"
        numbers |= {
            f"aipw_{name}": estimate,
            f"aipw_se_influence{suffix}": se,
            f"e_value_{name}": values[0],
            f"e_value_limit_{name}": values[1],
        }
    return numbers


def _trimmed(n: int, labels: Labels) -> tuple[Dropped, ...]:
    """Return who was left out because no one of the other group is like them."""
    text = Counted(
        "{n} of the {nouns} is left out, since hardly any of the other group is like it.",
        "{n} of the {nouns} are left out, since hardly any of the other group are like them.",
        n,
        nouns=labels.nouns,
    )
    return (Dropped(n, text),) if n else ()


def _thin(effective: float, sizes: Sizes | None) -> tuple[Sentence, ...]:
    """Return the warning of few units that carry most of the weight."""
    if not few(effective, "effective_sample", sizes):
        return ()
    return (
        Message(
            "After weighting, one of both groups counts as much as {n} cases.",
            n=rounded(effective, 0),
        ),
    )


def _outside(n: int, labels: Labels) -> tuple[Sentence, ...]:
    """Return the warning of units without a like in the other group."""
    if not n:
        return ()
    text = Counted(
        "{n} of the {nouns} has no like in the other group; trimming would leave it out.",
        "{n} of the {nouns} have no like in the other group; trimming would leave them out.",
        n,
        nouns=labels.nouns,
    )
    return (text,)


def _uneven(differences: pd.Series) -> tuple[Sentence, ...]:
    """Return the warning of covariates in which both groups differ after weighting."""
    return tuple(
        Message(
            "After weighting both groups still differ in {factor} by {smd} standard deviations.",
            factor=str(name),
            smd=rounded(abs(float(value)), 2),
        )
        for name, value in differences.items()
        if abs(float(value)) > BALANCED
    )


def _hidden(verdict: Verdict, strength: float) -> tuple[Sentence, ...]:
    """Return how strong an unmeasured difference could undo the answer, where there is one."""
    if verdict not in (Verdict.POSITIVE, Verdict.NEGATIVE):
        return ()
    text = Message(
        "To undo this, something not measured would have to go along with {strength} times the "
        "chance of taking part, and with {strength} times the chance of a result like theirs.",
        strength=rounded(strength),
    )
    return (text,)


def _result(design: Design, arms: Floats, trimmed: tuple[Dropped, ...], **values: object) -> Result:
    """Return the result of both groups; what is not given is missing."""
    described: dict[str, Number] = {
        "n": design.n,
        "n_treated": int(arms.sum()),
        "n_control": int((1 - arms).sum()),
    }
    fields: dict[str, object] = {
        "design": "two groups, weighted",
        "dropped": (*design.dropped, *trimmed),
        "details": described,
        "fingerprint": fingerprint(
            map(str, design.outcome.index), design.outcome, design.matrix.ravel(), arms
        ),
    }
    return Result(
        "effect_weighted",
        "effect",
        design.n,
        Message("augmented inverse probability weighting"),
        **(fields | values),  # type: ignore[arg-type]
    )
