"""Whether two figures go together, against R."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import scipy.stats as sp

from tests.stats.reference import Case
from workbench.stats import association

Reference = Callable[[str], Case]


def figures(weight: float, n: int = 60) -> tuple[pd.Series, pd.Series]:
    rng = np.random.default_rng(7)
    codes = [f"{i:05d}" for i in range(n)]
    x = pd.Series(rng.normal(size=n), index=codes)
    return x, weight * x + pd.Series(rng.normal(size=n), index=codes)


def test_association_agrees_with_r(reference: Reference) -> None:
    case = reference("correlation_mtcars")
    frame = case.data()
    result = association(frame[case.spec["x"]], frame[case.spec["y"]])
    case.agree(dict(result.details))
    assert result.estimate == result["spearman"]
    assert result.interval.low == result["spearman_ci_bonett_wright_low"]


@pytest.mark.parametrize("method", ["spearman", "pearson", "kendall"])
def test_methods_are_those_of_scipy_and_symmetric(method: str) -> None:
    x, y = figures(0.5)
    x = x.round(0)
    result = association(x, y, method=method)
    name = {"spearman": "spearmanr", "pearson": "pearsonr", "kendall": "kendalltau"}[method]
    theirs = getattr(sp, name)(x, y)
    assert result.estimate == pytest.approx(theirs.statistic)
    assert result.test.p == pytest.approx(theirs.pvalue)
    turned = association(y.sample(frac=1, random_state=1), x, method=method)
    assert turned.estimate == pytest.approx(result.estimate)
    assert association(-x, y, method=method).estimate == pytest.approx(-result.estimate)


def test_ranks_do_not_see_a_rising_transformation() -> None:
    x, y = figures(0.5)
    assert association(np.exp(x), y).estimate == pytest.approx(association(x, y).estimate)


@pytest.mark.parametrize(
    ("weight", "margin", "verdict", "words"),
    [
        (1, None, "positive", "tends to be higher, too"),
        (-1, None, "negative", "tends to be lower"),
        (0, None, "undetermined", "cannot be told"),
        (0, 0.6, "negligible", "no appreciable association"),
    ],
)
def test_each_verdict_has_its_sentence(
    weight: float, margin: float | None, verdict: str, words: str
) -> None:
    x, y = figures(weight)
    result = association(x, y, margin=margin, first_name="the budget", second_name="the score")
    assert result.verdict == verdict
    assert words in result.sentence("en")
    assert "the budget" in result.sentence("en")
    assert "does not say that one causes the other" in result.sentence("en")


def test_what_cannot_be_computed_is_refused() -> None:
    x, y = figures(1)
    assert association(x[:7], y).refusal.reason == "too_few"
    assert association(x, y * 0).refusal.reason == "no_variation"
    assert association(x, y.rename(lambda code: f"9{code}")).refusal.reason == "too_few"
    with pytest.raises(ValueError, match="expected one of"):
        association(x, y, method="phi")  # type: ignore[arg-type]


def test_the_interval_of_tau_allows_for_ties() -> None:
    x, y = ((figure > 0).astype(float) for figure in figures(0.7))
    interval = association(x, y).effect("kendall_tau_b").interval
    left = np.array([sp.kendalltau(x.drop(c), y.drop(c)).statistic for c in x.index])
    tau, n = sp.kendalltau(x, y).statistic, len(x)
    error = np.sqrt((n - 1) / n * ((left - left.mean()) ** 2).sum())
    reach = sp.t.ppf(0.975, n - 2) * error / (1 - tau**2)
    assert reach > 1.96 * np.sqrt(0.437 / (n - 4))
    assert interval.low == pytest.approx(np.tanh(np.arctanh(tau) - reach))
    assert interval.high == pytest.approx(np.tanh(np.arctanh(tau) + reach))


def test_a_perfect_order_is_not_taken_for_certain() -> None:
    x, _ = figures(1)
    result = association(x, x**3)
    assert result.estimate == 1
    assert result.test.p == 0
    for name in ("spearman", "kendall_tau_b"):
        interval = result.effect(name).interval
        assert interval.high == 1
        assert 0.99 < interval.low < 0.99999
    line = association(x, 2 * x, method="pearson")
    assert any("no interval is known" in note for note in line.notes("en"))
    gaps = x.copy()
    gaps.iloc[:4] = np.nan
    assert association(gaps, x).dropped[0].n == 4
