"""Two groups in one wave: difference of means, shift, probability of superiority."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.special as special

from workbench.language import Counted, Message, half_up
from workbench.stats.correlation import biserial_interval
from workbench.stats.grouped import (
    NOT_AN_EFFECT,
    Grouped,
    Names,
    constant,
    described,
    grouped,
    no_variation,
)
from workbench.stats.noncentral import noncentrality, small_sample_factor
from workbench.stats.pairs import Floats
from workbench.stats.rank_sums import Ranked, exact_p, normal_p, ranked, shift, superiority
from workbench.stats.result import (
    Effect,
    Interval,
    Number,
    Refusal,
    Result,
    Sentence,
    Test,
    Verdict,
    rounded,
    verdict_of,
)
from workbench.stats.sizes import Sizes, few, too_few
from workbench.stats.wording import PLAIN, Labels

METHOD = Message("Welch t test; Mann-Whitney and Brunner-Munzel beside")


def two_groups(
    values: pd.Series,
    groups: pd.Series,
    *,
    group: object,
    reference: object = None,
    margin: float | None = None,
    level: float = 0.95,
    labels: Labels = PLAIN,
    names: Names | None = None,
    sizes: Sizes | None = None,
) -> Result:
    """Return how two groups of units differ in one wave (Welch t, ranks beside).

    Parameters
    ----------
    values : Series of float
        One number a unit, indexed by its code; missing where it was not measured.
    groups : Series
        Group of each unit, by code.
    group : object
        The group of interest; differences are this one less the other.
    reference : object, optional
        The other group; all other units if left out.
    margin : float, optional
        Smallest relevant difference, declared before the data were seen.
    level : float
        Of the intervals.
    labels : Labels
        What is compared, for sentences.
    names : mapping, optional
        How groups are called in sentences, by their value.
    sizes : mapping, optional
        Smallest sizes; the defaults if left out.

    Returns
    -------
    Result
        Estimate in points, its Welch interval; effects ``hedges_g`` and ``cohens_d`` (pooled
        deviation, interval by the noncentral t), ``prob_superiority`` (interval by log odds),
        ``cliffs_delta``, ``hl_shift``; the tests of Mann-Whitney and Brunner-Munzel in ``tests``.

    Notes
    -----
    The Mann-Whitney p is exact given the ties for small samples (:func:`rank_sums.exact_p`), else
    normal without continuity correction. ``details`` holds the numbers under other conventions.
    Differences are between groups that nobody drew at random: they are no effects.
    """
    data = grouped(values, groups, labels, names=names)
    at = data.code_of(group)
    others = data.codes != at if reference is None else data.codes == data.code_of(reference)
    pair = _Pair(
        data,
        data.part(at),
        data.values[others],
        data.name(group),
        Message("the others") if reference is None else data.name(reference),
        labels,
    )
    refusal = too_few(
        pair.smaller,
        "two_groups",
        Message("The groups “{group}” and “{other}” cannot be tested.", **pair.names),
        Message("The values of the smaller group can be listed."),
        sizes,
    )
    if refusal is None and constant(pair.x) and constant(pair.y):
        refusal = no_variation(labels)
    if refusal is not None:
        return _refused(pair, refusal)
    return _compared(pair, margin, level, few(pair.smaller, "two_groups", sizes))


@dataclass(frozen=True, slots=True)
class _Pair:
    """The values of two groups, and how they are called."""

    data: Grouped
    x: Floats
    y: Floats
    group: object
    other: object
    labels: Labels

    @property
    def smaller(self) -> int:
        """Units of the smaller group."""
        return min(len(self.x), len(self.y))

    @property
    def names(self) -> dict[str, object]:
        """How the groups are called, as values of a message."""
        return {"group": self.group, "other": self.other}


def _compared(
    pair: _Pair, margin: float | None, level: float, warnings: tuple[Sentence, ...]
) -> Result:
    """Return the comparison of two groups that can be tested."""
    means = _means(pair)
    interval, narrow = _interval(means, level), _interval(means, 0.90)
    verdict = verdict_of(interval, narrow=narrow, margin=margin)
    standard = _standardised(pair, means["student_t"], level)
    order = ranked(pair.x, pair.y)
    ranks, rank_effects, rank_tests = _by_ranks(order, level)
    if ranks["brunner_munzel_p"] is None:
        warnings += (Message("The groups do not overlap: ranks give no interval."),)
    exact = ranks["mwu_p_exact_conditional"] is not None
    return Result(
        "two_groups",
        "groups",
        len(pair.x) + len(pair.y),
        METHOD,
        design="independent",
        dropped=pair.data.dropped,
        conventions=(
            "difference: group of interest less the other",
            "equal variances are not assumed",
            "standardised by the pooled deviation, with Hedges' exact factor",
            "Mann-Whitney exact given ties, two-sided by distance from its mean"
            if exact
            else "Mann-Whitney normal without continuity correction",
        ),
        estimate=means["difference"],
        interval=interval,
        effects=(*_effects(standard, level), *rank_effects),
        test=Test("Welch t", means["welch_t"], (means["welch_df"],), means["welch_p"]),
        tests=rank_tests,
        margin=margin,
        verdict=verdict,
        warnings=warnings,
        sentences=(
            _sentence(pair, interval, verdict, margin),
            _pairings(pair, order),
            NOT_AN_EFFECT,
        ),
        details={
            **means,
            "welch_ci_low": interval.low,
            "welch_ci_high": interval.high,
            "ci90_low": narrow.low,
            "ci90_high": narrow.high,
            **standard,
            **ranks,
        },
        names=pair.names,
        fingerprint=pair.data.fingerprint,
    )


def _means(pair: _Pair) -> dict[str, float]:
    """Return the difference of means, with Welch's and Student's test.

    Notes
    -----
    Welch (1947): ``se^2 = s_x^2/n_x + s_y^2/n_y``, degrees of freedom after Satterthwaite.
    """
    x, y = pair.x, pair.y
    n, m = len(x), len(y)
    variances = np.array([x.var(ddof=1), y.var(ddof=1)])
    parts = variances / np.array([n, m])
    error = np.sqrt(parts.sum())
    difference = float(x.mean() - y.mean())
    df = parts.sum() ** 2 / (parts**2 / np.array([n - 1, m - 1])).sum()
    pooled = ((n - 1) * variances[0] + (m - 1) * variances[1]) / (n + m - 2)
    student = difference / np.sqrt(pooled * (1 / n + 1 / m))
    return {
        "n_x": n,
        "n_y": m,
        "mean_x": float(x.mean()),
        "mean_y": float(y.mean()),
        "sd_x": float(np.sqrt(variances[0])),
        "sd_y": float(np.sqrt(variances[1])),
        "difference": difference,
        "se": float(error),
        "welch_t": float(difference / error),
        "welch_df": float(df),
        "welch_p": float(2 * special.stdtr(df, -abs(difference / error))),
        "student_t": float(student),
        "student_p": float(2 * special.stdtr(n + m - 2, -abs(student))),
    }


def _interval(means: dict[str, float], level: float) -> Interval:
    """Return Welch's interval of the difference."""
    reach = float(special.stdtrit(means["welch_df"], 0.5 + level / 2)) * means["se"]
    return Interval(means["difference"] - reach, means["difference"] + reach, level, "Welch t")


