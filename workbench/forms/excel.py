"""Formulas of an instrument as formulas of a spreadsheet, so that a level is seen at once.

A cell that is not known holds an error (``#N/A``), as it holds NaN in the workbench: errors pass
through arithmetic and comparisons, and ``and`` and ``or`` are settled by one part where they are
in the workbench. Names of functions and the comma are those of the file format, whatever the
language of the spreadsheet program.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Protocol

from workbench.instruments.arithmetic import RELATIVE_TOLERANCE
from workbench.instruments.formula import Formula
from workbench.language import Message

MAX_LENGTH = 8000  # of 8192
MAX_NESTING = 60  # of 64
MAX_LITERAL = 250  # of 255
UNKNOWN = "NA()"


class Cells(Protocol):
    """Where a formula finds the cells of what it names."""

    def name(self, name: str) -> str:
        """Return the reference of a variable, input or fact."""
        ...

    def value(self, code: str) -> str:
        """Return the expression of the value of a code."""
        ...

    def complete(self, code: str) -> str:
        """Return an expression that is 1 where an indicator is at its best level, else 0."""
        ...

    def level(self, code: str) -> str:
        """Return an expression for the level of an indicator, 0 for the worst."""
        ...

    def lookup(self, table: str, x: str) -> str:
        """Return an expression for the entry of a table."""
        ...


class CannotExpress(Exception):
    """A formula that a spreadsheet can't hold; carries the reason."""

    def __init__(self, why: Message) -> None:
        super().__init__(str(why))
        self.why = why


def excel_number(formula: Formula, cells: Cells) -> str:
    """Return a formula as an expression that gives a number, without the equals sign.

    Parameters
    ----------
    formula : Formula
    cells : Cells
        Gives the reference of each name.

    Raises
    ------
    CannotExpress
        If the expression is too long or too deep for a spreadsheet.
    """
    return _checked(_Writer(cells).number(formula.tree))


def excel_condition(
    formula: Formula, cells: Cells, *, known: bool = False, whole: bool = False
) -> str:
    """Return a condition as an expression that is TRUE or FALSE, or an error where unknown.

    Parameters
    ----------
    formula : Formula
    cells : Cells
    known : bool
        Whether everything it reads is known, which makes it shorter.
    whole : bool
        Whether it compares whole numbers, which need no tolerance.
    """
    return _checked(_Writer(cells, known or whole, whole).truth(formula.tree))


def literal(text: str) -> str:
    """Return a text as it stands inside a formula; nothing in it can act."""
    clean = "".join(c if c.isprintable() else " " for c in text)
    if len(clean) > MAX_LITERAL:
        clean = f"{clean[: MAX_LITERAL - 1]}…"
    return '"' + clean.replace('"', '""') + '"'


def number(value: float) -> str:
    """Return a number as it stands inside a formula."""
    text = f"{value:.15g}".upper()
    return f"({text})" if value < 0 else text


def sheet_reference(sheet: str, column: str, row: int) -> str:
    """Return the absolute reference of a cell on a sheet."""
    quoted = sheet.replace("'", "''")
    return f"'{quoted}'!${column}${row}"


def first_of(cases: list[tuple[str, str]], otherwise: str) -> str:
    """Return nested IFs: the result of the first condition that holds."""
    text = otherwise
    for condition, result in reversed(cases):
        text = f"IF({condition},{result},{text})"
    return text


