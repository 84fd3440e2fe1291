"""A loaded instrument: the graph of its nodes, its compiled rules, everything observable in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from workbench.errors import Place, Problem, Reason, ScoringError, did_you_mean
from workbench.instruments.bands import Bands
from workbench.instruments.formula import Formula
from workbench.instruments.own_wave import OwnWave, measured_against_own_wave
from workbench.language import Message
from workbench.specs.common import Text
from workbench.specs.instrument import (
    Aggregate,
    Checklist,
    Condition,
    Cuts,
    Direction,
    Element,
    EvidenceRule,
    Group,
    Indicator,
    InstrumentSpec,
    Level,
    Lookup,
    Measure,
    Share,
    Statement,
    Tier,
    Variable,
)
from workbench.specs.yaml import Path_

Member = Group | Indicator
Report = Callable[[Problem, Path_], None]
ObservableKind = Literal["indicator", "node", "element", "variable", "input", "fact"]


@dataclass(frozen=True, slots=True)
class Observable:
    """Something that a row of data can be about.

    Parameters
    ----------
    code : str
        Full code: ``1.1.1``, ``1.1.1.a``, ``2.1.4.v1`` or the id of a fact.
    kind : str
        indicator, node, element, variable, input or fact.
    owner : str
        Code of the indicator it belongs to; its own code for the others.
    part : Element or Variable or None
        The element or variable itself.
    """

    code: str
    kind: ObservableKind
    owner: str
    part: Element | Variable | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the instrument with its compiled rules.

    Parameters
    ----------
    code : str
    spec : Group or Indicator
    parents, children : tuple of str
        Codes, in the order of the file.
    leaves : tuple of str
        Every indicator below, each once; for an indicator, itself.
    tier : Tier or None
        None for indicators.
    aggregate : Aggregate or None
        Rule of a group.
    cuts : Cuts or None
        How its levels are cut, as written.
    bands : Bands or None
        Cut-points of its value or score, compiled; None where there are none, or strata.
    path : str
        Place of the node in its file, ``indicators[4]``.
    aggregate_path : str
        Place of its aggregation: in the node or in its tier.
    formulas : mapping of str to Formula
        ``formula`` of a measure, ``compute`` formulas by variable, ``gate`` and conditions by name.
    turn : {1, -1}
        Sign that a normalisation gives to the values, so that they rise with what is above.
    """

    code: str
    spec: Member
    parents: tuple[str, ...]
    children: tuple[str, ...]
    leaves: tuple[str, ...]
    tier: Tier | None
    aggregate: Aggregate | None
    cuts: Cuts | None
    bands: Bands | None
    path: str
    aggregate_path: str
    formulas: Mapping[str, Formula] = field(default_factory=dict)
    turn: Direction = 1

    @property
    def sense(self) -> int:
        """1 where more is better of what is reported of the node, -1 where less is.

        Of an indicator that is its value, of a group its score after its own normalisation.
        """
        turned = not self.is_indicator and self.spec.normalise is not None
        return self.spec.direction * (self.turn if turned else 1)

    @property
    def is_indicator(self) -> bool:
        """Whether the node is a leaf."""
        return self.tier is None

    @property
    def kind(self) -> str:
        """Kind of the indicator, or ``group``."""
        return "group" if isinstance(self.spec, Group) else self.spec.kind

    @property
    def scale(self) -> str | None:
        """Id of the scale in which the node's level is given, if it has one."""
        if self.cuts is not None:
            return self.cuts.scale
        if self.aggregate is not None and self.aggregate.method in (
            "weakest_link",
            "lookup_table",
            "single",
            "conditions",
        ):
            return str(self.aggregate.scale)
        return getattr(self.spec, "scale", None)

    def weight_under(self, parent: str) -> float:
        """Return the weight of the node under one of its parents; NaN where a formula gives it."""
        weight = self.spec.weight
        own = weight[parent] if isinstance(weight, dict) else weight
        return float("nan") if isinstance(own, str) else own

    def weight_formula(self, parent: str) -> Formula | None:
        """Return the formula that gives the weight under one of its parents, if one does."""
        return self.formulas.get(f"weight[{parent}]")


