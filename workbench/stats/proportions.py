"""Shares of two groups that meet a requirement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.special as special
import scipy.stats as sp
from statsmodels.stats.proportion import confint_proportions_2indep

from workbench.language import Message
from workbench.stats.grouped import NOT_AN_EFFECT, Grouped, Names, grouped
from workbench.stats.result import (
    Effect,
    Interval,
    Number,
    Result,
    Sentence,
    Test,
    Verdict,
    rounded,
    verdict_of,
)
from workbench.stats.sizes import Sizes, default_sizes, few, too_few
from workbench.stats.wording import PLAIN, Labels

METHOD = Message("Difference of two shares, Newcombe")
MEETS = Message("meet the requirement")


def two_proportions(
    met: pd.Series,
    groups: pd.Series,
    *,
    group: object,
    reference: object = None,
    margin: float | None = None,
    level: float = 0.95,
    predicate: object = MEETS,
    labels: Labels = PLAIN,
    names: Names | None = None,
    sizes: Sizes | None = None,
) -> Result:
    """Return how two groups of units differ in the share that meets a requirement.

    Parameters
    ----------
    met : Series of bool or {0, 1}
        Whether each unit meets it, by code; missing where that is not known.
    groups, group, reference, level, labels, names, sizes
        As of :func:`two_groups`.
    margin : float, optional
        Smallest relevant difference, as a share (0 to 1).
    predicate : Message or str
        What they do, for sentences: *reach green*.

    Returns
    -------
    Result
        Estimate: difference of shares (0 to 1), with Newcombe's interval; effects ``risk_ratio``
        and ``odds_ratio`` (intervals by logarithms; none where a cell is zero), ``phi``. The test
        is Fisher's where a cell is expected to hold fewer than five, else chi-squared without
        continuity correction; the other stands in ``details``.

    Raises
    ------
    ValueError
        If a value is neither 0 nor 1.

    References
    ----------
    Newcombe (1998), method 10: from the Wilson intervals of both shares.
    """
    data = grouped(met, groups, labels, names=names)
    odd = data.values[(data.values != 0) & (data.values != 1)]
    if len(odd):
        raise ValueError(f"met holds {odd[0]}; expected 1 (yes) and 0 (no)")
    at = data.code_of(group)
    others = data.codes != at if reference is None else data.codes == data.code_of(reference)
    x, y = data.part(at), data.values[others]
    table = _Table(int(x.sum()), len(x), int(y.sum()), len(y))
    called = {
        "group": data.name(group),
        "other": Message("the others") if reference is None else data.name(reference),
    }
    refusal = too_few(
        min(table.n1, table.n2),
        "proportion",
        Message("The shares of “{group}” and “{other}” cannot be compared by a test.", **called),
        Message("The counts can be shown."),
        sizes,
    )
    if refusal is not None:
        return Result(
            "two_proportions",
            "groups",
            table.n1 + table.n2,
            METHOD,
            design="independent",
            dropped=data.dropped,
            unit="share",
            refusal=refusal,
            details={"x1": table.x1, "n1": table.n1, "x2": table.x2, "n2": table.n2},
            fingerprint=data.fingerprint,
        )
    return _compared(data, table, called, margin, level, predicate, sizes)


@dataclass(frozen=True, slots=True)
class _Table:
    """How many of each group meet the requirement."""

    x1: int
    n1: int
    x2: int
    n2: int

    @property
    def cells(self) -> np.ndarray:
        """Those that meet it and those that don't, by group."""
        return np.array([[self.x1, self.n1 - self.x1], [self.x2, self.n2 - self.x2]], dtype=float)

    @property
    def difference(self) -> float:
        """First share less the second."""
        return self.x1 / self.n1 - self.x2 / self.n2

    def newcombe(self, level: float) -> Interval:
        """Return Newcombe's interval of the difference."""
        low, high = confint_proportions_2indep(
            self.x1, self.n1, self.x2, self.n2, method="newcomb", compare="diff", alpha=1 - level
        )
        return Interval(float(low), float(high), level, "Newcombe")


def _compared(
    data: Grouped,
    table: _Table,
    called: dict[str, object],
    margin: float | None,
    level: float,
    predicate: object,
    sizes: Sizes | None,
) -> Result:
    """Return the comparison of two shares that can be compared."""
    interval, narrow = table.newcombe(level), table.newcombe(0.90)
    verdict = verdict_of(interval, narrow=narrow, margin=margin)
    ratio = min(table.n1, table.n2) >= (sizes or default_sizes())["share_ratio"].refuse
    details, effects = _measures(table, level, ratio=ratio)
    fisher = float(sp.fisher_exact(table.cells)[1])
    expected = np.outer(table.cells.sum(axis=1), table.cells.sum(axis=0)) / table.cells.sum()
    sparse = bool(expected.min() < (sizes or default_sizes())["expected_cell"].warn)
    chi2 = _chi_squared(table.cells, expected)
    details |= {
        "diff": table.difference,
        "newcombe_low": interval.low,
        "newcombe_high": interval.high,
        "ci90_low": narrow.low,
        "ci90_high": narrow.high,
        "chi2": chi2,
        "chi2_p": None if chi2 is None else float(special.chdtrc(1, chi2)),
        "fisher_p": fisher,
        "smallest_expected": float(expected.min()),
    }
    exact = Test("Fisher exact", None, (), fisher)
    test, tests = exact, tuple[Test, ...]()
    if chi2 is not None:
        plain = Test("chi-squared", chi2, (1.0,), float(special.chdtrc(1, chi2)))
        test, tests = (exact, (plain,)) if sparse else (plain, (exact,))
    return Result(
        "two_proportions",
        "groups",
        table.n1 + table.n2,
        METHOD,
        design="independent",
        dropped=data.dropped,
        conventions=("chi-squared without continuity correction", "share of interest less other"),
        estimate=table.difference,
        unit="share",
        interval=interval,
        effects=effects,
        test=test,
        tests=tests,
        margin=margin,
        verdict=verdict,
        warnings=(
            *few(min(table.n1, table.n2), "proportion", sizes),
            *_zeros(table),
            *((_NO_RATIO,) if not ratio else ()),
        ),
        sentences=(_sentence(table, called, interval, verdict, margin, predicate), NOT_AN_EFFECT),
        details=details,
        names=called,
        fingerprint=data.fingerprint,
    )


