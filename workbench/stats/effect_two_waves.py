"""Did participants improve more: differences of changes between two waves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.language import Message
from workbench.stats.clusters import cluster_codes, clusters_refused, few_clusters
from workbench.stats.inference import Errors
from workbench.stats.linear import (
    Codes,
    OlsFit,
    cr0_covariance,
    cr1_factor,
    cr2_covariance,
    fit_ols,
    hc_covariance,
)
from workbench.stats.measured import numeric
from workbench.stats.noise import grain, settled
from workbench.stats.pairs import Floats, Pairs, matched
from workbench.stats.programme import (
    ONE_BEFORE,
    PROGRAMME,
    Programme,
    deviations_apart,
    effect_sentence,
    small_arm,
    taking_part,
    unknown_part,
)
from workbench.stats.result import (
    Dropped,
    Effect,
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
from workbench.stats.sizes import Sizes, few
from workbench.stats.wording import PLAIN, Labels

# Beyond this the groups are too unlike at the start for a difference of changes (catalogue, 14).
UNLIKE = 0.5
ASSUMPTION = Message("without it both groups would have changed alike")


@dataclass(frozen=True, slots=True)
class _Arms:
    """Pairs of which it is known whether they took part, shape (pairs,) each."""

    before: Floats
    after: Floats
    treated: Floats
    units: tuple[str, ...]
    dropped: tuple[Dropped, ...]
    codes: Codes | None

    @property
    def change(self) -> Floats:
        """Follow-up less baseline."""
        return self.after - self.before

    def both(self, values: Floats) -> tuple[Floats, Floats]:
        """Return the values of participants and of the others."""
        return values[self.treated == 1], values[self.treated == 0]


def effect_two_waves(
    before: pd.Series,
    after: pd.Series,
    treated: pd.Series,
    *,
    clusters: pd.Series | None = None,
    margin: float | None = None,
    level: float = 0.95,
    labels: Labels = PLAIN,
    groups: Programme = PROGRAMME,
    sizes: Sizes | None = None,
) -> Result:
    """Return by how much more participants changed than others (difference in differences).

    Parameters
    ----------
    before, after : Series of float
        One number a unit, indexed by code.
    treated : Series of bool
        Whether each unit took part (yes/no or 0/1).
    clusters : Series, optional
        Group of each unit at which the programme was assigned, such as its state.
    margin, level, labels, sizes
        As of :func:`workbench.stats.mean_change`.
    groups : Programme
        What sentences call both groups.

    Returns
    -------
    Result
        Estimate: mean change of participants less that of the others, in points, with Welch's
        interval (CR2 with clusters). ``details`` holds the errors HC2, HC3 and of the long
        regression, the analysis of covariance (``ancova_*``) and ``smd_baseline_pooled``.

    Notes
    -----
    The analysis of covariance regresses the follow-up on baseline and participation and answers
    another question: what of two units with the same start? Where both answers disagree (Lord 1967)
    the result shows both; the data do not say which question is right.
    """
    pairs = matched(before, after, labels)
    arms = _arms(pairs, treated, clusters, labels)
    refusal = _refusal(arms, labels, sizes)
    details = _described(arms) | _missing(before, after, treated)
    if refusal is not None:
        return _result(arms, refusal=refusal, details=details)
    fit = fit_ols(np.column_stack([np.ones(len(arms.units)), arms.treated]), arms.change)
    estimate = float(fit.beta[1])
    errors, numbers = _welch(arms, level)
    if arms.codes is not None:
        errors, more = _clustered(fit, arms.codes)
        numbers |= more
    interval = errors.interval(fit.beta, 1, level)
    verdict = errors.verdict(fit.beta, 1, level, margin)
    ancova, ancova_verdict = _ancova(arms, level, margin)
    details |= numbers | _long(arms) | ancova
    details |= {
        "did": estimate,
        "se_change_HC2": _se(fit, "HC2"),
        "se_change_HC3": _se(fit, "HC3"),
        "se": float(errors.se[1]),
        "df": float(errors.df[1]),
        "ci_low": interval.low,
        "ci_high": interval.high,
    }
    smd = float(details["smd_baseline_pooled"] or 0.0)
    return _result(
        arms,
        conventions=(
            "Welch on the changes" if arms.codes is None else "CR2 on the changes",
            "baseline difference over the root of the mean variance",
        ),
        estimate=estimate,
        interval=interval,
        effects=(Effect("smd_baseline", smd),),
        test=errors.test(fit.beta, [1]),
        tests=_ancova_test(ancova),
        margin=margin,
        verdict=verdict,
        warnings=(
            *few(int(min(arms.treated.sum(), (1 - arms.treated).sum())), "did_arm", sizes),
            *few_clusters(arms.codes, sizes),
            *_unlike(smd, labels, groups),
            *_lord(estimate, verdict, ancova, ancova_verdict, labels),
        ),
        sentences=(*_sentences(arms, estimate, interval, verdict, labels, groups), ONE_BEFORE),
        details=details,
    )


# -- parts ------------------------------------------------------------------------------------


def _arms(pairs: Pairs, treated: pd.Series, clusters: pd.Series | None, labels: Labels) -> _Arms:
    """Return the pairs of which it is known whether they took part."""
    part = taking_part(treated)
    part.index = part.index.map(str)
    if clusters is not None:
        known = clusters.dropna()
        known.index = known.index.map(str)
        part = part[part.index.isin(known.index)]
    keep = np.array([unit in part.index for unit in pairs.units], dtype=bool)
    units = tuple(unit for unit, good in zip(pairs.units, keep, strict=True) if good)
    return _Arms(
        pairs.before[keep],
        pairs.after[keep],
        part.loc[list(units)].to_numpy(dtype=np.float64),
        units,
        (*pairs.dropped, *unknown_part(pairs.n - len(units), labels)),
        None if clusters is None else cluster_codes(known, pd.Index(units)),
    )


def _refusal(arms: _Arms, labels: Labels, sizes: Sizes | None) -> Refusal | None:
    """Return why the difference of changes can't be computed, if it can't."""
    what = Message("Whether participants changed more than others cannot be computed.")
    few_units = small_arm(arms.treated, "did_arm", what, labels, sizes)
    if few_units is not None:
        return few_units
    change = settled(arms.change, grain(arms.before, arms.after))
    if not any(np.ptp(part) for part in arms.both(change)):
        return Refusal(
            "no_variation",
            what,
            Message("Within each group all changed alike, so there is no error to go by."),
            Message("Both changes can be described one beside the other."),
        )
    return clusters_refused(arms.codes, arms.treated[:, None], what, sizes)


def _welch(arms: _Arms, level: float) -> tuple[Errors, dict[str, Number]]:
    """Return the error of the difference of changes by Welch, and its numbers."""
    one, other = arms.both(arms.change)
    parts = np.array([x.var(ddof=1) / len(x) for x in (one, other)])
    freedom = np.array([len(one) - 1, len(other) - 1])
    df = float(parts.sum() ** 2 / (np.square(parts) / freedom).sum())
    beta = np.array([other.mean(), one.mean() - other.mean()])
    covariance = np.array([[parts[1], -parts[1]], [-parts[1], parts.sum()]])
    errors = Errors("Welch", covariance, np.array([df, df]))
    test, interval = errors.test(beta, [1]), errors.interval(beta, 1, level)
    return errors, {
        "welch_t": test.statistic,
        "welch_df": df,
        "welch_p": test.p,
        "welch_ci_low": interval.low,
        "welch_ci_high": interval.high,
    }


def _clustered(fit: OlsFit, codes: Codes) -> tuple[Errors, dict[str, Number]]:
    """Return the error of the difference of changes within clusters, and its numbers."""
    clusters = int(codes.max()) + 1
    plain = float(np.sqrt(cr0_covariance(fit, codes)[1, 1]))
    cr2 = cr2_covariance(fit, codes)
    return Errors("CR2", cr2.covariance, cr2.df), {
        "n_clusters": clusters,
        "se_change_CR0": plain,
        "se_change_CR1": plain * float(np.sqrt(cr1_factor(clusters, fit.n, fit.k))),
        "se_change_CR2": float(np.sqrt(cr2.covariance[1, 1])),
        "df_CR2_satterthwaite": float(cr2.df[1]),
    }


def _se(fit: OlsFit, kind: str) -> float:
    """Return the error of the difference under one convention."""
    covariance = hc_covariance(fit, "HC2" if kind == "HC2" else "HC3")
    return float(np.sqrt(covariance[1, 1]))


def _long(arms: _Arms) -> dict[str, Number]:
    """Return the error of the regression with one row a unit and wave, clustered by unit."""
    n = len(arms.units)
    treated, late = np.tile(arms.treated, 2), np.repeat([0.0, 1.0], n)
    design = np.column_stack([np.ones(2 * n), treated, late, treated * late])
    fit = fit_ols(design, np.concatenate([arms.before, arms.after]))
    variance = cr0_covariance(fit, np.tile(np.arange(n), 2))[3, 3] * cr1_factor(n, 2 * n, 4)
    return {"se_long_cluster_CR1": float(np.sqrt(variance))}


def _ancova(
    arms: _Arms, level: float, margin: float | None
) -> tuple[dict[str, Number], Verdict | None]:
    """Return the analysis of covariance and its verdict, empty where no baseline varies."""
    design = np.column_stack([np.ones(len(arms.units)), arms.treated, arms.before])
    if not any(np.ptp(before) for before in arms.both(arms.before)):
        return {}, None
    fit = fit_ols(design, arms.after)
    rest = np.full(3, float(fit.n - 3))
    robust = Errors("HC3", hc_covariance(fit, "HC3"), rest)
    if not np.isfinite(robust.covariance).all() or fit.rss == 0:
        return {}, None
    interval = robust.interval(fit.beta, 1, level)
    classic = Errors("classic", hc_covariance(fit, "classic"), rest)
    return {
        "ancova_effect": float(fit.beta[1]),
        "ancova_se_classic": float(classic.se[1]),
        "ancova_se_HC3": float(robust.se[1]),
        "ancova_ci_HC3_low": interval.low,
        "ancova_ci_HC3_high": interval.high,
        "ancova_p_HC3": float(robust.p(fit.beta)[1]),
        "ancova_df": float(rest[0]),
        "ancova_baseline_slope": float(fit.beta[2]),
    }, robust.verdict(fit.beta, 1, level, margin)


def _ancova_test(ancova: dict[str, Number]) -> tuple[Test, ...]:
    """Return the test of the analysis of covariance, if there is one."""
    if not ancova:
        return ()
    effect, se, df, p = (
        float(ancova[name] or 0.0)
        for name in ("ancova_effect", "ancova_se_HC3", "ancova_df", "ancova_p_HC3")
    )
    return (Test("ancova t, HC3", effect / se, (df,), p),)


def _described(arms: _Arms) -> dict[str, Number]:
    """Return what describes both groups, before any test."""
    found: dict[str, Number] = {
        "n": len(arms.units),
        "n_treated": int(arms.treated.sum()),
        "n_control": int((1 - arms.treated).sum()),
    }
    for name, values in (
        ("mean_base", arms.before),
        ("mean_follow", arms.after),
        ("mean_change", arms.change),
    ):
        for group, part in zip(("treated", "control"), arms.both(values), strict=True):
            found[f"{name}_{group}"] = float(part.mean()) if len(part) else None
    smd = deviations_apart(*arms.both(arms.before))
    return found | {"smd_baseline_pooled": smd if np.isfinite(smd) else None}


def _missing(before: pd.Series, after: pd.Series, treated: pd.Series) -> dict[str, Number]:
    """Return who was lost of each group, and how far apart their start lies from the others'."""
    part = taking_part(treated)
    first = numeric(before, "before").dropna()
    first = first.loc[sorted(set(first.index) & set(part.index), key=str)]
    stayed = first.index.isin(after.dropna().index)
    found: dict[str, Number] = {}
    for group, value in (("treated", 1.0), ("control", 0.0)):
        of_group = (part.loc[first.index] == value).to_numpy()
        found[f"n_lost_{group}"] = int((of_group & ~stayed).sum())
        smd = deviations_apart(
            np.asarray(first[of_group & ~stayed], dtype=np.float64),
            np.asarray(first[of_group & stayed], dtype=np.float64),
        )
        found[f"smd_lost_{group}"] = smd if np.isfinite(smd) else None
    return found


