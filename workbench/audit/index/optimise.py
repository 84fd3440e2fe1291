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
from workbench.stats.correlation_tables import correlation_table

if TYPE_CHECKING:
    from workbench.audit.index.index import Index
    from workbench.audit.index.structure import Structure

MOST_ROUNDS = 100
PRECISION = 1e-10
# A part of so little weight has none: what bounds leave over.
NOTHING = 1e-6
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
        self.parts = base[list(codes)]

    def structure_of(self, weight: Floats) -> Structure:
        """Return the structure with these weights."""
        return self.structure.with_weights(dict(zip(self.codes, weight.tolist(), strict=True)))

    def correlations(self, weight: Floats) -> Floats:
        """Return the correlation of each part with the index, shape (parts,)."""
        frame, _ = joined(self.index, self.index.latest, self.structure_of(weight), self.rules)
        total = frame[[self.structure.top]]
        method = self.step.correlation
        found = correlation_table(self.parts, total, method=method).to_numpy()[:, 0]
        if np.isnan(found).any():
            what = Message(
                "a part has the same value in all units: {codes}",
                codes=", ".join(np.array(self.codes)[np.isnan(found)]),
            )
            raise ScoringError(Problem(Reason.CALIBRATION, what, Place("weigh")))
        return np.asarray(found, dtype=np.float64)

    def best(self) -> Floats:
        """Return the weights that are best, which add up to 1."""
        from scipy.optimize import least_squares, minimize

        most = self.step.objective == "most"
        if self.step.correlation == "pearson" and not most:
            bounds = (0.0, np.inf)
            x = least_squares(
                self._apart, self.wanted, bounds=bounds, xtol=PRECISION, ftol=PRECISION,
                gtol=PRECISION, max_nfev=MOST_ROUNDS,
            ).x  # fmt: skip
        else:
            # Correlations of ranks move in steps, so that no slope can be followed.
            x = minimize(
                self._sum if most else self._squares, self.wanted, method="Nelder-Mead",
                bounds=[(0.0, 1.0)] * len(self.codes), options={"maxfev": MOST_ROUNDS * 10},
            ).x  # fmt: skip
        weight = np.asarray(x, dtype=np.float64)
        weight = weight / weight.sum()
        weight = np.where(weight < NOTHING, 0.0, weight)
        return np.asarray(weight / weight.sum())

    def _apart(self, weight: Floats) -> Floats:
        """Return how far the importance of each part is from what is wanted."""
        correlation = self.correlations(np.maximum(weight, FLOOR))
        return np.asarray(correlation / correlation.sum() - self.wanted)

    def _squares(self, weight: Floats) -> float:
        """Return the sum of squares of these."""
        return float((self._apart(weight) ** 2).sum())

    def _sum(self, weight: Floats) -> float:
        """Return the sum of all correlations, less is better."""
        return -float(self.correlations(np.maximum(weight, FLOOR)).sum())
