"""Scoring from observations to tidy scores: kinds, states, bounds, reports, waves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.support import INSTRUMENT, cell, load_text, observe, score_rows
from workbench.errors import ScoringError
from workbench.instruments import Instrument
from workbench.scoring import Calibration, calibrate, explain, rank_units, score

BOTH = [("u", "1", "agua", 80.0), ("u", "1", "luz", 60.0)]
ONE = [("u", "1", "agua", 80.0)]


@pytest.fixture
def simple(tmp_path: Path) -> Instrument:
    return load_text(tmp_path, INSTRUMENT)


def variant(tmp_path: Path, *changes: tuple[str, str], more: str = "") -> Instrument:
    text = INSTRUMENT + more
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return load_text(tmp_path, text)


def test_columns_and_rows(simple: Instrument) -> None:
    frame = score_rows(simple, BOTH).frame
    assert list(frame.columns) == [
        "unit", "wave", "node", "value", "score", "low", "high", "level", "level_low", "level_high",
        "coverage", "status", "computed",
    ]  # fmt: skip
    assert frame["node"].tolist() == ["total", "agua", "luz"]


def test_mean_of_what_is_there(simple: Instrument) -> None:
    assert cell(score_rows(simple, BOTH), "total")["score"] == 70
    assert cell(score_rows(simple, BOTH), "total")["status"] == "computed"


def test_missing_withholds_and_bounds(simple: Instrument) -> None:
    got = cell(score_rows(simple, ONE), "total")
    assert np.isnan(got["score"])
    assert (got["low"], got["high"]) == (40, 90)
    assert (got["status"], got["coverage"]) == ("withheld", 0.5)


def test_a_lower_threshold_takes_what_is_there(tmp_path: Path) -> None:
    instrument = variant(
        tmp_path, ("{method: arithmetic}", "{method: arithmetic, min_availability: 0.5}")
    )
    got = cell(score_rows(instrument, ONE), "total")
    assert (got["score"], got["low"], got["high"]) == (80, 40, 90)


def test_bounds_hold_a_score_whose_missing_part_has_another_range(tmp_path: Path) -> None:
    partly = ("{method: arithmetic}", "{method: arithmetic, min_availability: 0.5}")
    small = ("{code: luz, kind: score,", "{code: luz, kind: score, maximum: 10,")
    got = cell(score_rows(variant(tmp_path, partly, small), [("u", "1", "agua", 90.0)]), "total")
    assert (got["low"], got["score"], got["high"]) == (45, 90, 90)


def test_a_parent_of_withheld_groups_is_withheld(tmp_path: Path) -> None:
    text = """  - {code: g1, tier: total, parent: total, title: G}
  - {code: g2, tier: total, parent: total, title: G}
indicators:
  - {code: a2, kind: score, parent: g1, title: A}
  - {code: b2, kind: score, parent: g2, title: B}
