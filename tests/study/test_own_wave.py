"""Results that each wave measures against itself are placed side by side, and never subtracted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support import INSTRUMENT, STUDY, Project
from workbench.display import cohort, municipality
from workbench.study import Study
from workbench.study.compare import compare

RELATIVE = INSTRUMENT.replace("aggregate: {method: arithmetic}", "aggregate: {method: dp2}")
MEASURES = RELATIVE.replace("kind: score", "kind: measure")
PARTLY = INSTRUMENT.replace(
    "code: agua, kind: score,",
    "code: agua, kind: measure, normalise: {method: min_max, scope: wave, range: [0, 100]},",
)
WAVES = STUDY.replace(
    'waves: [{id: "2025", year: 2025}]',
    'waves: [{id: "2023", year: 2023}, {id: "2025", year: 2025}]',
).replace("code: {column: code}", "wave: {column: wave}, code: {column: code}")


def project(path: Path, instrument: str, *, joining: bool = False) -> Project:
    """Return twelve units at two waves, with water that rises everywhere."""
    rng = np.random.default_rng(3)
    units, rows = ["unit,name,population"], ["unit,wave,code,value"]
    for i in range(12):
        code = f"{i + 1:05d}"
        units.append(f"{code},Name {i},{1000 * (i + 1)}")
        for place, wave in enumerate(("2023", "2025")):
            if joining and i == 11 and not place:
                continue
            base = 10.0 + 3 * i + 20 * place
            rows += [f"{code},{wave},{c},{base + rng.uniform():.3f}" for c in ("agua", "luz")]
    return Project(path, instrument, "\n".join(units), "\n".join(rows), WAVES)


def test_what_is_fitted_by_wave_is_known_from_the_rules(tmp_path: Path) -> None:
    wholly = project(tmp_path / "a", MEASURES).open().instrument
    partly = project(tmp_path / "b", PARTLY).open().instrument
    plain = project(tmp_path / "c", INSTRUMENT).open().instrument
    assert wholly.own_wave == {"total": "whole"}
    assert partly.own_wave == {"agua": "whole", "total": "part"}
    assert plain.own_wave == {}


def test_a_report_shows_both_results_and_no_difference(tmp_path: Path) -> None:
    study = project(tmp_path, MEASURES).open()
    view = study.view("00003")
    text = repr(municipality.change(view))
    assert "Resultado bajó" not in text
    assert "Resultado subió" not in text
    assert "Por qué no hay una diferencia" in text
    assert "10 de 12 municipios en 2023" in text
    assert "Agua" in text  # what it is made of is compared


@pytest.mark.parametrize(("joining", "there"), [(True, True), (False, False)])
def test_peers_of_both_times_are_told_where_some_joined(
    tmp_path: Path, *, joining: bool, there: bool
) -> None:
    study = project(tmp_path, MEASURES, joining=joining).open()
    assert (
        "Pares medidos las dos veces" in repr(municipality.change(study.view("00003")))
    ) is there
    assert ("Medidos las dos veces" in repr(cohort.change(study.cohort_view()))) is there


def test_a_cohort_counts_no_rise_of_such_a_result(tmp_path: Path) -> None:
    view = project(tmp_path, MEASURES).open().cohort_view()
    assert view.changes == ()
    text = repr(cohort.change(view))
    assert "Por qué no hay una diferencia" in text
    assert "Agua" in text


def test_a_part_of_a_result_is_told_beside_its_change(tmp_path: Path) -> None:
    study = project(tmp_path, PARTLY).open()
    assert "esa parte de un cambio habla también de los demás" in repr(
        municipality.change(study.view("00003"))
    )
    assert [c.code for c in study.cohort_view().changes] == ["total"]


def test_a_comparison_refuses_the_difference_and_compares_places(tmp_path: Path) -> None:
    study: Study = project(tmp_path, MEASURES).open()
    found = compare(study, "change", node="total")
    assert found.result.refusal is not None
    assert found.result.refusal.reason == "own_wave"
    assert found.answers[1].result.question == "stability"
    assert compare(study, "change", node="agua").result.estimate == pytest.approx(20, abs=1)


def test_levels_cut_anew_in_each_wave_are_not_compared(tmp_path: Path) -> None:
    strata = (
        "title: {es: Resultado, en: Result}, levels: {scale: semaforo,"
        " strata: {method: quantiles}}}"
    )
    plain = INSTRUMENT.replace("title: {es: Resultado, en: Result}}", strata)
    pooled = plain.replace("method: quantiles}", "method: quantiles, scope: pooled}")
    anew = compare(project(tmp_path / "a", plain).open(), "change", node="total")
    fixed = compare(project(tmp_path / "b", pooled).open(), "change", node="total")
    assert "level_transitions" not in [a.result.question for a in anew.answers]
    assert any("cut anew" in text for text in anew.choice("en"))
    assert "level_transitions" in [a.result.question for a in fixed.answers]


def test_an_indicator_is_compared_as_measured_and_not_as_scored(tmp_path: Path) -> None:
    # Its score, from 0 to 100 in each wave, does not rise; the water, in its own unit, does.
    study: Study = project(tmp_path, PARTLY).open()
    assert compare(study, "change", node="agua").result.estimate == pytest.approx(20, abs=1)
