"""What is printed beside an indicator: its answer, its variables, and what is typical of peers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.instruments import Node
from workbench.specs.instrument import Category, CategoryOption, Measure, Statement
from workbench.study import views as v
from workbench.study.measures import BEST_QUARTER, NUMERIC

if TYPE_CHECKING:
    from workbench.study.build import ViewBuilder


def beside(
    builder: ViewBuilder,
    node: Node,
    case: tuple[str, str, int],
    before: str | None,
) -> v.Beside:
    """Return what is printed beside an indicator.

    Parameters
    ----------
    builder : ViewBuilder
    node : Node
        An indicator.
    case : tuple of str, str and int
        Unit, wave, and their row in the scores.
    before : str or None
        Baseline wave of the indicator.
    """
    unit, wave, row = case
    option = _option(builder, node, unit, wave)
    n, median, best, worst = _typical(builder, node, wave, unit)
    return v.Beside(
        answer=builder.instrument.text(option.title, builder.locale) if option else "",
        next_answers=_next_answers(builder, node, option),
        follows=builder.instrument.text(option.follows, builder.locale) if option else "",
        basis=node.spec.basis if isinstance(node.spec, Statement) else "",
        note=builder.recorded.notes.get((unit, wave, node.code), ""),
        text=builder.recorded.texts.get((unit, wave, node.code), ""),
        values=_shown(builder, node, row),
        number=node.kind in NUMERIC and node.scale is None,
        n_peers=n,
        peers_median=median,
        peers_best=best,
        peers_worst=worst,
        less_is_better=node.spec.direction == -1,
        constant=None if median is None else _constant(builder, node, wave, unit, before),
        peers_then=None if median is None else _then(builder, node, before, unit),
    )


def _option(builder: ViewBuilder, node: Node, unit: str, wave: str) -> CategoryOption | None:
    """Return the option that was answered, None where none was or the indicator has none."""
    if not isinstance(node.spec, Category):
        return None
    answer = builder.recorded.words.get((unit, wave, node.code))
    return next((o for o in node.spec.options if o.id == answer), None)


def _next_answers(
    builder: ViewBuilder, node: Node, option: CategoryOption | None
) -> tuple[str, ...]:
    """Return the answers of the lowest level above the one that was given."""
    if option is None or not isinstance(node.spec, Category):
        return ()
    ids = [level.id for level in builder.instrument.levels_of(node.code)]
    place = {o.id: ids.index(o.level) for o in node.spec.options if o.level in ids}
    above = [p for p in place.values() if p > place.get(option.id, len(ids))]
    return tuple(
        builder.instrument.text(o.title, builder.locale)
        for o in node.spec.options
        if above and place.get(o.id) == min(above)
    )


def _shown(builder: ViewBuilder, node: Node, row: int) -> tuple[v.ShownValue, ...]:
    """Return the variables that the instrument wants printed."""
    if not isinstance(node.spec, Measure):
        return ()
    instrument, locale, parts = builder.instrument, builder.locale, builder.scores.parts
    return tuple(
        v.ShownValue(
            title=instrument.text(variable.title, locale),
            value=v.rounded(parts[f"{node.code}.{variable.id}"][row]),
            unit=instrument.text(variable.unit, locale),
        )
        for variable in node.spec.variables
        if variable.shown
    )


def _typical(
    builder: ViewBuilder, node: Node, wave: str, unit: str
) -> tuple[int, float | None, float | None, float | None]:
    """Return the peers with a value, their median, and what their best and worst quarter reach.

    For numbers without levels only.
    """
    if node.kind not in NUMERIC or node.scale is not None:
        return 0, None, None, None
    peers = builder.wave(wave).values_of_peers(node.code, unit)
    if peers.n < builder.study.peers.minimum:
        return peers.n, None, None, None
    best, worst = (peers.quantile(BEST_QUARTER[d * node.spec.direction]) for d in (1, -1))
    return peers.n, v.rounded(peers.median()), v.rounded(best), v.rounded(worst)


def _then(
    builder: ViewBuilder, node: Node, before: str | None, unit: str
) -> tuple[int, float] | None:
    """Return how many peers had a value at the baseline, and their median; None for too few."""
    if before is None:
        return None
    peers = builder.wave(before).values_of_peers(node.code, unit)
    if peers.n < builder.study.peers.minimum:
        return None
    return peers.n, round(peers.median(), 10)


def _constant(
    builder: ViewBuilder, node: Node, wave: str, unit: str, before: str | None
) -> tuple[int, float, float] | None:
    """Return the peers measured at both waves and their medians then and now; None for too few."""
    if before is None:
        return None
    early, late = builder.wave(wave).values_in_both(node.code, builder.wave(before), unit)
    if late.n < builder.study.peers.minimum:
        return None
    return late.n, round(early.median(), 10), round(late.median(), 10)
