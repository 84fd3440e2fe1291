"""Formulas of instruments: a small language over arrays, read by a parser and never by ``eval``.

It knows arithmetic, comparisons, ``and or not`` and the functions listed below; names are variables
and facts. Truth is 1, 0 or NaN for unknown (Kleene), so that a comparison with a missing number
stays unknown instead of turning false. What each function does is in
``docs/write-your-own-instrument.md``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.errors import Problem, Reason, did_you_mean
from workbench.instruments.arithmetic import (
    COMPARISONS,
    FIGURES,
    PERCENTILE,
    PLAIN,
    SUMMARIES,
    Array,
)
from workbench.instruments.evaluation import (
    CODE_FUNCTIONS,
    Across,
    Context,
    across_of,
    evaluate,
    is_known,
    text_of,
)
from workbench.language import Message

MAX_LENGTH = 2000
MAX_DEPTH = 40
MANY = 60
ELSEWHERE = ("across", "previous", "in_year")

# Fewest and most values that each function takes.
_FUNCTIONS: dict[str, tuple[int, int]] = {
    "where": (3, 3),
    "round": (2, 2),
    **dict.fromkeys(PLAIN, (1, 1)),
    **dict.fromkeys(SUMMARIES, (1, MANY)),
    "largest": (2, MANY),
    "smallest": (2, MANY),
    "lookup": (2, 2),
    "interpolate": (2, 2),
    "previous": (1, 1),
    "in_year": (2, 2),
    **dict.fromkeys(CODE_FUNCTIONS, (1, 1)),
    "scores": (0, MANY),
    "weights": (0, MANY),
    "across": (2, 5),
}
_LONE_EQUALS = re.compile(r"(?<![<>=!])=(?!=)")
_STARTS_WITH_COMPARISON = re.compile(r"^\s*(<=|>=|==|!=|<|>)")


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
    across : tuple of Across
        Figures of the reference population that it asks for.
    functions : frozenset of str
        Functions that it calls.
    """

    source: str
    tree: ast.expr
    names: frozenset[str]
    codes: frozenset[str]
    tables: frozenset[str]
    completed: frozenset[str]
    scored: frozenset[str]
    across: tuple[Across, ...]
    functions: frozenset[str]

    @property
    def can_be_undefined(self) -> bool:
        """Whether some numbers leave the formula without a value: a division, a logarithm."""
        risky = any(_may_fail(node) for node in ast.walk(self.tree))
        return risky or not self.functions.isdisjoint(("log", "log10", "sqrt"))

    @property
    def elsewhere(self) -> tuple[ast.Call, ...]:
        """Calls that read other units or other waves."""
        return tuple(
            node
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ELSEWHERE
        )

    @property
    def of_parts(self) -> bool:
        """Whether it reads the scores or weights of several parts together."""
        return not self.functions.isdisjoint(("scores", "weights"))

    def evaluate(self, context: Context) -> Array:
        """Return the values of the formula, shape as the context's arrays.

        A division by zero or the logarithm of a number that is not positive gives NaN.
        """
        with np.errstate(all="ignore"):
            result = np.asarray(evaluate(self.tree, context), dtype=np.float64)
        return np.where(np.isfinite(result), result, np.nan)

    def is_known(self, context: Context) -> NDArray[np.bool_]:
        """Return where everything that the formula needs is known."""
        with np.errstate(all="ignore"):
            return np.asarray(is_known(self.tree, context) == 1.0)


def _may_fail(node: ast.AST) -> bool:
    """Return whether an operation has no value for some numbers."""
    match node:
        case ast.BinOp(op=ast.Div(), right=divisor):
            return not _is_never_zero(divisor)
        case ast.BinOp(op=ast.Pow(), right=ast.Constant(value=int(power))):
            return power < 0
        case ast.BinOp(op=ast.Pow(), left=base):
            return not _is_never_zero(base)
    return False


