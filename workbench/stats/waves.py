"""Three waves or more of the same units: by ranks, by means, and between every two waves."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import scipy.stats as sp

from workbench.language import Counted, Message
from workbench.stats.change_words import NOT_A_CAUSE, mean_sentence
from workbench.stats.families import adjusted_p
from workbench.stats.noise import grain, settled
from workbench.stats.paired import t_interval
from workbench.stats.pairs import Floats
from workbench.stats.panels import Panel, complete_cases, no_panel
from workbench.stats.result import (
    Check,
    Effect,
    Number,
    Refusal,
    Result,
    Sentence,
    Test,
    rounded,
    verdict_of,
)
from workbench.stats.signed_ranks import EXACT_UP_TO, exact_p, normal_p, signed_ranks
from workbench.stats.sizes import Sizes, few
from workbench.stats.wording import PLAIN, Joined, Labels


def several_waves(
    wide: pd.DataFrame,
    *,
    margin: float | None = None,
    level: float = 0.95,
    labels: Labels = PLAIN,
    sizes: Sizes | None = None,
) -> Result:
    """Return whether three waves or more differ, and between which.

    Parameters
    ----------
    wide : DataFrame of float, index units, columns waves in their order
        Units with a wave missing are left out; :func:`trajectories` uses what they have.
    margin : float, optional
        Smallest relevant change from the first wave to the last, declared before.
    level : float
        Of the intervals.
    labels : Labels
        The names of the waves are those of the columns.
    sizes : mapping, optional
        Smallest sizes; the defaults if left out.

    Returns
    -------
    Result
        Estimate: mean change from the first wave to the last, with its t interval. Test: Friedman;
        further: repeated-measures ANOVA with the correction of Greenhouse and Geisser. Effects
        ``kendalls_W``, ``partial_eta2``, ``generalized_eta2``. Tables ``waves`` (mean, median, mean
        rank) and ``pairs``: of every two waves the mean change with its own interval (``low``,
        ``high``) and one that holds for all pairs at once (``low_all``, ``high_all``), and the
        p-values of t, Wilcoxon and Conover, bare and adjusted by Holm.

    Notes
    -----
    W = chi2 / (n (k - 1)). With S the covariance of the waves and M = C' S C for orthonormal
    contrasts C, the Greenhouse-Geisser factor is tr(M)^2 / ((k - 1) tr(M^2)), and that of Huynh and
    Feldt (n (k - 1) e - 2) / ((k - 1) (n - 1 - (k - 1) e)), given as it is and at most 1 where it
    corrects. Generalised eta squared is SS / (SS + SS between units + SS error) (Olejnik and Algina
    2003, doi:10.1037/1082-989X.8.4.434). Mauchly's p-value follows Anderson (2003, 10.9). The
    intervals for all pairs are by Bonferroni.
    """
    panel = complete_cases(wide, labels)
    refusal = no_panel(panel, labels, sizes) or _nothing_varies(panel, labels)
    if refusal is not None:
        return panel.refused("several_waves", Message("Friedman"), refusal)
    x = panel.values
    change = settled(x[:, -1] - x[:, 0], grain(x))
    mean = float(change.mean())
    se = float(change.std(ddof=1)) / np.sqrt(panel.n)
    interval, narrow = (t_interval(mean, se, panel.n - 1, at) for at in (level, 0.90))
    verdict = verdict_of(interval, narrow=narrow, margin=margin)
    friedman, numbers = _friedman(panel)
    anova, check, more = _anova(panel)
    between = _between(panel, level)
    ends = replace(labels, before=panel.waves[0], after=panel.waves[-1])
    return Result(
        "several_waves",
        "change",
        panel.n,
        Message("Friedman; repeated-measures ANOVA, Greenhouse-Geisser; pairs by Holm"),
        design="panel",
        dropped=panel.dropped,
        conventions=(
            "only units measured in every wave",
            "Wilcoxon exact given ties, without continuity correction above 200 pairs",
        ),
        estimate=mean,
        interval=interval,
        effects=tuple(
            Effect(name, float(value))
            for name in ("kendalls_W", "partial_eta2", "generalized_eta2")
            if (value := (numbers | more)[name]) is not None
        ),
        test=friedman,
        tests=anova,
        margin=margin,
        verdict=verdict,
        checks=check,
        warnings=few(panel.n, "complete_waves", sizes),
        sentences=(
            mean_sentence(panel.n, mean, interval, verdict, margin, ends),
            *_steps(between, panel, labels),
            NOT_A_CAUSE,
        ),
        details={
            "n_complete": panel.n,
            "n_excluded": panel.excluded,
            "waves": panel.k,
            "mean_difference": mean,
            "ci_low": interval.low,
            "ci_high": interval.high,
            **numbers,
            **more,
        },
        tables={"waves": _described(panel), "pairs": between},
        fingerprint=panel.fingerprint,
    )


# -- parts ------------------------------------------------------------------------------------


def _nothing_varies(panel: Panel, labels: Labels) -> Refusal | None:
    """Return the refusal where all units moved by the same from wave to wave, or not at all."""
    moved = settled(np.diff(panel.values, axis=1), grain(panel.values))
    if np.ptp(moved, axis=0).any():
        return None
    what: Sentence
    if moved.any():
        what = Message("All {nouns} changed by the same from round to round.", **labels.values)
    else:
        what = Counted(
            "The only one of the {nouns} that was measured in every round did not change.",
            "None of the {n} {nouns} measured in every round changed.",
            panel.n,
            nouns=labels.nouns,
        )
    return Refusal(
        "no_variation",
        what,
        Message("Where nothing varies there is no test."),
        Message("The count says all there is to say."),
    )


def _friedman(panel: Panel) -> tuple[Test, dict[str, Number]]:
    """Return Friedman's test with Kendall's W."""
    found = sp.friedmanchisquare(*panel.values.T)
    chi2, p, df = float(found.statistic), float(found.pvalue), panel.k - 1
    return Test("Friedman", chi2, (float(df),), p), {
        "friedman_chi2": chi2,
        "friedman_df": df,
        "friedman_p": p,
        "kendalls_W": chi2 / (panel.n * df),
    }


def _anova(panel: Panel) -> tuple[tuple[Test, ...], tuple[Check, ...], dict[str, Number]]:
    """Return the repeated-measures ANOVA, Mauchly's check of sphericity, and all numbers."""
    x, n, k = panel.values, panel.n, panel.k
    total = x.mean()
    effect = n * float(((x.mean(axis=0) - total) ** 2).sum())
    units = k * float(((x.mean(axis=1) - total) ** 2).sum())
    left = x - x.mean(axis=0) - x.mean(axis=1, keepdims=True) + total
    error = float((left**2).sum())
    df1, df2 = k - 1, (k - 1) * (n - 1)
    f = (effect / df1) / (error / df2)
    greenhouse, huynh, mauchly_w, mauchly_p = _sphericity(x)
    corrected = float(sp.f.sf(f, df1 * greenhouse, df2 * greenhouse))
    most = min(1.0, huynh)
    tests = (
        Test(
            "repeated-measures ANOVA, Greenhouse-Geisser",
            f,
            (df1 * greenhouse, df2 * greenhouse),
            corrected,
        ),
    )
    doubt = Message("Changes vary more between some rounds than others; the test allows for it.")
    checks: tuple[Check, ...] = ()
    if mauchly_w is not None and mauchly_p is not None:
        checks = (Check("mauchly", mauchly_w, mauchly_p, doubt),)
    return (
        tests,
        checks,
        {
            "rm_F": f,
            "rm_df1": df1,
            "rm_df2": df2,
            "rm_p": float(sp.f.sf(f, df1, df2)),
            "partial_eta2": effect / (effect + error),
            "generalized_eta2": effect / (effect + units + error),
            "greenhouse_geisser_eps": greenhouse,
            "huynh_feldt_eps": huynh,
            "p_gg": corrected,
            "p_hf": float(sp.f.sf(f, df1 * most, df2 * most)),
            "mauchly_W": mauchly_w,
            "mauchly_p": mauchly_p,
        },
    )


