"""Weights found so that each part is as important to the index as it is wanted to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.audit.index.aggregate import joined
from workbench.audit.index.made import Made
from workbench.errors import Place, Problem, Reason, ScoringError
from workbench.language import Message
from workbench.scoring.states import Floats
from workbench.specs.index import Weigh

if TYPE_CHECKING:
    from workbench.audit.index.index import Index
    from workbench.audit.index.structure import Structure

MOST_ROUNDS = 4000
# Parts weigh so much of the mean at least while weights are looked for: with all of a group at 0
# there is no index to correlate with.
FLOOR = 1e-9


def optimised(index: Index, step: Weigh) -> Made:
    """Return weights of one level, 0 or more, that balance (or raise) correlations with the index.

    Raises
    ------
    ScoringError
        If importance is not given for every part of the level, or is not above 0; if the parts do
        not vary.

    Notes
    -----
    The importance of a part is its correlation with the index as a share of all of its level; the
    sum of squared differences from the wanted shares is made least. Where it can't be made 0 with
    weights of 0 or more, the report tells what was reached.

    References
    ----------
    Becker, W. and others (2017), Weights and importance in composite indicators: closing the gap,
    Ecological Indicators 80, doi:10.1016/j.ecolind.2017.03.056.
    """
    structure, level = index.structure, step.levels[0]
    codes = structure.at_level(level)
    wanted = _wanted(step, codes)
    problem = _Search(index, step, structure, codes, wanted)
    weight = problem.best()
    found = problem.structure_of(weight)
    correlation = problem.correlations(weight)
    report = pd.DataFrame(
        {
            "wanted": wanted,
            "obtained": correlation / correlation.sum(),
            "correlation": correlation,
            "weight": weight,
        },
        index=pd.Index(codes, name="code"),
    )
    return Made(structure=found, reports={"weights": report})


def _wanted(step: Weigh, codes: tuple[str, ...]) -> Floats:
    """Return the wanted importance of each part, which adds up to 1."""
    if not step.importance:
        return np.full(len(codes), 1 / len(codes))
    missing = [code for code in codes if not step.importance.get(code, 0) > 0]
    if missing:
        what = Message("importance is given to every part of the level, above 0")
        fix = Message("Give it to {codes}.", codes=", ".join(missing))
        raise ScoringError(Problem(Reason.SPEC_VALUE, what, Place("weigh"), fix=fix))
    given = np.array([step.importance[code] for code in codes])
    return np.asarray(given / given.sum())


class _Search:
    """What is searched: weights of one level, and what they give."""

    def __init__(
        self,
        index: Index,
        step: Weigh,
        structure: Structure,
        codes: tuple[str, ...],
        wanted: Floats,
    ) -> None:
        self.index, self.step, self.structure = index, step, structure
        self.codes, self.wanted = codes, wanted
        self.rules = dict.fromkeys(structure.groups, step.rule)
        base, _ = joined(index, index.latest, structure, self.rules)
        self.parts = base[list(codes)].to_numpy()

    def structure_of(self, weight: Floats) -> Structure:
        """Return the structure with these weights."""
        return self.structure.with_weights(dict(zip(self.codes, weight.tolist(), strict=True)))

    def correlations(self, weight: Floats) -> Floats:
        """Return the correlation of each part with the index, shape (parts,)."""
        frame, _ = joined(self.index, self.index.latest, self.structure_of(weight), self.rules)
        total = frame[self.structure.top].to_numpy()
        table = pd.DataFrame(self.parts).assign(total=total)
        found = table.corr(method=self.step.correlation)["total"].to_numpy()[:-1]
        if np.isnan(found).any():
            what = Message(
                "a part has the same value in all units: {codes}",
                codes=", ".join(np.array(self.codes)[np.isnan(found)]),
            )
            raise ScoringError(Problem(Reason.CALIBRATION, what, Place("weigh")))
        return np.asarray(found, dtype=np.float64)

    def best(self) -> Floats:
        """Return the weights that are best, which add up to 1."""
        from scipy.optimize import minimize

        bounds = [(0.0, 1.0)] * len(self.codes)
        # Correlations of ranks move in steps, so that no slope can be followed.
        smooth = self.step.correlation == "pearson"
        found = minimize(
            self._loss,
            self.wanted,
            method="SLSQP" if smooth else "Nelder-Mead",
            bounds=bounds,
            options={"maxiter": MOST_ROUNDS, "ftol" if smooth else "fatol": 1e-15},  # type: ignore[call-overload]
        )
        weight = np.where(found.x < FLOOR * 10, 0.0, found.x)
        return np.asarray(weight / weight.sum())

    def _loss(self, weight: Floats) -> float:
        """Return how far importance is from what is wanted."""
        weight = np.maximum(weight, FLOOR)
        correlation = self.correlations(weight / weight.sum())
        if self.step.objective == "most":
            return float(-correlation.sum())
        share = correlation / correlation.sum()
        return float(1e4 * ((share - self.wanted) ** 2).sum())
