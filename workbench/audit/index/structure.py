"""The structure of an index: which parts make up which group, with what weight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import Place, Problem, Reason, ScoringError, did_you_mean
from workbench.language import Message
from workbench.scoring.states import Floats

Weights = Mapping[str, float | Mapping[str, float]]

MOST_WEIGHT = 1e12  # sums of larger ones are no numbers any more


@dataclass(frozen=True, slots=True)
class Node:
    """An indicator or a group of an index.

    Parameters
    ----------
    code : str
    level : int
        1 for indicators; of a group, above the levels of all its parts.
    parents : mapping of str to float
        Groups that it is a part of, with its weight in each.
    direction : {1, -1}
        1 if more is better, -1 if less is: of the values of an indicator, of the score of a group.
    title : str
        What it is called; its code if nothing is given.
    denominator : str or None
        Column of the units by which an indicator is divided.
    is_group : bool
    counts : bool
        Whether a group weighs as many indicators as there are below it, and less where some are
        left out or do not apply.
    """

    code: str
    level: int = 1
    parents: Mapping[str, float] = None  # type: ignore[assignment]
    direction: int = 1
    title: str = ""
    denominator: str | None = None
    is_group: bool = False
    counts: bool = False

    def __post_init__(self) -> None:
        """Fill in what is left out."""
        object.__setattr__(self, "parents", dict(self.parents or {}))
        object.__setattr__(self, "title", self.title or self.code)


@dataclass(frozen=True)
class Structure:
    """Indicators and groups of an index.

    Parameters
    ----------
    nodes : mapping of str to Node
        By code; what :meth:`of` checked.
    """

    nodes: Mapping[str, Node]

    @classmethod
    def of(cls, nodes: list[Node]) -> Structure:
        """Return a structure that holds together.

        Raises
        ------
        ScoringError
            With every problem: a code twice, a parent that is not there, a circle, a group without
            parts, weights below 0 or all 0 in a group, a direction other than 1 and -1.
        """
        problems = list(_faults(nodes))
        if problems:
            raise ScoringError(problems)
        found = cls({node.code: node for node in nodes})
        circle = [code for code in found.groups if code not in found.order]
        if circle:
            what = Message(
                "groups are above each other in a circle: {codes}", codes=", ".join(circle)
            )
            raise ScoringError(Problem(Reason.INSTRUMENT_CYCLE, what))
        problems = list(_faults_of_groups(found))
        if problems:
            raise ScoringError(problems)
        return found

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> Structure:
        """Return the structure that a table describes.

        Parameters
        ----------
        frame : DataFrame
            Columns ``code, parent`` and, where they exist, ``weight, direction, level, title,
            denominator, kind`` (indicator or group). A part of several groups has a row for each.

        Raises
        ------
        ScoringError
            If a column is not there, a level is no whole number, or as of :meth:`of`.
        """
        problems = list(_faults_of_frame(frame))
        if problems:
            raise ScoringError(problems)
        nodes: dict[str, dict[str, Any]] = {}
        above = set(frame["parent"].dropna().astype(str)) - {""}
        for row in frame.to_dict("records"):
            code, parent = str(row["code"]), row.get("parent")
            known = {k: v for k, v in row.items() if not (isinstance(v, float) and np.isnan(v))}
            node = nodes.setdefault(code, {"code": code, "parents": {}})
            if isinstance(parent, str) and parent:
                node["parents"][parent] = _number(known.get("weight", 1.0))
            direction = known.get("direction", 1)
            node["direction"] = int(direction) if direction in (1, -1) else direction
            node["is_group"] = known.get("kind") == "group" or code in above
            for name in ("level", "title", "denominator"):
                if known.get(name) not in (None, ""):
                    node[name] = int(known[name]) if name == "level" else str(known[name])
        made = [Node(**node) for node in nodes.values()]
        return cls.of(_levelled(made, frame))

    # -- parts ------------------------------------------------------------------------------------

    @cached_property
    def indicators(self) -> tuple[str, ...]:
        """Codes of the indicators."""
        return tuple(code for code, node in self.nodes.items() if not node.is_group)

    @cached_property
    def columns(self) -> pd.Index:
        """Codes of the indicators as the columns of a table."""
        return pd.Index(self.indicators)

    @cached_property
    def all_columns(self) -> pd.Index:
        """Codes of the indicators, then of the groups, as the columns of a table."""
        return pd.Index([*self.indicators, *self.groups])

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Codes of the groups, by level."""
        found = [node for node in self.nodes.values() if node.is_group]
        return tuple(node.code for node in sorted(found, key=lambda node: node.level))

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Codes of the groups, each after its parts."""
        left, done, found = list(self.groups), set(self.indicators), list[str]()
        while True:
            ready = [code for code in left if set(self.parts[code]) <= done]
            if not ready:
                return tuple(found)
            found += ready
            done |= set(ready)
            left = [code for code in left if code not in done]

    @cached_property
    def parts(self) -> Mapping[str, tuple[str, ...]]:
        """Parts of each group, in the order of the nodes."""
        found: dict[str, list[str]] = {code: [] for code in self.groups}
        for node in self.nodes.values():
            for parent in node.parents:
                found[parent].append(node.code)
        return {code: tuple(parts) for code, parts in found.items()}

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """Groups that are a part of none: the index itself, as a rule."""
        return tuple(code for code in self.groups if not self.nodes[code].parents)

    @property
    def top(self) -> str:
        """The first group of the highest level: the index."""
        highest = self.nodes[self.groups[-1]].level
        return next(code for code in self.groups if self.nodes[code].level == highest)

    @property
    def levels(self) -> tuple[int, ...]:
        """Levels of the structure, from the indicators up."""
        return tuple(sorted({node.level for node in self.nodes.values()}))

    def at_level(self, level: int) -> tuple[str, ...]:
        """Return the codes of a level."""
        return tuple(code for code, node in self.nodes.items() if node.level == level)

    def weights(self, group: str) -> Floats:
        """Return the weights of the parts of a group, shape (parts,)."""
        return np.array([self.nodes[part].parents[group] for part in self.parts[group]])

    def indicators_below(self, code: str) -> tuple[str, ...]:
        """Return the indicators below a node, each once; of an indicator, itself."""
        if not self.nodes[code].is_group:
            return (code,)
        found = [i for part in self.parts[code] for i in self.indicators_below(part)]
        return tuple(dict.fromkeys(found))

    def above(self, code: str, level: int) -> str | None:
        """Return the node of a level above a node, itself included; None if there is none."""
        node = self.nodes[code]
        if node.level == level:
            return code
        found = (self.above(parent, level) for parent in node.parents)
        return next((each for each in found if each is not None), None)

    # -- others -----------------------------------------------------------------------------------

    def with_weights(self, weights: Weights) -> Structure:
        """Return the structure with other weights.

        Parameters
        ----------
        weights : mapping
            By code: one, or one for each parent. What is not named keeps its own.

        Raises
        ------
        ScoringError
            If weights are not given by code, a code is no part of anything, a weight is no number
            of 0 or more, or all of a group are 0.
        """
        by_code("weights", weights)
        problems, changed = list[Problem](), dict(self.nodes)
        for code, given in weights.items():
            node = self.nodes.get(code)
            if node is None or (not node.parents and not isinstance(given, Mapping)):
                problems.append(_unknown(code, [c for c, n in self.nodes.items() if n.parents]))
                continue
            by_parent = given if isinstance(given, Mapping) else dict.fromkeys(node.parents, given)
            problems += [
                _unknown(p, node.parents, code) for p in by_parent if p not in node.parents
            ]
            parents = {**node.parents, **{p: _number(w) for p, w in by_parent.items()}}
            changed[code] = replace(node, parents=parents)
        if problems:
            raise ScoringError(problems)
        return Structure.of(list(changed.values()))

    def with_directions(self, directions: Mapping[str, int]) -> Structure:
        """Return the structure with other directions."""
        by_code("directions", directions)
        problems = [_unknown(code, self.nodes) for code in directions if code not in self.nodes]
        if problems:
            raise ScoringError(problems)
        return Structure.of(
            [replace(n, direction=directions.get(c, n.direction)) for c, n in self.nodes.items()]
        )

    def without(self, *codes: str) -> Structure:
        """Return the structure without some nodes, what is below them, and groups left empty."""
        problems = [_unknown(code, self.nodes) for code in codes if code not in self.nodes]
        if problems:
            raise ScoringError(problems)
        gone = set(codes)
        while True:
            orphans = {
                code
                for code, node in self.nodes.items()
                if code not in gone and node.parents and set(node.parents) <= gone
            } | {code for code in self.groups if set(self.parts[code]) <= gone}
            if orphans <= gone:
                break
            gone |= orphans
        kept = [
            replace(
                node,
                parents={p: w * left for p, w in node.parents.items() if p not in gone},
            )
            for code, node in self.nodes.items()
            if code not in gone
            for left in (self._left(code, gone),)
        ]
        if not kept:
            raise ScoringError(Problem(Reason.SPEC_VALUE, Message("nothing is left of the index")))
        return Structure.of(kept)

    def _left(self, code: str, gone: set[str]) -> float:
        """Return the share of a node's weight that is left without some nodes."""
        if not self.nodes[code].counts:
            return 1.0
        below = self.indicators_below(code)
        return sum(each not in gone for each in below) / len(below)

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each part and parent, as :meth:`from_frame` reads them."""
        rows = [
            {
                "code": node.code,
                "title": node.title,
                "kind": "group" if node.is_group else "indicator",
                "level": node.level,
                "parent": parent,
                "weight": weight,
                "direction": node.direction,
                "denominator": node.denominator,
            }
            for node in self.nodes.values()
            for parent, weight in (node.parents or {"": np.nan}).items()
        ]
        return pd.DataFrame(rows)


def _faults_of_frame(frame: pd.DataFrame) -> Iterator[Problem]:
    """Yield what of a table can't be read as a structure."""
    for name in ("code", "parent"):
        if name not in frame:
            what = Message("the table has no column {name}", name=name)
            fix = did_you_mean(name, map(str, frame.columns))
            yield Problem(Reason.COLUMN_MISSING, what, Place("index", column=name), fix=fix)
    levels = frame["level"].dropna() if "level" in frame else pd.Series(dtype=object)
    for level in levels:
        if not _number(level).is_integer():
            what, expected = Message("a level is a whole number"), Message("1, 2, 3 and so on")
            yield Problem(Reason.SPEC_VALUE, what, Place("index"), str(level), expected)


