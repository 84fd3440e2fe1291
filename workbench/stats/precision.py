"""How far measurement error moves a score: its standard error, from a reliability."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.language import Message
from workbench.stats.measured import Floats, measured
from workbench.stats.noise import spread_out
from workbench.stats.result import Number, Refusal, Result, rounded
from workbench.stats.sizes import Sizes, few, too_few
from workbench.stats.wording import PLAIN, Labels

METHOD = Message("standard error of measurement")
# Below this a single score says too little of its unit: most of a change would be error.
LEAST_RELIABILITY = 0.6


def measurement_error(
    scores: pd.Series,
    reliability: float | None,
    *,
    sd: float | None = None,
    items: int | None = None,
    labels: Labels = PLAIN,
    sizes: Sizes | None = None,
) -> Result:
    """Return the standard error of one unit's score, from the reliability of the score.

    Parameters
    ----------
    scores : Series of float
        One number a unit, indexed by code: gives the deviation where ``sd`` does not.
    reliability : float or None
        Of the score, 0-1; refused where it is not known or below 0.6.
    sd : float, optional
        Deviation of the scores that the reliability was found with; that of ``scores`` if left
        out, which needs 30 of them.
    items : int, optional
        Questions behind the score; a score of one has no reliability of its own.
    labels : Labels
        ``before`` names the measurement of ``scores``.
    sizes : mapping, optional

    Returns
    -------
    Result
        Estimate: the standard error, in the units of the score.

    Raises
    ------
    ValueError
        If ``reliability`` is 1 or more, or ``sd`` is not above 0.

    Notes
    -----
    SEM = sd sqrt(1 - reliability), the same for every unit (classical test theory).
    """
    check_precision(reliability, sd)
    sample = measured(scores, labels)
    known = np.nan if reliability is None else reliability
    refusal = not_reliable(known, items)
    if refusal is None and sd is None:
        refusal = no_deviation(sample.values, "deviation", labels, sizes)
    details: dict[str, Number] = {"n": sample.n, "reliability": reliability}
    if refusal is not None:
        return Result(
            "measurement_error",
            "description",
            sample.n,
            METHOD,
            reading="measurement",
            refusal=refusal,
            details=details,
            fingerprint=sample.fingerprint,
        )
    spread = float(sample.values.std(ddof=1)) if sd is None else sd
    sem = spread * float(np.sqrt(1 - known))
    return Result(
        "measurement_error",
        "description",
        sample.n,
        METHOD,
        reading="measurement",
        estimate=sem,
        warnings=few(sample.n, "deviation", sizes) if sd is None else (),
        sentences=(
            Message(
                "Measurement error moves {outcome} of one of the {nouns} by about {sem} {unit} up "
                "or down.",
                sem=rounded(sem),
                **labels.values,
            ),
        ),
        details=details | {"sd": spread, "sem": sem},
        fingerprint=sample.fingerprint,
    )


def check_precision(reliability: float | None, sd: float | None) -> None:
    """Refuse numbers that are no reliability or no deviation.

    Raises
    ------
    ValueError
    """
    if reliability is not None and reliability >= 1:
        raise ValueError(f"reliability: {reliability}; expected a number below 1")
    if sd is not None and not sd > 0:
        raise ValueError(f"sd: {sd}; expected a number above 0")


def not_reliable(reliability: float, items: int | None) -> Refusal | None:
    """Return the refusal where the error of measurement is unknown, or too large."""
    what = Message("Whether one of them changed beyond measurement error cannot be told.")
    instead = Message("The change of each one can be shown, without saying whether it is real.")
    if items == 1:
        why = Message("The score rests on a single question, whose error cannot be known.")
        return Refusal("one_item", what, why, instead)
    if np.isnan(reliability):
        why = Message("The reliability of the score was not declared.")
        return Refusal("not_declared", what, why, instead)
    if reliability < LEAST_RELIABILITY:
        why = Message(
            "The reliability of the score is {reliability}; at least {needed} is needed.",
            reliability=rounded(reliability, 2),
            needed=rounded(LEAST_RELIABILITY),
        )
        return Refusal("too_unreliable", what, why, instead)
    return None


def no_deviation(scores: Floats, rule: str, labels: Labels, sizes: Sizes | None) -> Refusal | None:
    """Return the refusal where the deviation of the scores can't be found from them."""
    what = Message("The error of measurement cannot be computed.")
    instead = Message("It can be, with the deviation of the scores in a larger group.")
    refusal = too_few(len(scores), rule, what, instead, sizes)
    if refusal is None and not spread_out(scores):
        why = Message("All {nouns} had the same score in {before}.", **labels.values)
        return Refusal("no_variation", what, why, instead)
    return refusal
