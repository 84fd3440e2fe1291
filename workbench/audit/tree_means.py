"""Means up a tree for thousands of sets of weights at once, as products of matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np

from workbench.audit.importance import edges_of
from workbench.audit.index.structure import Structure
from workbench.audit.lineage import paths
from workbench.errors import Problem, Reason, ScoringError
from workbench.language import Message
from workbench.scoring.aggregate import MEANS, RELATIVE_TOLERANCE
from workbench.stats.measured import Floats

Mean = Literal["arithmetic", "geometric", "harmonic", "median", "minimum", "maximum"]
# A mean of one power all the way up is a plain weighted sum of what is transformed once.
POWERS: dict[Mean, float] = {"arithmetic": 1.0, "geometric": 0.0, "harmonic": -1.0}
# Cells of a block of cases and weights, so that memory stays the same whatever the draws.
_CELLS = 8_000_000


@dataclass(frozen=True, slots=True)
class Least:
    """What must be there of a group's parts: a share of their weight, and of their number."""

    weight: float = 0.0
    parts: float = 0.0

    def enough(self, there: np.ndarray, weights: Floats) -> np.ndarray:
        """Return where enough is there, of parts of shape (units, parts)."""
        share = (there * weights).sum(axis=1) / weights.sum()
        counted = weights > 0
        number = (there & counted).sum(axis=1) / counted.sum()
        slack = RELATIVE_TOLERANCE
        return (share > 0) & (share >= self.weight - slack) & (number >= self.parts - slack)


