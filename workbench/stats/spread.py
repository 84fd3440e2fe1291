"""Whether groups of units differ in spread."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import scipy.optimize as opt
import scipy.special as special

from workbench.language import Message
from workbench.stats.grouped import (
    Grouped,
    Names,
    constant,
    described,
    grouped,
    shown,
)
from workbench.stats.pairs import Floats
from workbench.stats.pairwise import spreads
from workbench.stats.result import (
    Interval,
    Refusal,
    Result,
    Sentence,
    Test,
    Verdict,
    rounded,
    verdict_of,
)
from workbench.stats.sizes import Sizes, default_sizes, few, too_few
from workbench.stats.wording import PLAIN, Labels

METHOD = Message("Brown-Forsythe; ratio of standard deviations with Bonett's interval")


def spread(
    values: pd.Series,
    groups: pd.Series,
    *,
    group: object = None,
    reference: object = None,
    level: float = 0.95,
    labels: Labels = PLAIN,
    names: Names | None = None,
    sizes: Sizes | None = None,
) -> Result:
    """Return whether groups of units differ in spread (Brown-Forsythe, ratio of deviations).

    Parameters
    ----------
    values, groups, level, labels, names, sizes
        As of :func:`two_groups`.
    group, reference : object, optional
        Two groups to compare. Without them all are tested, and the ratio is that of the widest to
        the narrowest.

    Returns
    -------
    Result
        Estimate: the ratio of standard deviations; its interval; the tests of Brown and Forsythe
        and of Fligner and Killeen; ``tables["groups"]``.

    Notes
    -----
    The interval is that of :func:`deviation_ratio`. The widest and the narrowest of k groups were
    picked by what they show: their interval has the level ``1 - (1 - level) / m`` with m pairs.
    """
    data = grouped(values, groups, labels, names=names)
    compared = data.levels if group is None else (group, reference)
    parts = {shown(name): data.part(data.code_of(name)) for name in compared}
    called = {shown(name): data.name(name) for name in compared}
    least = int((sizes or default_sizes())["two_groups"].refuse)
    tested = {n: part for n, part in parts.items() if len(part) >= least and not constant(part)}
    table = pd.DataFrame({name: described(part) for name, part in parts.items()}).T
    table = table.rename_axis("group")
    if len(tested) < 2 or (group is not None and len(tested) < len(parts)):
        refusal = _refusal(parts, called, least, labels)
        return Result(
            "spread",
            "spread",
            len(data.values),
            METHOD,
            design="independent",
            dropped=data.dropped,
            unit="ratio",
            refusal=refusal,
            details={"n": len(data.values)},
            tables={"groups": table},
            fingerprint=data.fingerprint,
        )
    table["tested"] = [name in tested for name in parts]
    pairs = 1 if group is not None else len(list(combinations(tested, 2)))
    by_width = sorted(tested, key=lambda name: float(tested[name].std()))
    wide, narrow = (by_width[-1], by_width[0]) if group is None else tuple(tested)
    out = tuple(
        Message(
            "“{group}” is left out: too few {nouns}, or all alike.",
            group=called[name],
            nouns=labels.nouns,
        )
        for name in parts
        if name not in tested
    )
    warnings = (*out, *few(min(map(len, tested.values())), "two_groups", sizes))
    return _compared(data, tested, (wide, narrow), pairs, called, table, level, labels, warnings)


def _compared(
    data: Grouped,
    tested: dict[str, Floats],
    pair: tuple[str, str],
    pairs: int,
    called: dict[str, object],
    table: pd.DataFrame,
    level: float,
    labels: Labels,
    warnings: tuple[Sentence, ...],
) -> Result:
    """Return the comparison of spreads that can be compared."""
    x, y = (tested[name] for name in pair)
    found = spreads(list(tested.values()))
    low, high = deviation_ratio(x, y, 1 - (1 - level) / pairs)
    ratio = float(x.std(ddof=1) / y.std(ddof=1))
    interval = Interval(low, high, level, "Bonett")
    verdict = verdict_of(interval, null=1.0)
    df = (float(len(tested) - 1), float(sum(map(len, tested.values())) - len(tested)))
    tests = tuple(
        Test(name, statistic, degrees, p)
        for name, degrees, statistic, p in (
            ("Brown-Forsythe F", df, found["brown_forsythe_F"], found["brown_forsythe_p"]),
            ("Fligner-Killeen", df[:1], found["fligner_chi2"], found["fligner_p"]),
        )
        if p is not None
    )
    return Result(
        "spread",
        "spread",
        sum(map(len, tested.values())),
        METHOD,
        design="independent",
        dropped=data.dropped,
        conventions=(
            "distances from the median (Brown and Forsythe)",
            f"interval of the ratio allows for {pairs} pairs",
        ),
        estimate=ratio,
        unit="ratio",
        interval=interval,
        test=tests[0] if tests else None,
        tests=tests[1:],
        verdict=verdict,
        warnings=warnings,
        sentences=(_sentence(pair, called, ratio, interval, verdict, labels),),
        details={
            "n": sum(map(len, tested.values())),
            "n_pairs": pairs,
            **found,
            "sd_ratio": ratio,
            "sd_ratio_ci_low": low,
            "sd_ratio_ci_high": high,
        },
        tables={"groups": table},
        fingerprint=data.fingerprint,
    )


@dataclass(frozen=True, slots=True)
class _Moments:
    """What the interval of a ratio of deviations needs of a sample."""

    n: int
    variance: float
    fourth: float

    @property
    def normal(self) -> float:
        """Part of the kurtosis that the estimated variance takes up."""
        return (self.n - 3) / self.n


def _moments(values: Floats) -> _Moments:
    """Return size, variance and fourth power about the trimmed mean."""
    n = len(values)
    trim = 0.5 if n <= 5 else 0.5 / np.sqrt(n - 4)
    ordered, cut = np.sort(values), int(n * trim)
    centre = np.median(values) if trim >= 0.5 else ordered[cut : n - cut].mean()
    return _Moments(n, float(values.var(ddof=1)), float(((values - centre) ** 4).sum()))


def deviation_ratio(x: Floats, y: Floats, level: float) -> tuple[float, float]:
    """Return the interval of the ratio of two standard deviations, for any distribution.

    Notes
    -----
    Ratios ``r`` for which ``|ln(c s_x^2 / s_y^2) - 2 ln r| <= z se(r)``, with ``se^2 = (g -
    k_x)/(n_x - 1) + (g - k_y)/(n_y - 1)``, ``k = (n - 3)/n``, ``c = n_x (n_y - z) / (n_y (n_x -
    z))``, and the kurtosis pooled under the ratio, ``g = n (a_x + r^4 a_y) / ((n_x - 1) s_x^2 + r^2
    (n_y - 1) s_y^2)^2``, ``a`` the fourth powers about the mean trimmed by ``1 / (2 sqrt(n - 4))``
    (Bonett 2006, as mended by Banga and Fox 2013). Ratios of variances by F hold for normal
    distributions only.
    """
    a, b = _moments(x), _moments(y)
    z = float(special.ndtri(0.5 + level / 2))
    skew = a.n * (b.n - z) / (b.n * (a.n - z))
    centre = np.log(skew * a.variance / b.variance) / 2

    def reach(log_ratio: float) -> float:
        square = np.exp(2 * log_ratio)
        total = ((a.n - 1) * a.variance + square * (b.n - 1) * b.variance) ** 2
        kurtosis = (a.n + b.n) * (a.fourth + square**2 * b.fourth) / total
        parts = (kurtosis - a.normal) / (a.n - 1) + (kurtosis - b.normal) / (b.n - 1)
        return float(z * np.sqrt(max(parts, 0.0)) / 2)

    def end(side: int) -> float:
        def gap(distance: float) -> float:
            return distance - reach(centre + side * distance)

        far = 1.0
        while gap(far) < 0 and far < 300:
            far *= 2
        return float(np.exp(centre + side * opt.brentq(gap, 0.0, far, xtol=1e-13)))

    return end(-1), end(1)


def _refusal(
    parts: dict[str, Floats], called: dict[str, object], least: int, labels: Labels
) -> Refusal:
    """Return why spreads can't be compared."""
    what = Message("Whether the groups differ in spread cannot be tested.")
    instead = Message("The values of each group can be listed.")
    short = [name for name, part in parts.items() if len(part) < least]
    if short:
        shortest = min(short, key=lambda name: len(parts[name]))
        refused = too_few(len(parts[shortest]), "two_groups", what, instead)
        if refused is not None:
            return refused
    alike = [name for name, part in parts.items() if constant(part)]
    if alike:
        why = Message(
            "All {nouns} of “{group}” have the same value.",
            nouns=labels.nouns,
            group=called[alike[0]],
        )
        return Refusal("no_variation", what, why, instead)
    return Refusal("too_few_groups", what, Message("There are fewer than two groups."), instead)


def _sentence(
    pair: tuple[str, str],
    called: dict[str, object],
    ratio: float,
    interval: Interval,
    verdict: Verdict,
    labels: Labels,
) -> Sentence:
    """Return which group is more spread out, in words."""
    values = {
        "outcome": labels.outcome,
        "nouns": labels.nouns,
        "group": called[pair[0]],
        "other": called[pair[1]],
        "ratio": rounded(ratio),
        "low": rounded(interval.low),
        "high": rounded(interval.high),
    }
    match verdict:
        case Verdict.POSITIVE:
            return Message(
                "In {outcome} the {nouns} of “{group}” are more spread out than those of "
                "“{other}”: {ratio} times (probably between {low} and {high}).",
                **values,
            )
        case Verdict.NEGATIVE:
            return Message(
                "In {outcome} the {nouns} of “{group}” are less spread out than those of "
                "“{other}”: {ratio} times (probably between {low} and {high}).",
                **values,
            )
    return Message(
        "Whether in {outcome} the {nouns} of “{group}” or those of “{other}” are more spread out "
        "cannot be told from these data (probably {low} to {high} times).",
        **values,
    )
