"""Observations of the GDM that contradict the instrument or each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import Project
from workbench.errors import Reason

STUDY = """
id: estudio
title: Estudio
author: Tester
date: 2025-01-31
instrument: gdm-2025-2027
units: {file: data/units.csv, population: population}
waves: [{id: "2025", year: 2025}]
observations:
  - {file: data/observations.csv, code: {column: code}, value: {column: value}, state: {column: state}}
"""
HEAD = "unit,code,value,state\n"


@pytest.fixture
def gdm_project(project: Project) -> Project:
    project.study = STUDY
    return project


@pytest.mark.parametrize(
    ("rows", "reason", "words"),
    [
        ("01001,1.1.1.z,1,\n", Reason.ELEMENT_UNKNOWN, ["1.1.1 has no element z", "a, b, c, d"]),
        ("01001,1.1.1,5,\n", Reason.VALUE_RANGE, ["1.1.1", "got 5", "from 0 to 4"]),
        ("01001,1.1.1,2.5,\n", Reason.VALUE_RANGE, ["whole number"]),
        ("01001,1.1.1.a,2,\n", Reason.VALUE_RANGE, ["1.1.1.a", "from 0 to 1"]),
        ("01001,2.4.3.v1,-3,\n", Reason.VALUE_RANGE, ["of 0 or more"]),
        ("01001,2.4.3.v1,3.5,\n", Reason.VALUE_RANGE, ["whole number of 0 or more"]),
        ("01001,2.3.4.v1,7,\n", Reason.VALUE_RANGE, ["one of 1, 2, 3, 4"]),
        ("01001,1.1.7.v1,30,\n01001,1.1.7.v2,20,\n", Reason.VALUE_RANGE, ["1.1.7.v1 is larger than 1.1.7.v2"]),
        ("01001,1.1.1,,NM\n", Reason.STATE_NOT_ALLOWED, ["1.1.1 has no supposition"]),
        ("01001,1.1.1.a,,NM\n", Reason.STATE_NOT_ALLOWED, ["1.1.1.a"]),
        ("01001,1.1.1,,optimito\n", Reason.STATE_UNKNOWN, ["Did you mean optimo?"]),
        ("01001,1.1.1,3,optimo\n", Reason.STATE_NOT_ALLOWED, ["a number and a state at once"]),
        ("01001,total,80,optimo\n01001,total,40,rezago\n", Reason.TALLY, ["add up to 120", "at most 115"]),
        ("01001,total,116,optimo\n", Reason.VALUE_RANGE, ["from 0 to 115"]),
        ("01001,total,3.5,optimo\n", Reason.VALUE_RANGE, ["whole number"]),
        ("01001,total,101,\n", Reason.VALUE_RANGE, ["from 0 to 100"]),
        ("01001,poblacion,0,\n", Reason.VALUE_RANGE, ["1 or more"]),
        ("01001,unidad_salud,2,\n", Reason.VALUE_RANGE, ["from 0 to 1"]),
    ],
)  # fmt: skip
def test_contradictions(gdm_project: Project, rows: str, reason: Reason, words: list[str]) -> None:
    gdm_project.observations = HEAD + rows
    error = gdm_project.error()
    assert reason in [p.reason for p in error.problems], error.text()
    for word in words:
        assert word in error.text(), error.text()


def test_tallies_and_their_parts(gdm_project: Project) -> None:
    """Counts that fall short, or that a parent and its parts tell differently, are warnings."""
    rows = "01001,total,20,optimo\n01001,total,94,rezago\n01001,total,0,en_proceso\n"
    rows += "01001,total,0,ND\n01001,total,0,NM\n"
    rows += "".join(f"01001,{m},{2 if m < 8 else 5},optimo\n" for m in range(1, 9))
    gdm_project.observations = HEAD + rows
    study = gdm_project.open()
    assert study.scores.results["total"].score[0] == pytest.approx(100 * 20 / 115)
    texts = [w.message.text() for w in study.warnings]
    assert texts == [
        "The counts of total add up to 114; the instrument has 115 indicators there.",
        "The count of optimo is 20 in total, and adds up to 19 in its parts.",
    ]


def test_a_reported_score_that_its_parts_contradict(gdm_project: Project) -> None:
    gdm_project.observations = HEAD + "01001,total,30,\n01001,total,20,optimo\n01001,total,0,NM\n"
    warnings = gdm_project.open().warnings
    assert [w.kind for w in warnings] == ["reported_differs"]
    assert "reported as 30; its parts give 17.3913" in warnings[0].message.text()


def test_printed_precision_is_respected(gdm_project: Project) -> None:
    gdm_project.observations = HEAD + "01001,total,17.4,\n01001,total,20,optimo\n01001,total,0,NM\n"
    study = gdm_project.open()
    assert study.warnings == ()
    assert study.scores.results["total"].score[0] == 17.4


def test_an_instrument_that_is_an_outline_is_not_scored(project: Project, root: Path) -> None:
    project.instrument = project.instrument.replace(
        "completeness: published", "completeness: outline"
    )
    error = project.error()
    assert error.reason == Reason.INSTRUMENT_OUTLINE
    assert "its items are not known" in error.text()
