"""A requirement that is met or not, by the same units, in two waves or more."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import scipy.stats as sp
from statsmodels.stats.contingency_tables import cochrans_q as library_q

from workbench.language import Counted, Message
from workbench.stats.families import adjusted_p
from workbench.stats.paired import no_pairs, refused, share_interval
from workbench.stats.pairs import Pairs, matched
from workbench.stats.panels import Panel, complete_cases, no_panel
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
from workbench.stats.wording import Labels

REQUIREMENT = Labels(outcome=Message("the requirement"))
# Below so many answers of units that changed, the distribution of Cochran's Q is not near enough to
# chi-squared (Tate and Brown 1970, for waves times units that changed).
COCHRAN_CELLS = 24


def requirement_change(
    before: pd.Series,
    after: pd.Series,
    *,
    margin: float | None = None,
    level: float = 0.95,
    labels: Labels = REQUIREMENT,
    sizes: Sizes | None = None,
) -> Result:
    """Return how many units gained a requirement and how many lost it (McNemar).

    Parameters
    ----------
    before, after : Series of bool
        Whether each unit meets it, indexed by code; 1 and 0 count as yes and no.
    margin : float, optional
        Smallest relevant difference of the two shares, 0-1, declared before the data were seen.
    level : float
        Of the intervals.
    labels : Labels
        ``outcome`` names the requirement.
    sizes : mapping, optional
        Smallest sizes; the defaults if left out.

    Returns
    -------
    Result
        Estimate: difference of shares, after less before, with the interval of Agresti and Min;
        effect ``odds_ratio_gain_loss``, infinite where none lost it.

    Raises
    ------
    ValueError
        If an answer is neither yes nor no.

    Notes
    -----
    With g gained, l lost, of n: exact p by the binomial of g in g + l; the difference is
    (g - l) / n and its interval that of Wald after half a unit is added to each of the four cells
    (Agresti and Min 2005, doi:10.1002/sim.1781); the ratio is g / l, its exact interval that of
    Clopper and Pearson for g / (g + l), as odds.
    """
    pairs = matched(yes_no(before), yes_no(after), labels)
    gained, lost = int((pairs.change > 0).sum()), int((pairs.change < 0).sum())
    refusal = (
        no_pairs(pairs, labels)
        or too_few(
            pairs.n,
            "proportion",
            Message("The change in the share cannot be tested."),
            Message("How many gained and lost it can be counted."),
            sizes,
        )
        or _nobody_moved(gained + lost, pairs.n, labels)
    )
    details = _counted(pairs, gained, lost)
    if refusal is not None:
        return refused("requirement_change", Message("McNemar"), pairs, refusal, details)
    interval, narrow = (_agresti_min(gained, lost, pairs.n, at) for at in (level, 0.90))
    ratio = _odds(gained, lost, level)
    verdict = verdict_of(interval, narrow=narrow, margin=margin)
    p = exact_p(gained, lost)
    details |= _asymptotic(gained, lost, pairs.n, level) | {
        "mcnemar_exact_p": p,
        "difference": (gained - lost) / pairs.n,
        "agresti_min_ci_low": interval.low,
        "agresti_min_ci_high": interval.high,
        "odds_ratio_gain_loss": ratio.value,
        "or_exact_low": ratio.interval.low if ratio.interval else None,
        "or_exact_high": ratio.interval.high if ratio.interval else None,
    }
    return Result(
        "requirement_change",
        "change",
        pairs.n,
        Message("McNemar, exact"),
        design="paired",
        dropped=pairs.dropped,
        conventions=("exact p; both chi-squared forms stand in the details",),
        estimate=(gained - lost) / pairs.n,
        unit="share",
        interval=interval,
        effects=(ratio,),
        test=Test("McNemar, exact", None, (), p),
        margin=margin,
        verdict=verdict,
        warnings=few(gained + lost, "movers", sizes),
        sentences=_sentences(gained, lost, pairs.n, interval, verdict, margin, labels),
        details=details,
        fingerprint=pairs.fingerprint,
    )


def cochrans_q(
    met: pd.DataFrame,
    *,
    level: float = 0.95,
    labels: Labels = REQUIREMENT,
    sizes: Sizes | None = None,
) -> Result:
    """Return whether the share that meets a requirement differs between three waves or more.

    Parameters
    ----------
    met : DataFrame of bool, index units, columns waves in their order
        Whether each unit meets it; units with a wave missing are left out.
    level, labels, sizes
        As of :func:`requirement_change`.

    Returns
    -------
    Result
        Estimate: share in the last wave less share in the first, with the interval of Agresti and
        Min; test: Cochran's Q. Tables ``waves`` (shares with Wilson intervals) and ``pairs`` (exact
        McNemar of every two waves, p adjusted by Holm).

    Raises
    ------
    ValueError
        If an answer is neither yes nor no.
    """
    panel = complete_cases(met.apply(yes_no), labels)
    changed = int((np.ptp(panel.values, axis=1) > 0).sum()) if panel.n else 0
    refusal = no_panel(panel, labels, sizes) or _nobody_moved(changed, panel.n, labels)
    if refusal is not None:
        return panel.refused("cochrans_q", Message("Cochran's Q"), refusal)
    found = library_q(panel.values)
    between = _between_waves(panel, level)
    whole = panel.values[:, -1] - panel.values[:, 0]
    gained, lost = int((whole > 0).sum()), int((whole < 0).sum())
    interval = _agresti_min(gained, lost, panel.n, level)
    verdict = verdict_of(interval)
    rough: tuple[Sentence, ...] = ()
    if changed * panel.k < COCHRAN_CELLS:
        rough = (Message("So few changed that the p-value of Cochran's Q is rough."),)
    return Result(
        "cochrans_q",
        "change",
        panel.n,
        Message("Cochran's Q; McNemar of every two waves, exact, Holm"),
        design="panel",
        dropped=panel.dropped,
        estimate=(gained - lost) / panel.n,
        unit="share",
        interval=interval,
        test=Test("Cochran's Q", float(found.statistic), (float(found.df),), float(found.pvalue)),
        verdict=verdict,
        warnings=(*few(panel.n, "complete_waves", sizes), *rough),
        sentences=_sentences(gained, lost, panel.n, interval, verdict, None, labels),
        details={
            "n": panel.n,
            "n_excluded": panel.excluded,
            "waves": panel.k,
            "n_changed": changed,
            "cochran_q": float(found.statistic),
            "cochran_df": int(found.df),
            "cochran_p": float(found.pvalue),
            "difference": (gained - lost) / panel.n,
        },
        tables={"waves": _shares(panel, level), "pairs": between},
        fingerprint=panel.fingerprint,
    )


# -- parts ------------------------------------------------------------------------------------


def yes_no(answers: pd.Series) -> pd.Series:
    """Return answers as 1 and 0, missing as NaN.

    Raises
    ------
    ValueError
        If an answer is neither yes nor no.
    """
    numbers = pd.to_numeric(answers, errors="coerce").astype("float64")
    odd = answers.notna() & ~numbers.isin((0.0, 1.0))
    if odd.any():
        got = answers.astype("object")[odd].iloc[0]
        raise ValueError(
            f"unit {odd.idxmax()}: {got!r} is neither yes nor no; "
            "expected True, False, 1 or 0, empty where not known"
        )
    return numbers


def exact_p(gained: int, lost: int) -> float:
    """Return the two-sided exact p-value of McNemar; 1 where none changed."""
    return float(sp.binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0


def _agresti_min(gained: int, lost: int, n: int, level: float) -> Interval:
    """Return the interval of a difference of paired shares, within -1 and 1."""
    low, high = _wald(gained + 0.5, lost + 0.5, n + 2, level)
    return Interval(max(-1.0, low), min(1.0, high), level, "Agresti-Min")


def _wald(gained: float, lost: float, n: float, level: float) -> tuple[float, float]:
    """Return the Wald interval of a difference of paired shares."""
    centre = (gained - lost) / n
    se = np.sqrt(gained + lost - (gained - lost) ** 2 / n) / n
    reach = float(sp.norm.ppf(0.5 + level / 2) * se)
    return centre - reach, centre + reach


def _odds(gained: int, lost: int, level: float) -> Effect:
    """Return gained for each lost, with its exact interval."""
    share = share_interval(gained, gained + lost, level, "beta")
    low, high = (end / (1 - end) if end < 1 else np.inf for end in (share.low, share.high))
    value = gained / lost if lost else np.inf
    interval = Interval(float(low), float(high), level, "Clopper-Pearson")
    return Effect("odds_ratio_gain_loss", value, interval)


def _counted(pairs: Pairs, gained: int, lost: int) -> dict[str, Number]:
    """Return the four cells and both shares."""
    if not pairs.n:
        return {"n": 0}
    both = int(((pairs.before == 1) & (pairs.after == 1)).sum())
    return {
        "n": pairs.n,
        "kept": both,
        "never": pairs.n - both - gained - lost,
        "gained": gained,
        "lost": lost,
        "share_base": float(pairs.before.mean()),
        "share_followup": float(pairs.after.mean()),
    }


def _asymptotic(gained: int, lost: int, n: int, level: float) -> dict[str, Number]:
    """Return McNemar's chi-squared with and without correction, and the Wald interval."""
    movers, gap = gained + lost, abs(gained - lost)
    plain, corrected = gap**2 / movers, max(gap - 1, 0) ** 2 / movers
    low, high = _wald(gained, lost, n, level)
    return {
        "mcnemar_chi2": plain,
        "mcnemar_p": float(sp.chi2.sf(plain, 1)),
        "mcnemar_chi2_cc": corrected,
        "mcnemar_p_cc": float(sp.chi2.sf(corrected, 1)),
        "wald_ci_low": low,
        "wald_ci_high": high,
    }