def _is_never_zero(tree: ast.expr) -> bool:
    """Return whether a part of a formula is above 0 whatever the numbers."""
    match tree:
        case ast.Constant(value=int() | float() as x):
            return x > 0
        case ast.Call(func=ast.Name(id="exp")):
            return True
        case ast.Call(func=ast.Name(id="max"), args=args):
            return any(_is_never_zero(arg) for arg in args)
        case ast.Call(func=ast.Name(id="min"), args=args):
            return all(_is_never_zero(arg) for arg in args)
        case ast.BinOp(left=left, op=ast.Add() | ast.Mult() | ast.Div(), right=right):
            return _is_never_zero(left) and _is_never_zero(right)
    return False


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
    if reader.check(tree, 0):
        what = Message("the formula gives several values")
        raise _refuse(source, what, Message("Make one of them: mean, sum, max and the like."))
    return Formula(
        source,
        tree,
        frozenset(reader.names),
        frozenset(reader.codes),
        frozenset(reader.tables),
        frozenset(reader.completed),
        frozenset(reader.scored),
        tuple({call.source: call for call in reader.across}.values()),
        frozenset(reader.functions),
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
        self.across: list[Across] = []
        self.functions: set[str] = set()

    def check(self, tree: ast.expr, depth: int) -> bool:
        """Check one part of the formula and those inside it; return if it is several values."""
        if depth > MAX_DEPTH:
            raise _refuse(self.source, Message("the formula is nested too deeply"))
        match tree:
            case ast.Constant(value=value):
                self._number(value)
                return False
            case ast.Name(id=name):
                self.names.add(name)
                return False
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() | ast.Not(), operand=operand):
                return self.check(operand, depth + 1)
            case ast.BinOp(
                left=left,
                op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() | ast.Pow(),
                right=right,
            ):
                return self._any_several([left, right], depth)
            case ast.BoolOp(values=values):
                return self._any_several(values, depth)
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                if not all(type(op) in COMPARISONS for op in ops):
                    raise _refuse(self.source, Message("unknown comparison"))
                return self._any_several([left, *comparators], depth)
            case ast.Call(func=ast.Name(id=function), args=args, keywords=[]):
                return self._call(tree, function, args, depth)
        fix = Message(
            "Formulas know + - * / **, comparisons, and, or, not, and these: {names}.",
            names=", ".join(_FUNCTIONS),
        )
        raise _refuse(self.source, Message("formulas can't do this"), fix)

    def _any_several(self, parts: list[ast.expr], depth: int) -> bool:
        """Check some parts; return if any of them is several values."""
        return any([self.check(part, depth + 1) for part in parts])

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

    def _call(self, tree: ast.Call, function: str, args: list[ast.expr], depth: int) -> bool:
        """Check a call: a known function, the right number of values, texts where they belong."""
        if function not in _FUNCTIONS:
            what = Message("unknown function {name}", name=function)
            raise _refuse(self.source, what, did_you_mean(function, _FUNCTIONS))
        fewest, most = _FUNCTIONS[function]
        if not fewest <= len(args) <= most:
            what = Message("{name} takes {n} values", name=function, n=fewest)
            raise _refuse(self.source, what)
        self.functions.add(function)
        if function in (*CODE_FUNCTIONS, "scores", "weights"):
            self._codes(function, args)
            return function in ("scores", "weights")
        if function in ("lookup", "interpolate"):
            self.tables.add(self._named(args[0], Message("lookup takes the name of a table first")))
            return self.check(args[1], depth + 1)
        if function == "across":
            return self._across(tree, args, depth)
        if function in ("largest", "smallest"):
            match args[0]:
                case ast.Constant(value=int(k)) if k > 0 and not isinstance(k, bool):
                    self._any_several(args[1:], depth)
                    return True
            what = Message("{name} takes a whole number first: {name}(3, scores())", name=function)
            raise _refuse(self.source, what)
        several = self._any_several(args, depth)
        if function in SUMMARIES:
            if len(args) == 1 and not several:
                what = Message("{name} takes several values, or scores()", name=function)
                raise _refuse(self.source, what)
            return False
        return several

    def _codes(self, function: str, args: list[ast.expr]) -> None:
        """Check and collect codes in quotes."""
        for arg in args:
            match arg:
                case ast.Constant(value=str(code)):
                    self.codes.add(code)
                    if function in ("score", "scores", "weights"):
                        self.scored.add(code)
                    elif function != "value":
                        self.completed.add(code)
                case _:
                    what = Message('{name} takes a code in quotes: {name}("1.2.3")', name=function)
                    raise _refuse(self.source, what)

    def _across(self, tree: ast.Call, args: list[ast.expr], depth: int) -> bool:
        """Check a figure of the reference population."""
        known = ", ".join((*FIGURES, "p95"))
        what = Message("across takes the name of a figure first, one of {names}", names=known)
        name = self._named(args[0], what)
        if name not in FIGURES and not PERCENTILE.match(name):
            raise _refuse(self.source, what, did_you_mean(name, FIGURES))
        for arg in args[2:]:
            self.names.add(self._named(arg, Message("across is divided by facts, or by year")))
        several = self.check(args[1], depth + 1)
        self.across.append(across_of(tree))
        return several

    def _named(self, arg: ast.expr, otherwise: Message) -> str:
        """Return an argument that is a name or a text, or refuse the formula."""
        match arg:
            case ast.Name() | ast.Constant(value=str()):
                return text_of(arg)
        raise _refuse(self.source, otherwise)


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
