"""Shares of many units against what chance gives for their size (funnel)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy.special as special
import scipy.stats as sp
from statsmodels.stats.proportion import proportion_confint

from workbench.language import Counted, Message
from workbench.stats.measured import numeric, once
from workbench.stats.pairs import Floats
from workbench.stats.result import (
    Dropped,
    Interval,
    Number,
    Refusal,
    Result,
    Sentence,
    Test,
    Verdict,
    fingerprint,
    rounded,
)
from workbench.stats.sizes import Sizes, default_sizes
from workbench.stats.wording import PLAIN, Labels

METHOD = Message("Funnel of shares, exact binomial limits (Spiegelhalter 2005)")
LIMITS = {"95": 0.95, "998": 0.998}
# Share of the units that is drawn in at each end before the overdispersion is found.
WINSORISED = 0.10
# A share of fewer cases is not stated without its interval.
FEW_CASES = 20


def funnel(
    events: pd.Series,
    denominators: pd.Series,
    *,
    target: float | None = None,
    unit: str | None = None,
    labels: Labels = PLAIN,
    names: dict[str, object] | None = None,
    sizes: Sizes | None = None,
) -> Result:
    """Return which units lie outside what chance gives for their size.

    Parameters
    ----------
    events, denominators : Series of int
        Cases that have it, and all cases of the unit, by its code. A unit without a denominator is
        left out.
    target : float, optional
        Share (0 to 1) around which limits are drawn; that of all units together if left out.
    unit : str, optional
        The unit that the sentence and the verdict are about; all of them if left out.
    labels : Labels
    names : dict, optional
        How units are called in sentences, by code.
    sizes : mapping, optional

    Returns
    -------
    Result
        ``tables["units"]``, by code: ``n, p``, exact limits of 95 and 99.8 % and those widened for
        overdispersion (``wide_low95`` and so on), ``normal_low95``, ``z``, ``z_multiplicative``,
        ``z_additive``, p-values, intervals of the share by Clopper-Pearson and Wilson, and where it
        lies: ``flag95, flag998`` by the exact limits, ``flag95_wide, flag998_wide`` by the widened
        ones. ``details``: ``theta, phi_raw, phi_winsorised10, tau2_additive``.

    Raises
    ------
    ValueError
        If a count is not whole, or the target not between 0 and 1.

    Notes
    -----
    Limits interpolate the binomial quantiles (Spiegelhalter 2005, A.1.1): with ``r`` the smallest
    count with ``P(X <= r) >= p``, the limit is ``(r - (P(X <= r) - p) / P(X = r)) / n``.
    Overdispersion is the mean of the squared z after drawing in the outer tenths; where it exceeds
    1, limits stand ``sqrt(phi)`` times as far from the centre, and the text says so. With fewer
    than ten units it is not estimated. The additive variance is ``(I phi - (I - 1)) / (sum w - sum
    w^2 / sum w)``, ``w = 1 / se^2``.
    """
    frame, dropped = _cases(events, denominators, labels)
    if target is not None and not 0 < target < 1:
        raise ValueError(f"target is {target}; expected a share between 0 and 1")
    common: dict[str, Any] = {
        "question": "funnel",
        "family": "chance",
        "n": len(frame),
        "method": METHOD,
        "design": "units against a common share",
        "dropped": dropped,
        "unit": "share",
        "fingerprint": fingerprint(frame.index, frame["x"].to_numpy(), frame["n"].to_numpy()),
    }
    refusal = _refusal(frame, target, unit, labels)
    if refusal is not None:
        return Result(**common, refusal=refusal, details={"n": len(frame)})
    theta = float(frame["x"].sum() / frame["n"].sum()) if target is None else target
    least = (sizes or default_sizes())["funnel_units"].refuse
    over = _overdispersion(frame, theta, len(frame) >= least)
    table = _table(frame, theta, over)
    details: dict[str, Number] = {"n": len(frame), "theta": theta, **over.numbers}
    for name in ("95", "998"):
        for side in ("above", "below"):
            details[f"n_{side}{name}"] = int((table[f"flag{name}_wide"] == side).sum())
    answer = (
        _about_all(table, theta, details, labels)
        if unit is None
        else _about(table.loc[[unit]].iloc[0], (names or {}).get(unit, unit), labels)
    )
    return Result(
        **common,
        **answer,
        conventions=(
            "limits: exact binomial, interpolated",
            "centre: all units together" if target is None else "centre: target",
            "overdispersion after drawing in the outer tenths",
        ),
        warnings=(*_widened(over), *_small(frame, labels)),
        details=details,
        tables={"units": table},
    )


def _cases(
    events: pd.Series, denominators: pd.Series, labels: Labels
) -> tuple[pd.DataFrame, tuple[Dropped, ...]]:
    """Return counts of the units that have both, and who is left out."""
    for series in (events, denominators):
        once(series.index)
    counts = {"x": numeric(events, "events"), "n": numeric(denominators, "denominators")}
    frame = pd.DataFrame(counts).sort_index()
    known = frame["x"].notna() & (frame["n"] > 0)
    possible = (frame["x"] >= 0) & ~(frame["x"] > frame["n"])
    kept = frame[known & possible]
    if (kept != kept.round()).any(axis=None):
        raise ValueError("events and denominators are counts; expected whole numbers")
    unknown, impossible = int((~known).sum()), int((known & ~possible).sum())
    dropped = []
    if unknown:
        why = Counted(
            "Of {n} of the {nouns} the count or the number of cases is not known: it is left out.",
            "Of {n} of the {nouns} the count or the number of cases is not known: they are left "
            "out.",
            unknown,
            nouns=labels.nouns,
        )
        dropped.append(Dropped(unknown, why))
    if impossible:
        why = Counted(
            "{n} of the {nouns} counts more than it has cases: it is left out.",
            "{n} of the {nouns} count more than they have cases: they are left out.",
            impossible,
            nouns=labels.nouns,
        )
        dropped.append(Dropped(impossible, why))
    return kept, tuple(dropped)


def _refusal(
    frame: pd.DataFrame, target: float | None, unit: str | None, labels: Labels
) -> Refusal | None:
    """Return why no limits can be drawn."""
    what = Message("What chance gives cannot be computed.")
    instead = Message("The counts can be listed.")
    if unit is not None and unit not in frame.index:
        why = Message("The number of cases of the unit asked for is not known.")
        return Refusal("not_measured", what, why, instead)
    if target is None and len(frame) < 2:
        why = Message("There are no other {nouns} to take a common share from.", nouns=labels.nouns)
        return Refusal("too_few", what, why, instead)
    if target is None and frame["x"].sum() in (0, frame["n"].sum()):
        why = Message("All or none of the cases have it, everywhere.")
        return Refusal("no_variation", what, why, instead)
    if frame.empty:
        why = Message("The number of cases is not known anywhere.")
        return Refusal("not_measured", what, why, instead)
    return None


@dataclass(frozen=True, slots=True)
class _Overdispersion:
    """How much more units differ than chance gives: a factor of variance, or an added variance."""

    numbers: dict[str, Number]

    @property
    def factor(self) -> float:
        """Factor of the deviation, at least 1."""
        return float(np.sqrt(max(1.0, self.numbers["phi_winsorised10"] or 1.0)))

    @property
    def added(self) -> float:
        """Added variance of shares."""
        return self.numbers["tau2_additive"] or 0.0


def _overdispersion(frame: pd.DataFrame, theta: float, enough: bool) -> _Overdispersion:
    """Return the overdispersion, with enough units to know it."""
    if not enough:
        return _Overdispersion({"phi_raw": None, "phi_winsorised10": None, "tau2_additive": None})
    z, error = _z(frame, theta)
    low, high = np.quantile(z, [WINSORISED, 1 - WINSORISED])
    phi = float((np.clip(z, low, high) ** 2).mean())
    weight = 1 / error**2
    spare = len(z) * phi - (len(z) - 1)
    tau2 = max(0.0, float(spare / (weight.sum() - (weight**2).sum() / weight.sum())))
    return _Overdispersion(
        {"phi_raw": float((z**2).mean()), "phi_winsorised10": phi, "tau2_additive": tau2}
    )


def _z(frame: pd.DataFrame, theta: float) -> tuple[Floats, Floats]:
    """Return each unit's distance from the centre in standard errors, and these."""
    n = frame["n"].to_numpy()
    error = np.sqrt(theta * (1 - theta) / n)
    return (frame["x"].to_numpy() / n - theta) / error, error


