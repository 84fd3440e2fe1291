"""Formulas: what they compute, how unknown values travel, and what they refuse."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from workbench.instruments.formula import FormulaError, constants, parse, parse_condition


@dataclass
class Names:
    """A context made of a dictionary."""

    values: dict[str, float] = field(default_factory=dict)

    def name(self, name: str) -> np.ndarray:
        return np.asarray(self.values[name], dtype=float)

    def value(self, code: str) -> np.ndarray:
        return np.asarray(self.values[code], dtype=float)

    def complete(self, code: str) -> np.ndarray:
        return np.asarray(float(self.values[code] == 1), dtype=float)

    def lookup(self, table: str, x: np.ndarray) -> np.ndarray:
        return np.where(x < 10, 1.0, 2.0)


def value(source: str, **names: float) -> float:
    return float(parse(source).evaluate(Names(names)))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("-a ** 2", -4),
        ("a / 4", 0.5),
        ("min(a, 1, 5)", 1),
        ("max(a, 1, 5)", 5),
        ("abs(-3)", 3),
        ("log(exp(2))", 2),
        ("where(a > 1, 10, 20)", 10),
        ("where(a = 1, 10, 20)", 20),
        ("a >= 2 and a < 3", 1),
        ("a < 2 or a = 2", 1),
        ("not a", 0),
        ("1 < a < 3", 1),
        ("lookup(t, a) + lookup('t', 30)", 3),
    ],
)
def test_arithmetic(source: str, expected: float) -> None:
    assert value(source, a=2.0) == pytest.approx(expected, rel=1e-15)


def test_values_of_other_codes() -> None:
    formula = parse('value("1.2.3.a") * 10 + complete("1.2.1")')
    assert formula.codes == {"1.2.3.a", "1.2.1"}
    assert float(formula.evaluate(Names({"1.2.3.a": 1.0, "1.2.1": 1.0}))) == 11


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x > 1 and 1 > 2", 0),  # one false settles "and"
        ("x > 1 or 2 > 1", 1),  # one true settles "or"
        ("where(2 > 1, 5, x)", 5),
    ],
)
def test_unknown_does_not_spoil_what_is_settled(source: str, expected: float) -> None:
    assert value(source, x=np.nan) == expected


@pytest.mark.parametrize(
    "source", ["x + 1", "x > 1", "x > 1 and 2 > 1", "not x", "where(x > 1, 1, 2)"]
)
def test_unknown_stays_unknown(source: str) -> None:
    assert np.isnan(value(source, x=np.nan))


@pytest.mark.parametrize(
    "source", ["1 / 0", "0 / 0", "log(0)", "log(-1)", "exp(1000)", "(-8) ** 0.5"]
)
def test_no_value_is_nan(source: str) -> None:
    assert np.isnan(value(source))


def test_a_quotient_meets_its_cut_point() -> None:
    """1.21 against 1.1 grows by 10 %, though binary arithmetic says 9.999999999999991."""
    growth = (1.21 - 1.1) / 1.1 * 100
    assert growth < 10
    assert value("g >= 10", g=growth) == 1
    assert value("g < 10", g=growth) == 0
    assert value("g >= 10", g=9.99999) == 0


def test_shapes_broadcast() -> None:
    formula = parse("a * 2 + b")
    context = Names()
    context.values = {"a": np.arange(3.0), "b": 1.0}  # type: ignore[dict-item]
    assert formula.evaluate(context).tolist() == [1.0, 3.0, 5.0]


@pytest.mark.parametrize(
    "source",
    [
        "__import__('os')", "a.b", "a[0]", "lambda: 1", "[1, 2]", "f'{a}'", "'text'", "True", "open(1)",
        "a if b else c", "a := 1", "(1, 2)", "min(*a)", "1 // 2", "a @ b", "a is b", "a in b",
        "", "1 +", "(", "where(1, 2)", "value(a)", "value('x' + 'y')", "lookup(1, 2)", "None", "...",
        "a; b", "a\nb", "x" * 3000, "(" * 300 + "1" + ")" * 300,
    ],
)  # fmt: skip
def test_what_formulas_refuse(source: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(source)
    assert caught.value.problem.text()


def test_unknown_function_names_the_nearest() -> None:
    with pytest.raises(FormulaError, match="Did you mean lookup"):
        parse("lokup(t, x)")


def test_conditions_begin_with_a_comparison() -> None:
    assert parse_condition("> 100 and <= 115").source == "value > 100 and value <= 115"
    assert parse_condition("= 3 or = 4").source == "value == 3 or value == 4"
    assert parse_condition("value = n").source == "value == n"


def test_constants_keep_their_sign() -> None:
    assert constants([parse_condition(">= -5 and < 2.5")]) == [-5.0, 2.5]
