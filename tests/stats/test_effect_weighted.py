"""Participants against others alike in what was measured, against R."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import scipy.stats as sp

from tests.stats.nested import agree
from tests.stats.reference import Case
from workbench.stats import Result, Verdict, effect_weighted

Reference = Callable[[str], Case]


def towns(effect: float = 4.0, pull: float = 0.8) -> tuple[pd.Series, pd.Series, pd.DataFrame]:
    """Return 200 units; the larger ones take part more often and score higher anyhow."""
    rng = np.random.default_rng(31)
    codes = [f"{i:05d}" for i in range(200)]
    covariates = pd.DataFrame(
        {"size": rng.normal(0, 1, 200), "region": rng.choice(["a", "b"], 200)}, index=codes
    )
    chance = 1 / (1 + np.exp(-pull * covariates["size"]))
    treated = pd.Series(rng.random(200) < chance, index=codes)
    outcome = 50 + 5 * covariates["size"] + effect * treated + rng.normal(0, 3, 200)
    return outcome, treated, covariates


def refused(result: Result) -> str:
    """Return the reason of a refusal, whose text must be whole."""
    assert result.refusal is not None
    assert result.estimate is None
    assert "nan" not in result.sentence("en").lower()
    return result.refusal.reason


def test_estimates_and_balance_agree_with_r(reference: Reference) -> None:
    case = reference("causal_observational_a")
    frame = case.data().set_index("mun_code")
    covariates = frame[case.spec["covariates"]]
    result = effect_weighted(frame["score_followup"], frame["participant"], covariates)
    agree(case, result.details)
    assert result.estimate == pytest.approx(case.expected["aipw_ate"])
    balance = result.tables["balance"]
    assert (balance["smd_att_weighted"].abs() < balance["smd_unweighted"].abs()).all()


@pytest.mark.parametrize("estimand", ["ate", "att"])
def test_the_interval_leaves_each_unit_out_of_what_is_foreseen(estimand: str) -> None:
    outcome, treated, covariates = (part[:90] for part in towns())
    result = effect_weighted(outcome, treated, covariates[["size"]], estimand=estimand)
    y, t, x = (part.to_numpy(dtype=float) for part in (outcome, treated, covariates["size"]))
    n, chance = len(y), _chance(x, t)
    whole, left = np.empty((2, n)), np.empty((2, n))
    for arm in (0, 1):
        whole[arm] = np.polyval(np.polyfit(x[t == arm], y[t == arm], 1), x)
        for i in range(n):
            other = (t == arm) & (np.arange(n) != i)
            left[arm, i] = np.polyval(np.polyfit(x[other], y[other], 1), x[i])
    if estimand == "ate":
        influence = whole[1] - whole[0] + t * (y - left[1]) / chance
        influence -= (1 - t) * (y - left[0]) / (1 - chance)
        influence -= influence.mean()
    else:
        influence = np.where(t == 1, y - whole[0], -chance / (1 - chance) * (y - left[0]))
        influence = influence / t.mean() - influence.mean() / t.mean() * t / t.mean()
    reach = sp.t.ppf(0.975, n - 4) * np.sqrt((influence**2).sum() / (n * (n - 1)))
    assert result.interval is not None
    assert result.interval.high - result.estimate == pytest.approx(reach, rel=1e-6)


def _chance(x: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return the probabilities of a logit, by Newton's steps."""
    design, beta = np.column_stack([np.ones(len(x)), x]), np.zeros(2)
    for _ in range(50):
        p = 1 / (1 + np.exp(-design @ beta))
        beta += np.linalg.solve(design.T @ (design * (p * (1 - p))[:, None]), design.T @ (t - p))
    return 1 / (1 + np.exp(-design @ beta))


def test_what_was_measured_is_taken_out() -> None:
    result = effect_weighted(*towns())
    assert result["naive"] > 6
    assert result.estimate == pytest.approx(4, abs=1)
    assert result.verdict is Verdict.POSITIVE
    assert effect_weighted(*towns(), estimand="att").estimate == pytest.approx(4, abs=1)


def test_a_wrong_model_of_the_chance_is_mended_by_that_of_the_outcome() -> None:
    outcome, treated, covariates = towns(pull=0.0)
    plain = outcome[treated].mean() - outcome[~treated].mean()
    result = effect_weighted(outcome, treated, covariates)
    # Without a pull both answers estimate the same; the weighted one is the more exact.
    assert result.estimate == pytest.approx(plain, abs=1.5)
    assert result["aipw_se_influence"] < 0.6