def _unlike(smd: float, labels: Labels, groups: Programme) -> tuple[Sentence, ...]:
    """Return the warning of groups that were unlike at the start."""
    if abs(smd) <= UNLIKE:
        return ()
    text = Message(
        "At the start {participants} and {others} were {smd} standard deviations apart in "
        "{outcome}: better compare with others alike at the start.",
        smd=rounded(abs(smd)),
        **labels.values,
        **groups.values,
    )
    return (text,)


def _lord(
    estimate: float,
    verdict: Verdict,
    ancova: dict[str, Number],
    other: Verdict | None,
    labels: Labels,
) -> tuple[Sentence, ...]:
    """Return the warning of two questions with two answers (Lord's paradox)."""
    if other is None or verdict is other:
        return ()
    text = Message(
        "Two questions give two answers: the changes differ by {estimate} {unit}, but between "
        "{nouns} with the same start the difference is {ancova} {unit} (probably {low} to {high}). "
        "The data do not say which question is the right one.",
        estimate=rounded(estimate),
        ancova=rounded(float(ancova["ancova_effect"] or 0.0)),
        low=rounded(float(ancova["ancova_ci_HC3_low"] or 0.0)),
        high=rounded(float(ancova["ancova_ci_HC3_high"] or 0.0)),
        **labels.values,
    )
    return (text,)


def _sentences(
    arms: _Arms,
    estimate: float,
    interval: Interval,
    verdict: Verdict,
    labels: Labels,
    groups: Programme,
) -> tuple[Sentence, ...]:
    """Return both changes, and what they let one say."""
    one, other = arms.both(arms.change)
    described = Message(
        "Between {before} and {after}, {outcome} of {participants} ({n}) changed by {one} {unit} "
        "on average, and that of {others} ({m}) by {other}.",
        n=rounded(len(one), 0),
        m=rounded(len(other), 0),
        one=rounded(float(one.mean())),
        other=rounded(float(other.mean())),
        **labels.values,
        **groups.values,
    )
    found = effect_sentence(estimate, interval, verdict, ASSUMPTION, labels, groups.participants)
    return described, found


def _result(arms: _Arms, **values: object) -> Result:
    """Return the result of two groups; what is not given is missing."""
    fields: dict[str, object] = {
        "design": "paired, two groups",
        "dropped": arms.dropped,
        "fingerprint": fingerprint(arms.units, arms.before, arms.after, arms.treated),
    }
    return Result(
        "effect_two_waves",
        "effect",
        len(arms.units),
        Message("difference in differences"),
        **(fields | values),  # type: ignore[arg-type]
    )
