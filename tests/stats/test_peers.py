"""Position among peers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.stats import peer_position, peer_standings

VALUES = pd.Series(
    [50.0, 10, 20, 30, 40, 50, 60, 70, 80, 90, np.nan],
    index=["own", *(f"{i:02d}" for i in range(10))],
)


def test_the_unit_is_no_peer_of_itself() -> None:
    result = peer_position(VALUES, "own")
    assert result["n_peers"] == 9
    # Four of nine are worse and one is level: (4 + 0.5) / 9.
    assert result.estimate == pytest.approx(50.0)
    assert result["peer_median"] == 50.0
    assert result["peer_mean"] == 50.0
    assert [part.n for part in result.dropped] == [1]
    assert result.interval is None
    assert "Among 9 similar municipalities, yours is in the middle third." in result.sentence("en")


def test_a_gap_is_counted_in_deviations() -> None:
    values = VALUES.copy()
    values["own"] = 80.0
    result = peer_position(values, "own")
    # Distances from 50 are 0 10 10 20 20 30 30 40 40, of which the median is 20.
    assert result["gap_mad"] == pytest.approx(30 / (1.4826 * 20))
    assert "upper third" in result.sentence("en")
    assert "30 points above" in result.sentence("en")


def test_less_is_better_turns_the_place() -> None:
    values = VALUES.copy()
    values["own"] = 85.0
    more, less = (peer_position(values, "own", direction=d).estimate for d in (1, -1))
    assert more is not None
    assert less is not None
    assert more + less == pytest.approx(100)


def test_fewer_than_eight_are_listed() -> None:
    result = peer_position(VALUES, "own", peers=["00", "01", "02", "own"])
    assert result.refusal is not None
    assert result.refusal.reason == "too_few"
    assert list(result.tables["peers"]["value"]) == [10, 20, 30]
    assert "percentile" not in result.details
    assert "at least 8" in result.sentence("en")


def test_one_that_was_not_measured_has_no_place() -> None:
    assert peer_position(VALUES, "09").refusal is not None
    assert peer_position(VALUES, "elsewhere").refusal is not None


def test_missing_data_widen_the_place() -> None:
    bounds = pd.DataFrame({"low": [10.0], "high": [95.0]}, index=["own"])
    result = peer_position(VALUES, "own", bounds=bounds)
    assert result["percentile_low"] == pytest.approx(100 * 0.5 / 9)
    assert result["percentile_high"] == 100
    assert "depends on data that are missing" in result.sentence("en")


def test_peers_that_are_alike_have_no_deviation() -> None:
    values = pd.Series(5.0, index=[f"{i:02d}" for i in range(10)])
    result = peer_position(values, "03")
    assert result["gap_mad"] is None
    assert result.estimate == 50
    assert result.notes("en")


def test_order_of_rows_is_of_no_account() -> None:
    one, two = peer_position(VALUES, "own"), peer_position(VALUES[::-1], "own")
    assert dict(one.details) == dict(two.details)
    assert one.fingerprint == two.fingerprint


@pytest.mark.parametrize("direction", [1, -1])
def test_all_at_once_are_as_one_by_one(direction: int) -> None:
    rng = np.random.default_rng(3)
    codes = [f"{i:02d}" for i in range(60)]
    values = pd.Series(rng.integers(0, 12, 60).astype(float), index=codes)
    values[["07", "31"]] = np.nan
    groups = pd.Series(rng.choice(["a", "b"], 60), index=codes)
    groups["12"] = None
    spread = rng.uniform(0, 3, (60, 2))
    bounds = pd.DataFrame({"low": values - spread[:, 0], "high": values + spread[:, 1]})
    found = peer_standings(values, groups, bounds=bounds, direction=direction)  # type: ignore[arg-type]
    assert "07" not in found.index
    assert "12" not in found.index
    for unit in ("00", "23", "59"):
        own, others = values[unit], groups.index[(groups == groups[unit]) & (groups.index != unit)]
        peers = values[others].dropna()
        ahead = direction * (own - peers)
        assert found.loc[unit, "n_peers"] == len(peers)
        assert found.loc[unit, "peers_worse"] == (ahead > 0).sum()
        assert found.loc[unit, "peers_same"] == (ahead == 0).sum()
        one = peer_position(values, unit, peers=list(others), bounds=bounds, direction=direction)  # type: ignore[arg-type]
        for name in ("percentile", "percentile_low", "percentile_high"):
            assert found.loc[unit, name] == pytest.approx(one[name])


def test_who_is_alone_has_no_percentile() -> None:
    found = peer_standings(pd.Series({"a": 1.0, "b": 2.0}), pd.Series({"a": "x", "b": "y"}))
    assert (found["n_peers"] == 0).all()
    assert found["percentile"].isna().all()
