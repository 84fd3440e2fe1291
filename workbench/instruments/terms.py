"""What a condition asks for, one by one: its parts that are joined by *and*."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from workbench.instruments.evaluation import CODE_FUNCTIONS
from workbench.instruments.formula import Formula, parse

_SIGNS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that a condition asks for.

    Parameters
    ----------
    formula : Formula
        The part of the condition, a condition itself.
    reads : str
        value, score, level, complete or fact; empty where it is no comparison of one of them with a
        number.
    code : str
        What is read.
    sign : str
        ``>=``, ``<``, ...; empty for ``complete`` alone.
    limit : float
        The number it is compared with.
    either : tuple of Term
        Where any of several things is enough: those.
    """

    formula: Formula
    reads: str = ""
    code: str = ""
    sign: str = ""
    limit: float = 0.0
    either: tuple[Term, ...] = ()


def terms_of(condition: Formula) -> tuple[Term, ...]:
    """Return what a condition asks for, in its order; all of it must hold.

    Examples
    --------
    >>> from workbench.instruments.formula import parse
    >>> [(t.code, t.sign, t.limit) for t in terms_of(parse('value("a") >= 30 and 2 > level("b")'))]
    [('a', '>=', 30.0), ('b', '<', 2.0)]
    """
    return tuple(_term(part) for part in _joined(condition.tree, ast.And))


def _joined(tree: ast.expr, how: type[ast.boolop]) -> list[ast.expr]:
    """Return the parts joined by *and*, or by *or*; the whole where there are none."""
    if isinstance(tree, ast.BoolOp) and isinstance(tree.op, how):
        return [part for value in tree.values for part in _joined(value, how)]
    return [tree]


def _term(tree: ast.expr) -> Term:
    """Return one part of a condition."""
    formula = parse(ast.unparse(tree))
    any_of = _joined(tree, ast.Or)
    if len(any_of) > 1:
        return Term(formula, either=tuple(_term(part) for part in any_of))
    reads, code = _read(tree)
    if reads == "complete":
        return Term(formula, reads, code)
    match tree:
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            sign = _SIGNS[type(op)]
            for side, other, shown in ((left, right, sign), (right, left, _TURNED[sign])):
                (reads, code), limit = _read(side), _number(other)
                if reads and limit is not None:
                    return Term(formula, reads, code, shown, limit)
    return Term(formula)


def _read(tree: ast.expr) -> tuple[str, str]:
    """Return how and what a part of a formula reads; empty texts where it reads no single thing."""
    match tree:
        case ast.Name(id=name):
            return "fact", name
        case ast.Call(func=ast.Name(id=function), args=[ast.Constant(value=str(code))]):
            return (function, code) if function in CODE_FUNCTIONS else ("", "")
    return "", ""


def _number(tree: ast.expr) -> float | None:
    """Return the number that a part of a formula is, None where it is none."""
    match tree:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -float(number)
    return None
