"""Intervals by drawing units again: for any statistic that has no formula."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import scipy.special as special
import scipy.stats as sp

from workbench.language import Counted, Message
from workbench.stats.measured import numeric, numeric_frame, once
from workbench.stats.noise import grain, settled
from workbench.stats.pairs import Floats
from workbench.stats.result import (
    Dropped,
    Interval,
    Number,
    Refusal,
    Result,
    Sentence,
    fingerprint,
    rounded,
    verdict_of,
)
from workbench.stats.sizes import Sizes, default_sizes, too_few
from workbench.stats.wording import PLAIN, Labels

Statistic = Callable[[Floats], Floats]
REPLICATES = 19_999
SEED = 20260101
# Values drawn at a time.
_CELLS = 4_000_000
# Below so many different values among the replicates a statistic is lumpy.
_FEW_VALUES = 50
# Share of replicates equal to the estimate beyond which they count by half.
_LUMPY = 0.05


def trimmed_mean(share: float = 0.2) -> Statistic:
    """Return the mean without a share of the smallest and of the largest values, rounded down.

    Parameters
    ----------
    share : float
        Left out at each end, below 0.5.
    """

    def statistic(sample: Floats) -> Floats:
        n = sample.shape[-1]
        cut = int(n * share)
        return np.asarray(np.sort(sample, axis=-1)[..., cut : n - cut].mean(axis=-1))

    return statistic


_NAMES = {
    "mean": Message("mean"),
    "median": Message("median"),
    "sd": Message("standard deviation"),
    "trimmed_mean": Message("trimmed mean"),
}
_STATISTICS: dict[str, Statistic] = {
    "mean": lambda sample: np.asarray(sample.mean(axis=-1)),
    "median": lambda sample: np.asarray(np.median(sample, axis=-1)),
    "sd": lambda sample: np.asarray(sample.std(axis=-1, ddof=1)),
    "trimmed_mean": trimmed_mean(),
}


def bootstrap(
    measured: pd.Series | pd.DataFrame,
    statistic: str | Statistic = "mean",
    *,
    null: float | None = None,
    level: float = 0.95,
    replicates: int = REPLICATES,
    seed: int = SEED,
    family: str = "change",
    labels: Labels = PLAIN,
    sizes: Sizes | None = None,
) -> Result:
    """Return a statistic of units with its interval, by drawing units again (BCa).

    Parameters
    ----------
    measured : Series or DataFrame of float
        One row a unit, by code; several columns are drawn together. A row with a gap is left out.
    statistic : {"mean", "median", "sd", "trimmed_mean"} or callable
        A callable gets arrays of shape (draws, units), of a frame (draws, units, columns), and
        returns one number a draw, shape (draws,).
    null : float, optional
        Value that means no difference; with one there is a verdict.
    level : float
    replicates, seed : int
    family : str
        Of the words of the verdict.
    labels, sizes
        As of :func:`mean_change`.

    Returns
    -------
    Result
        Estimate, and the expanded BCa interval from 60 units on (``sizes: bootstrap``), never of a
        deviation. ``details``: ``expanded_low``, ``bca_low`` (as R gives it), ``percentile_low``,
        ``basic_low``, ``boot_se``, ``jackknife_acceleration``, ``bias_correction``, and so on.

    Raises
    ------
    ValueError
        If the statistic is unknown, or does not give one number a draw.

    Notes
    -----
    Efron (1987): ``z0`` from the share of replicates below the estimate, as the R package boot has
    it (``bca_strict_low``). Of a lumpy statistic, with more than a twentieth of the replicates
    equal to the estimate, this can leave the estimate out: there ties count by half
    (``bca_mid_low``). The acceleration is that of the jackknife, ``sum d^3 / (6 (sum d^2)^1.5)``,
    ``d`` the mean of the values without one unit less each. Quantiles are interpolated on the
    normal scale (Davison and Hinkley 1997, 5.8).

    Replicates vary by (n - 1) / n too little, and the normal quantiles of BCa know nothing of so
    few units. The interval of the result is expanded (Hesterberg 2015, section 5.3): where BCa has
    ``z`` it has ``t(n - 1) sqrt(n / (n - 1))``. Of skewed values with 10 to 40 units it still holds
    the truth 92 or 93 times of 100, so that below 60 none is given; that of a deviation 87 times
    with 10 and 93 with 100, so that none is given at all.
    """
    if isinstance(statistic, str) and statistic not in _STATISTICS:
        raise ValueError(f"statistic is {statistic!r}; expected one of {', '.join(_STATISTICS)}")
    computed = _STATISTICS[statistic] if isinstance(statistic, str) else statistic
    name = statistic if isinstance(statistic, str) else getattr(statistic, "__name__", "statistic")
    once(measured.index)
    known = numeric_frame(measured) if isinstance(measured, pd.DataFrame) else numeric(measured)
    whole = known.dropna().sort_index(key=lambda codes: codes.map(str))
    sample: Floats = np.asarray(whole, dtype=np.float64)
    gaps = len(measured) - len(whole)
    common: dict[str, Any] = {
        "question": "bootstrap",
        "family": family,
        "n": len(sample),
        "method": Message("BCa bootstrap: {name}", name=_NAMES.get(name, name)),
        "design": "one sample",
        "dropped": _gaps(gaps, labels),
        "fingerprint": fingerprint(whole.index, sample.ravel()),
    }
    refusal = too_few(
        len(sample),
        "bootstrap",
        Message("No interval can be found by drawing again."),
        Message("The values can be listed."),
        sizes,
    )
    if refusal is not None:
        return Result(**common, refusal=refusal, details={"n": len(sample)})
    estimate = float(_checked(computed(sample[None]), 1)[0])
    drawn = _replicates(sample, computed, replicates, seed)
    drawn = drawn[np.isfinite(drawn)]
    if not np.isfinite(estimate) or len(drawn) < replicates / 2 or drawn.min() == drawn.max():
        details: dict[str, Number] = {"n": len(sample)}
        return Result(**common, refusal=_no_variation(), details=details)
    details = _numbers(sample, computed, estimate, drawn, level)
    details |= {"n": len(sample), "replicates": replicates, "replicates_used": len(drawn)}
    short = _too_short(len(sample), name, level, sizes)
    interval = None if short else _interval(details, level)
    return Result(
        **common,
        conventions=(
            "replicates equal to the estimate count by half as below it"
            if (details["share_tied"] or 0.0) > _LUMPY
            else "replicates equal to the estimate do not count as below it",
        ),
        estimate=estimate,
        interval=interval,
        verdict=None if null is None or interval is None else verdict_of(interval, null=null),
        warnings=short or _lumpy(drawn, replicates),
        sentences=(_sentence(estimate, interval, len(sample), labels),),
        details=details,
        seed=seed,
        replicates=replicates,
    )


def _interval(details: dict[str, Number], level: float) -> Interval:
    """Return the interval that is reported."""
    low, high = (float(details[f"expanded_{end}"] or 0.0) for end in ("low", "high"))
    return Interval(low, high, level, "expanded BCa")


def _sentence(estimate: float, interval: Interval | None, n: int, labels: Labels) -> Sentence:
    """Return the estimate in words, with its interval where there is one."""
    if interval is None:
        return Message(
            "In {outcome}, the value for {n} {nouns} is {estimate}.",
            n=rounded(n, 0),
            estimate=rounded(estimate),
            **labels.values,
        )
    return Message(
        "In {outcome}, the value for {n} {nouns} is {estimate} (probably between {low} and "
        "{high}).",
        n=rounded(n, 0),
        estimate=rounded(estimate),
        low=rounded(interval.low),
        high=rounded(interval.high),
        **labels.values,
    )


def _too_short(n: int, name: str, level: float, sizes: Sizes | None) -> tuple[Sentence, ...]:
    """Return why no interval is given: it would hold the truth less often than it says."""
    if name == "sd":
        return (
            Message(
                "Drawn again, the interval of a deviation holds the truth less often than in "
                "{level} of 100 samples: none is given.",
                level=rounded(100 * level, 0),
            ),
        )
    least = (sizes or default_sizes())["bootstrap"].warn
    if n >= least:
        return ()
    text = Message(
        "Drawn again from {n} cases only, an interval holds the truth less often than in {level} "
        "of 100 samples: none is given below {least}.",
        n=n,
        level=rounded(100 * level, 0),
        least=int(least),
    )
    return (text,)


def _checked(values: Floats, draws: int) -> Floats:
    """Return the values of a statistic, if there is one for each draw."""
    found = np.asarray(values, dtype=np.float64)
    if found.shape != (draws,):
        raise ValueError(
            f"the statistic gave shape {found.shape} for {draws} draws; expected ({draws},)"
        )
    return found


def _replicates(sample: Floats, computed: Statistic, replicates: int, seed: int) -> Floats:
    """Return the statistic of samples drawn with replacement, units as a whole."""
    rng = np.random.default_rng(seed)
    n = len(sample)
    step = max(1, _CELLS // sample.size)
    found = []
    for start in range(0, replicates, step):
        rows = min(step, replicates - start)
        found.append(_checked(computed(sample[rng.integers(0, n, (rows, n))]), rows))
    return np.concatenate(found)


def _numbers(
    sample: Floats, computed: Statistic, estimate: float, drawn: Floats, level: float
) -> dict[str, Number]:
    """Return error, bias and the intervals of replicates by each method."""
    n = len(sample)
    keep = ~np.eye(n, dtype=bool)
    places = np.broadcast_to(np.arange(n), (n, n))[keep].reshape(n, n - 1)
    step = max(1, _CELLS // sample.size)
    without = np.concatenate(
        [computed(sample[places[start : start + step]]) for start in range(0, n, step)]
    )
    distance = without.mean() - without
    # Their size is of no account, and the powers of very small ones would vanish.
    distance = distance / (np.abs(distance).max() or 1.0)
    squares = float((distance**2).sum())
    acceleration = float((distance**3).sum()) / (6 * squares**1.5) if squares else 0.0
    # Replicates of the same values in another order differ in their last digits.
    slack = 10.0 ** -grain(sample)
    below = float((drawn < estimate - slack).mean())
    ties = float((np.abs(drawn - estimate) <= slack).mean())
    ordered = np.sort(drawn)
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    low, high = _quantiles(ordered, tails)
    details: dict[str, Number] = {
        "estimate": estimate,
        "jackknife_acceleration": acceleration,
        "boot_se": float(drawn.std(ddof=1)),
        "bias": float(drawn.mean() - estimate),
        "percentile_low": low,
        "percentile_high": high,
        "basic_low": 2 * estimate - high,
        "basic_high": 2 * estimate - low,
    }
    shares = {"bca_strict": below, "bca_mid": below + ties / 2}
    shares["bca"] = shares["bca_mid" if ties > _LUMPY else "bca_strict"]
    details["share_tied"] = ties
    for name, share in shares.items():
        # None or all below would put the correction at infinity.
        share = float(np.clip(share, 0.5 / len(drawn), 1 - 0.5 / len(drawn)))
        correction = float(special.ndtri(share))
        moved = correction + special.ndtri(tails)
        low, high = _quantiles(
            ordered, special.ndtr(correction + moved / (1 - acceleration * moved))
        )
        details |= {f"{name}_low": low, f"{name}_high": high, f"{name}_bias_correction": correction}
        if name == "bca":
            wide = sp.t.ppf(tails, n - 1) * np.sqrt(n / (n - 1)) + correction
            low, high = _quantiles(
                ordered, special.ndtr(correction + wide / (1 - acceleration * wide))
            )
            details |= {"expanded_low": low, "expanded_high": high}
    return details


def _quantiles(ordered: Floats, at: Floats) -> tuple[float, float]:
    """Return two quantiles of sorted replicates, interpolated on the normal scale."""
    size = len(ordered)
    shares = special.ndtri(np.arange(1, size + 1) / (size + 1))
    low, high = np.interp(special.ndtri(at), shares, ordered)
    return float(low), float(high)


def _gaps(n: int, labels: Labels) -> tuple[Dropped, ...]:
    """Return the units with a gap, which are left out."""
    if not n:
        return ()
    why = Counted(
        "{n} of the {nouns} has no value of {outcome} and is left out.",
        "{n} of the {nouns} have no value of {outcome} and are left out.",
        n,
        nouns=labels.nouns,
        outcome=labels.outcome,
    )
    return (Dropped(n, why),)


def _lumpy(drawn: Floats, replicates: int) -> tuple[Sentence, ...]:
    """Return warnings about replicates without a value, or with few different ones."""
    found: list[Sentence] = []
    if len(drawn) < replicates:
        found.append(
            Message(
                "In {n} of {all} draws the value cannot be computed; the interval is that of the "
                "others.",
                n=rounded(replicates - len(drawn), 0),
                all=rounded(replicates, 0),
            )
        )
    different = len(np.unique(settled(drawn, grain(drawn))))
    if different < _FEW_VALUES:
        found.append(
            Message(
                "Drawing again gives {n} different values only: the interval is coarse.",
                n=rounded(different, 0),
            )
        )
    return tuple(found)


def _no_variation() -> Refusal:
    """Return the refusal of a statistic that does not vary, or has no value."""
    return Refusal(
        "no_variation",
        Message("No interval can be found by drawing again."),
        Message("The value is the same in every draw, or cannot be computed in most."),
        Message("The values can be listed."),
    )
