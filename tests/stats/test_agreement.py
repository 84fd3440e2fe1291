"""Agreement of evaluators and of questions, against R and published values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import scipy.stats as sp
from statsmodels.stats.inter_rater import cohens_kappa

from tests.stats.reference import Case
from workbench.stats import (
    Result,
    Size,
    Verdict,
    default_sizes,
    fleiss_kappa,
    internal_consistency,
    intraclass_correlation,
    several_raters,
    two_raters,
    two_raters_numeric,
)

Reference = Callable[[str], Case]


def items(values: list[object]) -> pd.Series:
    return pd.Series(values, index=[f"P{i:03d}" for i in range(len(values))])


def raters(seed: int = 1, n: int = 40, spread: float = 1.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    true = rng.normal(50, 10, n)
    return pd.DataFrame(
        {name: true + rng.normal(0, spread, n) for name in "abc"},
        index=[f"P{i:03d}" for i in range(n)],
    )


def test_kappa_agrees_with_r(reference: Reference) -> None:
    case = reference("kappa_raters2_a")
    frame = case.data().set_index("item")
    result = two_raters(frame[case.spec["a"]], frame[case.spec["b"]])
    for weights in ("unweighted", "equal", "squared"):
        for name, wanted in case.expected[weights].items():
            got = result.tables["weights"].loc[weights, name]
            assert got == pytest.approx(wanted, rel=1e-8, abs=1e-9), (weights, name)
    assert result["percent_agreement"] == pytest.approx(case.expected["percent_agreement"])
    assert result.estimate == pytest.approx(case.expected["squared"]["kappa"])
    assert result.sentence("en").startswith("The two evaluators gave the same value to 32 of 40")


def test_an_empty_category_counts_where_it_is_declared() -> None:
    a = items([0, 0, 1, 1, 3, 3] * 3)
    b = items([0, 1, 1, 3, 3, 3] * 3)
    steps, scale = two_raters(a, b), two_raters(a, b, categories=[0, 1, 2, 3])
    assert steps["kappa"] != scale["kappa"]
    unweighted = [
        two_raters(a, b, weights="unweighted", categories=c)["kappa"] for c in (None, [0, 1, 2, 3])
    ]
    assert unweighted[0] == pytest.approx(unweighted[1])
    assert scale.tables["counts"].loc[2].sum() == 0


def test_names_have_no_order() -> None:
    a = items(["red", "green", "blue", "red"] * 4)
    result = two_raters(a, a.replace({"blue": "red"}), weights="unweighted")
    assert result["percent_agreement"] == 0.75
    with pytest.raises(ValueError, match="blue is none of"):
        two_raters(a, a, categories=["red", "green"])


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [([1, 2] * 4, [1, 2] * 4, "too_few"), ([1] * 12, [1, 2] * 6, "no_variation")],
)
def test_two_raters_are_refused(a: list[object], b: list[object], reason: str) -> None:
    result = two_raters(items(a), items(b))
    assert result.refusal is not None
    assert result.refusal.reason == reason
    assert "percent_agreement" in result.details
    assert "ratings" in result.tables


def test_full_agreement_is_not_taken_for_certain() -> None:
    a = items([1, 2, 3] * 5)
    result = two_raters(a, a)
    assert result.estimate == 1
    assert "their number alone limits" in " ".join(result.notes("en"))
    assert result.interval is not None
    assert result.interval.low < 0.9
    assert result.interval.high == 1
    assert result.effects[0].interval is not None
    assert result.effects[0].interval.low == pytest.approx(0.025 ** (1 / 15))


def test_raters_whose_scales_only_touch_agree_as_by_chance() -> None:
    a, b = items([0, 1, 1, 1, 1, 0, 1, 1, 1, 1]), items([1, 2, 1, 1, 2, 1, 1, 1, 1, 1])
    table = two_raters(a, b, categories=[0, 1, 2]).tables["weights"]
    assert table.loc["equal", ["kappa", "z_null", "p"]].tolist() == [pytest.approx(0), 0, 1]


@pytest.mark.parametrize("n", [12, 40])
def test_the_interval_of_kappa_rests_on_one_item_more(n: int) -> None:
    rng = np.random.default_rng(n)
    a = rng.integers(0, 3, n)
    b = np.where(rng.random(n) < 0.7, a, rng.integers(0, 3, n))
    result = two_raters(items(list(a)), items(list(b)), categories=[0, 1, 2])
    counts = np.histogram2d(a, b, bins=[range(4)] * 2)[0]
    more = counts + np.outer(counts.sum(axis=1), counts.sum(axis=0)) / n**2
    library = cohens_kappa(more, wt="quadratic")
    error = library.std_kappa * np.sqrt((n + 1) / (n - 1))
    reach = sp.t.ppf(0.975, n - 2) * error / (1 - library.kappa**2)
    assert result.interval is not None
    assert result.interval.low == pytest.approx(np.tanh(np.arctanh(library.kappa) - reach))
    assert result.interval.high == pytest.approx(np.tanh(np.arctanh(library.kappa) + reach))
    assert result.interval.low < result.estimate < result.interval.high


@pytest.mark.parametrize("coefficient", [several_raters, fleiss_kappa])
def test_several_who_all_agree_are_not_taken_for_certain(
    coefficient: Callable[[pd.DataFrame], Result],
) -> None:
    column = items(["a", "b"] * 6)
    options = {"scale": "nominal"} if coefficient is several_raters else {}
    result = coefficient(pd.DataFrame({"x": column, "y": column, "z": column}), **options)
    assert result.estimate == 1
    assert result.interval is not None
    # 12 items alike: at least .025^(1/12) of them are, and half of these by chance.
    assert result.interval.low == pytest.approx(2 * 0.025 ** (1 / 12) - 1)


def test_limits_of_agreement_by_their_formula() -> None:
    frame = raters(2)
    result = two_raters_numeric(frame["a"], frame["b"], margin=10)
    gap = frame["a"] - frame["b"]
    assert result["limit_high"] == pytest.approx(gap.mean() + 1.959963984540054 * gap.std())
    # From those ends the limit seen lies just at the tails.
    n, scale = len(gap), gap.std() / np.sqrt(len(gap))
    for end, tail in (("low", 0.975), ("high", 0.025)):
        reach = (result[f"limit_high_ci_{end}"] - gap.mean()) / scale
        below = sp.nct.cdf(reach, n - 1, 1.959963984540054 * np.sqrt(n))
        assert below == pytest.approx(1 - tail)
    assert result.verdict is Verdict.POSITIVE
    assert "within the 10 points declared" in result.sentence("en")
    assert two_raters_numeric(frame["a"], frame["b"], margin=1).verdict is Verdict.NEGATIVE
    assert two_raters_numeric(frame["a"], frame["b"]).verdict is None
    assert two_raters_numeric(frame["a"], frame["a"] + 1).refusal is not None


def test_alpha_is_krippendorffs(reference: Reference) -> None:
    case = reference("krippendorff_published")
    frame = case.data().set_index("unit")
    result = several_raters(frame)
    case.agree(dict(result.details))
    assert result.estimate == result["ordinal"]
    # Krippendorff 2011, table: 12 units, one of which has one value only.
    assert result["pairable_items"] == 11
    assert result["pairable_ratings"] == 40
    assert result.verdict is Verdict.UNDETERMINED


def test_alpha_is_that_of_the_published_package() -> None:
    library = pytest.importorskip("krippendorff")
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.integers(1, 6, (25, 4)).astype(float))
    frame = frame.mask(rng.random((25, 4)) < 0.3)
    result = several_raters(frame)
    for scale in ("nominal", "ordinal", "interval", "ratio"):
        other = library.alpha(frame.to_numpy().T, level_of_measurement=scale)
        assert result[scale] == pytest.approx(other)


def test_alpha_of_names() -> None:
    frame = pd.DataFrame(
        {"a": items(["low", "high", "low"] * 5), "b": items(["low", "high", "high"] * 5)}
    )
    nominal = several_raters(frame, scale="nominal")
    assert set(nominal.details) & {"ordinal", "interval"} == set()
    ordered = several_raters(frame, categories=["low", "high"])
    # With two categories every scale is the same.
    assert ordered.estimate == pytest.approx(nominal.estimate)
    with pytest.raises(ValueError, match="not names"):
        several_raters(frame, scale="interval")


def test_alpha_repeats_with_its_seed() -> None:
    frame = raters(3).round(-1)
    one, two = several_raters(frame), several_raters(frame.sample(frac=1, random_state=1))
    assert one.interval == two.interval
    assert one.seed == two.seed


@pytest.mark.parametrize("marks_met", [True, False])
def test_marks_are_met_by_the_interval(marks_met: bool) -> None:
    result = several_raters(raters(4, spread=1.0 if marks_met else 30.0), scale="interval")
    assert result.verdict is (Verdict.POSITIVE if marks_met else Verdict.NEGATIVE)
    words = "enough for firm conclusions" if marks_met else "not enough to rely on"
    assert words in result.sentence("en")


def test_fleiss_agrees_with_r(reference: Reference) -> None:
    case = reference("fleiss_kappa_diagnoses")
    result = fleiss_kappa(case.data().set_index("patient"))
    case.agree(dict(result.details))
    # Fleiss 1971 prints the kappa of each category; the first is .245.
    assert result.tables["categories"]["kappa"].iloc[0] == pytest.approx(0.245, abs=5e-4)


@pytest.mark.parametrize("name", ["icc_raters4_a", "icc_shrout_fleiss"])
def test_intraclass_correlations_agree_with_r(reference: Reference, name: str) -> None:
    case = reference(name)
    frame = case.data().set_index(case.spec["subject"])
    result = intraclass_correlation(frame)
    forms = result.tables["forms"]
    for form, wanted in case.expected.items():
        if isinstance(wanted, dict):
            for key, value in wanted.items():
                got = forms.loc[form, key]
                assert got == pytest.approx(value, rel=1e-7, abs=1e-9), (form, key)
        else:
            assert result[form] == pytest.approx(wanted, rel=1e-7)
    # Six items are too few to say anything of, though the numbers are there.
    assert (result.refusal is not None) == (len(frame) < 10)


def test_sizes_of_a_study_decide(reference: Reference) -> None:
    frame = reference("icc_shrout_fleiss").data().set_index("S")
    sizes = {**default_sizes(), "rated_items": Size(5, 30)}
    result = intraclass_correlation(frame, sizes=sizes)
    assert result.estimate == pytest.approx(0.2897637795)
    assert result.verdict is Verdict.UNDETERMINED


def test_a_strict_evaluator_lowers_agreement_and_not_consistency() -> None:
    frame = raters(6)
    strict = frame.assign(c=frame["c"] - 20)
    one, two = (intraclass_correlation(f).tables["forms"]["icc"] for f in (frame, strict))
    assert two["ICC3"] == pytest.approx(one["ICC3"])
    assert two["ICC2"] < one["ICC2"] - 0.2


def test_items_that_do_not_differ_are_refused() -> None:
    frame = pd.DataFrame({"a": items([3.0] * 12), "b": items([4.0] * 12)})
    result = intraclass_correlation(frame)
    assert result.refusal is not None
    assert result.refusal.reason == "no_variation"
    same = intraclass_correlation(raters(1)[["a"]].assign(b=lambda f: f["a"]))
    assert same.estimate == 1
    assert same.interval is None


def test_consistency_agrees_with_r(reference: Reference) -> None:
    case = reference("reliability_bfi_agree")
    s = case.spec
    frame = case.data().set_index("id")
    result = internal_consistency(frame[s["items"]], reverse=s["reverse"], scale=tuple(s["scale"]))
    flat = {k for k, v in case.expected.items() if not isinstance(v, dict | str)}
    case.agree(dict(result.details), only=flat)
    for name in ("alpha_if_dropped", "item_rest_r", "cfa_ml_loadings"):
        tolerance = 1e-3 if name == "cfa_ml_loadings" else 1e-9
        for item, wanted in case.expected[name].items():
            assert result.tables["items"].loc[item, name] == pytest.approx(wanted, abs=tolerance)
    assert result.effect("omega").value == result["omega_cfa_ml_1factor"]
    assert list(result.tables["items"].index[result.tables["items"]["reversed"]]) == ["A1"]
    assert result.verdict is Verdict.UNDETERMINED


def test_a_question_asked_the_other_way_round_is_noticed(reference: Reference) -> None:
    frame = reference("reliability_bfi_agree").data().set_index("id")
    result = internal_consistency(frame)
    assert "A1 goes against the others" in " ".join(result.notes("en"))


def test_a_checklist_is_not_asked_to_go_together() -> None:
    result = internal_consistency(raters(1), reflective=False)
    assert result.refusal is not None
    assert result.refusal.reason == "not_reflective"


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (raters(1, n=20), "too_few"),
        (raters(1)[["a", "b"]], "too_few"),
        (raters(1).assign(c=1.0), "no_variation"),
    ],
)
def test_what_is_not_enough_for_alpha(frame: pd.DataFrame, reason: str) -> None:
    result = internal_consistency(frame)
    assert result.refusal is not None
    assert result.refusal.reason == reason


def test_few_units_have_alpha_and_no_omega() -> None:
    result = internal_consistency(raters(1, n=60))
    assert result.refusal is None
    assert result.effects == ()
    assert "omega is left out" in " ".join(result.notes("en"))


def test_answers_that_are_missing_leave_a_unit_out() -> None:
    frame = raters(1, n=120)
    holes = frame.copy()
    holes.iloc[:4, 1] = np.nan
    result = internal_consistency(holes)
    whole = internal_consistency(frame.iloc[4:])
    assert result.estimate == whole.estimate
    assert result.n == 116
    assert [part.n for part in result.dropped] == [4]
    assert result["raw_alpha_pairwise"] != whole["raw_alpha_pairwise"]
