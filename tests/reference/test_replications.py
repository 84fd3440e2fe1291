"""Every published index of params/replications comes out of its parts, and the comparison is fair."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import INSTRUMENT, Project
from workbench.errors import DataError
from workbench.study.replication import find_cases, replicate, run_cases, summary

ROOT = Path(__file__).parents[2]
CASES = find_cases(ROOT, [])
# Those of more than ten thousand rows take seconds each.
SLOW = {"conapo-acp", "conapo-municipal", "idhm"}


@pytest.mark.parametrize(
    "path",
    [pytest.param(p, marks=[pytest.mark.slow] if p.stem in SLOW else [], id=p.stem) for p in CASES],
)
def test_published_results_are_reproduced(path: Path, shared: Path) -> None:
    found = list(replicate(path))
    wrong = [f"{r.node}: {r.error} {r.levels} {r.ranks}" for r in found if r.verdict == "differs"]
    assert not wrong
    assert {r.verdict for r in found} <= {"agrees", "not reproducible"}
    assert any(r.verdict == "agrees" for r in found)


def test_all_cases_are_found() -> None:
    names = {p.stem for p in CASES}
    assert {"idf-colombia", "iegm", "gdm-slp-2025", "cimtra-monterrey"} <= names
    assert find_cases(ROOT, ["idhm", "gdm-slp-2025"]) == [
        ROOT / "params/replications/idhm.yml",
        ROOT / "params/gdm-slp-2025.yml",
    ]


def test_every_tolerance_has_a_reason_in_its_study() -> None:
    for path in CASES:
        text = path.read_text(encoding="utf-8")
        assert ("tolerance:" not in text) or ("reason:" in text), path


CHECKS = """
replication:
  - {node: total, tolerance: 0.5, levels: true}
  - {node: total, levels_of_reported: true}
  - {node: total, places: {fact: lugar, first: FIRST}}
  - {node: total, share: 0.5, ranks: true, reason: "Half of the two."}
"""


@pytest.fixture
def printed(project: Project) -> Project:
    """Two units whose printed total of the second is not the mean of its parts."""
    cuts = "levels: {scale: semaforo, bands: [{level: verde, when: '>= 50'}, {level: rojo, when: '< 50'}]}"
    project.instrument = INSTRUMENT.replace("code: total,", f"code: total, {cuts},").replace(
        "tiers:", "facts: [{id: lugar, title: Lugar}]\ntiers:"
    )
    project.observations = (
        "unit,code,value,state\n01001,agua,80,\n01001,luz,60,\n01001,total,70.4,\n01001,total,,verde\n"
        "01002,agua,40,\n01002,luz,20,\n01002,total,49,\n01002,total,,verde\n01001,lugar,1,\n01002,lugar,2,\n"
    )
    project.study = project.study.replace(
        "value: {column: value}}", "value: {column: value}, state: {column: state}}"
    ) + CHECKS.replace("FIRST", "best")
    return project


def test_what_differs_is_told(printed: Project) -> None:
    found = run_cases([printed.write()])
    assert [r.verdict for r in found] == ["differs", "differs", "agrees", "agrees"]
    assert found[0].error == pytest.approx(19)
    assert [r.levels for r in found] == [(1, 2), (1, 2), None, None]
    assert found[2].ranks == (2, 2)
    assert found[0].seconds is not None
    assert found[1].seconds is None
    message, differs, unchecked = summary(found)
    assert (message.text("en"), differs, unchecked) == ("4 of 4 checked; 2 agree.", 2, 0)


def test_who_has_the_first_place_is_said(printed: Project) -> None:
    printed.study = printed.study.replace("first: best", "first: worst")
    assert run_cases([printed.write()])[2].ranks == (0, 2)


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("node: total, share", "node: todo, share", "todo is not defined"),
        ("fact: lugar", "fact: sitio", "sitio is not defined"),
        (CHECKS.replace("FIRST", "best"), "", "does not say which published results"),
    ],
)
def test_a_wrong_comparison_is_refused(printed: Project, old: str, new: str, match: str) -> None:
    assert old in printed.study
    printed.study = printed.study.replace(old, new)
    with pytest.raises(DataError, match=match):
        run_cases([printed.write()])


def test_data_that_are_absent_are_not_checked(printed: Project) -> None:
    printed.study = printed.study.replace("data/observations.csv", "data/absent.csv")
    assert [r.verdict for r in run_cases([printed.write()])] == ["not checked"]
