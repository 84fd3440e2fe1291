"""Denomination: indicators divided by what makes units of different size comparable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.audit.index.data import check_codes, framed, matrix
from workbench.audit.index.made import Made
from workbench.errors import Place, Problem, Reason, ScoringError, did_you_mean
from workbench.language import Message
from workbench.specs.index import Denominate

if TYPE_CHECKING:
    from workbench.audit.index.index import Index


def denominate(index: Index, step: Denominate) -> Made:
    """Return indicators divided (or multiplied) by columns of the units.

    Raises
    ------
    ScoringError
        With every problem: no such indicator or column, a column that holds no numbers.

    Notes
    -----
    ``x / (denominator / scale)``. Where the denominator is 0 or missing there is no value; the
    report counts these.
    """
    frame = index.latest
    wanted = _wanted(index, step)
    problems = check_codes({**(step.by or {}), **step.scale}, list(frame.columns), "denominate")
    columns = [str(c) for c in index.units.columns]
    for code in step.scale:
        if code in frame and code not in wanted:
            what = Message("{code}: a scale without a denominator changes nothing", code=code)
            fix = Message("Name it in by, with its column.")
            problems.append(Problem(Reason.SPEC_VALUE, what, Place("denominate"), fix=fix))
    for code, column in wanted.items():
        if column not in columns:
            what = Message("{code}: the units have no column {column}", code=code, column=column)
            fix = did_you_mean(column, columns)
            problems.append(
                Problem(Reason.COLUMN_MISSING, what, Place("denominate"), fix=fix, code=code)
            )
        elif not pd.api.types.is_numeric_dtype(index.units[column]):
            what = Message("{code}: the column {column} holds no numbers", code=code, column=column)
            problems.append(Problem(Reason.VALUE_NOT_NUMBER, what, Place("denominate"), code=code))
    if not wanted:
        what = Message("no indicator has a denominator")
        fix = Message("Name them in by, each with its column.")
        problems.append(Problem(Reason.SPEC_VALUE, what, Place("denominate"), fix=fix))
    if problems:
        raise ScoringError(problems)
    numbers, rows = matrix(frame).copy(order="F"), []
    for code, column in wanted.items():
        place, scale = frame.columns.get_loc(code), step.scale.get(code, 1.0)
        x = numbers[:, place].copy()
        by = (
            index.units.loc[frame.index, column].to_numpy(dtype=np.float64, na_value=np.nan) / scale
        )
        if step.operation == "multiply":
            found = x * by
        else:
            found = np.divide(x, by, out=np.full_like(x, np.nan), where=~np.isnan(by) & (by != 0))
        numbers[:, place] = found
        lost = ~np.isnan(x) & np.isnan(found)
        rows.append((code, column, scale, len(x), int((lost & (by == 0)).sum()), int(lost.sum())))
    names = ["code", "denominator", "scale", "n", "denominator_zero", "lost"]
    report = pd.DataFrame(rows, columns=pd.Index(names)).set_index("code")
    made = framed(numbers, frame.index, frame.columns)
    return Made(made, reports={"denominated": report})


def _wanted(index: Index, step: Denominate) -> dict[str, str]:
    """Return the column by which each indicator is divided."""
    if step.by is not None:
        return {code: column for code, column in step.by.items() if column is not None}
    nodes = index.structure.nodes
    return {
        code: str(nodes[code].denominator)
        for code in index.structure.indicators
        if nodes[code].denominator
    }
