"""Factors at the bottom, in the middle and at the top, against R's quantreg."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tests.stats.nested import numbers_of
from tests.stats.reference import Case
from workbench.stats import Verdict, quantile_factors
from workbench.stats.quantile_fit import bootstrap, fit_quantile, loss

Reference = Callable[[str], Case]


def spread_out(slope: float = 3.0) -> tuple[pd.Series, pd.DataFrame]:
    """Return 90 units whose score spreads more where the factor is larger."""
    rng = np.random.default_rng(12)
    codes = [f"{i:05d}" for i in range(90)]
    size = pd.Series(rng.uniform(1, 5, 90), index=codes)
    return slope * size + size * rng.normal(0, 1, 90), size.to_frame("size")


def test_the_optimum_and_its_errors_agree_with_r(reference: Reference) -> None:
    case = reference("quantile_engel")
    households = case.data()
    result = quantile_factors(
        households["foodexp"], households[["income"]], replicates=0, quantiles=(0.75, 0.25, 0.5)
    )
    design = np.column_stack([np.ones(len(households)), households["income"]])
    for tau in case.spec["taus"]:
        wanted = case.expected[f"tau_{tau:g}"]
        assert result[f"tau_{tau:g}/objective"] == pytest.approx(wanted["objective"], rel=1e-8)
        theirs = np.array(list(wanted["coef"].values()))
        ours = [result[f"tau_{tau:g}/coef/{term}"] for term in wanted["coef"]]
        outcome = households["foodexp"].to_numpy()
        assert loss(design, outcome, np.array(ours, dtype=float), tau) <= (
            loss(design, outcome, theirs, tau) * (1 + 1e-10)
        )
        for path, value in numbers_of({k: wanted[k] for k in ("coef", "se_iid")}):
            assert result[f"tau_{tau:g}/{path}"] == pytest.approx(value, rel=1e-5)
        for term, value in wanted["se_nid_huber_sandwich"].items():
            found = result[f"tau_{tau:g}/se_nid_huber_sandwich/{term}"]
            assert found == pytest.approx(value, rel=1e-4)


def test_drawn_errors_are_near_those_by_formula(reference: Reference) -> None:
    households = reference("quantile_engel").data()
    design = np.column_stack([np.ones(len(households)), households["income"]])
    drawn = bootstrap(design, households["foodexp"].to_numpy(), (0.5,), 80, 3)
    assert drawn[:, 0, 1].std(ddof=1) == pytest.approx(0.0283, rel=0.35)


def test_counts_weigh_as_rows_do() -> None:
    rng = np.random.default_rng(5)
    design = np.column_stack([np.ones(30), rng.normal(size=30)])
    outcome = rng.normal(size=30)
    counts = rng.integers(0, 4, 30)
    rows = np.repeat(np.arange(30), counts)
    for tau in (0.2, 0.5, 0.9):
        one = fit_quantile(design, outcome, tau, counts.astype(float))
        other = fit_quantile(design[rows], outcome[rows], tau)
        assert loss(design[rows], outcome[rows], one, tau) == pytest.approx(
            loss(design[rows], outcome[rows], other, tau)
        )


def test_the_middle_without_factors_that_matter_is_the_median() -> None:
    outcome = np.array([1.0, 2, 3, 4, 100])
    assert fit_quantile(np.ones((5, 1)), outcome, 0.5)[0] == pytest.approx(3)


def test_what_differs_between_bottom_and_top_is_given() -> None:
    result = quantile_factors(*spread_out(), replicates=25)
    gap = result.effect("top_less_bottom")
    assert gap.value == pytest.approx(
        float(result["tau_0.75/coef/size"] or 0) - float(result["tau_0.25/coef/size"] or 0)
    )
    assert gap.value > 0
    assert result.verdict is Verdict.POSITIVE
    text = result.sentence("en")
    assert "At the score that 25 of 100 municipalities do not pass" in text
    assert "points higher" in text


def test_seed_and_replicates_are_kept_and_decide() -> None:
    outcome, found = spread_out()
    options = {"replicates": 10, "quantiles": (0.5,)}
    one = quantile_factors(outcome, found, seed=4, **options)
    again = quantile_factors(outcome.sample(frac=1, random_state=1), found, seed=4, **options)
    other = quantile_factors(outcome, found, seed=5, **options)
    assert (one.seed, one.replicates) == (4, 10)
    assert dict(one.details) == dict(again.details)
    assert one["tau_0.5/se/size"] != other["tau_0.5/se/size"]


def test_sentences_by_verdict() -> None:
    lower = quantile_factors(*spread_out(-3.0), replicates=12)
    assert lower.verdict is Verdict.NEGATIVE
    assert "points lower" in lower.sentence("en")
    outcome, found = spread_out(0.0)
    unknown = quantile_factors(outcome, found, replicates=12)
    assert unknown.verdict is Verdict.UNDETERMINED
    assert "cannot be told from these data" in unknown.sentence("en")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda y, x: (y[:8], x), "too_few"),
        (lambda y, x: (y * 0, x), "no_variation"),
        (lambda y, x: ((x["size"] > 3) * 1.0, (x > 3).astype(int)), "no_variation"),
        (lambda y, x: (y, x.assign(again=x["size"])), "collinear"),
    ],
    ids=["few", "constant", "exact", "repeated"],
)
def test_what_cannot_be_computed_is_refused(change: Callable[..., object], reason: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = quantile_factors(*change(*spread_out()), replicates=10)  # type: ignore[misc]
    assert result.refusal is not None
    assert result.refusal.reason == reason
    assert "nan" not in result.sentence("en").lower()


def test_quantiles_lie_between_none_and_all() -> None:
    with pytest.raises(ValueError, match="expected shares between 0 and 1"):
        quantile_factors(*spread_out(), quantiles=(0.5, 1.0))


@pytest.mark.parametrize(("scale", "shift"), [(1e9, 0.0), (1e-9, 0.0), (1.0, 1e6), (1e6, 1e9)])
def test_factors_on_any_scale_give_the_same_line(scale: float, shift: float) -> None:
    score, size = spread_out()
    plain = quantile_factors(score, size, replicates=20)
    other = quantile_factors(score * 1e-6, size * scale + shift, replicates=20)
    assert plain.refusal is None
    assert other.refusal is None
    for tau in (0.25, 0.5, 0.75):
        for name in ("coef", "se", "se_iid", "se_nid_huber_sandwich"):
            one, two = (r[f"tau_{tau:g}/{name}/size"] for r in (plain, other))
            assert one is not None
            assert two is not None
            # The far digits of a shifted factor are lost before any fit.
            assert two * scale * 1e6 == pytest.approx(one, rel=1e-6)


def test_very_unlike_scales_side_by_side() -> None:
    score, size = spread_out()
    rng = np.random.default_rng(4)
    beside = size.assign(
        people=np.exp(rng.normal(10, 2, 90)),
        share=rng.random(90) * 1e-7,
        budget=rng.random(90) * 1e12,
    )
    result = quantile_factors(score, beside, replicates=20)
    assert result.refusal is None
    assert not any(isinstance(v, float) and np.isnan(v) for v in result.details.values())
