"""Counts and places of one case, as the parts of a view."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.scoring import Ranks, Scores
from workbench.scoring.shares import STATES
from workbench.scoring.states import Basis, Bools, State
from workbench.specs.instrument import Share
from workbench.study import views as v


def rank_info(ranks: Ranks, position: int, *, known: bool) -> v.RankInfo | None:
    """Return one unit's place; None where it has none or is alone.

    Parameters
    ----------
    ranks : Ranks
    position : int
        Of the unit.
    known : bool
        Whether what missing data could change is known of all units.
    """
    if ranks.n < 2 or np.isnan(ranks.rank[position]):
        return None
    return v.RankInfo(
        rank=int(ranks.rank[position]),
        ties=int(ranks.ties[position]),
        best=int(ranks.best[position]),
        worst=int(ranks.worst[position]),
        n=ranks.n,
        scored=int((~np.isnan(ranks.rank)).sum()),
        known=known,
    )


def parts_known(scores: Scores, code: str, rows: NDArray[np.intp]) -> Bools:
    """Return in which cases a result is more than a number its source reports.

    Only of these can it be told what missing data could change.
    """
    result = scores.results[code]
    bare = (result.basis[rows] == Basis.REPORTED) & np.isnan(result.computed[rows])
    counts = scores.counts.get(code)
    if counts is not None:
        missing = counts.least[rows, len(counts.levels) + STATES.index(State.MISSING)]
        bare &= missing == counts.n
    return np.asarray(~bare)


def agrees(value: float, printed: float, decimals: int) -> bool:
    """Return whether a number can be printed so, whichever way its source rounds halves."""
    return bool(abs(value - printed) <= 0.5 * 10.0**-decimals + 1e-9)


def base_of(scores: Scores, code: str, row: int, decimals: int) -> tuple[int | None, bool]:
    """Return the indicators that a share divides by, and whether that number is deduced.

    Parameters
    ----------
    scores : Scores
    code : str
    row : int
        Of the case.
    decimals : int
        In which the share is printed.

    Returns
    -------
    (int or None, bool)
        None for other results, and where the counts allow several.

    Notes
    -----
    A source that prints 9 at the level and 69.2% has divided by 13: no other number of indicators
    gives that percentage.
    """
    counts, rule = scores.counts.get(code), scores.instrument.nodes[code].aggregate
    if counts is None or not isinstance(rule, Share):
        return None, False
    least, most = (x[row] for x in counts.excluded)
    if least == most:
        return int(counts.n - least), False
    reach = counts.table[row, counts.levels.index(rule.level) : len(counts.levels)].sum()
    score = scores.results[code].score[row]
    if np.isnan(reach) or np.isnan(score) or reach == 0:
        return None, False
    settled = counts.least[row].sum() - least
    fits = [
        base
        for base in range(int(max(settled, reach, counts.n - most)), int(counts.n - least) + 1)
        if agrees(100.0 * reach / base, score, decimals)
    ]
    return (fits[0], True) if len(fits) == 1 else (None, False)


def count_labels(scores: Scores, code: str, row: int) -> dict[str, float | None]:
    """Return the counts of a node by level and state; empty where the instrument counts none.

    Nothing is counted either at a group whose indicators are on another scale than the counts.
    """
    counts, instrument = scores.counts.get(code), scores.instrument
    scale = instrument.count_scale(code)
    if counts is None or all(
        instrument.nodes[leaf].scale != scale for leaf in instrument.nodes[code].leaves
    ):
        return {}
    labels = [*counts.levels, *(s.name.lower() for s in STATES)]
    return {k: v.rounded(x) for k, x in zip(labels, counts.table[row], strict=True)}
