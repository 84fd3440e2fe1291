"""Measures that are a share of counted cases: what the ratio is multiplied by in the result."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.instruments.arithmetic import Array
from workbench.instruments.evaluation import Context
from workbench.instruments.model import Node
from workbench.specs.instrument import Measure

# Counts at which a formula is tried: a multiple of their ratio gives the same factor at all.
_EVENTS, _CASES = np.array([1.0, 3.0, 7.0, 120.0]), np.array([2.0, 11.0, 50.0, 121.0])


@dataclass(frozen=True)
class _Counts(Context):
    """A context that knows the two counts only."""

    counts: dict[str, Array]

    def name(self, name: str) -> Array:
        """Return the numbers tried for a count."""
        return self.counts[name]


def multiple(node: Node) -> float | None:
    """Return what the ratio of the counts of a measure is multiplied by: 100, 1000.

    None where it declares no counts, or is no multiple of their ratio.
    """
    spec, formula = node.spec, node.formulas.get("formula")
    if not isinstance(spec, Measure) or spec.counted is None or formula is None:
        return None
    reads = formula.codes or formula.tables or formula.scored or formula.functions
    if formula.names != frozenset(spec.counted) or reads:
        return None
    events, cases = spec.counted
    found = formula.evaluate(_Counts({events: _EVENTS, cases: _CASES})) / (_EVENTS / _CASES)
    return float(found[0]) if np.allclose(found, found[0], rtol=1e-9) and found[0] > 0 else None
