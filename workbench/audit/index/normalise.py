"""Normalisation of all indicators, with the arithmetic that instruments are scored with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.audit.index.data import check_codes, framed, groups_of_cases, matrix, reference_cases
from workbench.audit.index.made import Made
from workbench.errors import Place, Problem, Reason, ScoringError
from workbench.language import Message
from workbench.scoring.fits import Parameters
from workbench.scoring.normalise import Reference, apply, fit
from workbench.scoring.states import Bools
from workbench.specs.index import NormaliseAll
from workbench.specs.instrument import Fitted, LevelNumbers, Normalise
from workbench.specs.instrument.levels import Scope

if TYPE_CHECKING:
    from workbench.audit.index.index import Index
    from workbench.audit.index.structure import Structure


def normalise(index: Index, step: NormaliseAll) -> Made:
    """Return indicators on one scale, turned where less is better.

    Raises
    ------
    ScoringError
        With every indicator that can't be normalised so: without two different values, with a
        target that nothing is short of.
    """
    frame = index.latest
    x, codes = matrix(frame), [str(c) for c in frame.columns]
    problems = check_codes(step.each, codes, "normalise")
    reference, unknown = reference_cases(frame, step)
    problems += unknown
    found = np.full(x.shape, np.nan, order="F")
    units = frame.index.get_level_values("unit").to_numpy()
    parameters: dict[str, dict[str, Parameters]] = {}
    groups: dict[tuple[Scope, tuple[str, ...]], list[tuple[str, Bools]]] = {}
    for place, code in enumerate(codes):
        rule = step.each.get(code, step.rule)
        turn = turn_of(rule, code, index.structure)
        values = x[:, place]
        if rule is None or isinstance(rule, LevelNumbers):
            found[:, place] = values * turn
            continue
        key = (rule.scope, rule.by) if isinstance(rule, Fitted) else ("pooled", ())
        if key not in groups:
            groups[key] = groups_of_cases(index, frame, *key, "normalise")
        for label, cases in groups[key]:
            whole = bool(cases.all())
            own = values if whole else values[cases]
            within = cases if key[0] == "wave" else cases & reference
            base = values if whole and within.all() else values[within]
            if key != ("pooled", ()) and np.isnan(base).all():
                continue  # not measured in this wave or group
            base_units = units if base is values else units[within]
            try:
                fitted = fit(rule, Reference(base * turn, base_units), code, turn)
            except ScoringError as error:
                problems += error.problems
                continue
            if isinstance(rule, Fitted):
                parameters.setdefault(code, {})[label] = fitted
            found[:, place][cases if not whole else slice(None)] = apply(rule, own, fitted, turn)
    if problems:
        raise ScoringError(problems)
    return Made(framed(found, frame.index, frame.columns), parameters=parameters)


def check_reference(step: NormaliseAll) -> None:
    """Refuse a reference that no rule is fitted to.

    Raises
    ------
    ScoringError
    """
    if not (step.reference_waves or step.reference_units):
        return
    rules = [step.rule, *step.each.values()]
    if any(isinstance(rule, Fitted) and rule.scope == "pooled" for rule in rules):
        return
    what = Message("a reference changes nothing: no rule is fitted to all waves together")
    fix = Message("Leave it out, or choose scope: pooled.")
    raise ScoringError(Problem(Reason.PARAMETER_UNKNOWN, what, Place("normalise"), fix=fix))


def turn_of(rule: Normalise | None, code: str, structure: Structure) -> int:
    """Return the sign of values: as the rule says, else so that they rise with their groups.

    Below groups of which less is better, what is worse where there is more is not turned.
    """
    asked = getattr(rule, "turn", None)
    if asked is not None:
        return -1 if asked else 1
    node = structure.nodes[code]
    above = {structure.nodes[parent].direction for parent in node.parents}
    return -node.direction if above == {-1} else node.direction