def _nobody_moved(movers: int, n: int, labels: Labels) -> Refusal | None:
    """Return the refusal where no answer changed."""
    if movers:
        return None
    return Refusal(
        "no_variation",
        Counted(
            "The only one of the {nouns} that was measured neither gained nor lost {outcome}.",
            "None of the {n} {nouns} gained or lost {outcome}.",
            n,
            **labels.values,
        ),
        Message("Where nothing varies there is no test."),
        Message("The count says all there is to say."),
    )


def _shares(panel: Panel, level: float) -> pd.DataFrame:
    """Return how many meet it, by wave."""
    rows = []
    for met in panel.values.sum(axis=0).astype(int):
        ends = share_interval(int(met), panel.n, level, "wilson")
        rows.append((panel.n, int(met), met / panel.n, ends.low, ends.high))
    names = ["n", "met", "share", "low", "high"]
    return pd.DataFrame(rows, index=pd.Index(panel.waves, name="wave"), columns=names)


def _between_waves(panel: Panel, level: float) -> pd.DataFrame:
    """Return the change between every two waves, p-values adjusted by Holm."""
    rows, index = [], []
    for i, j in combinations(range(panel.k), 2):
        change = panel.values[:, j] - panel.values[:, i]
        gained, lost = int((change > 0).sum()), int((change < 0).sum())
        ends = _agresti_min(gained, lost, panel.n, level)
        rows.append(
            (gained, lost, change.mean(), ends.low, ends.high, exact_p(gained, lost)),
        )
        index.append((panel.waves[i], panel.waves[j]))
    names = ["gained", "lost", "difference", "low", "high", "p"]
    frame = pd.DataFrame(
        rows, columns=names, index=pd.MultiIndex.from_tuples(index, names=["from", "to"])
    )
    frame["p_holm"] = adjusted_p(frame["p"])
    return frame


