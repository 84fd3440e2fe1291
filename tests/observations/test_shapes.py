"""Shapes of tables: codes in two columns, notes below, rows to add up, units of several files."""

from __future__ import annotations

import pytest

from tests.support import Project, cell
from workbench.errors import DataError


def test_codes_of_two_columns_and_notes_below(project: Project) -> None:
    head = (
        "units: {file: data/units.csv, join: {clave: [{column: e, pad: 2}, {column: m, pad: 3}]},"
    )
    head += " matching: {m: '[0-9]+'}, unit: clave,"
    project.units = "e,m,name,population\n1,1,Aguas,1000\n1,2,Bosque,2000\nFuente: nadie,,,\n"
    project.study = project.study.replace("units: {file: data/units.csv,", head)
    assert cell(project.open().scores, "total", "01002", "2025")["score"] == 30


def test_rows_of_one_code_are_added_up_under_other_names(project: Project) -> None:
    project.observations = "unit,code,value\n01001,W,10\n01001,W,20.5\n01001,luz,3\n01001,luz,4\n"
    found = {}
    for how in ("sum", "mean", "last"):
        project.study = project.study.replace(
            "value: {column: value}}",
            f"value: {{column: value}}, codes: {{W: agua}}, repeated: {how}}}",
        )
        scores = project.open().scores
        found[how] = [cell(scores, c, "01001", "2025")["score"] for c in ("agua", "luz")]
        project.study = project.study.replace(f", codes: {{W: agua}}, repeated: {how}", "")
    assert found == {"sum": [30.5, 7], "mean": [15.25, 3.5], "last": [20.5, 4]}


def test_units_of_several_files(project: Project) -> None:
    project.write()
    more = project.path / "data/more.csv"
    more.write_text("unit,name,population\n01002,Bosque Alto,2500\n01003,Cerro,5\n", "utf-8")
    project.study = project.study.replace(
        "data/units.csv,", "data/units.csv, more: [data/more.csv],"
    )
    with pytest.raises(DataError, match="several files"):
        _ = project.open().units
    project.study = project.study.replace("more:", "repeated: last, more:")
    assert project.open().units["name"].tolist() == ["Aguas", "Bosque Alto", "Cerro"]


def test_a_glued_zero_is_a_zero_and_a_bare_one_no_answer(project: Project) -> None:
    project.observations = "unit,agua,luz\n01001,0C,0\n01002,5B,7\n"
    project.study = project.study.replace(
        "code: {column: code}, value: {column: value}}",
        "missing: ['', '0'], columns: {agua: {extract: '^([0-9]+)'}, luz: {extract: '^([0-9]+)'}}}",
    )
    scores = project.open().scores
    assert cell(scores, "agua", "01001", "2025")["score"] == 0
    assert cell(scores, "luz", "01001", "2025")["status"] == "missing"
    assert cell(scores, "luz", "01002", "2025")["score"] == 7


NOT_APPLICABLE = "  - {id: NA, title: No aplica, effect: not_applicable}\n"


def test_a_state_called_na_is_no_missing_value(project: Project) -> None:
    project.observations = "unit,code,value\n01001,agua,80\n01001,luz,NA\n01002,agua,40\n"
    statuses = {}
    for state in ("", NOT_APPLICABLE):
        states = "  - {id: NM, title: No medible, effect: not_measurable}\n"
        project.instrument = project.instrument.replace(states, states + state)
        scores = project.open().scores
        found = [cell(scores, code, "01001", "2025")["status"] for code in ("luz", "total")]
        statuses[bool(state)] = found
    assert statuses == {
        False: ["missing", "withheld"],
        True: ["not_applicable", "computed"],
    }


def test_what_a_study_calls_missing_stands_above_states(project: Project) -> None:
    project.observations = "unit,code,value\n01001,agua,80\n01001,luz,NM\n01002,agua,40\n"
    project.study = project.study.replace(
        "value: {column: value}}", "value: {column: value}, missing: [NM]}"
    )
    assert cell(project.open().scores, "luz", "01001", "2025")["status"] == "missing"


def test_a_word_of_the_table_is_no_missing_value(project: Project) -> None:
    project.observations = "unit,code,value\n01001,agua,80\n01001,luz,-\n01002,agua,n/a\n"
    project.study = project.study.replace(
        "value: {column: value}}", "value: {column: value}, words: {'-': 0, N/A: ND}}"
    )
    scores = project.open().scores
    assert cell(scores, "luz", "01001", "2025")["score"] == 0
    assert cell(scores, "agua", "01002", "2025")["status"] == "not_available"
