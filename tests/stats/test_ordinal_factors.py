"""Factors of a level, against R and statsmodels."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from statsmodels.miscmodels.ordinal_model import OrderedModel

from tests.stats.nested import agree
from tests.stats.reference import Case
from workbench.stats import Result, Verdict, ordinal_factors, yes_no_factors

Reference = Callable[[str], Case]
LIGHTS = ["red", "amber", "green"]


@pytest.fixture
def lights() -> tuple[pd.Series, pd.DataFrame]:
    """A light of 240 units that goes with a number."""
    rng = np.random.default_rng(21)
    codes = [f"{i:05d}" for i in range(240)]
    found = pd.DataFrame(
        {"size": rng.normal(0, 1, 240), "council": rng.integers(0, 2, 240)}, index=codes
    )
    hidden = found["size"] + rng.logistic(size=240)
    return pd.Series(np.array(LIGHTS)[np.digitize(hidden, [-0.7, 0.9])], index=codes), found


def housing(case: Case, **options: object) -> Result:
    """Return the result of the case, its rows counted as often as they were seen."""
    frame = case.data()
    return ordinal_factors(
        frame["Sat"],
        frame[["Infl", "Type", "Cont"]],
        levels=case.spec["levels"],
        reference=case.spec["reference"],
        weights=frame["Freq"],
        **options,  # type: ignore[arg-type]
    )


def test_odds_and_their_proportion_agree_with_r(reference: Reference) -> None:
    case = reference("ordinal_housing")
    result = housing(case, focus="Cont")
    same = {"polr_coef": "coef", "polr_zeta": "thresholds", "polr_se": "se"}
    agree(case, result.details, rename=same)
    assert result.effect("odds_ratio").value == pytest.approx(
        case.expected["odds_ratio"]["ContHigh"], rel=1e-6
    )
    assert "43.2 of 100 against 35.3 of 100 reach High" in result.sentence("en")


def test_frequencies_and_rows_are_the_same(reference: Reference) -> None:
    case = reference("ordinal_housing")
    frame = case.data()
    rows = frame.loc[frame.index.repeat(frame["Freq"])].reset_index(drop=True)
    single = ordinal_factors(
        rows["Sat"],
        rows[["Infl", "Type", "Cont"]],
        levels=case.spec["levels"],
        reference=case.spec["reference"],
    )
    assert single["loglik"] == pytest.approx(housing(case)["loglik"], rel=1e-12)


def test_the_fit_agrees_with_statsmodels(lights: tuple[pd.Series, pd.DataFrame]) -> None:
    outcome, found = lights
    result = ordinal_factors(outcome, found, levels=LIGHTS)
    ordered = pd.Series(pd.Categorical(outcome, LIGHTS, ordered=True), index=outcome.index)
    other = OrderedModel(ordered, found.astype(float), distr="logit").fit(method="bfgs", disp=0)
    assert result["loglik"] == pytest.approx(other.llf, abs=1e-6)
    assert result["coef/size"] == pytest.approx(other.params["size"], rel=1e-4)
    assert result["se/size"] == pytest.approx(other.bse["size"], rel=1e-3)


def test_two_levels_are_a_logit(lights: tuple[pd.Series, pd.DataFrame]) -> None:
    outcome, found = lights
    green = (outcome == "green").astype(int)
    ordinal, logit = ordinal_factors(green, found), yes_no_factors(green, found)
    assert ordinal["coef/size"] == pytest.approx(logit["coef/size"], rel=1e-8)
    assert ordinal["se/size"] == pytest.approx(logit["se/size"], rel=1e-8)
    assert ordinal.tables["proportional_odds"].empty


def test_expected_shares_add_up(lights: tuple[pd.Series, pd.DataFrame]) -> None:
    outcome, found = lights
    shares = ordinal_factors(outcome, found, levels=LIGHTS).tables["shares"]
    sums = shares.groupby(["term", "value"])["share"].sum()
    assert sums.to_numpy() == pytest.approx(np.ones(len(sums)))
    assert ((shares["low"] <= shares["share"]) & (shares["share"] <= shares["high"])).all()


def test_odds_that_are_not_proportional_are_noted() -> None:
    rng = np.random.default_rng(6)
    x = pd.Series(rng.integers(0, 2, 600))
    # Where x holds both ends are more frequent, which one ratio can't say.
    chance = np.where(x.to_numpy()[:, None] == 1, [0.45, 0.1, 0.45], [0.15, 0.7, 0.15])
    drawn = [rng.choice(3, p=row) for row in chance]
    result = ordinal_factors(pd.Series(drawn), x.to_frame("x"))
    assert result["proportional_odds_lr/x/p"] < 1e-6
    assert any("not alike from level to level" in note for note in result.notes("en"))


def test_sentences_by_verdict(lights: tuple[pd.Series, pd.DataFrame]) -> None:
    outcome, found = lights
    higher = ordinal_factors(outcome, found[["size"]], levels=LIGHTS)
    assert higher.verdict is Verdict.POSITIVE
    assert "are at higher levels" in higher.sentence("en")
    lower = ordinal_factors(outcome, -found[["size"]], levels=LIGHTS)
    assert lower.verdict is Verdict.NEGATIVE
    assert "are at lower levels" in lower.sentence("en")
    noise = found.assign(noise=np.random.default_rng(3).normal(size=240))[["noise"]]
    unknown = ordinal_factors(outcome, noise, levels=LIGHTS)
    assert unknown.verdict is Verdict.UNDETERMINED
    assert "cannot be told from these data" in unknown.sentence("en")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda y, x: (y, x, ["black", *LIGHTS]), "empty_category"),
        (lambda y, x: (y[:12], x, LIGHTS), "too_few"),
        (lambda y, x: (y[y == "red"], x, ["red"]), "too_few"),
        (lambda y, x: (y, x.assign(c=1.0), LIGHTS), "collinear"),
        (lambda y, x: (y, x.assign(y=y.map(LIGHTS.index)), LIGHTS), "separation"),
        (lambda y, x: (y[:0], x, LIGHTS), "too_few"),
    ],
    ids=["empty", "few", "one level", "steady", "separation", "none"],
)
def test_what_cannot_be_computed_is_refused(
    lights: tuple[pd.Series, pd.DataFrame], change: Callable[..., object], reason: str
) -> None:
    outcome, found, levels = change(*lights)  # type: ignore[misc]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = ordinal_factors(outcome, found, levels=levels)
    assert result.refusal is not None
    assert result.refusal.reason == reason
    assert "nan" not in result.sentence("en").lower()


def test_levels_must_be_known(lights: tuple[pd.Series, pd.DataFrame]) -> None:
    outcome, found = lights
    with pytest.raises(ValueError, match="from the lowest to the highest"):
        ordinal_factors(outcome, found)
    with pytest.raises(ValueError, match=r"\['green'\] are not among the levels"):
        ordinal_factors(outcome, found, levels=["red", "amber"])


def test_a_number_is_no_level() -> None:
    rng = np.random.default_rng(6)
    score = pd.Series(rng.normal(50, 10, 400).round(1))
    result = ordinal_factors(score, pd.DataFrame({"x": rng.normal(size=400)}))
    assert result.refusal is not None
    assert result.refusal.reason == "too_many_levels"
    assert "20" in result.sentence("es-MX")
