"""What a study declares: each mistake once, at its line of the study."""

from __future__ import annotations

import pytest

from tests.observations.test_reading import bad, leaf_scores
from tests.support import INSTRUMENT, OBSERVATIONS, STUDY, Project
from workbench.errors import Reason

FACTS = """facts:
  - {id: costa, title: Costa, boolean: true}
  - {id: viviendas, title: Viviendas, minimum: 0, maximum: 100}
stages:
  - {id: revision, title: Revisión}
nodes:
"""
WAVES = 'waves: [{id: "2025", year: 2025}]'
CODE = "code: {column: code}"


@pytest.fixture
def declared(project: Project) -> Project:
    """Return a project whose instrument has facts and a stage."""
    project.instrument = INSTRUMENT.replace("nodes:\n", FACTS)
    return project


@pytest.mark.parametrize(
    ("old", "new", "reason", "place", "words"),
    [
        (WAVES, 'waves: [{id: "2025", facts: {cosa: 1}}]', Reason.CODE_UNKNOWN, "8 waves[0].facts.cosa", ["no such fact", "Did you mean costa?"]),
        (WAVES, 'waves: [{id: "2025", facts: {costa: 7}}]', Reason.VALUE_RANGE, "8 waves[0].facts.costa", ["got 7", "expected 0 or 1"]),
        (WAVES, 'waves: [{id: "2025", facts: {costa: 0.5}}]', Reason.VALUE_RANGE, "8 waves[0].facts.costa", ["got 0.5"]),
        (WAVES, 'waves: [{id: "2025", facts: {viviendas: 101}}]', Reason.VALUE_RANGE, "8 waves[0].facts.viviendas", ["expected 0 to 100"]),
        ("date:", 'notes: [{unit: "9", text: x}]\ndate:', Reason.UNIT_UNKNOWN, "5 notes[0].unit", ["no such unit, got 9"]),
        ("date:", 'reference: {units: ["01001", "01003"]}\ndate:', Reason.UNIT_UNKNOWN, "5 reference.units[1]", ["got 01003", "Did you mean 0100"]),
        ("date:", "stages: [revisin]\ndate:", Reason.STAGE_UNKNOWN, "5 stages[0]", ["got revisin", "Did you mean revision?"]),
        ("date:", "rater: z\ndate:", Reason.RATER_UNKNOWN, "5 rater", ["no answers of this rater, got z"]),
        (CODE, f'wave: "2031", {CODE}', Reason.WAVE_UNKNOWN, "10 observations[0].wave", ["no such wave, got 2031"]),
        (CODE, f"stage: revi, {CODE}", Reason.STAGE_UNKNOWN, "10 observations[0].stage", ["got revi", "Did you mean revision?"]),
        (CODE, f"words: {{malo: ROJO}}, {CODE}", Reason.STATE_UNKNOWN, "10 observations[0].words.malo", ["no level, state or option", "got ROJO", "Did you mean rojo?"]),
        (WAVES, 'waves: [{id: "2024"}, {id: "2025"}]', Reason.WAVE_UNKNOWN, "10 observations[0]", ["several waves"]),
        ("instrument: prueba", "instrument: preuba", Reason.INSTRUMENT_UNKNOWN, "6 instrument", ["Did you mean prueba?"]),
        ("instrument: prueba", "instrument: data/x.yml", Reason.FILE_MISSING, "6 instrument", ["got data/x.yml"]),
    ],
)  # fmt: skip
def test_mistakes_of_a_study(
    declared: Project, old: str, new: str, reason: Reason, place: str, words: list[str]
) -> None:
    assert old in STUDY
    declared.study = STUDY.replace(old, new, 1)
    declared.observations = OBSERVATIONS.replace("80", "malo") if "malo" in new else OBSERVATIONS
    bad(declared, reason, f"params/estudio.yml:{place}: ", *words)
    assert len(declared.error().problems) == 1, declared.error().text()


