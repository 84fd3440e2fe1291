"""Treatment of outliers and long tails, told indicator by indicator and point by point."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.audit.index.data import check_codes, framed, groups_of_cases, matrix
from workbench.audit.index.made import Made
from workbench.errors import Place, Problem, Reason, ScoringError
from workbench.language import Message
from workbench.scoring.states import Bools, Floats
from workbench.scoring.treatment import FEWEST, Treated, fit_treatment, treated
from workbench.specs.index import Treat
from workbench.specs.instrument import Treatment, TreatShape

if TYPE_CHECKING:
    from workbench.audit.index.index import Index

CHECKS = ("skewness", "kurtosis", "passes")


def treat(index: Index, step: Treat) -> Made:
    """Return values treated, fitted to the cases of each scope and group.

    Reports ``treated``, a row an indicator (and label, where there are several): steps taken,
    values brought in, skewness, kurtosis and whether it passes, before and after each step; and
    ``treated_points``, a row a value that was changed: ``before, after, how``.

    Raises
    ------
    ScoringError
        With every indicator that can't be treated as asked.
    """
    frame = index.latest
    x, codes = matrix(frame), [str(c) for c in frame.columns]
    problems = check_codes(step.each, codes, "treat")
    groups = groups_of_cases(index, frame, step.scope, step.by, "treat")
    found, rows, points = x.copy(order="F"), [], []
    for place, code in enumerate(codes):
        rule = step.each.get(code, step.rule)
        if rule is None:
            continue
        for label, cases in groups:
            values = x[cases, place]
            few = _too_few(rule, values, code)
            if few is not None:
                problems.append(few)
                continue
            try:
                fitted = fit_treatment(rule, values, code)
            except ScoringError as error:
                problems += error.problems
                continue
            after = treated(values, fitted.parameters, rule)
            found[cases, place] = after
            n = int((~np.isnan(values)).sum())
            rows.append({"code": code, "cases": label, "n": n, **_row(fitted)})
            points += list(_points(frame, code, cases, values, after, fitted))
    if problems:
        raise ScoringError(list[Problem](problems))
    report = pd.DataFrame(rows, columns=pd.Index(["code", "cases", *_columns()]))
    report = report.set_index(["code"] if len(groups) == 1 else ["code", "cases"])
    names = [*frame.index.names, "code", "before", "after", "how"]
    made = framed(found, frame.index, frame.columns)
    told = pd.DataFrame(points, columns=pd.Index(names))
    return Made(made, reports={"treated": report, "treated_points": told})


def _columns() -> list[str]:
    """Return the columns of the report, the same whatever was done."""
    checks = [f"{name}_{number}" for number in range(3) for name in CHECKS]
    return ["n", "steps", "n_brought_in", *checks]


def _too_few(rule: Treatment, values: Floats, code: str) -> Problem | None:
    """Return the problem of values whose shape can't be told: too few, or all the same."""
    there = values[~np.isnan(values)]
    if not isinstance(rule, TreatShape) or not len(there):
        return None
    fix = Message("Name it in each, with null, to leave it as it is.")
    if len(there) < FEWEST:
        what = Message("{code}: too few values for their skewness and kurtosis", code=code)
        need, got = Message("at least {n}", n=FEWEST), str(len(there))
        return Problem(Reason.CALIBRATION, what, Place("treat"), got, need, fix, code)
    if there.min() == there.max():
        what = Message("{code} has no two different values", code=code)
        return Problem(
            Reason.CALIBRATION, what, Place("treat"), f"{there[0]:g}", fix=fix, code=code
        )
    return None


def _row(fitted: Treated) -> dict[str, Any]:
    """Return what was done to one indicator."""
    row: dict[str, Any] = {
        "steps": ", ".join(fitted.steps),
        "n_brought_in": fitted.brought_in,
    }
    for number, check in enumerate(fitted.checks):
        row |= {f"{name}_{number}": getattr(check, name) for name in CHECKS}
    return row


def _points(
    frame: pd.DataFrame, code: str, cases: Bools, before: Floats, after: Floats, fitted: Treated
) -> Iterator[tuple[Any, ...]]:
    """Yield the values that were changed, and how: brought down, up, or transformed."""
    changed = ~np.isnan(before) & (before != after)
    if not changed.any():
        return
    least = fitted.parameters.get("least", -np.inf)
    most = fitted.parameters.get("most", np.inf)
    transform = fitted.steps[-1] if "step" in fitted.parameters else ""
    for row, old, new in zip(
        np.flatnonzero(cases)[changed], before[changed], after[changed], strict=True
    ):
        limit = "down" if old > most else "up" if old < least else ""
        how = "+".join(part for part in (limit, transform) if part)
        name = frame.index[row]
        yield (*(name if isinstance(name, tuple) else (name,)), code, old, new, how)


def box_cox_power(values: Floats) -> float:
    """Return the power of a Box-Cox transformation under which values are most likely normal.

    Parameters
    ----------
    values : array of float
        Less their minimum plus 1 they are transformed, as ``power`` of a treatment does.
    """
    from scipy.stats import boxcox_normmax

    there = values[~np.isnan(values)]
    return float(boxcox_normmax(there - there.min() + 1, method="mle"))
