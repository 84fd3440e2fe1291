"""Agreement of several evaluators on names, where all rated all items: Fleiss' kappa."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import scipy.stats as sp

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
from workbench.stats.result import Effect, Number, Refusal, Result, Test
from workbench.stats.sizes import Sizes
from workbench.stats.wording import Labels


def fleiss_kappa(
    ratings: pd.DataFrame,
    *,
    categories: Sequence[object] | None = None,
    level: float = 0.95,
    replicates: int = 2000,
    seed: int = 20250101,
    marks: Marks = MARKS,
    labels: Labels = ITEMS,
    sizes: Sizes | None = None,
) -> Result:
    """Return how far several evaluators agree on names, where all rated all items (Fleiss' kappa).

    Parameters
    ----------
    ratings : DataFrame
        Items by evaluators; items with a rating missing are left out.
    categories, level, replicates, seed, marks, labels, sizes
        As of :func:`workbench.stats.several_raters`.

    Returns
    -------
    Result
        Estimate: kappa with its interval by resampled items, as of
        :func:`workbench.stats.several_raters`; test z of no agreement beyond chance. Table
        ``categories``: kappa and z of each.

    Notes
    -----
    kappa of Fleiss (1971, doi:10.1037/h0031619), variance under no agreement of Fleiss, Nee and
    Landis (1979).
    """
    frame = rated(ratings)
    whole = frame.dropna()
    codes, order = coded(whole, categories)
    items, raters = whole.shape
    dropped = incomplete(len(frame) - items, labels)
    counts = np.zeros((items, len(order)))
    np.add.at(counts, (np.repeat(np.arange(items), raters), codes.ravel()), 1)
    details: dict[str, Number] = {"subjects": items, "raters": raters}
    varied = np.count_nonzero(counts.sum(axis=0)) > 1
    tables = {}
    if varied:
        details |= _fleiss(counts, raters)
        tables["categories"] = _by_category(counts, raters, order)
    refusal: Refusal | None = too_few_items(items, sizes)
    refusal = refusal or (None if varied else one_value(labels))
    if refusal is not None:
        return refused(
            "fleiss_kappa",
            Message("Fleiss' kappa"),
            frame,
            refusal,
            n=items,
            dropped=dropped,
            details=details,
            tables=tables,
        )
    rng = np.random.default_rng(seed)
    times = rng.multinomial(items, np.full(items, 1 / items), size=replicates)
    equal = (counts * (counts - 1)).sum(axis=1) / (raters * (raters - 1))
    shares = (times @ counts) / (items * raters)
    chance = (shares**2).sum(axis=1)
    drawn = ((times @ equal) / items - chance)[chance < 1] / (1 - chance[chance < 1])
    low, high = (float(x) for x in np.quantile(drawn, ((1 - level) / 2, (1 + level) / 2)))
    kappa, z = float(details["kappa"] or 0.0), float(details["z"] or 0.0)
    error, by_chance = bootstrap_error(drawn, items), float(details["pe"] or 0.0)
    interval = coefficient_interval(kappa, error, items, by_chance, level, "bootstrap over items")
    return Result(
        "fleiss_kappa",
        "agreement",
        items,
        Message("Fleiss' kappa"),
        design="raters",
        dropped=dropped,
        reading="raters",
        estimate=kappa,
        unit="coefficient",
        interval=interval,
        effects=(Effect("percent_agreement", float(details["percent_agreement"] or 0.0)),),
        test=Test("z", z, (), float(details["p"] or 0.0)),
        verdict=verdict_by_marks(interval, marks),
        warnings=few_items(items, sizes),
        sentences=(pairs_alike(details, raters), *reached(kappa, interval, marks)),
        details=details
        | {"ci_low": interval.low, "ci_high": interval.high}
        | {"percentile_low": low, "percentile_high": high},
        tables=tables,
        seed=seed,
        replicates=replicates,
        fingerprint=mark(whole),
    )


def _fleiss(counts: Floats, raters: int) -> dict[str, Number]:
    """Return Fleiss' kappa with z from counts of items by categories."""
    items = len(counts)
    p = counts.sum(axis=0) / (items * raters)
    q = 1 - p
    equal = float((counts * (counts - 1)).sum() / (items * raters * (raters - 1)))
    chance = float((p**2).sum())
    kappa = (equal - chance) / (1 - chance)
    pq = float((p * q).sum())
    variance = 2 * (pq**2 - float((p * q * (q - p)).sum())) / (items * raters * (raters - 1))
    se = float(np.sqrt(variance)) / pq
    return {
        "percent_agreement": equal,
        "pe": chance,
        "kappa": kappa,
        "se_null": se,
        "z": kappa / se,
        "p": float(2 * sp.norm.sf(abs(kappa / se))),
    }


def _by_category(counts: Floats, raters: int, order: list[object]) -> pd.DataFrame:
    """Return kappa and z of each category against all others."""
    items = len(counts)
    p = counts.sum(axis=0) / (items * raters)
    q = 1 - p
    apart = (counts * (raters - counts)).sum(axis=0)
    base = items * raters * (raters - 1) * p * q
    kappa = 1 - np.divide(apart, base, out=np.full(len(p), np.nan), where=base > 0)
    se = np.sqrt(2 / (items * raters * (raters - 1)))
    return pd.DataFrame({"share": p, "kappa": kappa, "z": kappa / se}, index=pd.Index(order))
