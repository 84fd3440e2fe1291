"""Agreement of two evaluators on categories: weighted kappa, with the share of equal ratings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
import scipy.stats as sp

from workbench.language import Counted, Message
from workbench.stats.measured import Floats, row
from workbench.stats.ratings import (
    ITEMS,
    MARKS,
    Marks,
    coded,
    few_items,
    incomplete,
    mark,
    one_value,
    rated,
    reached,
    refused,
    too_few_items,
    verdict_by_marks,
)
from workbench.stats.result import (
    Effect,
    Interval,
    Number,
    Result,
    Sentence,
    Test,
    rounded,
)
from workbench.stats.sizes import Sizes
from workbench.stats.wording import Labels

Weights = Literal["unweighted", "equal", "squared"]
_POWERS: dict[Weights, int] = {"unweighted": 0, "equal": 1, "squared": 2}


def two_raters(
    first: pd.Series,
    second: pd.Series,
    *,
    weights: Weights = "squared",
    categories: Sequence[object] | None = None,
    level: float = 0.95,
    marks: Marks = MARKS,
    labels: Labels = ITEMS,
    sizes: Sizes | None = None,
) -> Result:
    """Return how far two evaluators agree on categories (Cohen's kappa).

    Parameters
    ----------
    first, second : Series
        One rating an item, indexed by its code.
    weights : {"squared", "equal", "unweighted"}
        How a disagreement counts: with the square of the distance between categories (for ordered
        ones), with the distance, or all alike (for names).
    categories : sequence, optional
        In their order, with those nobody used. Without it those that occur, and a step from one to
        the next counts as one whatever the numbers.
    level : float
    marks : Marks
        When agreement is enough.
    labels : Labels
        ``nouns``: the items.
    sizes : mapping, optional

    Returns
    -------
    Result
        Estimate: kappa with its asymptotic interval; effect ``percent_agreement`` with an exact
        one; test z of no agreement beyond chance. Table ``weights``: ``kappa``, ``z_null``, ``p``,
        ``po``, ``pe``, ``se_asymptotic``, ``ci_low``, ``ci_high`` for all three; table ``counts``.

    Notes
    -----
    w = 1 - (d / d_max)^q with q = 1 or 2. Variances of Fleiss, Cohen and Everitt (1969,
    doi:10.1037/h0028106): under no agreement for z, at the observed agreement for the interval.
    """
    frame = rated(pd.DataFrame({"first": first, "second": second}))
    whole = frame.dropna()
    n = len(whole)
    dropped = incomplete(len(frame) - n, labels)
    codes, order = coded(whole, categories)
    k = len(order)
    counts = np.zeros((k, k))
    np.add.at(counts, (codes[:, 0], codes[:, 1]), 1)
    same = int(np.trace(counts))
    details: dict[str, Number] = {"n": n, "same": same}
    if n:
        details["percent_agreement"] = same / n
    names = pd.Index(order)
    tables = {"counts": pd.DataFrame(counts.astype(int), index=names, columns=names)}
    alone = n > 0 and any(len(np.unique(codes[:, rater])) == 1 for rater in (0, 1))
    if not alone and n:
        tables["weights"] = pd.DataFrame(
            {name: _kappa(counts / n, n, power, level) for name, power in _POWERS.items()}
        ).T
    refusal = too_few_items(n, sizes) or (one_value(labels) if alone else None)
    method = f"Cohen's kappa, {weights} weights"
    if refusal is not None:
        return refused(
            "two_raters",
            method,
            frame,
            refusal,
            n=n,
            dropped=dropped,
            details=details,
            tables=tables,
        )
    found = row(tables["weights"], weights)
    interval = Interval(found["ci_low"], found["ci_high"], level, "asymptotic")
    exact = sp.binomtest(same, n).proportion_ci(level, "exact")
    share = Interval(float(exact.low), float(exact.high), level, "Clopper-Pearson")
    warnings = few_items(n, sizes)
    if same == n:
        warnings = (*warnings, _all_alike(share))
    sentence = Counted(
        "The two evaluators gave the same value to {n} of {all} {nouns}.",
        "The two evaluators gave the same value to {n} of {all} {nouns}.",
        same,
        all=rounded(n, 0),
        **labels.values,
    )
    return Result(
        "two_raters",
        "agreement",
        n,
        method,
        design="raters",
        dropped=dropped,
        conventions=(
            f"{weights} weights by steps between categories",
            "categories that occur" if categories is None else "categories as declared",
        ),
        reading="raters",
        estimate=found["kappa"],
        unit="coefficient",
        interval=interval,
        effects=(Effect("percent_agreement", same / n, share),),
        test=Test("z", found["z_null"], (), found["p"]),
        verdict=verdict_by_marks(interval, marks),
        warnings=warnings,
        sentences=(sentence, *reached(found["kappa"], interval, marks)),
        details=details | found,
        tables=tables,
        fingerprint=mark(whole),
    )


def _kappa(p: Floats, n: int, power: int, level: float) -> dict[str, float]:
    """Return kappa with its variances for one kind of weights, from shares of pairs."""
    place = np.arange(len(p))
    steps = np.abs(place[:, None] - place[None, :]).astype(np.float64)
    w = (steps == 0).astype(np.float64) if power == 0 else 1 - (steps / steps.max()) ** power
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    po, pe = float((w * p).sum()), float((w * np.outer(rows, columns)).sum())
    kappa = (po - pe) / (1 - pe)
    # Mean weight of a category of one rater over what the other gives.
    either = (w @ columns)[:, None] + (w.T @ rows)[None, :]
    null = (np.outer(rows, columns) * (w - either) ** 2).sum() - pe**2
    se_null = float(np.sqrt(max(null, 0.0) / n)) / (1 - pe)
    observed = (p * (w * (1 - pe) - either * (1 - po)) ** 2).sum() - (po * pe - 2 * pe + po) ** 2
    se = float(np.sqrt(max(observed, 0.0) / n)) / (1 - pe) ** 2
    # Two that share no category have no agreement, and nothing that it could vary by.
    z = kappa / se_null if se_null > 0 else 0.0
    reach = float(sp.norm.ppf(0.5 + level / 2)) * se
    return {
        "kappa": kappa,
        "z_null": z,
        "p": float(2 * sp.norm.sf(abs(z))),
        "po": po,
        "pe": pe,
        "se_asymptotic": se,
        "ci_low": kappa - reach,
        "ci_high": kappa + reach,
    }


def _all_alike(share: Interval) -> Sentence:
    """Return the warning that an interval of no width means little."""
    return Message(
        "All ratings coincide, so the interval of the coefficient has no width; the share of equal "
        "ratings is probably at least {low} %.",
        low=rounded(100 * share.low, 0),
    )
