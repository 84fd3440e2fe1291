"""Order and gaps between two waves, against R and by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import scipy.stats as sp

from tests.stats.reference import Case
from workbench.stats import Verdict, convergence, stability

Reference = Callable[[str], Case]


def waves(spread: float, r: float = 0.8, n: int = 60, seed: int = 1) -> tuple[pd.Series, pd.Series]:
    """Return normal scores with so many times the spread in the second wave."""
    rng = np.random.default_rng(seed)
    codes = [f"{i:05d}" for i in range(n)]
    first = rng.normal(size=n)
    second = r * first + np.sqrt(1 - r**2) * rng.normal(size=n)
    return pd.Series(50 + 10 * first, codes), pd.Series(52 + 10 * spread * second, codes)


def test_convergence_agrees_with_r(reference: Reference) -> None:
    case = reference("spread_waves_a")
    frame = case.data().set_index("mun_code")
    result = convergence(frame[case.spec["x"]], frame[case.spec["y"]])
    case.agree(dict(result.details))


def test_the_interval_of_the_spread_is_the_test_turned_round() -> None:
    before, after = waves(1.4)
    result = convergence(before, after)
    assert result.interval is not None
    # Scaled by an end of its interval, the second wave differs just at p = 0.05.
    for end in (result.interval.low, result.interval.high):
        scaled = convergence(before, after / end)
        assert scaled["pitman_morgan_p"] == pytest.approx(0.05, rel=1e-6)


@pytest.mark.parametrize(
    ("spread", "margin", "verdict", "words"),
    [
        (1.6, None, Verdict.POSITIVE, "widened"),
        (0.5, None, Verdict.NEGATIVE, "narrowed: the spread was"),
        (1.0, None, Verdict.UNDETERMINED, "cannot be told"),
        (1.0, 0.3, Verdict.NEGLIGIBLE, "did not change appreciably: by less than the 30 %"),
    ],
)
def test_gaps_in_words(spread: float, margin: float | None, verdict: Verdict, words: str) -> None:
    result = convergence(*waves(spread), margin=margin)
    assert result.verdict is verdict
    assert words in result.sentence("en")
    assert "Those that start lowest tend to rise without any cause" in result.sentence("en")


def test_stability_agrees_with_scipy() -> None:
    before, after = waves(1.0)
    result = stability(before, after)
    library = sp.spearmanr(before, after)
    assert result.estimate == pytest.approx(library.statistic)
    assert result["spearman_p"] == pytest.approx(library.pvalue)
    rho, n = result.estimate or 0.0, 60
    reach = 1.959963984540054 * np.sqrt((1 + rho**2 / 2) / (n - 3))
    assert result.interval is not None
    assert result.interval.low == pytest.approx(np.tanh(np.arctanh(rho) - reach))
    assert result.interval.high == pytest.approx(np.tanh(np.arctanh(rho) + reach))
    pairs = np.sign(np.subtract.outer(*[before.to_numpy()] * 2)) * np.sign(
        np.subtract.outer(*[after.to_numpy()] * 2)
    )
    kept = (pairs[np.triu_indices(n, 1)] > 0).mean()
    assert result.effect("share_in_order").value == pytest.approx(kept)


def test_order_is_kept_by_any_rising_scale() -> None:
    before, after = waves(1.0)
    one, other = stability(before, after), stability(before, np.exp(after / 10).sample(frac=1))
    assert one.estimate == pytest.approx(other.estimate or 0)
    assert one.sentence("en") == other.sentence("en")


@pytest.mark.parametrize("sign", [1, -1])
def test_perfect_order_still_has_a_range(sign: int) -> None:
    codes = [f"{i:05d}" for i in range(12)]
    before = pd.Series(np.arange(12.0), codes)
    result = stability(before, sign * before**3)
    assert result.estimate == pytest.approx(sign)
    assert result.interval is not None
    assert max(abs(result.interval.low), abs(result.interval.high)) == 1.0
    assert min(abs(result.interval.low), abs(result.interval.high)) < 0.99
    assert result.verdict is (Verdict.POSITIVE if sign > 0 else Verdict.NEGATIVE)


def test_order_in_words() -> None:
    assert "kept their order between" in stability(*waves(1.0)).sentence("en")
    assert "cannot be told" in stability(*waves(1.0, r=0.0)).sentence("en")


def test_a_lone_unit_far_off_has_no_error_of_the_slope() -> None:
    codes = [f"{i:05d}" for i in range(12)]
    before = pd.Series([0.0] * 11 + [1.0], codes)
    after = pd.Series(np.r_[np.arange(11.0), 3.0], codes)
    result = convergence(before, after)
    assert result["beta_se_HC3"] is None
    assert result.effect("beta_change_on_baseline").interval is None


def test_negative_scores_have_no_gini() -> None:
    before, after = waves(1.0)
    result = convergence(before - 60, after - 60)
    assert result["gini_base"] is None
    assert result["cv_base"] is None


@pytest.mark.parametrize("function", [stability, convergence])
def test_refusals(function: Callable[..., object]) -> None:
    before, after = waves(1.0)
    for first, second, reason in (
        (before.head(9), after, "too_few"),
        (before * 0, after, "no_variation"),
        (before, after.rename("x" + pd.Series(after.index, after.index)), "no_common_units"),
    ):
        result = function(first, second)
        assert result.refusal is not None  # type: ignore[attr-defined]
        assert result.refusal.reason == reason  # type: ignore[attr-defined]


def test_equal_changes_leave_every_gap() -> None:
    before, _ = waves(1.0)
    result = convergence(before, before + 2)
    assert result.refusal is not None
    assert result.refusal.reason == "no_variation"
