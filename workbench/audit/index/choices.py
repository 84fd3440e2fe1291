"""Choices read: from the call of a step, or from a plan in a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workbench.errors import (
    Place,
    Problem,
    Reason,
    ScoringError,
    WorkbenchError,
    did_you_mean,
)
from workbench.language import Message
from workbench.specs.common import Spec
from workbench.specs.index import (
    AggregateAll,
    Building,
    Denominate,
    Impute,
    NormaliseAll,
    Screen,
    Step,
    Treat,
    Weigh,
)
from workbench.specs.yaml import Document, validate

if TYPE_CHECKING:
    from workbench.audit.index.structure import Structure

MODELS: dict[str, type[Step]] = {
    "denominate": Denominate,
    "screen": Screen,
    "impute": Impute,
    "treat": Treat,
    "normalise": NormaliseAll,
    "weigh": Weigh,
    "aggregate": AggregateAll,
}
# Steps that hold a rule of the format of instruments.
WITH_RULES = ("treat", "normalise", "aggregate")


def chosen(step: str, **options: Any) -> Step:
    """Return one step from its options.

    Raises
    ------
    WorkbenchError
        With every mistake in the options: unknown method, unknown option, number out of range.
    """
    value = {name: plain(option) for name, option in options.items()}
    return validate(Document(step, value), MODELS[step])


def read_steps(steps: Sequence[Mapping[str, Any] | Step]) -> tuple[Step, ...]:
    """Return steps from plain values; those that are models already stay as they are.

    Raises
    ------
    WorkbenchError
        With every mistake in all of them.
    """
    if all(isinstance(step, Spec) for step in steps):
        return tuple(steps)  # type: ignore[arg-type]
    value = {
        "steps": [s.model_dump(mode="json") if isinstance(s, Spec) else plain(s) for s in steps]
    }
    return validate(Document("steps", value), Building).steps


def plain(value: Any) -> Any:
    """Return a value as a file would hold it: lists for tuples, numbers for those of numpy."""
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    if isinstance(value, Spec):
        return value.model_dump(mode="json")
    return value.item() if hasattr(value, "item") else value


def other_steps(
    taken: Sequence[Step], others: Mapping[str, Any], structure: Structure
) -> list[Step]:
    """Return steps with other choices, in the order in which steps follow each other.

    Parameters
    ----------
    taken : sequence of Step
    others : mapping
        By step: a mapping of choices, the name of a method, or None to leave it out.
    structure : Structure
        What a step says of nodes that are not in it is left out.

    Raises
    ------
    WorkbenchError
        With every mistake: no such step, no such method or option, an option that changes nothing.
    """
    codes = set(structure.nodes)
    problems = [
        Problem(
            Reason.PARAMETER_UNKNOWN,
            Message("there is no step {step}", step=name),
            Place("what_if"),
            fix=did_you_mean(name, MODELS),
        )
        for name in others
        if name not in MODELS
    ]
    before: dict[str, Step] = {step.step: step for step in taken}
    now: dict[str, Step] = {n: _of_nodes(s, codes) for n, s in before.items() if n not in others}
    order = [str(step.step) for step in taken]
    for name, choice in others.items():
        if choice is None or name not in MODELS:
            continue
        if not isinstance(choice, str | Mapping):
            what, got = Message("{step}: no such choice", step=name), repr(choice)
            expected = Message("the name of a method, or a mapping of options")
            problems.append(Problem(Reason.PARAMETER_VALUE, what, Place("what_if"), got, expected))
            continue
        try:
            now[name] = _of_nodes(_changed(name, choice, before.get(name)), codes)
            problems += _idle(name, choice, now[name], structure)
        except WorkbenchError as error:
            problems += error.problems
        put_in(order, name)
    if problems:
        raise ScoringError(problems)
    return [now[name] for name in order if name in now]


def put_in(order: list[str], name: str) -> None:
    """Put a step in its place among steps that were taken, whose own order stays."""
    if name not in order:
        places = list(MODELS)
        later = [n for n in order if places.index(n) > places.index(name)]
        order.insert(order.index(later[0]) if later else len(order), name)


def _changed(name: str, choice: Mapping[str, Any] | str, before: Step | None) -> Step:
    """Return a step from a short choice: a method, one with its options, or options alone."""
    key = "by" if name in ("screen", "denominate") else "method"
    given = {key: choice} if isinstance(choice, str) else dict(choice)
    old = {} if before is None else before.model_dump(mode="json", exclude_unset=True)
    old.pop("step", None)
    if name not in WITH_RULES:
        kept = {} if "method" in given else old
        return chosen(name, **{**kept, **given})
    outside = set(MODELS[name].model_fields) - {"step", "rule"}
    if name in ("normalise", "aggregate"):
        outside -= {"scope", "by"}
    inside = {k: v for k, v in given.items() if k not in outside | {"rule"}}
    whole = "method" in inside
    rule = given.get("rule", inside if whole else {**(old.get("rule") or {}), **inside})
    beside = {k: v for k, v in given.items() if k in outside}
    if whole:  # a method for all: the exceptions were to the method before
        old = {k: v for k, v in old.items() if k not in ("each", "levels")}
    return chosen(name, **{**old, **beside, "rule": rule})


def _idle(name: str, choice: Any, step: Step, structure: Structure) -> list[Problem]:
    """Return the problem of options for all parts, where each part has a rule of its own."""
    each = getattr(step, "each", {})
    parts = structure.groups if name == "aggregate" else structure.indicators
    named = {"each", "levels", "reference_waves", "reference_units"}
    if not set(parts) <= set(each) or not set(choice) - named or isinstance(choice, str):
        return []
    what = Message(
        "{step}: every part has a rule of its own, so that this changes nothing", step=name
    )
    fix = Message("Give a method for all of them, or name them in each.")
    return [Problem(Reason.PARAMETER_VALUE, what, Place("what_if"), fix=fix)]


def _of_nodes(step: Step, codes: set[str]) -> Step:
    """Return a step without what it says of nodes that are not there."""
    kept = {}
    for name in ("by", "scale", "each", "weights", "importance"):
        given = getattr(step, name, None)
        if isinstance(given, dict) and not set(given) <= codes:
            kept[name] = {code: value for code, value in given.items() if code in codes}
    return step.model_copy(update=kept) if kept else step
