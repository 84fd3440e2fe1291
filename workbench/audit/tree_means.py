"""Groups joined for thousands of sets of weights at once, as products of matrices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from workbench.audit.importance import edges_of
from workbench.audit.index.aggregate import FITTED, needs_above_0
from workbench.audit.index.structure import Structure
from workbench.audit.lineage import paths
from workbench.errors import Problem, Reason, ScoringError
from workbench.language import Message
from workbench.scoring.aggregate import combine, is_enough, limited
from workbench.scoring.group_indices import fit_index, index_values
from workbench.scoring.states import Bools
from workbench.specs.index import Aggregation
from workbench.specs.instrument import Mean
from workbench.stats.measured import Floats

# A mean of one power all the way up is a plain weighted sum of what is transformed once.
POWERS = {"arithmetic": 1.0, "geometric": 0.0, "harmonic": -1.0}
# Cells of a block of cases and weights, so that memory stays the same whatever the draws.
_CELLS = 8_000_000

Cases = Callable[[Aggregation], Sequence[Bools]]


def is_free(rule: Aggregation) -> bool:
    """Return whether a rule leaves its result as it is: no cap, no floor, no rounding."""
    limits = (getattr(rule, name, None) for name in ("cap", "floor", "round"))
    return all(limit is None for limit in limits)


def power_of(rule: Aggregation) -> float | None:
    """Return the power of a mean that is a sum of powers; None for all other rules."""
    if not isinstance(rule, Mean):
        return None
    return rule.exponent if rule.method == "power" else POWERS.get(rule.method)


class TreeMeans:
    """Indicators of units, ready to be joined under any weights.

    Parameters
    ----------
    values : array of float, shape (units, indicators)
        Normalised, in the order of the structure's indicators; missing where there is none.
    structure : Structure
    rules : mapping of str to Aggregation
        Rule of each group.
    units : sequence of str, optional
        Named in errors.
    cases : callable, optional
        The cases that a rule that is fitted is fitted to, each set by itself; all together if left
        out.
    applies : mapping of str to array of float, optional
        How much of each node applies to each unit, from 0 to 1; its weight is times that. All of
        it if left out.

    Raises
    ------
    ScoringError
        If a rule is asked of values for which it is not made.

    Notes
    -----
    Of missing parts the weights go to the others. Where one mean is used all the way up, a score is
    sum(x E) with E the weights multiplied on the way up, and a correction of the units in whose
    groups something is missing: each indicator there counts 1 / (share of weight present), once for
    every group on its way. Where a part applies to a unit in part, its values are times that share,
    and so is its weight in what is present. So nothing but sums of products is left, for all draws
    at once.

    Whether enough is there for a score is told by the weights of the structure, not by those drawn:
    no unit loses its score by chance.
    """

    def __init__(
        self,
        values: Floats,
        structure: Structure,
        rules: Mapping[str, Aggregation],
        *,
        units: Sequence[str] | None = None,
        cases: Cases | None = None,
        applies: Mapping[str, Floats] | None = None,
    ) -> None:
        self.structure = structure
        self.edges = edges_of(structure)
        self.rules = rules
        self.values = np.asarray(values, dtype=np.float64)
        self.units = units
        self.cases = cases or (lambda _: [np.ones(len(self.values), dtype=bool)])
        self.applies = applies
        self._refuse_impossible()

    @property
    def n(self) -> int:
        """Number of units."""
        return len(self.values)

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
        power = self._power
        if power is None:
            return self._group_by_group(weights)
        found = self._linear(weights)
        if power == 0:
            return np.asarray(np.exp(found), dtype=np.float64)
        return found if power == 1 else np.asarray(found ** (1 / power), dtype=np.float64)

    # -- what is there ---------------------------------------------------------------------------

    @cached_property
    def _at(self) -> dict[str, np.ndarray]:
        """Positions of the edges of each group."""
        found: dict[str, list[int]] = {}
        for i, (_, group) in enumerate(self.edges):
            found.setdefault(group, []).append(i)
        return {group: np.array(at) for group, at in found.items()}

    @cached_property
    def _present(self) -> dict[str, Any]:
        """Whether each unit has a value of each node, by node."""
        found: dict[str, Any] = {
            c: ~np.isnan(self.values[:, i]) for i, c in enumerate(self.structure.indicators)
        }
        for group in self.structure.order:
            rule, weights = self.rules[group], self.structure.weights(group)
            parts = np.column_stack([found[c] for c in self.structure.parts[group]])
            if isinstance(rule, FITTED):
                found[group] = parts.any(axis=1)
                continue
            each = np.broadcast_to(weights, parts.shape)
            if self.applies is not None:
                on = [self.applies[code] for code in self.structure.parts[group]]
                each = each * np.column_stack(on)
            counted = parts & (each > 0)
            enough, _ = is_enough(rule, counted, each)
            found[group] = enough & counted.any(axis=1)
        return found

    # -- one mean all the way up -----------------------------------------------------------------

    @cached_property
    def _power(self) -> float | None:
        """Power of the mean where all groups have the same; None where they differ."""
        rules = self.rules.values()
        powers = {power_of(rule) if is_free(rule) else None for rule in rules}
        return next(iter(powers)) if len(powers) == 1 else None

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
        x = self.values if self._power == 1 else _raised(self.values, self._power or 0.0)
        found = {}
        for chain, at in self._chains.items():
            part = x[:, at].copy()
            part[np.isnan(part)] = 0.0
            for group in chain[:-1]:
                part[~self._present[group]] = 0.0
                if self.applies is not None:
                    part *= self.applies[group][:, None]
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
            holes = {g: self._counted(g) for g in chain}
            holes = {g: p for g, p in holes.items() if (p < 1).any()}
            if holes:
                broken = np.logical_or.reduce([(p < 1).any(axis=1) for p in holes.values()])
                rows = np.flatnonzero(broken & self._present[self.structure.top])
                parts = [(self._at[g], p[rows]) for g, p in holes.items()]
                found.append(_Gap(rows, place, column[rows], parts))
        return found

    def _counted(self, group: str) -> Floats:
        """Return how much of each part of a group each unit has, 0 to 1, shape (units, parts)."""
        parts = self.structure.parts[group]
        found = np.column_stack([self._present[c] for c in parts]).astype(np.float64)
        if self.applies is not None:
            found *= np.column_stack([self.applies[c] for c in parts])
        return found

    def _linear(self, weights: Floats) -> Floats:
        """Return weighted sums with their corrections, shape (units, draws)."""
        shares = np.ascontiguousarray(weights.T)
        for at in self._at.values():
            shares[at] /= shares[at].sum(axis=0)
        effective = self._effective(shares)
        found: Floats = self._all_columns @ effective
        for gap in self._gaps:
            base: Floats = np.ones(1)
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

    # -- rules that differ -----------------------------------------------------------------------

    def _group_by_group(self, weights: Floats) -> Floats:
        """Return scores group by group, shape (units, draws), for rules of any kind."""
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
            score = self._joined(group, cases, weights[:, self._at[group]])
            known[group] = np.where(self._present[group][:, None], score, np.nan)
            self._refuse_between(known[group], group)
        return known[self.structure.top]

    def _joined(self, group: str, parts: list[Floats], weights: Floats) -> Floats:
        """Return what the rule of a group makes of its parts, shape (units, draws)."""
        rule = self.rules[group]
        power = power_of(rule)
        if isinstance(rule, FITTED):
            return self._fitted(group, parts, weights)
        each = list(weights.T)
        if self.applies is not None:
            codes = self.structure.parts[group]
            each = [self.applies[c][:, None] * w for c, w in zip(codes, each, strict=True)]
        if power is not None:
            return limited(rule, _power_mean(power, parts, each))
        shape = parts[0].shape
        flat = np.column_stack([part.ravel() for part in parts])
        own = np.column_stack([np.broadcast_to(w, shape).ravel() for w in each])
        return limited(rule, combine(rule, flat, own)).reshape(shape)

    def _fitted(self, group: str, parts: list[Floats], weights: Floats) -> Floats:
        """Return the scores of a rule that is fitted to the units, draw by draw."""
        rule, names = self.rules[group], self.structure.parts[group]
        draws = len(weights)
        found = np.full((self.n, draws), np.nan)
        for draw in range(draws):
            own = np.column_stack([part[:, draw] for part in parts])
            for rows in self.cases(rule):
                fitted = fit_index(rule, own[rows], own, weights[draw], names, group)  # type: ignore[arg-type]
                if fitted is not None:
                    found[rows, draw] = index_values(rule, own[rows], fitted)  # type: ignore[arg-type]
        return found

    # -- what can't be computed ------------------------------------------------------------------

    def _refuse_impossible(self) -> None:
        """Refuse indicators of which the mean of their group can't be made."""
        for i, code in enumerate(self.structure.indicators):
            if self._under_a_root(code):
                self._refuse_low(self.values[:, i], code)

    def _under_a_root(self, code: str) -> bool:
        """Return whether a mean of values above 0 only is made of a node."""
        rules = (self.rules[group] for group in self.structure.nodes[code].parents)
        return any(isinstance(rule, Mean) and needs_above_0(rule) for rule in rules)

    def _refuse_between(self, scores: Floats, group: str) -> None:
        """Refuse scores of a group of which a mean above it can't be made."""
        if self._under_a_root(group):
            self._refuse_low(np.where(np.isnan(scores), np.inf, scores).min(axis=1), group)

    def _refuse_low(self, column: Floats, code: str) -> None:
        """Refuse values of 0 or below.

        Raises
        ------
        ScoringError
        """
        with np.errstate(invalid="ignore"):
            low = np.flatnonzero(column <= 0)
        if low.size:
            unit = str(low[0] if self.units is None else self.units[low[0]])
            what = Message(
                "a geometric or harmonic mean takes scores above 0; {part} has {n} others, as that "
                "of {units}",
                part=code,
                n=low.size,
                units=unit,
            )
            fix = Message(
                "Normalise to a range that begins above 0, as range: [1, 100], or choose another "
                "mean."
            )
            got = f"{column[low].min():g}"
            raise ScoringError(Problem(Reason.VALUE_RANGE, what, got=got, fix=fix, code=code))


def _raised(x: Floats, power: float) -> Floats:
    """Return what a mean of a power adds up."""
    with np.errstate(all="ignore"):
        found = np.log(x) if power == 0 else x**power
    return np.asarray(found, dtype=np.float64)


def _power_mean(power: float, parts: list[Floats], weights: list[Floats]) -> Floats:
    """Return the mean of the parts of a group, shape (units, draws).

    Parameters
    ----------
    power : float
    parts : list of array of float, shape (units, draws)
    weights : list of array of float, shape (draws,) or (units, draws)
    """
    top, base = np.zeros(parts[0].shape), np.zeros(parts[0].shape)
    for part, weight in zip(parts, weights, strict=True):
        there = ~np.isnan(part)
        raised = part if power == 1 else _raised(part, power)
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
        Of each group on the way: positions of its edges, and how much of the parts each row has.
    """

    rows: np.ndarray
    columns: slice
    values: Floats
    parts: list[tuple[np.ndarray, Floats]]
