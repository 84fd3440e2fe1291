"""What is typical of the units of a cohort in numbers that have no levels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from workbench.instruments import Node
from workbench.study import views as v

if TYPE_CHECKING:
    from workbench.study.build import ViewBuilder

_NUMERIC = ("measure", "score", "points")


def cohort_numbers(
    builder: ViewBuilder, wave: str, baseline: str | None
) -> Iterator[v.CohortNumber]:
    """Yield the indicators that are numbers without levels, where any unit has them.

    Parameters
    ----------
    builder : ViewBuilder
    wave : str
    baseline : str or None
        The wave with which it is compared.
    """
    rows = builder.wave(wave).rows
    for code in builder.instrument.indicators:
        node = builder.instrument.nodes[code]
        if node.kind not in _NUMERIC or node.scale is not None:
            continue
        values = builder.scores.results[code].value[rows]
        known = values[~np.isnan(values)]
        if not known.size:
            continue
        enough = known.size >= builder.study.peers.minimum
        lower, median, upper = np.quantile(known, [0.25, 0.5, 0.75])
        yield v.CohortNumber(
            code=code,
            title=builder.instrument.title(code, builder.locale),
            unit=builder.instrument.text(getattr(node.spec, "unit", None), builder.locale) or None,
            less_is_better=node.spec.direction == -1,
            n=int(known.size),
            lowest=round(float(known.min()), 10),
            lower=v.rounded(lower) if enough else None,
            median=round(float(median), 10),
            upper=v.rounded(upper) if enough else None,
            highest=round(float(known.max()), 10),
            both=_both(builder, node, wave, baseline),
        )


def _both(
    builder: ViewBuilder, node: Node, wave: str, baseline: str | None
) -> tuple[int, float, float] | None:
    """Return the units measured both times and their medians then and now; None for none."""
    if baseline is None:
        return None
    then, now = builder.wave(baseline), builder.wave(wave)
    rows = dict(zip(then.units, then.rows.tolist(), strict=True))
    pairs = [
        (rows[unit], row)
        for unit, row in zip(now.units, now.rows.tolist(), strict=True)
        if unit in rows
    ]
    if not pairs:
        return None
    values = builder.scores.results[node.code].value[np.array(pairs)]
    known = values[~np.isnan(values).any(axis=1)]
    if not len(known):
        return None
    early, late = np.median(known, axis=0)
    return len(known), round(float(early), 10), round(float(late), 10)
