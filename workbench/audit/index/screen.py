"""Screening: units of which too little is known are left out, and told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.audit.index.data import matrix
from workbench.audit.index.made import Made
from workbench.errors import Place, Problem, Reason, ScoringError, did_you_mean
from workbench.language import Message
from workbench.scoring.aggregate import RELATIVE_TOLERANCE
from workbench.specs.index import Screen

if TYPE_CHECKING:
    from workbench.audit.index.index import Index


def screen(index: Index, step: Screen) -> Made:
    """Return the cases of which enough is known.

    Raises
    ------
    ScoringError
        If a unit that is named is not there, or no case is left.

    Notes
    -----
    Available: values of the case, as a share of the indicators. Nonzero: as a share of its values.
    The report has a row a case: what is missing, what is zero, and whether it is kept.
    """
    frame = index.latest
    units = frame.index.get_level_values("unit")
    problems = [
        Problem(
            Reason.UNIT_UNKNOWN,
            Message("there is no such unit"),
            Place("screen"),
            unit,
            fix=did_you_mean(unit, list(units)),
        )
        for unit in (*step.include, *step.exclude)
        if unit not in units
    ]
    report = measured_share(frame)
    few = report["available"] < step.min_available - RELATIVE_TOLERANCE
    zeros = report["nonzero"] < step.min_nonzero - RELATIVE_TOLERANCE
    report["too_few"], report["too_many_zeros"] = few, zeros
    out = {"missing": few, "zeros": zeros, "either": few | zeros}[step.by].to_numpy(copy=True)
    out[units.isin(step.include)] = False
    out[units.isin(step.exclude)] = True
    report["kept"] = ~out
    if out.all() and not problems:
        what = Message("no unit is left: too little is known of each")
        fix = Message(
            "Lower min_available; the most that one has is {share}.",
            share=round(float(report["available"].max()), 3),
        )
        problems.append(Problem(Reason.NOTHING_OBSERVED, what, Place("screen"), fix=fix))
    if problems:
        raise ScoringError(problems)
    return Made(frame.loc[~out], reports={"screened": report})


def measured_share(frame: pd.DataFrame) -> pd.DataFrame:
    """Return how much is known of each case: ``n_missing, n_zero, available, nonzero``."""
    x = matrix(frame)
    missing, zero = np.isnan(x).sum(axis=1), (x == 0).sum(axis=1)
    there = x.shape[1] - missing
    nonzero = 1 - np.divide(zero, there, out=np.full(len(x), np.nan), where=there > 0)
    return pd.DataFrame(
        {
            "n_missing": missing,
            "n_zero": zero,
            "n_missing_or_zero": missing + zero,
            "available": 1 - missing / max(x.shape[1], 1),
            "nonzero": nonzero,
        },
        index=frame.index,
    )
