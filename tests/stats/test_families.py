"""Many comparisons at once, against R."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from tests.stats.reference import Case
from workbench.stats import Result, adjust, adjusted_p, many_tests, two_groups
from workbench.stats.families import Method

Reference = Callable[[str], Case]


def results(n: int = 6) -> dict[str, Result]:
    rng = np.random.default_rng(8)
    groups = pd.Series(["a", "b"] * 30)
    return {
        f"I{i}": two_groups(
            pd.Series(rng.normal(50, 10, 60)) + 2.2 * i * (groups == "a"), groups, group="a"
        )
        for i in range(n)
    }


def test_adjusted_p_agrees_with_r(reference: Reference) -> None:
    case = reference("padjust_a")
    p = case.data().set_index("indicator")["p"]
    table = many_tests(p).tables["tests"]
    names = ["bonferroni", "holm", "hochberg", "hommel", "BH", "BY"]
    for name in names:
        assert table[name].to_dict() == pytest.approx(case.expected[name], rel=1e-10)
        method = name.lower()
        assert adjusted_p(p, method).to_dict() == pytest.approx(case.expected[name], rel=1e-10)
    details = many_tests(p).details
    assert details["n_tests"] == case.expected["n_tests"]
    for name, n in case.expected["rejected_05"].items():
        assert details[f"rejected_{name}"] == n


@pytest.mark.parametrize("method", ["holm", "bh", "by", "bonferroni", "hochberg", "hommel"])
def test_what_has_no_test_does_not_count(method: str) -> None:
    p = pd.Series([0.01, np.nan, 0.04, 0.2], index=list("abcd"))
    found = adjusted_p(p, method)
    assert np.isnan(found["b"])
    assert found.drop("b").tolist() == pytest.approx(adjusted_p(p.dropna(), method).tolist())
    assert adjusted_p(p * np.nan, method).isna().all()


def test_results_carry_their_adjustment_and_the_number_of_tests() -> None:
    found = results()
    refused = two_groups(pd.Series([1.0, 2]), pd.Series(["a", "b"]), group="a")
    adjusted = adjust({**found, "none": refused}, method="holm")
    assert list(adjusted) == [*found, "none"]
    assert adjusted["none"] is refused
    expected = adjusted_p(pd.Series({name: r.test.p for name, r in found.items()}), "holm")
    for name in found:
        test = adjusted[name].test
        assert (test.m, test.adjustment) == (6, "holm")
        assert test.p_adjusted == pytest.approx(expected[name])
        assert test.p == found[name].test.p
    listed = adjust(list(found.values()), method="holm")
    assert [r.test.p_adjusted for r in listed] == pytest.approx(expected.tolist())


def test_questions_declared_before_are_a_family_of_their_own() -> None:
    found = results()
    declared = {n: replace(r, confirmatory=n in ("I1", "I5")) for n, r in found.items()}
    adjusted = adjust(declared)
    assert {n: r.test.m for n, r in adjusted.items()} == {
        n: 2 if n in ("I1", "I5") else 4 for n in found
    }
    text = many_tests(declared, method="holm").sentence("en")
    assert "Of the 2 indicators declared beforehand" in text
    assert "Of 4 indicators" in text
    assert "exploratory" in text


def test_one_that_counts_alone_only_says_so() -> None:
    found = adjust(results(), method="bonferroni")
    for result in found.values():
        warned = any("one of 6 looked at together" in note for note in result.notes("en"))
        alone = result.verdict in ("positive", "negative") and result.test.p_adjusted >= 0.05
        assert warned == alone
    assert any(r.verdict == "positive" and r.test.p_adjusted < 0.05 for r in found.values())


def test_the_sentence_speaks_as_the_family_does() -> None:
    found = many_tests(results(), method="bh")
    stand = int((found.tables["tests"]["BH"] < 0.05).sum())
    assert f"Of 6 indicators, {stand} show a difference" in found.sentence("en")
    refused = two_groups(pd.Series([1.0, 2]), pd.Series(["a", "b"]), group="a")
    none = many_tests({"x": refused})
    assert none.refusal is not None
    assert none["n_untestable"] == 1
    some = many_tests({**results(2), "x": refused})
    assert some["n_tests"] == 2
    assert "1 of the indicators could not be tested" in " ".join(some.notes("en"))


def test_an_unknown_method_is_an_error() -> None:
    with pytest.raises(ValueError, match="expected one of"):
        adjusted_p(pd.Series([0.1]), "fdr")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="expected one of"):
        many_tests(pd.Series([0.1]), method="fdr")  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["bonferroni", "holm", "hochberg", "hommel", "bh", "by"])
@pytest.mark.parametrize("m", [1, 2, 3, 14, 115])
def test_adjusted_p_agrees_with_statsmodels(method: Method, m: int) -> None:
    theirs = {"hochberg": "simes-hochberg", "bh": "fdr_bh", "by": "fdr_by"}.get(method, method)
    rng = np.random.default_rng(m)
    for p in (rng.random(m), rng.random(m) ** 4, np.round(rng.random(m), 1), np.full(m, 0.02)):
        found = adjusted_p(pd.Series(p), method).to_numpy()
        assert found == pytest.approx(multipletests(p, method=theirs)[1], rel=1e-14)


def test_a_single_test_has_nothing_to_allow_for() -> None:
    result = many_tests(pd.Series({"I1": 0.03, "I2": np.nan}))
    assert result["n_tests"] == 1
    assert "(p = 0.030)" in result.sentence("en")


def test_one_that_stands_is_spoken_of_in_the_singular() -> None:
    tests = {name: replace(result, family="change") for name, result in results(4).items()}
    few = many_tests(tests, method="bonferroni")
    assert few["rejected_bonferroni"] == 1
    assert "1 shows a change" in few.sentence("en")
    assert "1 muestra un cambio" in few.sentence("es-MX")


def test_no_tests_and_wrong_ones() -> None:
    assert many_tests(pd.Series(dtype=float)).refusal is not None
    with pytest.raises(ValueError, match=r"1\.5 of I2; expected a number from 0 to 1"):
        many_tests(pd.Series({"I1": 0.5, "I2": 1.5}))