@pytest.mark.parametrize(
    ("added", "place", "words"),
    [
        ("peers: {by: column, column: regio}", "5 peers.column", "column regio"),
        ("roadmap: params/x", "5 roadmap", "no such folder, got params/x"),
        ('roadmap: {"01001": params/x.yml}', "5 roadmap.01001", "no such file, got params/x.yml"),
        ('roadmap: {"01003": params/x.yml}', "5 roadmap.01003", "there is no such unit, got 01003"),
        ("roadmap: params/estudio.yml", "5 roadmap", "a folder, or one file for each unit"),
    ],
)
def test_mistakes_told_when_asked(declared: Project, added: str, place: str, words: str) -> None:
    declared.study = STUDY.replace("date:", f"{added}\ndate:")
    study = declared.open()
    with pytest.raises(Exception, match="estudio") as caught:
        _ = study.roadmaps if "roadmap" in added else study.peers
    assert str(caught.value).startswith(f"params/estudio.yml:{place}: ")
    assert words in str(caught.value)


def test_known_facts_and_raters_pass(declared: Project) -> None:
    declared.observations = OBSERVATIONS.replace("\n", ",ana\n").replace("value,ana", "value,rater")
    declared.study = STUDY.replace(WAVES, 'rater: ana\nwaves: [{id: "2025", facts: {costa: 1}}]')
    declared.study = declared.study.replace(CODE, f"rater: {{column: rater}}, {CODE}")
    assert leaf_scores(declared)["01001", "agua"] == 80


def test_a_boolean_fact_of_a_unit(declared: Project) -> None:
    declared.units = "unit,name,costa\n01001,Aguas,0.5\n01002,Bosque,1\n"
    declared.study = STUDY.replace("population: population}", "facts: {costa: costa}}")
    bad(declared, Reason.VALUE_RANGE, "row 2 column costa", "got 0.5", "expected 0 or 1")


STATES = STUDY.replace("value: {column: value}", "value: {column: value}, state: {column: state}")


def test_a_wrong_state_stands_in_its_column(project: Project) -> None:
    project.study = STATES
    project.observations = (
        "unit,code,value,state\n01001,agua,,XX\n01001,luz,5,ND\n01002,agua,verde,\n"
    )
    bad(
        project, Reason.STATE_UNKNOWN, "row 2 column state: agua has no such level or state",
        "row 3 column state: a cell can't hold", "row 4 column value: agua has no such level",
    )  # fmt: skip


def test_an_unknown_wave_of_a_column(project: Project) -> None:
    project.observations = "unit,agua,luz\n01001,80,60\n"
    columns = "columns: {agua: {wave: '2025'}, luz: [{}, {wave: '2031'}]}"
    project.study = STUDY.replace(f"{CODE}, value: {{column: value}}", f"wave: '2025', {columns}")
    bad(project, Reason.WAVE_UNKNOWN, "yml:10 observations[0].columns.luz[1].wave: ", "got 2031")
    assert len(project.error().problems) == 1


def test_a_row_without_a_code(project: Project) -> None:
    project.observations = OBSERVATIONS.replace("01001,agua,80", "01001,,80")
    bad(project, Reason.CODE_UNKNOWN, "row 2 column code: the row has no code")
    assert len(project.error().problems) == 1
    project.observations = OBSERVATIONS + "01002,,\n"
    assert leaf_scores(project)["01001", "agua"] == 80


def test_a_missing_column_of_codes_is_told_once(project: Project) -> None:
    project.observations = OBSERVATIONS.replace("unit,code", "unit,clave")
    assert [p.reason for p in project.error().problems] == [Reason.COLUMN_MISSING]


def test_a_code_that_is_a_number_is_told_once(project: Project) -> None:
    from tests.observations.test_reading import other_table, workbook

    rows = [["unit", "code", "value"], ["01001", 11, 80], ["01001", "luz", 60]]
    other_table(project, "o.xlsx", workbook(rows))
    assert [p.reason for p in project.error().problems] == [Reason.CODE_IS_NUMBER]