def limits(n: Floats, theta: float, tail: float) -> Floats:
    """Return the interpolated binomial quantile of a share, by number of cases."""
    r = sp.binom.ppf(tail, n, theta)
    return np.asarray((r - (sp.binom.cdf(r, n, theta) - tail) / sp.binom.pmf(r, n, theta)) / n)


def widened(n: Floats, theta: float, tail: float, factor: float) -> Floats:
    """Return limits of a share that stand ``factor`` times as far from the centre, from 0 to 1."""
    return np.clip(theta + (limits(n, theta, tail) - theta) * factor, 0, 1)


def minlike(x: Floats, n: Floats, theta: float) -> Floats:
    """Return the exact p of each share: all counts at most as probable as the one observed.

    Notes
    -----
    As ``scipy.stats.binomtest``, for all units at once: the far end is found by halving, between
    the most probable count and the last one, where probabilities only fall.
    """
    seen = sp.binom.pmf(x, n, theta) * (1 + 1e-7)
    middle, up = n * theta, x < n * theta
    # Steps from the middle to the far side of it, at which the count is as rare as the one seen.
    first = np.where(up, np.ceil(middle), np.floor(middle))
    side = np.where(up, 1.0, -1.0)
    near, far = np.full(len(x), -1.0), np.where(up, n - first, first) + 1
    while (far - near > 1).any():
        half = np.floor((near + far) / 2)
        rare = sp.binom.pmf(first + side * half, n, theta) <= seen
        near, far = np.where(rare, near, half), np.where(rare, half, far)
    end = first + side * far
    below, above = np.where(up, x, end), np.where(up, end, x)
    both = sp.binom.cdf(below, n, theta) + sp.binom.sf(above - 1, n, theta)
    return np.asarray(np.where(x == middle, 1.0, np.minimum(1.0, both)), dtype=np.float64)