def _sphericity(x: Floats) -> tuple[float, float, float | None, float | None]:
    """Return both corrections, and Mauchly's W with its p-value where it is defined."""
    n, k = x.shape
    contrasts = np.linalg.qr(np.eye(k) - 1 / k)[0][:, : k - 1]
    m = contrasts.T @ np.cov(x, rowvar=False) @ contrasts
    p = k - 1
    trace = float(np.trace(m))
    eps = trace**2 / (p * float((m**2).sum()))
    huynh = (n * p * eps - 2) / (p * (n - 1 - p * eps))
    df = n - 1
    w = float(np.linalg.det(m) / (trace / p) ** p) if df >= p else 0.0
    if w <= 0:
        return eps, huynh, None, None
    rho = 1 - (2 * p**2 + p + 2) / (6 * p * df)
    shape = p * (p + 1) / 2 - 1
    z = -df * rho * np.log(w)
    second = (p + 2) * (p - 1) * (p - 2) * (2 * p**3 + 6 * p**2 + 3 * p + 2)
    second /= 288 * (df * p * rho) ** 2
    first, further = (float(sp.chi2.sf(z, shape + add)) for add in (0, 4))
    return eps, huynh, w, first + second * (further - first)


def _between(panel: Panel, level: float) -> pd.DataFrame:
    """Return the change between every two waves."""
    x, df = panel.values, panel.n - 1
    at = list(combinations(range(panel.k), 2))
    together = 1 - (1 - level) / len(at)
    rows = []
    for i, j in at:
        change = settled(x[:, j] - x[:, i], grain(x))
        mean = float(change.mean())
        se = float(change.std(ddof=1)) / np.sqrt(panel.n)
        own, all_ = (t_interval(mean, se, df, of) for of in (level, together))
        t = mean / se if se > 0 else np.nan
        p = 2 * float(sp.t.sf(abs(t), df))
        rows.append((mean, own.low, own.high, all_.low, all_.high, t, p, _wilcoxon(change)))
    names = ["difference", "low", "high", "low_all", "high_all", "t", "p_t", "p_wilcoxon"]
    pairs = [(panel.waves[i], panel.waves[j]) for i, j in at]
    index = pd.MultiIndex.from_tuples(pairs, names=["from", "to"])
    frame = pd.DataFrame(rows, columns=names, index=index)
    frame["p_conover"] = _conover(panel, at)
    for name in ("t", "wilcoxon", "conover"):
        frame[f"p_{name}_holm"] = adjusted_p(frame[f"p_{name}"])
    return frame


