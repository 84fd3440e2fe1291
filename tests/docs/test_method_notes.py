"""The method notes name every method, and the sizes that they state are those of the code."""

from __future__ import annotations

from typing import get_args

import pytest

from tests.docs.pages import DOCS
from workbench.specs import instrument as spec
from workbench.stats import default_sizes


def methods(union: object) -> set[str]:
    """Return the values of ``method`` of a tagged union."""
    models = get_args(get_args(union)[0])
    return {name for m in models for name in get_args(m.model_fields["method"].annotation)}


def test_every_method_of_an_instrument_is_described() -> None:
    text = (DOCS / "methods/scores.md").read_text(encoding="utf-8")
    names = methods(spec.Normalise) | methods(spec.Aggregate)
    names |= set(get_args(spec.Strata.model_fields["method"].annotation))
    assert sorted(name for name in names if f"`{name}`" not in text) == []


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ("paired", "below {} pairs"),
        ("two_groups", "below {} in a group of two"),
        ("did_arm", "below {} in an arm"),
        ("peers", "below {} peers"),
        ("funnel_units", "below {} units"),
    ],
)
def test_sizes_that_are_refused_are_those_of_the_code(size: str, words: str) -> None:
    text = (DOCS / "methods/comparisons.md").read_text(encoding="utf-8")
    assert words.format(int(default_sizes()[size].refuse)) in text
