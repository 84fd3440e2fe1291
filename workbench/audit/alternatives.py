"""The choices of a plan: of each step what the index does, and what could be done instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.audit.index import Index, Structure
from workbench.audit.index.choices import WITH_RULES, other_steps
from workbench.audit.lineage import at_level, require_level
from workbench.errors import Place, Problem, Reason, ScoringError, WorkbenchError
from workbench.language import Message
from workbench.specs.index import NormaliseAll
from workbench.specs.robustness import NONE, Robustness

STEPS = ("impute", "treat", "normalise")
LISTS = (*STEPS, "aggregate", "missing", "one_out")
MEASUREMENT = "measurement"
OWN, NOBODY = "as the index", "(none)"


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to do a step: how it is called, and what it is."""

    label: str
    what: Any


def choices_of(
    index: Index, structure: Structure, plan: Robustness, *, alone: bool
) -> Mapping[str, tuple[Choice, ...]]:
    """Return the choices of each list of ``LISTS``, the index's own first.

    Parameters
    ----------
    index : Index
    structure : Structure
        Of what is looked at.
    plan : Robustness
    alone : bool
        Whether a part may be left out even where only one other stands at its level.

    Raises
    ------
    ScoringError
        If an alternative can't be read, or no part has a level: it is named with its place in the
        plan.
    """
    _check_levels(index.structure, plan)
    found = {name: _of_step(index, plan, name) for name in (*STEPS, "aggregate")}
    found["missing"] = tuple(Choice(rule, rule) for rule in dict.fromkeys(plan.missing))
    parts = _parts_to_leave_out(structure, plan.out_level, alone) if plan.one_out else []
    found["one_out"] = (Choice(NOBODY, None), *(Choice(code, code) for code in parts))
    return found


def _check_levels(structure: Structure, plan: Robustness) -> None:
    """Refuse levels at which nothing stands: what is said of them would change nothing."""
    for level in plan.weight_shares:
        require_level(structure, level, Place("robustness", path="weight_shares"))
    if plan.out_level is not None:
        require_level(structure, plan.out_level, Place("robustness", path="out_level"))


def _of_step(index: Index, plan: Robustness, name: str) -> tuple[Choice, ...]:
    """Return what an index does in a step, and what a plan says besides."""
    taken = next((s for s in index.steps if s.step == name), None)
    found = [Choice(OWN, taken)]
    for place, given in enumerate(getattr(plan, name)):
        try:
            step = _other(index, name, taken, given)
        except WorkbenchError as error:
            problems = [_placed(p, name, place, given) for p in error.problems]
            raise ScoringError(problems) from error
        if step != taken:
            found.append(Choice(_label(given), step))
    return tuple(found)


def _other(index: Index, name: str, taken: Any, given: Any) -> Any:
    """Return another choice for a step; for all indicators or groups, whatever each had."""
    if given == NONE:
        if name == "aggregate":
            what = Message("an index can't be left without a rule for its groups")
            raise ScoringError(Problem(Reason.SPEC_VALUE, what))
        return None
    choice = {"method": given} if isinstance(given, str) else _plain(given)
    if name in WITH_RULES:
        choice = {"rule": choice, "each": {}}
    if name == "aggregate":
        choice |= {"levels": {}}
    steps = other_steps(index.steps, {name: choice}, index.structure)
    step = next(s for s in steps if s.step == name)
    return _turned(step, taken) if isinstance(step, NormaliseAll) else step


def _turned(step: NormaliseAll, taken: NormaliseAll | None) -> NormaliseAll:
    """Return another scale that turns each indicator as the index does."""
    if taken is None or step.rule is None:
        return step
    turns = {code: getattr(rule, "turn", None) for code, rule in taken.each.items()}
    each = {
        code: step.rule.model_copy(update={"turn": turn})
        for code, turn in turns.items()
        if turn is not None and "turn" in type(step.rule).model_fields
    }
    return step.model_copy(update={"each": each})


def parts_of_level(structure: Structure, level: int | None) -> list[str]:
    """Return the parts of a level, indicators if none is given; none where nothing stands there."""
    if level is None:
        return list(structure.indicators)
    if level not in structure.levels:
        return []
    return [c for c in at_level(structure, level) if c != structure.top]


def _parts_to_leave_out(structure: Structure, level: int | None, alone: bool) -> list[str]:
    """Return the parts that may be left out, where more than two stand at their level."""
    parts = parts_of_level(structure, level)
    return parts if len(parts) > (1 if alone else 2) else []


def _plain(given: Any) -> Any:
    """Return a choice of a plan as a step takes it."""
    return given if isinstance(given, str) else given.model_dump(mode="json", exclude_unset=True)


def _label(given: Any) -> str:
    """Return how a choice is called: its method, and what it says besides."""
    if isinstance(given, str):
        return given
    said = given.model_dump(mode="json", exclude_defaults=True)
    method = said.pop("method", said.pop("step", ""))
    said.pop("step", None)
    rest = ", ".join(f"{name} {value}" for name, value in said.items())
    return f"{method} ({rest})" if rest else str(method)


def _placed(problem: Problem, name: str, place: int, given: Any) -> Problem:
    """Return a problem at its place in the plan."""
    return problem.at(Place("robustness", path=f"{name}[{place}]: {_label(given)}"))