def _wilcoxon(change: Floats) -> float:
    """Return the signed-rank p-value; missing where none changed."""
    moved, ranks = signed_ranks(change)
    if not len(moved):
        return float("nan")
    rising = float(ranks[moved > 0].sum())
    if len(moved) <= EXACT_UP_TO:
        return exact_p(ranks, rising)
    return normal_p(ranks, rising, continuity=False)[1]


def _conover(panel: Panel, at: list[tuple[int, int]]) -> list[float]:
    """Return Conover's p-values; missing where all units rank the waves alike, without error."""
    # Loaded here: it brings libraries for figures that no other comparison needs.
    from scikit_posthocs import posthoc_conover_friedman

    ranks = sp.rankdata(panel.values, axis=1)
    if not np.ptp(ranks, axis=0).any():
        return [float("nan")] * len(at)
    found = np.asarray(posthoc_conover_friedman(panel.values))
    return [float(found[i, j]) for i, j in at]


def _described(panel: Panel) -> pd.DataFrame:
    """Return what describes each wave."""
    x = panel.values
    return pd.DataFrame(
        {
            "n": panel.n,
            "mean": x.mean(axis=0),
            "sd": x.std(axis=0, ddof=1),
            "median": np.median(x, axis=0),
            "mean_rank": sp.rankdata(x, axis=1).mean(axis=0),
        },
        index=pd.Index(panel.waves, name="wave"),
    )


def _steps(between: pd.DataFrame, panel: Panel, labels: Labels) -> tuple[Sentence, ...]:
    """Return from which wave to the next a change shows, allowing for all comparisons."""
    steps = between.loc[list(zip(panel.waves[:-1], panel.waves[1:], strict=True))]
    found: list[Sentence] = []
    m = rounded(len(between), 0)
    rising, falling = steps[steps["low_all"] > 0], steps[steps["high_all"] < 0]
    if len(rising):
        found.append(
            Counted(
                "Allowing for {m} comparisons made at once, a rise shows in {n} step from one "
                "round to the next: {steps}.",
                "Allowing for {m} comparisons made at once, a rise shows in {n} steps from one "
                "round to the next: {steps}.",
                len(rising),
                m=m,
                steps=_named(rising, labels),
            )
        )
    if len(falling):
        found.append(
            Counted(
                "Allowing for {m} comparisons made at once, a fall shows in {n} step from one "
                "round to the next: {steps}.",
                "Allowing for {m} comparisons made at once, a fall shows in {n} steps from one "
                "round to the next: {steps}.",
                len(falling),
                m=m,
                steps=_named(falling, labels),
            )
        )
    if rest := len(steps) - len(rising) - len(falling):
        found.append(
            Counted(
                "In {n} of {all} steps from one round to the next, whether it rose or fell cannot "
                "be told from these data.",
                "In {n} of {all} steps from one round to the next, whether it rose or fell cannot "
                "be told from these data.",
                rest,
                all=rounded(len(steps), 0),
            )
        )
    return tuple(found)


def _named(steps: pd.DataFrame, labels: Labels) -> Joined:
    """Return steps with their changes, as a list."""
    items = [
        Message(
            "{first} to {last} ({change} {unit}, probably between {low} and {high})",
            first=index[0],
            last=index[1],
            change=rounded(row["difference"]),
            low=rounded(row["low_all"]),
            high=rounded(row["high_all"]),
            unit=labels.unit,
        )
        for index, row in steps.iterrows()
        if isinstance(index, tuple)
    ]
    return Joined(tuple(items))
