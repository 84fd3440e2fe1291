"""Formulas of instruments as formulas of a spreadsheet."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Protocol

from workbench.instruments.evaluation import CODE_FUNCTIONS, PARTS, Across, across_of, text_of
from workbench.instruments.formula import Formula
from workbench.interchange.spelling import (
    UNKNOWN,
    Unwritable,
    chained,
    first_that_holds,
    number,
    rounded,
    tolerance,
    total,
)
from workbench.language import Message
from workbench.specs.instrument import Lookup

Written = str | list[str]
_SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^"}
_COMPARED = {ast.Lt: "<-", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=-"}
_PLAIN = {"abs": "ABS", "log": "LN", "log10": "LOG10", "exp": "EXP", "sqrt": "SQRT",
          "normal_cdf": "NORMSDIST"}  # fmt: skip
_SUMMARIES = {"mean": "AVERAGE", "median": "MEDIAN", "sd": "STDEVP", "min": "MIN", "max": "MAX",
              "sum": "SUM", "product": "PRODUCT"}  # fmt: skip
_BEYOND = number(1e300)


class Cells(Protocol):
    """Where a formula finds what its names stand for, as expressions that are unknown or a number.

    It answers as :class:`~workbench.instruments.evaluation.Context` does.
    """

    def name(self, name: str) -> str:
        """Return a variable or fact."""
        ...

    def value(self, code: str) -> str:
        """Return the value of a code."""
        ...

    def score(self, code: str) -> str:
        """Return the score of a code."""
        ...

    def level(self, code: str) -> str:
        """Return the level of a code, 0 for the worst."""
        ...

    def complete(self, code: str) -> str:
        """Return 1 where a code is at its best level, else 0."""
        ...

    def scores(self) -> list[str]:
        """Return the scores of the parts."""
        ...

    def weights(self) -> list[str]:
        """Return the weights of the parts."""
        ...

    def levels(self) -> list[str]:
        """Return the levels of the parts."""
        ...

    def table(self, name: str) -> tuple[Lookup, Sequence[str]]:
        """Return a look-up, and the cells of its entries."""
        ...

    def across(self, call: Across) -> list[str]:
        """Return the figures of the reference population that a call asks for."""
        ...

    def before(self) -> Cells | None:
        """Return the cells of the wave before; None if there is none."""
        ...

    def years(self) -> list[tuple[str, Cells]]:
        """Return the cells of all waves of the unit with their years, the last first."""
        ...


def written(formula: Formula, cells: Cells) -> str:
    """Return a formula as an expression that is an error where its value is not known.

    Raises
    ------
    Unwritable
        If it does what spreadsheets can't.
    """
    return _one(formula.tree, cells)


def holds(formula: Formula, cells: Cells, of: float) -> str:
    """Return whether a condition is 1 or 0, as ``of`` says, and known to be."""
    return f"IFERROR({written(formula, cells)}={number(of)},FALSE)"


def all_known(formula: Formula, cells: Cells) -> str:
    """Return 1 where everything that a formula needs is known; see ``evaluation.is_known``."""
    return _known(formula.tree, cells)


def _one(tree: ast.expr, cells: Cells) -> str:
    """Return a part of a formula that is one value."""
    found = _write(tree, cells)
    if isinstance(found, list):
        raise Unwritable(Message("its formula gives several values where one is read"))
    return found


def _write(tree: ast.expr, cells: Cells) -> Written:
    """Return a part of a formula."""
    match tree:
        case ast.Constant(value=int() | float() as value):
            return number(float(value))
        case ast.Name(id=name):
            return cells.name(name)
        case ast.UnaryOp(op=op, operand=operand):
            inner = _write(operand, cells)
            if isinstance(op, ast.Not):
                return _each(lambda x: f"(1-{x})", _truth(operand, inner))
            return _each(lambda x: f"(-({x}))", inner) if isinstance(op, ast.USub) else inner
        case ast.BinOp(left=left, op=op, right=right):
            sign = _SIGNS[type(op)]
            return _each(lambda a, b: f"({a}{sign}{b})", _write(left, cells), _write(right, cells))
        case ast.BoolOp(op=op, values=values):
            parts = [_truth(v, _write(v, cells)) for v in values]
            return _each(_both if isinstance(op, ast.And) else _either, *parts)
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            sides = [_write(part, cells) for part in (left, *comparators)]
            pairs = [
                _each(lambda a, b, op=op: _compared(op, a, b), one, other)
                for op, one, other in zip(ops, sides[:-1], sides[1:], strict=True)
            ]
            return pairs[0] if len(pairs) == 1 else _each(_both, *pairs)
        case ast.Call(func=ast.Name(id=function), args=args):
            return _call(tree, function, args, cells)
    raise Unwritable(Message("formulas can't do this"))


def _each(make: Callable[..., str], *parts: Written) -> Written:
    """Return what is made of values one by one, of several each."""
    sizes = {len(part) for part in parts if isinstance(part, list)}
    if not sizes:
        return make(*parts)
    n = max(sizes)
    rows = [part if isinstance(part, list) else [part] * n for part in parts]
    return [make(*row) for row in zip(*rows, strict=True)]


def _truth(tree: ast.expr, found: Written) -> Written:
    """Return numbers as 1 and 0."""
    if isinstance(tree, ast.Compare | ast.BoolOp):
        return found
    return _each(lambda x: f"IF({x}<>0,1,0)", found)


def _compared(op: ast.cmpop, a: str, b: str) -> str:
    """Return a comparison within the tolerance, 1 or 0."""
    near = tolerance(a, b)
    if isinstance(op, ast.Eq | ast.NotEq):
        yes, no = (1, 0) if isinstance(op, ast.Eq) else (0, 1)
        return f"IF(ABS({a}-{b})<={near},{yes},{no})"
    return f"IF({a}-{b}{_COMPARED[type(op)]}{near},1,0)"


def _both(*parts: str) -> str:
    """Return a conjunction: one that is false settles it, whatever is unknown beside it."""
    sure = ",".join(f"IFERROR({part},1)" for part in parts)
    return f"IF(MIN({sure})=0,0,{'*'.join(parts)})"


def _either(*parts: str) -> str:
    """Return a disjunction: one that is true settles it."""
    sure = ",".join(f"IFERROR({part},0)" for part in parts)
    return f"IF(MAX({sure})=1,1,{'+'.join(parts)})"


def _call(tree: ast.Call, function: str, args: list[ast.expr], cells: Cells) -> Written:
    """Return a function."""
    if function in CODE_FUNCTIONS:
        read: Callable[[str], str] = getattr(cells, function)
        return read(text_of(args[0]))
    if function in PARTS:
        several: Callable[[], list[str]] = getattr(cells, function)
        return several()
    if function == "lookup":
        entries = cells.table(text_of(args[0]))
        return _each(lambda x: looked_up(*entries, x), _write(args[1], cells))
    if function == "across":
        figures = cells.across(across_of(tree))
        return figures if isinstance(_write(args[1], cells), list) else figures[0]
    if function == "available":
        return [_one(arg, cells) for arg in args]
    if function in _SUMMARIES or function == "count":
        return _summary(function, [_write(arg, cells) for arg in args])
    if function == "previous":
        before = cells.before()
        return UNKNOWN if before is None else _one(args[0], before)
    if function == "in_year":
        year = _one(args[0], cells)
        waves = [(f"{own}={year}", _one(args[1], there)) for own, there in cells.years()]
        return first_that_holds(waves, UNKNOWN)
    values = [_write(arg, cells) for arg in args]
    if function in _OWN:
        return _each(_OWN[function], *values)
    if function in _PLAIN:
        return _each(lambda x: f"{_PLAIN[function]}({x})", *values)
    raise Unwritable(Message("spreadsheets do not have {name}", name=function))


def _floor(x: str) -> str:
    """Return the whole number below; one that is a little smaller is met."""
    whole = f"ROUND({x},0)"
    return f"IF(ABS({x}-{whole})<={tolerance(x, whole)},{whole},INT({x}))"


_OWN: dict[str, Callable[..., str]] = {
    "where": lambda condition, yes, no: f"IF({condition}<>0,{yes},{no})",
    "round": rounded,
    "known": lambda x: f"IF(ISNUMBER({x}),1,0)",
    "floor": _floor,
    "ceil": lambda x: f"(-({_floor(f'(-({x}))')}))",
}


def _summary(function: str, parts: list[Written]) -> str:
    """Return one value made of several: those of lists that are not known are left out."""
    single = [part for part in parts if isinstance(part, str)]
    several = [x for part in parts if isinstance(part, list) for x in part]
    if not several:
        if function == "count":
            return f"({len(single)}+0*{total(single)})"
        return chained(_SUMMARIES[function], single)
    # A value that stands by itself must be known: it spoils the whole if it is not.
    spoilt = f"+0*{total(single)}" if single else ""
    rows = [*several, *single]
    n = total([f"IF(ISNUMBER({x}),1,0)" for x in rows])
    if function == "count":
        return f"({n}{spoilt})"
    return f"(IF({n}=0,{UNKNOWN},{_of_known(function, rows, n)}){spoilt})"


def _of_known(function: str, rows: list[str], n: str) -> str:
    """Return a summary of those of several values that are known."""
    added = total([f"IFERROR({x},0)" for x in rows])
    match function:
        case "sum":
            return added
        case "mean":
            return f"{added}/{n}"
        case "min" | "max":
            beyond = _BEYOND if function == "min" else f"-{_BEYOND}"
            return chained(function.upper(), [f"IFERROR({x},{beyond})" for x in rows])
        case "product":
            return chained("PRODUCT", [f"IFERROR({x},1)" for x in rows])
        case "sd":
            squares = total([f"IFERROR(({x}-{added}/{n})^2,0)" for x in rows])
            return f"SQRT({squares}/{n})"
    raise Unwritable(Message("spreadsheets do not have {name}", name=function))


def looked_up(table: Lookup, entries: Sequence[str], x: str) -> str:
    """Return the entry of a table: by equality for keys, by range for limits."""
    rows = []
    for row, entry in zip(table.rows, entries, strict=True):
        if row.key is not None:
            key = number(row.key)
            rows.append((f"ABS({x}-{key})<={tolerance(x, key)}", entry))
        elif row.below is not None:
            limit = number(row.below)
            rows.append((f"{x}-{limit}<-{tolerance(x, limit)}", entry))
        elif row.up_to is not None:
            limit = number(row.up_to)
            rows.append((f"{x}-{limit}<={tolerance(x, limit)}", entry))
        else:
            rows.append((f"ISNUMBER({x})", entry))
    return first_that_holds(rows, UNKNOWN)


def _known(tree: ast.expr, cells: Cells) -> str:
    """Return 1 where everything that a part of a formula needs is known, else 0."""
    match tree:
        case ast.Constant() | ast.Call(func=ast.Name(id="known")):
            return "1"
        case ast.Call(func=ast.Name(id="where"), args=[condition, yes, no]):
            chosen = f"IF({_one(condition, cells)}<>0,{_known(yes, cells)},{_known(no, cells)})"
            return f"IFERROR({chosen},0)"
        case ast.Call(func=ast.Name(id="previous"), args=[inner]):
            before = cells.before()
            return "0" if before is None else _known(inner, before)
        case ast.Call(func=ast.Name(id="lookup" | "interpolate"), args=[_, inner]):
            return _known(inner, cells)
        case ast.Call(func=ast.Name(id="available"), args=args):
            return chained("MAX", [_known(part, cells) for part in args])
        case ast.Name():
            return f"IF(ISNUMBER({_one(tree, cells)}),1,0)"
        case ast.Call(func=ast.Name(id=function)) if function in (*CODE_FUNCTIONS, *PARTS):
            found = _write(tree, cells)
            rows = found if isinstance(found, list) else [found]
            return chained("MAX", [f"IF(ISNUMBER({x}),1,0)" for x in rows])
        case ast.Call(func=ast.Name(id="in_year" | "across")):
            return f"IF(ISNUMBER({_one(tree, cells)}),1,0)"
    parts = tree.args if isinstance(tree, ast.Call) else list(ast.iter_child_nodes(tree))
    return chained("MIN", [_known(part, cells) for part in parts if isinstance(part, ast.expr)])
