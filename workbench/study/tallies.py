"""Counts and places of one case, as the parts of a view."""

from __future__ import annotations

import numpy as np

from workbench.scoring import Ranks, Scores
from workbench.scoring.shares import STATES
from workbench.study import views as v


def rank_info(ranks: Ranks, position: int) -> v.RankInfo | None:
    """Return one unit's place; None where it has none or is alone."""
    if ranks.n < 2 or np.isnan(ranks.rank[position]):
        return None
    return v.RankInfo(
        rank=int(ranks.rank[position]),
        ties=int(ranks.ties[position]),
        best=int(ranks.best[position]),
        worst=int(ranks.worst[position]),
        n=ranks.n,
    )


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
