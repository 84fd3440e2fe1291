"""Change between two waves, against R."""

from __future__ import annotations

import pickle
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tests.stats.reference import Case
from workbench.stats import Verdict, mean_change, share_improved, typical_change

Reference = Callable[[str], Case]


def columns(case: Case) -> tuple[pd.Series, pd.Series]:
    """Return the two measurements of a case, by row or by code."""
    frame = case.data()
    if "ID" in frame:
        wide = frame.pivot(index="ID", columns="group", values="extra")
        return wide[1], wide[2]
    if "mun_code" in frame:
        frame = frame.set_index("mun_code")
    return frame[case.spec["x"]], frame[case.spec["y"]]


@pytest.mark.parametrize("name", ["paired_t_waves_a", "paired_t_sleep"])
def test_mean_change_agrees_with_r(reference: Reference, name: str) -> None:
    case = reference(name)
    result = mean_change(*columns(case))
    found = dict(result.details)
    names = {"d_z": "dz", "hedges_gz": "hedges_gz"}
    for effect in result.effects:
        found[names.get(effect.name, effect.name)] = effect.value
        if effect.interval:
            found[f"{names[effect.name]}_ci_low"] = effect.interval.low
            found[f"{names[effect.name]}_ci_high"] = effect.interval.high
    case.agree(found)


@pytest.mark.parametrize(
    "name", ["wilcoxon_waves_a_int_ties", "wilcoxon_pairs_a_exact", "wilcoxon_sleep_ties_zero"]
)
def test_typical_change_agrees_with_r(reference: Reference, name: str) -> None:
    case = reference(name)
    result = typical_change(*columns(case))
    found = dict(result.details)
    found["p_exact"] = found["p"]
    found["hl_exact_estimate"] = result.estimate
    assert result.interval is not None
    found |= {"hl_exact_ci_low": result.interval.low, "hl_exact_ci_high": result.interval.high}
    # R's root finding and the package exactRankTests, given beside, follow other definitions.
    other = {n for n in case.expected if n.startswith(("r_wilcox", "exactRankTests"))}
    case.agree(found, only=set(case.expected) - other)


def test_share_improved_agrees_with_r(reference: Reference) -> None:
    case = reference("sign_share_waves_a")
    case.agree(dict(share_improved(*columns(case)).details))


def test_four_pairs_are_shown_and_not_tested(reference: Reference) -> None:
    frame = reference("refuse_four_pairs").data()
    before, after = frame.iloc[:, -2], frame.iloc[:, -1]
    for result in (mean_change(before, after), typical_change(before, after)):
        assert result.refusal is not None
        assert result.refusal.reason == "too_few"
        assert result.test is None
        assert len(result.tables["changes"]) == 4
        assert "6" in result.sentence("es-MX")


def test_no_change_at_all_is_said(reference: Reference) -> None:
    frame = reference("refuse_no_change").data()
    result = typical_change(frame.iloc[:, -2], frame.iloc[:, -1])
    assert result.refusal is not None
    assert result.refusal.reason == "no_variation"
    assert result.sentence("en").startswith("None of the")


def test_order_of_rows_is_of_no_account() -> None:
    rng = np.random.default_rng(1)
    codes = [f"{i:05d}" for i in range(30)]
    before = pd.Series(rng.normal(50, 10, 30), index=codes)
    after = before + rng.normal(3, 5, 30)
    shuffled = after.sample(frac=1, random_state=2)
    one, two = mean_change(before, after), mean_change(before, shuffled)
    assert one.fingerprint == two.fingerprint
    assert dict(one.details) == dict(two.details)


def test_units_of_one_wave_are_counted_out() -> None:
    before = pd.Series(range(10), index=[f"a{i}" for i in range(10)], dtype=float)
    after = pd.Series([1.0, 3, 2, 5, 4, 7, 9, 8], index=[f"a{i}" for i in range(2, 10)])
    result = mean_change(before, after)
    assert result.n == 8
    assert [part.n for part in result.dropped] == [2]


def test_a_margin_makes_negligible_and_nothing_else_does() -> None:
    rng = np.random.default_rng(3)
    before = pd.Series(rng.normal(50, 10, 200))
    after = before + rng.normal(0, 1, 200)
    assert mean_change(before, after).verdict is Verdict.UNDETERMINED
    assert mean_change(before, after, margin=3.0).verdict is Verdict.NEGLIGIBLE


def test_a_result_is_a_value() -> None:
    before = pd.Series(np.arange(20.0))
    result = mean_change(before, before + np.arange(20.0) % 3 + 1)
    again = pickle.loads(pickle.dumps(result))
    assert again.sentence("es-MX") == result.sentence("es-MX")
    assert result.to_frame().loc[0, "verdict"] == "positive"
    with pytest.raises(AttributeError):
        result.n = 3  # type: ignore[misc]


def test_one_that_worsened_is_said_in_the_singular() -> None:
    before = pd.Series(range(12), index=[f"u{i:02d}" for i in range(12)], dtype=float)
    change = pd.Series([1.0] * 11 + [-1.0], index=before.index)
    result = share_improved(before, before + change)
    assert result.sentence("es-MX") == "11 de 12 municipios mejoraron; 1 empeoró."
    assert result.sentence("en") == "11 of 12 municipalities improved; 1 worsened."
