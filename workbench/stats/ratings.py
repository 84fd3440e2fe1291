"""Ratings of the same items by several evaluators, and what agreement may be called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.language import Counted, Message
from workbench.stats.correlation import interval_by_error
from workbench.stats.measured import Floats, once
from workbench.stats.result import (
    Dropped,
    Interval,
    Number,
    Refusal,
    Result,
    Sentence,
    Verdict,
    fingerprint,
    rounded,
    verdict_of,
)
from workbench.stats.sizes import Sizes, few, too_few
from workbench.stats.wording import Labels

ITEMS = Labels(nouns=Message("items"), outcome=Message("the rating"))
WHAT = Message("How far the evaluators agree cannot be computed.")


@dataclass(frozen=True, slots=True)
class Marks:
    """Customary marks for a coefficient of agreement (Krippendorff 2019, section 12.5).

    Parameters
    ----------
    tentative, firm : float
        Conclusions are tentative from the first and firm from the second on.
    """

    tentative: float = 0.667
    firm: float = 0.800


MARKS = Marks()


def rated(ratings: pd.DataFrame) -> pd.DataFrame:
    """Return ratings in the order of item codes, once each; infinite numbers count as missing.

    Raises
    ------
    ValueError
        If an item stands twice or there are fewer than two evaluators.
    """
    once(ratings.index)
    if ratings.shape[1] < 2:
        raise ValueError(f"ratings: two evaluators or more were expected, not {ratings.shape[1]}")
    frame = ratings.replace([np.inf, -np.inf], np.nan)
    frame.index = pd.Index(frame.index.map(str), name="item")
    return frame.sort_index()


def numbers(frame: pd.DataFrame) -> Floats:
    """Return ratings as numbers.

    Raises
    ------
    ValueError
        If one is a text: names need ``scale="nominal"`` or the categories in their order.
    """
    try:
        return frame.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as cause:
        msg = "ratings: numbers were expected; for names give the categories in their order"
        raise ValueError(msg) from cause


def coded(
    frame: pd.DataFrame, categories: Sequence[object] | None
) -> tuple[np.ndarray, list[object]]:
    """Return the position of each rating among the categories (-1 where missing), and these.

    Parameters
    ----------
    frame : DataFrame
        Items by evaluators.
    categories : sequence, optional
        In their order, those that nobody used too; those that occur, sorted, if left out.

    Raises
    ------
    ValueError
        If a rating is none of the categories.
    """
    flat = pd.Series(frame.to_numpy().ravel(), dtype=object)
    there = flat[flat.notna()]
    order = list(categories) if categories is not None else _sorted(there)
    place = {value: position for position, value in enumerate(order)}
    strange = [value for value in there.unique() if value not in place]
    if strange:
        raise ValueError(f"ratings: {strange[0]} is none of {', '.join(map(str, order))}")
    codes = flat.map(place).fillna(-1).to_numpy(dtype=np.int64)
    return codes.reshape(frame.shape), order


def _sorted(values: pd.Series) -> list[object]:
    """Return the different values, numbers by size and texts by alphabet."""
    found = values.unique().tolist()
    return sorted(found, key=lambda v: (isinstance(v, str), v))


def incomplete(n: int, labels: Labels) -> tuple[Dropped, ...]:
    """Return items left out because not all evaluators rated them."""
    why = Counted(
        "{n} of the {nouns} was not rated by enough evaluators and is left out.",
        "{n} of the {nouns} were not rated by enough evaluators and are left out.",
        n,
        nouns=labels.nouns,
    )
    return (Dropped(n, why),) if n else ()


def too_few_items(n: int, sizes: Sizes | None) -> Refusal | None:
    """Return a refusal where there are too few items."""
    return too_few(n, "rated_items", WHAT, Message("The ratings can be shown side by side."), sizes)


def one_value(labels: Labels) -> Refusal:
    """Return the refusal where an evaluator, or all of them, used one value only."""
    return Refusal(
        "no_variation",
        WHAT,
        Message(
            "One value only was used, so agreement cannot be told from chance, whatever the "
            "{nouns}.",
            nouns=labels.nouns,
        ),
        Message("The share of equal ratings can be stated."),
    )


def verdict_by_marks(interval: Interval | None, marks: Marks) -> Verdict:
    """Return whether agreement is enough, at least for tentative conclusions."""
    return verdict_of(interval, null=marks.tentative)


def coefficient_interval(
    value: float, error: float, n: int, chance: float, level: float, kind: str
) -> Interval:
    """Return the interval of a coefficient of agreement from its standard error over items.

    Parameters
    ----------
    value, error : float
        The coefficient and its standard error.
    n : int
        Items.
    chance : float
        Share of equal ratings to be expected by chance.
    level : float
    kind : str
        How the error was found.

    Notes
    -----
    By :func:`workbench.stats.correlation.interval_by_error` with t(n - 2). Where all ratings
    coincide, or the error is nil, there is no error to go by: the share of items on which all agree
    is then at least ``(a/2)^(1/n)`` (Clopper and Pearson), and the coefficient what of it lies
    beyond chance.
    """
    if error > 0 and -1 < value < 1:
        low, high = interval_by_error(value, error, n - 2, level)
        return Interval(low, high, level, f"{kind}, Fisher's scale")
    share = ((1 - level) / 2) ** (1 / n)
    low = max(-1.0, (share - chance) / (1 - chance))
    return Interval(min(low, value), max(1.0, value), level, "Clopper-Pearson, beyond chance")


def bootstrap_error(drawn: Floats, n: int) -> float:
    """Return the standard error of a coefficient from its resamples of n items."""
    return float(drawn.std(ddof=1) * np.sqrt(n / (n - 1))) if len(drawn) > 1 else 0.0


def reached(value: float, interval: Interval, marks: Marks) -> tuple[Sentence, Sentence]:
    """Return a coefficient in words, and what the customary marks make of it."""
    ends = {"low": rounded(100 * interval.low, 0), "high": rounded(100 * interval.high, 0)}
    size = Message(
        "Of the agreement possible beyond chance they reach {value} % (probably between {low} % "
        "and {high} %).",
        value=rounded(100 * value, 0),
        **ends,
    )
    if value < 0:
        size = Message(
            "They agree less than chance alone would give (coefficient probably between {low} % "
            "and {high} %).",
            **ends,
        )
    return size, by_marks(interval, marks)


def by_marks(interval: Interval, marks: Marks) -> Sentence:
    """Return what the customary marks make of an interval."""
    if interval.low >= marks.firm:
        return Message("By the customary marks that is enough for firm conclusions.")
    if interval.low > marks.tentative:
        return Message("By the customary marks that is enough for tentative conclusions.")
    if interval.high < marks.tentative:
        return Message("By the customary marks that is not enough to rely on.")
    return Message("Whether that is enough to rely on cannot be told from these data.")


def pairs_alike(details: dict[str, Number], raters: int) -> Sentence:
    """Return the share of equal pairs of ratings in words."""
    return Message(
        "Of every 100 pairs of ratings of the same thing by the {raters} evaluators, {share} are "
        "equal.",
        raters=rounded(raters, 0),
        share=rounded(100 * float(details["percent_agreement"] or 0.0), 0),
    )


def refused(
    question: str,
    method: Sentence,
    frame: pd.DataFrame,
    refusal: Refusal,
    *,
    n: int,
    dropped: tuple[Dropped, ...] = (),
    details: dict[str, Number] | None = None,
    tables: dict[str, pd.DataFrame] | None = None,
) -> Result:
    """Return a result that holds a refusal, the ratings, and the numbers that describe them."""
    return Result(
        question,
        "agreement",
        n,
        method,
        design="raters",
        dropped=dropped,
        reading="raters",
        unit="coefficient",
        refusal=refusal,
        details=details or {},
        tables={"ratings": frame, **(tables or {})},
        fingerprint=mark(frame),
    )


def mark(frame: pd.DataFrame) -> str:
    """Return a hash of ratings."""
    return fingerprint(frame.index, map(str, frame.columns), map(str, frame.to_numpy().ravel()))


def few_items(n: int, sizes: Sizes | None) -> tuple[Sentence, ...]:
    """Return a warning where there are few items."""
    return few(n, "rated_items", sizes)
