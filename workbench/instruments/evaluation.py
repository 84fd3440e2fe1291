"""Evaluation of formulas: what a checked syntax tree gives in a context of arrays."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from workbench.instruments import arithmetic
from workbench.instruments.arithmetic import Array

CODE_FUNCTIONS = ("value", "score", "complete", "level")
# Of all parts of the group at once.
PARTS = ("scores", "weights", "levels")


@dataclass(frozen=True, slots=True)
class Across:
    """A figure of the reference population that a formula asks for.

    Parameters
    ----------
    source : str
        The call as written, such as ``across(mean, score('agua'), grupo)``.
    figure : str
        Such as ``mean`` or ``p95``.
    by : tuple of str
        Facts whose values divide the population; ``year`` for each wave by itself.
    """

    source: str
    figure: str
    by: tuple[str, ...]


class Context:
    """Where a formula finds what its names stand for; arrays have shape (cases,).

    Each kind of formula adds what it may read. The loader lets none ask for more, so that what is
    left here is never reached.
    """

    def name(self, name: str) -> Array:
        """Return the values of a variable or fact."""
        raise AssertionError(name)

    def value(self, code: str) -> Array:
        """Return the values observed or computed for a code."""
        raise AssertionError(code)

    def score(self, code: str) -> Array:
        """Return the scores of an indicator or group: normalised values."""
        raise AssertionError(code)

    def complete(self, code: str) -> Array:
        """Return 1 where an indicator is at its best level, else 0; NaN where unknown."""
        raise AssertionError(code)

    def level(self, code: str) -> Array:
        """Return the level of an indicator or group, 0 for the worst; NaN where unknown."""
        raise AssertionError(code)

    def lookup(self, table: str, x: Array) -> Array:
        """Return the entries of a table for ``x``; NaN where it has none."""
        raise AssertionError(table, x)

    def interpolate(self, table: str, x: Array) -> Array:
        """Return what lies on the line between the entries of a table on both sides of ``x``."""
        raise AssertionError(table, x)

    def previous(self, x: Array) -> Array:
        """Return the numbers of the same unit in the wave before; NaN where there is none."""
        raise AssertionError(x)

    def in_year(self, year: Array, x: Array) -> Array:
        """Return the numbers of the same unit in the wave of a year; NaN where there is none."""
        raise AssertionError(year, x)

    def scores(self) -> Array:
        """Return the scores of all parts of the group, shape (parts, cases)."""
        raise AssertionError

    def weights(self) -> Array:
        """Return the weights of the parts whose scores are known, shape (parts, cases)."""
        raise AssertionError

    def levels(self) -> Array:
        """Return the levels of the parts, 0 for the worst, shape (parts, cases)."""
        raise AssertionError

    def across(self, call: Across, x: Array) -> Array:
        """Return a figure of the reference population for each case."""
        raise AssertionError(call, x)


def evaluate(tree: ast.expr, context: Context) -> Array:
    """Return the values of a part of a formula; the parts were checked when it was parsed."""
    match tree:
        case ast.Constant(value=value):
            return np.float64(value)  # type: ignore[return-value, arg-type]
        case ast.Name(id=name):
            return context.name(name)
        case ast.UnaryOp(op=op, operand=operand):
            inner = evaluate(operand, context)
            if isinstance(op, ast.Not):
                return 1.0 - arithmetic.truth(inner)
            return -inner if isinstance(op, ast.USub) else inner
        case ast.BinOp(left=left, op=op, right=right):
            operate = arithmetic.OPERATORS[type(op)]
            return operate(evaluate(left, context), evaluate(right, context))
        case ast.BoolOp(op=op, values=values):
            parts = [arithmetic.truth(evaluate(v, context)) for v in values]
            # Kleene: one false settles "and", one true settles "or", whatever is unknown beside it.
            return arithmetic.kleene(parts, 0.0 if isinstance(op, ast.And) else 1.0)
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            sides = [evaluate(part, context) for part in (left, *comparators)]
            pairs = [
                arithmetic.compare(op, a, b)
                for op, a, b in zip(ops, sides[:-1], sides[1:], strict=True)
            ]
            return pairs[0] if len(pairs) == 1 else arithmetic.kleene(pairs, 0.0)
        case ast.Call(func=ast.Name(id=function), args=args):
            return _call(tree, function, args, context)
    msg = f"unchecked part of a formula: {ast.dump(tree)}"
    raise AssertionError(msg)


def _call(tree: ast.Call, function: str, args: list[ast.expr], context: Context) -> Array:
    """Return the values of a function."""

    def number(arg: ast.expr) -> Array:
        return np.asarray(evaluate(arg, context), dtype=np.float64)

    if function in CODE_FUNCTIONS:
        read: Callable[[str], Array] = getattr(context, function)
        return read(text_of(args[0]))
    if function in PARTS:
        several: Callable[[], Array] = getattr(context, function)
        return several()
    if function in ("lookup", "interpolate"):
        table: Callable[[str, Array], Array] = getattr(context, function)
        return table(text_of(args[0]), number(args[1]))
    if function == "across":
        return context.across(across_of(tree), number(args[1]))
    if function == "available":
        return np.stack(np.broadcast_arrays(*(np.atleast_1d(number(arg)) for arg in args)))
    if function in ("largest", "smallest"):
        k, rest = int(evaluate(args[0], context)), [number(arg) for arg in args[1:]]
        return arithmetic.extremes(k, rest, largest=function == "largest")
    values = [number(arg) for arg in args]
    if function in arithmetic.SUMMARIES:
        return arithmetic.summary(function, values)
    if function in arithmetic.PLAIN:
        return np.asarray(arithmetic.PLAIN[function](values[0]))
    return _OTHERS[function](context, *values)


_OTHERS: dict[str, Callable[..., Array]] = {
    "where": lambda _, condition, yes, no: arithmetic.where(condition, yes, no),
    "round": lambda _, x, decimals: arithmetic.rounded(x, decimals),
    "previous": lambda context, x: context.previous(x),
    "in_year": lambda context, year, x: context.in_year(year, x),
}


def text_of(arg: ast.expr) -> str:
    """Return an argument that is a name or a text."""
    return arg.id if isinstance(arg, ast.Name) else str(arg.value)  # type: ignore[attr-defined]


def across_of(call: ast.Call) -> Across:
    """Return what a call of ``across`` asks for."""
    by = tuple(text_of(arg) for arg in call.args[2:])
    return Across(ast.unparse(call), text_of(call.args[0]), by)


def is_known(tree: ast.expr, context: Context) -> Array:
    """Return 1 where everything that a part of a formula needs is known, else 0.

    A result that is missing all the same has no value for another reason, such as a division by
    zero.
    """
    match tree:
        case ast.Constant() | ast.Call(func=ast.Name(id="known")):
            return np.ones(())
        case ast.Call(func=ast.Name(id="where"), args=[condition, yes, no]):
            holds = np.asarray(evaluate(condition, context))
            chosen = arithmetic.where(holds, is_known(yes, context), is_known(no, context))
            return np.nan_to_num(chosen)
        case ast.Call(func=ast.Name(id="previous"), args=[inner]):
            return np.nan_to_num(context.previous(is_known(inner, context)))
        case ast.Call(func=ast.Name(id="in_year"), args=[year, inner]):
            there = context.in_year(np.asarray(evaluate(year, context)), is_known(inner, context))
            return np.nan_to_num(there) * is_known(year, context)
        case ast.Call(func=ast.Name(id="lookup" | "interpolate"), args=[_, inner]):
            return is_known(inner, context)
        case ast.Call(func=ast.Name(id="available"), args=args):
            some = [is_known(part, context) for part in args]
            return np.asarray(np.maximum.reduce(np.broadcast_arrays(*some)))
        case ast.Name() | ast.Call(func=ast.Name(id="scores" | "weights" | "levels" | "across")):
            return _any_known(evaluate(tree, context))
        case ast.Call(func=ast.Name(id=function)) if function in CODE_FUNCTIONS:
            return _any_known(evaluate(tree, context))
    parts = tree.args if isinstance(tree, ast.Call) else list(ast.iter_child_nodes(tree))
    known = [is_known(part, context) for part in parts if isinstance(part, ast.expr)]
    return np.asarray(np.minimum.reduce(np.broadcast_arrays(*known)))


def _any_known(values: Array) -> Array:
    """Return 1 where a value, or any of several, is known."""
    known = arithmetic.PLAIN["known"](np.asarray(values))
    return np.asarray(known.max(axis=0)) if known.ndim == 2 else known
