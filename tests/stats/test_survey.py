"""Surveys of people, against R."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import scipy.stats as sp

from tests.stats.reference import Case
from workbench.stats import SurveyDesign, Verdict, survey_estimate, two_populations
from workbench.stats.survey_design import rake, trimmed

Reference = Callable[[str], Case]
NAMES = ("mean", "se", "deff", "df", "t_ci_low", "t_ci_high")


def nested(case: Case, *path: str) -> dict[str, float]:
    found = case.expected
    for name in path:
        found = found[name]
    return found


def people(n: int, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"sex": rng.choice(["m", "f"], n), "age": rng.choice(["y", "o"], n)})
    return frame.assign(y=rng.normal(5, 2, n), yes=rng.integers(0, 2, n))


def test_strata_and_finite_population_agree_with_r(reference: Reference) -> None:
    case = reference("survey_apistrat")
    s = case.spec
    frame = case.data()
    frame = frame.assign(change=frame["api00"] - frame["api99"])
    design = SurveyDesign(weights=s["weights"], strata=s["strata"], fpc=s["fpc"])
    result = survey_estimate(frame, s["y"], design=design, domains="stype")
    case.agree(dict(result.details), only=set(NAMES))
    for name, wanted in case.expected["by_stype"].items():
        row = result.tables["domains"].loc[name]
        assert row["mean"] == pytest.approx(wanted["mean"], rel=1e-8)
        assert row["se"] == pytest.approx(wanted["se"], rel=1e-7)
    change = survey_estimate(frame, "change", design=design)
    for name, wanted in case.expected["mean_change"].items():
        assert change[name] == pytest.approx(wanted, rel=1e-7)


def test_weights_come_from_the_population_of_the_strata(reference: Reference) -> None:
    case = reference("survey_apistrat")
    design = SurveyDesign(strata="stype", fpc="fpc")
    result = survey_estimate(case.data(), "api00", design=design)
    # The file prints its weights with seven digits.
    assert result.estimate == pytest.approx(case.expected["mean"], rel=1e-6)


@pytest.mark.parametrize("y", ["satisfaction", "pays"])
def test_adjustment_for_who_answered_agrees_with_r(reference: Reference, y: str) -> None:
    case = reference("survey_citizen_a")
    population = case.data(1)
    margins = tuple(population.groupby(c)["N"].sum() for c in case.spec["cells"])
    cells = survey_estimate(case.data(), y, design=SurveyDesign(population=population))
    raked = survey_estimate(case.data(), y, design=SurveyDesign(margins=margins))
    for name in NAMES:
        assert cells[f"raw_{name}"] == pytest.approx(nested(case, "raw", y)[name], rel=1e-6)
        assert cells[name] == pytest.approx(nested(case, "poststratified", y)[name], rel=1e-6)
        assert raked[name] == pytest.approx(nested(case, "raked", y)[name], rel=1e-5)
    case.agree(
        dict(cells.details),
        only={
            "respondents",
            "population",
            "kish_deff",
            "effective_n",
            "weight_min",
            "weight_max",
        },
    )
    assert cells.unit == ("share" if y == "pays" else "points")


def test_equal_weights_give_the_plain_mean() -> None:
    frame = people(60)
    result = survey_estimate(frame, "y")
    assert result.estimate == pytest.approx(frame["y"].mean())
    assert result["se"] == pytest.approx(frame["y"].std() / np.sqrt(60))
    assert result["kish_deff"] == pytest.approx(1)
    assert result["deff"] is None
    assert result["deff_replace"] == pytest.approx(1)


def test_clusters_of_copies_count_once() -> None:
    frame = people(40)
    twice = pd.concat([frame, frame]).assign(block=list(range(40)) * 2)
    alone, copies = (
        survey_estimate(frame, "y"),
        survey_estimate(twice, "y", design=SurveyDesign(clusters="block")),
    )
    assert copies["se"] == pytest.approx(alone["se"])
    assert copies["df"] == 39


def test_order_of_rows_and_scale_of_weights_are_of_no_account() -> None:
    frame = people(80).assign(w=np.random.default_rng(3).uniform(1, 4, 80))
    design = SurveyDesign(weights="w")
    one = survey_estimate(frame, "y", design=design)
    two = survey_estimate(
        frame.assign(w=frame["w"] * 50).sample(frac=1, random_state=1), "y", design=design
    )
    assert two.estimate == pytest.approx(one.estimate)
    assert two["se"] == pytest.approx(one["se"])


def test_a_cell_nobody_answered_in_needs_a_declared_rule() -> None:
    frame = people(90)
    frame.loc[frame["sex"] == "f", "age"] = "y"
    population = pd.DataFrame(
        {"sex": ["m", "m", "f", "f"], "age": ["y", "o", "y", "o"], "N": [100, 200, 150, 180]}
    )
    result = survey_estimate(frame, "y", design=SurveyDesign(population=population))
    assert result.refusal is not None
    assert result.refusal.reason == "empty_cell"
    assert "Nobody answered in f / o." in result.sentence("en")
    merged = SurveyDesign(population=population, merge={"age": {"o": "all", "y": "all"}})
    assert survey_estimate(frame, "y", design=merged).refusal is None


def test_counts_that_contradict_each_other_are_refused() -> None:
    frame = people(90)
    sex = pd.Series([100, 100], pd.Index(["m", "f"], name="sex"))
    age = pd.Series([100, 300], pd.Index(["y", "o"], name="age"))
    result = survey_estimate(frame, "y", design=SurveyDesign(margins=(sex, age)))
    assert result.refusal is not None
    assert result.refusal.reason == "margins_differ"
    unknown = pd.Series([200], pd.Index(["m"], name="sex"))
    result = survey_estimate(frame, "y", design=SurveyDesign(margins=(unknown,)))
    assert result.refusal is not None
    assert result.refusal.reason == "unknown_cell"


def test_small_domains_are_withheld() -> None:
    frame = people(100).assign(area=["big"] * 80 + ["small"] * 20)
    table = survey_estimate(frame, "y", domains="area").tables["domains"]
    assert np.isfinite(table.loc["big", "mean"])
    assert table.loc["small", "withheld"]
    assert np.isnan(table.loc["small", "mean"])
    assert table.loc["small", "n"] == 20


def test_a_domain_keeps_the_whole_design() -> None:
    # By hand: a domain mean has the linearised variance of n/(n-1) sum of squares over all n.
    frame = people(100).assign(area=["a"] * 60 + ["b"] * 40)
    table = survey_estimate(frame, "y", domains="area").tables["domains"]
    own = frame.loc[frame["area"] == "a", "y"]
    by_hand = np.sqrt(100 / 99 * ((own - own.mean()) ** 2).sum()) / 60
    assert table.loc["a", "se"] == pytest.approx(by_hand)


def test_weights_far_apart_are_said_and_lowered_only_by_declaration() -> None:
    frame = people(60).assign(w=[1.0] * 50 + [40.0] * 10)
    loud = survey_estimate(frame, "y", design=SurveyDesign(weights="w"))
    assert "40 times the smallest" in " ".join(loud.notes("en"))
    assert loud["weight_ratio"] == 40
    cut = survey_estimate(frame, "y", design=SurveyDesign(weights="w", largest_ratio=10.0))
    assert cut["weight_ratio"] == pytest.approx(10)
    assert cut.estimate == pytest.approx(loud["trimmed_mean"])
    assert trimmed(np.array([1.0, 30.0]), 10).sum() == 31


def test_few_answers_for_many_people_make_the_interval_longer() -> None:
    frame = people(40)
    frame["age"] = ["young"] * 6 + ["old"] * 34
    counts = pd.DataFrame({"age": ["young", "old"], "N": [500, 500]})
    result = survey_estimate(frame, "y", design=SurveyDesign(population=counts))
    groups = [part.to_numpy(dtype=float) for _, part in frame.groupby("age")["y"]]
    # A residual over 1 less its leverage is what it is from the mean of the others.
    variance = 0.0
    for part in groups:
        others = np.array([value - np.delete(part, i).mean() for i, value in enumerate(part)])
        variance += 0.25 * (others**2).sum() / len(part) ** 2
    # So uneven a sum is worth as many answers as Kish's formula says, less the two counts met.
    effective = 1000**2 / (6 * (500 / 6) ** 2 + 34 * (500 / 34) ** 2)
    reach = sp.t.ppf(0.975, effective - 2) * np.sqrt(40 / 39 * variance)
    assert result.interval is not None
    assert result.interval.high - result.estimate == pytest.approx(reach)
    assert result["t_ci_high"] < result.interval.high
    # Two margins of which one says nothing are one.
    margins = (counts.set_index("age")["N"], pd.Series([1000], pd.Index(["all"], name="any")))
    raked = survey_estimate(frame.assign(any="all"), "y", design=SurveyDesign(margins=margins))
    assert raked.interval is not None
    assert raked.interval.high == pytest.approx(result.interval.high)


def test_a_share_stays_between_nothing_and_all() -> None:
    none = survey_estimate(people(40).assign(yes=0), "yes")
    assert none.interval is not None
    assert none.interval.low == 0
    # 1 - 0.025 ** (1 / 40), the upper end where nobody says yes.
    assert none.interval.high == pytest.approx(1 - 0.025 ** (1 / 40))
    few = people(40).assign(yes=[1] + [0] * 39)
    one = survey_estimate(few, "yes")
    assert one.interval is not None
    assert one.interval.kind == "logit"
    assert 0 < one.interval.low < one.interval.high < 1
    # In the middle, too: by t, shares of a few in a hundred are held too seldom.
    some = survey_estimate(people(40).assign(yes=[1] * 10 + [0] * 30), "yes")
    reach = sp.t.ppf(0.975, 39) / np.sqrt(39 * 0.25 * 0.75)
    assert some.interval is not None
    assert some.interval.high == pytest.approx(1 / (1 + np.exp(np.log(3) - reach)))


def test_a_stratum_with_one_cluster_is_said() -> None:
    frame = people(61).assign(zone=["a"] * 60 + ["b"])
    result = survey_estimate(frame, "y", design=SurveyDesign(strata="zone"))
    assert np.isfinite(result["se"])  # type: ignore[arg-type]
    assert "1 stratum has one cluster only" in " ".join(result.notes("en"))


def test_those_who_did_not_answer_are_counted() -> None:
    frame = people(60)
    frame.loc[:9, "y"] = np.nan
    result = survey_estimate(frame, "y")
    assert result.n == 50
    assert "10 people did not answer" in " ".join(result.notes("en"))


def test_raking_meets_every_margin() -> None:
    groups = [np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])]
    totals = [np.array([30.0, 70.0]), np.array([40.0, 60.0])]
    weights = rake(np.ones(4), groups, totals)
    assert weights is not None
    for codes, total in zip(groups, totals, strict=True):
        assert np.bincount(codes, weights) == pytest.approx(total)
    assert (
        rake(np.ones(2), [np.array([0, 1])] * 2, [np.array([1.0, 2]), np.array([2.0, 1])]) is None
    )


def test_a_wrong_design_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no column weight"):
        survey_estimate(people(40), "y", design=SurveyDesign(weights="weight"))
    with pytest.raises(ValueError, match="not above 0"):
        survey_estimate(people(40).assign(w=0.0), "y", design=SurveyDesign(weights="w"))


@pytest.mark.parametrize(
    ("shift", "verdict", "words"),
    [
        (3.0, Verdict.POSITIVE, "higher among citizens"),
        (-3.0, Verdict.NEGATIVE, "lower among citizens"),
        (0.0, Verdict.UNDETERMINED, "cannot be told from these data"),
    ],
)
def test_two_populations_by_their_interval(shift: float, verdict: Verdict, words: str) -> None:
    citizens, officials = people(120, 2), people(60, 3)
    citizens["y"] += shift
    result = two_populations(citizens, officials, "y")
    assert result.verdict is verdict
    assert words in result.sentence("en")
    # With simple samples it is Welch's test.
    a, b = citizens["y"], officials["y"]
    se = np.sqrt(a.var() / 120 + b.var() / 60)
    assert result["se"] == pytest.approx(se)
    assert result["t"] == pytest.approx((a.mean() - b.mean()) / se)


def test_two_populations_alike_within_a_margin() -> None:
    result = two_populations(people(900, 2), people(900, 3), "y", margin=1.0)
    assert result.verdict is Verdict.NEGLIGIBLE
    assert two_populations(people(900), people(9), "y").refusal is not None


@pytest.mark.parametrize(
    ("column", "value", "match"),
    [
        ("w", -1.0, "a weight in w is not above 0"),
        ("size", 0.0, "a size of a stratum in size is not above 0"),
        ("size", 777.0, "size differs within a stratum"),
    ],
)
def test_impossible_weights_and_sizes_are_errors(column: str, value: float, match: str) -> None:
    people = pd.DataFrame({"y": np.arange(40.0), "w": 1.0, "size": 500.0})
    people.loc[3, column] = value
    with pytest.raises(ValueError, match=match):
        survey_estimate(people, "y", design=SurveyDesign(weights="w", fpc="size"))


def test_infinite_answers_and_weights_count_as_missing() -> None:
    people = pd.DataFrame({"y": np.arange(80.0), "w": 1.0 + np.arange(80) % 3})
    odd, gone = people.copy(), people.copy()
    odd.loc[0, "y"], odd.loc[1, "w"] = np.inf, np.inf
    gone.loc[0, "y"], gone.loc[1, "w"] = np.nan, np.nan
    design = SurveyDesign(weights="w")
    found, wanted = (survey_estimate(frame, "y", design=design) for frame in (odd, gone))
    assert dict(found.details) == dict(wanted.details)


def test_negative_counts_of_the_population_are_errors() -> None:
    people = pd.DataFrame({"y": np.arange(40.0), "sex": ["f", "m"] * 20})
    margin = pd.Series([-5.0, 100.0], index=pd.Index(["f", "m"], name="sex"))
    with pytest.raises(ValueError, match="a count of sex is negative"):
        survey_estimate(people, "y", design=SurveyDesign(margins=(margin,)))
