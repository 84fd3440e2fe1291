"""The index of a study in matrix form, built as its instrument says."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.audit.index import Index
from workbench.audit.index.aggregate import applying
from workbench.audit.index.data import framed
from workbench.audit.index.structure import Node, Structure
from workbench.audit.lineage import below
from workbench.audit.tree_means import TreeMeans
from workbench.errors import Problem, Reason, ScoringError
from workbench.language import Message
from workbench.scoring.contexts import part_weights
from workbench.scoring.states import NO_LEVEL, State, is_excluded
from workbench.specs.index import AggregateAll, Aggregation, NormaliseAll
from workbench.specs.instrument import (
    Copeland,
    Distance,
    FirstComponent,
    LevelNumbers,
    Mean,
    NoAggregate,
    Normalise,
    PluginAggregator,
    Points,
    Scaled,
    Share,
)

if TYPE_CHECKING:
    from workbench.instruments import Node as InstrumentNode
    from workbench.scoring import Scores
    from workbench.study import Study

NUMBERS = (Mean, Points, Distance, FirstComponent, Copeland, PluginAggregator, Share)
AS_IT_IS = Scaled(method="scaled", lower=0.0, upper=1.0, scale=1.0, turn=False)


def index_of(study: Study) -> Index:
    """Return the index of a study in matrix form, aggregated.

    Reports ``beside_study``: by group, the largest difference from the scores that the study
    computes from its parts, and how many cases have one of the two alone; and ``left_out``: groups
    whose rule makes no number of numbers, with the reason.

    Raises
    ------
    ScoringError
        If no group that is the result of the instrument can be built from numbers.

    Notes
    -----
    A share of a level becomes the mean of indicators that are 100 at the level and 0 below it; what
    is not available counts as not reached, as in the instrument. What does not apply to a unit
    leaves its weight, case by case.
    """
    reader = _Reader(study)
    structure = reader.structure()
    frame, absent = reader.values(structure)
    if frame.isna().all(axis=None):
        what = Message("nothing is observed of the indicators of {name}", name=study.spec.id)
        fix = Message("Its groups are reported; an index needs what they are made of.")
        raise ScoringError(Problem(Reason.NOTHING_OBSERVED, what, fix=fix))
    index = Index(
        structure,
        {"raw": frame},
        reader.units(frame),
        reader.times(frame),
        name=study.spec.id,
        not_applicable=absent if absent.to_numpy().any() else None,
        locale=study.locale.tag,
    )
    index = index.take(reader.normalise(structure)).take(reader.aggregate(structure))
    reports = {**index.reports, "left_out": reader.left_out(), "beside_study": reader.beside(index)}
    return replace(index, reports=reports)


def tree_of(study: Study, node: str, rows: np.ndarray) -> TreeMeans:
    """Return what a node is made of, for some cases, ready to be joined under any weights.

    Parameters
    ----------
    study : Study
    node : str
    rows : array of int
        Rows of the cases in the scores.

    Raises
    ------
    ScoringError
        If the node, or a part of it, is no number made of numbers.
    """
    reader = _Reader(study)
    if node not in reader.groups:
        why = reader.why_not.get(node, Message("{code}: a part of it is no number", code=node))
        raise ScoringError(Problem(Reason.SPEC_VALUE, why, code=node))
    structure = below(reader.structure(), node)
    values, absent = reader.scaled(structure, rows)
    rules = reader.aggregate(structure).each
    applies = applying(structure, ~absent) if absent.to_numpy().any() else None
    return TreeMeans(values, structure, rules, applies=applies)


@dataclass
class _Reader:
    """Reads the instrument, the scores and the reference of a study."""

    study: Study
    why_not: dict[str, Message] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find the groups that can be built from numbers."""
        self.instrument = self.study.instrument
        self.scores: Scores = self.study.scores
        self.weights: dict[str, dict[str, float]] = {}
        nodes = self.instrument.nodes
        self.groups = [c for c in reversed(tuple(self.instrument.groups)) if self._can(nodes[c])]
        wanted = self.instrument.spec.headline or tuple(self.instrument.roots)
        if not set(self.groups) & set(wanted):
            problems = [
                Problem(Reason.SPEC_VALUE, self.why_not[code], code=code)
                for code in wanted
                if code in self.why_not
            ]
            what = Message("the instrument {name} has no index to build", name=self.instrument.id)
            raise ScoringError(problems or [Problem(Reason.SPEC_VALUE, what)])

    def _can(self, node: InstrumentNode) -> bool:
        """Return whether a group is a number made of numbers; if not, note why."""
        rule, reason = node.aggregate, None
        if rule is None or isinstance(rule, NoAggregate):
            reason = Message("{code}: its parts stand side by side", code=node.code)
        elif not isinstance(rule, NUMBERS):
            reason = Message(
                "{code}: the rule {method} makes no number of numbers",
                code=node.code,
                method=rule.method,
            )
        elif isinstance(rule, Mean) and rule.weights == "unknown":
            reason = Message("{code}: its weights are not known", code=node.code)
        elif node.spec.normalise is not None:
            reason = Message("{code}: it is normalised once more", code=node.code)
        elif isinstance(rule, Share):
            nodes = self.instrument.nodes
            counted = self._counted(node, rule)
            self.weights[node.code] = {c: float(len(nodes[c].leaves)) for c in counted}
        elif any(child in self.why_not for child in node.children) or not node.children:
            reason = Message("{code}: a part of it is no number", code=node.code)
        else:
            reason = self._weigh(node)
        if reason is not None:
            self.why_not[node.code] = reason
        return reason is None

    def _counted(self, node: InstrumentNode, rule: Share) -> tuple[str, ...]:
        """Return what a share is made of: its children, where they are shares alike, else leaves.

        With a threshold below 1 a child that is withheld would take known indicators along.
        """

        def alike(code: str) -> bool:
            own = self.instrument.nodes[code].aggregate
            same = isinstance(own, Share) and (own.level, own.scale) == (rule.level, rule.scale)
            return same and code in self.weights and own.min_availability == 1.0  # type: ignore[union-attr]

        groups = [c for c in node.children if not self.instrument.nodes[c].is_indicator]
        whole = rule.min_availability == 1.0 and all(map(alike, groups))
        return node.children if whole else node.leaves

    def _weigh(self, node: InstrumentNode) -> Message | None:
        """Keep the weights of a group's parts; return why they can't be, if they differ by unit."""
        given = part_weights(self.instrument, node.code, node.children, self.scores.facts)
        if len(given) and (np.isnan(given).any() or (given != given[0]).any()):
            return Message("{code}: its weights differ by unit", code=node.code)
        first = given[0].tolist() if len(given) else [1.0] * len(node.children)
        self.weights[node.code] = dict(zip(node.children, first, strict=True))
        return None

    def structure(self) -> Structure:
        """Return the structure of the groups that can be built."""
        used = {part for group in self.groups for part in self.weights[group]}
        codes = [c for c in self.instrument.indicators if c in used]
        level: dict[str, int] = dict.fromkeys(codes, 1)
        for group in self.groups:
            inner = [level.get(c, 1) for c in self.instrument.nodes[group].children]
            level[group] = 1 + max(inner, default=1)
        groups = [code for code in self.instrument.groups if code in level]
        return Structure.of([self._node(code, level[code]) for code in [*codes, *groups]])

    def _node(self, code: str, level: int) -> Node:
        """Return one node with its weight in each group that can be built."""
        node = self.instrument.nodes[code]
        parents = {g: self.weights[g][code] for g in self.groups if code in self.weights[g]}
        title = node.spec.title.in_(self.study.locale.tag, self.instrument.spec.language)
        # A level that is reached counts the same, whichever way the number behind it does.
        reached = node.is_indicator and self._level_of(code) is not None
        direction = 1 if reached else node.spec.direction
        group, share = not node.is_indicator, isinstance(node.aggregate, Share)
        return Node(code, level, parents, direction, title, is_group=group, counts=share)

    def _level_of(self, code: str) -> str | None:
        """Return the level whose share an indicator counts for, if it does."""
        rules = [self.instrument.nodes[g].aggregate for g in self.groups if code in self.weights[g]]
        return next((rule.level for rule in rules if isinstance(rule, Share)), None)

    def values(self, structure: Structure) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the values of the indicators, and where one does not apply."""
        columns, absent = [], []
        for code in structure.indicators:
            result, level = self.scores.results[code], self._level_of(code)
            if level is not None:
                column = self._reached(code, level)
            else:
                column = result.value if self._rule(code) is not None else result.score
            columns.append(column)
            absent.append(is_excluded(result.state))
        cases: pd.Index = self.scores.cases
        if len(set(cases.get_level_values("wave"))) == 1:
            cases = cases.get_level_values("unit").rename("unit")
        codes = list(structure.indicators)
        numbers = np.asfortranarray(np.column_stack(columns))
        return framed(numbers, cases, structure.columns), pd.DataFrame(
            np.column_stack(absent), index=cases, columns=codes
        )

    def scaled(self, structure: Structure, rows: np.ndarray) -> tuple[np.ndarray, pd.DataFrame]:
        """Return the scores of the indicators in some cases, and where one does not apply."""
        columns, absent = [], {}
        for code in structure.indicators:
            result, level = self.scores.results[code], self._level_of(code)
            score = result.score if level is None else self._reached(code, level)
            columns.append(score[rows])
            absent[code] = is_excluded(result.state[rows])
        return np.column_stack(columns), pd.DataFrame(absent)

    def _reached(self, code: str, level: str) -> np.ndarray:
        """Return 100 where an indicator reached a level, 0 where it did not, NaN where unseen."""
        result = self.scores.results[code]
        least = [each.id for each in self.instrument.levels_of(code)].index(level)
        reached = np.where(result.level >= least, 100.0, 0.0)
        seen = (result.level != NO_LEVEL) | (result.state != State.MISSING)
        return np.where(seen & ~is_excluded(result.state), reached, np.nan)

    def _rule(self, code: str) -> Normalise | None:
        """Return the normalisation of an indicator that takes its value, turned as it says."""
        node = self.instrument.nodes[code]
        rule = node.spec.normalise
        if rule is None or isinstance(rule, LevelNumbers):
            return None
        return rule.model_copy(update={"turn": node.turn == -1})

    def normalise(self, structure: Structure) -> NormaliseAll:
        """Return the normalisation of every indicator."""
        rules = {
            code: None if self._level_of(code) is not None else self._rule(code)
            for code in structure.indicators
        }
        each: dict[str, Normalise | None] = {c: r or AS_IT_IS for c, r in rules.items()}
        return NormaliseAll(rule=AS_IT_IS, each=each, **self._reference())

    def aggregate(self, structure: Structure) -> AggregateAll:
        """Return the aggregation of every group."""
        each: dict[str, Aggregation] = {}
        for code in structure.groups:
            rule = self.instrument.nodes[code].aggregate
            if isinstance(rule, Share):
                rule = Mean(method="arithmetic", min_availability=rule.min_availability)
            each[code] = rule  # type: ignore[assignment]
        return AggregateAll(rule=Mean(method="arithmetic"), each=each, **self._reference())

    def _reference(self) -> dict[str, Any]:
        """Return the reference of the study, which only a panel or a choice of units needs."""
        wanted = self.study.spec.reference
        several = len(set(self.scores.cases.get_level_values("wave"))) > 1
        found: dict[str, Any] = {}
        if several:
            found["reference_waves"] = self.study.reference_waves
        if wanted.units is not None:
            found["reference_units"] = tuple(wanted.units)
        elif wanted.without:
            units = dict.fromkeys(map(str, self.scores.cases.get_level_values("unit")))
            found["reference_units"] = tuple(u for u in units if u not in wanted.without)
        return found

    def units(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return what the study knows of each case: columns of its units, and facts."""
        beside = self.study.units.reindex(frame.index.get_level_values("unit"))
        beside.index = frame.index
        facts = {name: x for name, x in self.scores.facts.items() if name not in beside}
        return beside.assign(**facts)

    def times(self, frame: pd.DataFrame) -> dict[str, float]:
        """Return the year of each wave, else its place in the order."""
        if frame.index.nlevels == 1:
            return {}
        waves = [str(w) for w in frame.index.get_level_values("wave")]
        year = dict(zip(waves, self.scores.facts["year"].tolist(), strict=True))
        known = [y for y in year.values() if not np.isnan(y)]
        if len(set(known)) == len(year):
            return year
        order = [w.id for w in self.study.spec.waves if w.id in year]
        return {wave: float(place) for place, wave in enumerate(order)}

    def left_out(self) -> pd.DataFrame:
        """Return the groups that were not built, and why."""
        rows = [(code, why.text(self.study.locale.tag)) for code, why in self.why_not.items()]
        return pd.DataFrame(rows, columns=pd.Index(["code", "reason"])).set_index("code")

    def beside(self, index: Index) -> pd.DataFrame:
        """Return how far the index is from the scores of the study, by group."""
        rows = []
        for code in index.structure.groups:
            ours = index.aggregated[code].to_numpy()
            theirs = self.scores.results[code].computed
            both = ~np.isnan(ours) & ~np.isnan(theirs)
            apart = float(np.abs(ours - theirs)[both].max(initial=0.0))
            alone = int((np.isnan(ours) != np.isnan(theirs)).sum())
            rows.append((code, int(both.sum()), apart, alone))
        names = pd.Index(["code", "n", "largest_difference", "n_in_one_alone"])
        return pd.DataFrame(rows, columns=names).set_index("code")