"""
    instrument = variant(
        tmp_path,
        ("indicators:\n", text),
        ("code: agua, kind: score, parent: total", "code: agua, kind: score, parent: g1"),
        ("code: luz, kind: score, parent: total", "code: luz, kind: score, parent: g2"),
    )
    observations = observe(instrument, [("u", "1", "agua", 20.0), ("u", "1", "luz", 80.0)])
    scores = score(instrument, observations, calibrate(instrument, observations))
    got = cell(scores, "total")
    assert (got["status"], got["low"], got["high"]) == ("withheld", 25, 75)
    assert "Between 25 and 75." in explain(scores, observations, "u", "total").text()


@pytest.mark.parametrize(
    ("bands", "low", "high"),
    [
        ([("< 40", "rojo"), (">= 40 and <= 60", "verde"), ("> 60", "rojo")], "rojo", "verde"),
        ([("< 25", "verde"), (">= 25 and < 75", "amarillo"), (">= 75", "rojo")], "rojo", "amarillo"),
        ([("<= 40", "verde"), ("> 40", "rojo")], "rojo", "verde"),
    ],
)  # fmt: skip
def test_levels_between_bounds_are_all_that_lie_between(
    tmp_path: Path, bands: list[tuple[str, str]], low: str, high: str
) -> None:
    lines = ", ".join(f"{{level: {level}, when: '{when}'}}" for when, level in bands)
    cuts = f"aggregate: {{method: arithmetic}}, levels: {{scale: semaforo, bands: [{lines}]}}"
    instrument = variant(tmp_path, ("aggregate: {method: arithmetic}", cuts))
    got = cell(score_rows(instrument, [("u", "1", "agua", 60.0)]), "total")  # 30 to 80
    assert (got["level_low"], got["level_high"]) == (low, high)


@pytest.mark.parametrize(
    "rule",
    [
        "{method: distance_to_target, target: 30}",
        "{method: distance_to_target, target: 40}",
        "{method: distance_to_reference, unit: u1}",
    ],
)
def test_a_target_that_no_value_is_short_of_is_refused(tmp_path: Path, rule: str) -> None:
    instrument = variant(
        tmp_path, ("code: agua, kind: score,", f"code: agua, kind: score, normalise: {rule},")
    )
    rows = [(f"u{i}", "1", "agua", v) for i, v in ((1, 40.0), (2, 80.0))]
    with pytest.raises(ScoringError, match="short of the target"):
        score_rows(instrument, rows)


def test_explanations_name_caps_normalisation_and_direction(tmp_path: Path) -> None:
    instrument = variant(
        tmp_path,
        ("{method: arithmetic}", "{method: arithmetic, cap: 60}"),
        (
            "{code: agua, kind: score,",
            "{code: agua, kind: score, direction: -1, normalise: {method: goalposts, lower: 0, upper: 200},",
        ),
    )
    observations = observe(instrument, BOTH)
    scores = score(instrument, observations, calibrate(instrument, observations))
    text = explain(scores, observations, "u", "total").text()
    assert "less is better (goalposts of the negative: lower = 0, upper = 200): 80 gives 60" in text
    assert cell(scores, "total")["score"] == 60
    observations = observe(instrument, [("u", "1", "agua", 20.0), ("u", "1", "luz", 60.0)])
    scores = score(instrument, observations, calibrate(instrument, observations))
    text = explain(scores, observations, "u", "total").text()
    assert "Arithmetic mean of agua: 90; luz: 60 = 75." in text
    assert "At most 60: 75 gives 60." in text


def test_ties_are_not_broken_by_binary_noise() -> None:
    noisy = np.array([29.99999999999999, 30.000000000000004, 30.0, 29.9])
    ranks = rank_units(noisy, noisy, noisy)
    np.testing.assert_array_equal(ranks.rank, [1, 1, 1, 4])
    np.testing.assert_array_equal(ranks.ties, [3, 3, 3, 1])


def test_not_measurable_leaves_the_denominator(tmp_path: Path) -> None:
    instrument = variant(
        tmp_path, ("title: {es: Luz, en: Light}", "title: Luz, not_measurable: [{title: x}]")
    )
    got = cell(score_rows(instrument, [*ONE, ("u", "1", "luz", "NM")]), "total")
    assert (got["score"], got["coverage"]) == (80, 1.0)


def test_nothing_applies(tmp_path: Path) -> None:
    nm = "not_measurable: [{title: x}]"
    instrument = variant(
        tmp_path,
        ("title: {es: Luz, en: Light}", f"title: Luz, {nm}"),
        ("title: {es: Agua, en: Water}", f"title: Agua, {nm}"),
    )
    got = cell(score_rows(instrument, [("u", "1", "luz", "NM"), ("u", "1", "agua", "NM")]), "total")
    assert got["status"] == "not_measurable"


def test_reported_stands_and_computed_is_kept(simple: Instrument) -> None:
    observations = observe(simple, [*BOTH, ("u", "1", "total", 75.0)])
    scores = score(simple, observations, calibrate(simple, observations))
    got = cell(scores, "total")
    assert (got["score"], got["computed"], got["status"]) == (75, 70, "reported")
    assert [w.kind for w in scores.warnings] == ["reported_differs"]


def test_a_reported_total_alone_has_no_bounds(simple: Instrument) -> None:
    got = cell(score_rows(simple, [("u", "1", "total", 75.0)]), "total")
    assert (got["low"], got["high"], got["status"]) == (75, 75, "reported")
    assert np.isnan(got["computed"])


TWO_LEVELS = """
  - {code: area, tier: total, title: Area, parent: total}
  - {code: otra, tier: total, title: Otra, parent: total}
