"""Moves between ordered levels (traffic lights, grades) from one wave to the next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import scipy.stats as sp
from numpy.typing import NDArray

from workbench.language import Counted, Message
from workbench.stats.paired import no_pairs, refused, share_interval
from workbench.stats.pairs import Pairs, matched
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
from workbench.stats.sizes import Sizes, default_sizes, few
from workbench.stats.wording import Labels

Counts = NDArray[np.int64]
LEVELS = Labels(outcome=Message("the level"))


def level_transitions(
    before: pd.Series,
    after: pd.Series,
    levels: Sequence[str],
    *,
    level: float = 0.95,
    labels: Labels = LEVELS,
    sizes: Sizes | None = None,
) -> Result:
    """Return how many units moved up or down between ordered levels.

    Parameters
    ----------
    before, after : Series of str
        Level of each unit, indexed by code; missing where it was not measured.
    levels : sequence of str
        All levels, from the worst to the best, those that nobody has too.
    level : float
        Of the intervals.
    labels : Labels
    sizes : mapping, optional
        Smallest sizes; the defaults if left out.

    Returns
    -------
    Result
        Estimate: share that moved up among those that moved, with its exact interval (Clopper and
        Pearson); test: exact sign test. With enough movers also Stuart-Maxwell, Bhapkar, Bowker and
        the marginal test with scores. Effects ``share_up``, ``share_same``, ``share_down`` with
        Wilson intervals. Tables ``transitions`` (rows before, columns after) and ``levels``.

    Raises
    ------
    ValueError
        If a level is none of ``levels``, or stands twice among them.

    Notes
    -----
    Levels that nobody had in either wave are left out of the tests. With d the differences of the
    margins and V their covariance, ``n_i. + n_.i - 2 n_ii`` and ``-(n_ij + n_ji)``, Stuart-Maxwell
    is ``d' V^-1 d`` with k - 1 degrees of freedom; where V is singular (some levels exchanged no
    unit with the others) it is not given, and ``coin_mh_chi2`` holds ``d' V^+ d`` with the rank of
    V (Hothorn et al. 2006). Bhapkar is SM / (1 - SM / n). Bowker sums
    ``(n_ij - n_ji)^2 / (n_ij + n_ji)`` over the pairs of levels between which units moved, and
    counts those as its degrees of freedom; ``bowker_chi2`` is None where a pair is empty, as in R.
    The marginal test with scores takes all steps as equal: (sum of steps)^2 / (sum of squared
    steps).
    """
    pairs = matched(_positions(before, levels), _positions(after, levels), labels)
    table = np.zeros((len(levels), len(levels)), dtype=np.int64)
    np.add.at(table, (pairs.before.astype(int), pairs.after.astype(int)), 1)
    up, down = int(np.triu(table, 1).sum()), int(np.tril(table, -1).sum())
    refusal = no_pairs(pairs, labels) or _nobody_moved(up + down, pairs, labels)
    details: dict[str, Number] = {
        "n": pairs.n,
        "moved_up": up,
        "moved_down": down,
        "stayed": pairs.n - up - down,
    }
    if refusal is not None:
        return refused("level_transitions", Message("sign test"), pairs, refusal, details)
    among = share_interval(up, up + down, level, "beta")
    verdict = verdict_of(among, null=0.5)
    p = float(sp.binomtest(up, up + down).pvalue)
    tests, numbers, remarks = _marginal_tests(table, levels, sizes)
    details |= {name: None if np.isnan(value) else value for name, value in numbers.items()}
    details |= {
        "direction_sign_test_p": p,
        "share_up_among_movers": up / (up + down),
        "share_up_ci_low": among.low,
        "share_up_ci_high": among.high,
    }
    return Result(
        "level_transitions",
        "change",
        pairs.n,
        Message("exact sign test of the direction; Stuart-Maxwell and Bowker"),
        design="paired",
        dropped=pairs.dropped,
        conventions=(
            "pairs of levels between which none moved don't count in Bowker's degrees of freedom",
            "the marginal test with scores takes all steps as equal",
        ),
        estimate=up / (up + down),
        unit="share",
        interval=among,
        effects=_shares(up, down, pairs.n, level),
        test=Test("sign", None, (), p),
        tests=tests,
        verdict=verdict,
        warnings=(*few(up + down, "movers", sizes), *remarks),
        sentences=_sentences(up, down, pairs.n, among, verdict, labels),
        details=details,
        tables=_tables(table, levels),
        fingerprint=pairs.fingerprint,
    )


# -- parts ------------------------------------------------------------------------------------


def _positions(found: pd.Series, levels: Sequence[str]) -> pd.Series:
    """Return levels as their positions from the worst, NaN where there is none."""
    names = list(levels)
    if len(set(names)) < len(names):
        raise ValueError(f"a level stands twice among {names}")
    odd = found.notna() & ~found.isin(names)
    if odd.any():
        raise ValueError(
            f"unit {odd.idxmax()}: level {found[odd].iloc[0]!r} is none of {', '.join(names)}"
        )
    return found.astype("object").map({name: float(i) for i, name in enumerate(names)})


def _marginal_tests(
    full: Counts, levels: Sequence[str], sizes: Sizes | None
) -> tuple[tuple[Test, ...], dict[str, float], tuple[Sentence, ...]]:
    """Return the asymptotic tests, all their numbers, and what a reader must know of them.

    With few movers or a singular table the numbers stand in the details and count for nothing.
    """
    seen = (full.sum(axis=0) + full.sum(axis=1)) > 0
    table = full[np.ix_(seen, seen)]
    numbers, singular = _homogeneity(table)
    numbers |= _symmetry(table) | _scored(table)
    remarks = [
        Message(
            "In neither round was any at the level {level}; the tests leave it out.", level=name
        )
        for name, present in zip(levels, seen, strict=True)
        if not present
    ]
    movers = int(table.sum() - np.trace(table))
    if movers < (sizes or default_sizes())["movers"].warn:
        remarks.append(Message("So few moved that only the count of rises and falls is tested."))
        return (), numbers, tuple(remarks)
    if singular:
        remarks.append(
            Message(
                "Some levels exchanged none with the others, so the shares of all levels cannot be "
                "tested together."
            )
        )
    names = {
        "Bowker": "bowker_dropping_empty_pairs",
        "marginal with scores": "ordinal_marginal",
        **({} if singular else {"Stuart-Maxwell": "stuart_maxwell", "Bhapkar": "bhapkar"}),
    }
    tests = tuple(_test(title, key, numbers) for title, key in names.items())
    return tests, numbers, tuple(remarks)


def _test(title: str, key: str, numbers: dict[str, float]) -> Test:
    """Return a test from its numbers; the one with scores has one degree of freedom."""
    if key == "ordinal_marginal":
        return Test(title, numbers[f"{key}_z2"], (1.0,), numbers[f"{key}_p"])
    return Test(title, numbers[f"{key}_chi2"], (numbers[f"{key}_df"],), numbers[f"{key}_p"])


def _homogeneity(table: Counts) -> tuple[dict[str, float], bool]:
    """Return Stuart-Maxwell, Bhapkar, their form by pseudo-inverse; whether V is singular."""
    n, k = int(table.sum()), len(table)
    gap = (table.sum(axis=1) - table.sum(axis=0)).astype(float)
    covariance = np.diag((table.sum(axis=1) + table.sum(axis=0)).astype(float)) - table - table.T
    rank = int(np.linalg.matrix_rank(covariance))
    general = float(gap @ np.linalg.pinv(covariance, hermitian=True) @ gap)
    singular = rank < k - 1
    bhapkar = general / (1 - general / n) if general < n else np.inf
    return {
        "stuart_maxwell_chi2": np.nan if singular else general,
        "stuart_maxwell_df": k - 1,
        "stuart_maxwell_p": np.nan if singular else float(sp.chi2.sf(general, k - 1)),
        "bhapkar_chi2": np.nan if singular else bhapkar,
        "bhapkar_df": k - 1,
        "bhapkar_p": np.nan if singular else float(sp.chi2.sf(bhapkar, k - 1)),
        "coin_mh_chi2": general,
        "coin_mh_df": rank,
        "coin_mh_p": float(sp.chi2.sf(general, rank)),
    }, singular


def _symmetry(table: Counts) -> dict[str, float]:
    """Return Bowker's test of symmetry, by both conventions about pairs without movers."""
    i, j = np.triu_indices(len(table), 1)
    moved, gap = table[i, j] + table[j, i], table[i, j] - table[j, i]
    some = moved > 0
    statistic, df = float((gap[some] ** 2 / moved[some]).sum()), int(some.sum())
    p = float(sp.chi2.sf(statistic, df))
    return {
        "bowker_chi2": statistic if some.all() else np.nan,
        "bowker_df": len(i),
        "bowker_p": p if some.all() else np.nan,
        "bowker_dropping_empty_pairs_chi2": statistic,
        "bowker_dropping_empty_pairs_df": df,
        "bowker_dropping_empty_pairs_p": p,
    }


