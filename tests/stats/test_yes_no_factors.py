"""Factors of a yes or no and of a level, against R and statsmodels, and separation."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import scipy.stats as sp
import statsmodels.api as sm

from tests.stats.nested import agree
from tests.stats.reference import Case
from workbench.stats import Verdict, ordinal_factors, yes_no_factors
from workbench.stats.logistic import separation

Reference = Callable[[str], Case]


@pytest.fixture
def answers() -> tuple[pd.Series, pd.DataFrame]:
    """A yes or no of 200 units that goes with a number and not with a category."""
    rng = np.random.default_rng(8)
    codes = [f"{i:05d}" for i in range(200)]
    found = pd.DataFrame(
        {"size": rng.normal(0, 1, 200), "region": rng.choice(list("abc"), 200)}, index=codes
    )
    chance = 1 / (1 + np.exp(-1.2 * found["size"]))
    return pd.Series(rng.random(200) < chance, index=codes), found


def test_odds_agree_with_r(reference: Reference) -> None:
    case = reference("logit_observational_a")
    towns = case.data().set_index("mun_code")
    result = yes_no_factors(towns["green"], towns[["participant", "score_base", "log_pop"]])
    agree(case, result.details)
    assert result.effect("odds_ratio").value == pytest.approx(case.expected["or"]["participant"])
    # R interpolates the profile; here its ends are found exactly.
    for end in ("or_profile_low", "or_profile_high"):
        for term, value in case.expected[end].items():
            assert result[f"{end}/{term}"] == pytest.approx(value, rel=1e-3)


def test_separation_is_refused_or_penalised_as_in_r(reference: Reference) -> None:
    case = reference("separation_a")
    towns = case.data()
    towns.index = towns["unit"].astype(str)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = yes_no_factors(towns["green"], towns[["score"]])
    assert result.refusal is not None
    assert result.refusal.reason == "separation"
    assert "11 of 30 said yes" in result.sentence("en")
    agree(case, result.details, without=("separated", "ml_converged_flag", "expected_action"))
    firth = yes_no_factors(towns["green"], towns[["score"]], separated="firth")
    assert firth.refusal is None
    assert firth["coef/score"] == pytest.approx(case.expected["firth_coef"]["score"], rel=1e-5)
    assert any("drawn towards no difference" in note for note in firth.notes("en"))


def test_average_differences_agree_with_statsmodels(
    answers: tuple[pd.Series, pd.DataFrame],
) -> None:
    outcome, found = answers
    found = found[["size"]].assign(yes=(found["region"] == "a").astype(int))
    result = yes_no_factors(outcome, found)
    fit = sm.Logit(outcome.astype(float), sm.add_constant(found.astype(float))).fit(disp=0)
    other = fit.get_margeff(dummy=True)
    for place, term in enumerate(("size", "yes")):
        assert result[f"ame/{term}"] == pytest.approx(other.margeff[place], rel=1e-6)
        assert result[f"ame_se/{term}"] == pytest.approx(other.margeff_se[place], rel=1e-5)


def test_levels_of_a_category_are_compared_with_the_reference_alone(
    answers: tuple[pd.Series, pd.DataFrame],
) -> None:
    outcome, found = answers
    result = yes_no_factors(outcome, found[["region"]], focus="region")
    shares = outcome.groupby(found["region"]).mean()
    # With nothing else in the model the averages are the plain shares.
    assert result["ame/regionb"] == pytest.approx(shares["b"] - shares["a"], rel=1e-6)
    assert result["ame/regionc"] == pytest.approx(shares["c"] - shares["a"], rel=1e-6)


def test_all_of_a_kind_saying_yes_is_counted() -> None:
    rng = np.random.default_rng(1)
    found = pd.DataFrame({"joined": rng.integers(0, 2, 80), "size": rng.normal(size=80)})
    outcome = ((rng.random(80) < 0.4) | (found["joined"] == 1)).astype(int)
    result = yes_no_factors(outcome, found)
    assert f"All {int(found['joined'].sum())} with joined said yes." in result.sentence("en")


def test_separation_is_seen_in_directions_only() -> None:
    x = np.column_stack([np.ones(6), [1.0, 2, 3, 4, 5, 6]])
    assert separation(x, np.array([0.0, 0, 0, 1, 1, 1])) is not None
    assert separation(x, np.array([0.0, 0, 1, 0, 1, 1])) is None
    # Quasi-separation: both answers at one value.
    tied = np.column_stack([np.ones(6), [1.0, 2, 3, 3, 4, 5]])
    assert separation(tied, np.array([0.0, 0, 0, 1, 1, 1])) is not None


def test_sentences_by_verdict(answers: tuple[pd.Series, pd.DataFrame]) -> None:
    outcome, found = answers
    more = yes_no_factors(outcome, found[["size"]])
    assert more.verdict is Verdict.POSITIVE
    assert "more say yes than of every 100" in more.sentence("en")
    fewer = yes_no_factors(~outcome, found[["size"]])
    assert fewer.verdict is Verdict.NEGATIVE
    assert "fewer say yes" in fewer.sentence("en")
    found["noise"] = np.random.default_rng(2).normal(size=200)
    unknown = yes_no_factors(outcome, found[["noise"]])
    assert unknown.verdict is Verdict.UNDETERMINED
    assert "cannot be told" in unknown.sentence("en")
    assert yes_no_factors(outcome, found[["noise"]], margin=0.5).verdict is Verdict.NEGLIGIBLE


def test_clusters_and_their_limits(answers: tuple[pd.Series, pd.DataFrame]) -> None:
    outcome, found = answers
    states = pd.Series([f"s{i % 10}" for i in range(200)], index=found.index)
    result = yes_no_factors(outcome, found[["size"]], clusters=states)
    design = sm.add_constant(found[["size"]])
    codes = np.unique(states, return_inverse=True)[1]
    other = sm.Logit(outcome.astype(float), design).fit(
        disp=0, cov_type="cluster", cov_kwds={"groups": codes}
    )
    assert result["se/size"] == pytest.approx(other.bse["size"], rel=1e-6)
    few = yes_no_factors(
        outcome, found[["size"]], clusters=states.str.replace("[5-9]", "0", regex=True)
    )
    assert few.refusal is not None
    assert few.refusal.reason == "too_few"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda y, x: (y & False, x), "no_variation"),
        (lambda y, x: (y[:0], x), "no_variation"),
        (lambda y, x: (y[:30], x), "too_few"),
        (lambda y, x: (y, x.assign(again=-x["size"])), "collinear"),
    ],
    ids=["constant", "none", "few", "repeated"],
)
def test_what_cannot_be_computed_is_refused(
    answers: tuple[pd.Series, pd.DataFrame], change: Callable[..., object], reason: str
) -> None:
    outcome, found = change(*answers)  # type: ignore[misc]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = yes_no_factors(outcome, found)
    assert result.refusal is not None
    assert result.refusal.reason == reason
    assert "nan" not in result.sentence("en").lower()


def test_order_of_rows_is_of_no_account(answers: tuple[pd.Series, pd.DataFrame]) -> None:
    outcome, found = answers
    one, two = yes_no_factors(outcome, found), yes_no_factors(outcome[::-1], found)
    assert dict(one.details) == dict(two.details)


def test_an_outcome_that_is_not_yes_or_no_is_an_error(
    answers: tuple[pd.Series, pd.DataFrame],
) -> None:
    outcome, found = answers
    with pytest.raises(ValueError, match="expected 0 or 1"):
        yes_no_factors(outcome.astype(int) + 1, found)
    with pytest.raises(ValueError, match="separated: 'drop'"):
        yes_no_factors(outcome, found, separated="drop")  # type: ignore[arg-type]


def test_the_interval_of_a_difference_of_shares_lies_about_firths_estimate() -> None:
    # Of one yes/no factor Firth's penalty adds half an answer to each cell (Firth 1993).
    factor = np.arange(40) < 18
    yes = np.concatenate([np.arange(18) < 13, np.arange(22) < 7])
    index = pd.Index([f"{i:05d}" for i in range(40)])
    result = yes_no_factors(pd.Series(yes, index), pd.DataFrame({"part": factor}, index))
    assert result.estimate == pytest.approx(13 / 18 - 7 / 22)
    p, q = 13.5 / 19, 7.5 / 23
    reach = sp.t.ppf(0.975, 38) * np.sqrt(p * (1 - p) / 18 + q * (1 - q) / 22)
    assert result.interval is not None
    assert result.interval.low == pytest.approx(p - q - reach)
    assert result.interval.high == pytest.approx(p - q + reach)
    said = result.sentence("en")
    assert all(f"{100 * end:.1f}" in said for end in (result.interval.low, result.interval.high))


def test_an_estimate_lies_within_its_interval() -> None:
    """Firth's estimate is drawn towards no difference, here by more than its interval is wide."""
    rng = np.random.default_rng(0)
    found = 0
    for _ in range(60):
        x = rng.normal(size=25)
        index = pd.Index([f"{i:05d}" for i in range(25)])
        yes = pd.Series(rng.random(25) < 1 / (1 + np.exp(-6 * x)), index)
        result = yes_no_factors(yes, pd.DataFrame({"x": x}, index))
        if result.interval is not None:
            found += 1
            assert result.interval.low <= result.estimate <= result.interval.high
    assert found > 5


