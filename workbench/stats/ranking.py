"""Places that are compatible with the data, where every score has a standard error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd
import scipy.stats as sp
from scipy import special

from workbench.language import Counted, Message
from workbench.stats.families import holm
from workbench.stats.measured import Floats, left_out, numeric, once, row
from workbench.stats.rank_sets import (
    drawn_places,
    marginal_sets,
    ranges_apart,
    simultaneous_set,
    studentised,
)
from workbench.stats.result import (
    Effect,
    Interval,
    Number,
    Refusal,
    Result,
    Sentence,
    fingerprint,
    rounded,
)
from workbench.stats.sizes import Sizes, too_few
from workbench.stats.wording import PLAIN, Labels

# Sets by resampling for every unit take units squared times replicates steps; beyond this only the
# unit that is asked about gets its own.
SETS_UP_TO = 200
METHOD = Message("pairwise z tests with Holm's adjustment")


def rank_ranges(
    scores: pd.Series,
    std_errors: pd.Series | None,
    *,
    unit: str | None = None,
    direction: Literal[1, -1] = 1,
    top: int = 3,
    level: float = 0.95,
    replicates: int = 2000,
    draws: int = 100_000,
    seed: int = 20250101,
    labels: Labels = PLAIN,
    names: Mapping[str, object] | None = None,
    sizes: Sizes | None = None,
) -> Result:
    """Return which places of a ranking are compatible with the data.

    Parameters
    ----------
    scores : Series of float
        One number a unit, indexed by code.
    std_errors : Series of float or None
        Standard error of each score, from a sample, raters or a reliability. Errors of different
        units are taken as independent. None where there are none: the question is refused.
    unit : str, optional
        Code of the unit that is asked about: its place and range become the estimate.
    direction : {1, -1}
        -1 where less is better.
    top : int
        The first so many places, whose probability is given.
    level : float
        Of ranges, simultaneous for all units unless said otherwise.
    replicates : int
        Of the resampled sets.
    draws : int
        Of the distribution of places; fewer for many units.
    seed : int
    labels : Labels
    names : mapping, optional
        How units are called in sentences, by code.
    sizes : mapping, optional

    Returns
    -------
    Result
        Estimate: place of the unit (ties share the best) with its simultaneous range by Holm, or
        without a unit how many pairs can be told apart. Table ``units``: ``rank``, ``holm_low``,
        ``holm_high``, ``unadjusted_low`` and ``_high`` (each pair at the level), ``expected_rank``,
        ``csranks_simultaneous_low`` and ``_high``, ``csranks_marginal_low`` and ``_high`` (for one
        unit alone), ``mc_rank_median``, ``mc_rank_low`` and ``_high``, ``mc_prob_top``, and
        ``compare_low``, ``compare_high``: bars for comparing a pair by eye. Table ``pairs``: z and
        p of each pair, unless there are more than 200 units.

    Notes
    -----
    A unit's range runs from 1 + units that score better by a test to all - units that score worse
    by one. Sets by resampling: the step-down method with the quantile of the largest studentised
    difference (Mogstad, Romano, Shaikh and Wilhelm 2024, doi:10.1093/restud/rdad006).
    Expected place: 1 + sum of P(another's true score is better), normal errors. Bars of 1.39
    standard errors: those of two units with equal errors overlap unless the two differ at 5 %
    (Goldstein and Spiegelhalter 1996); they say nothing about a place.

    The distribution of places comes from scores drawn around the observed ones, which spreads
    them: it is wider in the middle than the truth allows, and is given beside, not as the range.

    Raises
    ------
    ValueError
        If a code stands twice or a standard error is negative.
    """
    field = _field(scores, std_errors)
    n = len(field)
    dropped = (left_out(len(scores) - n, labels),) if len(scores) > n else ()
    details: dict[str, Number] = {"n": n}
    called = unit if unit is None else (names or {}).get(unit, unit)
    refusal = _refusal(field, unit, called, std_errors, sizes)
    if refusal is not None:
        return Result(
            "rank_ranges",
            "groups",
            n,
            METHOD,
            design="scores with standard errors",
            dropped=dropped,
            reading="none" if std_errors is None else "measurement",
            unit="places",
            refusal=refusal,
            details=details,
            tables={"units": field},
            fingerprint=fingerprint(field.index, field["score"]),
        )
    x, se = direction * field["score"].to_numpy(), field["se"].to_numpy()
    holm, plain = ranges_apart(x, se, level), ranges_apart(x, se, level, adjusted=False)
    # Goldstein and Spiegelhalter count with 1.96, not with more digits of it.
    multiplier = float(np.round(sp.norm.ppf(0.5 + level / 2), 2) / np.sqrt(2))
    units = field.assign(
        rank=sp.rankdata(-x, method="min").astype(int),
        holm_low=holm.low,
        holm_high=holm.high,
        unadjusted_low=plain.low,
        unadjusted_high=plain.high,
        expected_rank=_expected(x, se),
        compare_low=field["score"] - multiplier * field["se"],
        compare_high=field["score"] + multiplier * field["se"],
    )
    rng = np.random.default_rng(seed)
    units = units.join(_resampled(x, se, units.index, unit, level, replicates, rng))
    used = max(2000, min(draws, 10_000_000 // n))
    units = units.join(drawn_places(x, se, units.index, top, level, used, rng))
    details |= {
        "critical_pairs_holm": holm.pairs,
        "critical_pairs_unadjusted": plain.pairs,
        "pairs": n * (n - 1) // 2,
        "goldstein_spiegelhalter_multiplier": multiplier,
        "average_z_for_pairwise5": _average_z(se, level),
        "draws": used,
        "top": top,
    }
    interval: Interval | None = None
    effects: tuple[Effect, ...] = ()
    estimate = float(holm.pairs)
    if unit is not None:
        own = row(units, unit)
        estimate = own["rank"]
        interval = Interval(own["holm_low"], own["holm_high"], level, "Holm")
        effects = (
            Effect("expected_rank", own["expected_rank"]),
            Effect(f"probability_top_{top}", own["mc_prob_top"]),
        )
        details |= {name: value for name, value in own.items() if np.isfinite(value)}
    return Result(
        "rank_ranges",
        "groups",
        n,
        METHOD,
        design="scores with standard errors",
        dropped=dropped,
        conventions=(
            "ranges hold for all units at once; csranks_marginal_* for one unit alone",
            "places that are shared take the best of them",
        ),
        reading="measurement",
        estimate=estimate,
        unit="pairs" if unit is None else "places",
        interval=interval,
        effects=effects,
        sentences=_sentences(n, details, called, labels),
        details=details,
        tables={"units": units}
        | ({"pairs": _named(_pairs(x, se, level), units)} if n <= SETS_UP_TO else {}),
        seed=seed,
        replicates=replicates,
        fingerprint=fingerprint(field.index, field["score"], field["se"]),
    )


# -- parts ------------------------------------------------------------------------------------


def _field(scores: pd.Series, std_errors: pd.Series | None) -> pd.DataFrame:
    """Return scores and standard errors of the units that have both, in the order of codes."""
    once(scores.index)
    frame = pd.DataFrame({"score": numeric(scores, "scores")})
    if std_errors is None:
        frame["se"] = np.nan
    else:
        once(std_errors.index)
        errors = numeric(std_errors, "std_errors")
        if (errors < 0).any():
            wrong = errors.index[errors < 0][0]
            raise ValueError(f"std_errors: {wrong} has a negative one")
        frame["se"] = errors.reindex(frame.index)
    frame.index = pd.Index(frame.index.map(str), name="unit")
    needed = ["score"] if std_errors is None else ["score", "se"]
    known: pd.DataFrame = frame.loc[np.isfinite(frame[needed].to_numpy()).all(axis=1)]
    return known.sort_index()


def _pairs(x: Floats, se: Floats, level: float) -> pd.DataFrame:
    """Return every pair with its z, p, and whether it differs before and after Holm."""
    i, j = np.triu_indices(len(x), 1)
    z = studentised(x[i] - x[j], np.hypot(se[i], se[j]))
    p = 2 * special.ndtr(-np.abs(z))
    alpha = 1 - level
    adjusted = holm(p)
    return pd.DataFrame(
        {
            "first": i,
            "second": j,
            "z": z,
            "p": p,
            "p_adjusted": adjusted,
            "unadjusted": p < alpha,
            "holm": adjusted < alpha,
        }
    )


def _expected(x: Floats, se: Floats) -> Floats:
    """Return expected places, with normal and independent errors."""
    z = studentised(x[None, :] - x[:, None], np.hypot(se[None, :], se[:, None]))
    chance = special.ndtr(z)
    np.fill_diagonal(chance, 0.0)
    return np.asarray(1 + chance.sum(axis=1), dtype=np.float64)


def _average_z(se: Floats, level: float) -> float | None:
    """Return the multiplier at which bars of a pair touch at the level, on average over pairs."""
    i, j = np.triu_indices(len(se), 1)
    total = se[i] + se[j]
    if not (total > 0).any():
        return None
    ratio = np.hypot(se[i], se[j])[total > 0] / total[total > 0]
    return float(sp.norm.ppf(0.5 + level / 2) * ratio.mean())


def _resampled(
    x: Floats,
    se: Floats,
    units: pd.Index,
    unit: str | None,
    level: float,
    replicates: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return the resampled sets, for all units or, where they are many, for the one asked about."""
    n = len(x)
    names = [f"csranks_{kind}_{end}" for kind in ("simultaneous", "marginal") for end in _ENDS]
    frame = pd.DataFrame(np.nan, index=units, columns=pd.Index(names))
    noise = rng.standard_normal((replicates, n)) * se
    if n <= SETS_UP_TO:
        low, high = simultaneous_set(x, se, noise, level)
        frame[names[0]], frame[names[1]] = low, high
        wanted = np.arange(n)
    elif unit is not None:
        wanted = np.flatnonzero(units == unit)
    else:
        return frame
    low, high = marginal_sets(x, se, noise, level, wanted)
    frame.iloc[wanted, 2], frame.iloc[wanted, 3] = low, high
    return frame


_ENDS = ("low", "high")


def _named(pairs: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Return pairs with the codes of their units."""
    codes = units.index.to_numpy()
    return pairs.assign(first=codes[pairs["first"]], second=codes[pairs["second"]])


def _refusal(
    field: pd.DataFrame,
    unit: str | None,
    called: object,
    std_errors: pd.Series | None,
    sizes: Sizes | None,
) -> Refusal | None:
    """Return why no range of places can be given."""
    what = Message("Which places are compatible with the data cannot be computed.")
    if std_errors is None:
        why = Message("The scores have no standard error: nothing says how far chance moves them.")
        instead = Message("What other weights and rules would do to the places can be computed.")
        return Refusal("no_error", what, why, instead)
    if unit is not None and unit not in field.index:
        why = Message("{name} has no score with a standard error.", name=called)
        return Refusal("not_measured", what, why, Message("The places of the others can be shown."))
    few_units = too_few(
        len(field), "ranked_units", what, Message("The scores can be listed."), sizes
    )
    if few_units is None and not (field["se"] > 0).any():
        why = Message("All standard errors are 0.")
        instead = Message("The places by score can be shown as they are.")
        return Refusal("no_error", what, why, instead)
    return few_units


def _sentences(
    n: int, details: dict[str, Number], called: object, labels: Labels
) -> tuple[Sentence, ...]:
    """Return the range of a unit's places, or how many pairs can be told apart, in words."""
    if called is None:
        told = Counted(
            "Of {all} pairs of {nouns}, {n} can be put in order with these data.",
            "Of {all} pairs of {nouns}, {n} can be put in order with these data.",
            int(details["critical_pairs_holm"] or 0),
            all=rounded(details["pairs"] or 0, 0),
            **labels.values,
        )
        return (told,)
    values = {
        **labels.values,
        "name": called,
        "all": rounded(n, 0),
        "place": rounded(details["rank"] or 0, 0),
        "low": rounded(details["holm_low"] or 0, 0),
        "high": rounded(details["holm_high"] or 0, 0),
    }
    if details["holm_low"] == details["holm_high"]:
        sure = Message(
            "By {outcome}, {name} is in place {place} of {all}, and these data are compatible with "
            "no other place.",
            **values,
        )
        return (sure,)
    place = Message(
        "By {outcome}, {name} is in place {place} of {all}, but these data are compatible with any "
        "place from {low} to {high}.",
        **values,
    )
    return (place,)
