"""The table of results: a row a unit, or a row a result where there is no one result."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import Project
from workbench.errors import WorkbenchError
from workbench.study import Study
from workbench.study.results import result_table

ROOT = Path(__file__).parents[2]


def opened(name: str) -> Study:
    return Study.open(ROOT / f"params/{name}.yml", locale="en")


def test_a_result_stands_beside_each_unit() -> None:
    found = result_table(opened("cuadrantes-ejemplo"))
    assert [head for head, _ in found.heads] == [
        "unit", "name", "Indicators at green", "status", "Certificate", "status",
    ]  # fmt: skip
    assert found.rows[0] == [
        "99001",
        "Villa Ejemplo",
        "100.0",
        "computed",
        "Certificate",
        "computed",
    ]


def test_grades_without_a_total_stand_below_each_other() -> None:
    found = result_table(opened("pefa-subnacional-ejemplo"))
    rows = {row[0]: row[2:] for row in found.rows}
    assert [head for head, _ in found.heads][2:] == ["99001 Villa Ejemplo", "99002 Puerto Modelo"]
    assert rows["PI-2"] == ["C+ ↓ D+", "C+ ="]
    assert rows["PI-20"] == ["D+ ≠ C+", "D+ ≠ C+"]
    assert rows["PI-7"] == ["not_applicable", "not_applicable"]
    # Two indicators whose rule is not known give way to their dimensions.
    assert len(rows) == 31 + 7
    assert rows["HLG-2.2"][0] == "B ↑ A"
    assert found.title.startswith("wave 2024; 2019 before, ↑ improved")


def test_states_are_shown_as_recorded() -> None:
    study = opened("pefa-subnacional-ejemplo")
    codes = ["20.2", "10.1", "27.2", "13.3", "26.3", "12.1", "7.1"]
    found = result_table(study, None, codes, ["99001"])
    assert [row[2] for row in found.rows] == [
        "D* ≠ C", "NA ≠ C", "A ≠ D*", "NU ≠ A", "A ≠ NU", "C =", "NA",
    ]  # fmt: skip


def test_raw_indicators_show_their_spread_or_one_unit() -> None:
    study = opened("comparacion-ejemplo")
    many = result_table(study)
    assert [head for head, _ in many.heads] == [
        "node", "title", "units", "lowest", "median", "highest",
    ]  # fmt: skip
    assert many.rows[0] == ["agua1", "Homes with piped water (%)", "9", "67.0", "77.5", "83.3"]
    one = result_table(study, None, None, ["99001", "99002"])
    assert [row[2] for row in one.rows][:2] == ["75.5", "31.6"]


def test_a_unit_that_was_not_observed_is_refused(project: Project) -> None:
    study = project.open()
    with pytest.raises(WorkbenchError, match="no such unit"):
        result_table(study, None, None, ["01003"])
