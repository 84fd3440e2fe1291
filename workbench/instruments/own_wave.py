"""Results that are measured against the units of their own wave, and so not comparable over waves.

A standardisation, a distance or a component that is fitted to each wave by itself says where a unit
stands among those of that wave. Two such numbers of two waves differ also because the others
changed: their difference does not tell whether the unit did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from workbench.instruments.model import Instrument, Node

OwnWave = Literal["whole", "part"]


def measured_against_own_wave(instrument: Instrument) -> dict[str, OwnWave]:
    """Return the nodes whose score is measured against the units of its own wave.

    Parameters
    ----------
    instrument : Instrument

    Returns
    -------
    dict of str to {"whole", "part"}
        By code, in the order in which nodes are scored. ``whole``: a rule of the node is fitted
        wave by wave, or all that it is made of is so. ``part``: only some of its parts.
    """
    found: dict[str, OwnWave] = {}
    for code in (*instrument.indicators, *instrument.scoring_order):
        node = instrument.nodes[code]
        parts = [found.get(c) for c in instrument.read_by(code)]
        if _fitted_by_wave(node) or (parts and all(p == "whole" for p in parts)):
            found[code] = "whole"
        elif any(parts):
            found[code] = "part"
    return found


def levels_of_own_wave(node: Node) -> bool:
    """Return whether the levels of a node are strata that are cut anew in each wave."""
    strata = node.cuts.strata if node.cuts is not None else None
    return strata is not None and strata.scope == "wave"


def _fitted_by_wave(node: Node) -> bool:
    """Return whether a rule that gives the node's score is fitted to each wave by itself."""
    rules = (node.aggregate, getattr(node.spec, "normalise", None))
    if any(getattr(rule, "scope", None) == "wave" for rule in rules):
        return True
    return any("year" in call.by for f in node.formulas.values() for call in f.across)
