"""An index under every choice of a plan: what is varied, and the scores that each draw gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.audit.alternatives import LISTS, MEASUREMENT, STEPS, Choice, choices_of
from workbench.audit.importance import edges_of, weights_of
from workbench.audit.index import Index, Structure
from workbench.audit.index.aggregate import applying, rules_of
from workbench.audit.index.choices import put_in
from workbench.audit.index.data import groups_of_cases, waves_of
from workbench.audit.lineage import below
from workbench.audit.tree_means import TreeMeans
from workbench.errors import Place, Problem, Reason, ScoringError, WorkbenchError
from workbench.language import Message
from workbench.scoring.states import Bools, Floats
from workbench.specs.index import AggregateAll, Aggregation
from workbench.specs.instrument import Distance, FirstComponent, Mean
from workbench.specs.robustness import Robustness
from workbench.stats.correlation_tables import correlation_table

Ints = NDArray[np.int64]
# How many prepared choices are kept at hand: draws are taken in the order of their choices.
_KEPT = 4


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Choices drawn, one row a draw.

    Parameters
    ----------
    picks : array of int, shape (draws, lists)
        Positions in the lists of :attr:`Variants.lists`; 0 is the index's own.
    error : array of float, shape (draws,)
        From 0 to 1: which errors of measurement, where they are varied.
    """

    picks: Ints
    error: Floats

    def __len__(self) -> int:
        """Return the number of draws."""
        return len(self.picks)


