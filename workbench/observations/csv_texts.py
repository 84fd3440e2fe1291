"""Texts in csv files that a spreadsheet opens as texts, never as formulas."""

from __future__ import annotations

import re

import pandas as pd

# What a spreadsheet takes for the start of a formula, in East Asia the wide signs too; spaces, tab
# and return are passed over before it.
_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20"
STARTS_A_FORMULA = re.compile(rf"\s*[{_SIGNS}]|\t")
# In half the world a semicolon divides cells, and quotes inside of a line don't hold one together:
# what follows a semicolon, a tab or a line end is the start of a cell there.
_INSIDE = re.compile(rf'([;\t\n]"*)(?=[{_SIGNS}])')


def quiet(text: str) -> str:
    """Return a text of a csv cell that no spreadsheet takes for a formula.

    A space before it is enough, and is taken off again when the workbench reads the cell. Numbers
    stay as they are. Within a text a space also follows whatever divides cells somewhere.

    Examples
    --------
    >>> quiet("=1+1"), quiet("-3.5"), quiet("Ana"), quiet("Ana;=1+1")
    (' =1+1', '-3.5', 'Ana', 'Ana; =1+1')
    """
    # Python's writer leaves a lone return unquoted, and what follows would begin a row of its own.
    text = text.replace("\r\n", "\n").replace("\r", " ")
    text = _INSIDE.sub(r"\1 ", text)
    if not STARTS_A_FORMULA.match(text):
        return text
    try:
        float(text)
    except ValueError:
        return f" {text.strip()}"
    return text


def csv_text(frame: pd.DataFrame, *, missing: str = "") -> str:
    """Return a table as csv in which no text can act as a formula."""
    texts = {
        name: frame[name].map(lambda cell: quiet(cell) if isinstance(cell, str) else cell)
        for name in frame.columns
        if not pd.api.types.is_numeric_dtype(frame[name].dtype)
        and frame[name].map(lambda cell: isinstance(cell, str) and quiet(cell) != cell).any()
    }
    return (
        frame.assign(**texts)
        .rename(columns=quiet)
        .to_csv(index=False, na_rep=missing, lineterminator="\n")
    )
