"""Aggregation up the structure, with the arithmetic that instruments are scored with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.audit.index.data import (
    check_codes,
    framed,
    groups_of_cases,
    matrix,
    names_of_cases,
)
from workbench.audit.index.made import Made
from workbench.errors import Place, Problem, Reason, ScoringError
from workbench.language import Message
from workbench.scoring.aggregate import combine, is_enough
from workbench.scoring.group_indices import fit_index, index_values
from workbench.scoring.states import Floats
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
    if problems:
        raise ScoringError(problems)
    found, report = joined(index, frame, structure, rules_of(structure, step))
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
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the scores of all nodes, and what each group leaves open."""
    codes = [*structure.indicators, *structure.groups]
    column = {code: place for place, code in enumerate(codes)}
    scores = np.empty((len(frame), len(codes)), order="F")
    scores[:, : len(structure.indicators)] = matrix(frame[list(structure.indicators)])
    problems, rows = list[Problem](), []
    for code in structure.order:
        parts, rule = structure.parts[code], rules[code]
        own = scores[:, [column[part] for part in parts]]
        problems += _not_above_0(rule, frame, code, parts, own)
        weights = structure.weights(code)
        found, withheld = _group(index, frame, code, rule, own, weights)
        scores[:, column[code]] = found
        nothing = int(np.isnan(own).all(axis=1).sum())
        rows.append(
            (code, rule.method, len(frame), int((~np.isnan(found)).sum()), withheld, nothing)
        )
    if problems:
        raise ScoringError(problems)
    names = pd.Index(["code", "method", "n", "n_scored", "n_withheld", "n_nothing"])
    report = pd.DataFrame(rows, columns=names).set_index("code")
    return framed(scores, frame.index, codes), report


def _group(
    index: Index, frame: pd.DataFrame, code: str, rule: Aggregation, own: Floats, weights: Floats
) -> tuple[Floats, int]:
    """Return the score of a group in each case, and in how many it is withheld."""
    if isinstance(rule, FITTED):
        found = np.full(len(own), np.nan)
        parts = index.structure.parts[code]
        for _, cases in groups_of_cases(index, frame, rule.scope, rule.by, "aggregate"):
            parameters = fit_index(rule, own[cases], own, weights, parts, code)
            if parameters is not None:
                found[cases] = index_values(rule, own[cases], parameters)
        some = ~np.isnan(own).all(axis=1)
        return found, int((np.isnan(found) & some).sum())
    each = np.broadcast_to(weights, own.shape)
    there = ~np.isnan(own) & (weights > 0)
    enough, _ = is_enough(rule, there, each)
    found = combine(rule, own, each)
    withheld = ~enough & there.any(axis=1)
    return np.where(enough, found, np.nan), int(withheld.sum())


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
