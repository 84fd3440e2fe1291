"""Cells read as keys and as numbers, with a problem for each that can't be read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import Problem, Reason
from workbench.language import Message
from workbench.observations.tables import RawTable
from workbench.specs.study import TableFile

_NUMBER = r"^[+\-\u2212]?(\d+(\.\d*)?|\.\d+)([eE][+\-]?\d{1,3})?$"


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
        Texts of the cells that are neither a number nor empty, else "".
    """

    values: NDArray[np.float64]
    precision: NDArray[np.float64]
    words: NDArray[np.object_]


def read_keys(
    table: RawTable, name: str, problems: list[Problem], *, numbers: bool = False
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
    """
    codes, found = pd.factorize(table.column(name), use_na_sentinel=False)
    texts = np.full(len(found), "", dtype=object)
    for index, cell in enumerate(found):
        if not isinstance(cell, int | float | np.number) or isinstance(cell, bool):
            texts[index] = "" if cell is None else str(cell).strip()
            continue
        value = float(cell)
        if np.isnan(value):  # an empty cell in a column of numbers
            continue
        shown = f"{value:.0f}" if value.is_integer() else repr(value)
        if numbers and value.is_integer():
            texts[index] = shown
            continue
        for row in table.rows[codes == index]:
            what = Message("{got} is a number; codes are text", got=shown)
            fix = Message("Format the column as text and write the code with its leading zeros.")
            place = table.place(int(row), name)
            problems.append(Problem(Reason.CODE_IS_NUMBER, what, place, got=shown, fix=fix))
    return texts[codes]


def read_numbers(table: RawTable, name: str, spec: TableFile) -> Numbers:
    """Return a column as numbers and words; nothing is judged yet.

    Parameters
    ----------
    table : RawTable
    name : str
        Column.
    spec : TableFile
        Decimal and thousands marks.
    """
    column = table.column(name)
    if pd.api.types.is_numeric_dtype(column.dtype):
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        return Numbers(values, _float_precision(values), _blank(len(values)))
    cells = column.to_numpy(dtype=object)
    values = np.array(
        [float(c) if isinstance(c, float | bool) else np.nan for c in cells], dtype=np.float64
    )
    precision = _float_precision(values)
    texts = pd.Series([c.strip() if isinstance(c, str) else "" for c in cells], dtype="str")
    clean = texts
    if spec.thousands is not None:
        clean = clean.str.replace(spec.thousands, "", regex=False)
    if spec.decimal == ",":
        # A point that is no thousands mark must not pass for a decimal one.
        clean = clean.str.replace(".", "?", regex=False).str.replace(",", ".", regex=False)
    clean = clean.str.replace("\u2212", "-", regex=False)
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
    return Numbers(values, precision, words)


def _blank(size: int) -> NDArray[np.object_]:
    """Return an array of empty texts."""
    return np.full(size, "", dtype=object)


def _float_precision(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return half a unit of the last digit of the shortest text of each number."""
    found, inverse = np.unique(values, return_inverse=True)
    digits = np.array([len(repr(float(v)).partition(".")[2].partition("e")[0]) for v in found])
    whole = np.array([float(v).is_integer() for v in found], dtype=bool)
    precision = 0.5 * 10.0 ** -np.where(whole, 0, digits).astype(np.float64)
    return np.where(np.isnan(values), np.nan, precision[inverse])


def not_a_number(word: str, table: RawTable, row: int, column: str, spec: TableFile) -> Problem:
    """Return the problem of a cell that should be a number, with the likely cause."""
    other = "," if spec.decimal == "." else "."
    fix: Message | None = None
    if word.endswith("%"):
        fix = Message("Write the number without the percent sign.")
    elif other in word and word.replace(other, "", 1).replace("-", "", 1).isdigit():
        fix = Message(
            "If {mark} is the decimal mark here, write decimal: '{mark}' for this table; if it "
            "groups thousands, thousands: '{mark}'.",
            mark=other,
        )
    elif any(c.isdigit() for c in word):
        fix = Message("Keep the number alone in its cell; put letters and notes in another column.")
    else:
        fix = Message("Give the meaning of the word in words, or add it to missing.")
    return Problem(
        Reason.VALUE_NOT_NUMBER,
        Message("not a number"),
        table.place(row, column),
        got=word,
        expected=Message("a number with the decimal mark '{mark}'", mark=spec.decimal),
        fix=fix,
    )