@pytest.mark.parametrize(("scale", "shift"), [(1e9, 0.0), (1e-9, 0.0), (1.0, 1e6), (1e6, 1e9)])
def test_logits_are_the_same_on_any_scale(scale: float, shift: float) -> None:
    rng = np.random.default_rng(3)
    x = pd.Series(rng.normal(0, 1, 120))
    latent = x + rng.logistic(size=120)
    levels = pd.cut(latent, [-np.inf, -1, 1, np.inf], labels=["a", "b", "c"]).astype(object)
    pairs = []
    for factor in (x, x * scale + shift):
        frame = pd.DataFrame({"x": factor, "z": np.arange(120) % 7})
        yes = yes_no_factors((latent > 0).astype(float), frame)
        level = ordinal_factors(levels, frame, levels=["a", "b", "c"])
        assert yes.refusal is None
        assert level.refusal is None
        pairs.append((yes, level))
    for plain, other in zip(*pairs, strict=True):
        assert other.estimate * scale == pytest.approx(plain.estimate, rel=1e-6)
        assert other.test.p == pytest.approx(plain.test.p, rel=1e-6)
        assert other.interval.high * scale == pytest.approx(plain.interval.high, rel=1e-6)
    shares = [level.tables["shares"][["share", "low", "high"]].to_numpy() for _, level in pairs]
    assert shares[1] == pytest.approx(shares[0], abs=1e-6)


def test_a_factor_far_away_does_not_separate() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(0, 1, 80)
    yes = (x + rng.normal(0, 1, 80) > 0).astype(float)
    design = np.column_stack([np.ones(80), np.append(x[:-1], 1e12)])
    assert separation(design, yes) is None
    apart = np.column_stack([np.ones(80), 1e9 + np.where(yes == 1, 1.0, -1.0) + x / 10])
    assert separation(apart, yes) is not None


def test_wrong_answers_are_named() -> None:
    with pytest.raises(ValueError, match=r"outcome: 2\.0 of unit 1; expected 0 or 1"):
        yes_no_factors(pd.Series([1.0, 2.0]), pd.DataFrame({"x": [1.0, 2.0]}))
