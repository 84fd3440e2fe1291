"""Weights: given, equal, of the first component, optimised, or from the points of experts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.audit.index.aggregate import joined
from workbench.audit.index.data import check_codes
from workbench.audit.index.made import Made
from workbench.audit.index.optimise import optimised
from workbench.errors import Place, Problem, Reason, ScoringError
from workbench.language import Message
from workbench.scoring.components import component_weights, fit_component
from workbench.specs.index import Weigh

if TYPE_CHECKING:
    from workbench.audit.index.index import Index
    from workbench.audit.index.structure import Structure

ByGroup = dict[str, dict[str, float]]


def weigh(index: Index, step: Weigh) -> Made:
    """Return the structure with other weights, and a report of where they come from.

    Raises
    ------
    ScoringError
        With every problem: no such part or level, a weight below 0, a component that weighs a part
        below 0, an expert who left out a part.
    """
    _check(index, step)
    match step.method:
        case "given":
            return Made(structure=index.structure.with_weights(step.weights))
        case "equal":
            parts = _parts(index.structure, step)
            equal: ByGroup = {group: dict.fromkeys(codes, 1.0) for group, codes in parts.items()}
            return Made(structure=_with(index.structure, equal))
        case "components":
            return _of_components(index, step)
        case "budget":
            return _of_experts(index, step)
    return optimised(index, step)


def _check(index: Index, step: Weigh) -> None:
    """Refuse parts and levels that are not there."""
    structure = index.structure
    known = list(structure.nodes)
    problems = check_codes(step.importance, known, "weigh")
    for points in step.experts.values():
        problems += check_codes(points, known, "weigh")
    for level in step.levels:
        if level not in structure.levels[:-1]:
            what = Message("no parts have this level")
            levels = Message("{names}", names=", ".join(map(str, structure.levels[:-1])))
            problems.append(
                Problem(Reason.PARAMETER_VALUE, what, Place("weigh"), str(level), levels)
            )
    if problems:
        raise ScoringError(problems)


def _parts(structure: Structure, step: Weigh) -> dict[str, tuple[str, ...]]:
    """Return the parts that are weighed, by group; a group of mixed levels counts as its lowest."""
    return {
        group: parts
        for group, parts in structure.parts.items()
        if not step.levels or min(structure.nodes[p].level for p in parts) in step.levels
    }


def _with(structure: Structure, weights: ByGroup) -> Structure:
    """Return a structure with weights by group and part."""
    by_part: dict[str, dict[str, float]] = {}
    for group, parts in weights.items():
        for part, weight in parts.items():
            by_part.setdefault(part, {})[group] = weight
    return structure.with_weights(by_part)


def _of_components(index: Index, step: Weigh) -> Made:
    """Return weights by the first principal component of each group, from below."""
    structure, problems = index.structure, list[Problem]()
    rows: list[tuple[object, ...]] = []
    wanted = _parts(structure, step)
    for group in structure.order:
        parts = structure.parts[group]
        if group not in wanted or len(parts) < 2:
            continue
        frame, _ = joined(
            index, index.latest, structure, dict.fromkeys(structure.groups, step.rule)
        )
        try:
            found = fit_component(frame[list(parts)].to_numpy(), 1, None, group)
        except ScoringError as error:
            problems += error.problems
            continue
        loading = np.asarray(found["loading"])
        weight = component_weights(step.loadings, found)
        rows += zip([group] * len(parts), parts, loading, weight, strict=True)
        below = [part for part, w in zip(parts, weight, strict=True) if w < 0]
        if below:
            what = Message(
                "the first component of {group} weighs {codes} below 0",
                group=group,
                codes=", ".join(below),
            )
            fix = Message("Choose loadings: squared_loadings, or look at the direction of these.")
            problems.append(Problem(Reason.CALIBRATION, what, Place("weigh"), fix=fix, code=group))
            continue
        structure = _with(structure, {group: dict(zip(parts, weight.tolist(), strict=True))})
    if problems:
        raise ScoringError(problems)
    report = pd.DataFrame(rows, columns=pd.Index(["group", "code", "loading", "weight"]))
    return Made(structure=structure, reports={"weights": report.set_index(["group", "code"])})


def _of_experts(index: Index, step: Weigh) -> Made:
    """Return weights by the mean of the shares that experts gave to the parts of each group."""
    structure, problems = index.structure, list[Problem]()
    weights: ByGroup = {}
    rows: list[tuple[object, ...]] = []
    for group, parts in structure.parts.items():
        named = [p for p in parts if any(p in points for points in step.experts.values())]
        if not named:
            continue
        shares = []
        for expert, points in step.experts.items():
            faults = _faults_of_points(expert, points, group, parts)
            problems += faults
            if not faults:
                given = np.array([points[p] for p in parts])
                shares.append(given / given.sum())
        if not shares:
            continue
        table = np.array(shares)
        weights[group] = dict(zip(parts, table.mean(axis=0).tolist(), strict=True))
        deviation = table.std(axis=0, ddof=1) if len(table) > 1 else np.full(len(parts), np.nan)
        rows += zip(
            [group] * len(parts), parts, table.mean(axis=0), deviation, table.min(axis=0),
            table.max(axis=0), [len(table)] * len(parts), strict=True,
        )  # fmt: skip
    if problems:
        raise ScoringError(problems)
    names = ["group", "code", "weight", "deviation", "least", "most", "n_experts"]
    report = pd.DataFrame(rows, columns=pd.Index(names)).set_index(["group", "code"])
    return Made(structure=_with(structure, weights), reports={"weights": report})


def _faults_of_points(
    expert: str, points: Mapping[str, float], group: str, parts: tuple[str, ...]
) -> list[Problem]:
    """Return what is wrong with the points that one expert gave to one group."""
    missing = [part for part in parts if part not in points]
    if missing:
        what = Message(
            "{expert} gave no points to {codes}", expert=expert, codes=", ".join(missing)
        )
        return [Problem(Reason.SPEC_MISSING_KEY, what, Place("weigh"), code=group)]
    below = [part for part in parts if points[part] < 0]
    if below or sum(points[part] for part in parts) <= 0:
        what = Message(
            "the points of {expert} below {group} are below 0 or all 0", expert=expert, group=group
        )
        return [Problem(Reason.SPEC_VALUE, what, Place("weigh"), code=group)]
    return []
