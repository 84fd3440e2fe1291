"""Rules compiled: formulas, cut-points, aggregations, and what they may refer to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from workbench.errors import Problem, Reason, did_you_mean
from workbench.instruments.bands import Bands, compile_cuts, find_gaps, sample_points
from workbench.instruments.formula import Formula, FormulaError, parse
from workbench.instruments.model import Member, Node, Observable
from workbench.language import Message
from workbench.specs.instrument import (
    Aggregate,
    Benchmark,
    ByFormula,
    Category,
    Checklist,
    Conditions,
    Cuts,
    Distance,
    FirstComponent,
    Fitted,
    Grade,
    Group,
    Indicator,
    InstrumentSpec,
    LevelNumbers,
    LookupTable,
    Mean,
    Measure,
    Outcome,
    PluginAggregator,
    Points,
    Share,
    Single,
    Statement,
    WeakestLink,
)
from workbench.specs.yaml import Path_, show_path

UNDETERMINED = "undetermined"
# Known of a wave rather than of a unit, and readable in every formula.
WAVE_FACTS = frozenset({"year"})
LEVEL_RULES = (WeakestLink, LookupTable, Single)

Report = Callable[[Problem, Path_], None]


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
        self.levels = {s.id: tuple(level.id for level in s.levels) for s in spec.scales}
        self.states = {s.id for s in spec.states} | {UNDETERMINED}
        self.facts = {f.id for f in spec.facts} | WAVE_FACTS
        self.lookups = {table.id for table in spec.lookups}
        # A formula may read indicators and their parts; groups are computed after it.
        self.codes = {c for c, o in observables.items() if o.kind not in ("node", "fact")}
        self.observables = observables
        self.rule_paths: dict[str, Path_] = {}

    # -- compiling --------------------------------------------------------------------------------

    def node(self, code: str, leaves: tuple[str, ...]) -> Node:
        """Return a node with its rules compiled."""
        member, path = self.members[code], self.paths[code]
        formulas = self._conditions(member, path)
        tier = None
        rule: Aggregate | None = None
        rule_path = ""
        if isinstance(member, Group):
            tier = next((t for t in self.spec.tiers if t.id == member.tier), self.spec.tiers[0])
            if tier.id != member.tier:
                self._unknown("tier", member.tier, [t.id for t in self.spec.tiers], (*path, "tier"))
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
            known = variables | self.facts
            found["formula"] = self._formula(member.formula, (*path, "formula"), known)
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
                known = inputs | self.facts
                found[variable.id] = self._formula(variable.compute, (*here, "compute"), known)
            if variable.at_most is not None and variable.at_most not in variables:
                what = Message("there is no variable {code}", code=variable.at_most)
                fix = did_you_mean(variable.at_most, variables)
                self.report(Problem(Reason.SPEC_REFERENCE, what, fix=fix), (*here, "at_most"))
        return found

    def _levels_by_condition(
        self, code: str, rule: Aggregate | None, path: Path_
    ) -> dict[str, Formula]:
        """Return the formula of a group, or the conditions of its levels.

        They read indicators, groups below and facts.
        """
        if not isinstance(rule, Conditions | ByFormula):
            return {}
        below, waiting = set[str](), list(self.children[code])
        while waiting:
            child = waiting.pop()
            if child not in below:
                below.add(child)
                waiting += self.children.get(child, ())
        if isinstance(rule, ByFormula):
            known = self.codes | below
            written = self._formula(rule.formula, (*path, "formula"), self.facts, codes=known)
            return {"aggregate": written}
        return {
            f"levels[{index}]": self._formula(
                entry.when, (*path, "levels", index, "when"), self.facts, codes=self.codes | below
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
            name: self._formula(source, place, self.facts, codes=set())
            for name, source, place in written
            if source is not None
        }

    def _formula(
        self, source: str, path: Path_, names: set[str], *, codes: set[str] | None = None
    ) -> Formula:
        """Return a formula; unknown names, codes and tables are problems."""
        try:
            formula = parse(source)
        except FormulaError as error:
            self.report(error.problem, path)
            return parse("0")
        known_codes = self.codes if codes is None else codes
        for unknown, known in (
            (formula.names - names, names),
            (formula.codes - known_codes, known_codes),
            (formula.tables - self.lookups, self.lookups),
        ):
            for name in sorted(unknown):
                what = Message("the formula names {name}, which is not defined", name=name)
                fix = did_you_mean(name, sorted(known))
                self.report(Problem(Reason.FORMULA, what, got=source, fix=fix), path)
        if formula.scored and not codes:
            what = Message("only rules of groups read scores")
            fix = Message("Write value(...) for what was measured.")
            self.report(Problem(Reason.FORMULA, what, got=source, fix=fix), path)
        for code in sorted(formula.scored & known_codes):
            if self.observables[code].kind not in ("indicator", "node"):
                what = Message("{name} has no score of its own", name=code)
                self.report(Problem(Reason.FORMULA, what, got=source), path)
        for code in sorted(formula.completed & known_codes):
            if self.observables[code].kind not in ("indicator", "node"):
                what = Message("{name} has no level of its own", name=code)
                self.report(Problem(Reason.FORMULA, what, got=source), path)
        return formula

    # -- what is referred to ----------------------------------------------------------------------

    def _unknown(self, kind: str, name: str, known: Iterable[str], path: Path_) -> None:
        """Report a name that is not defined, with the nearest that is."""
        what = {
            "tier": Message("unknown tier"),
            "scale": Message("unknown scale"),
            "level": Message("unknown level"),
            "state": Message("unknown state"),
            "table": Message("unknown table"),
        }[kind]
        problem = Problem(Reason.SPEC_REFERENCE, what, got=name, fix=did_you_mean(name, known))
        self.report(problem, path)

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

    def check(self, nodes: Mapping[str, Node]) -> None:
        """Report wrong references across nodes: headline, scales, tables, directions, circles."""
        for index, code in enumerate(self.spec.headline):
            if code not in nodes:
                what = Message("there is no node {code}", code=code)
                problem = Problem(Reason.SPEC_REFERENCE, what, fix=did_you_mean(code, nodes))
                self.report(problem, ("headline", index))
        for node in nodes.values():
            self._check_scale(node)
            if node.aggregate is not None:
                self._check_aggregate(node, node.aggregate, nodes)
            self._check_direction(node, nodes)
            self._check_pipeline(node, nodes)
        self._check_formula_circles(nodes)

    def _check_pipeline(self, node: Node, nodes: Mapping[str, Node]) -> None:
        """Report stages of a pipeline that are no indicators with a number."""
        stages = node.spec.pipeline if isinstance(node.spec, Group) else ()
        counted = [c for c, n in nodes.items() if isinstance(n.spec, Measure)]
        for index, code in enumerate(stages):
            if code not in counted:
                what = Message("{code} is no indicator that counts something", code=code)
                problem = Problem(Reason.SPEC_REFERENCE, what, fix=did_you_mean(code, counted))
                self.report(problem, (*self.paths[node.code], "pipeline", index))
        if len(stages) == 1:
            what = Message("a pipeline has two stages or more")
            self.report(Problem(Reason.SPEC_VALUE, what), (*self.paths[node.code], "pipeline"))

    def _check_scale(self, node: Node) -> None:
        """Report scales and levels of grades and categories that do not exist."""
        path, spec = self.paths[node.code], node.spec
        if isinstance(spec, Grade) and spec.scale not in self.levels:
            self._unknown("scale", spec.scale, self.levels, (*path, "scale"))
        if isinstance(spec, Category):
            known = self.levels.get(spec.scale or "", ())
            for index, option in enumerate(spec.options):
                if option.level is not None and option.level not in known:
                    place = (*path, "options", index, "level")
                    self._unknown("level", option.level, known, place)
        by = spec.normalise.by if isinstance(spec.normalise, Fitted) else None
        if by is not None and by not in self.facts:
            what = Message("the instrument has no fact {name}", name=by)
            fix = did_you_mean(by, self.facts)
            problem = Problem(Reason.SPEC_REFERENCE, what, fix=fix)
            self.report(problem, (*path, "normalise", "by"))
        if isinstance(spec.normalise, LevelNumbers) and (
            isinstance(spec, Group) or node.scale not in self.levels
        ):
            what = Message("level_numbers needs an indicator whose level is on a scale")
            self.report(Problem(Reason.SPEC_VALUE, what, code=node.code), (*path, "normalise"))

    def _check_aggregate(self, node: Node, rule: Aggregate, nodes: Mapping[str, Node]) -> None:
        """Report an aggregation whose scale, level, table or children do not fit."""
        path = self.rule_paths[node.code]
        if isinstance(rule, Share | WeakestLink | LookupTable | Single | Conditions):
            if rule.scale not in self.levels:
                self._unknown("scale", rule.scale, self.levels, (*path, "scale"))
                return
            if isinstance(rule, Share) and rule.level not in self.levels[rule.scale]:
                self._unknown("level", rule.level, self.levels[rule.scale], (*path, "level"))
            if isinstance(rule, Share) and not any(
                nodes[c].scale == rule.scale for c in node.leaves
            ):
                what = Message("no indicator below {code} has a level on the scale", code=node.code)
                self.report(Problem(Reason.SPEC_VALUE, what, got=rule.scale), (*path, "scale"))
            if isinstance(rule, Conditions):
                self._check_conditional_levels(rule, path)
        if isinstance(rule, Distance | FirstComponent):
            self._check_named_children(node, rule, path)
        if isinstance(rule, Single) and len(node.children) != 1:
            what = Message(
                "method single needs exactly one child, {code} has {n}",
                code=node.code,
                n=len(node.children),
            )
            self.report(Problem(Reason.SPEC_VALUE, what), path)
        elif isinstance(rule, LEVEL_RULES):
            self._check_level_rule(node, rule, nodes)

    def _check_conditional_levels(self, rule: Conditions, path: Path_) -> None:
        """Report levels of conditions that the scale does not have."""
        known = self.levels[rule.scale]
        for index, entry in enumerate(rule.levels):
            if entry.level not in known:
                self._unknown("level", entry.level, known, (*path, "levels", index, "level"))
        if rule.otherwise not in known:
            self._unknown("level", rule.otherwise, known, (*path, "otherwise"))

    def _check_named_children(
        self, node: Node, rule: Distance | FirstComponent, path: Path_
    ) -> None:
        """Report children that a distance or component names and that do not exist."""
        named, key = set[str](), "reference"
        if isinstance(rule, FirstComponent):
            named, key = ({rule.positive} if rule.positive else set()), "positive"
        elif isinstance(rule.reference, dict):
            named = set(rule.reference)
            for missing in sorted(set(node.children) - named):
                what = Message("no reference is given for {code}", code=missing)
                self.report(Problem(Reason.SPEC_MISSING_KEY, what), (*path, key))
        for code in sorted(named - set(node.children)):
            what = Message("{code} is no child of {parent}", code=code, parent=node.code)
            fix = did_you_mean(code, node.children)
            self.report(Problem(Reason.SPEC_REFERENCE, what, fix=fix), (*path, key))

    def _check_level_rule(
        self, node: Node, rule: WeakestLink | LookupTable | Single, nodes: Mapping[str, Node]
    ) -> None:
        """Report children that can't be combined by level: none, without a scale, of several."""
        path = self.paths[node.code]
        scales = {nodes[c].scale for c in node.children}
        if len(scales) != 1 or None in scales:
            what = Message(
                "the children of {code} need levels on one and the same scale", code=node.code
            )
            self.report(Problem(Reason.SPEC_VALUE, what), path)
            return
        grades = self.levels[str(scales.pop())]
        own = self.levels[rule.scale]
        missing = [g for g in grades if g not in own]
        if missing:
            what = Message("the scale {scale} lacks the levels of the children", scale=rule.scale)
            self.report(Problem(Reason.SPEC_VALUE, what, got=", ".join(missing)), path)
        if isinstance(rule, LookupTable):
            self._check_table(node, rule, grades)

    def _check_table(self, node: Node, rule: LookupTable, grades: tuple[str, ...]) -> None:
        """Report a conversion table that is missing, or whose rows name unknown levels."""
        names = [t.id for t in self.spec.tables]
        if rule.table not in names:
            self._unknown("table", rule.table, names, self.paths[node.code])
            return
        index = names.index(rule.table)
        for key, level in self.spec.tables[index].rows.items():
            place = ("tables", index, "rows", key)
            if level not in self.levels[rule.scale]:
                self._unknown("level", level, self.levels[rule.scale], place)
            for part in key.split():
                if part not in grades:
                    self._unknown("level", part, grades, place)

    def _check_direction(self, node: Node, nodes: Mapping[str, Node]) -> None:
        """Report a direction that an aggregation of numbers would not see."""
        # Of an index of shortfalls less is better too, and its parts need no turning.
        numeric = any(
            isinstance(nodes[p].aggregate, Mean | Points | PluginAggregator | ByFormula)
            and nodes[p].spec.direction == 1
            for p in node.parents
        )
        if node.spec.direction == -1 and node.spec.normalise is None and numeric:
            what = Message(
                "{code} counts less as better, and nothing turns it before it is aggregated",
                code=node.code,
            )
            fix = Message("Add normalise: the direction is applied there.")
            problem = Problem(Reason.SPEC_VALUE, what, fix=fix)
            self.report(problem, (*self.paths[node.code], "direction"))

    def _read_by(self, node: Node) -> Iterator[tuple[str, object]]:
        """Yield the indicators that a node's formulas read, and which part of each, if one."""
        for formula in node.formulas.values():
            for code in formula.codes:
                yield self.observables[code].owner, self.observables[code].part

    def _check_formula_circles(self, nodes: Mapping[str, Node]) -> None:
        """Report measures whose formulas read each other in a circle."""
        reads = {
            code: {owner for owner, part in self._read_by(node) if part is None or owner != code}
            for code, node in nodes.items()
        }
        left = dict(reads)
        while True:
            free = [c for c, others in left.items() if not others & set(left)]
            if not free:
                break
            for code in free:
                del left[code]
        if left:
            names = ", ".join(sorted(left)[:8])
            what = Message(
                "the formulas of these read each other in a circle: {names}", names=names
            )
            self.report(Problem(Reason.FORMULA, what), self.paths[sorted(left)[0]])
