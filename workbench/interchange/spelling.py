"""How numbers, texts and small pieces of spreadsheet formulas are written.

What is not known is the error ``#N/A`` inside a formula, so that it spreads as NaN does in the
scoring, and an empty text in a cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workbench.instruments.arithmetic import RELATIVE_TOLERANCE
from workbench.language import Message

# Excel takes no more letters in a formula, nor more parts in a function.
MOST_LETTERS = 8_000
MOST_PARTS = 250
UNKNOWN = "NA()"
NOTHING = '""'


class Unwritable(Exception):
    """A rule has no spreadsheet formula; carries the reason in words."""

    def __init__(self, why: Message) -> None:
        super().__init__(why.text(None))
        self.why = why


def number(x: float) -> str:
    """Return a number as a formula has it, in brackets if it is below 0."""
    text = f"{x:.0f}" if float(x).is_integer() and abs(x) < 1e15 else repr(float(x)).upper()
    return f"({text})" if x < 0 else text


def text(words: str) -> str:
    """Return a text as a formula has it."""
    return '"' + words.replace('"', '""') + '"'


def known(cell: str) -> str:
    """Return the number in a cell, unknown where there is none."""
    return f"IF(ISNUMBER({cell}),{cell},{UNKNOWN})"


def otherwise(expression: str, instead: str = NOTHING) -> str:
    """Return an expression for a cell: what is not known shows as something else."""
    return f"IFERROR({expression},{instead})"


def chained(function: str, parts: Sequence[str]) -> str:
    """Return a function of any number of parts: sums of sums where there are too many."""
    if len(parts) <= MOST_PARTS:
        return f"{function}({','.join(parts)})"
    cut = [parts[i : i + MOST_PARTS] for i in range(0, len(parts), MOST_PARTS)]
    return chained(function, [chained(function, part) for part in cut])


def total(parts: Sequence[str]) -> str:
    """Return a sum; 0 for nothing."""
    return chained("SUM", parts) if parts else "0"


def first_that_holds(cases: Iterable[tuple[str, str]], instead: str) -> str:
    """Return the result of the first condition that holds."""
    found = instead
    for condition, result in reversed(list(cases)):
        found = f"IF({condition},{result},{found})"
    return found


def is_one_of(cell: str, words: Sequence[str]) -> str:
    """Return whether a cell holds one of some texts."""
    found = [f"{cell}={text(word)}" for word in words]
    return found[0] if len(found) == 1 else f"OR({','.join(found)})" if found else "FALSE"


def tolerance(*sides: str) -> str:
    """Return within what two numbers are the same; see ``arithmetic.is_same``."""
    return f"{number(RELATIVE_TOLERANCE)}*MAX(1,{','.join(f'ABS({side})' for side in sides)})"


def rounded(x: str, decimals: str) -> str:
    """Return a number rounded as by hand; see ``arithmetic.rounded``."""
    size = f"ABS({x})*10^{decimals}"
    slack = f"{number(RELATIVE_TOLERANCE)}*MAX(1,MIN({size},1000))"
    return f"(SIGN({x})*INT({size}+0.5+{slack})/10^{decimals})"


def short(formula: str) -> str:
    """Return a formula for a cell.

    Raises
    ------
    Unwritable
        If no spreadsheet takes one so long.
    """
    if len(formula) > MOST_LETTERS:
        raise Unwritable(Message("its formula is longer than spreadsheets take"))
    return f"={formula}"
