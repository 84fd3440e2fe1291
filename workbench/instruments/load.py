"""Loading an instrument: the YAML is read, its lines are kept, and its meaning is checked whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import BaseModel

from workbench.errors import (
    InstrumentError,
    Problem,
    Reason,
    WorkbenchError,
    did_you_mean,
)
from workbench.instruments.bands import Bands, compile_cuts, find_gaps, sample_points
from workbench.instruments.formula import Formula, FormulaError, parse
from workbench.instruments.model import (
    Assumption,
    Instrument,
    Node,
    Observable,
    parts_of,
)
from workbench.language import Message
from workbench.specs.common import Provenance
from workbench.specs.instrument import (
    Aggregate,
    Category,
    Checklist,
    Cuts,
    Group,
    Indicator,
    InstrumentSpec,
    LookupTable,
    Measure,
    Outcome,
    Share,
    Single,
    Statement,
    WeakestLink,
)
from workbench.specs.yaml import Document, Path_, load, show_path

UNDETERMINED = "undetermined"
# Variables of the wave that formulas may use beside the facts of the instrument.
WAVE_FACTS = frozenset({"year"})


def load_instrument(path: Path, name: str | None = None) -> Instrument:
    """Load an instrument from its file.

    Parameters
    ----------
    path : Path
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
    shown = name or str(path)
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
        self.levels = {s.id: tuple(level.id for level in s.levels) for s in spec.scales}
        self.states = {s.id for s in spec.states} | {UNDETERMINED}
        self.facts = {f.id for f in spec.facts} | WAVE_FACTS
        self.lookups = {table.id for table in spec.lookups}

    def compile(self) -> Instrument:
        """Return the instrument, or raise with all problems."""
        members = self._members()
        self._check_ids()
        children = self._children(members)
        observables = self._observables(members)
        order = self._order(members, children)
        codes = set(observables)
        nodes = {}
        if not self.problems:
            leaves = _leaves(order, children, members)
            nodes = {c: self._node(members[c], children[c], leaves[c], codes) for c in order}
            self._check_references(nodes)
        if self.problems:
            raise InstrumentError(self.problems)
        assumptions = tuple(self._assumptions())
        return Instrument(
            self.spec, self.document.name, self.sha256, nodes, observables, assumptions
        )

    def report(self, problem: Problem, path: Path_ = ()) -> None:
        """Note a problem at a place of the file."""
        self.problems.append(problem.at(self.document.place(path)))

    def _members(self) -> dict[str, Group | Indicator]:
        """Return groups and indicators by code; a code that stands twice is a problem."""
        members: dict[str, Group | Indicator] = {}
        listed: Iterable[tuple[str, Iterable[Group | Indicator]]] = (
            ("nodes", self.spec.nodes),
            ("indicators", self.spec.indicators),
        )
        for section, entries in listed:
            for index, member in enumerate(entries):
                path: Path_ = (section, index)
                if member.code in members:
                    what = Message("the code {code} stands twice", code=member.code)
                    self.report(
                        Problem(Reason.SPEC_VALUE, what, fix=Message("Give each its own code.")),
                        (*path, "code"),
                    )
                    continue
                members[member.code] = member
                self.paths[member.code] = path
        return members

    def _check_ids(self) -> None:
        """Report ids that stand twice, and names of facts that formulas could not tell apart."""
        for section in ("scales", "states", "stages", "facts", "lookups", "tables", "tiers"):
            seen: set[str] = set()
            for index, entry in enumerate(getattr(self.spec, section)):
                if entry.id in seen:
                    what = Message("the id {code} stands twice", code=entry.id)
                    self.report(Problem(Reason.SPEC_VALUE, what), (section, index, "id"))
                seen.add(entry.id)
        for index, scale in enumerate(self.spec.scales):
            if len(set(self.levels[scale.id])) != len(scale.levels):
                what = Message("a level stands twice in the scale {code}", code=scale.id)
                self.report(Problem(Reason.SPEC_VALUE, what), ("scales", index))

    def _children(self, members: dict[str, Group | Indicator]) -> dict[str, tuple[str, ...]]:
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

    def _order(
        self, members: dict[str, Group | Indicator], children: dict[str, tuple[str, ...]]
    ) -> list[str]:
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
        if circle:
            what = Message(
                "these nodes are above each other in a circle: {names}", names=", ".join(circle[:8])
            )
            fix = Message("Take away one parent.")
            self.report(
                Problem(Reason.INSTRUMENT_CYCLE, what, fix=fix), (*self.paths[circle[0]], "parent")
            )
        return order

    def _observables(self, members: dict[str, Group | Indicator]) -> dict[str, Observable]:
        """Return everything that data can be about, by full code."""
        found: dict[str, Observable] = {}
        for code, member in members.items():
            kind = "node" if isinstance(member, Group) else "indicator"
            found[code] = Observable(code, kind, code)  # type: ignore[arg-type]
        for code, member in members.items():
            for kind, part in parts_of(member):
                full = f"{code}.{part.id}"
                if full in found:
                    what = Message("the code {code} stands twice", code=full)
                    self.report(Problem(Reason.SPEC_VALUE, what, code=code), self.paths[code])
                found[full] = Observable(full, kind, code, part)
        for index, fact in enumerate(self.spec.facts):
            if fact.id in found:
                what = Message("the code {code} stands twice", code=fact.id)
                self.report(Problem(Reason.SPEC_VALUE, what), ("facts", index, "id"))
            found[fact.id] = Observable(fact.id, "fact", fact.id)
        return found

    def _node(
        self,
        member: Group | Indicator,
        children: tuple[str, ...],
        leaves: tuple[str, ...],
        codes: set[str],
    ) -> Node:
        """Return one node with its rules compiled."""
        path = self.paths[member.code]
        if isinstance(member, Group):
            tier = next((t for t in self.spec.tiers if t.id == member.tier), None)
            if tier is None:
                fix = did_you_mean(member.tier, [t.id for t in self.spec.tiers])
                what = Message("unknown tier")
                self.report(
                    Problem(Reason.SPEC_REFERENCE, what, got=member.tier, fix=fix), (*path, "tier")
                )
                tier = self.spec.tiers[0]
            rule = member.aggregate or tier.aggregate
            if rule is None:
                what = Message("neither the node nor its tier says how it is aggregated")
                fix = Message("Add aggregate to one of them; method: none for no result.")
                self.report(Problem(Reason.SPEC_MISSING_KEY, what, code=member.code, fix=fix), path)
            bands = self._bands(member.levels or tier.levels, (*path, "levels"), None, None)
            formulas = self._condition_formulas(member, path)
            return Node(
                member.code, member, member.parents, children, leaves, tier, rule, bands, formulas
            )
        formulas = self._condition_formulas(member, path) | self._formulas(member, path, codes)
        bands = self._indicator_bands(member, path)
        self._check_outcomes(member, path, bands)
        return Node(
            member.code, member, member.parents, children, leaves, None, None, bands, formulas
        )

    def _indicator_bands(self, member: Indicator, path: Path_) -> Bands | None:
        """Return the cut-points of an indicator, its own or those of its kind."""
        if isinstance(member, Checklist):
            cuts = member.levels or self.spec.defaults.checklist
            n = len(member.elements)
            return self._bands(cuts, (*path, "levels"), 0, n, n=n)
        if isinstance(member, Statement):
            cuts = member.levels or self.spec.defaults.statement
            return self._bands(cuts, (*path, "levels"), 0, 1, n=1)
        low = getattr(member, "minimum", None)
        high = getattr(member, "maximum", None)
        integer = isinstance(member, Measure) and member.integer
        return self._bands(member.levels, (*path, "levels"), low, high, integer=integer)

    def _bands(
        self,
        cuts: Cuts | None,
        path: Path_,
        low: float | None,
        high: float | None,
        *,
        n: int | None = None,
        integer: bool = False,
    ) -> Bands | None:
        """Return compiled cut-points; a value without a band is a problem."""
        if cuts is None:
            return None
        if cuts.scale not in self.levels:
            fix = did_you_mean(cuts.scale, self.levels)
            what = Message("unknown scale")
            self.report(
                Problem(Reason.SPEC_REFERENCE, what, got=cuts.scale, fix=fix), (*path, "scale")
            )
            return None
        bands = compile_cuts(
            cuts, self.levels[cuts.scale], self.states, lambda p: self.report(p, (*path, "bands"))
        )
        if bands is None:
            return None
        gaps = find_gaps(bands, sample_points(bands, low, high, n=n, integer=integer), n=n)
        if gaps:
            what = Message("no band covers {gaps}", gaps="; ".join(gaps))
            fix = Message("Add a band for it; if no source gives one, with status: assumed.")
            self.report(Problem(Reason.INSTRUMENT_LEVELS, what, fix=fix), (*path, "bands"))
        return bands

    def _formulas(self, member: Indicator, path: Path_, codes: set[str]) -> dict[str, Formula]:
        """Return the formulas of a measure, their names checked."""
        if not isinstance(member, Measure):
            return {}
        variables = {v.id for v in member.variables}
        inputs = {v.id for v in member.inputs}
        found: dict[str, Formula] = {}
        if member.formula is not None:
            known = variables | self.facts
            found["formula"] = self._formula(member.formula, (*path, "formula"), known, codes)
            if found["formula"].can_be_undefined and member.undefined is None:
                what = Message("the formula divides, and nothing says what a division by 0 gives")
                fix = Message("Add undefined, with state: undetermined if no source says it.")
                problem = Problem(Reason.SPEC_MISSING_KEY, what, code=member.code, fix=fix)
                self.report(problem, (*path, "formula"))
        for index, variable in enumerate(member.variables):
            here: Path_ = (*path, "variables", index)
            if variable.compute is not None:
                known = inputs | self.facts
                found[variable.id] = self._formula(
                    variable.compute, (*here, "compute"), known, codes
                )
            if variable.at_most is not None and variable.at_most not in variables:
                what = Message("there is no variable {code}", code=variable.at_most)
                fix = did_you_mean(variable.at_most, variables)
                self.report(Problem(Reason.SPEC_REFERENCE, what, fix=fix), (*here, "at_most"))
        if member.variables and member.formula is None:
            what = Message("the measure has variables but no formula")
            self.report(Problem(Reason.SPEC_MISSING_KEY, what, code=member.code), path)
        return found

    def _condition_formulas(self, member: Group | Indicator, path: Path_) -> dict[str, Formula]:
        """Return the formulas of suppositions and gates, over facts only."""
        found: dict[str, Formula] = {}
        if member.exists_when is not None and member.exists_when.when is not None:
            here = (*path, "exists_when", "when")
            found["exists_when"] = self._formula(member.exists_when.when, here, self.facts, set())
        if isinstance(member, Group):
            return found
        for index, condition in enumerate(member.not_measurable):
            if condition.when is not None:
                here = (*path, "not_measurable", index, "when")
                found[f"not_measurable[{index}]"] = self._formula(
                    condition.when, here, self.facts, set()
                )
        if isinstance(member, Checklist) and member.gate is not None:
            here = (*path, "gate", "when")
            found["gate"] = self._formula(member.gate.when, here, self.facts, set())
        return found

    def _formula(self, source: str, path: Path_, names: set[str], codes: set[str]) -> Formula:
        """Return a formula; unknown names, codes and tables are problems."""
        try:
            formula = parse(source)
        except FormulaError as error:
            self.report(error.problem, path)
            return Formula(source, parse("0").tree, frozenset(), frozenset(), frozenset())
        for unknown, known in (
            (formula.names - names, names),
            (formula.codes - codes, codes),
            (formula.tables - self.lookups, self.lookups),
        ):
            for name in sorted(unknown):
                what = Message("the formula names {name}, which is not defined", name=name)
                fix = did_you_mean(name, sorted(known))
                self.report(Problem(Reason.FORMULA, what, got=source, fix=fix), path)
        return formula

    def _check_outcomes(self, member: Indicator, path: Path_, bands: Bands | None) -> None:
        """Report outcomes that name a level or state that does not exist."""
        scale = bands.scale if bands else getattr(member, "scale", None)
        levels = self.levels.get(scale, ()) if scale else ()
        outcomes: list[tuple[str, Outcome | None]] = [("when_missing", member.when_missing)]
        if isinstance(member, Measure):
            outcomes += [
                ("undefined", member.undefined),
                ("missing_reference", member.missing_reference),
            ]
        if isinstance(member, Checklist):  # noqa: SIM102
            if member.gate is not None and member.gate.otherwise not in levels:
                fix = did_you_mean(member.gate.otherwise, levels)
                problem = Problem(Reason.SPEC_REFERENCE, Message("unknown level"), fix=fix)
                self.report(problem, (*path, "gate", "otherwise"))
        for key, outcome in outcomes:
            if outcome is None:
                continue
            if outcome.level is not None and outcome.level not in levels:
                fix = did_you_mean(outcome.level, levels)
                problem = Problem(
                    Reason.SPEC_REFERENCE, Message("unknown level"), got=outcome.level, fix=fix
                )
                self.report(problem, (*path, key, "level"))
            if outcome.state is not None and outcome.state not in self.states:
                fix = did_you_mean(outcome.state, sorted(self.states))
                problem = Problem(
                    Reason.SPEC_REFERENCE, Message("unknown state"), got=outcome.state, fix=fix
                )
                self.report(problem, (*path, key, "state"))

    def _check_references(self, nodes: dict[str, Node]) -> None:
        """Report headline, scales, tables and levels that the rules name and that do not exist."""
        for index, code in enumerate(self.spec.headline):
            if code not in nodes:
                what = Message("there is no node {code}", code=code)
                self.report(
                    Problem(Reason.SPEC_REFERENCE, what, fix=did_you_mean(code, nodes)),
                    ("headline", index),
                )
        for node in nodes.values():
            if node.aggregate is not None:
                self._check_aggregate(node, node.aggregate, nodes)
            spec = node.spec
            if isinstance(spec, Category):
                known = self.levels.get(spec.scale or "", ())
                for index, option in enumerate(spec.options):
                    if option.level is not None and option.level not in known:
                        path = (*self.paths[node.code], "options", index, "level")
                        problem = Problem(
                            Reason.SPEC_REFERENCE,
                            Message("unknown level"),
                            got=option.level,
                            fix=did_you_mean(option.level, known),
                        )
                        self.report(problem, path)
            if node.kind == "grade" and node.scale not in self.levels:
                path = (*self.paths[node.code], "scale")
                fix = did_you_mean(str(node.scale), self.levels)
                problem = Problem(
                    Reason.SPEC_REFERENCE, Message("unknown scale"), got=str(node.scale), fix=fix
                )
                self.report(problem, path)

    def _check_aggregate(self, node: Node, rule: Aggregate, nodes: dict[str, Node]) -> None:
        """Report an aggregation whose scale, level or table does not exist."""
        path = self.paths[node.code]
        if (
            isinstance(rule, Share | WeakestLink | LookupTable | Single)
            and rule.scale not in self.levels
        ):
            fix = did_you_mean(rule.scale, self.levels)
            problem = Problem(
                Reason.SPEC_REFERENCE,
                Message("unknown scale"),
                got=rule.scale,
                code=node.code,
                fix=fix,
            )
            self.report(problem, path)
            return
        if isinstance(rule, Share) and rule.level not in self.levels[rule.scale]:
            fix = did_you_mean(rule.level, self.levels[rule.scale])
            problem = Problem(
                Reason.SPEC_REFERENCE,
                Message("unknown level"),
                got=rule.level,
                code=node.code,
                fix=fix,
            )
            self.report(problem, path)
        if isinstance(rule, Single) and len(node.children) != 1:
            what = Message(
                "method single needs exactly one child, {code} has {n}",
                code=node.code,
                n=len(node.children),
            )
            self.report(Problem(Reason.SPEC_VALUE, what), path)
        if isinstance(rule, LookupTable):
            self._check_table(node, rule)

    def _check_table(self, node: Node, rule: LookupTable) -> None:
        """Report a conversion table that is missing or gives levels that do not exist."""
        table = next((t for t in self.spec.tables if t.id == rule.table), None)
        if table is None:
            fix = did_you_mean(rule.table, [t.id for t in self.spec.tables])
            problem = Problem(
                Reason.SPEC_REFERENCE, Message("unknown table"), got=rule.table, fix=fix
            )
            self.report(problem, self.paths[node.code])
            return
        unknown = sorted(set(table.rows.values()) - set(self.levels[rule.scale]))
        if unknown:
            what = Message("the table {code} gives unknown levels", code=table.id)
            self.report(Problem(Reason.SPEC_REFERENCE, what, got=", ".join(unknown)), ("tables",))

    def _assumptions(self) -> Iterator[Assumption]:
        """Yield every rule whose status is not published, with the node it belongs to."""
        owners = {path: code for code, path in self.paths.items()}
        for path, rule in _provenances(self.spec, ()):
            if rule.status == "published" or rule.reason is None:
                continue
            owner = next(
                (owners[path[:n]] for n in range(len(path), 0, -1) if path[:n] in owners), ""
            )
            # A band or an outcome touches the cases that meet it; any other rule touches them all.
            always = not (
                "bands" in path
                or path[-1]
                in (
                    "undefined",
                    "missing_reference",
                    "when_missing",
                    "gate",
                    "not_measurable_elements",
                )
                or "not_measurable" in path
            )
            yield Assumption(show_path(path), rule.status, rule.reason, owner, always)


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
    order: list[str], children: dict[str, tuple[str, ...]], members: dict[str, Group | Indicator]
) -> dict[str, tuple[str, ...]]:
    """Return the indicators below each node, each once, in the order of the file."""
    found: dict[str, tuple[str, ...]] = {}
    for code in reversed(order):
        if not isinstance(members[code], Group):
            found[code] = (code,)
        else:
            found[code] = tuple(dict.fromkeys(leaf for c in children[code] for leaf in found[c]))
    return found
