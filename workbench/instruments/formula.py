"""Formulas of instruments: a small language over arrays, read by a parser and never by ``eval``.

It knows ``+ - * / **``, comparisons, ``and or not``, ``where(c, a, b)``, ``min``, ``max``, ``abs``,
``log``, ``exp``, ``sqrt``, ``round(x, decimals)``, ``mean``, ``sd`` (n in the denominator),
``lookup(table, x)``, ``value("CODE")``, ``score("CODE")``, ``level("CODE")`` and
``complete("CODE")``, and names of variables and facts. Truth is 1, 0 or NaN for unknown (Kleene),
so that a comparison with a missing number stays unknown instead of turning false.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from workbench.errors import Problem, Reason, did_you_mean
from workbench.language import Message

Array = NDArray[np.float64]

# A quotient of decimal numbers rarely meets a printed cut-point exactly: 1.21 against 1.1 grows by
# 9.99999999999999 %. Numbers closer than this share of the larger one (of 1, if both are smaller)
# are taken as equal.
RELATIVE_TOLERANCE = 1e-9
MAX_LENGTH = 2000
MAX_DEPTH = 40

_FUNCTIONS: dict[str, tuple[int, int]] = {
    "where": (3, 3),
    "min": (2, 60),
    "max": (2, 60),
    "abs": (1, 1),
    "log": (1, 1),
    "exp": (1, 1),
    "sqrt": (1, 1),
    "round": (2, 2),
    "mean": (2, 60),
    "sd": (2, 60),
    "lookup": (2, 2),
    "value": (1, 1),
    "score": (1, 1),
    "complete": (1, 1),
    "level": (1, 1),
}
_LONE_EQUALS = re.compile(r"(?<![<>=!])=(?!=)")
CODE_FUNCTIONS = ("value", "score", "complete", "level")
_STARTS_WITH_COMPARISON = re.compile(r"^\s*(<=|>=|==|!=|<|>)")


class Context(Protocol):
    """Where a formula finds what its names stand for."""

    def name(self, name: str) -> Array:
        """Return the values of a variable or fact."""
        ...

    def value(self, code: str) -> Array:
        """Return the values observed or computed for a code."""
        ...

    def score(self, code: str) -> Array:
        """Return the scores of an indicator or group: normalised values."""
        ...

    def complete(self, code: str) -> Array:
        """Return 1 where an indicator is at its best level, else 0; NaN where unknown."""
        ...

    def level(self, code: str) -> Array:
        """Return the level of an indicator or group, 0 for the worst; NaN where unknown."""
        ...

    def lookup(self, table: str, x: Array) -> Array:
        """Return the entries of a table for ``x``; NaN where it has none."""
        ...


@dataclass(frozen=True, slots=True)
class Formula:
    """A parsed formula.

    Parameters
    ----------
    source : str
        As written.
    names, codes, tables : frozenset of str
        Variables and facts, codes of indicators and their parts, and look-ups that it reads.
    completed : frozenset of str
        Those of ``codes`` whose level is read, by ``complete`` or ``level``.
    scored : frozenset of str
        Those whose score is read.
    """

    source: str
    tree: ast.expr
    names: frozenset[str]
    codes: frozenset[str]
    tables: frozenset[str]
    completed: frozenset[str]
    scored: frozenset[str]

    @property
    def can_be_undefined(self) -> bool:
        """Whether some numbers leave the formula without a value: a division, a logarithm."""
        return any(
            isinstance(node, ast.Div | ast.Pow)
            or (isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("log", "sqrt"))
            for node in ast.walk(self.tree)
        )

    def evaluate(self, context: Context) -> Array:
        """Return the values of the formula, shape as the context's arrays.

        A division by zero or the logarithm of a number that is not positive gives NaN.
        """
        with np.errstate(all="ignore"):
            result = np.asarray(_evaluate(self.tree, context), dtype=np.float64)
        return np.where(np.isfinite(result), result, np.nan)


class FormulaError(Exception):
    """A formula can't be read; carries the problem without its place."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text())
        self.problem = problem


def _refuse(source: str, what: Message, fix: Message | None = None) -> FormulaError:
    """Return the error for a formula."""
    return FormulaError(Problem(Reason.FORMULA, what, got=source, fix=fix))


