"""Groups whose score is an index fitted to the reference: a distance, a component."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from workbench.instruments import Node
from workbench.scoring.components import component, component_weights, fit_component
from workbench.scoring.distance import distance, fit_distance
from workbench.scoring.fits import Fits, Parameters
from workbench.scoring.results import NodeResult, blank, nothing_there, parent_basis
from workbench.scoring.states import Bools, Floats, State
from workbench.specs.instrument import Distance, FirstComponent


def index_of_reference(
    node: Node, rule: Distance | FirstComponent, results: Mapping[str, NodeResult], fits: Fits
) -> NodeResult:
    """Return a group whose score is a distance or component; every child is needed."""
    result, children = blank(len(fits.table.cases)), [results[c] for c in node.children]
    values = np.column_stack([c.score for c in children])
    states = np.column_stack([c.state for c in children])
    score = np.full(len(fits.table.cases), np.nan)
    fit = partial(_fit, node, rule, values, fits)
    for rows, parameters in fits.each(f"{node.code}:aggregate", rule.scope, rule.by, fit):
        score[rows] = _index(rule, values[rows], parameters)
    complete = ~np.isnan(values).any(axis=1)
    result.coverage = (~np.isnan(values)).mean(axis=1)
    state = np.where(complete, State.UNDETERMINED, State.WITHHELD)
    state = np.where(np.isnan(values).all(axis=1), nothing_there(states), state)
    result.state = np.where(np.isnan(score), state, State.VALUED).astype(np.int8)
    result.value = result.score = result.low = result.high = score
    result.basis = parent_basis(children, result.state)
    return result


def _fit(
    node: Node, rule: Distance | FirstComponent, values: Floats, fits: Fits, rows: Bools
) -> Parameters | None:
    """Return the parameters of an index, fitted to some cases; None where none is complete."""
    if np.isnan(values[rows]).any(axis=1).all():
        return None
    if isinstance(rule, FirstComponent):
        positive = None if rule.positive is None else node.children.index(rule.positive)
        standardised = rule.matrix == "correlation"
        return fit_component(
            values[rows], rule.ddof, positive, node.code, standardised=standardised
        )
    if isinstance(rule.reference, dict):
        reference = np.array([rule.reference[c] for c in node.children])
    else:
        pooled = fits.reference if rule.reference_scope == "pooled" else rows
        extreme = np.nanmin if rule.reference == "minimum" else np.nanmax
        reference = extreme(values[pooled], axis=0)
    return fit_distance(values[rows], reference, rule.ddof, node.code)


def _index(rule: Distance | FirstComponent, values: Floats, parameters: Parameters) -> Floats:
    """Return the index of some cases."""
    if isinstance(rule, FirstComponent) and rule.weights is not None:
        weighted: Floats = values @ component_weights(rule.weights, parameters)
        return weighted
    if isinstance(rule, FirstComponent):
        return component(values, parameters, unit_variance=rule.variance == "unit")
    own = distance(values, parameters)
    if rule.relative_to is None:
        return own
    return own / distance(np.full((1, values.shape[1]), rule.relative_to), parameters)
