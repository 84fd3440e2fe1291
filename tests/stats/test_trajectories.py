"""Mixed models, against lme4 and statsmodels."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats as sp
import statsmodels.api as sm

from tests.stats.reference import Case
from workbench.stats import Result, Verdict, mixed_model, trajectories, variance_between
from workbench.stats.mixed import Columns, fitted, prepared

Reference = Callable[[str], Case]
# statsmodels and lme4 stop their searches a little apart.
ITERATIVE = 1e-4


def panel(
    n: int = 30, waves: int = 5, *, states: int = 6, paces: float = 0.0, rise: float = 2.0
) -> tuple[pd.DataFrame, pd.Series]:
    """Return units of states that rise, with a tenth of their visits missing."""
    rng = np.random.default_rng(11)
    codes = [f"{i:05d}" for i in range(n)]
    state = np.arange(n) % states
    own = rng.normal(0, 6, states)[state] + rng.normal(0, 8, n)
    pace = rise + rng.normal(0, 1, n) * paces
    values = 50 + own[:, None] + pace[:, None] * np.arange(waves) + rng.normal(0, 4, (n, waves))
    values[rng.random((n, waves)) < 0.1] = np.nan
    columns = [str(2015 + 2 * i) for i in range(waves)]
    return pd.DataFrame(values, codes, columns), pd.Series([f"E{s}" for s in state], codes)


def model_of(case: Case) -> Result:
    """Return the model that a formula of lme4 asks for."""
    found = re.fullmatch(r"(\w+) ~ (.+) ?\+ \((.+)\|(\w+)\)", case.spec["formula"])
    assert found is not None
    outcome, fixed, random, group = (part.strip() for part in found.groups())
    frame = case.data()
    return mixed_model(
        frame,
        outcome=outcome,
        groups=group,
        fixed=[] if fixed == "1" else [fixed],
        slope=None if random == "1" else random,
    )


def found_in(result: Result, case: Case) -> dict[str, Any]:
    """Return the numbers of a model under the names of the case, nested names joined by dots."""
    found: dict[str, Any] = dict(result.details)
    fixed, blup = result.tables["fixed"], result.tables["blup"]
    for name, row in fixed.iterrows():
        found |= {f"fixed.{name}.{column}": row[column] for column in fixed.columns}
        found[f"ml_fixed.{name}"] = row["ml_estimate"]
    for group, row in blup.iterrows():
        found |= {f"blup.{group}.{name}": row[name] for name in blup.columns}
    for i, row in result.tables["variance"].iterrows():
        found |= {f"variance.{i}.{name}": row[name] for name in ("vcov", "sdcor")}
    return found


def flat(nested: Any, prefix: str = "") -> dict[str, Any]:
    """Return nested expectations under joined names."""
    if isinstance(nested, list):
        nested = {str(i): {k: v[k] for k in ("vcov", "sdcor")} for i, v in enumerate(nested)}
    if not isinstance(nested, dict):
        return {prefix: nested}
    found: dict[str, Any] = {}
    for key, value in nested.items():
        found |= flat(value, f"{prefix}.{key}" if prefix else key)
    return found


@pytest.mark.parametrize("name", ["mixed_sleepstudy_ri", "mixed_sleepstudy_rs", "mixed_singular_a"])
def test_mixed_models_agree_with_lme4(reference: Reference, name: str) -> None:
    case = reference(name)
    found = found_in(model_of(case), case)
    for key, want in flat(case.expected).items():
        # Profile intervals are for information; p-values of 1e-60 stand for zero in both.
        if key.startswith("profile_ci") or "_p" in key.rpartition(".")[2]:
            continue
        tolerance = {
            "rel": 1e-3 if ".se" in key or key.startswith("variance") else 1e-4,
            "abs": 0.0,
        }
        if key.startswith("blup"):
            tolerance = {"rel": 0.0, "abs": 1e-3}
        if key.endswith("loglik"):
            tolerance = {"rel": 0.0, "abs": 1e-4}
        got = found[key]
        assert got == pytest.approx(want, rel=tolerance["rel"], abs=tolerance["abs"] or 1e-9), key


def test_p_values_agree_with_lme4(reference: Reference) -> None:
    case = reference("mixed_sleepstudy_rs")
    row = model_of(case).tables["fixed"].loc["Days"]
    want = case.expected["fixed"]["Days"]
    for name in ("wald_z_p", "p_satterthwaite", "p_kenward_roger"):
        assert row[name] == pytest.approx(want[name], rel=1e-4)


def test_a_variance_of_zero_is_said(reference: Reference) -> None:
    frame = reference("mixed_singular_a").data()
    result = variance_between(frame["score"], frame["group"])
    assert result["is_singular"]
    assert result["icc"] == 0.0
    assert result.interval is None
    assert result.verdict is Verdict.UNDETERMINED
    assert "No differences between groups could be told from noise" in result.sentence("en")
    assert any("a variance is zero" in note for note in result.notes("en"))


@pytest.mark.parametrize("slope", [None, "wave"], ids=["intercepts", "slopes"])
def test_nested_groups_agree_with_statsmodels(slope: str | None) -> None:
    wide, states = panel(48, 5, states=8, paces=2.0)
    tidy = wide.set_axis(range(5), axis=1).melt(ignore_index=False, var_name="wave").dropna()
    tidy = tidy.assign(
        state=states.loc[tidy.index], unit=tidy.index, wave=tidy["wave"].astype(float)
    ).reset_index(drop=True)
    result = mixed_model(
        tidy, outcome="value", groups="state", fixed=["wave"], within="unit", slope=slope
    )
    if slope is not None:
        # statsmodels knows no correlated slopes inside of groups, so only the likelihood is
        # compared: with that correlation it can't be lower.
        formula = {"unit": "0 + C(unit)", "pace": "0 + C(unit):wave"}
    else:
        formula = {"unit": "0 + C(unit)"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library = sm.MixedLM.from_formula(
            "value ~ wave", tidy, groups="state", re_formula="1", vc_formula=formula
        ).fit()
    assert float(result["reml_loglik"] or 0) >= library.llf - 1e-6
    if slope is None:
        assert result["reml_loglik"] == pytest.approx(library.llf, abs=1e-5)
        variance = result.tables["variance"].set_index("group")["vcov"]
        assert variance["state"] == pytest.approx(float(library.cov_re.iloc[0, 0]), rel=1e-3)
        assert variance["unit:state"] == pytest.approx(float(library.vcomp[0]), rel=1e-3)
        fixed = result.tables["fixed"]
        assert fixed["estimate"].to_numpy() == pytest.approx(library.fe_params.to_numpy(), rel=1e-4)
        assert fixed["se"].to_numpy() == pytest.approx(library.bse_fe.to_numpy(), rel=1e-3)


def test_the_exact_interval_is_that_of_analysis_of_variance() -> None:
    # Balanced: F / F(tail) = 1 + m g, the textbook interval (Searle 1971, 9.9).
    rng = np.random.default_rng(4)
    group = np.repeat([f"E{i:02d}" for i in range(9)], 6)
    values = pd.Series(np.repeat(rng.normal(0, 2, 9), 6) + rng.normal(0, 3, 54))
    result = variance_between(values, pd.Series(group))
    f = sp.f_oneway(*values.groupby(group).apply(np.array))
    assert result["icc_F"] == pytest.approx(f.statistic)
    assert result["icc_p"] == pytest.approx(f.pvalue)
    ratios = [(f.statistic / sp.f.isf(tail, 8, 45) - 1) / 6 for tail in (0.025, 0.975)]
    ends = [max(ratio, 0) / (1 + max(ratio, 0)) for ratio in ratios]
    assert result.interval is not None
    assert (result.interval.low, result.interval.high) == pytest.approx(ends)


def test_order_of_rows_and_waves_as_text_are_of_no_account() -> None:
    wide, states = panel()
    one = trajectories(wide, states=states)
    other = trajectories(wide.sample(frac=1, random_state=1), states=states.sample(frac=1))
    assert one.fingerprint == other.fingerprint
    assert dict(one.details) == dict(other.details)
    assert one.sentence("en") == other.sentence("en")


def test_a_shift_and_a_scale_are_followed() -> None:
    wide, _ = panel()
    one, other = trajectories(wide, paces=False), trajectories(1000 + 3 * wide, paces=False)
    assert other.estimate == pytest.approx(3 * (one.estimate or 0), rel=1e-6)
    assert other["icc"] == pytest.approx(one["icc"], rel=1e-5)
    assert other["icc_low"] == pytest.approx(one["icc_low"], rel=1e-6)


def test_years_change_the_pace_and_no_test() -> None:
    wide, _ = panel(paces=2.0)
    rounds = trajectories(wide, paces=True)
    years = trajectories(wide, paces=True, times=[2015, 2017, 2019, 2021, 2023])
    assert years.estimate == pytest.approx((rounds.estimate or 0) / 2, rel=1e-5)
    assert years.test is not None
    assert rounds.test is not None
    assert years.test.p == pytest.approx(rounds.test.p, rel=1e-3)
    assert years["reml_loglik"] == pytest.approx(
        float(rounds["reml_loglik"] or 0) - np.log(2), abs=1e-4
    )


def test_complete_panels_give_the_mean_of_slopes() -> None:
    # With every visit made, the mean pace is the mean of the units' own least-squares slopes.
    wide, _ = panel(paces=2.0)
    wide = wide.interpolate(axis=1, limit_direction="both")
    result = trajectories(wide, paces=True)
    own = np.polyfit(np.arange(5), wide.to_numpy().T, 1)[0]
    assert result.estimate == pytest.approx(own.mean(), rel=1e-6)
    assert result["is_singular"] is False
    row = result.tables["fixed"].loc["wave"]
    assert row["se"] == pytest.approx(own.std(ddof=1) / np.sqrt(len(own)), rel=1e-4)
    assert row["df_kenward_roger"] == pytest.approx(len(own) - 1, rel=1e-6)


def test_paces_are_dropped_where_they_cannot_be_told_from_noise() -> None:
    wide, _ = panel(30, 6)
    result = trajectories(wide)
    assert not result.tables["variance"]["var1"].eq("wave").any()
    assert any("all share one" in note for note in result.notes("en"))
    assert result.effect("icc").interval is not None


def test_paces_are_named_only_where_they_differ() -> None:
    unlike = trajectories(panel(paces=2.0)[0])
    assert float(unlike["paces_p"] or 1) < 0.01
    assert "Each has a pace of its own" in unlike.sentence("en")
    alike = trajectories(panel(20, 4)[0])
    assert alike.tables["variance"]["var1"].eq("wave").any()
    assert float(alike["paces_p"] or 0) > 0.05
    assert "are lasting differences between municipalities" in alike.sentence("en")


@pytest.mark.parametrize(
    ("rise", "margin", "verdict", "words"),
    [
        (2.0, None, Verdict.POSITIVE, "rose by"),
        (-2.0, None, Verdict.NEGATIVE, "fell by"),
        (0.0, None, Verdict.UNDETERMINED, "cannot be told"),
        (0.0, 3.0, Verdict.NEGLIGIBLE, "no appreciable change"),
    ],
)
def test_trajectories_in_words(
    rise: float, margin: float | None, verdict: Verdict, words: str
) -> None:
    wide, _ = panel(rise=rise)
    result = trajectories(wide, paces=False, margin=margin)
    assert result.verdict is verdict
    assert words in result.sentence("en")
    assert "Of every 10 points of variance, about" in result.sentence("en")
    assert "measurements are missing" in result.notes("en")[-1]


def test_shares_of_two_levels_in_words() -> None:
    wide, states = panel(60, 4, states=12)
    text = trajectories(wide, states=states, paces=False).sentence("en")
    assert "differences between states" in text
    assert "approximate" in text


def test_units_without_a_state_are_counted_out() -> None:
    wide, states = panel()
    result = trajectories(wide, states=states.iloc[2:])
    assert [part.n for part in result.dropped] == [2]
    assert result["n_innermost"] == 28


def refused_cases() -> dict[str, tuple[pd.DataFrame, str]]:
    wide, _ = panel()
    rng = np.random.default_rng(1)
    flat_waves = pd.DataFrame(rng.normal(50, 9, (12, 1)) + np.arange(3.0))
    return {
        "four units": (wide.head(4), "too_few"),
        "nobody": (wide.head(0), "too_few"),
        "no wave varies": (wide * 0 + 5, "no_variation"),
        "one visit each": (wide.where(np.eye(30, 5, dtype=bool)), "too_few"),
        "one wave": (wide.iloc[:, :1], "collinear"),
        "no noise": (flat_waves, "no_variation"),
    }


@pytest.mark.parametrize("name", list(refused_cases()))
def test_what_cannot_be_modelled(name: str) -> None:
    wide, reason = refused_cases()[name]
    result = trajectories(wide)
    assert result.refusal is not None
    assert result.refusal.reason == reason
    assert result.test is None


def test_one_measurement_of_each_cannot_tell_lasting_from_passing() -> None:
    values = pd.Series(np.arange(10.0))
    result = variance_between(values, pd.Series([f"g{i}" for i in range(10)]))
    assert result.refusal is not None
    assert result.refusal.reason == "too_few_each"


def test_wrong_options_are_errors() -> None:
    wide, _ = panel()
    with pytest.raises(ValueError, match="2 entries for 5 waves"):
        trajectories(wide, times=[1, 2])
    with pytest.raises(ValueError, match="slope 'x' is none of the fixed columns"):
        mixed_model(wide.reset_index(), outcome="2015", groups="index", slope="x")


def test_the_boundary_is_found_from_either_side() -> None:
    # Groups hardly more alike than chance: the variance is small, above zero, and found.
    rng = np.random.default_rng(8)
    for seed_shift in range(5):
        group = np.repeat(np.arange(8), 5)
        y = rng.normal(0, 1, 40) + 0.3 * seed_shift * rng.normal(0, 1, 8)[group]
        frame = pd.DataFrame({"value": y, "group": group.astype(str)})
        model = fitted(prepared(frame, Columns("value", (), "group")))
        between = frame.groupby("group")["value"].mean().var(ddof=1)
        within = frame.groupby("group")["value"].var(ddof=1).mean()
        # Balanced REML in closed form: max(0, MSB / m - MSW / m).
        want = max(0.0, between - within / 5)
        assert model.terms()[0][1][0, 0] == pytest.approx(want, abs=1e-5)
