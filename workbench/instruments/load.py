"""Loading an instrument: YAML read with its lines, and the whole structure checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import BaseModel

from workbench.errors import InstrumentError, Problem, Reason, WorkbenchError, did_you_mean
from workbench.instruments.model import (
    Assumption,
    Instrument,
    Member,
    Observable,
    parts_of,
)
from workbench.instruments.references import ReferenceChecker
from workbench.instruments.rules import RuleCompiler
from workbench.language import Message
from workbench.specs.common import Provenance
from workbench.specs.instrument import Group, InstrumentSpec
from workbench.specs.yaml import Document, Path_, load, show_path

MAX_DEPTH = 60


def load_instrument(path: str | Path, name: str | None = None) -> Instrument:
    """Load an instrument from its file.

    Parameters
    ----------
    path : str or Path
        YAML file.
    name : str, optional
        How messages call the file; its path by default.

    Returns
    -------
    Instrument

    Raises
    ------
    InstrumentError
        With every problem found: file, line, path, what came, what was expected.
    """
    path, shown = Path(path), name or str(path)
    try:
        spec, document = load(path, shown, InstrumentSpec)
    except WorkbenchError as error:
        raise InstrumentError(error.problems) from error
    return Compiler(spec, document, hashlib.sha256(path.read_bytes()).hexdigest()).compile()


class Compiler:
    """Turns the lines of a file into a graph, collecting every problem on the way.

    Parameters
    ----------
    spec : InstrumentSpec
        What was written, already checked for form.
    document : Document
        Gives the line of each part.
    sha256 : str
        Hash of the file.
    """

    def __init__(self, spec: InstrumentSpec, document: Document, sha256: str) -> None:
        self.spec = spec
        self.document = document
        self.sha256 = sha256
        self.problems: list[Problem] = []
        self.paths: dict[str, Path_] = {}

    def compile(self) -> Instrument:
        """Return the instrument, or raise with all problems."""
        members = self._members()
        self._check_ids()
        self._check_comparison()
        self._check_versions(members)
        children = self._children(members)
        observables = self._observables(members)
        order = self._order(members, children)
        self._check_depth(order, members)
        self._stop()
        leaves = _leaves(order, children, members)
        rules = RuleCompiler(self.spec, self.paths, members, children, observables, self.report)
        nodes = {code: rules.node(code, leaves[code]) for code in order}
        self._stop()
        ReferenceChecker(self.spec, self.paths, rules.rule_paths, observables, self.report).check(
            nodes
        )
        self._stop()
        return Instrument(
            self.spec,
            self.document.name,
            self.sha256,
            nodes,
            observables,
            tuple(self._assumptions()),
        )

    def report(self, problem: Problem, path: Path_ = ()) -> None:
        """Note a problem at a place of the file."""
        self.problems.append(problem.at(self.document.place(path)))

    def _stop(self) -> None:
        """Raise with what was found so far: what follows would only repeat it."""
        if self.problems:
            in_order = sorted(self.problems, key=lambda p: (p.place and p.place.line) or 0)
            raise InstrumentError(in_order)

    def _members(self) -> dict[str, Member]:
        """Return groups and indicators by code; a code that stands twice is a problem."""
        members: dict[str, Member] = {}
        listed: Iterable[tuple[str, Iterable[Member]]] = (
            ("nodes", self.spec.nodes),
            ("indicators", self.spec.indicators),
        )
        for section, entries in listed:
            for index, member in enumerate(entries):
                path: Path_ = (section, index)
                if member.code in members:
                    self._twice(member.code, (*path, "code"))
                    continue
                members[member.code] = member
                self.paths[member.code] = path
        return members

    def _twice(self, code: str, path: Path_) -> None:
        """Report a code or id that stands twice."""
        what = Message("the code {code} stands twice", code=code)
        fix = Message("Give each its own code.")
        self.report(Problem(Reason.SPEC_VALUE, what, fix=fix), path)

    def _check_ids(self) -> None:
        """Report ids that stand twice in one section."""
        for section in ("scales", "states", "stages", "facts", "lookups", "tables", "tiers"):
            seen: set[str] = set()
            for index, entry in enumerate(getattr(self.spec, section)):
                if entry.id in seen:
                    self._twice(entry.id, (section, index, "id"))
                seen.add(entry.id)
        words = {level.id for scale in self.spec.scales for level in scale.levels}
        for index, state in enumerate(self.spec.states):
            if state.id in words:
                what = Message("{code} is the id of a level and of a state", code=state.id)
                fix = Message("Give each its own id: a cell that says it could mean either.")
                self.report(Problem(Reason.SPEC_VALUE, what, fix=fix), ("states", index, "id"))
        for index, scale in enumerate(self.spec.scales):
            if len({level.id for level in scale.levels}) != len(scale.levels):
                what = Message("a level stands twice in the scale {code}", code=scale.id)
                self.report(Problem(Reason.SPEC_VALUE, what), ("scales", index))

    def _check_comparison(self) -> None:
        """Report states of the rules of comparison that the instrument does not have."""
        known = [state.id for state in self.spec.states]
        compared = self.spec.comparison.not_comparable if self.spec.comparison else ()
        for index, entry in enumerate(compared):
            if entry.state not in known:
                what = Message("the instrument has no such state")
                problem = Problem(
                    Reason.SPEC_REFERENCE,
                    what,
                    got=entry.state,
                    fix=did_you_mean(entry.state, known),
                )
                self.report(problem, ("comparison", "not_comparable", index, "state"))

    def _check_versions(self, members: dict[str, Member]) -> None:
        """Report correspondences of what the instrument does not have, or that stand twice."""
        for index, link in enumerate(self.spec.versions):
            seen: set[str] = set()
            for number, part in enumerate(link.parts):
                path: Path_ = ("versions", index, "parts", number, "code")
                if part.code not in members:
                    what = Message("there is no node {code}", code=part.code)
                    fix = did_you_mean(part.code, members)
                    self.report(Problem(Reason.SPEC_REFERENCE, what, fix=fix), path)
                if part.code in seen:
                    self._twice(part.code, path)
                seen.add(part.code)

    def _children(self, members: dict[str, Member]) -> dict[str, tuple[str, ...]]:
        """Return the children of each node, in the order of the file."""
        children: dict[str, list[str]] = {code: [] for code in members}
        for code, member in members.items():
            for parent in member.parents:
                path = (*self.paths[code], "parent")
                if parent not in members:
                    what = Message("there is no node {code}", code=parent)
                    fix = did_you_mean(parent, members)
                    self.report(Problem(Reason.SPEC_REFERENCE, what, code=code, fix=fix), path)
                elif not isinstance(members[parent], Group):
                    what = Message("{code} is an indicator and can't have children", code=parent)
                    self.report(Problem(Reason.SPEC_REFERENCE, what, code=code), path)
                else:
                    children[parent].append(code)
        return {code: tuple(found) for code, found in children.items()}

    def _order(self, members: dict[str, Member], children: dict[str, tuple[str, ...]]) -> list[str]:
        """Return the codes with parents before children; a circle is a problem."""
        waiting = {
            code: sum(1 for p in member.parents if p in members) for code, member in members.items()
        }
        ready = [code for code, n in waiting.items() if n == 0]
        order: list[str] = []
        while ready:
            code = ready.pop(0)
            order.append(code)
            freed = []
            for child in children[code]:
                waiting[child] -= 1
                if waiting[child] == 0:
                    freed.append(child)
            ready = freed + ready
        circle = sorted(set(members) - set(order))
        if circle and not self.problems:
            what = Message(
                "these nodes are above each other in a circle: {names}",
                names=", ".join(circle[:8]),
            )
            fix = Message("Take away one parent.")
            self.report(
                Problem(Reason.INSTRUMENT_CYCLE, what, fix=fix), (*self.paths[circle[0]], "parent")
            )
        return order

    def _check_depth(self, order: list[str], members: dict[str, Member]) -> None:
        """Report a tree so deep that nobody reads it; what walks down it relies on the limit."""
        depth: dict[str, int] = {}
        for code in order:
            depth[code] = 1 + max((depth.get(p, 0) for p in members[code].parents), default=0)
            if depth[code] == MAX_DEPTH + 1:
                what = Message("{code} is more than {n} groups deep", code=code, n=MAX_DEPTH)
                self.report(Problem(Reason.SPEC_VALUE, what), (*self.paths[code], "parent"))
                return

    def _observables(self, members: dict[str, Member]) -> dict[str, Observable]:
        """Return everything that data can be about, by full code."""
        found: dict[str, Observable] = {}
        for code, member in members.items():
            kind = "node" if isinstance(member, Group) else "indicator"
            found[code] = Observable(code, kind, code)  # type: ignore[arg-type]
        for code, member in members.items():
            for kind_, part in parts_of(member):
                full = f"{code}.{part.id}"
                if full in found:
                    self._twice(full, self.paths[code])
                found[full] = Observable(full, kind_, code, part)
        for index, fact in enumerate(self.spec.facts):
            if fact.id in found:
                self._twice(fact.id, ("facts", index, "id"))
            found[fact.id] = Observable(fact.id, "fact", fact.id)
        return found

    def _assumptions(self) -> Iterator[Assumption]:
        """Yield every rule whose status is not published."""
        for path, rule in _provenances(self.spec, ()):
            if rule.status != "published" and rule.reason is not None:
                yield Assumption(show_path(path), rule.status, rule.reason)


def _provenances(value: object, path: Path_) -> Iterator[tuple[Path_, Provenance]]:
    """Yield every part of a spec that carries a status, with its path."""
    if isinstance(value, Provenance):
        yield path, value
    if isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _provenances(item, (*path, index))
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _provenances(getattr(value, name), (*path, name))


def _leaves(
    order: list[str], children: dict[str, tuple[str, ...]], members: dict[str, Member]
) -> dict[str, tuple[str, ...]]:
    """Return the indicators below each node, each once, in the order of the file."""
    found: dict[str, tuple[str, ...]] = {}
    for code in reversed(order):
        if not isinstance(members[code], Group):
            found[code] = (code,)
        else:
            found[code] = tuple(dict.fromkeys(leaf for c in children[code] for leaf in found[c]))
    return found
