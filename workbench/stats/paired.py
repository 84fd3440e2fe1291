"""What comparisons of two measurements share: description, intervals and refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy.stats as sp
from statsmodels.stats.proportion import proportion_confint

from workbench.language import Counted, Message
from workbench.stats.noise import spread_out
from workbench.stats.pairs import Pairs
from workbench.stats.result import Interval, Number, Refusal, Result, Sentence, rounded
from workbench.stats.wording import Labels


def t_interval(mean: float, se: float, df: float, level: float) -> Interval:
    """Return a t interval."""
    reach = float(sp.t.ppf(0.5 + level / 2, df) * se)
    return Interval(mean - reach, mean + reach, level, "t")


def share_interval(count: int, n: int, level: float, method: str) -> Interval:
    """Return an interval of a share: ``wilson`` or, exact, ``beta`` (Clopper and Pearson)."""
    low, high = proportion_confint(count, n, alpha=1 - level, method=method)
    return Interval(float(low), float(high), level, method)


def correlation(pairs: Pairs) -> float | None:
    """Return the correlation of both measurements; None where one does not vary."""
    if not (spread_out(pairs.before) and spread_out(pairs.after)):
        return None
    return float(np.corrcoef(pairs.before, pairs.after)[0, 1])


def described(pairs: Pairs) -> dict[str, Number]:
    """Return what describes the pairs, before any test."""
    if pairs.n == 0:
        return {"n": 0}
    several = pairs.n > 1
    return {
        "n": pairs.n,
        "mean_base": float(pairs.before.mean()),
        "mean_followup": float(pairs.after.mean()),
        "mean_difference": float(pairs.change.mean()),
        "median_difference": float(np.median(pairs.change)),
        "sd_base": float(pairs.before.std(ddof=1)) if several else None,
        "sd_followup": float(pairs.after.std(ddof=1)) if several else None,
        "sd_difference": float(pairs.change.std(ddof=1)) if several else None,
        "correlation": correlation(pairs),
    }


def no_pairs(pairs: Pairs, labels: Labels) -> Refusal | None:
    """Return the refusal of two waves without a unit in common."""
    if pairs.n:
        return None
    return Refusal(
        "no_common_units",
        Message("The change cannot be computed."),
        Message(
            "None of the {nouns} was measured both in {before} and in {after}.", **labels.values
        ),
        Message(
            "The average of each round can be compared, knowing that they are different {nouns}.",
            **labels.values,
        ),
    )


def no_variation(pairs: Pairs, labels: Labels) -> Refusal | None:
    """Return the refusal of changes that are all the same."""
    change = pairs.change
    if pairs.n < 2 or np.ptp(change) > 0:
        return None
    what: Sentence
    if change[0] == 0:
        what = Counted(
            "The one of the {nouns} that was measured both times did not change.",
            "None of the {n} {nouns} changed.",
            pairs.n,
            nouns=labels.nouns,
        )
    else:
        what = Message(
            "All {nouns} changed by the same {change} {unit}.",
            change=rounded(float(change[0])),
            **labels.values,
        )
    return Refusal(
        "no_variation",
        what,
        Message("Where nothing varies there is no test."),
        Message("The count says all there is to say."),
    )


def refused(
    question: str,
    method: Sentence,
    pairs: Pairs,
    refusal: Refusal,
    details: dict[str, Number],
    *,
    family: str = "change",
) -> Result:
    """Return a result that holds a refusal and what can be described."""
    frame = pd.DataFrame(
        {"before": pairs.before, "after": pairs.after, "change": pairs.change},
        index=pd.Index(pairs.units, name="unit"),
    )
    return Result(
        question,
        family,
        pairs.n,
        method,
        design="paired",
        dropped=pairs.dropped,
        refusal=refusal,
        details=details,
        tables={"changes": frame},
        fingerprint=pairs.fingerprint,
    )
