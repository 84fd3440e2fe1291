"""Cells read as keys and as numbers, with a problem for each that can't be read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import Problem, Reason
from workbench.language import Message
from workbench.observations.tables import RawTable, cell_text
from workbench.specs.expressions import searched
from workbench.specs.tables import TableFile

_NUMBER = r"^[+\-\u2212]?(\d+(\.\d*)?|\.\d+)([eE][+\-]?\d{1,3})?$"
_BOTH_MARKS = re.compile(r"^[+\-\u2212]?\d{1,3}(?:([.,' ])\d{3})+([.,])\d+$")
# Nobody writes more decimals: a number with more that is one of single precision was kept as one.
MOST_SINGLE_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column read as numbers.

    Parameters
    ----------
    values : array of float, shape (rows,)
        NaN where the cell is no number.
    precision : array of float, shape (rows,)
        Half a unit of the last digit printed; NaN where there is no number.
    words : array of object, shape (rows,)
        Texts of the cells that are neither a number nor mean that nothing was observed, else "".
    """

    values: NDArray[np.float64]
    precision: NDArray[np.float64]
    words: NDArray[np.object_]


def read_keys(
    table: RawTable,
    name: str,
    problems: list[Problem],
    *,
    numbers: bool = False,
    pad: int | None = None,
) -> NDArray[np.object_]:
    """Return a column of keys as texts.

    Parameters
    ----------
    table : RawTable
    name : str
        Column.
    problems : list of Problem
        Takes what is found.
    numbers : bool
        Whether whole numbers may stand for texts, as for years. Never for codes: 1001 may have
        been 01001.
    pad : int, optional
        Digits of codes that are declared to have lost their leading zeros.
    """
    codes, found = pd.factorize(table.column(name), use_na_sentinel=False)
    problems.extend(table.faults.get(name, ()))
    if pad is not None:
        shown = [cell_text(cell) for cell in found]
        padded = [text.zfill(pad) if text.isdigit() else text for text in shown]
        return np.array([*padded, ""], dtype=object)[codes]
    texts = np.full(len(found), "", dtype=object)
    for index, cell in enumerate(found):
        if not _is_number(cell):
            texts[index] = "" if cell is None else str(cell).strip()
            continue
        value = float(cell)
        if np.isnan(value):  # an empty cell in a column of numbers
            continue
        number = f"{value:.0f}" if value.is_integer() else repr(value)
        if numbers and value.is_integer():
            texts[index] = number
            continue
        for row in table.rows[codes == index]:
            what = Message("{got} is a number; codes are text", got=number)
            fix = Message("Format the column as text and write the code with its leading zeros.")
            place = table.place(int(row), name)
            problems.append(Problem(Reason.CODE_IS_NUMBER, what, place, got=number, fix=fix))
    return texts[codes]


def _is_number(cell: object) -> bool:
    """Return whether a cell holds a number and not a text or a truth."""
    return isinstance(cell, Real | Decimal) and not isinstance(cell, bool | np.bool_)


def read_numbers(
    table: RawTable,
    name: str,
    spec: TableFile,
    problems: list[Problem],
    *,
    extract: str | None = None,
) -> Numbers:
    """Return a column as numbers and words; only cells that are neither are judged yet.

    Parameters
    ----------
    table : RawTable
    name : str
        Column.
    spec : TableFile
        Decimal and thousands marks, what means that nothing was observed, and words for numbers.
    problems : list of Problem
        Takes what is found.
    extract : str, optional
        Expression whose group is the part of a cell that counts.
    """
    column = table.column(name)
    problems.extend(table.faults.get(name, ()))
    if extract is not None:
        # What is missing is said of the whole cell: a bare 0 may be no answer where 0C is a zero.
        whole = [None if cell_text(cell) in spec.missing else cell for cell in column]
        column = pd.Series([_part(cell, extract) for cell in whole], dtype=object)
        spec = spec.model_copy(update={"missing": ("",)})
    if pd.api.types.is_numeric_dtype(column.dtype):
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        words = np.full(len(values), "", dtype=object)
        return _without_missing(Numbers(values, _float_precision(values), words), spec)
    cells = column.to_numpy(dtype=object)
    values = np.array(
        [float(c) if _is_number(c) or isinstance(c, bool | np.bool_) else np.nan for c in cells],
        dtype=np.float64,
    )
    precision = _float_precision(values)
    texts = pd.Series([c.strip() if isinstance(c, str) else "" for c in cells], dtype="str")
    texts = texts.mask(texts.isin(spec.missing), "")
    clean = _plain(texts, spec)
    numeric = clean.str.match(_NUMBER).to_numpy(dtype=bool)
    if numeric.any():
        parsed = pd.to_numeric(clean[numeric], errors="coerce").to_numpy(dtype=np.float64)
        values[numeric] = parsed
        digits = clean[numeric].str.extract(r"\.(\d*)", expand=False).fillna("").str.len()
        precision[numeric] = 0.5 * 10.0 ** -digits.to_numpy(dtype=np.float64)
    words = np.where(numeric, "", texts.to_numpy(dtype=object)).astype(object)
    # A text of digits too long for a float is no number: 1e999 is left as a word, and reported.
    lost = numeric & ~np.isfinite(values)
    words[lost] = texts.to_numpy(dtype=object)[lost]
    values[lost] = np.nan
    return _without_missing(_worded(Numbers(values, precision, words), spec), spec)


