"""Arithmetic of formulas: one value of several, extremes, figures of a population."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.instruments import arithmetic
from workbench.instruments.formula import FormulaError, parse

NAN = np.nan
PARTS = np.array([[4.0, NAN, NAN], [1.0, 2.0, NAN], [7.0, 6.0, NAN]])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mean", [4, 4, NAN]),
        ("median", [4, 4, NAN]),
        ("sum", [12, 8, NAN]),
        ("product", [28, 12, NAN]),
        ("min", [1, 2, NAN]),
        ("max", [7, 6, NAN]),
        ("sd", [np.std([4, 1, 7]), 2, NAN]),
        ("count", [3, 2, 0]),
    ],
)
def test_parts_that_are_missing_are_left_out(name: str, expected: list[float]) -> None:
    np.testing.assert_allclose(arithmetic.summary(name, [PARTS]), expected)


def test_a_value_by_itself_must_be_known() -> None:
    alone = np.array([1.0, NAN, 3.0])
    np.testing.assert_allclose(arithmetic.summary("max", [PARTS, alone]), [7, NAN, 3])
    np.testing.assert_allclose(arithmetic.summary("min", [alone, np.array(2.0)]), [1, NAN, 2])


def test_extremes_keep_their_number_of_rows() -> None:
    best = arithmetic.extremes(2, [PARTS], largest=True)
    np.testing.assert_allclose(best, [[7, 6, NAN], [4, 2, NAN]])
    worst = arithmetic.extremes(2, [PARTS], largest=False)
    np.testing.assert_allclose(worst, [[1, 2, NAN], [4, 6, NAN]])


@pytest.mark.parametrize(
    ("name", "expected"),
    [("mean", 4), ("sd", np.sqrt(6)), ("sd1", 3), ("p25", 2.5), ("p97.5", 6.85), ("count", 3)],
)
def test_figures_of_a_population(name: str, expected: float) -> None:
    assert arithmetic.figure(name, np.array([4.0, NAN, 1.0, 7.0])) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("function", "x", "expected"),
    [
        # Abramowitz and Stegun, table 26.1.
        ("normal_cdf", [0.0, 1.0, -1.96, NAN], [0.5, 0.8413447461, 0.0249978951, NAN]),
        ("floor", [2.7, -0.2, 3 * 0.1 / 0.1], [2, -1, 3]),
        ("ceil", [2.2, 0.3 / 0.1], [3, 3]),
        ("log10", [1000.0], [3]),
        ("known", [1.0, NAN], [1, 0]),
    ],
)
def test_functions_of_one_value(function: str, x: list[float], expected: list[float]) -> None:
    found = arithmetic.PLAIN[function](np.array(x))
    np.testing.assert_allclose(found, expected, atol=1e-10)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("scores()", "several values"),
        ("scores() + 1", "several values"),
        ("largest(2, scores())", "several values"),
        ("mean(a)", "mean takes several values"),
        ("largest(a, b)", "a whole number first"),
        ("mean(available(scores(), a))", "leaves out by itself"),
        ("across(average, a)", "one of mean"),
        ("across(p101, a)", "one of mean"),
        ("across(mean, a, 1)", "divided by facts"),
        ("scores('a')", "scores takes 0"),
    ],
)
def test_what_is_refused_of_several_values(source: str, words: str) -> None:
    with pytest.raises(FormulaError, match=words):
        parse(source)


@pytest.mark.parametrize(
    ("source", "risky"),
    [
        ("x / 100", False),
        ("x / max(y, 1)", False),
        ("x / (1 + exp(y))", False),
        ("x ** 2", False),
        ("x / y", True),
        ("x / 0", True),
        ("x ** 0.5", True),
        ("x ** -1", True),
        ("sqrt(x)", True),
    ],
)
def test_what_may_have_no_value(source: str, risky: bool) -> None:
    assert parse(source).can_be_undefined is risky
