"""Normalisations as formulas of a spreadsheet: one function for each rule.

Each takes an expression that is a number or an error, and gives one that is too; see
:func:`workbench.scoring.normalise.apply`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workbench.instruments import Node
from workbench.interchange.places import Fitted as FittedCells
from workbench.interchange.places import Places
from workbench.interchange.spelling import Unwritable, number, total
from workbench.language import Message
from workbench.scoring.treatment import logged
from workbench.specs.instrument import (
    Classes,
    DistanceToMaximum,
    DistanceToReference,
    DistanceToTarget,
    Fitted,
    Goalposts,
    LevelNumbers,
    MinMax,
    PercentileRank,
    RankScore,
    Ratio,
    Scaled,
    TreatShape,
    TreatTransform,
    ZScore,
)


def normalised(places: Places, row: int, node: Node, x: str) -> str:
    """Return a normalised value.

    Parameters
    ----------
    places : Places
    row : int
        Row of the case in the scores.
    node : Node
        With a normalisation.
    x : str
        Expression of its value.

    Raises
    ------
    Unwritable
        If the rule has no formula, or the case no parameters.
    """
    rule = node.spec.normalise
    if rule is None or isinstance(rule, LevelNumbers):
        raise AssertionError(node.code)  # looked at before
    if not isinstance(rule, Fitted):
        return _FIXED[type(rule)](rule, x, node.turn)
    make = _FITTED.get(type(rule))
    if make is None:
        what = Message("{method} is a rule of another package", method=rule.method)
        raise Unwritable(what)
    cells = places.fitted(row, node.code, rule)
    if cells is None:
        raise Unwritable(Message("nothing was fitted for this wave or group"))
    prepared = _treated(rule, cells, f"IF({x}>0,LN({x}),NA())" if rule.log else x)
    return make(rule, f"({number(node.turn)}*{prepared})", node.turn, cells)


def _treated(rule: Fitted, cells: FittedCells, x: str) -> str:
    """Return a value as a treatment leaves it."""
    if cells.has("step") and isinstance(rule.treat, TreatShape | TreatTransform):
        raise Unwritable(Message("the treatment of its values has no formula"))
    if cells.has("least"):
        return f"MIN(MAX({x},{cells.cell('least')}),{cells.cell('most')})"
    return x


def _onto(share: str, ends: tuple[float, float]) -> str:
    """Return a share of a range."""
    a, b = ends
    return f"({number(a)}+{share}*{number(b - a)})"


def _capped(share: str) -> str:
    """Return a share that is 0 at least and 1 at most."""
    return f"MAX(0,MIN(1,{share}))"


# -- rules with fixed numbers ----------------------------------------------------------------------


def _goalposts(rule: Goalposts, x: str, direction: int) -> str:
    """Return a value between fixed limits, turned where less is better."""
    low, high, at = number(rule.lower), number(rule.upper), x
    if rule.log:
        # A value of 0 or less has no logarithm; capped goalposts put it at the lower one.
        below = f"LN({low})" if rule.cap else "NA()"
        at = f"IF({x}>0,LN({x}),{below})"
        low, high = f"LN({low})", f"LN({high})"
    share = f"({at}-{low})/({high}-{low})"
    share = _capped(share) if rule.cap else share
    return _onto(f"(1-{share})" if direction < 0 else f"({share})", rule.range)


def _scaled(rule: Scaled, x: str, direction: int) -> str:
    """Return a value shifted and scaled by fixed numbers."""
    low = number(rule.lower)
    span = number(rule.upper - rule.lower)
    return f"(({number(direction)}*{x}-{low})/{span}*{number(rule.scale)})"


_FIXED: dict[type[Any], Callable[[Any, str, int], str]] = {Goalposts: _goalposts, Scaled: _scaled}


# -- rules fitted to the reference -----------------------------------------------------------------


def _min_max(rule: MinMax, x: str, _: int, cells: FittedCells) -> str:
    low, high = cells.cell("minimum"), cells.cell("maximum")
    share = f"(({x}-{low})/({high}-{low}))"
    return _onto(_capped(share) if rule.cap else share, rule.range)


def _z_score(rule: ZScore, x: str, _: int, cells: FittedCells) -> str:
    z = f"({x}-{cells.cell('mean')})/{cells.cell('sd')}"
    if rule.limit is not None:
        limit = number(rule.limit)
        z = f"MAX(-{limit},MIN({limit},{z}))"
    return f"({number(rule.mean)}+{z}*{number(rule.sd)})"


def _places(x: str, cells: FittedCells) -> tuple[str, str]:
    """Return how many of the reference lie below a value, and how many up to it."""
    span, values = cells.span("sorted"), cells.values["sorted"]
    ends = values if isinstance(values, tuple) else (values,)
    size = number(min(1.0, max(map(abs, ends), default=0.0)))
    slack = f"1E-09*MAX({size},ABS({x}))"
    least = number(ends[0])
    low, high = f"{x}-{slack}", f"{x}+{slack}"
    return (
        f"IF({low}<{least},0,MATCH({low},{span},1))",
        f"IF({high}<{least},0,MATCH({high},{span},1))",
    )


def _rank(rule: RankScore, x: str, _: int, cells: FittedCells) -> str:
    below, _upto = _places(x, cells)
    return f"({below}+1)" if rule.method == "rank" else below


def _percentile_rank(rule: PercentileRank, x: str, _: int, cells: FittedCells) -> str:
    below, upto = _places(x, cells)
    values = cells.values["sorted"]
    n = len(values) if isinstance(values, tuple) else 1
    share = {
        "half": f"(({below}+{upto})/2/{n})",
        "below": f"({below}/{n - 1})",
        "up_to": f"({upto}/{n})",
    }[rule.counts]
    return _onto(share, rule.range)


def _to_target(rule: DistanceToTarget, x: str, direction: int, cells: FittedCells) -> str:
    low, target = cells.cell("minimum"), number(float(logged(rule, rule.target)) * direction)
    share = f"(({x}-{low})/({target}-{low}))"
    return f"MIN(1,{share})" if rule.cap else share


def _to_reference(rule: DistanceToReference, x: str, _: int, cells: FittedCells) -> str:
    low, own = cells.cell("minimum"), cells.cell("reference")
    share = f"(1-({own}-{x})/({own}-{low}))"
    return f"MIN(1,{share})" if rule.cap else share


def _to_maximum(rule: DistanceToMaximum, x: str, _: int, cells: FittedCells) -> str:
    return _onto(f"{x}/{cells.cell('maximum')}", rule.range)


def _ratio(rule: Ratio, x: str, direction: int, cells: FittedCells) -> str:
    figure = cells.cell("figure")
    quotient = f"{x}/{figure}" if direction > 0 else f"{figure}/(-{x})"
    return f"({quotient}*{number(rule.scale)})"


def _classes(rule: Classes, x: str, _: int, cells: FittedCells) -> str:
    passed = total([f"IF({x}>{cut}+1E-12*MAX(1,ABS({cut})),1,0)" for cut in cells.cells("cuts")])
    return f"CHOOSE(MIN({passed}+1,{len(rule.points)}),{','.join(map(number, rule.points))})"


_FITTED: dict[type[Any], Callable[[Any, str, int, FittedCells], str]] = {
    MinMax: _min_max,
    ZScore: _z_score,
    RankScore: _rank,
    PercentileRank: _percentile_rank,
    DistanceToTarget: _to_target,
    DistanceToReference: _to_reference,
    DistanceToMaximum: _to_maximum,
    Ratio: _ratio,
    Classes: _classes,
}
