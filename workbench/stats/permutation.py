"""Tests by rearranging: groups among units, within blocks, or signs of changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy.special as special
from numpy.typing import NDArray

from workbench.language import Counted, Message
from workbench.stats.grouped import NOT_AN_EFFECT, Names, constant, grouped, no_variation
from workbench.stats.pairs import Floats, matched
from workbench.stats.rearranged import Arrangements, flipped, regrouped
from workbench.stats.result import (
    Dropped,
    Interval,
    Number,
    Result,
    Sentence,
    Test,
    Verdict,
    fingerprint,
    rounded,
    verdict_of,
)
from workbench.stats.sizes import Sizes, few, too_few
from workbench.stats.wording import PLAIN, Labels

REPLICATES = 9_999
SEED = 20260101


def permutation_test(
    values: pd.Series,
    groups: pd.Series,
    *,
    group: object,
    reference: object = None,
    blocks: pd.Series | None = None,
    margin: float | None = None,
    level: float = 0.95,
    replicates: int = REPLICATES,
    seed: int = SEED,
    labels: Labels = PLAIN,
    names: Names | None = None,
    sizes: Sizes | None = None,
) -> Result:
    """Return how two groups of units differ on average, by rearranging who belongs to which.

    Parameters
    ----------
    values, groups, group, reference, margin, level, labels, names, sizes
        As of :func:`two_groups`.
    blocks : Series, optional
        Block of each unit, such as its state: units change places within it only.
    replicates, seed : int
        Of random arrangements, where all would be more than 600,000.

    Returns
    -------
    Result
        Estimate: difference of means; with blocks the mean of the differences within blocks,
        weighted by ``n1 n0 / n``. Its interval by inverting the test; the p-value by distance from
        the expectation, in ``details`` by every definition, and the normal approximation.

    Notes
    -----
    The difference of means and the sum of the group order arrangements alike. A block of one group
    only says nothing.
    """
    data = grouped(values, groups, labels, names=names)
    at = data.code_of(group)
    within = pd.Series("", index=data.units) if blocks is None else blocks.reindex(data.units)
    block = pd.factorize(within, sort=True)[0]
    kept = block >= 0
    if reference is not None:
        kept &= np.isin(data.codes, (at, data.code_of(reference)))
    chosen = data.codes == at
    kept &= ~_alone(chosen, block, kept)
    y, chosen, block = data.values[kept], chosen[kept], block[kept]
    called = {
        "group": data.name(group),
        "other": Message("the others") if reference is None else data.name(reference),
    }
    smaller = int(min(chosen.sum(), (~chosen).sum()))
    refusal = too_few(
        smaller,
        "two_groups",
        Message("The groups “{group}” and “{other}” cannot be tested.", **called),
        Message("The values of the smaller group can be listed."),
        sizes,
    )
    if refusal is None and all(constant(y[block == b]) for b in np.unique(block)):
        refusal = no_variation(labels)
    common: dict[str, Any] = {
        "question": "permutation_test",
        "family": "groups",
        "n": len(y),
        "method": Message("permutation of groups")
        if blocks is None
        else Message("permutation of groups within blocks"),
        "design": "independent" if blocks is None else "independent, in blocks",
        "dropped": (*data.dropped, *_idle(len(data.values) - len(y), labels)),
        "fingerprint": fingerprint(data.units[kept], y, chosen, block),
    }
    if refusal is not None:
        return Result(**common, refusal=refusal, details={"n": len(y)})
    found = regrouped(y, chosen, block, replicates, seed)
    estimate, z = _difference(y, chosen, block, found)
    answer = _answer(found, level, margin)
    details = answer.details | {
        "n_1": int(chosen.sum()),
        "n_0": int((~chosen).sum()),
        "difference": float(y[chosen].mean() - y[~chosen].mean()),
        "difference_within_blocks": estimate,
        "statistic_sum_group1": found.observed,
        "expectation": found.expectation,
        "asymptotic_z": z,
        "asymptotic_p": float(2 * special.ndtr(-abs(z))),
    }
    return Result(
        **common,
        **answer.fields,
        estimate=estimate,
        warnings=few(smaller, "two_groups", sizes),
        sentences=(
            _groups_sentence(called, estimate, answer, margin, labels)
            if answer.told
            else _untold(found),
            _how(found),
            NOT_AN_EFFECT,
        ),
        details=details,
        seed=None if found.exact else seed,
        replicates=None if found.exact else replicates,
    )


def sign_flip_test(
    before: pd.Series,
    after: pd.Series,
    *,
    margin: float | None = None,
    level: float = 0.95,
    replicates: int = REPLICATES,
    seed: int = SEED,
    labels: Labels = PLAIN,
    sizes: Sizes | None = None,
) -> Result:
    """Return the mean change of the units measured both times, by turning the signs of changes.

    Parameters
    ----------
    before, after, margin, level, labels, sizes
        As of :func:`mean_change`.
    replicates, seed : int
        Of random signs, where all would be more than 600,000 (more than 19 pairs).

    Returns
    -------
    Result
        Estimate: the mean change of all pairs; its interval by inverting the test. Pairs without
        change add nothing to the p-value and are left out of it; they count in the estimate.
    """
    pairs = matched(before, after, labels)
    change = pairs.change
    moved = change[change != 0]
    refusal = too_few(
        len(moved),
        "paired",
        Message("The mean change cannot be tested."),
        Message("The change of each one can be shown."),
        sizes,
    )
    common: dict[str, Any] = {
        "question": "sign_flip_test",
        "family": "change",
        "n": pairs.n,
        "method": Message("sign flip of changes"),
        "design": "paired",
        "dropped": pairs.dropped,
        "fingerprint": pairs.fingerprint,
    }
    if refusal is not None:
        details: dict[str, Number] = {"n": pairs.n, "n_nonzero": len(moved)}
        return Result(**common, refusal=refusal, details=details)
    found = flipped(moved, replicates, seed)
    # The interval shifts pairs without change, too: for it all pairs are turned.
    whole = found if len(moved) == pairs.n else flipped(change, replicates, seed)
    answer = _answer(found, level, margin, whole)
    estimate = float(change.mean())
    exact = found.exact and whole.exact
    return Result(
        **common,
        **answer.fields,
        estimate=estimate,
        warnings=few(len(moved), "paired", sizes),
        sentences=(
            _change_sentence(pairs.n, estimate, answer, margin, labels)
            if answer.told
            else _untold(found),
            _how(found),
        ),
        details=answer.details
        | {
            "n": pairs.n,
            "n_nonzero": len(moved),
            "mean_difference": estimate,
            "mean_difference_nonzero": float(moved.mean()),
            "p_two_sided": answer.details["p_two_sided_abs"],
        },
        seed=None if exact else seed,
        replicates=None if exact else replicates,
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    """What arrangements say: interval, verdict, and numbers by name."""

    interval: Interval
    verdict: Verdict
    details: dict[str, Number]
    fields: dict[str, Any]

    @property
    def told(self) -> bool:
        """Whether there were arrangements enough for an interval."""
        return bool(np.isfinite(self.interval.low))


def _answer(
    found: Arrangements, level: float, margin: float | None, whole: Arrangements | None = None
) -> _Answer:
    """Return what arrangements say; the interval by those of ``whole``, where these are others."""
    within = found if whole is None else whole
    interval = Interval(*within.interval(level), level, "inverted permutation test")
    narrow = Interval(*within.interval(0.90), 0.90, interval.kind)
    verdict = verdict_of(interval, narrow=narrow, margin=margin)
    details = found.p_values() | {
        "ci_low": interval.low,
        "ci_high": interval.high,
        "ci90_low": narrow.low,
        "ci90_high": narrow.high,
    }
    p = details["p_two_sided_abs"]
    fields = {
        "interval": interval,
        "verdict": verdict,
        "margin": margin,
        "test": Test("permutation", found.observed, (), float(p or 0.0)),
        "conventions": (
            "two-sided by distance from the expectation; twice the smaller tail in details",
            "interval: differences that twice the smaller tail does not reject",
            "all arrangements" if found.exact else "arrangements at random, the observed one added",
        ),
    }
    return _Answer(interval, verdict, details, fields)


def _alone(
    chosen: NDArray[np.bool_], block: NDArray[np.intp], kept: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return the units in blocks of one group only."""
    size = int(block.max(initial=0)) + 1
    every = np.bincount(block[kept], minlength=size)
    own = np.bincount(block[kept & chosen], minlength=size)
    return np.asarray(((own == 0) | (own == every))[block])