def _standardised(pair: _Pair, student: float, level: float) -> dict[str, float]:
    """Return the difference in pooled deviations, with and without Hedges' factor."""
    n, m = len(pair.x), len(pair.y)
    scale, factor = np.sqrt(1 / n + 1 / m), small_sample_factor(n + m - 2)
    found = dict(
        zip(
            ("pooled", "ci_low", "ci_high"),
            (float(scale * end) for end in (student, *noncentrality(student, n + m - 2, level))),
            strict=True,
        )
    )
    return {f"cohens_d_{name}": d for name, d in found.items()} | {
        name: factor * found[of]
        for name, of in (
            ("hedges_g", "pooled"),
            ("hedges_g_ci_low", "ci_low"),
            ("hedges_g_ci_high", "ci_high"),
        )
    }


def _effects(standard: dict[str, float], level: float) -> tuple[Effect, ...]:
    """Return the standardised differences as sizes of effect."""
    return tuple(
        Effect(
            name,
            standard[value],
            Interval(
                standard[f"{name}_ci_low"], standard[f"{name}_ci_high"], level, "noncentral t"
            ),
        )
        for name, value in (("hedges_g", "hedges_g"), ("cohens_d", "cohens_d_pooled"))
    )


def _by_ranks(
    order: Ranked, level: float
) -> tuple[dict[str, Number], tuple[Effect, ...], tuple[Test, ...]]:
    """Return what ranks say: numbers by name, sizes of effect, and tests."""
    estimate, low, high = shift(order, level)
    exact, doubled = exact_p(order)
    plain = normal_p(order, continuity=False)
    other = superiority(order)
    share = order.u / order.pairs
    delta = 2 * share - 1
    y_low, y_high = other.interval(level)
    biserial = biserial_interval(delta, len(order.x), len(order.y), level)
    details: dict[str, Number] = {
        "U_x": order.u,
        "mwu_p_continuity": normal_p(order, continuity=True),
        "mwu_p_no_continuity": plain,
        "mwu_p_exact_conditional": exact,
        "mwu_p_exact_doubled": doubled,
        "mwu_p_exact": None if order.tied else exact,
        "hl_shift_exact_median_of_differences": estimate,
        "hl_shift_exact_ci_low": low,
        "hl_shift_exact_ci_high": high,
        "prob_superiority_x": share,
        "cliffs_delta": delta,
        "brunner_munzel_stat": other.statistic,
        "brunner_munzel_df": other.df,
        "brunner_munzel_p": other.p,
        "prob_y_greater_x": other.share,
        "prob_y_greater_x_ci_low": y_low,
        "prob_y_greater_x_ci_high": y_high,
        "rank_biserial_ci_low": biserial[0] if biserial else None,
        "rank_biserial_ci_high": biserial[1] if biserial else None,
    }
    ends = other.logit_interval(level)
    by_odds = Interval(*ends, level, "Brunner-Munzel, log odds") if ends else None
    of_delta = (
        Interval(2 * by_odds.low - 1, 2 * by_odds.high - 1, level, by_odds.kind)
        if by_odds
        else None
    )
    effects = (
        Effect("prob_superiority", share, by_odds),
        Effect("cliffs_delta", delta, of_delta),
        Effect("hl_shift", estimate, Interval(low, high, level, "order statistics")),
    )
    tests = [Test("Mann-Whitney U", order.u, (), plain if exact is None else exact)]
    if other.statistic is not None and other.df is not None and other.p is not None:
        tests.append(Test("Brunner-Munzel", other.statistic, (other.df,), other.p))
    return details, effects, tuple(tests)


