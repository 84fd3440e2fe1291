"""Parameters fitted to a reference: by node, and within it by wave or group of units."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from workbench.instruments.arithmetic import figure
from workbench.instruments.evaluation import Across
from workbench.scoring.cases import Cases
from workbench.scoring.states import Bools, Floats
from workbench.specs.instrument import Scope

Parameters = Mapping[str, float | tuple[float, ...]]
# Parameters by the label of the cases that they are for: a wave, a group, both, or POOLED.
Fitted = Mapping[str, Parameters]
POOLED = "all"


@dataclass
class Fits:
    """Parameters that are given, or fitted when they are first asked for.

    Parameters
    ----------
    table : Cases
    given : mapping of str to Fitted
        Parameters by key: the code of a node, or the code with what the parameters are for.
    reference : array of bool, shape (cases,), optional
        Cases to which pooled parameters are fitted; left out, nothing is fitted.
    """

    table: Cases
    given: Mapping[str, Fitted] = field(default_factory=dict)
    reference: Bools | None = None
    fitted: dict[str, dict[str, Parameters]] = field(default_factory=dict)
    lacking: dict[str, Bools] = field(default_factory=dict)

    def each(
        self,
        key: str,
        scope: Scope,
        by: tuple[str, ...],
        fit: Callable[[Bools], Parameters | None],
    ) -> Iterator[tuple[Bools, Parameters]]:
        """Yield cases with the parameters that are for them.

        Cases for which there are none are noted in ``lacking``.

        Parameters
        ----------
        key : str
        scope : {"pooled", "wave"}
            Whether each wave has its own.
        by : tuple of str
            Facts whose values each have their own.
        fit : callable
            Returns the parameters fitted to some cases; None where nothing is known of them.
        """
        self.lacking.pop(key, None)
        for label, cases in self._groups(scope, by):
            parameters = self.given.get(key, self.fitted.get(key, {})).get(label)
            if parameters is None and self.reference is not None:
                within = cases if scope == "wave" else cases & self.reference
                if within.any():
                    parameters = fit(within)
                if parameters is not None:
                    self.fitted.setdefault(key, {})[label] = parameters
            if parameters is None:
                self.lacking[key] = self.lacking.get(key, np.zeros_like(cases)) | cases
            else:
                yield cases, parameters

    def _groups(self, scope: Scope, by: tuple[str, ...]) -> Iterator[tuple[str, Bools]]:
        """Yield the label of each group of cases, and the cases; those of no group are left out."""
        waves = self.table.cases.get_level_values("wave").astype(str).to_numpy()
        yield from cases_by(waves, self.table.facts, scope, by)


def cases_by(
    waves: np.ndarray, facts: Mapping[str, np.ndarray], scope: Scope, by: tuple[str, ...]
) -> Iterator[tuple[str, Bools]]:
    """Yield the label of each group of cases, and the cases; those of no group are left out.

    Parameters
    ----------
    waves : array of str, shape (cases,)
    facts : mapping of str to array
        Numbers or texts, missing where not known.
    scope : {"pooled", "wave"}
        Whether each wave is by itself.
    by : tuple of str
        Facts whose values are each by themselves.
    """
    groups = [(POOLED, np.ones(len(waves), dtype=bool))]
    if scope == "wave":
        groups = [(str(wave), waves == wave) for wave in dict.fromkeys(waves)]
    for name in by:
        place, values = pd.factorize(facts[name], sort=True)
        groups = [
            (f"{label}, {name} {_label(value)}", inside)
            for label, cases in groups
            for number, value in enumerate(values)
            if (inside := cases & (place == number)).any()
        ]
    yield from groups


def _label(value: object) -> str:
    """Return the value of a fact as a label shows it."""
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def figures_across(fits: Fits, key: str, call: Across, x: Floats) -> Floats:
    """Return a figure of the reference for each case, shape as x.

    Parameters
    ----------
    fits : Fits
    key : str
        Under which the figure is kept.
    call : Across
        Which figure; divided by ``year``, each wave is described by itself.
    x : array of float, shape (), (cases,) or (values, cases)
        What the figure is of.
    """
    rows = np.atleast_2d(np.broadcast_to(x, (*np.shape(x)[:-1], len(fits.table.cases))))

    def fit(within: Bools) -> Parameters | None:
        found = [figure(call.figure, row[within]) for row in rows]
        return None if np.isnan(found).all() else {"figure": tuple(found)}

    scope: Scope = "wave" if "year" in call.by else "pooled"
    by = tuple(name for name in call.by if name != "year")
    result = np.full(rows.shape, np.nan)
    for cases, parameters in fits.each(key, scope, by, fit):
        result[:, cases] = np.reshape(parameters["figure"], (-1, 1))
    return result if np.ndim(x) == 2 else result[0]
