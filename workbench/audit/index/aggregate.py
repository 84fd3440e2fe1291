"""Aggregation up the structure, with the arithmetic that instruments are scored with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.audit.index.data import (
    check_codes,
    framed,
    groups_of_cases,
    in_order,
    matrix,
    names_of_cases,
    reference_cases,
)
from workbench.audit.index.made import Made
from workbench.errors import Place, Problem, Reason, ScoringError
from workbench.language import Message
from workbench.scoring.aggregate import combine, is_enough, limited
from workbench.scoring.group_indices import IndexRule, fit_index, index_values
from workbench.scoring.states import Bools, Floats
from workbench.specs.index import AggregateAll, Aggregation
from workbench.specs.instrument import Copeland, Distance, FirstComponent, Mean

if TYPE_CHECKING:
    from workbench.audit.index.index import Index
    from workbench.audit.index.structure import Structure

FITTED = (Distance, FirstComponent, Copeland)


def aggregate(index: Index, step: AggregateAll) -> Made:
    """Return the scores of all nodes.

    Reports ``aggregated``, a row a group: the rule, how many cases have a score, how many are
    withheld because too little is there, how many have no part at all.

    Raises
    ------
    ScoringError
        With every problem: no such group or level; scores of 0 or less in a geometric or harmonic
        mean, each with its unit.
    """
    frame, structure = index.latest, index.structure
    problems = check_codes(step.each, structure.groups, "aggregate")
    for level in step.levels:
        if level not in structure.levels[1:]:
            what = Message("no group has this level")
            levels = Message("{names}", names=", ".join(map(str, structure.levels[1:])))
            problems.append(
                Problem(Reason.PARAMETER_VALUE, what, Place("aggregate"), str(level), levels)
            )
    reference, unknown = reference_cases(frame, step)
    problems += unknown
    if problems:
        raise ScoringError(problems)
    rules = rules_of(structure, step)
    found, report = joined(index, frame, structure, rules, reference=reference)
    return Made(found, reports={"aggregated": report})


def rules_of(structure: Structure, step: AggregateAll) -> dict[str, Aggregation]:
    """Return the rule of each group: its own, else that of its level, else that of all."""
    return {
        code: step.each.get(code, step.levels.get(structure.nodes[code].level, step.rule))
        for code in structure.groups
    }


def joined(
    index: Index,
    frame: pd.DataFrame,
    structure: Structure,
    rules: Mapping[str, Aggregation],
    *,
    reference: Bools | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the scores of all nodes, and what each group leaves open.

    Parameters
    ----------
    index : Index
    frame : DataFrame
        Normalised indicators.
    structure : Structure
    rules : mapping of str to Aggregation
        By group.
    reference : array of bool, shape (cases,), optional
        Cases to which pooled parameters are fitted; all if left out.
    """
    joiner = _Joiner(index, frame, structure, reference)
    codes = structure.all_columns
    column = {code: place for place, code in enumerate(codes)}
    # One node after the other in memory, as they are read.
    scores = np.empty((len(codes), len(frame)))
    scores[: len(structure.indicators)] = matrix(in_order(frame, structure)).T
    problems, rows = list[Problem](), []
    for code in structure.order:
        parts, rule = structure.parts[code], rules[code]
        own = scores[[column[part] for part in parts]].T
        problems += _not_above_0(rule, frame, code, parts, own)
        found, withheld = joiner.group(code, rule, own)
        scores[column[code]] = found
        # Where nothing is there, nothing comes out: only these need a look.
        without = np.isnan(found)
        nothing = int(np.isnan(own[without]).all(axis=1).sum()) if without.any() else 0
        rows.append((rule.method, len(frame), len(frame) - int(without.sum()), withheld, nothing))
    if problems:
        raise ScoringError(problems)
    names = ["method", "n", "n_scored", "n_withheld", "n_nothing"]
    report = pd.DataFrame(rows, columns=names, index=pd.Index(structure.order, name="code"))
    return framed(scores.T, frame.index, codes), report


