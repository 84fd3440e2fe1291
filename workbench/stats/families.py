"""Many comparisons at once: p-values adjusted for how many were looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, cast, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.language import Counted, Message
from workbench.stats.measured import numeric
from workbench.stats.pairs import Floats
from workbench.stats.result import (
    Dropped,
    Number,
    Refusal,
    Result,
    Sentence,
    Test,
    Verdict,
    fingerprint,
    rounded,
)
from workbench.stats.wording import PValue

Method = Literal["holm", "bh", "by", "bonferroni", "hochberg", "hommel"]
_SHOWN = {"bh": "BH", "by": "BY"}
_SHOWS = {
    "change": Counted("shows a change", "show a change", 0),
    "groups": Counted("shows a difference", "show a difference", 0),
    "spread": Counted("differs in spread", "differ in spread", 0),
    "association": Counted("shows an association", "show an association", 0),
    "target": Counted("differs from the target", "differ from the target", 0),
    "chance": Counted("lies outside what chance gives", "lie outside what chance gives", 0),
}
_STANDS_OUT = Counted("stands out", "stand out", 0)
INDICATORS = Message("indicators")


def adjusted_p(p: pd.Series, method: Method = "holm") -> pd.Series:
    """Return p-values adjusted for their number.

    Parameters
    ----------
    p : Series of float
        Missing where there was no test: these stay missing, and don't count.
    method : {"holm", "bh", "by", "bonferroni", "hochberg", "hommel"}
        Holm for few questions declared before; Benjamini and Hochberg for many looked through, as
        Benjamini and Yekutieli where they depend strongly on each other.

    Raises
    ------
    ValueError
        If the method is none of these, or a p-value lies outside of 0 to 1.
    """
    if method not in _ADJUST:
        raise ValueError(f"method is {method!r}; expected one of {', '.join(_ADJUST)}")
    found = pd.Series(np.nan, index=p.index, dtype="float64")
    tested = p.notna()
    if tested.any():
        found[tested] = _ADJUST[method](p[tested].to_numpy(dtype=np.float64))
    return found


# statsmodels collects all garbage of the process at each call, which takes longer than a whole
# comparison; these are one line each.


def bonferroni(p: Floats) -> Floats:
    """Return p-values times their number."""
    return np.minimum(p * len(p), 1.0)


def holm(p: Floats) -> Floats:
    """Return p-values adjusted after Holm (1979): by order, the largest so far of (m - i) p."""
    order = np.argsort(p, kind="stable")
    return _in_place(order, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))


def hochberg(p: Floats) -> Floats:
    """Return p-values adjusted after Hochberg (1988): as Holm's, from the largest p down."""
    order = np.argsort(p, kind="stable")
    return _in_place(order, _smallest_above(p[order] * np.arange(len(p), 0, -1)))


def hommel(p: Floats) -> Floats:
    """Return p-values adjusted after Hommel (1988), by the steps of Wright (1992)."""
    order = np.argsort(p, kind="stable")
    q, m = p[order], len(p)
    found = np.full(m, (m * q / np.arange(1, m + 1)).min())
    for size in range(m - 1, 1, -1):
        last = np.arange(m - size + 1, m)
        least = (size * q[last] / np.arange(2, size + 1)).min()
        bound = np.minimum(size * q, least)
        bound[last] = bound[m - size]
        found = np.maximum(found, bound)
    return _in_place(order, np.maximum(found, q))


def benjamini_hochberg(p: Floats) -> Floats:
    """Return p-values adjusted after Benjamini and Hochberg (1995): from the top, m p / i."""
    order = np.argsort(p, kind="stable")
    return _in_place(order, _smallest_above(p[order] * len(p) / np.arange(1, len(p) + 1)))


def benjamini_yekutieli(p: Floats) -> Floats:
    """Return p-values adjusted after Benjamini and Yekutieli (2001), whatever the dependence."""
    order, harmonic = np.argsort(p, kind="stable"), (1 / np.arange(1, len(p) + 1)).sum()
    steps = p[order] * len(p) * harmonic / np.arange(1, len(p) + 1)
    return _in_place(order, _smallest_above(steps))


def _smallest_above(steps: Floats) -> Floats:
    """Return for each step the smallest of those from it on."""
    return np.asarray(np.minimum.accumulate(steps[::-1])[::-1])


