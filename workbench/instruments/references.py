"""What rules refer to across nodes: headline, scales, tables, parts, directions, circles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from workbench.errors import Problem, Reason, did_you_mean
from workbench.instruments.model import Node, Observable, Report
from workbench.instruments.proportions import multiple
from workbench.language import Message
from workbench.specs.instrument import (
    Aggregate,
    ByFormula,
    Category,
    Conditions,
    Copeland,
    Distance,
    FirstComponent,
    Fitted,
    Grade,
    Group,
    InstrumentSpec,
    LevelNumbers,
    LookupTable,
    Mean,
    Measure,
    PluginAggregator,
    Points,
    Share,
    Single,
    WeakestLink,
)
from workbench.specs.yaml import Path_

# Known of a wave rather than of a unit, and readable in every formula.
WAVE_FACTS = frozenset({"year"})
LEVEL_RULES = (WeakestLink, LookupTable, Single)


def levels_by_scale(spec: InstrumentSpec) -> dict[str, tuple[str, ...]]:
    """Return the ids of the levels of each scale, worst first."""
    return {s.id: tuple(level.id for level in s.levels) for s in spec.scales}


def facts_of(spec: InstrumentSpec) -> set[str]:
    """Return the names of facts that formulas may read."""
    return {f.id for f in spec.facts} | WAVE_FACTS


def unknown(kind: str, name: str, known: Iterable[str]) -> Problem:
    """Return the problem of a name that is not defined, with the nearest that is."""
    what = {
        "tier": Message("unknown tier"),
        "scale": Message("unknown scale"),
        "level": Message("unknown level"),
        "state": Message("unknown state"),
        "table": Message("unknown table"),
    }[kind]
    return Problem(Reason.SPEC_REFERENCE, what, got=name, fix=did_you_mean(name, known))


class ReferenceChecker:
    """Reports wrong references across nodes.

    Parameters
    ----------
    spec : InstrumentSpec
    paths, rule_paths : mapping of str to path
        Place of each node, and of its aggregation, in the file.
    observables : mapping
        Everything that data can be about.
    report : callable
        Takes each problem with its place.
    """

    def __init__(
        self,
        spec: InstrumentSpec,
        paths: Mapping[str, Path_],
        rule_paths: Mapping[str, Path_],
        observables: Mapping[str, Observable],
        report: Report,
    ) -> None:
        self.spec = spec
        self.paths = paths
        self.rule_paths = rule_paths
        self.observables = observables
        self.report = report
        self.levels = levels_by_scale(spec)
        self.facts = facts_of(spec)

    def _unknown(self, kind: str, name: str, known: Iterable[str], path: Path_) -> None:
        """Report a name that is not defined, with the nearest that is."""
        self.report(unknown(kind, name, known), path)

    def check(self, nodes: Mapping[str, Node]) -> None:
        """Report wrong references across nodes: headline, scales, tables, directions, circles."""
        for index, code in enumerate(self.spec.headline):
            if code not in nodes:
                what = Message("there is no node {code}", code=code)
                problem = Problem(Reason.SPEC_REFERENCE, what, fix=did_you_mean(code, nodes))
                self.report(problem, ("headline", index))
            elif nodes[code].is_indicator:
                what = Message("{code} is an indicator; a headline is a group", code=code)
                groups = [c for c, n in nodes.items() if not n.is_indicator]
                fix = Message("Make it the part of a group, and name the group.")
                if groups:
                    fix = Message("Name one of the groups: {groups}.", groups=", ".join(groups[:6]))
                problem = Problem(Reason.SPEC_REFERENCE, what, got=code, fix=fix)
                self.report(problem, ("headline", index))
        for code in self.spec.reliability:
            if code not in nodes:
                what = Message("there is no node {code}", code=code)
                problem = Problem(Reason.SPEC_REFERENCE, what, fix=did_you_mean(code, nodes))
                self.report(problem, ("reliability", code))
        for index, tier in enumerate(self.spec.tiers):
            if tier.levels is not None and tier.levels.strata is not None:
                self._check_facts(tier.levels.strata.by, ("tiers", index, "levels", "strata", "by"))
        for node in nodes.values():
            self._check_scale(node)
            if node.aggregate is not None:
                self._check_aggregate(node, node.aggregate, nodes)
            self._check_direction(node, nodes)
            self._check_pipeline(node, nodes)
            self._check_counted(node)
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

    def _check_counted(self, node: Node) -> None:
        """Report counts of a measure that is no multiple of their ratio."""
        if isinstance(node.spec, Measure) and node.spec.counted and multiple(node) is None:
            what = Message(
                "the formula is no multiple of {ratio}", ratio=" / ".join(node.spec.counted)
            )
            fix = Message("Take counted away: what chance gives is known of shares of cases only.")
            problem = Problem(Reason.SPEC_VALUE, what, fix=fix)
            self.report(problem, (*self.paths[node.code], "counted"))

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
        if isinstance(spec.normalise, Fitted):
            self._check_facts(spec.normalise.by, (*path, "normalise", "by"))
        if node.cuts is not None and node.cuts.strata is not None and spec.levels is not None:
            self._check_facts(node.cuts.strata.by, (*path, "levels", "strata", "by"))
        if isinstance(spec.normalise, LevelNumbers) and (
            isinstance(spec, Group) or node.scale not in self.levels
        ):
            what = Message("level_numbers needs an indicator whose level is on a scale")
            self.report(Problem(Reason.SPEC_VALUE, what, code=node.code), (*path, "normalise"))

    def _check_facts(self, names: Iterable[str], path: Path_) -> None:
        """Report groups of units by a fact that does not exist."""
        for name in names:
            if name not in self.facts:
                what = Message("the instrument has no fact {name}", name=name)
                fix = did_you_mean(name, self.facts)
                self.report(Problem(Reason.SPEC_REFERENCE, what, fix=fix), path)

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
        needs = isinstance(rule, Distance | FirstComponent | Copeland) or any(
            formula.of_parts for formula in node.formulas.values()
        )
        if needs and not node.children:
            what = Message("{code} has no parts, and its rule is about them", code=node.code)
            fix = Message("Name it as parent of the indicators or groups that it is made of.")
            self.report(Problem(Reason.SPEC_VALUE, what, code=node.code, fix=fix), path)
        if isinstance(rule, Distance | FirstComponent | Copeland):
            self._check_facts(rule.by, (*path, "by"))
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
            self._adds_up(nodes[p]) and nodes[p].spec.direction == 1 for p in node.parents
        )
        if node.spec.direction == -1 and node.spec.normalise is None and numeric:
            what = Message(
                "{code} counts less as better, and nothing turns it before it is aggregated",
                code=node.code,
            )
            fix = Message("Add normalise: the direction is applied there.")
            problem = Problem(Reason.SPEC_VALUE, what, fix=fix)
            self.report(problem, (*self.paths[node.code], "direction"))

    @staticmethod
    def _adds_up(node: Node) -> bool:
        """Return whether a group takes its parts as they are; a formula may turn those it names."""
        if isinstance(node.aggregate, ByFormula):
            return "scores" in node.formulas["aggregate"].functions
        return isinstance(node.aggregate, Mean | Points | PluginAggregator | Copeland)

    def _read_by(self, node: Node) -> Iterator[tuple[str, object]]:
        """Yield the indicators that a node's formulas read, and which part of each, if one."""
        for formula in node.formulas.values():
            for code in formula.codes:
                yield self.observables[code].owner, self.observables[code].part

    def _check_formula_circles(self, nodes: Mapping[str, Node]) -> None:
        """Report formulas that read each other, or what is above them, in a circle."""
        left = {
            code: {owner for owner, part in self._read_by(node) if part is None or owner != code}
            | set(node.children)
            for code, node in nodes.items()
        }
        while free := [code for code, others in left.items() if not others & set(left)]:
            for code in free:
                del left[code]
        # What only stands above a circle is no part of it.
        while above := [c for c in left if not any(c in others for others in left.values())]:
            for code in above:
                del left[code]
        if left:
            names = ", ".join(sorted(left)[:8])
            what = Message(
                "the formulas of these read each other in a circle: {names}", names=names
            )
            self.report(Problem(Reason.FORMULA, what), self.paths[sorted(left)[0]])
