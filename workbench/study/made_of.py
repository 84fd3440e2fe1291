"""What each part adds to a result, where a result is a sum of what its parts give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.specs.instrument import Mean, Points, Share
from workbench.study import views as v

if TYPE_CHECKING:
    from workbench.study.unit import UnitMaker

# Results and parts are stored with ten decimals: a sum of many of them may differ by this much.
TOLERANCE = 1e-6


def made_of(maker: UnitMaker, node: v.NodeView) -> tuple[v.AddedView, ...]:
    """Return what each part of a result adds to it; nothing where that is not known or no sum.

    A share of indicators at a level is the sum of the shares that its areas give, points are the
    sum of points, and an arithmetic mean is the sum of its parts by their share of the weight. What
    does not add up to the result within its printed decimals is not told.

    Parameters
    ----------
    maker : UnitMaker
    node : NodeView
        Of the result.
    """
    instrument = maker.builder.instrument
    children = [c for c in instrument.nodes[node.code].children if c in maker.group_views]
    parts = [maker.group_views[c] for c in children]
    if (
        node.score is None
        or len(parts) < 2
        or len(parts) < len(instrument.nodes[node.code].children)
    ):
        return ()
    rule = instrument.nodes[node.code].aggregate
    found: tuple[v.AddedView, ...] = ()
    if isinstance(rule, Share):
        found = _of_share(maker, node, parts, rule)
    elif isinstance(rule, Points) or (isinstance(rule, Mean) and rule.method == "sum"):
        found = _of_weights(maker, node, parts, mean=False)
    elif isinstance(rule, Mean) and rule.method == "arithmetic" and rule.weights == "given":
        found = _of_weights(maker, node, parts, mean=True)
    total = sum(part.adds for part in found)
    away = 0.5 * 10.0**-node.decimals + TOLERANCE
    return found if found and abs(total - node.score) <= away else ()


def _of_share(
    maker: UnitMaker, node: v.NodeView, parts: list[v.NodeView], rule: Share
) -> tuple[v.AddedView, ...]:
    """Return the parts of a share: indicators at the level over all that are measurable."""
    instrument = maker.builder.instrument
    below = [leaf for part in parts for leaf in instrument.nodes[part.code].leaves]
    if not node.base or sorted(below) != sorted(instrument.nodes[node.code].leaves):
        return ()
    ids = [level.id for level in instrument.scales[rule.scale]]
    better = ids[ids.index(rule.level) :]
    found = []
    for part in parts:
        reached = [part.counts.get(level) for level in better]
        if not part.counts or any(n is None for n in reached):
            return ()
        adds = 100.0 * sum(n or 0.0 for n in reached) / node.base
        most = None if part.base is None else 100.0 * part.base / node.base
        found.append(_part(part, adds, most))
    return tuple(found)


def _of_weights(
    maker: UnitMaker, node: v.NodeView, parts: list[v.NodeView], *, mean: bool
) -> tuple[v.AddedView, ...]:
    """Return the parts of a sum or of a mean, by their weights.

    Parts without a score have no weight in a mean, and what is there shares it.
    """
    nodes = maker.builder.instrument.nodes
    weights = np.array([nodes[p.code].weight_under(node.code) for p in parts])
    there = [p.score is not None for p in parts]
    if not any(there) or np.isnan(weights).any() or (not mean and not all(there)):
        return ()
    scale = float(weights[there].sum()) if mean else 1.0
    if scale <= 0:
        return ()
    return tuple(
        _part(p, float(w) * p.score / scale, None if p.maximum is None else w * p.maximum / scale)
        for p, w in zip(parts, weights, strict=True)
        if p.score is not None
    )


def _part(part: v.NodeView, adds: float, most: float | None) -> v.AddedView:
    """Return one part."""
    return v.AddedView(
        code=part.code,
        title=part.title,
        adds=v.rounded(adds) or 0.0,
        most=None if most is None else v.rounded(most),
    )
