"""Whether units kept their order from one wave to the next, and whether the gaps narrowed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy.stats as sp

from workbench.language import Counted, Message
from workbench.stats.correlation import kendall_interval, spearman_interval
from workbench.stats.linear import OlsFit, fit_ols, hc_covariance, std_errors
from workbench.stats.noise import grain, settled, spread_out
from workbench.stats.paired import correlation, no_pairs, no_variation, refused
from workbench.stats.pairs import Floats, Pairs, matched
from workbench.stats.result import (
    Check,
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

# Above this share of leverage a unit decides the slope alone, and its residual says nothing.
ALONE = 1 - 1e-10


def stability(
    before: pd.Series,
    after: pd.Series,
    *,
    level: float = 0.95,
    labels: Labels = PLAIN,
    sizes: Sizes | None = None,
) -> Result:
    """Return how far units kept their order between two waves (Spearman).

    Parameters
    ----------
    before, after, level, labels, sizes
        As of :func:`mean_change`.

    Returns
    -------
    Result
        Estimate: Spearman's correlation, with the interval of Bonett and Wright; effect
        ``share_in_order``: share of pairs of units that kept their order. Table ``units``: places
        in both waves (1 is the highest) and how many each one rose.

    Notes
    -----
    On Fisher's scale the variance is (1 + r^2 / 2) / (n - 3) for Spearman (Bonett and Wright 2000,
    doi:10.1007/BF02294183) and by the jackknife for Kendall
    (:func:`workbench.stats.correlation.kendall_interval`). The share in order is (1 + tau_b) / 2.
    Where all kept their order, the lower end is that of one exchange of neighbours.
    """
    pairs = matched(before, after, labels)
    refusal = _cannot(pairs, Message("How stable the order was cannot be said."), labels, sizes)
    if refusal is not None:
        return refused("stability", Message("Spearman"), pairs, refusal, {}, family="association")
    found = sp.spearmanr(pairs.before, pairs.after)
    rho, p = float(found.statistic), float(found.pvalue)
    tau = float(sp.kendalltau(pairs.before, pairs.after).statistic)
    n = pairs.n
    spearman = Interval(*spearman_interval(rho, n, level), level, "Bonett-Wright, Fisher's scale")
    kendall = Interval(
        *kendall_interval(pairs.before, pairs.after, level), level, "jackknife, Fisher's scale"
    )
    in_order = Interval((1 + kendall.low) / 2, (1 + kendall.high) / 2, level, kendall.kind)
    places = _places(pairs)
    moved = places["rise"].abs()
    verdict = verdict_of(spearman)
    return Result(
        "stability",
        "association",
        n,
        Message("Spearman, Bonett-Wright interval"),
        design="paired",
        dropped=pairs.dropped,
        estimate=rho,
        unit="correlation",
        interval=spearman,
        effects=(
            Effect("share_in_order", (1 + tau) / 2, in_order),
            Effect("kendall_tau", tau, kendall),
        ),
        test=Test("Spearman", rho, (n - 2,), p),
        verdict=verdict,
        warnings=few(n, "stability", sizes),
        sentences=(_order_sentence(n, (1 + tau) / 2, in_order, verdict, moved, labels),),
        details={
            "n": n,
            "spearman": rho,
            "spearman_p": p,
            "spearman_low": spearman.low,
            "spearman_high": spearman.high,
            "kendall_tau": tau,
            "correlation": correlation(pairs),
            "mean_places_moved": float(moved.mean()),
            "share_moved_over_5": float((moved > 5).mean()),
        },
        tables={"units": places},
        fingerprint=pairs.fingerprint,
    )


def convergence(
    before: pd.Series,
    after: pd.Series,
    *,
    margin: float | None = None,
    level: float = 0.95,
    labels: Labels = PLAIN,
    sizes: Sizes | None = None,
) -> Result:
    """Return whether the gaps between units narrowed (Pitman and Morgan).

    Parameters
    ----------
    before, after, level, labels, sizes
        As of :func:`mean_change`.
    margin : float, optional
        Smallest relevant change of the spread, as a share of it (0.1 for 10 %), declared before.

    Returns
    -------
    Result
        Estimate: ratio of the deviations, after over before, with its interval; effects
        ``variance_ratio``, and ``beta_change_on_baseline`` with the interval of HC3.

    Notes
    -----
    Both spreads are of the same units, so they are compared by the correlation r_d of sums and
    differences: t = r_d sqrt((n - 2) / (1 - r_d^2)). With w the ratio of variances, r the
    correlation of both waves, and K = 1 + 2 (1 - r^2) t(level)^2 / (n - 2), the interval of w is
    w (K -/+ sqrt(K^2 - 1)) (Morgan 1939, Pitman 1939, doi:10.1093/biomet/31.1-2.9); it assumes
    normal scores. Gini is sum (2 i - n - 1) x_i / (n^2 mean), of scores that are not negative. The
    slope of the change on the baseline mixes convergence with the regression to the mean; of the
    lowest quarter a rise of (1 - r) (mean - its mean) is expected without any convergence.
    """
    pairs = matched(before, after, labels)
    refusal = _cannot(pairs, Message("Whether gaps narrowed cannot be said."), labels, sizes)
    if refusal is None:
        refusal = no_variation(pairs, labels)
    if refusal is not None:
        return refused("convergence", Message("Pitman-Morgan"), pairs, refusal, {}, family="gaps")
    ratio, narrow = (_spread_interval(pairs, at) for at in (level, 0.90))
    w = float(pairs.after.var(ddof=1) / pairs.before.var(ddof=1))
    test = _pitman_morgan(pairs)
    verdict = verdict_of(ratio, narrow=narrow, margin=margin, null=1.0)
    beta, expected = _beta(pairs, level), _expected_rise(pairs)
    spreads = {
        f"{name}_{when}": value
        for when, x in (("base", pairs.before), ("follow", pairs.after))
        for name, value in _spread(x).items()
    }
    return Result(
        "convergence",
        "gaps",
        pairs.n,
        Message("Pitman-Morgan"),
        design="paired",
        dropped=pairs.dropped,
        conventions=("Gini without the factor n / (n - 1)",),
        estimate=float(np.sqrt(w)),
        unit="ratio",
        interval=ratio,
        effects=(
            Effect("variance_ratio", w, Interval(ratio.low**2, ratio.high**2, level, ratio.kind)),
            beta,
        ),
        test=test,
        margin=margin,
        verdict=verdict,
        checks=_normality(pairs),
        warnings=few(pairs.n, "stability", sizes),
        sentences=_spread_sentences(np.sqrt(w), ratio, verdict, margin, expected, labels),
        details={
            "n": pairs.n,
            **spreads,
            "variance_ratio": w,
            "pitman_morgan_r": _sum_with_difference(pairs),
            "pitman_morgan_t": test.statistic,
            "pitman_morgan_p": test.p,
            "beta_change_on_baseline": beta.value,
            "beta_se_HC3": _beta_error(pairs),
            "correlation": correlation(pairs),
            "expected_regression_to_mean_bottom_quarter": expected,
        },
        fingerprint=pairs.fingerprint,
    )


# -- parts ------------------------------------------------------------------------------------


def _cannot(pairs: Pairs, what: Sentence, labels: Labels, sizes: Sizes | None) -> Refusal | None:
    """Return the refusal of too few units, or of a wave in which all have the same score."""
    instead = Message("The score of each one can be shown.")
    refusal = no_pairs(pairs, labels) or too_few(pairs.n, "stability", what, instead, sizes)
    if refusal is not None:
        return refusal
    for values, place in ((pairs.before, labels.before), (pairs.after, labels.after)):
        if not spread_out(values):
            why = Message(
                "All {nouns} have the same score in {place}.", nouns=labels.nouns, place=place
            )
            return Refusal("no_variation", what, why, instead)
    return None


def _places(pairs: Pairs) -> pd.DataFrame:
    """Return the places of units in both waves, 1 for the highest, ties sharing the mean place."""
    first, second = (sp.rankdata(-values) for values in (pairs.before, pairs.after))
    return pd.DataFrame(
        {"place_before": first, "place_after": second, "rise": first - second},
        index=pd.Index(pairs.units, name="unit"),
    )


def _sum_with_difference(pairs: Pairs) -> float:
    """Return the correlation of sums and differences; 0 where the sums are all the same."""
    sums = settled(pairs.after + pairs.before, grain(pairs.before, pairs.after))
    return float(np.corrcoef(sums, pairs.change)[0, 1]) if np.ptp(sums) else 0.0


def _pitman_morgan(pairs: Pairs) -> Test:
    """Return the test of equal spread of two waves of the same units."""
    r, df = _sum_with_difference(pairs), pairs.n - 2
    t = float(r * np.sqrt(df / (1 - r**2))) if abs(r) < 1 else float(np.copysign(np.inf, r))
    return Test("Pitman-Morgan", t, (float(df),), float(2 * sp.t.sf(abs(t), df)))


def _spread_interval(pairs: Pairs, level: float) -> Interval:
    """Return the interval of the ratio of deviations."""
    r, df = correlation(pairs) or 0.0, pairs.n - 2
    k = 1 + 2 * (1 - r**2) * float(sp.t.ppf(0.5 + level / 2, df)) ** 2 / df
    half = np.sqrt(max(k**2 - 1, 0.0))
    ratio = float(pairs.after.std(ddof=1) / pairs.before.std(ddof=1))
    low, high = (ratio * float(np.sqrt(k + sign * half)) for sign in (-1, 1))
    return Interval(low, high, level, "Pitman-Morgan")


def _spread(x: Floats) -> dict[str, Number]:
    """Return the deviation, the coefficient of variation and Gini, where they are defined."""
    sd, mean, n = float(x.std(ddof=1)), float(x.mean()), len(x)
    ranked = np.sort(x)
    gini = float(((2 * np.arange(1, n + 1) - n - 1) * ranked).sum() / (n**2 * mean or np.nan))
    return {
        "sd": sd,
        "cv": sd / mean if mean > 0 else None,
        "gini": gini if mean > 0 and ranked[0] >= 0 else None,
    }


def _beta(pairs: Pairs, level: float) -> Effect:
    """Return the slope of the change on the baseline, with the t interval of HC3."""
    slope = float(_on_baseline(pairs).beta[1])
    error = _beta_error(pairs)
    if error is None:
        return Effect("beta_change_on_baseline", slope)
    reach = float(sp.t.ppf(0.5 + level / 2, pairs.n - 2)) * error
    interval = Interval(slope - reach, slope + reach, level, "HC3, t")
    return Effect("beta_change_on_baseline", slope, interval)


def _beta_error(pairs: Pairs) -> float | None:
    """Return the standard error by HC3; None where one unit alone decides the slope."""
    fit = _on_baseline(pairs)
    if fit.leverage.max() > ALONE:
        return None
    return float(std_errors(hc_covariance(fit, "HC3"))[1])


def _on_baseline(pairs: Pairs) -> OlsFit:
    """Return the fit of the change on the baseline, centred for the sake of its digits."""
    centred = pairs.before - pairs.before.mean()
    return fit_ols(np.column_stack([np.ones(pairs.n), centred]), pairs.change)


def _expected_rise(pairs: Pairs) -> float:
    """Return the rise of the lowest quarter that regression to the mean alone gives."""
    lowest = pairs.before <= np.quantile(pairs.before, 0.25)
    gap = float(pairs.before.mean() - pairs.before[lowest].mean())
    return (1 - (correlation(pairs) or 0.0)) * gap


def _normality(pairs: Pairs) -> tuple[Check, ...]:
    """Return whether the scores of either wave speak against a normal distribution."""
    doubt = Message(
        "The scores are not spread like a normal distribution, which the comparison of gaps needs."
    )
    if pairs.n > 5000:
        return ()
    return tuple(
        Check(f"shapiro_{name}", float(found.statistic), float(found.pvalue), doubt)
        for name, found in (
            ("before", sp.shapiro(pairs.before)),
            ("after", sp.shapiro(pairs.after)),
        )
    )


# -- sentences --------------------------------------------------------------------------------


def _order_sentence(
    n: int, share: float, interval: Interval, verdict: Verdict, moved: pd.Series, labels: Labels
) -> Sentence:
    """Return how far the order was kept."""
    values = {
        **labels.values,
        "share": rounded(100 * share, 1),
        "low": rounded(100 * interval.low, 1),
        "high": rounded(100 * interval.high, 1),
        "places": rounded(float(moved.mean())),
    }
    if verdict is Verdict.UNDETERMINED:
        return Counted(
            "Whether the order of {n} of the {nouns} in {before} goes with that in {after} cannot "
            "be told from these data: of every 100 pairs, {share} kept their order (probably "
            "between {low} and {high}).",
            "Whether the order of the {n} {nouns} in {before} goes with that in {after} cannot be "
            "told from these data: of every 100 pairs, {share} kept their order (probably between "
            "{low} and {high}).",
            n,
            **values,
        )
    return Counted(
        "Of every 100 pairs among {n} of the {nouns}, {share} kept their order between {before} "
        "and {after} (probably between {low} and {high}); 50 would by chance. A place moved by "
        "{places} on average.",
        "Of every 100 pairs among the {n} {nouns}, {share} kept their order between {before} and "
        "{after} (probably between {low} and {high}); 50 would by chance. A place moved by "
        "{places} on average.",
        n,
        **values,
    )


def _spread_sentences(
    ratio: float,
    interval: Interval,
    verdict: Verdict,
    margin: float | None,
    expected: float,
    labels: Labels,
) -> tuple[Sentence, ...]:
    """Return whether the gaps narrowed, and what regression to the mean alone gives."""
    low, high = (100 * (end - 1) for end in (interval.low, interval.high))
    values = {
        **labels.values,
        "size": rounded(100 * abs(ratio - 1), 1),
        "least": rounded(min(abs(low), abs(high))),
        "most": rounded(max(abs(low), abs(high))),
        "low": rounded(low),
        "high": rounded(high),
        "margin": rounded(100 * (margin or 0.0), 1),
    }
    said = {
        Verdict.POSITIVE: Message(
            "The gaps between {nouns} widened: the spread was {size} % larger in {after} than in "
            "{before} (probably between {least} and {most} %).",
            **values,
        ),
        Verdict.NEGATIVE: Message(
            "The gaps between {nouns} narrowed: the spread was {size} % smaller in {after} than in "
            "{before} (probably between {least} and {most} %).",
            **values,
        ),
        Verdict.NEGLIGIBLE: Message(
            "The gaps between {nouns} did not change appreciably: by less than the {margin} % that "
            "count.",
            **values,
        ),
        Verdict.UNDETERMINED: Message(
            "Whether the gaps between {nouns} narrowed or widened cannot be told from these data "
            "(the spread probably changed by between {low} and {high} %).",
            **values,
        ),
    }
    if expected <= 0:
        return (said[verdict],)
    note = Message(
        "Those that start lowest tend to rise without any cause: the lowest quarter by about "
        "{expected} {unit} more than the average.",
        expected=rounded(expected),
        unit=labels.unit,
    )
    return said[verdict], note