def _scored(table: Counts) -> dict[str, float]:
    """Return the marginal test that takes all steps between levels as equal."""
    at = np.arange(len(table))
    steps = at[None, :] - at[:, None]
    z2 = float((steps * table).sum() ** 2 / (steps**2 * table).sum())
    return {"ordinal_marginal_z2": z2, "ordinal_marginal_p": float(sp.chi2.sf(z2, 1))}


def _shares(up: int, down: int, n: int, level: float) -> tuple[Effect, ...]:
    """Return the shares of all units that moved up, stayed and moved down."""
    counts = {"share_up": up, "share_same": n - up - down, "share_down": down}
    return tuple(
        Effect(name, count / n, share_interval(count, n, level, "wilson"))
        for name, count in counts.items()
    )


def _tables(table: Counts, levels: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return the transitions and the number of units at each level in both waves."""
    rows, columns = (pd.Index(list(levels), name=name) for name in ("before", "after"))
    margins = {"before": table.sum(axis=1), "after": table.sum(axis=0)}
    return {
        "transitions": pd.DataFrame(table, index=rows, columns=columns),
        "levels": pd.DataFrame(margins, index=pd.Index(list(levels), name="level")),
    }


def _nobody_moved(movers: int, pairs: Pairs, labels: Labels) -> Refusal | None:
    """Return the refusal where all stayed at their level."""
    if movers:
        return None
    return Refusal(
        "no_variation",
        Counted(
            "The only one of the {nouns} measured both times stayed at its level.",
            "All {n} {nouns} measured both times stayed at their level.",
            pairs.n,
            nouns=labels.nouns,
        ),
        Message("Where nothing varies there is no test."),
        Message("The count says all there is to say."),
    )


def _sentences(
    up: int, down: int, n: int, among: Interval, verdict: Verdict, labels: Labels
) -> tuple[Sentence, ...]:
    """Return how many moved, and whether rises or falls prevail."""
    counted = Counted(
        "{n} of {all} {nouns} moved up, {down} moved down and {same} stayed at the same level.",
        "{n} of {all} {nouns} moved up, {down} moved down and {same} stayed at the same level.",
        up,
        all=rounded(n, 0),
        down=rounded(down, 0),
        same=rounded(n - up - down, 0),
        **labels.values,
    )
    values = {
        "size": rounded(100 * up / (up + down), 1),
        "low": rounded(100 * among.low, 1),
        "high": rounded(100 * among.high, 1),
    }
    said = {
        Verdict.POSITIVE: Message(
            "Rises prevail: of every 100 moves, {size} were upward (probably between {low} and "
            "{high}).",
            **values,
        ),
        Verdict.NEGATIVE: Message(
            "Falls prevail: of every 100 moves, {size} were upward (probably between {low} and "
            "{high}).",
            **values,
        ),
    }
    unclear = Message(
        "Whether rises or falls prevail cannot be told from these data: of every 100 moves, {size} "
        "were upward (probably between {low} and {high}).",
        **values,
    )
    return counted, said.get(verdict, unclear)