def applying(structure: Structure, there: pd.DataFrame) -> dict[str, Floats]:
    """Return how much of each node applies to each case, from 0 to 1, which its weight is times.

    Parameters
    ----------
    structure : Structure
    there : DataFrame of bool
        Cases by indicators: whether one applies.
    """
    found, column = {}, {str(code): i for i, code in enumerate(there.columns)}
    applies = there.to_numpy(dtype=np.float64)
    for code, node in structure.nodes.items():
        below = applies[:, [column[c] for c in structure.indicators_below(code)]]
        found[code] = below.mean(axis=1) if node.counts else below.max(axis=1)
    return found


@dataclass
class _Joiner:
    """Joins the parts of one group after the other."""

    index: Index
    frame: pd.DataFrame
    structure: Structure
    reference: Bools | None = None

    def __post_init__(self) -> None:
        """Find how much of each node applies to each case, if not all does."""
        absent = self.index.not_applicable
        self.applies: dict[str, Floats] = {}
        if absent is not None:
            self.applies = applying(self.structure, ~absent.loc[self.frame.index])

    def group(self, code: str, rule: Aggregation, own: Floats) -> tuple[Floats, int]:
        """Return the score of a group in each case, and in how many it is withheld."""
        weights = self.structure.weights(code)
        if isinstance(rule, FITTED):
            return self._fitted(code, rule, own, weights)
        each = np.broadcast_to(weights, own.shape)
        if self.applies:
            each = each * np.column_stack([self.applies[p] for p in self.structure.parts[code]])
        found = limited(rule, combine(rule, own, each))
        if rule.min_availability <= 0 and rule.min_parts is None:
            return found, 0
        there = ~np.isnan(own) & (each > 0)
        enough, _ = is_enough(rule, there, each)
        if enough.all():
            return found, 0
        withheld = ~enough & there.any(axis=1)
        return np.where(enough, found, np.nan), int(withheld.sum())

    def _fitted(
        self, code: str, rule: IndexRule, own: Floats, weights: Floats
    ) -> tuple[Floats, int]:
        """Return a score that is fitted to a reference."""
        found = np.full(len(own), np.nan)
        parts, everyone = self.structure.parts[code], np.ones(len(own), dtype=bool)
        reference = everyone if self.reference is None else self.reference
        for _, cases in groups_of_cases(self.index, self.frame, rule.scope, rule.by, "aggregate"):
            within = cases if rule.scope == "wave" else cases & reference
            parameters = fit_index(rule, own[within], own[reference], weights, parts, code)
            if parameters is not None:
                found[cases] = index_values(rule, own[cases], parameters)
        some = ~np.isnan(own).all(axis=1)
        return found, int((np.isnan(found) & some).sum())


def _not_above_0(
    rule: Aggregation, frame: pd.DataFrame, code: str, parts: tuple[str, ...], own: Floats
) -> list[Problem]:
    """Return the problems of scores that a mean can't take, one for each part, with its units."""
    if not isinstance(rule, Mean) or not needs_above_0(rule):
        return []
    problems = []
    for place, part in enumerate(parts):
        rows = np.flatnonzero(own[:, place] <= 0)
        if not len(rows):
            continue
        what = Message(
            "{code}: a {method} mean takes scores above 0; {part} has {n} others, of {units}",
            code=code,
            method=rule.method,
            part=part,
            n=len(rows),
            units=names_of_cases(frame, rows),
        )
        fix = Message(
            "Normalise to a range that begins above 0, as range: [1, 100], or choose another mean."
        )
        got = f"{own[rows, place].min():g}"
        problems.append(
            Problem(Reason.VALUE_RANGE, what, Place("aggregate"), got, fix=fix, code=part)
        )
    return problems


def needs_above_0(rule: Mean) -> bool:
    """Return whether a mean divides by scores or takes their logarithm."""
    return rule.method in ("geometric", "harmonic") or (rule.exponent or 1.0) < 0
