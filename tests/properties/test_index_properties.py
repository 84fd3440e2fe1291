"""What holds for every index: order of units, scale of weights, direction, range, new objects."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.audit.index.made import structure
from workbench.audit.index import Index

UNITS = st.integers(6, 25)
SEEDS = st.integers(0, 2**31)
MEANS = ["arithmetic", "geometric", "harmonic", "median", "copeland"]


def values(n: int, seed: int, gaps: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    found = np.round(rng.gamma(1.5, 5.0, (n, 4)), 1)
    found[rng.random(found.shape) < gaps] = np.nan
    found[0], found[1] = (0.0, 1.0, 2.0, 3.0), (60.0, 61.0, 62.0, 63.0)
    return pd.DataFrame(found, index=[f"u{i}" for i in range(n)], columns=list("abcd"))


def built(frame: pd.DataFrame, mean: str, tree: object = None) -> Index:
    """Build an index that takes every step in which units speak for each other."""
    made = Index.make(frame, tree or structure())
    made = made.impute("median").treat("shape", skewness=1.0, kurtosis=1.0, then="log_ct")
    options = {} if mean == "copeland" else {"min_availability": 0.5}
    return made.normalise("min_max", range=(1, 100)).aggregate(mean, **options)


@pytest.mark.parametrize("mean", MEANS)
@given(n=UNITS, seed=SEEDS, gaps=st.sampled_from([0.0, 0.2]))
@settings(max_examples=15, deadline=None)
def test_the_order_of_units_plays_no_part(mean: str, n: int, seed: int, gaps: float) -> None:
    frame = values(n, seed, gaps)
    shuffled = frame.sample(frac=1, random_state=seed % 1000)
    one, other = built(frame, mean), built(shuffled, mean)
    pd.testing.assert_frame_equal(one.latest, other.latest.loc[frame.index], rtol=1e-9)
    assert one.ranks().equals(other.ranks().loc[frame.index])


@pytest.mark.parametrize("mean", MEANS)
@given(n=UNITS, seed=SEEDS, factor=st.floats(1e-3, 1e3))
@settings(max_examples=15, deadline=None)
def test_the_scale_of_weights_plays_no_part(mean: str, n: int, seed: int, factor: float) -> None:
    frame, tree = values(n, seed), structure()
    scaled = tree.with_weights({c: tree.nodes[c].parents["left"] * factor for c in "ab"})
    one, other = built(frame, mean, tree), built(frame, mean, scaled)
    pd.testing.assert_frame_equal(one.latest, other.latest, rtol=1e-9)


@pytest.mark.parametrize("mean", ["arithmetic", "geometric", "harmonic", "median"])
@given(n=UNITS, seed=SEEDS, who=st.integers(2, 5), more=st.floats(0.01, 20))
@settings(max_examples=15, deadline=None)
def test_more_of_what_is_good_never_lowers_a_score(
    mean: str, n: int, seed: int, who: int, more: float
) -> None:
    frame = values(n, seed)

    def score(table: pd.DataFrame) -> float:
        made = Index.make(table, structure()).normalise("min_max", range=(1, 100))
        return float(made.aggregate(mean).scores.iloc[who])

    for place, direction in enumerate((1, -1, 1, -1)):
        better = frame.copy()
        better.iloc[who, place] += direction * more
        assert score(better) >= score(frame) - 1e-9


@given(n=UNITS, seed=SEEDS, low=st.floats(-10, 10), span=st.floats(0.1, 200))
@settings(max_examples=20, deadline=None)
def test_scores_stay_within_the_range(n: int, seed: int, low: float, span: float) -> None:
    made = Index.make(values(n, seed), structure()).normalise("min_max", range=(low, low + span))
    found = made.aggregate("arithmetic").latest
    assert found.to_numpy().min() >= low - 1e-9
    assert found.to_numpy().max() <= low + span + 1e-9


@given(n=st.integers(20, 40), seed=SEEDS, gaps=st.sampled_from([0.1, 0.2]))
@settings(max_examples=15, deadline=None)
def test_what_is_known_is_never_imputed(n: int, seed: int, gaps: float) -> None:
    frame = values(n, seed, gaps)
    for method, options in (("mean", {}), ("median", {"across": "indicators"}), ("em", {})):
        made = Index.make(frame, structure()).impute(method, **options)
        known = frame.notna().to_numpy()
        np.testing.assert_array_equal(made.latest.to_numpy()[known], frame.to_numpy()[known])
        report = made.reports["imputed"]
        assert (report["n_missing"] - report["n_filled"] == made.latest.isna().sum()).all()


@given(n=UNITS, seed=SEEDS)
@settings(max_examples=15, deadline=None)
def test_nothing_that_is_asked_again_changes(n: int, seed: int) -> None:
    made = built(values(n, seed), "geometric")
    pd.testing.assert_frame_equal(made.what_if().latest, made.latest)