def _refused(pair: _Pair, refusal: Refusal) -> Result:
    """Return a result that holds a refusal and what can be described."""
    sides = (("x", pair.x), ("y", pair.y))
    parts = {name: described(values) for name, values in sides}
    details = {f"{what}_{name}": part[what] for name, part in parts.items() for what in part}
    return Result(
        "two_groups",
        "groups",
        len(pair.x) + len(pair.y),
        METHOD,
        design="independent",
        dropped=pair.data.dropped,
        refusal=refusal,
        details=details,
        tables={"groups": pd.DataFrame(parts).T.rename_axis("group")},
        fingerprint=pair.data.fingerprint,
    )


# -- sentences --------------------------------------------------------------------------------


def _sentence(pair: _Pair, interval: Interval, verdict: Verdict, margin: float | None) -> Sentence:
    """Return the difference of means in words, by its verdict."""
    ends = (abs(interval.low), abs(interval.high))
    values = {
        **pair.labels.values,
        **pair.names,
        "n": rounded(len(pair.x), 0),
        "m": rounded(len(pair.y), 0),
        "size": rounded(abs(float(pair.x.mean() - pair.y.mean()))),
        "least": rounded(min(ends)),
        "most": rounded(max(ends)),
    }
    match verdict:
        case Verdict.POSITIVE:
            return Message(
                "In {outcome}, the {nouns} of “{group}” ({n}) lie {size} {unit} above those of "
                "“{other}” ({m}) on average (probably between {least} and {most}).",
                **values,
            )
        case Verdict.NEGATIVE:
            return Message(
                "In {outcome}, the {nouns} of “{group}” ({n}) lie {size} {unit} below those of "
                "“{other}” ({m}) on average (probably between {least} and {most}).",
                **values,
            )
        case Verdict.NEGLIGIBLE:
            return Message(
                "In {outcome} there is no appreciable difference between the {nouns} of “{group}” "
                "({n}) and those of “{other}” ({m}): less than the {margin} {unit} that count.",
                margin=rounded(margin or 0.0),
                **values,
            )
    return Message(
        "Whether in {outcome} the {nouns} of “{group}” ({n}) lie above or below those of “{other}” "
        "({m}) on average cannot be told from these data (probably {low} to {high} {unit}).",
        low=rounded(interval.low),
        high=rounded(interval.high),
        **values,
    )


def _pairings(pair: _Pair, order: Ranked) -> Sentence:
    """Return the probability of superiority as a count of 100 pairings."""
    return Counted(
        "One of the {nouns} of “{group}” taken at random lies above one of “{other}” in {n} of 100 "
        "pairings, ties counted by half.",
        "One of the {nouns} of “{group}” taken at random lies above one of “{other}” in {n} of 100 "
        "pairings, ties counted by half.",
        int(half_up(100 * order.u / order.pairs, 0)),
        nouns=pair.labels.nouns,
        **pair.names,
    )
