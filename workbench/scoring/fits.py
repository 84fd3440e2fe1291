"""Parameters fitted to a reference: by node, and within it by wave or group of units."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from workbench.scoring.matrix import Matrix
from workbench.scoring.states import Bools
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
    matrix : Matrix
    given : mapping of str to Fitted
        Parameters by key: the code of a node, or the code with what the parameters are for.
    reference : array of bool, shape (cases,), optional
        Cases to which pooled parameters are fitted; left out, nothing is fitted.
    """

    matrix: Matrix
    given: Mapping[str, Fitted] = field(default_factory=dict)
    reference: Bools | None = None
    fitted: dict[str, dict[str, Parameters]] = field(default_factory=dict)
    lacking: dict[str, Bools] = field(default_factory=dict)

    def each(
        self, key: str, scope: Scope, by: str | None, fit: Callable[[Bools], Parameters | None]
    ) -> Iterator[tuple[Bools, Parameters]]:
        """Yield cases with the parameters that are for them.

        Cases for which there are none are noted in ``lacking``.

        Parameters
        ----------
        key : str
        scope : {"pooled", "wave"}
            Whether each wave has its own.
        by : str or None
            Fact whose values each have their own.
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

    def _groups(self, scope: Scope, by: str | None) -> Iterator[tuple[str, Bools]]:
        """Yield the label of each group of cases, and the cases; those of no group are left out."""
        everyone = np.ones(self.matrix.n, dtype=bool)
        waves = self.matrix.cases.get_level_values("wave").astype(str).to_numpy()
        spans = [(POOLED, everyone)]
        if scope == "wave":
            spans = [(str(wave), waves == wave) for wave in dict.fromkeys(waves)]
        if by is None:
            yield from spans
            return
        fact = self.matrix.facts[by]
        for value in np.unique(fact[~np.isnan(fact)]).tolist():
            for label, cases in spans:
                inside = cases & (fact == value)
                if inside.any():
                    yield f"{label}, {by} {value:.12g}", inside
