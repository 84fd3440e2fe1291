"""Rules fitted to a reference: by wave, by group; distances, components, strata, conditions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support import INSTRUMENT, cell, load_text, observe, score_rows
from workbench.errors import ScoringError
from workbench.instruments import Instrument
from workbench.scoring import Calibration, calibrate, score
from workbench.scoring.components import component, fit_component
from workbench.scoring.distance import distance, fit_distance
from workbench.scoring.strata import class_number, fit_strata, stratum_of
from workbench.specs.instrument import Strata

EXACT = 1e-12  # arithmetic of a few additions
RNG = np.random.default_rng(20261124)
PAIR = RNG.normal(size=(40, 2)) @ np.array([[1.0, 0.6], [0.0, 0.8]])


def with_rule(tmp_path: Path, rule: str, *changes: tuple[str, str]) -> Instrument:
    text = INSTRUMENT.replace("{method: arithmetic}", rule)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return load_text(tmp_path, text)


def rows_of(values: np.ndarray, wave: str = "1") -> list[tuple[str, str, str, float]]:
    return [
        (f"u{i:02d}", wave, code, float(x))
        for i, pair in enumerate(values)
        for code, x in zip(("agua", "luz"), pair, strict=True)
    ]


def test_a_distance_of_two_parts_frees_the_second_of_what_the_first_tells() -> None:
    """With two parts the R squared of the second on the first is their squared correlation."""
    reference = PAIR.max(axis=0)
    found = fit_distance(PAIR, reference, 0, "x")
    r = np.corrcoef(PAIR, rowvar=False)[0, 1]
    assert sorted(found["weight"]) == pytest.approx([1 - r**2, 1.0], rel=EXACT)
    by_hand = (np.abs(PAIR - reference) / PAIR.std(axis=0)) @ np.asarray(found["weight"])
    np.testing.assert_allclose(distance(PAIR, found), by_hand, rtol=EXACT)
    assert np.isnan(distance(np.array([[1.0, np.nan]]), found)).all()


def test_a_component_of_two_parts_is_their_sum() -> None:
    """Two standardised parts with positive correlation r: loadings are equal, the variance 1 + r."""
    found = fit_component(PAIR, 1, None, "x")
    assert found["loading"] == pytest.approx([np.sqrt(0.5)] * 2, rel=EXACT)
    assert found["variance"] == pytest.approx(1 + np.corrcoef(PAIR, rowvar=False)[0, 1], rel=EXACT)
    result = component(PAIR, found, unit_variance=True)
    assert result.std(ddof=1) == pytest.approx(1, rel=1e-9)
    turned = fit_component(PAIR * [1, -1], 1, 1, "x")
    assert turned["loading"][1] > 0 > turned["loading"][0]


# Five classes of 100, 64, 36, 16 and 4 values: the roots add up to 10, 18, 24, 28 and 30.
CLASSES = np.concatenate([np.full(n, k + 0.5) for k, n in enumerate((100, 64, 36, 16, 4))])
CLASSES[[0, -1]] = 0.0, 5.0


@pytest.mark.parametrize(
    ("strata", "cut", "after"),
    [
        (3, "nearest", [0, 1]),
        (3, "last_below", [0, 1]),
        (2, "nearest", [1]),
        (2, "last_below", [0]),
    ],
)
def test_strata_are_cut_where_the_roots_pass_equal_parts(
    strata: int, cut: str, after: list[int]
) -> None:
    rule = Strata.model_validate({"method": "dalenius_hodges", "classes": 5.0, "cut": cut})
    found = fit_strata(rule, CLASSES, 5.0, strata, "x")
    assert list(found["after"]) == after
    level = stratum_of(rule, np.array([0.0, 5.0, np.nan, -9.0, 99.0]), found, direction=1)
    assert level.tolist() == [0, strata - 1, -1, 0, strata - 1]
    less = stratum_of(rule, np.array([0.0, 5.0]), found, direction=-1)
    assert less.tolist() == [strata - 1, 0]


def test_the_number_of_classes_can_depend_on_the_wave() -> None:
    rule = Strata.model_validate(
        {"method": "dalenius_hodges", "classes": {"2010": 63.0, "last": 21.0}}
    )
    assert class_number(rule, "first", 2010.0, 9) == 63
    assert class_number(rule, "last", np.nan, 9) == 21
    assert class_number(rule, "x", 2015.0, 9) is None
    sturges = Strata.model_validate({"method": "dalenius_hodges"})
    assert class_number(sturges, "x", np.nan, 1024) == 11


def test_an_index_of_distances_through_the_engine(tmp_path: Path) -> None:
    rule = "{method: dp2, reference: maximum}"
    scores = score_rows(with_rule(tmp_path, rule), rows_of(PAIR + 50))
    expected = distance(PAIR + 50, fit_distance(PAIR + 50, (PAIR + 50).max(axis=0), 0, "x"))
    np.testing.assert_allclose(scores.results["total"].score, expected, rtol=EXACT)
    relative = with_rule(tmp_path, "{method: dp2, reference: maximum, relative_to: 0}")
    share = score_rows(relative, rows_of(PAIR + 50)).results["total"].score
    assert share.max() < 1
    np.testing.assert_allclose(share / share[0], expected / expected[0], rtol=1e-9)


def test_an_index_with_a_gap_is_withheld(tmp_path: Path) -> None:
    instrument = with_rule(tmp_path, "{method: first_component}")
    rows = [r for r in rows_of(PAIR + 50) if r[:3] != ("u00", "1", "luz")]
    got = cell(score_rows(instrument, rows), "total", "u00")
    assert (got["status"], got["coverage"]) == ("withheld", 0.5)


@pytest.mark.parametrize("method", ["dp2", "first_component"])
def test_a_reference_that_does_not_vary_is_refused(tmp_path: Path, method: str) -> None:
    instrument = with_rule(tmp_path, f"{{method: {method}}}")
    with pytest.raises(ScoringError, match="the same value"):
        score_rows(instrument, rows_of(np.full((9, 2), 5.0) + [[i, 0] for i in range(9)]))
    with pytest.raises(ScoringError, match="too few"):
        score_rows(instrument, rows_of(PAIR[:3] + 50))


def test_parameters_of_a_wave_come_from_it_alone(tmp_path: Path) -> None:
    rule = "normalise: {method: min_max, scope: SCOPE}, title: {es: Agua"
    first = [("a", "1", "agua", 0.0), ("b", "1", "agua", 10.0)]
    second = [("a", "2", "agua", 10.0), ("b", "2", "agua", 20.0)]
    found = {}
    for scope in ("wave", "pooled"):
        change = ("title: {es: Agua", rule.replace("SCOPE", scope))
        instrument = with_rule(tmp_path, "{method: arithmetic, min_availability: 0}", change)
        every = observe(instrument, [*first, *second], waves=("1", "2"))
        calibration = calibrate(instrument, every.of_waves(("1",)), every_wave=every)
        again = Calibration.from_json(calibration.to_json())
        assert again.sha256 == calibration.sha256
        found[scope] = score(instrument, every, again).results["agua"].score.tolist()
    assert found == {"wave": [0, 100, 0, 100], "pooled": [0, 100, 100, 200]}


def test_a_wave_without_parameters_has_no_score_and_says_so(tmp_path: Path) -> None:
    change = ("title: {es: Agua", "normalise: {method: min_max, scope: wave}, title: {es: Agua")
    instrument = with_rule(tmp_path, "{method: arithmetic, min_availability: 0}", change)
    rows = [(u, w, "agua", x) for w in "12" for u, x in (("a", 1.0), ("b", 2.0))]
    every = observe(instrument, rows, waves=("1", "2"))
    scores = score(instrument, every, calibrate(instrument, every.of_waves(("1",))))
    assert np.isnan(scores.results["agua"].score[2:]).all()
    assert [r.kind for r in scores.remarks if r.where[2:].all()] == ["uncalibrated"]


def test_shares_of_the_best_of_a_group(tmp_path: Path) -> None:
    change = (
        "title: {es: Agua",
        "normalise: {method: distance_to_maximum, by: grupo}, title: {es: Agua",
    )
    facts = ("tiers:", "facts: [{id: grupo, title: Grupo}]\ntiers:")
    instrument = with_rule(tmp_path, "{method: arithmetic, min_availability: 0}", change, facts)
    rows = [("a", "1", "agua", 20.0), ("b", "1", "agua", 40.0), ("c", "1", "agua", 5.0)]
    known = {"a": {"grupo": 1}, "b": {"grupo": 1}, "c": {"grupo": 2}}
    scores = score_rows(instrument, rows, facts=known)
    assert scores.results["agua"].score.tolist() == [50, 100, 100]


def test_percentile_ranks_count_ties_half(tmp_path: Path) -> None:
    change = ("title: {es: Agua", "normalise: {method: percentile_rank}, title: {es: Agua")
    instrument = with_rule(tmp_path, "{method: arithmetic, min_availability: 0}", change)
    rows = [(u, "1", "agua", x) for u, x in zip("abcd", (1.0, 2.0, 2.0, 3.0), strict=True)]
    assert score_rows(instrument, rows).results["agua"].score.tolist() == [12.5, 50, 50, 87.5]


CONDITIONS = """{method: conditions, scale: semaforo, otherwise: rojo, levels: [
      {level: verde, when: 'value("agua") >= 50 and value("luz") >= 50'},
      {level: amarillo, when: '(value("agua") >= 50) + (value("luz") >= 50) >= 1'}]}"""


@pytest.mark.parametrize(
    ("agua", "luz", "level", "low", "high"),
    [
        (60, 70, "verde", "verde", "verde"),
        (60, 10, "amarillo", "amarillo", "amarillo"),
        (10, 10, "rojo", "rojo", "rojo"),
        (10, None, None, "rojo", "amarillo"),
        (60, None, None, "rojo", "verde"),
    ],
)
def test_levels_by_sets_of_conditions(
    tmp_path: Path, agua: float, luz: float | None, level: str | None, low: str, high: str
) -> None:
    instrument = with_rule(tmp_path, CONDITIONS)
    rows = [("u", "1", "agua", agua)] + ([("u", "1", "luz", luz)] if luz is not None else [])
    got = cell(score_rows(instrument, rows), "total")
    assert (got["level"] if level else None) == level
    assert (got["level_low"], got["level_high"]) == (low, high)
    assert got["status"] == ("computed" if level else "bounded")