class TreeMeans:
    """Indicators of units, ready to be aggregated under any weights.

    Parameters
    ----------
    values : array of float, shape (units, indicators)
        Normalised, in the order of the structure's indicators; missing where there is none.
    structure : Structure
    mean : str or mapping of str to str
        Mean of all groups, or of each.
    least : Least
        What must be there of a group's parts.
    units : sequence of str, optional
        Named in errors.

    Raises
    ------
    ScoringError
        If a geometric or harmonic mean is asked of values that are not above 0.

    Notes
    -----
    Of missing parts the weights go to the others. Where one mean is used all the way up, a score is
    sum(x E) with E the weights multiplied on the way up, and a correction of the units in whose
    groups something is missing: each indicator there counts 1 / (share of weight present), once for
    every group on its way. So nothing but sums of products is left, for all draws at once.
    """

    def __init__(
        self,
        values: Floats,
        structure: Structure,
        mean: Mean | Mapping[str, Mean] = "arithmetic",
        *,
        least: Least = Least(),
        units: Sequence[str] | None = None,
    ) -> None:
        self.structure = structure
        self.edges = edges_of(structure)
        self.means = dict.fromkeys(structure.order, mean) if isinstance(mean, str) else dict(mean)
        self.least = least
        self.values = np.asarray(values, dtype=np.float64)
        self.units = units
        self._refuse_impossible()

    @property
    def n(self) -> int:
        """Number of units."""
        return len(self.values)

    @cached_property
    def weights(self) -> Floats:
        """Weight of each edge as the structure has it."""
        nodes = self.structure.nodes
        return np.array([nodes[part].parents[group] for part, group in self.edges])

    def scores(self, weights: Floats) -> Floats:
        """Return the score of each unit under each set of weights.

        Parameters
        ----------
        weights : array of float, shape (draws, edges)
            In the order of ``edges``; only ratios within a group count.

        Returns
        -------
        array of float, shape (units, draws)
        """
        if self._power is None:
            return self._group_by_group(weights)
        found = self._linear(weights)
        if self._power == 0:
            return np.asarray(np.exp(found), dtype=np.float64)
        return found if self._power == 1 else np.asarray(1 / found, dtype=np.float64)

    # -- what is there ---------------------------------------------------------------------------

    @cached_property
    def _at(self) -> dict[str, np.ndarray]:
        """Positions of the edges of each group."""
        found: dict[str, list[int]] = {}
        for i, (_, group) in enumerate(self.edges):
            found.setdefault(group, []).append(i)
        return {group: np.array(at) for group, at in found.items()}

    @cached_property
    def _present(self) -> dict[str, np.ndarray]:
        """Whether each unit has a value of each node, by node."""
        found = {c: ~np.isnan(self.values[:, i]) for i, c in enumerate(self.structure.indicators)}
        for group in self.structure.order:
            parts = np.column_stack([found[c] for c in self.structure.parts[group]])
            found[group] = self.least.enough(parts, self.structure.weights(group))
        return found

    # -- one mean all the way up -----------------------------------------------------------------

    @cached_property
    def _power(self) -> float | None:
        """Power of the mean where all groups have the same; None where they differ."""
        kinds = set(self.means.values())
        return POWERS.get(next(iter(kinds))) if len(kinds) == 1 else None

    @cached_property
    def _chains(self) -> dict[tuple[str, ...], list[int]]:
        """Positions of the indicators by the groups that they pass on a way up."""
        found: dict[tuple[str, ...], list[int]] = {}
        for i, code in enumerate(self.structure.indicators):
            for way in paths(self.structure, code):
                found.setdefault(way[1:], []).append(i)
        return found

    @cached_property
    def _columns(self) -> dict[tuple[str, ...], Floats]:
        """Transformed values by chain, 0 where an indicator or a group on the way is missing."""
        x = _raised(self.values, self._power or 0.0) if self._power != 1 else self.values
        found = {}
        for chain, at in self._chains.items():
            part = x[:, at].copy()
            part[np.isnan(part)] = 0.0
            for group in chain[:-1]:
                part[~self._present[group]] = 0.0
            found[chain] = part
        return found

    @cached_property
    def _all_columns(self) -> Floats:
        """Transformed values of all chains side by side."""
        return np.hstack(list(self._columns.values()))

    @cached_property
    def _gaps(self) -> list[_Gap]:
        """Where something is missing: the columns of a chain, and the units concerned."""
        found, start = [], 0
        for chain, column in self._columns.items():
            place = slice(start, start := start + column.shape[1])
            holes = {g: self._parts_present(g) for g in chain}
            holes = {g: p for g, p in holes.items() if not p.all()}
            if holes:
                broken = np.logical_or.reduce([~p.all(axis=1) for p in holes.values()])
                rows = np.flatnonzero(broken & self._present[self.structure.top])
                parts = [(self._at[g], p[rows].astype(np.float64)) for g, p in holes.items()]
                found.append(_Gap(rows, place, column[rows], parts))
        return found

    def _parts_present(self, group: str) -> np.ndarray:
        """Return which parts of a group each unit has, shape (units, parts)."""
        return np.column_stack([self._present[c] for c in self.structure.parts[group]])

    def _linear(self, weights: Floats) -> Floats:
        """Return weighted sums with their corrections, shape (units, draws)."""
        shares = np.ascontiguousarray(weights.T)
        for at in self._at.values():
            shares[at] /= shares[at].sum(axis=0)
        effective = self._effective(shares)
        found: Floats = self._all_columns @ effective
        for gap in self._gaps:
            base = 1.0
            for at, present in gap.parts:
                base = base * (present @ shares[at])
            with np.errstate(all="ignore"):
                # Where no weight is left the indicators count nothing, as if they were not there.
                factor = np.where(base > 0, 1 / base, 1.0) - 1
            found[gap.rows] += (gap.values @ effective[gap.columns]) * factor
        found[~self._present[self.structure.top]] = np.nan
        return found

    def _effective(self, shares: Floats) -> Floats:
        """Return weights multiplied on the way up, shape (columns, draws)."""
        place = {edge: i for i, edge in enumerate(self.edges)}
        found = []
        for chain, at in self._chains.items():
            above: Floats = np.ones(shares.shape[1])
            for part, group in pairwise(chain):
                above = above * shares[place[part, group]]
            own = [place[self.structure.indicators[i], chain[0]] for i in at]
            found.append(shares[own] * above)
        return np.ascontiguousarray(np.vstack(found))

    # -- means that differ -----------------------------------------------------------------------

    def _group_by_group(self, weights: Floats) -> Floats:
        """Return scores group by group, shape (units, draws), for means of any kind."""
        draws = len(weights)
        step = max(1, _CELLS // max(1, self.n * len(self.structure.nodes)))
        if draws > step:
            parts = [weights[i : i + step] for i in range(0, draws, step)]
            return np.hstack([self._group_by_group(part) for part in parts])
        known: dict[str, Floats] = {
            c: np.broadcast_to(self.values[:, [i]], (self.n, draws))
            for i, c in enumerate(self.structure.indicators)
        }
        for group in self.structure.order:
            cases = [known[c] for c in self.structure.parts[group]]
            score = _mean(self.means[group], cases, weights[:, self._at[group]])
            known[group] = np.where(self._present[group][:, None], score, np.nan)
            self._refuse_between(known[group], group)
        return known[self.structure.top]

    # -- what can't be computed ------------------------------------------------------------------

    def _refuse_impossible(self) -> None:
        """Refuse means that do not exist, and indicators of which they can't be made.

        Raises
        ------
        ScoringError
        """
        unknown = sorted(set(self.means.values()) - set(MEANS))
        if unknown:
            what = Message("there is no aggregation {name}", name=unknown[0])
            expected = Message("one of {names}", names=", ".join(MEANS))
            raise ScoringError(Problem(Reason.PARAMETER_VALUE, what, expected=expected))
        for i, code in enumerate(self.structure.indicators):
            if any(self._needs_positive(group) for group in self.structure.nodes[code].parents):
                self._refuse_low(self.values[:, i], code)

    def _needs_positive(self, group: str) -> bool:
        """Return whether the mean of a group is of values above 0 only."""
        return POWERS.get(self.means[group], 1.0) <= 0

    def _refuse_between(self, scores: Floats, group: str) -> None:
        """Refuse scores of a group of which a mean above it can't be made."""
        if any(self._needs_positive(above) for above in self.structure.nodes[group].parents):
            with np.errstate(invalid="ignore"):
                self._refuse_low(np.nanmin(np.where(np.isnan(scores), np.inf, scores), axis=1), group)

    def _refuse_low(self, column: Floats, code: str) -> None:
        """Refuse values of 0 or below under a geometric or harmonic mean."""
        with np.errstate(invalid="ignore"):
            low = np.flatnonzero(column <= 0)
        if low.size:
            unit = str(low[0] if self.units is None else self.units[low[0]])
            what = Message(
                "a geometric or harmonic mean needs values above 0, and {code} of unit {unit} is not",
                code=code,
                unit=unit,
            )
            fix = Message("Normalise to a range above 0, as 1 to 100, or take another mean.")
            got = f"{column[low[0]]:g}"
            raise ScoringError(Problem(Reason.CALIBRATION, what, got=got, fix=fix, code=code))


def _raised(x: Floats, power: float) -> Floats:
    """Return what a mean of a power adds up."""
    with np.errstate(all="ignore"):
        found = np.log(x) if power == 0 else x**power
    return np.asarray(found, dtype=np.float64)


def _mean(mean: Mean, cases: list[Floats], weights: Floats) -> Floats:
    """Return the mean of the parts of a group, shape (units, draws).

    Parameters
    ----------
    mean : str
    cases : list of array of float, shape (units, draws)
    weights : array of float, shape (draws, parts)
    """
    power = POWERS.get(mean)
    if power is None:
        n, draws = cases[0].shape
        flat = np.column_stack([case.ravel() for case in cases])
        each = np.tile(weights, (n, 1))
        return np.asarray(MEANS[mean](flat, each).reshape(n, draws), dtype=np.float64)
    top, base = np.zeros(cases[0].shape), np.zeros(cases[0].shape)
    for case, weight in zip(cases, weights.T, strict=True):
        there = ~np.isnan(case)
        raised = case if power == 1 else _raised(case, power)
        top += np.where(there, raised * weight, 0.0)
        base += there * weight
    with np.errstate(all="ignore"):
        found = np.where(base > 0, top / base, np.nan)
        if power == 0:
            return np.asarray(np.exp(found), dtype=np.float64)
        return found if power == 1 else np.asarray(found ** (1 / power), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class _Gap:
    """Columns of one chain, and the units of which something is missing on the way up.

    Parameters
    ----------
    rows : array of int
        Positions of the units.
    columns : slice
        Columns of the chain.
    values : array of float, shape (rows, columns)
    parts : list of (array of int, array of float)
        Of each group on the way: positions of its edges, and whether each row has the parts.
    """

    rows: np.ndarray
    columns: slice
    values: Floats
    parts: list[tuple[np.ndarray, Floats]]