_NO_RATIO = Message("A group is too small for an interval of the ratio of shares.")


def _zeros(table: _Table) -> tuple[Sentence, ...]:
    """Return a warning where a count is zero."""
    if table.cells.all():
        return ()
    return (Message("A count is zero: ratios say little or nothing here, the difference holds."),)


def _chi_squared(cells: np.ndarray, expected: np.ndarray) -> float | None:
    """Return the statistic of equal shares; None where all or none meet the requirement."""
    if expected.min() == 0:
        return None
    return float(((cells - expected) ** 2 / expected).sum())


def _measures(
    table: _Table, level: float, *, ratio: bool
) -> tuple[dict[str, Number], tuple[Effect, ...]]:
    """Return ratios and phi, each by name and as sizes of effect.

    Parameters
    ----------
    table : _Table
    level : float
    ratio : bool
        Whether the groups suffice for an interval of the ratio of shares.

    Notes
    -----
    Intervals by the logarithm: its variance is ``1/x1 - 1/n1 + 1/x2 - 1/n2`` (ratio of shares) and
    the sum of the inverses of the four cells (ratio of odds).
    """
    (a, b), (c, d) = table.cells
    n, m = table.n1, table.n2
    z = float(special.ndtri(0.5 + level / 2))
    details: dict[str, Number] = {"x1": table.x1, "n1": n, "x2": table.x2, "n2": m}
    effects = []
    whole = bool(table.cells.all())
    ratios = (
        ("risk_ratio", "rr", a * m, c * n, 1 / a - 1 / n + 1 / c - 1 / m if a and c else None),
        ("odds_ratio", "or_wald", a * d, b * c, (1 / table.cells).sum() if whole else None),
    )
    for name, short, above, below, variance in ratios:
        value = float(above / below) if below else None
        details |= {name: value, f"{short}_low": None, f"{short}_high": None}
        interval = None
        if variance is not None and value:
            reach = z * np.sqrt(variance)
            low, high = (float(value * np.exp(side * reach)) for side in (-1, 1))
            details |= {f"{short}_low": low, f"{short}_high": high}
            if ratio or name != "risk_ratio":
                interval = Interval(low, high, level, "logarithm")
        if value is not None:
            effects.append(Effect(name, value, interval))
    product = float(np.prod([*table.cells.sum(axis=0), *table.cells.sum(axis=1)]))
    details["phi"] = None
    if product:
        details["phi"] = phi = float((a * d - b * c) / np.sqrt(product))
        effects.append(Effect("phi", phi))
    return details, tuple(effects)


def _sentence(
    table: _Table,
    called: dict[str, object],
    interval: Interval,
    verdict: Verdict,
    margin: float | None,
    predicate: object,
) -> Sentence:
    """Return the difference of shares in words, counted per hundred."""
    low, high = 100 * interval.low, 100 * interval.high
    values = {
        **called,
        "predicate": predicate,
        "x": rounded(table.x1, 0),
        "n": rounded(table.n1, 0),
        "y": rounded(table.x2, 0),
        "m": rounded(table.n2, 0),
        "size": rounded(abs(100 * table.difference), 0),
        "least": rounded(min(abs(low), abs(high)), 0),
        "most": rounded(max(abs(low), abs(high)), 0),
    }
    match verdict:
        case Verdict.POSITIVE:
            return Message(
                "Per 100, {size} more of “{group}” than of “{other}” {predicate} (probably between "
                "{least} and {most} more): {x} of {n} against {y} of {m}.",
                **values,
            )
        case Verdict.NEGATIVE:
            return Message(
                "Per 100, {size} fewer of “{group}” than of “{other}” {predicate} (probably "
                "between {least} and {most} fewer): {x} of {n} against {y} of {m}.",
                **values,
            )
        case Verdict.NEGLIGIBLE:
            return Message(
                "As many of “{group}” ({x} of {n}) as of “{other}” ({y} of {m}) {predicate}, "
                "within the {margin} per 100 that count.",
                margin=rounded(100 * (margin or 0.0), 0),
                **values,
            )
    return Message(
        "Whether more of “{group}” ({x} of {n}) or of “{other}” ({y} of {m}) {predicate} cannot be "
        "told from these data (probably {low} to {high} per 100).",
        low=rounded(low, 0),
        high=rounded(high, 0),
        **values,
    )
