"""Levels as formulas of a spreadsheet: cut-points, strata, words; 1 is the worst level."""

from __future__ import annotations

import ast

import numpy as np

from workbench.instruments import Node
from workbench.instruments.bands import Bands
from workbench.interchange.places import Places
from workbench.interchange.spelling import (
    NOTHING,
    Unwritable,
    first_that_holds,
    is_one_of,
    number,
    total,
)
from workbench.language import Message
from workbench.scoring.states import NO_LEVEL
from workbench.scoring.strata import SLACK
from workbench.specs.instrument import Strata

_COMPARED = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "=", ast.NotEq: "<>"}


def by_bands(bands: Bands, x: str, n: str | None = None) -> str:
    """Return the level of a number by cut-points; nothing where no band or a state holds.

    Parameters
    ----------
    bands : Bands
    x : str
        Expression that is a number.
    n : str, optional
        Elements asked for; counts are compared as they are, other numbers within a tolerance.
    """
    rows = [
        (_condition(condition.tree, x, n), NOTHING if level == NO_LEVEL else str(level + 1))
        for condition, level in zip(bands.conditions, bands.levels, strict=True)
    ]
    return first_that_holds(rows, NOTHING)


def states_by_bands(bands: Bands, x: str, n: str | None, states: tuple[str, ...]) -> str | None:
    """Return whether a number falls in a band that gives one of some states; None for no such."""
    if not any(band.state in states for band in bands.bands):
        return None
    rows = [
        (_condition(condition.tree, x, n), "TRUE" if band.state in states else "FALSE")
        for condition, band in zip(bands.conditions, bands.bands, strict=True)
    ]
    return first_that_holds(rows, "FALSE")


def _condition(tree: ast.expr, x: str, n: str | None) -> str:
    """Return a condition of a band; see ``bands._is_plain`` for what it can be."""
    match tree:
        case ast.BoolOp(op=op, values=parts):
            found = ",".join(_condition(part, x, n) for part in parts)
            return f"{'AND' if isinstance(op, ast.And) else 'OR'}({found})"
        case ast.UnaryOp(operand=part):
            return f"NOT({_condition(part, x, n)})"
        case ast.Compare(left=left, ops=ops, comparators=others):
            sides = [left, *others]
            pairs = [
                _pair(op, a, b, x, n) for op, a, b in zip(ops, sides[:-1], sides[1:], strict=True)
            ]
            return pairs[0] if len(pairs) == 1 else f"AND({','.join(pairs)})"
    raise Unwritable(Message("its cut-points have no formula"))


def _pair(op: ast.cmpop, a: ast.expr, b: ast.expr, x: str, n: str | None) -> str:
    """Return one comparison: exact for counts, within the tolerance for other numbers."""
    one, other = _side(a, x, n), _side(b, x, n)
    sign = _COMPARED[type(op)]
    if n is not None:
        return f"{one}{sign}{other}"
    sizes = [abs(s) for s in (_constant(a), _constant(b)) if s is not None]
    near = f"{1e-9 * max([1.0, *sizes]):.4G}"
    if sign in ("=", "<>"):
        return f"ABS({one}-{other}){'<=' if sign == '=' else '>'}{near}"
    return {
        "<": f"{one}-{other}<-{near}",
        "<=": f"{one}-{other}<={near}",
        ">": f"{one}-{other}>{near}",
        ">=": f"{one}-{other}>=-{near}",
    }[sign]


def _constant(tree: ast.expr) -> float | None:
    """Return the number that a side is, if it is one."""
    match tree:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.UnaryOp(op=op, operand=ast.Constant(value=int() | float() as value)):
            return -float(value) if isinstance(op, ast.USub) else float(value)
    return None


def _side(tree: ast.expr, x: str, n: str | None) -> str:
    """Return one side of a comparison."""
    if isinstance(tree, ast.Name):
        if tree.id == "n" and n is None:
            raise Unwritable(Message("its cut-points have no formula"))
        return x if tree.id == "value" else str(n)
    value = _constant(tree)
    assert value is not None  # noqa: S101  # the loader let nothing else pass
    return number(value)


def rises(bands: Bands, most: int) -> bool:
    """Return whether more elements met never give a lower level, however many are asked for."""
    for asked in range(most + 1):
        level = bands.level_of(np.arange(asked + 1, dtype=np.float64), float(asked))
        if (np.diff(level) < 0).any() or (level == NO_LEVEL).any():
            return False
    return True


def by_word(places: Places, node: Node, cell: str) -> str:
    """Return the level that a word gives: that of its name, the worst for insufficient."""
    scale = node.scale
    assert scale is not None  # noqa: S101  # asked only of nodes with levels
    ids = places.table("scale", scale, "D")
    found = f"IFERROR(MATCH({cell},{ids},0),{NOTHING})"
    worst = words_with(places, "insufficient")
    return f"IF({is_one_of(cell, worst)},1,{found})" if worst else found


def words_with(places: Places, *effects: str) -> tuple[str, ...]:
    """Return the states of the instrument that do something, by id."""
    return tuple(
        name for name, effect in places.instrument.state_effects.items() if effect in effects
    )


def by_strata(places: Places, row: int, node: Node, rule: Strata, x: str) -> str:
    """Return the stratum of a number as a level; see :func:`workbench.scoring.strata.stratum_of`.

    Raises
    ------
    Unwritable
        If no strata were fitted for the case.
    """
    cells = places.fitted(row, f"{node.code}:levels", rule)
    if cells is None:
        raise Unwritable(Message("nothing was fitted for this wave or group"))
    turned = (node.sense < 0) != (rule.of == "negative")
    value = f"(-{x})" if rule.of == "negative" else x
    if rule.method != "dalenius_hodges":
        bounds = cells.cells("bounds")
        slack = number(SLACK)
        passed = [f"IF({value}>{b}+{slack}*MAX(1,ABS({b})),1,0)" for b in bounds]
    else:
        bounds = cells.cells("after")
        widths = f"({value}-{cells.cell('minimum')})/{cells.cell('width')}"
        whole = f"INT({widths})" if rule.closed == "left" else f"-INT(-({widths}-1E-09))-1"
        place = f"MAX(0,MIN({cells.cell('last')},{whole}))"
        passed = [f"IF({place}>{after},1,0)" for after in bounds]
    stratum = total(passed)
    return f"{len(bounds) + 1}-{stratum}" if turned else f"1+{stratum}"