def _idle(n: int, labels: Labels) -> tuple[Dropped, ...]:
    """Return how many units say nothing: in no block, in one of one group only, or in no group."""
    if not n:
        return ()
    why = Counted(
        "{n} of the {nouns} is in neither group or in a block of one group only.",
        "{n} of the {nouns} are in neither group or in a block of one group only.",
        n,
        nouns=labels.nouns,
    )
    return (Dropped(n, why),)


def _difference(
    y: Floats, chosen: NDArray[np.bool_], block: NDArray[np.intp], found: Arrangements
) -> tuple[float, float]:
    """Return the difference within blocks, and its normal approximation.

    Notes
    -----
    The sum of the group less its expectation is ``sum n1 n0 / n (m1 - m0)`` over blocks; its
    variance under rearrangement ``sum n1 n0 / (n (n - 1)) sum (y - m)^2``.
    """
    weight = variance = 0.0
    for b in np.unique(block):
        part, own = y[block == b], chosen[block == b]
        n, n1 = len(part), int(own.sum())
        weight += n1 * (n - n1) / n
        variance += n1 * (n - n1) / (n * (n - 1)) * float(((part - part.mean()) ** 2).sum())
    distance = found.observed - found.expectation
    return distance / weight, float(distance / np.sqrt(variance))


