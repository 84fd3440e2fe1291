"""Shares against chance, and rates made comparable, against R."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import scipy.stats as sp

from tests.stats.reference import Case
from workbench.stats import funnel, observed_expected, standardised_rates
from workbench.stats.funnel import minlike

Reference = Callable[[str], Case]


def rows_agree(case: Case, table: pd.DataFrame, rows: list[dict[str, object]]) -> None:
    """Check a table, unit by unit, as the numbers of a case."""
    assert rows
    for row in rows:
        found = {name: table.loc[row["id"], name] for name in row if name != "id"}
        want = {name: value for name, value in row.items() if name != "id"}
        Case(case.id, {}, want, case.tolerance, [], case.folder).agree(found)


def test_the_funnel_agrees_with_r(reference: Reference) -> None:
    case = reference("funnel_coverage_a")
    frame = case.data().set_index("mun_code")
    result = funnel(frame["with_service"], frame["households"].sample(frac=1, random_state=2))
    case.agree(dict(result.details), only=set(case.expected) - {"units"})
    rows_agree(case, result.tables["units"], case.expected["units"])
    assert "of 24 municipalities 2 lie outside" in result.sentence("en")
    assert "1.2 times as wide" in " ".join(result.notes("en"))


def test_a_unit_below_its_limits_is_said_with_its_counts(reference: Reference) -> None:
    frame = reference("funnel_coverage_a").data().set_index("mun_code")
    result = funnel(frame["with_service"], frame["households"], unit="09002")
    assert result.verdict == "negative"
    assert result.estimate == pytest.approx(105 / 295)
    assert "35.6 per 100 (105 of 295): below what chance alone would give" in result.sentence("en")
    assert result.verdict_word("en") == "below what chance gives"
    inside = funnel(frame["with_service"], frame["households"], unit="09003", target=0.63)
    assert inside.verdict == "undetermined"
    assert inside["theta"] == 0.63
    above = funnel(frame["with_service"], frame["households"], unit="09001")
    assert "above what chance" in above.sentence("en")


def test_few_units_know_no_overdispersion(reference: Reference) -> None:
    frame = reference("funnel_coverage_a").data().set_index("mun_code").iloc[:6]
    result = funnel(frame["with_service"], frame["households"])
    assert result["phi_winsorised10"] is None
    table = result.tables["units"]
    assert (table["wide_low95"] == table["exact_low95"].clip(0)).all()
    assert table["z_multiplicative"].isna().all()


def test_unknown_and_impossible_denominators_are_left_out() -> None:
    x = pd.Series([5, 7, 9, 30, 4, 0], index=list("abcdef"), dtype=float)
    n = pd.Series([10, 12, np.nan, 20, 0, 15], index=list("abcdef"))
    result = funnel(x, n)
    assert result.n == 3
    assert sorted(part.n for part in result.dropped) == [1, 2]
    assert "fewer than 20 cases" in " ".join(result.notes("en"))
    assert funnel(x, n, unit="c").refusal.reason == "not_measured"
    assert funnel(x[:1], n).refusal.reason == "too_few"
    assert funnel(x * 0, n).refusal.reason == "no_variation"
    assert funnel(x * np.nan, n, target=0.5).refusal.reason == "not_measured"
    with pytest.raises(ValueError, match="whole numbers"):
        funnel(x + 0.5, n)
    with pytest.raises(ValueError, match="between 0 and 1"):
        funnel(x, n, target=70)


def test_observed_over_expected_agrees_with_r(reference: Reference) -> None:
    case = reference("smr_coverage_a")
    frame = case.data().set_index("mun_code")
    result = observed_expected(frame[case.spec["O"]], frame[case.spec["E"]])
    rows_agree(case, result.tables["units"], case.expected["units"])
    assert "1 lies outside" in result.sentence("en")
    one = observed_expected(frame[case.spec["O"]], frame[case.spec["E"]], unit="09004")
    assert "25 events where 16 are expected" in one.sentence("en")
    assert one.verdict == "positive"


def test_no_events_leave_the_upper_end() -> None:
    o = pd.Series([0, 4, 3], index=["a", "b", "c"])
    e = pd.Series([5.0, np.nan, 0], index=["a", "b", "c"])
    result = observed_expected(o, e, unit="a")
    row = result.tables["units"].loc["a"]
    assert row["exact_low"] == 0
    assert row["byar_low"] == 0
    # Three events are still probable at 5 % both ways: the rule of 3.69.
    assert row["exact_high"] == pytest.approx(sp.chi2.ppf(0.975, 2) / 2 / 5)
    assert "at most 0.7 times" in result.sentence("en")
    assert result.dropped[0].n == 2
    assert observed_expected(o, e, unit="b").refusal.reason == "not_measured"


def wide(case: Case) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    long = case.data()
    events, population = (
        long.pivot(index="mun_code", columns="age_group", values=name)
        for name in ("events", "population")
    )
    return events, population, long.groupby("age_group")["standard_population"].first()


def test_standardised_rates_agree_with_r(reference: Reference) -> None:
    case = reference("direct_rates_a")
    events, population, standard = wide(case)
    result = standardised_rates(events, population.sample(frac=1, random_state=3), standard)
    for kind in ("direct", "indirect"):
        rows = [{"id": unit, **row} for unit, row in case.expected[kind].items()]
        rows_agree(case, result.tables[kind], rows)
    assert "per 1,000" in result.sentence("en")


def test_few_events_are_standardised_indirectly_only(reference: Reference) -> None:
    events, population, standard = wide(reference("direct_rates_a"))
    events = events.astype(float)
    events.iloc[0] = [0, 1, 2]
    events.iloc[1] = np.nan
    events.iloc[2] = 0
    result = standardised_rates(events, population, standard)
    assert result.tables["direct"]["direct_rate"].isna().tolist() == [True, True, *[False] * 3]
    assert result.tables["indirect"].loc["30003", "exact_low"] == 0
    assert result.tables["indirect"]["exact_high"].notna().all()
    assert "compared with what is expected only" in " ".join(result.notes("en"))
    assert result.dropped[0].n == 1
    nothing = standardised_rates(events * 0, population, standard)
    assert nothing.refusal.reason == "no_events"
    with pytest.raises(ValueError, match="no column for the stratum"):
        standardised_rates(events, population, pd.Series({"0-4": 1.0}))


def test_one_stratum_makes_crude_and_standardised_the_same() -> None:
    events = pd.DataFrame({"all": [20.0, 35]}, index=["a", "b"])
    population = pd.DataFrame({"all": [1000.0, 2000]}, index=["a", "b"])
    result = standardised_rates(events, population, pd.Series({"all": 7.0}))
    direct = result.tables["direct"]
    assert direct["direct_rate"].tolist() == pytest.approx(direct["crude"].tolist())
    # With one stratum the interval of Fay and Feuer is the exact one of Poisson.
    low, high = sp.chi2.ppf(0.025, 40) / 2, sp.chi2.ppf(0.975, 42) / 2
    assert direct.loc["a", "fay_feuer_low"] == pytest.approx(low / 1000)
    assert direct.loc["a", "fay_feuer_high"] == pytest.approx(high / 1000)


@pytest.mark.parametrize("theta", [0.02, 0.5, 0.93])
def test_exact_p_of_all_units_is_that_of_each(theta: float) -> None:
    rng = np.random.default_rng(8)
    n = rng.integers(1, 400, 200).astype(float)
    x = np.array([float(rng.integers(0, k + 1)) for k in n])
    want = [sp.binomtest(int(a), int(b), theta).pvalue for a, b in zip(x, n, strict=True)]
    # Both add the same probabilities; 1e-12 leaves room for the order of addition.
    np.testing.assert_allclose(minlike(x, n, theta), want, rtol=0, atol=1e-12)
