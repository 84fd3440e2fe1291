"""Agreement of several evaluators with missing ratings: Krippendorff's alpha."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from workbench.language import Message
from workbench.stats.measured import Floats
from workbench.stats.ratings import (
    ITEMS,
    MARKS,
    Marks,
    bootstrap_error,
    coded,
    coefficient_interval,
    few_items,
    incomplete,
    mark,
    one_value,
    pairs_alike,
    rated,
    reached,
    refused,
    too_few_items,
    verdict_by_marks,
)
from workbench.stats.result import (
    Effect,
    Number,
    Result,
)
from workbench.stats.sizes import Sizes
from workbench.stats.wording import Labels

Scale = Literal["nominal", "ordinal", "interval", "ratio"]
METHODS: dict[Scale, Message] = {
    "nominal": Message("Krippendorff's alpha, nominal"),
    "ordinal": Message("Krippendorff's alpha, ordinal"),
    "interval": Message("Krippendorff's alpha, interval"),
    "ratio": Message("Krippendorff's alpha, ratio"),
}
SCALES: tuple[Scale, ...] = ("nominal", "ordinal", "interval", "ratio")
_CHUNK = 4_000_000


def several_raters(
    ratings: pd.DataFrame,
    *,
    scale: Scale = "ordinal",
    categories: Sequence[object] | None = None,
    level: float = 0.95,
    replicates: int = 2000,
    seed: int = 20250101,
    marks: Marks = MARKS,
    labels: Labels = ITEMS,
    sizes: Sizes | None = None,
) -> Result:
    """Return how far several evaluators agree, with ratings missing (Krippendorff's alpha).

    Parameters
    ----------
    ratings : DataFrame
        Items by evaluators; missing where one did not rate. Items rated once only are left out.
    scale : {"ordinal", "nominal", "interval", "ratio"}
        What a rating is: decides how a disagreement counts.
    categories : sequence, optional
        In their order; needed where names are ordered.
    level : float
    replicates, seed : int
        Of the bootstrap over items.
    marks : Marks
    labels : Labels
        ``nouns``: the items.
    sizes : mapping, optional

    Returns
    -------
    Result
        Estimate: alpha with its interval by resampled items. ``details``: alpha on every scale
        that fits the ratings, by its name; ``pairable_items``, ``pairable_ratings``,
        ``percent_agreement`` (share of equal pairs of ratings), ``percentile_low`` and
        ``percentile_high`` (the percentiles of the resamples).

    Notes
    -----
    alpha = 1 - observed / expected disagreement over the matrix of coincidences, in which each pair
    of ratings of an item counts 1 / (ratings of the item - 1). Distances: 1; (ratings from one
    category to the other, each end counted half)^2; (a - b)^2; ((a - b) / (a + b))^2
    (Krippendorff 2019, Content Analysis, chapter 12). The interval is that of
    :func:`workbench.stats.ratings.coefficient_interval`, its error the deviation of the resamples:
    their percentiles are too near one another where items are few. A resample in which one value
    remains has no alpha and is left out; ``replicates_used`` counts the others.

    Raises
    ------
    ValueError
        If names are given on a scale of numbers, an item stands twice, or there is one evaluator.
    """
    frame = rated(ratings)
    codes, order = coded(frame, categories)
    enough = (codes >= 0).sum(axis=1) >= 2
    items = int(enough.sum())
    dropped = incomplete(len(frame) - items, labels)
    codes = codes[enough]
    counts = np.zeros((items, len(order)))
    rows, columns = np.nonzero(codes >= 0)
    np.add.at(counts, (rows, codes[rows, columns]), 1)
    given = counts.sum(axis=1)
    rated_ = _Rated(codes, counts, _values(order, scale, categories))
    method = METHODS[scale]
    details: dict[str, Number] = {"pairable_items": items, "pairable_ratings": int(given.sum())}
    if items:
        equal = (counts * (counts - 1)).sum(axis=1) / (given - 1)
        details["percent_agreement"] = float(equal.sum() / given.sum())
    varied = np.count_nonzero(counts.sum(axis=0)) > 1
    if varied:
        details |= _every_scale(codes, counts, order, categories)
    refusal = too_few_items(items, sizes) or (None if varied else one_value(labels))
    if refusal is not None:
        return refused(
            "several_raters", method, frame, refusal, n=items, dropped=dropped, details=details
        )
    alpha = float(details[scale] or 0.0)
    drawn = _resampled(rated_, scale, replicates, np.random.default_rng(seed))
    tail = (1 - level) / 2
    low, high = (float(x) for x in np.quantile(drawn, (tail, 1 - tail)))
    chance = float((np.square(counts.sum(axis=0) / given.sum())).sum())
    interval = coefficient_interval(
        alpha, bootstrap_error(drawn, items), items, chance, level, "bootstrap over items"
    )
    details |= {"alpha": alpha, "ci_low": interval.low, "ci_high": interval.high}
    details |= {"percentile_low": low, "percentile_high": high, "replicates_used": len(drawn)}
    return Result(
        "several_raters",
        "agreement",
        items,
        method,
        design="raters",
        dropped=dropped,
        conventions=("items are resampled, the matrix is built anew", f"{scale} distances"),
        reading="raters",
        estimate=alpha,
        unit="coefficient",
        interval=interval,
        effects=(Effect("percent_agreement", float(details["percent_agreement"] or 0.0)),),
        verdict=verdict_by_marks(interval, marks),
        warnings=few_items(items, sizes),
        sentences=(pairs_alike(details, frame.shape[1]), *reached(alpha, interval, marks)),
        details=details,
        seed=seed,
        replicates=replicates,
        fingerprint=mark(frame),
    )


# -- alpha ------------------------------------------------------------------------------------


def _values(order: list[object], scale: Scale, categories: Sequence[object] | None) -> Floats:
    """Return the number of each category; its position where names or an order were given."""
    if scale == "nominal" or (scale == "ordinal" and categories is not None):
        return np.arange(len(order), dtype=np.float64)
    if any(isinstance(value, str) for value in order):
        raise ValueError(f"ratings: numbers were expected on a scale of kind {scale}, not names")
    found = np.array([float(str(value)) for value in order])
    if scale == "ratio" and (found < 0).any():
        raise ValueError("ratings: a ratio scale has no negative numbers")
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Rated:
    """Items that were rated twice or more.

    Parameters
    ----------
    codes : array of int, shape (items, raters)
        Category of each rating, -1 where missing.
    counts : array of float, shape (items, categories)
    values : array of float, shape (categories,)
        Number of each category.
    """

    codes: np.ndarray
    counts: Floats
    values: Floats

    @property
    def there(self) -> np.ndarray:
        """Whether a rating is there, shape (items, raters)."""
        return np.asarray(self.codes >= 0)

    @property
    def given(self) -> Floats:
        """Ratings of each item."""
        return np.asarray(self.counts.sum(axis=1), dtype=np.float64)


def _alphas(rated_: _Rated, times: Floats, scale: Scale) -> Floats:
    """Return alpha for each row of how often each item counts; NaN where one value remains.

    Parameters
    ----------
    rated_ : _Rated
    times : array of float, shape (replicates, items)
    scale : str
    """
    totals = times @ rated_.counts
    n = totals.sum(axis=1)
    if scale == "ordinal":
        observed, expected = _by_ranks(rated_, times, totals)
    else:
        distance = _distances(rated_.values, scale)
        observed = times @ _apart(rated_, distance)
        expected = ((totals @ distance) * totals).sum(axis=1)
    ratio = np.divide((n - 1) * observed, expected, out=np.full(len(n), np.nan), where=expected > 0)
    return np.asarray(1 - ratio, dtype=np.float64)


def _distances(values: Floats, scale: Scale) -> Floats:
    """Return squared distances between categories, shape (categories, categories)."""
    gap = values[:, None] - values[None, :]
    if scale == "nominal":
        return np.asarray(gap != 0, dtype=np.float64)
    if scale == "interval":
        return np.asarray(gap**2, dtype=np.float64)
    total = values[:, None] + values[None, :]
    share = np.divide(gap, total, out=np.zeros_like(gap), where=total > 0)
    return np.asarray(share**2, dtype=np.float64)


def _apart(rated_: _Rated, distance: Floats) -> Floats:
    """Return the observed disagreement of each item, over its ratings less one."""
    both = rated_.there[:, :, None] & rated_.there[:, None, :]
    pairs = distance[rated_.codes[:, :, None], rated_.codes[:, None, :]]
    return np.asarray((pairs * both).sum(axis=(1, 2)) / (rated_.given - 1), dtype=np.float64)


def _by_ranks(rated_: _Rated, times: Floats, totals: Floats) -> tuple[Floats, Floats]:
    """Return observed and expected disagreement between the ranks of ratings.

    Notes
    -----
    The ordinal distance, all ratings between two categories with those of both by half, squared, is
    that of their mean ranks; sums of squares over pairs are 2 (m sum r^2 - (sum r)^2).
    """
    rank = np.cumsum(totals, axis=1) - totals / 2
    # Ranks about their mean, so that squares lose no digits.
    rank = rank - totals.sum(axis=1, keepdims=True) / 2
    own = np.where(rated_.there, rank[:, rated_.codes], 0.0)
    m = rated_.given
    apart = 2 * (m * (own**2).sum(axis=2) - own.sum(axis=2) ** 2) / (m - 1)
    first, second = (totals * rank).sum(axis=1), (totals * rank**2).sum(axis=1)
    expected = 2 * (totals.sum(axis=1) * second - first**2)
    # What is left of ranks that are all the same is rounding.
    expected = np.where(np.count_nonzero(totals, axis=1) > 1, expected, 0.0)
    return (times * apart).sum(axis=1), expected


def _every_scale(
    codes: np.ndarray, counts: Floats, order: list[object], categories: Sequence[object] | None
) -> dict[str, Number]:
    """Return alpha on every scale that fits the ratings."""
    found: dict[str, Number] = {}
    for scale in SCALES:
        try:
            values = _values(order, scale, categories)
        except ValueError:
            continue
        once_each = np.ones((1, len(codes)))
        found[scale] = float(_alphas(_Rated(codes, counts, values), once_each, scale)[0])
    return found


def _resampled(rated_: _Rated, scale: Scale, replicates: int, rng: np.random.Generator) -> Floats:
    """Return alpha of resampled items, without the resamples that have none."""
    items = len(rated_.codes)
    found = []
    size = max(1, _CHUNK // max(rated_.codes.size, rated_.counts.shape[1]))
    for start in range(0, replicates, size):
        count = min(size, replicates - start)
        times = rng.multinomial(items, np.full(items, 1 / items), size=count)
        found.append(_alphas(rated_, times.astype(np.float64), scale))
    drawn = np.concatenate(found)
    return np.asarray(drawn[~np.isnan(drawn)], dtype=np.float64)