def _in_place(order: NDArray[np.intp], steps: Floats) -> Floats:
    """Return adjusted values, at most 1, in the places from which they came."""
    found = np.empty(len(steps))
    found[order] = np.minimum(steps, 1.0)
    return found


_ADJUST: dict[str, Callable[[Floats], Floats]] = {
    "bonferroni": bonferroni,
    "holm": holm,
    "hochberg": hochberg,
    "hommel": hommel,
    "bh": benjamini_hochberg,
    "by": benjamini_yekutieli,
}


@overload
def adjust(
    results: Mapping[str, Result], *, method: Method = ..., alpha: float = ...
) -> dict[str, Result]: ...
@overload
def adjust(
    results: Sequence[Result], *, method: Method = ..., alpha: float = ...
) -> list[Result]: ...
def adjust(
    results: Mapping[str, Result] | Sequence[Result],
    *,
    method: Method = "holm",
    alpha: float = 0.05,
) -> dict[str, Result] | list[Result]:
    """Return results with their p-values adjusted for the other tests of their family.

    Parameters
    ----------
    results : mapping or sequence of Result
        Those declared before (``confirmatory``) are one family, all others another. A refused
        result, or one without a test, does not count.
    method : {"holm", "bh", "by", "bonferroni", "hochberg", "hommel"}
    alpha : float
        Where an adjusted p lies above and the interval of the result, which knows nothing of the
        others, leaves zero out, a warning is added.

    Returns
    -------
    dict or list of Result
        As they came: ``test.p_adjusted``, ``test.adjustment`` and ``test.m`` (number of tests).
    """
    pairs = results.items() if isinstance(results, Mapping) else enumerate(results)
    named: dict[object, Result] = {name: result for name, result in pairs}
    adjusted = dict(named)
    for declared in (True, False):
        family = {
            name: result.test
            for name, result in named.items()
            if result.confirmatory is declared and result.refusal is None and _tested(result)
        }
        p = pd.Series({name: test.p for name, test in family.items() if test}, dtype="float64")
        for name, value in adjusted_p(p, method).items():
            adjusted[name] = _with(named[name], float(value), method, len(p), alpha)
    if isinstance(results, Mapping):
        return {name: adjusted[name] for name in results}
    return [adjusted[i] for i in range(len(results))]


def _tested(result: Result) -> bool:
    """Return whether a result has a p-value."""
    return result.test is not None and result.test.p == result.test.p


def _with(result: Result, p: float, method: str, m: int, alpha: float) -> Result:
    """Return a result with an adjusted p-value."""
    test = replace(cast("Test", result.test), p_adjusted=p, adjustment=method, m=m)
    alone: tuple[Sentence, ...] = ()
    if m > 1 and p >= alpha and result.verdict in (Verdict.POSITIVE, Verdict.NEGATIVE):
        alone = (
            Message(
                "By itself this would count; it was one of {m} looked at together, and allowing "
                "for that it may be chance.",
                m=rounded(m, 0),
            ),
        )
    return replace(result, test=test, warnings=(*result.warnings, *alone))


