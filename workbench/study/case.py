"""Results of one case as plain numbers, which cost a report far less than cells of arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from workbench.scoring import Scores
from workbench.scoring.states import status_name

_FIELDS = (
    "value", "score", "low", "high", "computed", "coverage", "full", "level", "level_low",
    "level_high", "state", "basis",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """All results of one unit in one wave; every list by the place of the node.

    Parameters
    ----------
    value, score, low, high, computed, coverage, full : list of float
        NaN where there is none.
    level, level_low, level_high : list of int
        Index in the node's scale; -1 for none.
    state, basis : list of int
    parts : list of float
        Elements and variables, by their own place.
    """

    value: list[float]
    score: list[float]
    low: list[float]
    high: list[float]
    computed: list[float]
    coverage: list[float]
    full: list[float]
    level: list[int]
    level_low: list[int]
    level_high: list[int]
    state: list[int]
    basis: list[int]
    parts: list[float]

    def status(self, place: int) -> str:
        """Return the word for a result: where it comes from, or why there is none."""
        return status_name(self.state[place], self.basis[place])


@dataclass(frozen=True)
class Cases:
    """The scores of a study, case by case.

    Parameters
    ----------
    scores : Scores
    """

    scores: Scores

    @cached_property
    def place(self) -> dict[str, int]:
        """Place of each node in the lists of a case."""
        return {code: i for i, code in enumerate(self.scores.results)}

    @cached_property
    def part(self) -> dict[str, int]:
        """Place of each element and variable."""
        return {code: i for i, code in enumerate(self.scores.parts)}

    @cached_property
    def _tables(self) -> dict[str, np.ndarray[Any, Any]]:
        """Every field of all results, shape (cases, nodes)."""
        results = self.scores.results.values()
        return {name: np.column_stack([getattr(r, name) for r in results]) for name in _FIELDS}

    @cached_property
    def _parts(self) -> np.ndarray[Any, Any]:
        """All elements and variables, shape (cases, parts)."""
        parts = list(self.scores.parts.values())
        return np.column_stack(parts) if parts else np.empty((self.scores.n_cases, 0))

    def of_row(self, row: int) -> Case:
        """Return one case."""
        fields = {name: table[row].tolist() for name, table in self._tables.items()}
        return Case(**fields, parts=self._parts[row].tolist())
