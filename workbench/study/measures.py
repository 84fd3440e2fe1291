"""Raw indicators of a cohort: what is typical, and what changed among the same members."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workbench.instruments import Node
from workbench.scoring.states import Floats
from workbench.specs.instrument import NoAggregate
from workbench.study.measure_views import CohortMeasure, SameUnits
from workbench.study.views import rounded

if TYPE_CHECKING:
    from workbench.study.build import ViewBuilder
    from workbench.study.wave import WaveArrays

# Kinds whose value is a number that can be set beside those of others.
NUMERIC = ("measure", "score", "points")
# Quantile that the best quarter reaches, by direction: 1 where more is better.
BEST_QUARTER = {1: 0.75, -1: 0.25}


def stands_alone(builder: ViewBuilder, node: Node) -> bool:
    """Return whether an indicator is a number without a level, of which nothing makes a result."""
    rules = [builder.instrument.nodes[parent].aggregate for parent in node.parents]
    bare = all(isinstance(rule, NoAggregate | None) for rule in rules)
    return node.kind in NUMERIC and node.scale is None and bare


def cohort_measures(
    builder: ViewBuilder, now: WaveArrays, then: WaveArrays | None
) -> Iterator[CohortMeasure]:
    """Yield the numbers without levels that any unit has in a wave.

    Parameters
    ----------
    builder : ViewBuilder
    now : WaveArrays
    then : WaveArrays or None
        Of the baseline.
    """
    for code in builder.instrument.indicators:
        node = builder.instrument.nodes[code]
        if node.kind not in NUMERIC or node.scale is not None:
            continue
        values = builder.scores.results[code].value
        known = values[now.rows][~np.isnan(values[now.rows])]
        if known.size:
            yield _measure(
                builder, node, known, _at_baseline(values, then), _same(values, now, then)
            )


def _measure(
    builder: ViewBuilder,
    node: Node,
    known: Floats,
    then: tuple[int, float] | None,
    same: SameUnits | None,
) -> CohortMeasure:
    """Return one raw indicator."""
    enough = known.size >= builder.study.peers.minimum
    quartiles = np.quantile(known, [0.25, 0.75]) if enough else (np.nan, np.nan)
    best = np.quantile(known, BEST_QUARTER[node.spec.direction]) if enough else np.nan
    unit = getattr(node.spec, "unit", None)
    return CohortMeasure(
        code=node.code,
        title=builder.instrument.title(node.code, builder.locale),
        parent=node.parents[0] if node.parents else "",
        unit=builder.instrument.text(unit, builder.locale),
        less_is_better=node.spec.direction == -1,
        alone=stands_alone(builder, node),
        n=int(known.size),
        lowest=_number(known.min()),
        lower=rounded(quartiles[0]),
        median=_number(np.median(known)),
        upper=rounded(quartiles[1]),
        highest=_number(known.max()),
        best=rounded(best),
        then=then,
        same=same,
    )


def _at_baseline(values: Floats, then: WaveArrays | None) -> tuple[int, float] | None:
    """Return how many units had a value at the baseline, and their median."""
    if then is None:
        return None
    known = values[then.rows][~np.isnan(values[then.rows])]
    return (int(known.size), _number(np.median(known))) if known.size else None


def _same(values: Floats, now: WaveArrays, then: WaveArrays | None) -> SameUnits | None:
    """Return the units with a value at both waves; None where there are none."""
    if then is None:
        return None
    at = dict(zip(then.units, then.rows.tolist(), strict=True))
    rows = [(at[u], r) for u, r in zip(now.units, now.rows.tolist(), strict=True) if u in at]
    if not rows:
        return None
    pairs: NDArray[np.float64] = values[np.array(rows)]
    known = pairs[~np.isnan(pairs).any(axis=1)]
    if not len(known):
        return None
    before, after = np.median(known, axis=0)
    # Values within binary noise of each other did not move.
    moved = np.round(known[:, 1] - known[:, 0], 10)
    return SameUnits(
        n=len(known),
        before=_number(before),
        now=_number(after),
        rose=int((moved > 0).sum()),
        fell=int((moved < 0).sum()),
    )


def _number(value: float) -> float:
    """Return a number without the noise of its last bits."""
    return rounded(value) or 0.0
