"""The structure of an index: which node belongs to which, at what level, with what weight."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from workbench.errors import Problem, Reason, ScoringError, did_you_mean
from workbench.language import Message


@dataclass(frozen=True)
class Structure:
    """A tree of nodes with weights: indicators at level 1, the index on top.

    Parameters
    ----------
    parents : mapping of str to str
        Parent of each node but the top, in the order in which indicators stand.
    weights : mapping of str to float
        Weight of a node within its parent; 1 where it is left out. Relative: only their ratios
        within a group count.
    directions : mapping of str to int
        -1 for indicators of which less is better.
    levels : mapping of str to int
        Level of each node; found from the tree where it is left out, as one more than the highest
        child.
    titles : mapping of str to str
        Names for tables; the code where there is none.
    measures : mapping of str to str
        Unit in which an indicator is measured.

    Raises
    ------
    ScoringError
        If there is no single top, nodes go round in a circle, or weights do not fit: of unknown
        nodes, negative, or all zero in a group.
    """

    parents: Mapping[str, str]
    weights: Mapping[str, float] = field(default_factory=dict)
    directions: Mapping[str, int] = field(default_factory=dict)
    levels: Mapping[str, int] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    measures: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems = [*_shape_problems(self.parents), *self._weight_problems()]
        if problems:
            raise ScoringError(problems)
        object.__setattr__(self, "levels", {**self._heights, **self.levels})

    # -- the tree --------------------------------------------------------------------------------

    @cached_property
    def children(self) -> dict[str, tuple[str, ...]]:
        """Children of each group, in order."""
        found: dict[str, list[str]] = {}
        for child, parent in self.parents.items():
            found.setdefault(parent, []).append(child)
        return {code: tuple(codes) for code, codes in found.items()}

    @cached_property
    def top(self) -> str:
        """Code of the index."""
        return next(code for code in self.children if code not in self.parents)

    @cached_property
    def indicators(self) -> tuple[str, ...]:
        """Codes without children, in order."""
        return tuple(code for code in self.parents if code not in self.children)

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Codes with children, each after all that it is made of."""
        return tuple(sorted(self.children, key=lambda code: self._heights[code]))

    @cached_property
    def _heights(self) -> dict[str, int]:
        """Level of each node as one more than its highest child."""
        found: dict[str, int] = {}

        def height(code: str) -> int:
            if code not in found:
                found[code] = 1 + max((height(c) for c in self.children.get(code, ())), default=0)
            return found[code]

        height(self.top)
        return found

    @property
    def depth(self) -> int:
        """Number of levels."""
        return self.levels[self.top]

    def at_level(self, level: int) -> tuple[str, ...]:
        """Return the codes at a level, in order.

        Raises
        ------
        ScoringError
            If there is no such level.
        """
        codes = [*self.parents, self.top]
        found = tuple(code for code in codes if self.levels[code] == level)
        if not found:
            what = Message("the index has no level {level}", level=level)
            expected = Message("1 to {depth}", depth=self.depth)
            raise ScoringError(Problem(Reason.PARAMETER_VALUE, what, expected=expected))
        return found

    def under(self, code: str) -> tuple[str, ...]:
        """Return the indicators below a node; the node itself where it is one."""
        self.require([code])
        if code not in self.children:
            return (code,)
        return tuple(leaf for child in self.children[code] for leaf in self.under(child))

    def above(self, code: str) -> tuple[str, ...]:
        """Return the parent of a node, its parent, and so on up to the index."""
        found = []
        while code in self.parents:
            code = self.parents[code]
            found.append(code)
        return tuple(found)

    def ancestor(self, code: str, level: int) -> str | None:
        """Return what a node belongs to at a level, itself included; None where it skips it."""
        chain = (code, *self.above(code))
        return next((node for node in chain if self.levels[node] == level), None)

    def lineage(self) -> pd.DataFrame:
        """Return one row an indicator with what it belongs to at each level."""
        columns = range(1, self.depth + 1)
        rows = [[self.ancestor(code, level) for level in columns] for code in self.indicators]
        return pd.DataFrame(rows, columns=pd.Index([f"level_{level}" for level in columns]))

    def select(self, codes: Iterable[str] | None = None, level: int = 1) -> tuple[str, ...]:
        """Return the codes at a level, all of them or those that belong to some nodes.

        Parameters
        ----------
        codes : iterable of str, optional
            Nodes at or above the level.
        level : int
        """
        here = self.at_level(level)
        if codes is None:
            return here
        wanted = set(codes)
        self.require(wanted)
        return tuple(c for c in here if wanted & {c, *self.above(c)})

    # -- words and weights -----------------------------------------------------------------------

    def weight(self, code: str) -> float:
        """Return the weight of a node within its parent."""
        return float(self.weights.get(code, 1.0))

    def direction(self, code: str) -> int:
        """Return -1 where less of an indicator is better, else 1."""
        return int(self.directions.get(code, 1))

    def title(self, code: str) -> str:
        """Return the name of a node."""
        return self.titles.get(code, code)

    def require(self, codes: Iterable[str]) -> None:
        """Refuse codes that the index does not have.

        Raises
        ------
        ScoringError
            The nearest code is named.
        """
        known = [*self.parents, self.top]
        problems = [_unknown(code, known) for code in codes if code not in set(known)]
        if problems:
            raise ScoringError(problems)

    def without(self, codes: Iterable[str]) -> Structure:
        """Return the structure without some nodes, what is below them, and groups left empty."""
        gone = set(codes)
        self.require(gone)
        keep = {c: p for c, p in self.parents.items() if not gone & {c, *self.above(c)}}
        leaves = [c for c in self.indicators if c in keep]
        held = {code for leaf in leaves for code in (leaf, *self.above(leaf))}
        names = ("weights", "directions", "levels", "titles", "measures")
        rest = {n: {c: v for c, v in getattr(self, n).items() if c in held} for n in names}
        return Structure({c: p for c, p in keep.items() if c in held}, **rest)

    def _weight_problems(self) -> list[Problem]:
        """Return what is wrong with the weights."""
        if _shape_problems(self.parents):
            return []
        known = [*self.parents, self.top]
        problems = [_unknown(code, known) for code in self.weights if code not in set(known)]
        for code, weight in self.weights.items():
            if not weight >= 0 or weight == float("inf"):
                what = Message("{code}: a weight is a number of 0 or more", code=code)
                problems.append(Problem(Reason.SPEC_VALUE, what, got=f"{weight:g}", code=code))
        for group, codes in self.children.items():
            if not problems and sum(self.weight(c) for c in codes) <= 0:
                what = Message("{code}: all its parts have a weight of 0", code=group)
                fix = Message("Give one of {codes} a weight above 0.", codes=", ".join(codes))
                problems.append(Problem(Reason.SPEC_VALUE, what, fix=fix, code=group))
        return problems


def _unknown(code: str, known: list[str]) -> Problem:
    """Return the problem of a code that the index does not have."""
    what = Message("the index has no node {code}", code=code)
    return Problem(Reason.NODE_UNKNOWN, what, fix=did_you_mean(code, known), code=code)


def _shape_problems(parents: Mapping[str, str]) -> list[Problem]:
    """Return why parents make no tree with one top."""
    if not parents:
        what = Message("an index needs at least one indicator that belongs to a group")
        return [Problem(Reason.SPEC_REFERENCE, what)]
    for code in parents:
        seen, at = {code}, parents[code]
        while at in parents:
            if at in seen:
                what = Message("{code} belongs to itself by way of its groups", code=at)
                return [Problem(Reason.INSTRUMENT_CYCLE, what, code=at)]
            seen.add(at)
            at = parents[at]
    tops = list(dict.fromkeys(p for p in parents.values() if p not in parents))
    if len(tops) > 1:
        what = Message("an index has one node on top, not {n}", n=len(tops))
        return [Problem(Reason.SPEC_REFERENCE, what, got=", ".join(tops))]
    return []