"""


def test_a_parent_of_mixed_children_is_mixed(tmp_path: Path) -> None:
    text = INSTRUMENT.replace("indicators:\n", TWO_LEVELS + "indicators:\n").replace(
        "kind: score, parent: total", "kind: score, parent: area"
    )
    instrument = load_text(tmp_path, text)
    mixed = score_rows(instrument, [*BOTH, ("u", "1", "otra", 10.0)])
    assert cell(mixed, "total")["status"] == "mixed"
    assert cell(mixed, "total")["score"] == 40
    both = score_rows(instrument, [("u", "1", "area", 20.0), ("u", "1", "otra", 10.0)])
    assert cell(both, "total")["status"] == "computed"


def test_conditional_nodes(tmp_path: Path) -> None:
    instrument = variant(
        tmp_path,
        (
            "title: {es: Luz, en: Light}",
            "title: Luz, exists_when: {when: rural = 1, title: Solo rural}",
        ),
        ("tiers:\n", "facts: [{id: rural, title: Rural, boolean: true}]\ntiers:\n"),
    )
    rows = [*BOTH, ("v", "1", "agua", 80.0)]
    scores = score_rows(instrument, rows, facts={"u": {"rural": 1}, "v": {"rural": 0}})
    assert cell(scores, "total", "u")["score"] == 70
    assert cell(scores, "luz", "v")["status"] == "not_applicable"
    assert cell(scores, "total", "v")["score"] == 80


def test_weights_by_parent(tmp_path: Path) -> None:
    instrument = variant(tmp_path, ("title: {es: Agua, en: Water}", "title: Agua, weight: 3"))
    assert cell(score_rows(instrument, BOTH), "total")["score"] == 75


def test_levels_of_groups_follow_their_bounds(tmp_path: Path) -> None:
    levels = "levels: {scale: semaforo, bands: [{level: rojo, when: '< 50'}, {level: amarillo, when: '>= 50 and < 75'}, {level: verde, when: '>= 75'}]}"
    instrument = variant(tmp_path, ("title: {es: Resultado, en: Result}", f"title: R, {levels}"))
    assert cell(score_rows(instrument, BOTH), "total")["level"] == "amarillo"
    partial = cell(score_rows(instrument, ONE), "total")
    assert (partial["level_low"], partial["level_high"]) == ("rojo", "verde")


OTHER_KINDS = """
  - {code: puntos, kind: points, parent: total, title: P, maximum: 10}
  - {code: letra, kind: grade, parent: total, title: L, scale: semaforo, normalise: {method: level_numbers}}
  - code: opcion
    kind: category
    parent: total
    title: C
    scale: semaforo
    options: [{id: si, title: S, level: verde, score: 100}, {id: no, title: N, level: rojo, score: 0}]
  - {code: norma, kind: statement, parent: total, title: N, basis: norm}
"""


def test_every_kind_of_indicator(tmp_path: Path) -> None:
    instrument = variant(
        tmp_path, ("colour: green}", "colour: green, number: 3}"), more=OTHER_KINDS
    )
    rows = [
        *BOTH, ("u", "1", "puntos", 7.0), ("u", "1", "letra", "verde"), ("u", "1", "opcion", "si"),
        ("u", "1", "norma", 1.0),
    ]  # fmt: skip
    scores = score_rows(instrument, rows)
    found = {c: cell(scores, c)["score"] for c in instrument.indicators}
    assert found == {"agua": 80, "luz": 60, "puntos": 7, "letra": 3, "opcion": 100, "norma": 100}
    assert cell(scores, "opcion")["level"] == "verde"


def test_points_out_of_a_total(tmp_path: Path) -> None:
    points = "  - {code: a, kind: points, parent: t, title: A, maximum: 60}\n  - {code: b, kind: points, parent: t, title: B, maximum: 40}\n"
    text = INSTRUMENT.replace(
        "indicators:\n",
        "  - {code: t, tier: total, title: T, aggregate: {method: points, total: 100}}\nindicators:\n",
    )
    instrument = load_text(tmp_path, text + points)
    whole = cell(score_rows(instrument, [("u", "1", "a", 50.0), ("u", "1", "b", 30.0)]), "t")
    assert (whole["score"], whole["low"], whole["high"]) == (80, 80, 80)
    part = cell(score_rows(instrument, [("u", "1", "a", 50.0)]), "t")
    assert np.isnan(part["score"])
    assert (part["low"], part["high"]) == (50, 90)


MEASURED = """
  - code: medida
    kind: measure
    parent: total
    title: M
    direction: -1
    normalise: {method: min_max}
