"""Which rules that no source prints a result rests on."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from workbench.instruments import Assumption, Instrument
from workbench.scoring import Scores
from workbench.scoring.states import NO_LEVEL, Basis, State

_TIER = re.compile(r"^tiers\[(\d+)\]\.(\w+)")


def assumptions_of(scores: Scores, rows: np.ndarray) -> Iterator[Assumption]:
    """Yield the assumptions that touch any of some cases, each text once.

    Parameters
    ----------
    scores : Scores
    rows : array of int
        Rows of the cases.
    """
    seen: set[tuple[str, object]] = set()
    for assumption in scores.instrument.assumptions:
        key = (assumption.status, assumption.reason)
        if key not in seen and _touches(scores, assumption, rows):
            seen.add(key)
            yield assumption


def _touches(scores: Scores, assumption: Assumption, rows: np.ndarray) -> bool:
    """Return whether an assumption is part of any result of the cases."""
    if not assumption.always:
        return any(
            remark.node == assumption.node
            and assumption.path.endswith(remark.path)
            and bool(remark.where[rows].any())
            for remark in scores.remarks
            if remark.path
        )
    tier = _TIER.match(assumption.path)
    if tier is not None:
        return _tier_touches(scores, int(tier[1]), tier[2], rows)
    if not assumption.node:
        return True
    result = scores.results[assumption.node]
    if ".levels" in assumption.path or assumption.path.endswith("levels"):
        return bool((result.level[rows] != NO_LEVEL).any())
    if scores.instrument.nodes[assumption.node].is_indicator:
        return bool((result.basis[rows] == Basis.COMPUTED).any())
    return _computed(scores, assumption.node, rows)


def _tier_touches(scores: Scores, index: int, part: str, rows: np.ndarray) -> bool:
    """Return whether a rule of a tier is part of any result: its levels, or its aggregation."""
    instrument: Instrument = scores.instrument
    tier = instrument.spec.tiers[index]
    for code in instrument.groups:
        node = instrument.nodes[code]
        if node.tier is not tier or getattr(node.spec, part, None) is not None:
            continue
        if part == "levels":
            if (scores.results[code].level[rows] != NO_LEVEL).any():
                return True
        elif _computed(scores, code, rows):
            return True
    return False


def _computed(scores: Scores, code: str, rows: np.ndarray) -> bool:
    """Return whether a group was computed in any of the cases, alone or beside a reported score."""
    result = scores.results[code]
    states = result.state[rows]
    known = (states == State.VALUED) | (states == State.BOUNDED) | (states == State.WITHHELD)
    parts = ~np.isnan(result.computed[rows]) | ~np.isnan(result.computed_low[rows])
    return bool((known & parts).any())
