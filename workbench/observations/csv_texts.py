"""Texts in csv files that a spreadsheet opens as texts, never as formulas."""

from __future__ import annotations

import pandas as pd

# What a spreadsheet takes for the start of a formula; tab and return are passed over before it.
STARTS_A_FORMULA = ("=", "+", "-", "@")


def quiet(text: str) -> str:
    """Return a text of a csv cell that no spreadsheet takes for a formula.

    A space before it is enough, and is taken off again when the workbench reads the cell. Numbers
    stay as they are.

    Examples
    --------
    >>> quiet("=1+1"), quiet("-3.5"), quiet("Ana")
    (' =1+1', '-3.5', 'Ana')
    """
    # Python's writer leaves a lone return unquoted, and what follows would begin a row of its own.
    text = text.replace("\r\n", "\n").replace("\r", " ")
    if not text.lstrip(" ").startswith((*STARTS_A_FORMULA, "\t")):
        return text
    try:
        float(text)
    except ValueError:
        return f" {text.lstrip(' ')}"
    return text


def csv_text(frame: pd.DataFrame) -> str:
    """Return a table as csv in which no text can act as a formula."""
    texts = {
        name: frame[name].map(lambda cell: quiet(cell) if isinstance(cell, str) else cell)
        for name in frame.columns
        if not pd.api.types.is_numeric_dtype(frame[name].dtype)
        and frame[name].map(lambda cell: isinstance(cell, str) and quiet(cell) != cell).any()
    }
    return frame.assign(**texts).to_csv(index=False, lineterminator="\n")