def many_tests(
    tests: Mapping[str, Result] | pd.Series,
    *,
    method: Method = "bh",
    alpha: float = 0.05,
    nouns: object = INDICATORS,
) -> Result:
    """Return how many of many comparisons stand once their number is allowed for.

    Parameters
    ----------
    tests : mapping of Result, or Series of float
        Comparisons by name, or their p-values.
    method : {"bh", "holm", "by", "bonferroni", "hochberg", "hommel"}
        Of the sentence; the table holds all.
    alpha : float
    nouns : Message or str
        What was compared, in the plural: *indicators*.

    Returns
    -------
    Result
        ``tables["tests"]``: by name ``p``, the family and every adjustment; ``details``:
        ``n_tests``, ``rejected_holm`` and so on. Comparisons declared before are apart.
    """
    table, family = _table(tests)
    columns = {name: _SHOWN.get(name, name) for name in _ADJUST}
    table = table.assign(**dict.fromkeys(columns.values(), np.nan))
    for _, part in table.groupby("family"):
        for name, column in columns.items():
            table.loc[part.index, column] = adjusted_p(part["p"], cast("Method", name))
    if method not in columns:
        raise ValueError(f"method is {method!r}; expected one of {', '.join(columns)}")
    tested = table[table["p"].notna()]
    untestable = len(table) - len(tested)
    details: dict[str, Number] = {"n_tests": len(tested), "n_untestable": untestable}
    details |= {
        f"rejected_{column}": int((tested[column] < alpha).sum()) for column in columns.values()
    }
    details["rejected_alone"] = int((tested["p"] < alpha).sum())
    common: dict[str, Any] = {
        "method": Message("p-values adjusted: {name}", name=columns[method]),
        "design": "several tests",
        "unit": "",
        "details": details,
        "tables": {"tests": table},
        "dropped": _untestable(untestable, nouns),
        "fingerprint": fingerprint(table.index, table["p"].to_numpy(dtype=np.float64)),
    }
    if tested.empty:
        refusal = Refusal(
            "no_tests",
            Message("No {nouns} can be compared.", nouns=nouns),
            Message("None of the comparisons has a test."),
            Message("What each of them says can be read one by one."),
        )
        return Result("many_tests", family, 0, refusal=refusal, **common)
    sentences = tuple(
        _sentence(tested[tested["family"] == name], name, columns[method], alpha, family, nouns)
        for name in ("confirmatory", "exploratory")
        if (tested["family"] == name).any()
    )
    return Result("many_tests", family, len(tested), sentences=sentences, **common)


def _table(tests: Mapping[str, Result] | pd.Series) -> tuple[pd.DataFrame, str]:
    """Return the p-values with their families, and what kind of question they answer."""
    if isinstance(tests, pd.Series):
        p = numeric(tests, "p")
        wrong = p[(p < 0) | (p > 1)]
        if len(wrong):
            got = f"{wrong.iloc[0]} of {wrong.index[0]}"
            raise ValueError(f"p: {got}; expected a number from 0 to 1")
        frame = pd.DataFrame({"p": p, "family": "exploratory"})
        return frame.rename_axis("test"), ""
    rows = {
        name: {
            "p": result.test.p if result.test is not None and result.refusal is None else np.nan,
            "family": "confirmatory" if result.confirmatory else "exploratory",
        }
        for name, result in tests.items()
    }
    kinds = {result.family for result in tests.values()}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["p", "family"])
    return frame.rename_axis("test"), kinds.pop() if len(kinds) == 1 else ""


def _untestable(n: int, nouns: object) -> tuple[Dropped, ...]:
    """Return how many could not be tested."""
    if not n:
        return ()
    why = Counted(
        "{n} of the {nouns} could not be tested and does not count.",
        "{n} of the {nouns} could not be tested and do not count.",
        n,
        nouns=nouns,
    )
    return (Dropped(n, why),)


def _sentence(
    tested: pd.DataFrame, name: str, column: str, alpha: float, family: str, nouns: object
) -> Sentence:
    """Return how many stand, in words."""
    if len(tested) == 1:
        return Message(
            "One of the {nouns} was tested, so there is nothing to allow for (p {p}).",
            nouns=nouns,
            p=PValue(float(tested["p"].iloc[0])),
        )
    show = _SHOWS.get(family, _STANDS_OUT)
    values = {
        "m": rounded(len(tested), 0),
        "nouns": nouns,
        "show": Counted(show.one, show.many, int((tested[column] < alpha).sum())),
        "alone": rounded(int((tested["p"] < alpha).sum()), 0),
    }
    n = int((tested[column] < alpha).sum())
    if name == "confirmatory":
        return Counted(
            "Of the {m} {nouns} declared beforehand, {n} {show} after allowing for having looked "
            "at {m} at once; without that it would be {alone}.",
            "Of the {m} {nouns} declared beforehand, {n} {show} after allowing for having looked "
            "at {m} at once; without that it would be {alone}.",
            n,
            **values,
        )
    return Counted(
        "Of {m} {nouns}, {n} {show} after allowing for having looked at {m} at once; without that "
        "it would be {alone}. They were not declared beforehand: take this as exploratory.",
        "Of {m} {nouns}, {n} {show} after allowing for having looked at {m} at once; without that "
        "it would be {alone}. They were not declared beforehand: take this as exploratory.",
        n,
        **values,
    )
