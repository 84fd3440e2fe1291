"""What a condition asks for, one by one."""

from __future__ import annotations

import pytest

from workbench.instruments.formula import parse
from workbench.instruments.terms import Term, terms_of


def shown(term: Term) -> object:
    """Return a term as plain values."""
    if term.either:
        return [shown(t) for t in term.either]
    return (term.reads, term.code, term.sign, term.limit) if term.reads else term.formula.source


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('value("a") >= 30 and level("b") > 1', [("value", "a", ">=", 30), ("level", "b", ">", 1)]),
        ('-5 <= value("a")', [("value", "a", ">=", -5)]),
        ('(value("a") = 1 and costa == 1) and complete("c")',
         [("value", "a", "==", 1), ("fact", "costa", "==", 1), ("complete", "c", "", 0)]),
        ('value("a") >= 50 or value("b") >= 1', [[("value", "a", ">=", 50), ("value", "b", ">=", 1)]]),
        ('value("a") + value("b") >= 7', ["value('a') + value('b') >= 7"]),
        ('0 < value("a") < 5', ["0 < value('a') < 5"]),
        ("not costa", ["not costa"]),
    ],
)  # fmt: skip
def test_conditions_are_taken_apart(condition: str, expected: list[object]) -> None:
    assert [shown(term) for term in terms_of(parse(condition))] == expected