"""


def test_a_later_wave_does_not_change_an_earlier_score(tmp_path: Path) -> None:
    instrument = load_text(tmp_path, INSTRUMENT + MEASURED)
    first = [("u", "1", "medida", 10.0), ("v", "1", "medida", 20.0)]
    later = [("u", "2", "medida", 40.0), ("v", "2", "medida", 0.0)]
    both = observe(instrument, first + later, waves=("1", "2"))
    calibration = calibrate(instrument, both.of_waves(("1",)))
    alone = score(instrument, both.of_waves(("1",)), calibration)
    together = score(instrument, both, calibration)
    for unit, expected in (("u", 100), ("v", 0)):
        assert cell(alone, "medida", unit)["score"] == expected
        assert cell(together, "medida", unit)["score"] == expected
    assert cell(together, "medida", "u", "2")["score"] == -200


def test_one_unit_alone_has_the_same_score(tmp_path: Path) -> None:
    instrument = load_text(tmp_path, INSTRUMENT + MEASURED)
    rows = [("u", "1", "medida", 10.0), ("v", "1", "medida", 20.0), ("w", "1", "medida", 15.0)]
    observations = observe(instrument, rows)
    calibration = calibrate(instrument, observations)
    alone = score(instrument, observations.of_units(["w"]), calibration)
    assert cell(alone, "medida", "w")["score"] == 50


def test_calibration_travels(tmp_path: Path) -> None:
    instrument = load_text(tmp_path, INSTRUMENT + MEASURED)
    observations = observe(instrument, [("u", "1", "medida", 10.0), ("v", "1", "medida", 20.0)])
    calibration = calibrate(instrument, observations)
    again = Calibration.from_json(calibration.to_json())
    assert again == calibration
    assert again.sha256 == calibration.sha256


def test_a_calibration_of_another_instrument_is_refused(tmp_path: Path, simple: Instrument) -> None:
    observations = observe(simple, BOTH)
    other = variant(tmp_path / "other", ('version: "1"', 'version: "2"'))
    with pytest.raises(ScoringError, match="another version"):
        score(simple, observations, calibrate(other, observe(other, BOTH)))


def test_explanation_goes_down_to_the_observations(ejemplo: object) -> None:
    text = ejemplo.explain("99001", "2.1").text("en")  # type: ignore[attr-defined]
    assert "2.1  Revenue" in text
    assert "* 100 = 10.8589191374" in text
    assert "elements met" in text


def test_explain_names_the_nearest(simple: Instrument) -> None:
    observations = observe(simple, BOTH)
    scores = score(simple, observations, calibrate(simple, observations))
    for unit, node in (("u", "agu"), ("x", "agua")):
        with pytest.raises(ScoringError):
            explain(scores, observations, unit, node)
    frame = explain(scores, observations, "u", "total").to_frame()
    assert frame["node"].tolist() == ["total", "agua", "luz"]
    assert "Arithmetic mean of agua: 80; luz: 60 = 70." in frame["how"][0]


def test_ranks_show_ties_and_what_is_open() -> None:
    nan = np.nan
    ranks = rank_units(
        np.array([90.0, 50, 50, 10, nan]),
        np.array([90.0, 40, 50, 10, nan]),
        np.array([90.0, 60, 50, 95, nan]),
    )
    np.testing.assert_array_equal(ranks.rank, [1, 2, 2, 4, nan])
    np.testing.assert_array_equal(ranks.ties, [1, 2, 2, 1, nan])
    np.testing.assert_array_equal(ranks.best, [1, 2, 2, 1, nan])
    np.testing.assert_array_equal(ranks.worst, [2, 4, 4, 4, nan])
    assert ranks.n == 4


def test_scoring_needs_numpy_and_pandas_alone() -> None:
    code = (
        "import sys; import workbench.scoring; "
        "print([m for m in ('matplotlib', 'IPython', 'jupyter_client', 'nbformat', 'statsmodels', "
        "'seaborn', 'scipy', 'typst') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
