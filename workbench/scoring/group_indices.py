"""Groups whose score is an index fitted to the reference: distance, component, pairs compared."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from workbench.errors import Problem, Reason, ScoringError
from workbench.instruments import Node
from workbench.language import Message
from workbench.scoring.components import component, component_weights, fit_component
from workbench.scoring.distance import distance, fit_distance
from workbench.scoring.fits import Fits, Parameters
from workbench.scoring.outranking import copeland, fit_copeland
from workbench.scoring.results import NodeResult, blank, nothing_there, parent_basis
from workbench.scoring.states import Bools, Floats, State
from workbench.specs.instrument import Copeland, Distance, FirstComponent

IndexRule = Distance | FirstComponent | Copeland


def index_of_reference(
    node: Node,
    rule: IndexRule,
    results: Mapping[str, NodeResult],
    fits: Fits,
    weights: Floats,
) -> NodeResult:
    """Return a group whose score is a distance, component or comparison of two by two.

    Distances and components need every child; units are compared by the children that both have.

    Parameters
    ----------
    node : Node
    rule : Distance, FirstComponent or Copeland
    results : mapping of str to NodeResult
        Results so far, by node.
    fits : Fits
    weights : array of float, shape (cases, children)
        Of the children, for comparisons.
    """
    result, children = blank(len(fits.table.cases)), [results[c] for c in node.children]
    values = np.column_stack([c.score for c in children])
    states = np.column_stack([c.state for c in children])
    score = np.full(len(fits.table.cases), np.nan)
    fit = partial(_fit, node, rule, values, fits, weights)
    for rows, parameters in fits.each(f"{node.code}:aggregate", rule.scope, rule.by, fit):
        score[rows] = index_values(rule, values[rows], parameters)
    complete = ~np.isnan(values).any(axis=1)
    result.coverage = (~np.isnan(values)).mean(axis=1)
    state = np.where(complete, State.UNDETERMINED, State.WITHHELD)
    state = np.where(np.isnan(values).all(axis=1), nothing_there(states), state)
    result.state = np.where(np.isnan(score), state, State.VALUED).astype(np.int8)
    result.value = result.score = result.low = result.high = score
    result.basis = parent_basis(children, result.state)
    return result


def _fit(
    node: Node, rule: IndexRule, values: Floats, fits: Fits, weights: Floats, rows: Bools
) -> Parameters | None:
    """Return the parameters of an index, fitted to some cases; None where there are none."""
    own = weights[rows]
    if isinstance(rule, Copeland) and (own != own[:1]).any():
        what = Message("{node}: units that are compared have different weights", node=node.code)
        fix = Message("Give its parts weights that are the same for all units.")
        raise ScoringError(Problem(Reason.CALIBRATION, what, fix=fix, code=node.code))
    scope = fits.reference if getattr(rule, "reference_scope", "") == "pooled" else None
    pooled = values[rows if scope is None else scope]
    return fit_index(rule, values[rows], pooled, own[0], node.children, node.code)


def fit_index(
    rule: IndexRule,
    values: Floats,
    pooled: Floats,
    weights: Floats,
    children: tuple[str, ...],
    node: str,
) -> Parameters | None:
    """Return the parameters of an index, fitted to some cases; None where none can be used.

    Parameters
    ----------
    rule : Distance, FirstComponent or Copeland
    values : array of float, shape (cases, children)
    pooled : array of float, shape (all cases, children)
        Where the reference of a distance is looked for, if it is pooled.
    weights : array of float, shape (children,)
    children : tuple of str
    node : str
        Named in errors.
    """
    known = ~np.isnan(values)
    if not (known.any() if isinstance(rule, Copeland) else known.all(axis=1).any()):
        return None
    match rule:
        case Copeland():
            return fit_copeland(values, weights, node)
        case FirstComponent():
            positive = None if rule.positive is None else children.index(rule.positive)
            standardised = rule.matrix == "correlation"
            return fit_component(values, rule.ddof, positive, node, standardised=standardised)
        case Distance(reference=dict(given)):
            reference = np.array([given[c] for c in children])
        case Distance():
            extreme = np.nanmin if rule.reference == "minimum" else np.nanmax
            reference = extreme(pooled if rule.reference_scope == "pooled" else values, axis=0)
    return fit_distance(values, reference, rule.ddof, node)


def index_values(rule: IndexRule, values: Floats, parameters: Parameters) -> Floats:
    """Return the index of some cases, shape (cases,)."""
    if isinstance(rule, Copeland):
        return copeland(values, parameters)
    if isinstance(rule, FirstComponent) and rule.weights is not None:
        weighted: Floats = values @ component_weights(rule.weights, parameters)
        return weighted
    if isinstance(rule, FirstComponent):
        return component(values, parameters, unit_variance=rule.variance == "unit")
    own = distance(values, parameters)
    if rule.relative_to is None:
        return own
    return own / distance(np.full((1, values.shape[1]), rule.relative_to), parameters)
