"""Whether several questions measure one thing: alpha, omega, and what each question adds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import scipy.stats as sp

from workbench.language import Counted, Message
from workbench.stats.measured import Floats, numeric_frame, once
from workbench.stats.one_factor import by_likelihood, by_residuals
from workbench.stats.result import (
    Dropped,
    Effect,
    Interval,
    Number,
    Refusal,
    Result,
    Sentence,
    fingerprint,
    rounded,
    verdict_of,
)
from workbench.stats.sizes import Sizes, default_sizes, few, too_few
from workbench.stats.wording import Labels

QUESTIONS = Labels(nouns=Message("questions"), outcome=Message("the answers"))
WHAT = Message("Whether the questions measure one thing cannot be computed.")
# Customary lower end of what may be used for groups (Nunnally and Bernstein 1994).
ENOUGH = 0.70


def internal_consistency(
    answers: pd.DataFrame,
    *,
    reverse: Sequence[str] = (),
    scale: tuple[float, float] | None = None,
    reflective: bool = True,
    enough: float = ENOUGH,
    level: float = 0.95,
    labels: Labels = QUESTIONS,
    sizes: Sizes | None = None,
) -> Result:
    """Return whether several questions measure one thing (Cronbach's alpha, omega).

    Parameters
    ----------
    answers : DataFrame of float
        Units by questions; units with an answer missing are left out.
    reverse : sequence of str
        Questions asked the other way round.
    scale : tuple of float, optional
        Lowest and highest answer; needed with ``reverse``.
    reflective : bool
        False for a checklist whose points make the thing up rather than mirror it: there the
        question is refused, since a low alpha would be no fault of it.
    enough : float
        From where on the sum of the questions is called consistent enough.
    level : float
    labels : Labels
        ``nouns``: the questions.
    sizes : mapping, optional

    Returns
    -------
    Result
        Estimate: alpha with Feldt's interval; effect ``omega`` (one factor, maximum likelihood).
        Table ``items``: ``item_rest_r``, ``alpha_if_dropped``, ``cfa_ml_loadings``, ``mean``,
        ``sd``, ``reversed``. ``details``: ``std_alpha``, ``average_r``,
        ``omega_total_minres_1factor``, ``mean_score``; ``raw_alpha_pairwise`` from all who answered
        two questions at a time, as R's psych takes it.

    Notes
    -----
    alpha = k / (k - 1) (1 - sum of variances / variance of the sum) (Cronbach 1951); interval:
    1 - (1 - alpha) F on n - 1 and (n - 1)(k - 1) degrees (Feldt 1965, doi:10.1007/BF02289499).

    Raises
    ------
    ValueError
        If a reversed question is not there, has no scale, or a unit stands twice.
    """
    everyone = _turned(answers, reverse, scale)
    frame = everyone.dropna()
    dropped = _incomplete(len(everyone) - len(frame))
    n, k = frame.shape
    details: dict[str, Number] = {"n": n, "k": k}
    refusal = _refusal(frame, reflective, labels, sizes)
    method = Message("Cronbach's alpha, Feldt interval")
    if refusal is not None:
        return Result(
            "internal_consistency",
            "agreement",
            n,
            method,
            design="one wave",
            dropped=dropped,
            refusal=refusal,
            details=details,
            fingerprint=fingerprint(frame.index, frame.to_numpy().ravel()),
        )
    x = frame.to_numpy()
    covariance, correlation = np.cov(x.T), np.corrcoef(x.T)
    alpha = cronbach_alpha(covariance)
    average = float((correlation.sum() - k) / (k * (k - 1)))
    low, high = (
        1 - (1 - alpha) * float(sp.f.ppf(p, n - 1, (n - 1) * (k - 1)))
        for p in (0.5 + level / 2, 0.5 - level / 2)
    )
    interval = Interval(low, high, level, "Feldt")
    items = _items(frame, covariance, reverse)
    omega, more, doubts = _omega(items, covariance, correlation, n, sizes)
    verdict = verdict_of(interval, null=enough)
    return Result(
        "internal_consistency",
        "agreement",
        n,
        method,
        design="one wave",
        dropped=dropped,
        reading="sample",
        estimate=alpha,
        unit="coefficient",
        interval=interval,
        effects=omega,
        verdict=verdict,
        warnings=(*few(n, "alpha_units", sizes), *doubts, *_against(items)),
        sentences=_sentences(k, alpha, interval, enough, labels),
        details=details
        | {
            "raw_alpha": alpha,
            "std_alpha": k * average / (1 + (k - 1) * average),
            "average_r": average,
            "feldt_ci_low": low,
            "feldt_ci_high": high,
            "mean_score": float(x.mean()),
            "raw_alpha_pairwise": cronbach_alpha(everyone.cov().to_numpy()),
        }
        | more,
        tables={"items": items},
        fingerprint=fingerprint(frame.index, x.ravel()),
    )


# -- parts ------------------------------------------------------------------------------------


def _turned(
    answers: pd.DataFrame, reverse: Sequence[str], scale: tuple[float, float] | None
) -> pd.DataFrame:
    """Return answers with reversed questions turned, in the order of the codes of units."""
    once(answers.index)
    absent = [name for name in reverse if name not in answers]
    if absent:
        raise ValueError(f"reverse: there is no question {', '.join(absent)}")
    if reverse and scale is None:
        raise ValueError("reverse: give the scale, its lowest and highest answer")
    frame = numeric_frame(answers, "answers")
    frame.index = pd.Index(frame.index.map(str), name="unit")
    for name in reverse:
        low, high = scale or (0.0, 0.0)
        frame[name] = low + high - frame[name]
    return frame.sort_index()


def _incomplete(n: int) -> tuple[Dropped, ...]:
    """Return units left out because they did not answer all questions."""
    why = Counted(
        "{n} did not answer all questions and is left out.",
        "{n} did not answer all questions and are left out.",
        n,
    )
    return (Dropped(n, why),) if n else ()


def _refusal(
    frame: pd.DataFrame, reflective: bool, labels: Labels, sizes: Sizes | None
) -> Refusal | None:
    """Return why alpha is not computed."""
    n, k = frame.shape
    if not reflective:
        why = Message(
            "They are a checklist: each of the {nouns} asks for another thing, so that they need "
            "not go together.",
            nouns=labels.nouns,
        )
        return Refusal("not_reflective", WHAT, why, Message("Each one can be shown by itself."))
    instead = Message("The answers to each can be shown.")
    few_parts = too_few(k, "factor_items", WHAT, instead, sizes) or too_few(
        n, "alpha_units", WHAT, instead, sizes
    )
    if few_parts is not None:
        return few_parts
    flat = [str(c) for c in frame.columns if frame[c].nunique() < 2]
    if flat:
        why = Message("All gave the same answer to {names}.", names=", ".join(flat))
        return Refusal("no_variation", WHAT, why, Message("It can be computed without these."))
    if float(frame.sum(axis=1).var()) < 1e-12:
        why = Message("The sum of the answers is the same for all.")
        return Refusal("no_variation", WHAT, why, instead)
    return None


def cronbach_alpha(covariance: Floats) -> float:
    """Return Cronbach's alpha."""
    k = len(covariance)
    total = float(covariance.sum())
    if k < 2 or total <= 0:
        return float("nan")
    return float(k / (k - 1) * (1 - np.trace(covariance) / total))


def _items(frame: pd.DataFrame, covariance: Floats, reverse: Sequence[str]) -> pd.DataFrame:
    """Return what each question adds."""
    k = frame.shape[1]
    total = frame.sum(axis=1)
    rest = [total - frame[name] for name in frame]
    keep = [np.flatnonzero(np.arange(k) != i) for i in range(k)]
    return pd.DataFrame(
        {
            "mean": frame.mean(),
            "sd": frame.std(ddof=1),
            "reversed": [name in reverse for name in frame],
            "item_rest_r": [
                float(np.corrcoef(frame[name], other)[0, 1]) if np.ptp(other) > 0 else np.nan
                for name, other in zip(frame, rest, strict=True)
            ],
            "alpha_if_dropped": [cronbach_alpha(covariance[np.ix_(kept, kept)]) for kept in keep],
        },
        index=pd.Index(frame.columns, name="item"),
    )


def _omega(
    items: pd.DataFrame, covariance: Floats, correlation: Floats, n: int, sizes: Sizes | None
) -> tuple[tuple[Effect, ...], dict[str, Number], tuple[Sentence, ...]]:
    """Return omega, the numbers beside it, and what is doubtful; its loadings go to the table."""
    needed = (sizes or default_sizes())["factor_units"]
    if n < needed.refuse:
        text = Message(
            "A model of one factor would need {needed} units, so omega is left out.",
            needed=int(needed.refuse),
        )
        return (), {}, (text,)
    if np.linalg.eigvalsh(correlation)[0] < 1e-10:
        text = Message("One question follows from the others, so omega is left out.")
        return (), {}, (text,)
    likely = by_likelihood(covariance * (n - 1) / n, n)
    least = by_residuals(correlation, n)
    if not likely.proper:
        text = Message("One factor does not describe the answers properly, so omega is left out.")
        return (), {}, (text,)
    items["cfa_ml_loadings"] = likely.loadings
    more: dict[str, Number] = {"omega_cfa_ml_1factor": likely.omega}
    if least.proper:
        more["omega_total_minres_1factor"] = least.omega
    return (Effect("omega", likely.omega),), more, few(n, "factor_units", sizes)


def _against(items: pd.DataFrame) -> tuple[Sentence, ...]:
    """Return a warning where questions go against the others."""
    wrong = [str(name) for name in items.index[items["item_rest_r"] < 0]]
    if not wrong:
        return ()
    text = Counted(
        "{names} goes against the others: was it asked the other way round?",
        "{names} go against the others: were they asked the other way round?",
        len(wrong),
        names=", ".join(wrong),
    )
    return (text,)


def _sentences(
    k: int, alpha: float, interval: Interval, enough: float, labels: Labels
) -> tuple[Sentence, ...]:
    """Return alpha in words."""
    values = {
        **labels.values,
        "alpha": rounded(100 * max(0.0, alpha), 0),
        "low": rounded(100 * max(0.0, interval.low), 0),
        "high": rounded(100 * max(0.0, interval.high), 0),
    }
    size = Counted(
        "Of every 100 parts of the differences in the sum of {n} of the {nouns}, about {alpha} are "
        "common to them (probably between {low} and {high}).",
        "Of every 100 parts of the differences in the sum of the {n} {nouns}, about {alpha} are "
        "common to them (probably between {low} and {high}).",
        k,
        **values,
    )
    if interval.low > enough:
        return size, Message("That is enough to use their sum.")
    if interval.high < enough:
        return size, Message("That is not enough to use their sum as one measure.")
    return size, Message("Whether that is enough to use their sum cannot be told from these data.")