def _table(frame: pd.DataFrame, theta: float, over: _Overdispersion) -> pd.DataFrame:
    """Return everything about each unit."""
    x, n = frame["x"].to_numpy(), frame["n"].to_numpy()
    p = x / n
    z, error = _z(frame, theta)
    found: dict[str, object] = {"x": x.astype(int), "n": n.astype(int), "p": p}
    for name, level in LIMITS.items():
        tails = {"low": (1 - level) / 2, "high": (1 + level) / 2}
        for side, tail in tails.items():
            exact = limits(n, theta, tail)
            found[f"exact_{side}{name}"] = exact
            found[f"wide_{side}{name}"] = widened(n, theta, tail, over.factor)
            found[f"normal_{side}{name}"] = theta + float(special.ndtri(tail)) * error
        for kind, ending in (("exact", ""), ("wide", "_wide")):
            low, high = found[f"{kind}_low{name}"], found[f"{kind}_high{name}"]
            above_or_inside = np.where(p > high, "above", "inside")
            found[f"flag{name}{ending}"] = np.where(p < low, "below", above_or_inside)
    found["z"] = z
    found["z_multiplicative"] = z / np.sqrt(over.numbers["phi_winsorised10"] or np.nan)
    found["z_additive"] = z * error / np.sqrt(error**2 + over.added)
    tails_of = sp.binom.cdf(x, n, theta), sp.binom.sf(x - 1, n, theta)
    found["exact_p_minlike"] = minlike(x, n, theta)
    found["exact_p_doubled"] = np.minimum(1.0, 2 * np.minimum(*tails_of))
    for name, method in (("clopper", "beta"), ("wilson", "wilson")):
        low, high = proportion_confint(x, n, alpha=0.05, method=method)
        found[f"{name}_low"], found[f"{name}_high"] = np.asarray(low), np.asarray(high)
    return pd.DataFrame(found, index=frame.index.rename("unit"))