def _sentences(
    gained: int,
    lost: int,
    n: int,
    interval: Interval,
    verdict: Verdict,
    margin: float | None,
    labels: Labels,
) -> tuple[Sentence, ...]:
    """Return how many gained and lost it, and what that says about all."""
    values = {**labels.values, "all": rounded(n, 0), "lost": rounded(lost, 0)}
    counted = (
        Counted(
            "{n} of {all} {nouns} gained {outcome} and {lost} lost it.",
            "{n} of {all} {nouns} gained {outcome} and {lost} lost it.",
            gained,
            **values,
        )
        if lost
        else Counted(
            "{n} of {all} {nouns} gained {outcome} and none lost it.",
            "{n} of {all} {nouns} gained {outcome} and none lost it.",
            gained,
            **values,
        )
    )
    ends = sorted((abs(interval.low), abs(interval.high)))
    numbers = {
        **labels.values,
        "size": rounded(100 * abs(gained - lost) / n, 1),
        "low": rounded(100 * interval.low, 1),
        "high": rounded(100 * interval.high, 1),
        "least": rounded(100 * ends[0], 1),
        "most": rounded(100 * ends[1], 1),
    }
    return counted, _said(verdict, margin, numbers)


def _said(verdict: Verdict, margin: float | None, numbers: dict[str, object]) -> Sentence:
    """Return the change of the share in words, by its verdict."""
    match verdict:
        case Verdict.POSITIVE:
            return Message(
                "Of every 100 {nouns}, {size} more meet {outcome} than before (probably between "
                "{least} and {most} more).",
                **numbers,
            )
        case Verdict.NEGATIVE:
            return Message(
                "Of every 100 {nouns}, {size} fewer meet {outcome} than before (probably between "
                "{least} and {most} fewer).",
                **numbers,
            )
        case Verdict.NEGLIGIBLE:
            return Message(
                "There was no appreciable change in how many {nouns} meet {outcome}: less than the "
                "{margin} of every 100 that count.",
                margin=rounded(100 * (margin or 0.0), 1),
                **numbers,
            )
    return Message(
        "Whether more or fewer {nouns} meet {outcome} than before cannot be told from these data "
        "(probably a change between {low} and {high} of every 100).",
        **numbers,
    )