# -- sentences --------------------------------------------------------------------------------


def _how(found: Arrangements) -> Sentence:
    """Return what was counted, in words."""
    as_far = round(float(found.p_values()["p_two_sided_abs"] or 0.0) * found.count)
    values = {"all": rounded(found.count, 0)}
    if found.exact:
        return Counted(
            "Of all {all} arrangements of the same values, {n} gives a difference at least as "
            "large.",
            "Of all {all} arrangements of the same values, {n} give a difference at least as "
            "large.",
            as_far,
            **values,
        )
    return Counted(
        "Of {all} arrangements of the same values, drawn at random, {n} gives a difference at "
        "least as large.",
        "Of {all} arrangements of the same values, drawn at random, {n} give a difference at least "
        "as large.",
        as_far,
        **values,
    )


def _untold(found: Arrangements) -> Sentence:
    """Return that there is no interval, in words."""
    return Message(
        "How large the difference is cannot be told: {all} arrangements are too few for an "
        "interval.",
        all=rounded(found.count, 0),
    )


def _numbers(estimate: float, answer: _Answer, margin: float | None) -> dict[str, object]:
    """Return the numbers of a sentence."""
    low, high = answer.interval.low, answer.interval.high
    return {
        "size": rounded(abs(estimate)),
        "low": rounded(low),
        "high": rounded(high),
        "least": rounded(min(abs(low), abs(high))),
        "most": rounded(max(abs(low), abs(high))),
        "margin": rounded(margin or 0.0),
    }


def _groups_sentence(
    called: dict[str, object],
    estimate: float,
    answer: _Answer,
    margin: float | None,
    labels: Labels,
) -> Sentence:
    """Return the difference of means in words, by its verdict."""
    values = {**labels.values, **called, **_numbers(estimate, answer, margin)}
    match answer.verdict:
        case Verdict.POSITIVE:
            return Message(
                "In {outcome}, the {nouns} of “{group}” lie {size} {unit} above those of “{other}” "
                "on average (probably between {least} and {most}).",
                **values,
            )
        case Verdict.NEGATIVE:
            return Message(
                "In {outcome}, the {nouns} of “{group}” lie {size} {unit} below those of “{other}” "
                "on average (probably between {least} and {most}).",
                **values,
            )
        case Verdict.NEGLIGIBLE:
            return Message(
                "In {outcome} there is no appreciable difference between the {nouns} of “{group}” "
                "and those of “{other}”: less than the {margin} {unit} that count.",
                **values,
            )
    return Message(
        "Whether in {outcome} the {nouns} of “{group}” lie above or below those of “{other}” on "
        "average cannot be told from these data (probably {low} to {high} {unit}).",
        **values,
    )


def _change_sentence(
    n: int, estimate: float, answer: _Answer, margin: float | None, labels: Labels
) -> Sentence:
    """Return the mean change in words, by its verdict."""
    values = {**labels.values, **_numbers(estimate, answer, margin), "pairs": rounded(n, 0)}
    match answer.verdict:
        case Verdict.POSITIVE:
            return Message(
                "Among the {pairs} {nouns} measured both times, {outcome} rose by {size} {unit} on "
                "average (probably between {least} and {most}).",
                **values,
            )
        case Verdict.NEGATIVE:
            return Message(
                "Among the {pairs} {nouns} measured both times, {outcome} fell by {size} {unit} on "
                "average (probably between {least} and {most}).",
                **values,
            )
        case Verdict.NEGLIGIBLE:
            return Message(
                "Among the {pairs} {nouns} measured both times there was no appreciable change in "
                "{outcome}: less than the {margin} {unit} that count.",
                **values,
            )
    return Message(
        "Whether among the {pairs} {nouns} measured both times {outcome} rose or fell on average "
        "cannot be told from these data (probably {low} to {high} {unit}).",
        **values,
    )