def _checked(expression: str) -> str:
    """Return an expression that fits in a cell."""
    depth = deepest = 0
    for character in expression:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    if len(expression) > MAX_LENGTH or deepest > MAX_NESTING:
        raise CannotExpress(Message("the formula is too long for a spreadsheet"))
    return expression


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes parts of one formula.

    Parameters
    ----------
    cells : Cells
    known : bool
        Whether nothing can be unknown, so that and and or need no care.
    whole : bool
        Whether all numbers are whole.
    """

    cells: Cells
    known: bool = False
    whole: bool = False

    def number(self, tree: ast.expr) -> str:
        """Return a part of a formula as a number."""
        match tree:
            case ast.Constant(value=int() | float() as value):
                return number(float(value))
            case ast.Name(id=name):
                return self.cells.name(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"(-{self.number(operand)})"
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.number(operand)
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                base, power = self.number(left), self.number(right)
                # A spreadsheet has no 0 to the power of 0; the workbench gives 1.
                return f"IF({power}=0,1+0*{base},{base}^{power})"
            case ast.BinOp(left=left, op=op, right=right):
                return f"({self.number(left)}{_SIGNS[type(op)]}{self.number(right)})"
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                return f"IF({self.truth(tree)},1,0)"
            case ast.Call(func=ast.Name(id=function), args=args):
                return self._call(function, args)
        raise CannotExpress(Message("a spreadsheet has nothing for a part of this formula"))

    def _call(self, function: str, args: list[ast.expr]) -> str:
        """Return a function of the language."""
        match function, args:
            case (("value" | "complete" | "level"), [ast.Constant(value=str(code))]):
                return str(getattr(self.cells, function)(code))
            case "lookup", [ast.Name(id=table) | ast.Constant(value=str(table)), x]:
                return self.cells.lookup(table, self.number(x))
            case "where", [condition, yes, no]:
                return f"IF({self.truth(condition)},{self.number(yes)},{self.number(no)})"
            case _ if function in _FUNCTIONS:
                return f"{_FUNCTIONS[function]}({','.join(self.number(a) for a in args)})"
        raise CannotExpress(Message("a spreadsheet has nothing for a part of this formula"))

    def truth(self, tree: ast.expr) -> str:
        """Return a part of a formula as TRUE, FALSE or an error."""
        match tree:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return f"NOT({self.truth(operand)})"
            case ast.BoolOp(op=op, values=values):
                return self._join([self.truth(v) for v in values], isinstance(op, ast.And))
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                sides = [left, *comparators]
                pairs = [
                    self._compare(type(op), a, b)
                    for op, a, b in zip(ops, sides[:-1], sides[1:], strict=True)
                ]
                return pairs[0] if len(pairs) == 1 else self._join(pairs, True)
            case _:
                return f"({self.number(tree)}<>0)"

    def _join(self, parts: list[str], all_of: bool) -> str:
        """Return truths joined: one false settles and, one true or, whatever is unknown."""
        settled, function = ("FALSE", "AND") if all_of else ("TRUE", "OR")
        joined = f"{function}({','.join(parts)})"
        if self.known:
            return joined
        other = "TRUE" if all_of else "FALSE"
        decided = ",".join(f"IFERROR({p},{other})={settled}" for p in parts)
        return f"IF(OR({decided}),{settled},{joined})"

    def _compare(self, op: type[ast.cmpop], left: ast.expr, right: ast.expr) -> str:
        """Return a comparison within the tolerance of the workbench."""
        a, b = self.number(left), self.number(right)
        if self.whole:
            return f"{a}{_EXACT[op]}{b}"
        margin = f"{RELATIVE_TOLERANCE:.0E}*MAX(1,ABS({a}),ABS({b}))"
        limit = _constant(right)
        if limit is not None:
            # Close to a number the larger of both is that number.
            margin = number(RELATIVE_TOLERANCE * max(1.0, abs(limit)))
        if op in (ast.Eq, ast.NotEq):
            same = f"ABS({a}-{b})<={margin}"
            return same if op is ast.Eq else f"NOT({same})"
        sign = "-" if op in (ast.Lt, ast.GtE) else "+"
        return f"{a}{_EXACT[op]}{b}{sign}{margin}"


def _constant(tree: ast.expr) -> float | None:
    """Return the number that a part of a formula is, if it is one."""
    match tree:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -float(value)
    return None


_SIGNS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_FUNCTIONS = {"min": "MIN", "max": "MAX", "abs": "ABS", "log": "LN", "exp": "EXP"}
_EXACT: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "=", ast.NotEq: "<>",
}  # fmt: skip