@dataclass(frozen=True, slots=True)
class Assumption:
    """A rule of the instrument that no source prints.

    Parameters
    ----------
    path : str
        Place in the file, such as ``indicators[4].levels.bands[2]``.
    status : str
        assumed, recovered, inferred or unverified.
    reason : Text
        Why.
    """

    path: str
    status: str
    reason: Text


@dataclass(frozen=True)
class Instrument:
    """An instrument ready to score.

    Parameters
    ----------
    spec : InstrumentSpec
        As written.
    name : str
        Path of its file as the user knows it.
    sha256 : str
        Hash of the file.
    nodes : mapping of str to Node
        All nodes, in the order in which a reader meets them: parents before children.
    observables : mapping of str to Observable
        Everything a row of data can be about, by full code.
    assumptions : tuple of Assumption
        Every rule that no source prints.
    """

    spec: InstrumentSpec
    name: str
    sha256: str
    nodes: Mapping[str, Node]
    observables: Mapping[str, Observable]
    assumptions: tuple[Assumption, ...]

    def __repr__(self) -> str:
        """Return the instrument's id and size."""
        return f"<Instrument {self.id}: {len(self.indicators)} indicators>"

    @property
    def id(self) -> str:
        """Id of the instrument."""
        return self.spec.id

    @cached_property
    def indicators(self) -> tuple[str, ...]:
        """Codes of the indicators, in the order of the file."""
        return tuple(code for code, node in self.nodes.items() if node.is_indicator)

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Codes of the groups, parents before children."""
        return tuple(code for code, node in self.nodes.items() if not node.is_indicator)

    @cached_property
    def scoring_order(self) -> tuple[str, ...]:
        """Codes of the groups, each after its parts and after the groups that its formula reads."""
        done: dict[str, None] = {}

        def visit(code: str) -> None:
            node = self.nodes[code]
            read = {c for formula in node.formulas.values() for c in formula.codes}
            for other in (*node.children, *sorted(read)):
                if other in self.nodes and not self.nodes[other].is_indicator and other not in done:
                    visit(other)
            done[code] = None

        for code in reversed(self.groups):
            if code not in done:
                visit(code)
        return tuple(done)

    @cached_property
    def own_wave(self) -> Mapping[str, OwnWave]:
        """Nodes measured against the units of their own wave, wholly or in part."""
        return measured_against_own_wave(self)

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """Codes of the nodes without a parent."""
        return tuple(code for code, node in self.nodes.items() if not node.parents)

    @cached_property
    def above(self) -> Mapping[str, tuple[str, ...]]:
        """Every node above each one, each once, nearest first."""
        found: dict[str, tuple[str, ...]] = {}
        for code in self.nodes:
            waiting, seen = list(self.nodes[code].parents), dict[str, None]()
            while waiting:
                parent = waiting.pop(0)
                if parent not in seen:
                    seen[parent] = None
                    waiting += self.nodes[parent].parents
            found[code] = tuple(seen)
        return found

    @cached_property
    def headline(self) -> tuple[str, ...]:
        """Nodes that are the result on page one: as declared, else the roots that give a score."""
        if self.spec.headline:
            return self.spec.headline
        return tuple(
            code
            for code in self.roots
            if (rule := self.nodes[code].aggregate) is not None and rule.method != "none"
        )

    @cached_property
    def scales(self) -> Mapping[str, tuple[Level, ...]]:
        """Levels of each scale, worst first."""
        return {scale.id: scale.levels for scale in self.spec.scales}

    @cached_property
    def assumed(self) -> Mapping[str, Assumption]:
        """Rules that no source prints, by their place in the file."""
        return {assumption.path: assumption for assumption in self.assumptions}

    @cached_property
    def state_effects(self) -> Mapping[str, str]:
        """Effect of each state of the instrument, by id."""
        return {state.id: state.effect for state in self.spec.states}

    @cached_property
    def lookups(self) -> Mapping[str, Lookup]:
        """Look-up tables by id."""
        return {table.id: table for table in self.spec.lookups}

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How much of each there is: tiers, indicators, elements, variables."""
        counts = {
            tier.id: sum(1 for c in self.groups if self.nodes[c].tier is tier)
            for tier in self.spec.tiers
        }
        kinds = [o.kind for o in self.observables.values()]
        return counts | {
            "indicators": len(self.indicators),
            "elements": kinds.count("element"),
            "variables": kinds.count("variable"),
        }

    def node(self, code: str) -> Node:
        """Return a node.

        Raises
        ------
        ScoringError
            If the instrument has no such node; the nearest code is named.
        """
        if code not in self.nodes:
            problem = Problem(
                Reason.NODE_UNKNOWN,
                Message("{instrument} has no node {code}", instrument=self.id, code=code),
                Place(self.name),
                fix=did_you_mean(code, self.nodes),
            )
            raise ScoringError(problem)
        return self.nodes[code]

    def evidence_rule(self, code: str) -> EvidenceRule | None:
        """Return what a statement without evidence is; None for what needs no evidence."""
        spec = self.nodes[code].spec
        needs = isinstance(spec, Statement) and spec.needs_evidence
        return self.spec.defaults.evidence if needs else None

    def count_scale(self, code: str) -> str | None:
        """Return the scale in which a group counts indicators; None if nothing is counted.

        It is that of its share, else of the first share of the instrument.
        """
        rules = [self.nodes[c].aggregate for c in (code, *self.groups)]
        return next((rule.scale for rule in rules if isinstance(rule, Share)), None)

    def supposition(self, path: str) -> Text:
        """Return the title of the supposition at a place of the file."""
        for node in self.nodes.values():
            if not path.startswith(f"{node.path}."):
                continue
            if path.endswith(".exists_when") and node.spec.exists_when is not None:
                return node.spec.exists_when.title
            conditions: tuple[Condition, ...] = getattr(node.spec, "not_measurable", ())
            for index, condition in enumerate(conditions):
                if path == f"{node.path}.not_measurable[{index}]":
                    return condition.title
        raise KeyError(path)

    def read_by(self, code: str) -> tuple[str, ...]:
        """Return the nodes of which a group is made: its children, else what its formulas read."""
        node = self.nodes[code]
        read = {self.observables[c].owner for f in node.formulas.values() for c in f.codes}
        return node.children or tuple(sorted(read))

    def levels_of(self, code: str) -> tuple[Level, ...]:
        """Return the levels in which a node's result is given; none if it has no scale."""
        scale = self.nodes[code].scale
        return self.scales[scale] if scale else ()

    def title(self, code: str, tag: str) -> str:
        """Return the title of a node in the language of ``tag``, else as published."""
        return self.nodes[code].spec.title.in_(tag, self.spec.language)

    def text(self, text: Text | None, tag: str) -> str:
        """Return a text of the instrument in the language of ``tag``; empty for None."""
        return "" if text is None else text.in_(tag, self.spec.language)

    def walk(self, code: str | None = None, depth: int = 0) -> Iterator[tuple[int, Node]]:
        """Yield the nodes below ``code`` (or below the roots) with their depth, parents first.

        A node with several parents is yielded under each, and what is below it under the first.
        """
        yield from self._walk(self.roots if code is None else (code,), depth, set())

    def _walk(
        self, codes: tuple[str, ...], depth: int, seen: set[str]
    ) -> Iterator[tuple[int, Node]]:
        """Yield nodes with what is below them, each subtree once."""
        for code in codes:
            yield depth, self.nodes[code]
            if code not in seen:
                seen.add(code)
                yield from self._walk(self.nodes[code].children, depth + 1, seen)

    def decimals(self, code: str) -> int:
        """Return the decimals in which the score of a node is printed."""
        tier = self.nodes[code].tier
        return tier.decimals if tier else 1


def parts_of(spec: Member) -> Iterator[tuple[ObservableKind, Element | Variable]]:
    """Yield the elements, variables and inputs of an indicator."""
    if isinstance(spec, Checklist):
        for element in spec.elements:
            yield "element", element
    elif isinstance(spec, Measure):
        for variable in spec.variables:
            yield "variable", variable
        for variable in spec.inputs:
            yield "input", variable