def parse(source: str) -> Formula:
    """Return a formula read from its text.

    Parameters
    ----------
    source : str
        Such as ``(v1 / v2) * 100``; a lone ``=`` compares.

    Raises
    ------
    FormulaError
        If it is no formula, or uses something that formulas do not know.
    """
    if len(source) > MAX_LENGTH:
        what = Message("the formula is longer than {n} characters", n=MAX_LENGTH)
        raise _refuse(source, what)
    try:
        tree = ast.parse(_LONE_EQUALS.sub("==", source.strip()), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as cause:
        what = Message("this is no formula")
        fix = Message("Check brackets, quotes and operators.")
        raise _refuse(source, what, fix) from cause
    reader = _Reader(source)
    reader.check(tree, 0)
    return Formula(
        source,
        tree,
        frozenset(reader.names),
        frozenset(reader.codes),
        frozenset(reader.tables),
        frozenset(reader.completed),
        frozenset(reader.scored),
    )


def parse_condition(source: str) -> Formula:
    """Return a condition on ``value``: parts that begin with a comparison refer to it.

    Examples
    --------
    >>> parse_condition("> 100 and <= 115").source
    'value > 100 and value <= 115'
    """
    clean = _LONE_EQUALS.sub("==", source.strip())
    parts = re.split(r"(\band\b|\bor\b)", clean)
    full = "".join(
        re.sub(r"^(\s*)", r"\1value ", part, count=1)
        if _STARTS_WITH_COMPARISON.match(part)
        else part
        for part in parts
    )
    return parse(full)


class _Reader:
    """Refuses what formulas do not know, and collects what one reads."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.names: set[str] = set()
        self.codes: set[str] = set()
        self.tables: set[str] = set()
        self.completed: set[str] = set()
        self.scored: set[str] = set()

    def check(self, tree: ast.expr, depth: int) -> None:
        """Check one part of the formula, and those inside it."""
        if depth > MAX_DEPTH:
            raise _refuse(self.source, Message("the formula is nested too deeply"))
        match tree:
            case ast.Constant(value=value):
                self._number(value)
            case ast.Name(id=name):
                self.names.add(name)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() | ast.Not(), operand=operand):
                self.check(operand, depth + 1)
            case ast.BinOp(
                left=left,
                op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() | ast.Pow(),
                right=right,
            ):
                self.check(left, depth + 1)
                self.check(right, depth + 1)
            case ast.BoolOp(values=values):
                for part in values:
                    self.check(part, depth + 1)
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                if not all(type(op) in _COMPARISONS for op in ops):
                    raise _refuse(self.source, Message("unknown comparison"))
                for part in (left, *comparators):
                    self.check(part, depth + 1)
            case ast.Call(func=ast.Name(id=function), args=args, keywords=[]):
                self._call(function, args, depth)
            case _:
                fix = Message(
                    "Formulas know + - * / **, comparisons, and, or, not, and these: {names}.",
                    names=", ".join(_FUNCTIONS),
                )
                raise _refuse(self.source, Message("formulas can't do this"), fix)

    def _number(self, value: object) -> None:
        """Check a constant: a number that a float can hold."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _refuse(self.source, Message("{got} is no number", got=repr(value)[:40]))
        try:
            finite = np.isfinite(float(value))
        except OverflowError:
            finite = np.False_
        if not finite:
            raise _refuse(self.source, Message("a number is too large"))

    def _call(self, function: str, args: list[ast.expr], depth: int) -> None:
        """Check a call: a known function, the right number of values, texts where they belong."""
        if function not in _FUNCTIONS:
            what = Message("unknown function {name}", name=function)
            raise _refuse(self.source, what, did_you_mean(function, _FUNCTIONS))
        fewest, most = _FUNCTIONS[function]
        if not fewest <= len(args) <= most:
            what = Message("{name} takes {n} values", name=function, n=fewest)
            raise _refuse(self.source, what)
        if function in CODE_FUNCTIONS:
            match args[0]:
                case ast.Constant(value=str(code)):
                    self.codes.add(code)
                    if function == "score":
                        self.scored.add(code)
                    elif function != "value":
                        self.completed.add(code)
                case _:
                    what = Message('{name} takes a code in quotes: {name}("1.2.3")', name=function)
                    raise _refuse(self.source, what)
            return
        if function == "lookup":
            match args[0]:
                case ast.Name(id=table) | ast.Constant(value=str(table)):
                    self.tables.add(table)
                case _:
                    what = Message("lookup takes the name of a table first")
                    raise _refuse(self.source, what)
            args = args[1:]
        for part in args:
            self.check(part, depth + 1)


def _evaluate(tree: ast.expr, context: Context) -> Array:
    """Return the values of a part of a formula; the parts were checked by ``_check``."""
    match tree:
        case ast.Constant(value=value):
            return np.float64(value)  # type: ignore[return-value, arg-type]
        case ast.Name(id=name):
            return context.name(name)
        case ast.UnaryOp(op=op, operand=operand):
            inner = _evaluate(operand, context)
            if isinstance(op, ast.Not):
                return 1.0 - _truth(inner)
            return -inner if isinstance(op, ast.USub) else inner
        case ast.BinOp(left=left, op=op, right=right):
            return _ARITHMETIC[type(op)](_evaluate(left, context), _evaluate(right, context))
        case ast.BoolOp(op=op, values=values):
            parts = [_truth(_evaluate(v, context)) for v in values]
            # Kleene: one false settles "and", one true settles "or", whatever is unknown beside it.
            settled = 0.0 if isinstance(op, ast.And) else 1.0
            return _kleene(parts, settled)
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            sides = [_evaluate(part, context) for part in (left, *comparators)]
            pairs = [
                _compare(op, a, b) for op, a, b in zip(ops, sides[:-1], sides[1:], strict=True)
            ]
            return pairs[0] if len(pairs) == 1 else _kleene(pairs, 0.0)
        case ast.Call(func=ast.Name(id=function), args=args):
            return _call(function, args, context)
    msg = f"unchecked part of a formula: {ast.dump(tree)}"
    raise AssertionError(msg)


def _call(function: str, args: list[ast.expr], context: Context) -> Array:
    """Return the values of a function."""
    if function in CODE_FUNCTIONS:
        read: Callable[[str], Array] = getattr(context, function)
        return read(args[0].value)  # type: ignore[attr-defined]
    if function == "lookup":
        table = args[0].id if isinstance(args[0], ast.Name) else args[0].value  # type: ignore[attr-defined]
        return context.lookup(table, np.asarray(_evaluate(args[1], context), dtype=np.float64))
    values = [np.asarray(_evaluate(a, context), dtype=np.float64) for a in args]
    if function == "where":
        condition, yes, no = np.broadcast_arrays(*values)
        truth = _truth(condition)
        return np.where(np.isnan(truth), np.nan, np.where(truth == 1.0, yes, no))
    if function in ("min", "max"):
        reduce = np.minimum.reduce if function == "min" else np.maximum.reduce
        return np.asarray(reduce(np.broadcast_arrays(*values)), dtype=np.float64)
    if function in ("mean", "sd"):
        stack = np.stack(np.broadcast_arrays(*values))
        return np.asarray(stack.mean(axis=0) if function == "mean" else stack.std(axis=0))
    if function == "round":
        return rounded(values[0], values[1])
    plain = {"abs": np.abs, "log": np.log, "exp": np.exp, "sqrt": np.sqrt}
    return np.asarray(plain[function](values[0]))


def rounded(x: Array, decimals: float | Array) -> Array:
    """Return numbers rounded as by hand: halves away from zero, as spreadsheets do.

    A half that binary arithmetic made a little smaller is taken for one.
    """
    scale = 10.0 ** np.asarray(decimals, dtype=np.float64)
    size = np.abs(x) * scale
    whole = np.floor(size + 0.5 + RELATIVE_TOLERANCE * np.maximum(1.0, np.minimum(size, 1e3)))
    return np.asarray(np.sign(x) * whole / scale)


def _truth(x: Array) -> Array:
    """Return 1, 0 or NaN for numbers used as conditions."""
    return np.where(np.isnan(x), np.nan, np.where(np.asarray(x) != 0, 1.0, 0.0))


def _kleene(parts: list[Array], settled: float) -> Array:
    """Join truths: the settling value wins, then unknown, then the other."""
    stack = np.stack(np.broadcast_arrays(*parts))
    decided = (stack == settled).any(axis=0)
    unknown = np.isnan(stack).any(axis=0)
    return np.where(decided, settled, np.where(unknown, np.nan, 1.0 - settled))


def is_same(a: Array, b: Array) -> NDArray[np.bool_]:
    """Return where two numbers are equal within the tolerance."""
    near = np.abs(a - b) <= RELATIVE_TOLERANCE * np.maximum(1.0, np.maximum(np.abs(a), np.abs(b)))
    return np.asarray(near)


def _compare(op: ast.cmpop, a: Array, b: Array) -> Array:
    """Return a comparison within the tolerance; NaN where either side is missing."""
    truth = _COMPARISONS[type(op)](a, b, is_same(a, b))
    return np.where(np.isnan(a) | np.isnan(b), np.nan, truth.astype(np.float64))


_COMPARISONS: Mapping[type[ast.cmpop], Callable[..., NDArray[np.bool_]]] = {
    ast.Lt: lambda a, b, same: (a < b) & ~same,
    ast.LtE: lambda a, b, same: (a < b) | same,
    ast.Gt: lambda a, b, same: (a > b) & ~same,
    ast.GtE: lambda a, b, same: (a > b) | same,
    ast.Eq: lambda a, b, same: same,
    ast.NotEq: lambda a, b, same: ~same,
}
_ARITHMETIC: Mapping[type[ast.operator], Callable[[Array, Array], Array]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: np.divide(a, b),
    ast.Pow: lambda a, b: np.power(a, b),
}


def constants(formulas: Iterable[Formula]) -> list[float]:
    """Return every number that appears in the formulas, sorted: the candidates for cut-points."""
    found: set[float] = set()
    for formula in formulas:
        waiting: list[ast.AST] = [formula.tree]
        while waiting:
            match waiting.pop():
                case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as x)):
                    found.add(-float(x))
                case ast.Constant(value=int() | float() as x):
                    found.add(float(x))
                case node:
                    waiting.extend(ast.iter_child_nodes(node))
    return sorted(found)
