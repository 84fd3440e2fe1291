"""Normalisation against COINr, with parameters fitted to a reference and applied to others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.errors import ScoringError
from workbench.scoring import normalise, plugins
from workbench.scoring.treatment import treated, treatment
from workbench.specs.instrument import (
    DistanceToReference,
    DistanceToTarget,
    Goalposts,
    MinMax,
    PercentileRank,
    PluginNormaliser,
    RankScore,
    TreatDistance,
    TreatPercentiles,
    TreatShape,
    ZScore,
)

R_RELATIVE = 1e-10


def both(
    rule: object, values: np.ndarray, direction: int = 1, units: np.ndarray | None = None
) -> np.ndarray:
    """Fit a rule to values and apply it to them."""
    names = np.arange(len(values)).astype(str) if units is None else units
    reference = normalise.Reference(values * direction, names)
    parameters = normalise.fit(rule, reference, "x", direction)  # type: ignore[arg-type]
    return normalise.apply(rule, values, parameters, direction)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "source", "result"),
    [
        (MinMax(method="min_max"), "treated_winsorised.csv", "norm_minmax_0_100.csv"),
        (MinMax(method="min_max", range=(1.0, 100.0)), "treated_winsorised.csv", "norm_minmax_1_100.csv"),
        (ZScore(method="z_score"), "treated_winsorised.csv", "norm_zscore_0_1.csv"),
        (RankScore(method="rank"), "treated_winsorised.csv", "norm_rank.csv"),
        (MinMax(method="min_max"), "raw.csv", "norm_minmax_0_100_raw_with_missing.csv"),
    ],
)  # fmt: skip
def test_methods_equal_coinr(shared: Path, rule: object, source: str, result: str) -> None:
    folder = shared / "reference" / "coinr"
    meta = pd.read_csv(folder / "iMeta.csv").query("Level == 1").set_index("iCode")
    values = pd.read_csv(folder / source).set_index("uCode").sort_index()
    expected = pd.read_csv(folder / result).set_index("uCode").sort_index()
    assert len(meta) == 49
    for code, direction in meta["Direction"].items():
        found = both(rule, values[code].to_numpy(dtype=float), int(direction))
        if isinstance(rule, RankScore):
            # Values that differ beyond the 15 digits written are ties here and were none in R.
            same = np.array([(found == place).sum() for place in found])
            assert (found <= expected[code]).all(), code
            assert (expected[code] < found + same).all(), code
            continue
        np.testing.assert_allclose(
            found, expected[code], rtol=R_RELATIVE, atol=1e-9, err_msg=str(code)
        )


@pytest.mark.parametrize(
    ("rule", "direction", "expected"),
    [
        (Goalposts(method="goalposts", lower=0, upper=50), 1, [0, 40, 100, 100, np.nan]),
        (
            Goalposts(method="goalposts", lower=0, upper=50, cap=False),
            1,
            [-20, 40, 100, 160, np.nan],
        ),
        (Goalposts(method="goalposts", lower=0, upper=50), -1, [100, 60, 0, 0, np.nan]),
        (
            Goalposts(method="goalposts", lower=0, upper=50, range=(0.0, 1.0)),
            1,
            [0, 0.4, 1, 1, np.nan],
        ),
    ],
)
def test_goalposts(rule: Goalposts, direction: int, expected: list[float]) -> None:
    values = np.array([-10.0, 20.0, 50.0, 80.0, np.nan])
    np.testing.assert_allclose(normalise.apply(rule, values, {}, direction), expected, rtol=1e-12)


def test_goalposts_on_logarithms() -> None:
    """Income of the Human Development Index: 100 to 75,000 dollars, UNDP technical note 1."""
    rule = Goalposts(method="goalposts", lower=100, upper=75_000, log=True, range=(0.0, 1.0))
    values = np.array([100.0, 75_000.0, 64_660.0, 0.0])
    found = normalise.apply(rule, values, {}, 1)
    np.testing.assert_allclose(found, [0, 1, np.log(646.6) / np.log(750), 0], rtol=1e-12)


def test_distance_to_target_and_reference() -> None:
    values = np.array([10.0, 20.0, 40.0])
    target = DistanceToTarget(method="distance_to_target", target=30)
    np.testing.assert_allclose(both(target, values), [0, 0.5, 1.0])
    reference = DistanceToReference(method="distance_to_reference", unit="b")
    units = np.array(["a", "b", "c"])
    np.testing.assert_allclose(both(reference, values, units=units), [0, 1, 3])


def test_places_share_ties_and_ignore_who_is_missing() -> None:
    values = np.array([5.0, 1.0, 5.0, np.nan, 9.0])
    np.testing.assert_array_equal(both(RankScore(method="rank"), values), [2, 1, 2, np.nan, 4])
    np.testing.assert_array_equal(both(RankScore(method="borda"), values), [1, 0, 1, np.nan, 3])


def test_parameters_of_a_reference_hold_for_others() -> None:
    rule = MinMax(method="min_max")
    reference = normalise.Reference(np.array([0.0, 10.0]), np.array(["a", "b"]))
    parameters = normalise.fit(rule, reference, "x", 1)
    np.testing.assert_allclose(
        normalise.apply(rule, np.array([5.0, 20.0, -5.0]), parameters, 1), [50, 200, -50]
    )


@pytest.mark.parametrize("values", [[3.0, 3.0, np.nan], [np.nan, np.nan]])
@pytest.mark.parametrize(
    "rule", [MinMax(method="min_max"), ZScore(method="z_score"), RankScore(method="rank")]
)
def test_a_constant_reference_is_refused(rule: object, values: list[float]) -> None:
    with pytest.raises(ScoringError, match="reference"):
        both(rule, np.array(values))


def test_an_unknown_plugin_names_what_is_installed() -> None:
    with pytest.raises(ScoringError, match="no plug-in nothing is installed"):
        normalise.load_plugin("workbench.normalisers", "nothing", ("fit",))


class Doubling:
    """A normaliser as another package would register it."""

    @staticmethod
    def fit(values: np.ndarray, options: dict[str, float]) -> dict[str, float]:
        return {"most": float(values.max())}

    @staticmethod
    def apply(
        values: np.ndarray, parameters: dict[str, float], options: dict[str, float]
    ) -> np.ndarray:
        return values / parameters["most"] * options["factor"]


class Entry:
    """Stands for an installed entry point."""

    name = "doubling"

    @staticmethod
    def load() -> type[Doubling]:
        return Doubling


def test_a_plugin_normalises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "entry_points", lambda group: [Entry()])
    rule = PluginNormaliser(method="plugin", name="doubling", options={"factor": 2.0})
    np.testing.assert_allclose(both(rule, np.array([1.0, 4.0])), [0.5, 2.0])
    with pytest.raises(ScoringError, match="lacks aggregate"):
        normalise.load_plugin("workbench.aggregators", "doubling", ("aggregate",))


def test_extremes_are_treated_as_coinr_does(shared: Path) -> None:
    """All 49 indicators, of which 35 values are brought in."""
    folder = shared / "reference" / "coinr"
    raw = pd.read_csv(folder / "imputed_mean_grp.csv").set_index("uCode").sort_index()
    expected = pd.read_csv(folder / "treated_winsorised.csv").set_index("uCode").sort_index()
    rule = MinMax(method="min_max", treat=TreatShape(method="shape"))
    for code in expected.columns:
        values = raw[code].to_numpy(dtype=float)
        found = treated(values, treatment(rule, values, code), rule.treat)
        np.testing.assert_allclose(found, expected[code], rtol=1e-12, err_msg=code)


X = np.array([1.0, 2.0, 3.0, 4.0, 100.0])


@pytest.mark.parametrize(
    ("rule", "direction", "expected"),
    [
        (MinMax(method="min_max", log=True), 1, 100 * np.log(X) / np.log(100)),
        (MinMax(method="min_max", log=True, upper=10.0, cap=True), 1, 100 * np.log(X.clip(max=10)) / np.log(10)),
        (MinMax(method="min_max", log=True, lower=0.5), -1, 100 * (np.log(100) - np.log(X)) / np.log(200)),
        (MinMax(method="min_max", treat=TreatPercentiles(method="percentiles", at=(0.0, 75.0))), 1, [0, 100 / 3, 200 / 3, 100, 100]),
        # The upper tail is treated, whichever way the values count.
        (MinMax(method="min_max", treat=TreatPercentiles(method="percentiles", at=(0.0, 75.0))), -1, [100, 200 / 3, 100 / 3, 0, 0]),
        (MinMax(method="min_max", percentiles=(0.0, 75.0), cap=True), -1, [100, 200 / 3, 100 / 3, 0, 0]),
        # Fences at 2 - 1 x 2 and 4 + 1 x 2.
        (MinMax(method="min_max", treat=TreatDistance(method="fences", limit=1.0)), 1, [0, 20, 40, 60, 100]),
        (PercentileRank(method="percentile_rank", counts="below"), 1, [0, 25, 50, 75, 100]),
        (PercentileRank(method="percentile_rank", counts="up_to", range=(0.0, 1.0)), 1, [0.2, 0.4, 0.6, 0.8, 1]),
        (PercentileRank(method="percentile_rank"), -1, [90, 70, 50, 30, 10]),
    ],
)  # fmt: skip
def test_preparations(rule: object, direction: int, expected: np.ndarray) -> None:
    np.testing.assert_allclose(both(rule, X, direction), expected, rtol=1e-12, atol=1e-12)


def test_deviations_of_the_reference_limit_others() -> None:
    rule = ZScore(method="z_score", ddof=1, treat=TreatDistance(method="deviations", limit=1.0))
    reference = normalise.Reference(np.array([-2.0, 0.0, 2.0]), np.arange(3))
    parameters = normalise.fit(rule, reference, "x", 1)
    assert (parameters["least"], parameters["most"]) == (-2, 2)
    found = normalise.apply(rule, np.array([-9.0, 1.0, np.nan]), parameters, 1)
    np.testing.assert_allclose(found, [-1, 0.5, np.nan])


def test_sums_in_another_order_are_ties() -> None:
    values = np.array([0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1, 0.0, 1.0])
    assert values[0] != values[1]
    assert both(RankScore(method="rank"), values).tolist() == [2, 2, 1, 4]


def test_a_treatment_that_leaves_one_value_is_refused() -> None:
    rule = MinMax(method="min_max", treat=TreatPercentiles(method="percentiles", at=(20.0, 60.0)))
    with pytest.raises(ScoringError, match="leaves no two different values"):
        both(rule, np.array([0.0, 5.0, 5.0, 5.0, 5.0, 9.0]))