@pytest.mark.parametrize(
    ("effect", "margin", "verdict", "words"),
    [
        (4.0, None, Verdict.POSITIVE, "points upward"),
        (-4.0, None, Verdict.NEGATIVE, "points downward"),
        (0.0, None, Verdict.UNDETERMINED, "neither show nor rule out"),
        (0.0, 3.0, Verdict.NEGLIGIBLE, "No appreciable effect"),
    ],
)
def test_an_effect_is_said_with_its_assumption_in_the_same_sentence(
    effect: float, margin: float | None, verdict: Verdict, words: str
) -> None:
    result = effect_weighted(*towns(effect), margin=margin)
    assert result.verdict is verdict
    sentence = next(part for part in result.sentence("en").split(". ") if "effect" in part)
    assert words in sentence
    assert "nothing that was not measured tells both groups apart" in sentence


def test_how_strong_a_hidden_difference_would_have_to_be() -> None:
    result = effect_weighted(*towns())
    strength = result.effect("e_value").value
    assert strength > result["e_value_limit_ate"] > 1
    assert "something not measured would have to go along with" in result.sentence("en")
    nothing = effect_weighted(*towns(0.0))
    assert nothing["e_value_limit_ate"] == 1


def test_units_without_a_like_are_trimmed_and_counted() -> None:
    outcome, treated, covariates = towns(pull=2.5)
    loose = effect_weighted(outcome, treated, covariates)
    assert any("no like in the other group" in note for note in loose.notes("en"))
    tight = effect_weighted(outcome, treated, covariates, trim=0.1)
    assert tight.n < loose.n
    assert tight.dropped[-1].n == loose.n - tight.n
    assert tight["ps_min"] > loose["ps_min"]


def test_uneven_covariates_after_weighting_are_named() -> None:
    outcome, treated, covariates = towns(pull=2.5)
    result = effect_weighted(outcome, treated, covariates)
    worst = result.tables["balance"]["smd_ate_weighted"].abs()
    named = [note for note in result.notes("en") if "still differ in" in note]
    assert len(named) == (worst > 0.1).sum()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda y, t, x: (y, t & (t.index < "00020"), x), "too_few"),
        (lambda y, t, x: (y, x["size"] > 0, x), "no_overlap"),
        (lambda y, t, x: (y, t, x.assign(region=t.map({True: "a", False: "b"}))), "no_overlap"),
        (lambda y, t, x: (y, t, x.assign(again=x["size"])), "collinear"),
        (lambda y, t, x: (y * 0, t, x), "no_variation"),
        (lambda y, t, x: (y[:0], t, x), "too_few"),
    ],
    ids=["few", "separated", "category of one group", "repeated", "constant", "none"],
)
def test_what_cannot_be_computed_is_refused(change: Callable[..., object], reason: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert refused(effect_weighted(*change(*towns()))) == reason  # type: ignore[misc]


def test_weights_on_hardly_anyone_are_refused() -> None:
    outcome, treated, covariates = towns(pull=6.0)
    result = effect_weighted(outcome, treated, covariates)
    assert refused(result) == "too_few"
    assert "overlap" in result.tables


def test_order_of_units_is_of_no_account() -> None:
    outcome, treated, covariates = towns()
    one = effect_weighted(outcome, treated, covariates)
    two = effect_weighted(outcome[::-1], treated.sample(frac=1, random_state=4), covariates)
    assert dict(one.details) == dict(two.details)


def test_scale_of_the_score_and_of_covariates() -> None:
    outcome, treated, covariates = towns()
    one = effect_weighted(outcome, treated, covariates)
    two = effect_weighted(10 * outcome, treated, covariates.assign(size=1000 * covariates["size"]))
    assert two.estimate == pytest.approx(10 * float(one.estimate or 0), rel=1e-6)
    assert two["e_value_ate"] == pytest.approx(one["e_value_ate"], rel=1e-6)


def test_wrong_options_are_errors() -> None:
    with pytest.raises(ValueError, match="estimand: 'atu'"):
        effect_weighted(*towns(), estimand="atu")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"trim: 0\.7"):
        effect_weighted(*towns(), trim=0.7)


def test_units_whose_group_was_certain_are_a_refusal() -> None:
    rng = np.random.default_rng(9)
    x = rng.normal(size=120)
    part = pd.Series((x + rng.normal(size=120) > 0).astype(int))
    part[0] = 1
    x[0] = 1e6
    result = effect_weighted(pd.Series(rng.normal(size=120)), part, pd.DataFrame({"x": x}))
    assert result.refusal is not None
    assert result.refusal.reason == "no_overlap"
