"""Conditions of an instrument as XPath, for surveys on phones; only what is simple."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from workbench.instruments.formula import Formula

_OPERATORS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "=", ast.NotEq: "!=",
}  # fmt: skip


class NotSimple(Exception):
    """A condition that is left to scoring."""


def xpath_text(text: str) -> str:
    """Return a text as it stands inside an expression, whatever quotes it has."""
    if "'" not in text:
        return f"'{text}'"
    if '"' not in text:
        return f'"{text}"'
    parts = ', "\'", '.join(f"'{part}'" for part in text.split("'"))
    return f"concat({parts})"


def shown_unless(
    suppositions: Iterable[Formula],
    required: Iterable[Formula],
    name: Callable[[str], str],
    booleans: frozenset[str],
) -> str:
    """Return when a question is shown; empty for always.

    Parameters
    ----------
    suppositions : iterable of Formula
        Conditions that set the question aside.
    required : iterable of Formula
        Conditions without which it does not exist.
    name : callable
        Reference of the question about a fact; raises NotSimple where there is none.
    booleans : frozenset of str
        Facts that are answered by yes or no.

    Notes
    -----
    An unanswered fact hides nothing: a comparison with a blank is false, and what is required is
    only missed where every fact that it names is answered.
    """
    parts = []
    for formula in suppositions:
        try:
            parts.append(f"not({_truth(formula.tree, name, booleans)})")
        except NotSimple:
            continue
    for formula in required:
        try:
            blank = "".join(f"{name(n)} = '' or " for n in sorted(formula.names))
            parts.append(f"({blank}{_truth(formula.tree, name, booleans)})")
        except NotSimple:
            continue
    return " and ".join(parts)


def _truth(tree: ast.expr, name: Callable[[str], str], booleans: frozenset[str]) -> str:
    """Return a condition as XPath."""
    match tree:
        case ast.Name(id=fact) if fact in booleans:
            return f"{name(fact)} = '1'"
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=fact)) if fact in booleans:
            return f"{name(fact)} = '0'"
        case ast.BoolOp(op=op, values=values):
            word = " and " if isinstance(op, ast.And) else " or "
            return f"({word.join(_truth(v, name, booleans) for v in values)})"
        case ast.Compare(left=ast.Name(id=fact), ops=[op], comparators=[side]):
            number = _number(side)
            if fact in booleans:
                return f"{name(fact)} {_OPERATORS[type(op)]} '{number:.15g}'"
            return f"({name(fact)} != '' and {name(fact)} {_OPERATORS[type(op)]} {number:.15g})"
    raise NotSimple


def _number(tree: ast.expr) -> float:
    """Return a plain number."""
    match tree:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -float(value)
    raise NotSimple