class Variants:
    """An index, and what it would be under the choices of a plan.

    Parameters
    ----------
    index : Index
        With all its steps.
    plan : Robustness
    node : str, optional
        Group whose scores are looked at; the index by default.
    errors : DataFrame of float, optional
        Standard errors of the raw values; missing or 0 where there is none.
    alone : bool
        Whether a part may be left out even where only one other stands at its level.

    Raises
    ------
    ScoringError
        If an alternative can't be applied to these data: it is named with its place in the plan.
    """

    def __init__(
        self,
        index: Index,
        plan: Robustness,
        *,
        node: str | None = None,
        errors: pd.DataFrame | None = None,
        alone: bool = False,
    ) -> None:
        self.index, self.plan = index, plan
        self.structure = below(index.structure, node or index.structure.top)
        self.cases = index.aggregated.index
        self._step = next(s for s in index.steps if isinstance(s, AggregateAll))
        self._errors = self._known_errors(errors)
        self.lists = choices_of(index, self.structure, plan, alone=alone)
        self._values: dict[tuple[int, ...], Floats] = {}
        self._trees: dict[tuple[int, ...], TreeMeans] = {}
        self._lock = Lock()
        self._refuse_impossible()

    # -- what is varied --------------------------------------------------------------------------

    @cached_property
    def edges(self) -> list[tuple[str, str]]:
        """Each part with its group: what has a weight."""
        return edges_of(self.structure)

    @cached_property
    def base(self) -> Floats:
        """Weight of each edge as the index has it."""
        return weights_of(self.structure)

    @cached_property
    def reach(self) -> Floats:
        """How far each weight may lie from its value, as a share of it."""
        shares, parts = self.plan.weight_shares, self.structure.nodes
        several = {g for g, p in self.structure.parts.items() if len(p) > 1 and self._weighs(g)}
        return np.array(
            [
                shares.get(parts[part].level, self.plan.weight_share) * (group in several)
                for part, group in self.edges
            ]
        )

    def _weighs(self, group: str) -> bool:
        """Return whether any rule that a group can have uses weights."""
        steps = [c.what for c in self.lists["aggregate"]]
        rules = [rules_of(self.structure, step)[group] for step in steps]
        return not all(isinstance(rule, Distance | FirstComponent) for rule in rules)

    @property
    def varied(self) -> tuple[str, ...]:
        """Names of what is varied, in the order of drawing."""
        lists = [name for name in LISTS if len(self.lists[name]) > 1]
        error = [MEASUREMENT] if self._errors is not None else []
        return (*lists, *error, *(["weights"] if self.reach.any() else []))

    @property
    def less_is_better(self) -> bool:
        """Whether the first place is that of the lowest score."""
        return self.structure.nodes[self.structure.top].direction < 0

    def _known_errors(self, errors: pd.DataFrame | None) -> Floats | None:
        """Return the standard errors in the order of the raw values, if the plan asks for them."""
        if not self.plan.measurement:
            return None
        raw = self.index.data["raw"]
        if errors is None or not (errors.fillna(0) > 0).to_numpy().any():
            what = Message("measurement: no indicator has a standard error")
            fix = Message(
                "Give std_error with the observations, or take measurement out of the plan."
            )
            raise ScoringError(Problem(Reason.SPEC_VALUE, what, Place("robustness"), fix=fix))
        known = errors.reindex(index=raw.index, columns=raw.columns).to_numpy(dtype=np.float64)
        return np.asarray(np.nan_to_num(known), dtype=np.float64)

    # -- scores ----------------------------------------------------------------------------------

    def drawn(self, uniform: Floats) -> Draws:
        """Return choices from numbers between 0 and 1.

        Parameters
        ----------
        uniform : array of float, shape (draws, lists + 1)
            One a list of ``LISTS``, and one for errors of measurement.
        """
        sizes = np.array([len(self.lists[name]) for name in LISTS])
        picks = np.minimum((uniform[:, :-1] * sizes).astype(np.int64), sizes - 1)
        error = uniform[:, -1] if self._errors is not None else np.full(len(uniform), np.nan)
        return Draws(picks, error)

    def weights(self, uniform: Floats) -> Floats:
        """Return weights from numbers between 0 and 1, shape (draws, edges)."""
        return np.asarray(self.base * (1 + self.reach * (2 * uniform - 1)), dtype=np.float64)

    def scores(self, picks: Ints, error: float, weights: Floats) -> Floats:
        """Return the score of each case under one choice of each list and several weights.

        Parameters
        ----------
        picks : array of int, shape (lists,)
        error : float
            Missing for values as they were measured.
        weights : array of float, shape (draws, edges)

        Returns
        -------
        array of float, shape (cases, draws)
        """
        tree = self._tree(tuple(int(p) for p in picks), error)
        if len(tree.edges) < len(self.edges):
            place = {edge: i for i, edge in enumerate(self.edges)}
            kept = [place[edge] for edge in tree.edges]
            base = self.base[kept]
            # A group that weighs as many indicators as it has weighs less without one of them.
            own = weights_of(tree.structure)
            weights = weights[:, kept] * np.divide(
                own, base, out=np.ones_like(base), where=base > 0
            )
        if not self.reach.any():
            # Nothing but the choices differs, so that one set of weights stands for all.
            return np.repeat(tree.scores(weights[:1]), len(weights), axis=1)
        return tree.scores(weights)

    def _tree(self, picks: tuple[int, ...], error: float) -> TreeMeans:
        """Return the index under one choice of each list, ready for any weights."""
        if not np.isnan(error):
            return self._made(picks, self._normalised(picks[: len(STEPS)], error))
        with self._lock:
            if picks in self._trees:
                return self._trees[picks]
        tree = self._made(picks, self._values_of(picks[: len(STEPS)]))
        with self._lock:
            while len(self._trees) >= _KEPT:
                self._trees.pop(next(iter(self._trees)))
            self._trees[picks] = tree
        return tree

    def _made(self, picks: tuple[int, ...], values: Floats) -> TreeMeans:
        """Return a tree of normalised values under the other choices."""
        rule, missing, out = (
            self.lists[name][picks[LISTS.index(name)]].what
            for name in ("aggregate", "missing", "one_out")
        )
        structure = self.structure
        values = _filled(values, missing, self._absent)
        if out is not None:
            structure = structure.without(out)
            at = [self.structure.indicators.index(code) for code in structure.indicators]
            values = values[:, at]
        names = [" ".join(map(str, c)) if isinstance(c, tuple) else str(c) for c in self.cases]
        rules = self._rules(rule or self._step, structure)
        return TreeMeans(
            values,
            structure,
            rules,
            units=names,
            cases=self._cases_of,
            applies=self._applies(structure),
        )

    def _applies(self, structure: Structure) -> dict[str, Floats] | None:
        """Return how much of each node applies to each case; None where all do."""
        absent = self.index.not_applicable
        return None if absent is None else applying(structure, ~absent.loc[self.cases])

    def _rules(self, step: AggregateAll, structure: Structure) -> Mapping[str, Aggregation]:
        """Return the rule of each group; other means ask for as much as the index's own."""
        own = rules_of(structure, self._step)
        if step is self._step:
            return own
        found = rules_of(structure, step)
        for code, rule in found.items():
            mine = own[code]
            if isinstance(rule, Mean) and isinstance(mine, Mean):
                least = {n: getattr(mine, n) for n in ("min_availability", "min_parts")}
                asked = rule.model_fields_set
                found[code] = rule.model_copy(
                    update={n: v for n, v in least.items() if n not in asked}
                )
        return found

    def _cases_of(self, rule: Aggregation) -> Sequence[Bools]:
        """Return the cases that a fitted rule is fitted to, each set by itself."""
        frame = pd.DataFrame(index=self.cases)
        scope, by = rule.scope, rule.by  # type: ignore[union-attr]
        return [rows for _, rows in groups_of_cases(self.index, frame, scope, by, "aggregate")]

    # -- values before they are joined -----------------------------------------------------------

    def _values_of(self, picks: tuple[int, ...]) -> Floats:
        """Return normalised values under one choice of each step, kept for the next draw."""
        if picks not in self._values:
            self._values[picks] = self._normalised(picks, np.nan)
        return self._values[picks]

    def _normalised(self, picks: tuple[int, ...], error: float) -> Floats:
        """Return values of the cases under one choice of each step, shape (cases, indicators)."""
        index = self.index
        if any(picks) or not np.isnan(error):
            others = {
                name: self.lists[name][pick].what
                for name, pick in zip(STEPS, picks, strict=True)
                if pick
            }
            fresh = replace(
                index,
                structure=index.start or index.structure,
                data={"raw": self._raw(error)},
                steps=(),
                reports={},
                parameters={},
            )
            index = fresh.follow(_steps_before(index, others))
        values = _matrix(index, self.cases, list(self.structure.indicators))
        if self._absent is not None:
            values[self._absent] = np.nan
        return values

    @cached_property
    def _absent(self) -> Bools | None:
        """Which indicators do not apply to which cases; None where all do."""
        absent = self.index.not_applicable
        if absent is None:
            return None
        columns = list(self.structure.indicators)
        return np.asarray(absent.reindex(index=self.cases, columns=columns), dtype=bool)

    def _raw(self, error: float) -> pd.DataFrame:
        """Return the raw values, each moved by an error of measurement."""
        raw = self.index.data["raw"]
        if np.isnan(error) or self._errors is None:
            return raw
        # One number between 0 and 1 stands for all errors of a draw, so that they repeat.
        rng = np.random.default_rng(int(error * 2**53))
        return raw + self._errors * rng.standard_normal(self._errors.shape)

    def _refuse_impossible(self) -> None:
        """Try every alternative once, so that none fails half way.

        Raises
        ------
        ScoringError
            With the place of the alternative in the plan.
        """
        zero = [0] * len(LISTS)
        for name in (*STEPS, "aggregate"):
            for place, choice in enumerate(self.lists[name][1:], start=1):
                picks = zero.copy()
                picks[LISTS.index(name)] = place
                self._try(picks, [(name, choice)])
        self._try_together(zero)

    def _try_together(self, zero: list[int]) -> None:
        """Try each rule for groups with each scale: a mean may not take all of them."""
        scale, rule = LISTS.index("normalise"), LISTS.index("aggregate")
        for i, normalised in enumerate(self.lists["normalise"][1:], start=1):
            for j, joined in enumerate(self.lists["aggregate"][1:], start=1):
                picks = zero.copy()
                picks[scale], picks[rule] = i, j
                self._try(picks, [("normalise", normalised), ("aggregate", joined)])

    def _try(self, picks: list[int], choices: list[tuple[str, Choice]]) -> None:
        """Try one combination of choices."""
        where = ", ".join(f"{name}: {choice.label}" for name, choice in choices)
        place = Place("robustness", path=where)
        try:
            found = self.scores(np.array(picks), np.nan, self.base[None, :])[:, 0]
        except WorkbenchError as error:
            raise ScoringError([p.at(place) for p in error.problems]) from error
        if not np.isfinite(found).any():
            what = Message("this choice gives no unit a score")
            raise ScoringError(Problem(Reason.SPEC_VALUE, what, place))
        both = pd.DataFrame({"own": self._own, "other": found})
        r = float(correlation_table(both, method="spearman").to_numpy()[0, 1])
        if r < 0:
            what = Message("this choice turns the order of the units round")
            fix = Message(
                "Say which way indicators count: a scale with turn: true turns those of which less "
                "is better."
            )
            got = f"{r:.2f}"
            raise ScoringError(Problem(Reason.SPEC_VALUE, what, place, got, fix=fix))

    @cached_property
    def _own(self) -> Floats:
        """Scores as the index has them."""
        scores = self.index.aggregated[self.structure.top]
        return np.asarray(scores, dtype=np.float64)

    @cached_property
    def waves(self) -> list[Bools]:
        """Cases of each wave, within which places are taken."""
        waves = waves_of(pd.DataFrame(index=self.cases))
        return [waves == wave for wave in dict.fromkeys(waves)]


# -- parts ------------------------------------------------------------------------------------


def _steps_before(index: Index, others: Mapping[str, Any]) -> list[Any]:
    """Return the steps of an index up to its normalised values in their order, some changed."""
    kept = [s for s in index.steps if s.step not in ("weigh", "aggregate")]
    found: dict[str, Any] = {str(s.step): s for s in kept}
    found |= others
    order = [str(s.step) for s in kept]
    for name in others:
        put_in(order, name)
    return [found[name] for name in order if found[name] is not None]


def _matrix(index: Index, cases: pd.Index, codes: list[str]) -> Floats:
    """Return the values before they are joined, in the order of some cases."""
    data = [frame for name, frame in index.data.items() if name != "aggregated"]
    return np.ascontiguousarray(data[-1].reindex(index=cases, columns=codes).to_numpy(np.float64))


def _filled(values: Floats, how: str, absent: Bools | None) -> Floats:
    """Return normalised values with something in the place of missing ones."""
    if how == "available" or not np.isnan(values).any():
        return values
    there = pd.DataFrame(values)
    instead = there.median() if how == "median" else there.min()
    found = there.fillna(instead).to_numpy()
    if absent is not None:
        found[absent] = np.nan
    return found
