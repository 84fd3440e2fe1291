"""Did participants change more: several waves and one start, against R."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tests.stats.nested import agree
from tests.stats.reference import Case
from workbench.stats import Verdict, effect_several_waves, effect_two_waves

Reference = Callable[[str], Case]
WAVES = ["2019", "2020", "2021", "2022", "2023"]


def panel(effect: float = 4.0, drift: float = 0.0) -> tuple[pd.DataFrame, pd.Series]:
    """Return five waves of 40 units; half took part from the fourth on."""
    rng = np.random.default_rng(3)
    codes = [f"{i:05d}" for i in range(40)]
    treated = pd.Series(np.arange(40) % 2 == 0, index=codes)
    steps = np.arange(5)
    values = 50 + rng.normal(0, 8, (40, 1)) + steps + rng.normal(0, 1.5, (40, 5))
    values += treated.to_numpy()[:, None] * (effect * (steps >= 3) + drift * steps)
    return pd.DataFrame(values, index=codes, columns=WAVES), treated


def of_case(case: Case) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Return scores by wave, who took part, and states."""
    frame = case.data()
    by_unit = frame.groupby("mun_code")
    scores = frame.pivot(index="mun_code", columns="wave", values="score")
    return scores, by_unit["participant"].first(), by_unit["state"].first()


def test_the_coefficient_and_its_errors_agree_with_r(reference: Reference) -> None:
    case = reference("twfe_panel_a_did")
    scores, treated, _ = of_case(case)
    result = effect_several_waves(scores, treated, 4)
    agree(case, result.details, rename={"within_r2": "r2_with_effects"})
    assert result.estimate == pytest.approx(case.expected["coef"]["treated"])
    assert result["se/treated"] == pytest.approx(
        case.expected["se_cluster_nonnested"]["treated"], rel=1e-6
    )


def test_the_paths_before_agree_with_r(reference: Reference) -> None:
    case = reference("event_study_panel_a")
    scores, treated, _ = of_case(case)
    result = effect_several_waves(scores, treated, case.spec["start"], ref=case.spec["ref"])
    agree(case, result.details, rename={"units": "n_units"})
    assert list(result.tables["by_wave"].index) == [1, 2, 4, 5]


def test_two_waves_are_the_difference_of_changes() -> None:
    scores, treated = panel()
    several = effect_several_waves(scores[["2021", "2022"]], treated, "2022")
    two = effect_two_waves(scores["2021"], scores["2022"], treated)
    assert several.estimate == pytest.approx(two.estimate)
    assert any(
        "whether both groups were on like paths" in note for note in [several.sentence("en")]
    )


def test_a_violation_as_before_the_start_widens_the_answer() -> None:
    scores, treated = panel(effect=2.0, drift=0.5)
    result = effect_several_waves(scores, treated, "2022")
    tried = result.tables["violations"]
    assert tried["ci_low"].is_monotonic_decreasing
    assert tried.loc[0.0, "low"] == pytest.approx(result["average_after"])
    steps = np.mean([1, 2])
    assert tried.loc[1.0, "high"] - tried.loc[0.0, "high"] == pytest.approx(
        steps * result["largest_drift"]
    )
    # What goes on as before the start is no effect.
    straight, _ = panel(effect=0.0, drift=2.0)
    gone_on = effect_several_waves(straight, treated, "2022")
    assert gone_on.verdict is Verdict.POSITIVE
    assert abs(gone_on["trend_adjusted"]) < 1.5
    assert gone_on["pretrend_p_F"] < 0.01
    assert gone_on["breakdown"] < 2


def test_missing_visits_and_waves_of_one_group_are_named() -> None:
    scores, treated = panel()
    scores.iloc[3:7, 1] = np.nan
    scores.loc[treated, "2019"] = np.nan
    result = effect_several_waves(scores, treated, "2022")
    notes = " ".join(result.notes("en"))
    assert "In round 2019 only one of both groups was visited" in notes
    assert "24 measurements of the municipalities are missing" in notes
    assert result.estimate == pytest.approx(4, abs=1.5)


def test_an_effect_is_said_with_its_assumption_in_the_same_sentence() -> None:
    for effect, words in ((4.0, "upward"), (-4.0, "downward"), (0.0, "nor rule out")):
        scores, treated = panel(effect)
        text = effect_several_waves(scores, treated, "2022").sentence("en")
        first = text.split(". ")[0]
        assert words in text
        assert "assuming that without it both groups would have gone on alike" in first or (
            "assuming that without it" in text
        )
        assert "that does not prove that they would have gone on alike" in text


def test_few_clusters_get_wider_intervals() -> None:
    scores, treated = panel()
    states = pd.Series([f"s{i // 4}" for i in range(40)], index=scores.index)
    result = effect_several_waves(scores, treated, "2022", clusters=states)
    assert "main errors CR2" in result.conventions
    assert result["df/treated"] == pytest.approx(result["df_CR2_satterthwaite/treated"])
    assert any("10 groups" in note for note in result.notes("en"))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda s, t: {"start": "2019"}, "too_few"),
        (lambda s, t: {"treated": t & (t.index < "00007")}, "too_few"),
        (lambda s, t: {"scores": s * 0 + 1}, "no_variation"),
        (lambda s, t: {"scores": s * np.nan}, "too_few"),
        (
            lambda s, t: {
                "clusters": pd.Series([f"s{i % 8}" for i in range(40)], index=s.index),
                "treated": pd.Series(np.arange(40) % 8 == 1, index=s.index),
            },
            "one_cluster",
        ),
        (
            lambda s, t: {"clusters": pd.Series([f"s{i % 3}" for i in range(40)], index=s.index)},
            "too_few",
        ),
    ],
    ids=["no wave before", "few", "constant", "nothing", "one cluster", "few clusters"],
)
def test_what_cannot_be_computed_is_refused(change: Callable[..., object], reason: str) -> None:
    scores, treated = panel()
    options = {"scores": scores, "treated": treated, "start": "2022"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = effect_several_waves(**(options | change(scores, treated)))  # type: ignore[operator]
    assert result.refusal is not None
    assert result.refusal.reason == reason
    assert "nan" not in result.sentence("en").lower()


def test_order_of_units_is_of_no_account() -> None:
    scores, treated = panel()
    one = effect_several_waves(scores, treated, "2022")
    two = effect_several_waves(scores[::-1], treated.sample(frac=1, random_state=2), "2022")
    assert dict(one.details) == dict(two.details)
    assert one.fingerprint == two.fingerprint


def test_waves_must_be_known() -> None:
    scores, treated = panel()
    with pytest.raises(ValueError, match="start: '2030' is not a wave"):
        effect_several_waves(scores, treated, "2030")
    with pytest.raises(ValueError, match="does not lie before the start"):
        effect_several_waves(scores, treated, "2022", ref="2023")
