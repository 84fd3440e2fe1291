"""Two measurements compared by the rules of their instrument, as PEFA's guidance has it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.support import INSTRUMENT, OBSERVATIONS, Project
from workbench.display import cohort, municipality
from workbench.errors import InstrumentError
from workbench.study import Study
from workbench.study.change_views import ChangeView
from workbench.study.changes import LEAVES

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def study() -> Study:
    return Study.open(ROOT / "params/pefa-subnacional-ejemplo.yml", locale="en")


@pytest.fixture(scope="module")
def changes(study: Study) -> dict[str, ChangeView]:
    comparison = study.view("99001").comparison
    assert comparison is not None
    return {change.code: change for change in comparison.changes}


@pytest.mark.parametrize(
    ("code", "outcome", "before", "now"),
    [
        ("6.2", "improved", "B", "A"),
        ("2.3", "deteriorated", "C", "D"),
        ("12.1", "unchanged", "C", "C"),
        ("20.2", "not_comparable", "D", "C"),  # D* before
        ("27.2", "not_comparable", "A", "D"),  # D* now
        ("10.1", "not_comparable", None, "C"),  # NA before
        ("13.3", "not_comparable", None, "A"),  # NU before
        ("26.3", "not_comparable", "A", None),  # NU now
        ("PI-2", "deteriorated", "C+", "D+"),
        ("PI-18", "unchanged", "C+", "C+"),
        ("PI-27", "not_comparable", "B+", "B"),  # falls through a D* alone
    ],
)
def test_each_grade_is_compared_with_itself(
    changes: dict[str, ChangeView], code: str, outcome: str, before: str | None, now: str | None
) -> None:
    change = changes[code]
    assert (change.outcome, change.before.level, change.now.level) == (outcome, before, now)


def test_what_has_no_grade_either_time_is_left_out(changes: dict[str, ChangeView]) -> None:
    assert not {"7.1", "7.2", "PI-7"} & set(changes)


def test_counts_are_those_of_the_table(changes: dict[str, ChangeView]) -> None:
    # Counted by hand in the observations: 15 up, 2 down, 6 with D*, NA or NU at one date only.
    leaves = Counter(c.outcome for c in changes.values() if c.tier == LEAVES)
    assert leaves == {"improved": 15, "deteriorated": 2, "not_comparable": 6, "unchanged": 76}


def test_the_report_shows_grades_reasons_and_explanations(study: Study) -> None:
    text = repr(municipality.change(study.view("99001")))
    assert "Indicators: 5 improved, 1 deteriorated, 18 unchanged, and 6 not comparable." in text
    assert "PI-2 Expenditure composition outturn | C+ | D+ | ↓ deteriorated | down: 2.3" in text
    assert "20.2 Transfer of revenue collections | D Insufficient information (D*) | C" in text
    assert "10.1 Monitoring of public corporations | Not applicable | C | not comparable" in text
    assert "no level in 2024" in text
    assert (
        "8.2 Performance achieved for service delivery | B | A | ↑ improved | not explained" in text
    )
    assert "12.1 Financial asset monitoring | C | C | = unchanged | 2024: Misma" in text
    assert "14.1 " not in text  # unchanged and without a note
    assert "nothing is added up" in text
    assert "The assessment before is not graded again" in text


def test_rules_that_nobody_prints_are_told_where_they_touch(study: Study) -> None:
    text = repr(municipality.where(study.view("99001")))
    assert "No source says how an indicator is compared" in text


def test_the_cohort_counts_municipalities(study: Study) -> None:
    text = repr(cohort.change(study.cohort_view()))
    assert "PI-2 Expenditure composition outturn | 0 | 1 | 1 | 0" in text
    assert "PI-20 Accounting for revenue | 0 | 0 | 0 | 2" in text
    assert "nothing is added up" in text


THREE = """waves:
  - {id: "2023", year: 2023}
  - {id: "2024", year: 2024}
  - {id: "2025", year: 2025}
"""
LEVELS = (
    "levels: {scale: semaforo, bands: [{level: verde, when: '>= 80'}, "
    "{level: amarillo, when: '>= 40 and < 80'}, {level: rojo, when: '< 40'}]}, "
)


@pytest.mark.parametrize(
    ("against", "outcome"), [("first", "improved"), ("previous", "deteriorated")]
)
def test_the_measurement_compared_with_is_declared(
    project: Project, against: str, outcome: str
) -> None:
    rule = f"comparison: {{against: {against}}}\nnodes:"
    project.instrument = INSTRUMENT.replace("nodes:", rule, 1).replace(
        "kind: score, parent: total, title: {es: Agua", "kind: score, parent: total, " + LEVELS + "title: {es: Agua"
    )  # fmt: skip
    project.study = project.study.replace('waves: [{id: "2025", year: 2025}]\n', THREE).replace(
        "{file: data/observations.csv,", "{file: data/observations.csv, wave: {column: wave},"
    )
    rows = [("2023", 10), ("2024", 90), ("2025", 50)]
    project.observations = "unit,wave,code,value\n" + "".join(
        f"01001,{wave},agua,{value}\n01001,{wave},luz,1\n" for wave, value in rows
    )
    comparison = project.open().view("01001").comparison
    assert comparison is not None
    assert [(c.code, c.outcome) for c in comparison.changes] == [("agua", outcome)]


def test_a_state_that_is_not_there_is_refused(project: Project) -> None:
    rule = "comparison: {not_comparable: [{state: NX, title: No}]}\nnodes:"
    project.instrument = INSTRUMENT.replace("nodes:", rule, 1)
    project.observations = OBSERVATIONS
    with pytest.raises(InstrumentError, match="no such state, got NX"):
        _ = project.open().instrument
