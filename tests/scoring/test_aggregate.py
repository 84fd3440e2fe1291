"""Aggregations against COINr, and on the cases that break a careless mean."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.scoring import aggregate

# COINr's results were written with 15 significant digits.
R_RELATIVE = 1e-10


def coinr(shared: Path, name: str) -> pd.DataFrame:
    frame = pd.read_csv(shared / "reference" / "coinr" / name)
    return frame.set_index("uCode").sort_index()


def tree(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "reference" / "coinr" / "iMeta.csv").dropna(subset=["Level"])


def climb(
    shared: Path, scores: pd.DataFrame, weights: dict[str, float], method: str
) -> pd.DataFrame:
    """Aggregate level by level up the tree of the ASEM index."""
    meta = tree(shared)
    found = scores.copy()
    for level in (2, 3, 4):
        for parent in meta.loc[meta["Level"] == level, "iCode"]:
            children = meta.loc[meta["Parent"] == parent, "iCode"].tolist()
            matrix = found[children].to_numpy(dtype=float)
            w = np.broadcast_to([weights[c] for c in children], matrix.shape)
            found[parent] = aggregate.MEANS[method](matrix, np.asarray(w, dtype=float))
    return found


def weights_of(shared: Path, name: str | None) -> dict[str, float]:
    meta = tree(shared)
    if name is None:
        return dict.fromkeys(meta["iCode"], 1.0)
    table = pd.read_csv(shared / "reference" / "coinr" / name)
    return dict(zip(table["iCode"], table["Weight"], strict=True))


@pytest.mark.parametrize(
    ("method", "normalised", "result", "weights"),
    [
        ("arithmetic", "norm_minmax_0_100.csv", "agg_amean.csv", None),
        ("arithmetic", "norm_minmax_0_100.csv", "agg_amean_unequal_weights.csv", "weights_unequal.csv"),
        ("geometric", "norm_minmax_1_100.csv", "agg_gmean.csv", None),
        ("geometric", "norm_minmax_1_100.csv", "agg_gmean_unequal_weights.csv", "weights_unequal.csv"),
        ("arithmetic", "norm_minmax_0_100_raw_with_missing.csv", "agg_amean_missing.csv", "weights_unequal.csv"),
    ],
)  # fmt: skip
def test_means_equal_coinr(
    shared: Path, method: str, normalised: str, result: str, weights: str | None
) -> None:
    scores = coinr(shared, normalised)
    expected = coinr(shared, result)
    found = climb(shared, scores, weights_of(shared, weights), method)
    parents = [c for c in tree(shared).query("Level in (2, 3, 4)")["iCode"] if c in expected]
    assert len(parents) == 11
    for parent in parents:
        np.testing.assert_allclose(found[parent], expected[parent], rtol=R_RELATIVE, err_msg=parent)


SCORES = np.array(
    [[80.0, 60.0, 40.0], [np.nan, 60.0, 40.0], [np.nan, np.nan, np.nan], [0.0, 50.0, 100.0]]
)
WEIGHTS = np.tile([1.0, 1.0, 2.0], (4, 1))


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("arithmetic", [55.0, 140 / 3, np.nan, 62.5]),
        ("geometric", [(80 * 60 * 40**2) ** 0.25, (60 * 40**2) ** (1 / 3), np.nan, 0.0]),
        ("harmonic", [4 / (1 / 80 + 1 / 60 + 2 / 40), 3 / (1 / 60 + 2 / 40), np.nan, 0.0]),
        ("median", [60.0, 50.0, np.nan, 50.0]),
        ("minimum", [40.0, 40.0, np.nan, 0.0]),
        ("maximum", [80.0, 60.0, np.nan, 100.0]),
        ("sum", [220.0, 140.0, np.nan, 250.0]),
    ],
)
def test_means_by_hand(method: str, expected: list[float]) -> None:
    found = aggregate.MEANS[method](SCORES, WEIGHTS)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("method", list(aggregate.MEANS))
def test_weight_0_leaves_a_child_out(method: str) -> None:
    weights = np.array([[1.0, 0.0, 1.0]])
    with_it = aggregate.MEANS[method](np.array([[80.0, 1.0, 40.0]]), weights)
    without = aggregate.MEANS[method](np.array([[80.0, 40.0]]), np.array([[1.0, 1.0]]))
    np.testing.assert_allclose(with_it, without, rtol=1e-12)


def test_geometric_mean_of_a_negative_has_no_value() -> None:
    assert np.isnan(aggregate.geometric(np.array([[-1.0, 4.0]]), np.ones((1, 2))))[0]
