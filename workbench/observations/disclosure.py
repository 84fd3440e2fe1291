"""Which results of surveys are suppressed, so that no small group of people can be worked out.

Everything published of answers is a linear equation in counts of people: by group, question and
answer. A count from 1 to below the threshold is suppressed (primary). Then whoever adds and
subtracts what is left must not come near it: as long as the equations hold such a count within
narrower limits, one of them is suppressed too (secondary).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.observations.groups import Domain, Groups, groups_of
from workbench.observations.respondents import NOT_ASKED, Survey
from workbench.specs.survey import Item, ShareRule

Floats = NDArray[np.float64]
RESPONDENTS, ASKED, ANSWERED = "respondents", "asked", "answered"
# A component with more unknowns than this is not solved: its totals are suppressed at once.
MOST_UNKNOWNS = 20_000
_NEAR = 1e-6


@dataclass(frozen=True, slots=True)
class Cell:
    """A published number of one survey: a count of people, or what an item gives.

    Parameters
    ----------
    table : int
        Number of the survey in the study.
    unit, wave : str
    item : str
        Column of the question; empty for the survey as a whole.
    what : str
        ``respondents``, ``asked``, ``answered``, or the code of the instrument.
    """

    table: int
    unit: str
    wave: str
    item: str
    what: str


@dataclass(frozen=True, slots=True)
class Fact:
    """An equation that a published cell gives: coefficients of unknowns, and its sum."""

    cell: Cell
    weights: dict[int, float]
    total: float


@dataclass(frozen=True, slots=True)
class Secret:
    """A count of few people, and whether that it is small is known from its being suppressed."""

    weights: dict[int, float]
    base: bool


def suppressed(surveys: Sequence[tuple[int, Survey]], threshold: int) -> frozenset[Cell]:
    """Return the cells of all surveys of a study that are not published.

    Parameters
    ----------
    surveys : sequence of (int, Survey)
        With their numbers in the study.
    threshold : int
        Counts of people from 1 to ``threshold - 1`` are suppressed.

    Returns
    -------
    frozenset of Cell

    Notes
    -----
    A cell is small if few answered, were asked or took part, or if few of them are on one side of a
    share: those who gave a counted answer, or those who did not. Zero is no person, and is
    published. Who took part in two tables of one file is one person, so that a whole, its parts and
    what lies between them are one system. For each small count the least and the most that all
    published equations allow are found by linear programming over counts of 0 and more, where the
    reader knows how the questionnaire leads, and that other suppressed groups are smaller than the
    threshold. The count is safe if it could be 1 or less as well as ``threshold - 1`` or more.
    Weighted shares and means are taken as if they were not weighted, which gives away more.

    References
    ----------
    Hundepool et al. (2012), Statistical Disclosure Control, chapter 4 (cell suppression, attacker's
    problem), doi:10.1002/9781118348239.
    """
    found: set[Cell] = set()
    if threshold > 1:
        for part in groups_of(surveys).parts():
            found |= _System(part, threshold).settle()
    return frozenset(found)


@dataclass
class _System:
    """Unknown counts of connected groups, with what is published of them."""

    groups: Groups
    threshold: int
    gone: set[Cell] = field(default_factory=set)

    def settle(self) -> set[Cell]:
        """Return the cells to suppress."""
        for fact, small in self.facts:
            if small:
                self._remove(fact.cell)
        if self.size > MOST_UNKNOWNS:
            self._only_smallest()
            return self.gone
        for secret in self.secrets:
            while not self._is_safe(secret):
                pass
        self._values()
        return self.gone

    def _published(self) -> list[Fact]:
        """Return the equations that are left."""
        return [f for f, _ in self.facts if f.cell not in self.gone and f.cell not in self._weak]

    @cached_property
    def _weak(self) -> set[Cell]:
        """Results that are not given anyway, because their survey asks for more answers."""
        return {
            Cell(*domain.key, name, code)
            for domain in self.groups.domains
            for name, item in self.groups.spec(domain).items.items()
            if self._count(self._bases(domain, name, item)[ANSWERED])
            < (item.minimum or self.groups.spec(domain).minimum)
            for code, rule in item.gives.items()
            if isinstance(rule, ShareRule) or rule == "mean"
        }

    # -- unknowns ----------------------------------------------------------------------------------

    @cached_property
    def index(self) -> dict[tuple[int, str, str], int]:
        """Number of each unknown: group, column, answer; the size of a group has no column."""
        keys = [(g.number, "", "") for g in self.groups.groups]
        keys += [
            (g.number, c, a) for g in self.groups.groups for c in g.counts for a in g.counts[c]
        ]
        return {key: number for number, key in enumerate(keys)}

    @property
    def size(self) -> int:
        """How many unknowns there are."""
        return len(self.index)

    def _weights(self, domain: Domain, item: str, answers: dict[str, float]) -> dict[int, float]:
        """Return the coefficients of a sum over the groups of a domain."""
        column = self.groups.column(domain, item)
        return {
            self.index[g.number, column, a]: w
            for g in self.groups.inside(domain)
            for a, w in answers.items()
            if a in g.counts[column]
        }

    def _count(self, weights: dict[int, float]) -> float:
        """Return what a sum is in the data."""
        return float(sum(w * self.truth[k] for k, w in weights.items()))

    @cached_property
    def truth(self) -> Floats:
        """The counts themselves."""
        by_number = {g.number: g for g in self.groups.groups}
        return np.array(
            [by_number[n].counts[c][a] if c else by_number[n].size for n, c, a in self.index],
            dtype=np.float64,
        )

    # -- what is published -------------------------------------------------------------------------

    @cached_property
    def facts(self) -> list[tuple[Fact, bool]]:
        """Every published equation, and whether it shows few people by itself."""
        return [pair for domain in self.groups.domains for pair in self._of(domain)]

    def _of(self, domain: Domain) -> Iterator[tuple[Fact, bool]]:
        """Yield the equations of one unit, wave and table."""
        spec = self.groups.spec(domain)
        if {"respondents", "response_rate"} & set(spec.gives.values()):
            everyone = {self.index[g.number, "", ""]: 1.0 for g in self.groups.inside(domain)}
            yield self._fact(Cell(*domain.key, "", RESPONDENTS), everyone)
        for name, item in spec.items.items():
            base = self._bases(domain, name, item)
            for what, weights in base.items():
                yield self._fact(Cell(*domain.key, name, what), weights)
            for code, rule in item.gives.items():
                cell = Cell(*domain.key, name, code)
                if isinstance(rule, ShareRule):
                    counted = self._weights(domain, name, dict.fromkeys(rule.share, 1.0))
                    rest = self._count(base[rule.of]) - self._count(counted)
                    fact, small = self._fact(cell, counted)
                    yield fact, small or self._few(rest)
                elif rule == "mean" and item.options:
                    values = {option: float(option) for option in item.options}
                    weights = self._weights(domain, name, values)
                    yield Fact(cell, weights, self._count(weights)), False

    def _fact(self, cell: Cell, weights: dict[int, float]) -> tuple[Fact, bool]:
        """Return the equation of a count of people, and whether they are few."""
        count = self._count(weights)
        return Fact(cell, weights, count), self._few(count)

    def _bases(self, domain: Domain, name: str, item: Item) -> dict[str, dict[int, float]]:
        """Return the sums that are asked and answered."""
        column = self.groups.column(domain, name)
        answers = {a for g in self.groups.inside(domain) for a in g.counts[column]}
        asked = answers - {NOT_ASKED}
        said = asked - {""}
        return {
            ASKED: self._weights(domain, name, dict.fromkeys(asked, 1.0)),
            ANSWERED: self._weights(domain, name, dict.fromkeys(said, 1.0)),
        }

    def _few(self, count: float) -> bool:
        return 0 < count < self.threshold

    @cached_property
    def secrets(self) -> list[Secret]:
        """Small counts: of each published domain, and of what lies between two of them."""
        found: dict[frozenset[tuple[int, float]], Secret] = {}
        for domain in (*self.groups.domains, *self.groups.between()):
            for weights, base in self._sensitive(domain):
                if self._few(self._count(weights)):
                    found.setdefault(frozenset(weights.items()), Secret(weights, base))
        return list(found.values())

    def _sensitive(self, domain: Domain) -> Iterator[tuple[dict[int, float], bool]]:
        """Yield the counts of people that may not be small."""
        yield {self.index[g.number, "", ""]: 1.0 for g in self.groups.inside(domain)}, True
        for name, item in self.groups.spec(domain).items.items():
            base = self._bases(domain, name, item)
            yield from ((weights, True) for weights in base.values())
            for rule in item.gives.values():
                if isinstance(rule, ShareRule):
                    counted = self._weights(domain, name, dict.fromkeys(rule.share, 1.0))
                    yield counted, False
                    yield {k: w for k, w in base[rule.of].items() if k not in counted}, False

    # -- taking away -------------------------------------------------------------------------------

    def _remove(self, cell: Cell) -> None:
        """Suppress a cell, and what is nothing without it or would give it away."""
        self.gone.add(cell)
        if not cell.item:
            return
        gives = self.groups.tables[cell.table].spec.items[cell.item].gives
        for code, rule in gives.items():
            of_asked = isinstance(rule, ShareRule) and rule.of == "asked"
            rests = cell.what == ANSWERED or (cell.what == ASKED and of_asked)
            if rests and rule not in ("answered", "asked", "non_response"):
                self.gone.add(Cell(cell.table, cell.unit, cell.wave, cell.item, code))

    def _only_smallest(self) -> None:
        """Suppress what covers several groups, of each question with a small count in any."""
        wide = {d.key for d in self.groups.domains if len(self.groups.inside(d)) > 1}
        small = {cell.item for cell in self.gone | self._weak}
        for fact, _ in self.facts:
            cell = fact.cell
            if (cell.table, cell.unit, cell.wave) in wide and ({cell.item, ""} & small):
                self._remove(cell)

    def _loss(self, fact: Fact) -> tuple[int, float]:
        """Return how much is lost with a fact: results first, then people."""
        if fact.cell.what == ANSWERED:
            gives = self.groups.tables[fact.cell.table].spec.items[fact.cell.item].gives
            return 1 + len(gives), fact.total
        return int(fact.cell.what != ASKED), fact.total

    # -- the attack --------------------------------------------------------------------------------

    def _is_safe(self, secret: Secret) -> bool:
        """Return whether a count could be anything small; else suppress one cell more."""
        from scipy.optimize import linprog  # slow to import, and seldom needed

        facts = self._published()
        rows = [*self._known[0], *((f.weights, f.total) for f in facts)]
        matrix = self._matrix([weights for weights, _ in rows])
        totals = np.array([total for _, total in rows])
        limits = list(self._known[1])
        for other in self.secrets:
            if other.base and other is not secret:
                limits.append((other.weights, float(self.threshold - 1)))
        target = np.zeros(self.size)
        for k, w in secret.weights.items():
            target[k] = w
        for sign, enough in ((1.0, 1.0), (-1.0, self.threshold - 1.0)):
            found: Any = linprog(
                sign * target, A_eq=matrix, b_eq=totals, bounds=(0, None), method="highs",
                A_ub=self._matrix([w for w, _ in limits]) if limits else None,
                b_ub=np.array([t for _, t in limits]) if limits else None,
            )  # fmt: skip
            if found.status == 3:  # unbounded: nothing is known
                continue
            if found.status != 0:  # not solved: take no risk
                self._remove_all(facts)
                return True
            if sign * (sign * found.fun - enough) <= _NEAR:  # at most 1, or at least threshold - 1
                continue
            dual = np.abs(found.eqlin.marginals[len(self._known[0]) :])
            tight = [f for f, d in zip(facts, dual, strict=True) if d > _NEAR]
            if not tight:
                self._remove_all(facts)
                return True
            self._remove(min(tight, key=self._loss).cell)
            return False
        return True

    def _remove_all(self, facts: list[Fact]) -> None:
        for fact in facts:
            self._remove(fact.cell)

    def _matrix(self, rows: list[dict[int, float]]) -> Any:
        """Return coefficients as a sparse matrix."""
        from scipy.sparse import csr_matrix

        at = [n for n, row in enumerate(rows) for _ in row]
        keys = [k for row in rows for k in row]
        values = [w for row in rows for w in row.values()]
        return csr_matrix((values, (at, keys)), shape=(len(rows), self.size))

    @cached_property
    def _known(
        self,
    ) -> tuple[list[tuple[dict[int, float], float]], list[tuple[dict[int, float], float]]]:
        """Equations and upper limits that everyone knows: how groups and the questionnaire lead."""
        equal: list[tuple[dict[int, float], float]] = []
        limits: list[tuple[dict[int, float], float]] = []
        for group in self.groups.groups:
            for column, counts in group.counts.items():
                row = {self.index[group.number, column, a]: 1.0 for a in counts}
                equal.append((row | {self.index[group.number, "", ""]: -1.0}, 0.0))
            for column, other, wanted, only in self.groups.routes(group):
                row = {
                    self.index[group.number, column, a]: 1.0
                    for a in group.counts[column]
                    if a != NOT_ASKED
                }
                for answer in wanted & set(group.counts[other]):
                    row[self.index[group.number, other, answer]] = -1.0
                same = only and abs(self._count(row)) < _NEAR
                (equal if same else limits).append((row, 0.0))
        return equal, limits

    # -- values ------------------------------------------------------------------------------------

    def _values(self) -> None:
        """Suppress shares and means of wholes or parts from which a suppressed one would follow."""
        if any(len(d.groups) > 1 for d in self.groups.domains):
            for cells in self._alike().values():
                self._one_rule(cells)

    def _alike(self) -> dict[str, list[tuple[Cell, Domain]]]:
        """Return the shares and means that count the same of one question, by what they count."""
        found: dict[str, list[tuple[Cell, Domain]]] = {}
        for domain in self.groups.domains:
            for name, item in self.groups.spec(domain).items.items():
                for code, rule in item.gives.items():
                    if isinstance(rule, ShareRule) or rule == "mean":
                        key = f"{self.groups.column(domain, name)} {rule!r}"
                        cell = Cell(*domain.key, name, code)
                        found.setdefault(key, []).append((cell, domain))
        return found

    def _one_rule(self, cells: list[tuple[Cell, Domain]]) -> None:
        """Suppress values of one rule until none of a small group follows from those left."""
        order = {g.number: n for n, g in enumerate(self.groups.groups)}
        rows = np.zeros((len(cells), len(order)))
        for n, (_, domain) in enumerate(cells):
            rows[n, [order[number] for number in domain.groups]] = 1
        closed = self.gone | self._weak
        hidden = [rows[n] for n, (cell, _) in enumerate(cells) if cell in closed]
        column = self.groups.column(cells[0][1], cells[0][0].item)
        for group in self.groups.groups:
            said = [n for a, n in group.counts.get(column, {}).items() if a not in ("", NOT_ASKED)]
            if self._few(sum(said)):
                hidden.append(np.eye(len(order))[order[group.number]])
        for target in hidden:
            while used := self._follows(target, rows, cells):
                self._remove(cells[min(used, key=lambda n: rows[n].sum())][0])

    def _follows(self, target: Floats, rows: Floats, cells: list[tuple[Cell, Domain]]) -> list[int]:
        """Return published values from which a hidden one can be worked out; empty if none can."""
        closed = self.gone | self._weak
        left = [n for n, (cell, _) in enumerate(cells) if cell not in closed]
        if not left:
            return []
        by = np.linalg.lstsq(rows[left].T, target, rcond=None)[0]
        if np.abs(rows[left].T @ by - target).max() > _NEAR:
            return []
        return [n for n, w in zip(left, by, strict=True) if abs(w) > _NEAR]