def by_code(name: str, given: object) -> None:
    """Refuse what does not say to which part it belongs, as a list."""
    if isinstance(given, Mapping | pd.Series):
        return
    what = Message("{name} are given by code", name=name)
    got, expected = type(given).__name__, Message("as {example}", example='{"a": 1, "b": 1}')
    raise ScoringError(Problem(Reason.PARAMETER_VALUE, what, got=got, expected=expected))


def _levelled(nodes: list[Node], frame: pd.DataFrame) -> list[Node]:
    """Return nodes with the levels that were given, or else counted from below."""
    if "level" in frame and frame["level"].notna().all():
        return nodes
    level, known = (
        dict.fromkeys((n.code for n in nodes if not n.is_group), 1),
        {n.code for n in nodes},
    )
    for _ in nodes:
        for node in nodes:
            for parent in set(node.parents) & known:
                level[parent] = max(level.get(parent, 2), level.get(node.code, 1) + 1)
        if max(level.values(), default=0) > len(nodes):
            break  # a circle, which is told later
    return [replace(node, level=level.get(node.code, 2)) for node in nodes]


def _number(value: Any) -> float:
    """Return a weight as a number; NaN for anything else, which is told as a fault."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def _unknown(code: str, known: Any, below: str | None = None) -> Problem:
    """Return the problem of a code that is not there."""
    what = (
        Message("there is no part {code} in the index", code=code)
        if below is None
        else Message("{parent} is no parent of {code}", parent=code, code=below)
    )
    return Problem(
        Reason.NODE_UNKNOWN, what, Place("index"), fix=did_you_mean(code, known), code=code
    )


def _faults(nodes: list[Node]) -> Iterator[Problem]:
    """Yield what is wrong with nodes one by one."""
    codes = [node.code for node in nodes]
    groups = {node.code for node in nodes if node.is_group}
    for code in dict.fromkeys(c for c in codes if codes.count(c) > 1):
        yield Problem(Reason.DUPLICATE, Message("a code stands twice"), Place("index"), got=code)
    for node in nodes:
        if node.direction not in (1, -1):
            what, expected = (
                Message("{code}: unknown direction", code=node.code),
                Message("1 or -1"),
            )
            yield Problem(
                Reason.SPEC_VALUE,
                what,
                Place("index"),
                str(node.direction),
                expected,
                code=node.code,
            )
        for parent, weight in node.parents.items():
            if parent not in groups:
                what = Message("{code}: there is no group {parent}", code=node.code, parent=parent)
                fix = did_you_mean(parent, groups)
                yield Problem(Reason.SPEC_REFERENCE, what, Place("index"), fix=fix, code=node.code)
            if not 0 <= weight <= MOST_WEIGHT:
                what = Message(
                    "the weight of {code} is no number from 0 to {most}",
                    code=node.code,
                    most=f"{MOST_WEIGHT:g}",
                )
                got = f"{weight:g}"
                yield Problem(Reason.SPEC_VALUE, what, Place("index"), got, code=node.code)
        if not node.is_group and not node.parents and len(nodes) > 1:
            what = Message("{code} is a part of no group", code=node.code)
            yield Problem(Reason.SPEC_VALUE, what, Place("index"), code=node.code)


def _faults_of_groups(structure: Structure) -> Iterator[Problem]:
    """Yield what is wrong with groups and their parts together."""
    for code in structure.groups:
        parts, level = structure.parts[code], structure.nodes[code].level
        if not parts:
            what = Message("{code} has no parts", code=code)
            yield Problem(Reason.SPEC_VALUE, what, Place("index"), code=code)
        elif not structure.weights(code).max() > 0:
            what = Message("all weights below {code} are 0", code=code)
            fix = Message("Give at least one of {codes} a weight.", codes=", ".join(parts))
            yield Problem(Reason.SPEC_VALUE, what, Place("index"), fix=fix, code=code)
        for part in parts:
            if structure.nodes[part].level >= level:
                what = Message(
                    "{code} is not above the level of its part {part}", code=code, part=part
                )
                yield Problem(Reason.SPEC_VALUE, what, Place("index"), got=str(level), code=code)
