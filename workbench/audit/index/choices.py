"""Choices read: from the call of a step, or from a plan in a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

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


MODELS: dict[str, type[Step]] = {
    "denominate": Denominate,
    "screen": Screen,
    "impute": Impute,
    "treat": Treat,
    "normalise": NormaliseAll,
    "weigh": Weigh,
    "aggregate": AggregateAll,
}


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
