"""The places that other weights would give: a quick look, where an audit varies every choice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.audit.places import row_places
from workbench.audit.tree_means import TreeMeans
from workbench.errors import ScoringError
from workbench.instruments import Instrument
from workbench.instruments.chosen import freedom_of
from workbench.language import Message
from workbench.scoring.states import Floats
from workbench.study import Study
from workbench.study.index import tree_of

# Few enough to follow a slider; the audit draws thousands.
DRAWS = 200
BLOCK = 32  # draws at once: what a processor keeps at hand of a nation
SHARE = 0.90
WEIGHT_SHARE = 0.25
# Binary arithmetic, and nothing else, sets the parts apart from the score.
TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Ranges:
    """Places under other weights, shape (units,); NaN without a score.

    Parameters
    ----------
    low, high : array of float
        Ends of the middle share of the draws; a unit's own place always lies within.
    """

    low: Floats
    high: Floats


def ranges_over_weights(
    study: Study, node: str, rows: np.ndarray, place: Floats, *, draws: int = DRAWS
) -> Ranges | Message:
    """Return the places that weights up to a quarter more or less would give.

    Parameters
    ----------
    study : Study
        Under the choices that are looked at.
    node : str
        Whose scores are ranked.
    rows : array of int
        Rows of the units in the scores.
    place : array of float, shape (units,)
        Places as chosen.
    draws : int

    Returns
    -------
    Ranges or Message
        Why there are none, where no weight is free or the parts do not give the scores.

    Notes
    -----
    The same draws come with every choice, so that nothing but the choice moves a range.
    """
    try:
        tree = tree_of(study, node, rows)
    except ScoringError as error:
        return error.problems[0].what
    reach = _reach(study.instrument, tree)
    if not reach.any():
        why = freedom_of(study.instrument, node).weights
        return why or Message("no weight of it is free")
    base = _weights(tree)
    score = study.scores.results[node].score[rows]
    own = tree.scores(base[None, :])[:, 0]
    both = ~np.isnan(own) & ~np.isnan(score)
    if (np.isnan(own) != np.isnan(score)).any() or (np.abs(own - score)[both] > TOLERANCE).any():
        return Message("the parts in these data do not give the results as they stand")
    uniform = np.random.default_rng(study.spec.seed).random((draws, len(base)))
    weights = base * (1 + WEIGHT_SHARE * reach * (2 * uniform - 1))
    blocks = [tree.scores(weights[i : i + BLOCK]) for i in range(0, draws, BLOCK)]
    scores = np.hstack(blocks)
    return _ends(scores, study.instrument.nodes[node].sense, place)


def _ends(scores: Floats, sense: int, place: Floats) -> Ranges:
    """Return the middle share of the places that some draws give."""
    places = np.sort(row_places(np.ascontiguousarray(sense * scores.T)), axis=0)
    last = len(places) - 1
    cut = (1 - SHARE) / 2
    low, high = places[int(np.floor(last * cut))], places[int(np.ceil(last * (1 - cut)))]
    there = ~np.isnan(place)
    return Ranges(
        np.where(there, np.fmin(low, place), np.nan), np.where(there, np.fmax(high, place), np.nan)
    )


def _weights(tree: TreeMeans) -> Floats:
    """Return the weight of each part in its group."""
    return np.array([tree.structure.nodes[part].parents[group] for part, group in tree.edges])


def _reach(instrument: Instrument, tree: TreeMeans) -> Floats:
    """Return 1 for weights that are free, 0 for those that the instrument fixes."""
    free = {g for g in tree.structure.groups if freedom_of(instrument, g).weights is None}
    return np.array([float(group in free) for _, group in tree.edges])
