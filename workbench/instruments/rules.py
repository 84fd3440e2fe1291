"""Rules compiled: formulas, cut-points, aggregations, and what they may refer to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TypeGuard

from workbench.errors import Problem, Reason, did_you_mean
from workbench.instruments.bands import Bands, compile_cuts, find_gaps, sample_points
from workbench.instruments.formula import Formula, FormulaError, parse
from workbench.instruments.model import Member, Node, Observable, Report
from workbench.instruments.references import facts_of, levels_by_scale, unknown
from workbench.language import Message, marked
from workbench.specs.instrument import (
    Aggregate,
    Benchmark,
    ByFormula,
    Checklist,
    Conditions,
    Copeland,
    Cuts,
    Direction,
    Distance,
    FirstComponent,
    Group,
    Indicator,
    InstrumentSpec,
    LevelNumbers,
    Mean,
    Measure,
    Outcome,
    PluginAggregator,
    Points,
    Statement,
)
from workbench.specs.yaml import Path_, show_path

UNDETERMINED = "undetermined"
# Functions that only some formulas may call, and what is said of the others.
ONLY_GROUPS = {
    "score": Message("only rules of groups read scores"),
    "scores": Message("only rules of groups read scores"),
    "weights": Message("only rules of groups read weights"),
    "levels": Message("only rules of groups read the levels of parts"),
    "across": Message("only rules of groups read figures of the reference"),
}
ONLY_RESULTS = dict.fromkeys(
    ("previous", "in_year"), Message("only formulas of measures and groups read other waves")
)
# Conditions are read in forms as well, where nothing but the facts is at hand.
ONLY_CONDITIONS = (
    ONLY_GROUPS
    | ONLY_RESULTS
    | dict.fromkeys(("lookup", "interpolate"), Message("conditions compare facts with numbers"))
)


class RuleCompiler:
    """Compiles the rules of nodes and reports what can't be read or does not exist.

    Parameters
    ----------
    spec : InstrumentSpec
    paths : mapping of str to path
        Place of each node in the file.
    members, children, observables : mapping
        Structure of the instrument.
    report : callable
        Takes each problem with its place.
    """

    def __init__(
        self,
        spec: InstrumentSpec,
        paths: Mapping[str, Path_],
        members: Mapping[str, Member],
        children: Mapping[str, tuple[str, ...]],
        observables: Mapping[str, Observable],
        report: Report,
    ) -> None:
        self.spec = spec
        self.paths = paths
        self.members = members
        self.children = children
        self.report = report
        self.levels = levels_by_scale(spec)
        self.states = {s.id for s in spec.states} | {UNDETERMINED}
        self.facts = facts_of(spec)
        self.lookups = {table.id: table for table in spec.lookups}
        # A formula may read indicators and their parts; groups are computed after it.
        self.codes = {c for c, o in observables.items() if o.kind not in ("node", "fact")}
        self.observables = observables
        self.rule_paths: dict[str, Path_] = {}

    # -- compiling --------------------------------------------------------------------------------

    def node(self, code: str, leaves: tuple[str, ...]) -> Node:
        """Return a node with its rules compiled."""
        member, path = self.members[code], self.paths[code]
        formulas = self._conditions(member, path) | self._weights(member, path)
        tier = None
        rule: Aggregate | None = None
        rule_path = ""
        if isinstance(member, Group):
            tier = next((t for t in self.spec.tiers if t.id == member.tier), self.spec.tiers[0])
            if tier.id != member.tier:
                self._unknown(
                    "tier",
                    member.tier,
                    [t.id for t in self.spec.tiers],
                    (*path, "tier"),
                )
            index = self.spec.tiers.index(tier)
            where: Path_
            rule, where = member.aggregate, (*path, "aggregate")
            if rule is None:
                rule, where = tier.aggregate, ("tiers", index, "aggregate")
            self.rule_paths[code], rule_path = where, show_path(where)
            if rule is None:
                what = Message("neither the node nor its tier says how it is aggregated")
                fix = Message("Add aggregate to one of them; method: none for no result.")
                self.report(Problem(Reason.SPEC_MISSING_KEY, what, code=code, fix=fix), path)
            place: Path_ = (*path, "levels") if member.levels else ("tiers", index, "levels")
            cuts = member.levels or tier.levels
            bands = self._bands(cuts, place)
            formulas |= self._levels_by_condition(code, rule, where)
        else:
            formulas |= self._formulas(member, path)
            cuts, bands = self._indicator_bands(member, path)
            self._check_outcomes(member, path, bands)
        return Node(
            code,
            member,
            member.parents,
            self.children[code],
            leaves,
            tier,
            rule,
            cuts,
            bands,
            show_path(path),
            rule_path,
            formulas,
            self._turn(member, path),
        )

    def _turn(self, member: Member, path: Path_) -> Direction:
        """Return -1 where normalised values are turned.

        They are turned as ``normalise`` says; else so that they agree with the groups that add them
        up. Other rules, such as formulas, take indicators of which more is always better, and
        groups as they are. So do readers of what has nothing above.
        """
        rule = member.normalise
        if rule is None or isinstance(rule, LevelNumbers):
            return 1
        if rule.turn is not None:
            return -1 if rule.turn else 1
        above = {p.direction for p in map(self.members.get, member.parents) if self._adds_up(p)}
        if not above:
            return 1 if isinstance(member, Group) else member.direction
        if len(above) > 1 or (member.direction == 1 and above == {-1}):
            what = Message(
                "more of {code} is better, and more of what adds it up is worse", code=member.code
            )
            fix = Message("Set direction: -1 if more of it is worse; else say turn: true or false.")
            self.report(Problem(Reason.SPEC_VALUE, what, fix=fix), (*path, "normalise"))
        return 1 if member.direction in above else -1

    def _adds_up(self, group: Member | None) -> TypeGuard[Group]:
        """Return whether a group takes its parts as they are."""
        if not isinstance(group, Group):
            return False
        tier = next((t for t in self.spec.tiers if t.id == group.tier), None)
        rule = group.aggregate or (tier and tier.aggregate)
        return isinstance(
            rule, Mean | Points | PluginAggregator | Distance | FirstComponent | Copeland
        )

    def _indicator_bands(self, member: Indicator, path: Path_) -> tuple[Cuts | None, Bands | None]:
        """Return the cut-points of an indicator, its own or those of its kind, and compiled."""
        own: Path_ = (*path, "levels")
        if member.levels is not None and member.levels.strata is not None:
            what = Message("strata are fitted to scores of groups, and this is an indicator")
            fix = Message("Make it the only child of a group that has the strata.")
            self.report(Problem(Reason.SPEC_VALUE, what, code=member.code, fix=fix), own)
            return None, None
        if isinstance(member, Checklist | Statement):
            n = len(member.elements) if isinstance(member, Checklist) else 1
            cuts = member.levels or getattr(self.spec.defaults, member.kind)
            place = own if member.levels else ("defaults", member.kind)
            return cuts, self._bands(cuts, place, 0, n, n=n)
        if isinstance(member, Benchmark):
            cuts = member.levels or self.spec.defaults.benchmark
            place = own if member.levels else ("defaults", "benchmark")
            return cuts, self._bands(cuts, place, 0)
        low, high = getattr(member, "minimum", None), getattr(member, "maximum", None)
        integer = isinstance(member, Measure) and member.integer
        return member.levels, self._bands(member.levels, own, low, high, integer=integer)

    def _bands(
        self,
        cuts: Cuts | None,
        path: Path_,
        low: float | None = None,
        high: float | None = None,
        *,
        n: int | None = None,
        integer: bool = False,
    ) -> Bands | None:
        """Return compiled cut-points; a value without a band is a problem."""
        if cuts is None:
            return None
        if cuts.scale not in self.levels:
            self._unknown("scale", cuts.scale, self.levels, (*path, "scale"))
            return None
        if cuts.strata is not None:
            return None
        bands = compile_cuts(
            cuts,
            self.levels[cuts.scale],
            self.states,
            lambda p: self.report(p, (*path, "bands")),
            show_path(path),
        )
        if bands is None:
            return None
        gaps = find_gaps(bands, sample_points(bands, low, high, n=n, integer=integer), n=n)
        if gaps:
            what = Message("no band covers {gaps}", gaps="; ".join(gaps))
            fix = Message("Add a band for it; if no source gives one, with status: assumed.")
            self.report(Problem(Reason.INSTRUMENT_LEVELS, what, fix=fix), (*path, "bands"))
        return bands

    def _formulas(self, member: Indicator, path: Path_) -> dict[str, Formula]:
        """Return the formulas of a measure, their names checked."""
        if not isinstance(member, Measure):
            return {}
        variables = {v.id for v in member.variables}
        inputs = {v.id for v in member.inputs}
        found: dict[str, Formula] = {}
        if member.formula is not None:
            found["formula"] = self._formula(
                member.formula,
                (*path, "formula"),
                variables | self.facts,
                codes=self.codes,
                refused=ONLY_GROUPS,
            )
            if found["formula"].can_be_undefined and member.undefined is None:
                what = Message("the formula divides, and nothing says what a division by 0 gives")
                fix = Message("Add undefined, with state: undetermined if no source says it.")
                problem = Problem(Reason.SPEC_MISSING_KEY, what, code=member.code, fix=fix)
                self.report(problem, (*path, "formula"))
        elif member.variables and not isinstance(member, Benchmark):
            what = Message("the measure has variables but no formula")
            self.report(Problem(Reason.SPEC_MISSING_KEY, what, code=member.code), path)
        for index, variable in enumerate(member.variables):
            here: Path_ = (*path, "variables", index)
            if variable.compute is not None:
                found[variable.id] = self._formula(
                    variable.compute,
                    (*here, "compute"),
                    inputs | self.facts,
                    codes=self.codes,
                    refused=ONLY_GROUPS,
                )
            if variable.at_most is not None and variable.at_most not in variables:
                what = Message("there is no variable {code}", code=variable.at_most)
                fix = did_you_mean(variable.at_most, variables)
                self.report(Problem(Reason.SPEC_REFERENCE, what, fix=fix), (*here, "at_most"))
        return found

    def _levels_by_condition(
        self, code: str, rule: Aggregate | None, path: Path_
    ) -> dict[str, Formula]:
        """Return the formula of a group, or the conditions of its levels.

        They read indicators, other groups and facts.
        """
        if not isinstance(rule, Conditions | ByFormula):
            return {}
        groups = {c for c, o in self.observables.items() if o.kind == "node"}
        known = (self.codes | groups) - {code}
        if isinstance(rule, ByFormula):
            written = self._formula(rule.formula, (*path, "formula"), self.facts, codes=known)
            return {"aggregate": written}
        return {
            f"levels[{index}]": self._formula(
                entry.when, (*path, "levels", index, "when"), self.facts, codes=known
            )
            for index, entry in enumerate(rule.levels)
        }

    def _conditions(self, member: Member, path: Path_) -> dict[str, Formula]:
        """Return the formulas of suppositions and gates, over facts only."""
        written: list[tuple[str, str | None, Path_]] = []
        if member.exists_when is not None:
            when = member.exists_when.when
            written.append(("exists_when", when, (*path, "exists_when", "when")))
        if not isinstance(member, Group):
            for index, condition in enumerate(member.not_measurable):
                place = (*path, "not_measurable", index, "when")
                written.append((f"not_measurable[{index}]", condition.when, place))
        if isinstance(member, Checklist) and member.gate is not None:
            written.append(("gate", member.gate.when, (*path, "gate", "when")))
        return {
            name: self._formula(source, place, self.facts, codes=set(), refused=ONLY_CONDITIONS)
            for name, source, place in written
            if source is not None
        }

    def _weights(self, member: Member, path: Path_) -> dict[str, Formula]:
        """Return the formulas that give the weight of a node, by the parent they are for."""
        found: dict[str, Formula] = {}
        for parent in member.parents:
            several = isinstance(member.weight, dict)
            own = member.weight[parent] if isinstance(member.weight, dict) else member.weight
            if isinstance(own, str):
                place: Path_ = (*path, "weight", parent) if several else (*path, "weight")
                refused = ONLY_GROUPS | ONLY_RESULTS
                found[f"weight[{parent}]"] = self._formula(
                    own, place, self.facts, codes=set(), refused=refused
                )
        return found

    def _formula(
        self,
        source: str,
        path: Path_,
        names: set[str],
        *,
        codes: set[str],
        refused: Mapping[str, Message] = MappingProxyType({}),
    ) -> Formula:
        """Return a formula; unknown names, codes and tables, and what it may not do, are problems.

        Parameters
        ----------
        source : str
        path : path
        names, codes : set of str
            Variables and facts, and codes, that it may read.
        refused : mapping of str to Message
            Functions that it may not call, and why.
        """
        try:
            formula = parse(source)
        except FormulaError as error:
            self.report(error.problem, path)
            return parse("0")
        for missing, known in (
            (formula.names - names, names),
            (formula.codes - codes, codes),
            (formula.tables - set(self.lookups), set(self.lookups)),
            ({name for call in formula.across for name in call.by} - self.facts, self.facts),
        ):
            for name in sorted(missing):
                what = Message("the formula names {name}, which is not defined", name=name)
                fix = did_you_mean(name, sorted(known))
                self.report(Problem(Reason.FORMULA, what, got=source, fix=fix), path)
        for name in sorted(formula.functions & set(refused)):
            above = Message("Write it in the formula of a group, over value(...) of what is below.")
            advice = above if name in ONLY_GROUPS else None
            self.report(Problem(Reason.FORMULA, refused[name], got=source, fix=advice), path)
        for read, text in (
            (formula.scored, marked("{name} has no score of its own")),
            (formula.completed, marked("{name} has no level of its own")),
        ):
            for code in sorted(read & codes):
                if self.observables[code].kind not in ("indicator", "node"):
                    problem = Problem(Reason.FORMULA, Message(text, name=code), got=source)
                    self.report(problem, path)
        self._check_interpolated(formula, path)
        return formula

    def _check_interpolated(self, formula: Formula, path: Path_) -> None:
        """Report tables between whose entries no line can be drawn."""
        if "interpolate" not in formula.functions:
            return
        for name in sorted(formula.tables & set(self.lookups)):
            if self.lookups[name].rows[0].key is None:
                what = Message("{name} has limits, and interpolate needs keys", name=name)
                fix = Message("Give each row of the table a key.")
                self.report(Problem(Reason.FORMULA, what, got=formula.source, fix=fix), path)

    # -- what is referred to ----------------------------------------------------------------------

    def _unknown(self, kind: str, name: str, known: Iterable[str], path: Path_) -> None:
        """Report a name that is not defined, with the nearest that is."""
        self.report(unknown(kind, name, known), path)

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
        if (
            isinstance(member, Checklist)
            and member.gate is not None
            and member.gate.otherwise not in levels
        ):
            self._unknown("level", member.gate.otherwise, levels, (*path, "gate", "otherwise"))
        for key, outcome in outcomes:
            if outcome is None:
                continue
            if outcome.level is not None and outcome.level not in levels:
                self._unknown("level", outcome.level, levels, (*path, key, "level"))
            if outcome.state is not None and outcome.state not in self.states:
                self._unknown("state", outcome.state, sorted(self.states), (*path, key, "state"))