def _widened(over: _Overdispersion) -> tuple[Sentence, ...]:
    """Return what was done about differences beyond chance."""
    if over.numbers["phi_winsorised10"] is None:
        return (Message("With so few it is not known how much they differ beyond chance."),)
    if over.factor == 1:
        return ()
    return (
        Message(
            "They differ more among themselves than chance gives; the limits are {factor} times "
            "as wide for it.",
            factor=rounded(over.factor),
        ),
    )


def _small(frame: pd.DataFrame, labels: Labels) -> tuple[Sentence, ...]:
    """Return a warning about units of few cases."""
    n = int((frame["n"] < FEW_CASES).sum())
    if not n:
        return ()
    return (
        Counted(
            "{n} of the {nouns} has fewer than {few} cases: its share is shown with its interval "
            "only.",
            "{n} of the {nouns} have fewer than {few} cases: their shares are shown with their "
            "intervals only.",
            n,
            few=rounded(FEW_CASES, 0),
            nouns=labels.nouns,
        ),
    )


def _about_all(
    table: pd.DataFrame, theta: float, details: dict[str, Number], labels: Labels
) -> dict[str, Any]:
    """Return estimate and sentence about all units."""
    return {
        "estimate": theta,
        "sentences": (
            Counted(
                "In {outcome}, of {all} {nouns} {n} lies outside what chance gives around {theta} "
                "per 100 (limits of 99.8 %): {above} above, {below} below.",
                "In {outcome}, of {all} {nouns} {n} lie outside what chance gives around {theta} "
                "per 100 (limits of 99.8 %): {above} above, {below} below.",
                int((details["n_above998"] or 0) + (details["n_below998"] or 0)),
                all=rounded(len(table), 0),
                theta=rounded(100 * theta, 1),
                above=rounded(details["n_above998"] or 0, 0),
                below=rounded(details["n_below998"] or 0, 0),
                outcome=labels.outcome,
                nouns=labels.nouns,
            ),
        ),
    }


def _about(row: pd.Series, name: object, labels: Labels) -> dict[str, Any]:
    """Return estimate, interval, verdict and sentence about one unit."""
    verdict = {
        "above": Verdict.POSITIVE,
        "below": Verdict.NEGATIVE,
        "inside": Verdict.UNDETERMINED,
    }[row["flag95_wide"]]
    values = {
        "unit": name,
        "outcome": labels.outcome,
        "x": rounded(row["x"], 0),
        "cases": rounded(row["n"], 0),
        "share": rounded(100 * row["p"], 1),
        "low": rounded(100 * row["wide_low95"], 1),
        "high": rounded(100 * row["wide_high95"], 1),
    }
    match verdict:
        case Verdict.POSITIVE:
            text = Message(
                "In {outcome}, “{unit}” has {share} per 100 ({x} of {cases}): above what chance "
                "alone would give one of its size ({low} to {high}), worth a look.",
                **values,
            )
        case Verdict.NEGATIVE:
            text = Message(
                "In {outcome}, “{unit}” has {share} per 100 ({x} of {cases}): below what chance "
                "alone would give one of its size ({low} to {high}), worth a look.",
                **values,
            )
        case _:
            text = Message(
                "In {outcome}, “{unit}” has {share} per 100 ({x} of {cases}): within what chance "
                "alone would give one of its size ({low} to {high}).",
                **values,
            )
    return {
        "estimate": float(row["p"]),
        "interval": Interval(float(row["wilson_low"]), float(row["wilson_high"]), 0.95, "Wilson"),
        "verdict": verdict,
        "test": Test("binomial, exact", None, (), float(row["exact_p_minlike"])),
        "sentences": (text,),
    }
