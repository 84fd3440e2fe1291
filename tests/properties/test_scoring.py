"""Properties that hold for any numbers: order, scale, direction, range."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.support import INSTRUMENT, load_text, score_rows
from workbench.instruments import Instrument
from workbench.scoring import aggregate, normalise, rank_units
from workbench.specs.instrument import MinMax

UNIT_SCORES = st.floats(0, 100, allow_nan=False)
MATRICES = arrays(
    np.float64,
    st.tuples(st.integers(1, 6), st.integers(1, 5)),
    elements=st.one_of(UNIT_SCORES, st.just(np.nan)),
)
MEANS = st.sampled_from(["arithmetic", "geometric", "harmonic", "median", "minimum", "maximum"])


@lru_cache(maxsize=1)
def simple() -> Instrument:
    return load_text(Path(tempfile.mkdtemp()), INSTRUMENT)


@given(MATRICES, MEANS, st.floats(0.01, 1000))
def test_means_stay_within_their_parts_whatever_the_scale_of_weights(
    scores: np.ndarray, method: str, scale: float
) -> None:
    weights = np.ones_like(scores)
    found = aggregate.MEANS[method](scores, weights)
    again = aggregate.MEANS[method](scores, weights * scale)
    np.testing.assert_allclose(found, again, rtol=1e-9, atol=1e-12)
    known = ~np.isnan(scores).all(axis=1)
    assert np.isnan(found[~known]).all()
    slack = 1e-9 * 100
    assert (found[known] >= np.nanmin(scores[known], axis=1) - slack).all()
    assert (found[known] <= np.nanmax(scores[known], axis=1) + slack).all()


@given(MATRICES, MEANS, st.integers(0, 4), st.floats(0, 50))
def test_a_better_part_never_makes_a_worse_whole(
    scores: np.ndarray, method: str, column: int, gain: float
) -> None:
    column %= scores.shape[1]
    better = scores.copy()
    better[:, column] = np.minimum(better[:, column] + gain, 100)
    weights = np.ones_like(scores)
    before, after = (
        aggregate.MEANS[method](scores, weights),
        aggregate.MEANS[method](better, weights),
    )
    known = ~np.isnan(before)
    assert (after[known] >= before[known] - 1e-9).all()


@given(MATRICES, st.permutations(range(5)))
def test_the_order_of_children_does_not_matter(scores: np.ndarray, order: list[int]) -> None:
    order = [i for i in order if i < scores.shape[1]]
    for method in ("arithmetic", "geometric", "median"):
        a = aggregate.MEANS[method](scores, np.ones_like(scores))
        b = aggregate.MEANS[method](scores[:, order], np.ones_like(scores))
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


@given(
    arrays(np.float64, st.integers(2, 8), elements=st.floats(-1e6, 1e6), unique=True),
    st.sampled_from([1, -1]),
)
def test_min_max_keeps_the_order_in_its_direction(values: np.ndarray, direction: int) -> None:
    rule = MinMax(method="min_max")
    reference = normalise.Reference(values * direction, np.arange(len(values)).astype(str))
    scores = normalise.apply(
        rule, values, normalise.fit(rule, reference, "x", direction), direction
    )
    assert scores.min() >= -1e-9
    assert scores.max() <= 100 + 1e-9
    order = np.argsort(values * direction, kind="stable")
    assert (np.diff(scores[order]) >= -1e-9).all()


@given(arrays(np.float64, st.integers(1, 12), elements=st.integers(0, 5).map(float)), st.data())
def test_a_place_lies_within_its_range(scores: np.ndarray, data: st.DataObject) -> None:
    below = data.draw(arrays(np.float64, scores.shape, elements=st.integers(0, 3).map(float)))
    above = data.draw(arrays(np.float64, scores.shape, elements=st.integers(0, 3).map(float)))
    ranks = rank_units(scores, scores - below, scores + above)
    assert (ranks.best <= ranks.rank).all()
    assert (ranks.rank <= ranks.worst).all()
    assert (ranks.best >= 1).all()
    assert (ranks.worst <= len(scores)).all()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(UNIT_SCORES, st.one_of(UNIT_SCORES, st.none())), min_size=2, max_size=6),
    st.randoms(),
)
def test_the_order_of_rows_does_not_matter(
    pairs: list[tuple[float, float | None]], random: object
) -> None:
    rows = []
    for i, (water, light) in enumerate(pairs):
        rows.append((f"u{i}", "1", "agua", water))
        if light is not None:
            rows.append((f"u{i}", "1", "luz", light))
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, two = score_rows(simple(), rows), score_rows(simple(), shuffled)
    for code in ("total", "agua", "luz"):
        np.testing.assert_array_equal(one.results[code].score, two.results[code].score)
        np.testing.assert_array_equal(one.results[code].low, two.results[code].low)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.one_of(UNIT_SCORES, st.none()), min_size=2, max_size=2))
def test_bounds_hold_the_score(values: list[float | None]) -> None:
    rows = [("u", "1", c, v) for c, v in zip(("agua", "luz"), values, strict=True) if v is not None]
    if not rows:
        return
    result = score_rows(simple(), rows).results["total"]
    filled = [[0.0, 100.0] if v is None else [v, v] for v in values]
    assert np.isclose(result.low[0], np.mean([f[0] for f in filled]))
    assert np.isclose(result.high[0], np.mean([f[1] for f in filled]))