def _part(cell: object, extract: str) -> object:
    """Return the part of a cell that an expression takes out; the whole cell where it fits not."""
    found = searched(extract, cell) if isinstance(cell, str) else None
    return cell if found is None else found[1]


def _plain(texts: pd.Series, spec: TableFile) -> pd.Series:
    """Return texts with a point as decimal mark and no thousands marks, where they are numbers."""
    clean = texts
    if spec.thousands is not None:
        # A mark that does not stand between groups of three is no thousands mark: 1,5 is not 15.
        mark, decimal = re.escape(spec.thousands), re.escape(spec.decimal)
        grouped = rf"^[+\-\u2212]?\d{{1,3}}({mark}\d{{3}})+({decimal}\d*)?$"
        whole = clean.str.match(grouped).to_numpy(dtype=bool)
        clean = clean.mask(whole, clean.str.replace(spec.thousands, "", regex=False))
    if spec.decimal == ",":
        # A point that is no thousands mark must not pass for a decimal one.
        clean = clean.str.replace(".", "?", regex=False).str.replace(",", ".", regex=False)
    return clean.str.replace("\u2212", "-", regex=False)


def _worded(found: Numbers, spec: TableFile) -> Numbers:
    """Return a column in which words that stand for numbers are those numbers."""
    meanings = {w.casefold(): float(v) for w, v in spec.words.items() if not isinstance(v, str)}
    if not meanings:
        return found
    values, words = found.values.copy(), found.words.copy()
    for index in np.flatnonzero(words != ""):
        number = meanings.get(str(words[index]).casefold())
        if number is not None:
            values[index], words[index] = number, ""
    precision = np.where(np.isnan(found.values) & ~np.isnan(values), 0.0, found.precision)
    return Numbers(values, precision, words)


def _without_missing(found: Numbers, spec: TableFile) -> Numbers:
    """Return a column without the numbers that mean that nothing was observed, such as -9."""
    marks = [float(m) for m in spec.missing if re.match(_NUMBER, m)]
    if not marks:
        return found
    values = np.where(np.isin(found.values, marks), np.nan, found.values)
    return Numbers(values, np.where(np.isnan(values), np.nan, found.precision), found.words)


def _float_precision(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return half a unit of the last digit of the shortest text of each number."""
    found, inverse = np.unique(values, return_inverse=True)
    digits = np.array([0 if np.isnan(v) else _decimals(float(v)) for v in found], dtype=np.float64)
    precision = np.maximum(0.5 * 10.0**-digits, _of_single(found, digits))
    return np.where(np.isnan(values), np.nan, precision[inverse])


def _of_single(values: NDArray[np.float64], digits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the precision of numbers that a source keeps in single precision; 0 for others.

    84.93556213378906 has sixteen digits in a workbook, and is 84.93556 of a program that keeps
    seven: what it was computed from differs in the last of those.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        single = values.astype(np.float32)
        kept = (single.astype(np.float64) == values) & (digits > MOST_SINGLE_DIGITS)
        return np.where(kept, np.abs(np.spacing(single)).astype(np.float64), 0.0)


def _decimals(value: float) -> int:
    """Return the digits after the point in the shortest text of a number."""
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent if np.isfinite(value) else 0
    return max(0, -exponent) if isinstance(exponent, int) else 0


def outside(
    value: float, limits: tuple[float | None, float | None], *, whole: bool = False
) -> Problem | None:
    """Return the problem of a number outside its limits, None for one that may stand.

    Parameters
    ----------
    value : float
        NaN is never outside.
    limits : tuple of float or None
        Lowest and highest; None for no limit.
    whole : bool
        Whether it must be a whole number.
    """
    low, high = limits
    below, above = low is not None and value < low, high is not None and value > high
    if not (below or above or (whole and value == value and not float(value).is_integer())):
        return None
    if low is None:
        expected = Message("{high} or less", high=high)
    elif high is None:
        expected = Message("{low} or more", low=low)
    elif whole and (low, high) == (0, 1):
        expected = Message("0 or 1")
    else:
        expected = Message("{low} to {high}", low=low, high=high)
    what = Message("the value is out of range")
    return Problem(Reason.VALUE_RANGE, what, got=f"{value:.12g}", expected=expected)


def not_a_number(word: str, table: RawTable, row: int, column: str, spec: TableFile) -> Problem:
    """Return the problem of a cell that should be a number, with the likely cause."""
    return Problem(
        Reason.VALUE_NOT_NUMBER,
        Message("not a number"),
        table.place(row, column),
        got=word,
        expected=Message("a number with the decimal mark '{mark}'", mark=spec.decimal),
        fix=_advice(word, spec),
    )


def _advice(word: str, spec: TableFile) -> Message:
    """Return what to do about a cell that is no number."""
    other = "," if spec.decimal == "." else "."
    both = _BOTH_MARKS.match(word)
    if word.endswith("%"):
        return Message("Write the number without the percent sign.")
    if both and both[1] != both[2]:
        return Message(
            "Write decimal: '{decimal}' and thousands: '{thousands}' for this table in the study.",
            decimal=both[2],
            thousands=both[1],
        )
    if other in word and word.replace(other, "", 1).replace("-", "", 1).isdigit():
        return Message(
            "If {mark} is the decimal mark here, write decimal: '{mark}' for this table; if it "
            "groups thousands, thousands: '{mark}'.",
            mark=other,
        )
    if any(c.isdigit() for c in word) and not word[0].isalpha():
        return Message(
            "Keep the number alone in its cell; put letters and notes in another column."
        )
    return Message("Give the meaning of the word in words, or add it to missing.")
