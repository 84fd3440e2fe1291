"""Roadmaps of a study: every mistake at once, the draft to edit, and what a later wave shows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support import STUDY, Project
from workbench.display.roadmap_draft import draft, how_to_name, write_draft
from workbench.errors import WorkbenchError
from workbench.study import Study
from workbench.study.roadmap import (
    outcome_of_levels,
    outcome_of_points,
    outcome_of_task,
    read_roadmap,
    roadmap_files,
)
from workbench.study.roadmap_checks import circles

PLAN = """\
unit: "01001"
title: Plan
baseline: "2025"
tasks:
  - id: a
    title: Tubería
    start: 2025-02-01
    end: 2025-06-30
    indicators: [agua]
    cost: {amount: 1000, currency: MXN}
  - id: b
    title: Postes
    depends_on: [a]
"""
NAMED = STUDY.replace("waves:", 'roadmap: {"01001": data/plan.yml}\nwaves:')


def with_plan(project: Project, text: str, study: str = NAMED) -> Study:
    project.study = study
    project.write()
    (project.path / "data/plan.yml").write_text(text, encoding="utf-8")
    return project.open()


def problems(study: Study) -> list[str]:
    with pytest.raises(WorkbenchError) as caught:
        _ = study.roadmaps
    return [p.text() for p in caught.value.problems]


def test_a_good_plan_is_part_of_the_view_of_its_unit_alone(project: Project) -> None:
    study = with_plan(project, PLAN)
    plan = study.view("01001").roadmap
    assert plan is not None
    assert [(t.number, t.title, t.after) for t in plan.tasks] == [
        (1, "Tubería", ()),
        (2, "Postes", (1,)),
    ]
    assert (plan.tasks[0].cost, plan.tasks[0].currency) == (1000.0, "MXN")
    assert study.view("01002").roadmap is None


def test_all_mistakes_are_told_at_once_with_their_lines(project: Project) -> None:
    text = """\
unit: "0100"
title: Plan
baseline: "2052"
extra: 1
tasks:
  - id: a
    title: Uno
    start: 2025-06-30
    end: 2025-02-01
    depends_on: [b]
  - id: b
    title: Dos
    depends_on: [a, zz]
    indicators: [agu]
    cost: {amount: -5, currency: MXX}
  - id: a
    title: Tres
    start: 2025-01-01
    active: [1]
    milestones: [{date: 2025-01-01}, {title: Sin día}, {title: Con marca, date: 2025-01-01, mark: m}]
"""
    said = problems(with_plan(project, text))
    expected = {
        "data/plan.yml:1 unit: there is no such unit, got 0100. Did you mean 0100": 1,
        "data/plan.yml:3 baseline: the study has no such wave, got 2052. Did you mean 2025?": 1,
        "data/plan.yml:4 extra: unknown key extra": 1,
        "data/plan.yml:9 tasks[0].end: the task ends before it begins, on 2025-06-30, got 2025-02-01": 1,
        "data/plan.yml:10 tasks[0].depends_on: these tasks wait for each other in a circle: a → b → a": 1,
        "data/plan.yml:13 tasks[1].depends_on[1]: the roadmap has no such task, got zz": 1,
        "data/plan.yml:14 tasks[1].indicators[0]: the instrument has no such indicator, got agu. Did you mean agua?": 1,
        "data/plan.yml:15 tasks[1].cost.amount: ": 1,
        "data/plan.yml:15 tasks[1].cost.currency: there is no such currency, got MXX": 1,
        "data/plan.yml:16 tasks[2].id: a task with this id stands above, at number 1, got a": 1,
        "data/plan.yml:18 tasks[2].start: start is there without end": 1,
        "data/plan.yml:19 tasks[2].active: the roadmap has no periods": 1,
        "data/plan.yml:20 tasks[2].milestones[0]: the milestone has neither title nor mark": 1,
        "data/plan.yml:20 tasks[2].milestones[1]: the milestone has no date": 1,
        "data/plan.yml:20 tasks[2].milestones[2].mark: the roadmap has no such mark, got m": 1,
    }  # fmt: skip
    assert {start: sum(x.startswith(start) for x in said) for start in expected} == expected
    assert len(said) == len(expected), said
    lines = [int(x.split(":")[1].split(" ")[0]) for x in said]
    assert lines == sorted(lines)


def test_the_columns_of_a_printed_calendar_are_checked(project: Project) -> None:
    text = """\
unit: "01001"
title: Plan
periods: [{label: ene}, {}]
tasks:
  - id: a
    title: Uno
    active: [1, 3]
    milestones: [{title: x, period: 4}, {title: y, date: 2025-01-01}]
  - {id: b, title: Dos, start: 2025-01-01, end: 2025-01-02}
"""
    said = problems(with_plan(project, text))
    for start in (
        "data/plan.yml:7 tasks[0].active: columns go from 1 to 2, got 3",
        "data/plan.yml:8 tasks[0].milestones[0].period: columns go from 1 to 2, got 4",
        "data/plan.yml:8 tasks[0].milestones[1]: the milestone has no period",
        "data/plan.yml:8 tasks[0].milestones[1].date: the milestone has a date, and the roadmap has none",
        "data/plan.yml:9 tasks[1].start: the roadmap has periods",
    ):
        assert any(x.startswith(start) for x in said), (start, said)


def test_a_plan_of_another_unit_is_refused(project: Project) -> None:
    said = problems(with_plan(project, PLAN.replace('"01001"', '"01002"')))
    assert said == [
        "data/plan.yml:1 unit: the study names this file for the unit 01001, got 01002."
        " Correct it in the file; the guide says what may stand there."
    ]


def test_mistakes_of_all_files_are_told_together(project: Project) -> None:
    study = NAMED.replace("data/plan.yml}", 'data/plan.yml, "01002": data/other.yml}')
    opened = with_plan(project, PLAN.replace("[agua]", "[agu]"), study)
    (project.path / "data/other.yml").write_text(PLAN, encoding="utf-8")
    said = problems(opened)
    assert [x.split(":")[0] for x in said] == ["data/plan.yml", "data/other.yml"]


def test_a_folder_holds_a_file_for_each_unit(project: Project) -> None:
    study = STUDY.replace("waves:", "roadmap: data/plans\nwaves:")
    opened = with_plan(project, PLAN, study)
    assert problems(opened)[0].startswith(
        "params/estudio.yml:8 roadmap: no such folder, got data/plans"
    )
    folder = project.path / "data/plans"
    folder.mkdir()
    (folder / "01001.yml").write_text(PLAN, encoding="utf-8")
    assert roadmap_files(opened) == {"01001": "data/plans/01001.yml"}
    assert list(project.open().roadmaps) == ["01001"]
    (folder / "0100.yml").write_text(PLAN, encoding="utf-8")
    said = problems(project.open())
    assert said[0].startswith("data/plans/0100.yml: the file of a roadmap is called after its unit")
    assert "Did you mean 0100" in said[0]


@pytest.mark.parametrize(
    ("before", "found"),
    [
        ({"a": ["b"], "b": []}, []),
        ({"a": ["a"]}, [["a"]]),
        ({"a": ["b"], "b": ["c"], "c": ["a"]}, [["a", "b", "c"]]),
        ({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}, []),
        ({"a": ["b"], "b": ["a"], "c": ["d"], "d": ["c"]}, [["a", "b"], ["c", "d"]]),
    ],
)
def test_circles(before: dict[str, list[str]], found: list[list[str]]) -> None:
    assert list(circles(before)) == found


# -- what was carried out --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("then", "now", "more", "outcome"),
    [
        (1, 2, False, "done"),
        (2, 2, False, "before"),
        (0, 1, False, "partly"),
        (1, 1, True, "partly"),
        (1, 1, False, "not"),
        (1, 0, True, "not"),
        (2, 1, False, "not"),
        (-1, 1, False, "unknown"),
        (-1, 2, False, "done"),
        (1, -1, False, "unknown"),
    ],
)
def test_levels_then_and_now(then: int, now: int, more: bool, outcome: str) -> None:
    assert outcome_of_levels(then, now, 2, more=more) == outcome


def test_points_then_and_now() -> None:
    cases = [(1, 4, 4), (4, 4, 4), (1, 2, 4), (2, 2, 4), (None, 2, 4), (1, 2, None)]
    expected = ["done", "before", "partly", "not", "unknown", "unknown"]
    assert [outcome_of_points(*case) for case in cases] == expected


@pytest.mark.parametrize(
    ("outcomes", "whole"),
    [
        (["done", "done"], "done"),
        (["done", "before"], "done"),
        (["done", "not"], "partly"),
        (["done", "unknown"], "partly"),
        (["not", "unknown"], "unknown"),
        (["not", "not"], "not"),
        (["before"], "before"),
        ([], "unknown"),
    ],
)
def test_a_task_is_no_surer_than_its_indicators(outcomes: list[str], whole: str) -> None:
    assert outcome_of_task(outcomes) == whole


def test_the_next_wave_shows_what_was_carried_out(ejemplo: Study) -> None:
    plan = ejemplo.view("99001").roadmap
    assert plan is not None
    assert plan.baseline == "2025"
    outcomes = {t.number: t.outcome for t in plan.carried}
    assert outcomes == {1: "done", 2: "done", 3: "partly", 4: "partly", 5: "not", 6: "unknown"}
    first = plan.carried[0].indicators[0]
    assert (first.then, first.now, first.met, first.full) == (
        "en_proceso",
        "optimo",
        (4.0, 6.0),
        6.0,
    )
    gone = plan.carried[5].indicators[0]
    assert (gone.now, gone.states[1]) == (None, "No medible")


def test_nothing_is_carried_out_before_the_next_wave(project: Project) -> None:
    plan = with_plan(project, PLAN).view("01001").roadmap
    assert plan is not None
    assert plan.carried == ()


def test_a_task_that_began_after_the_measurement_shows_nothing(project: Project) -> None:
    waves = 'waves: [{id: "2024", date: 2024-06-30}, {id: "2025", date: 2025-01-15}]'
    text = NAMED.replace('waves: [{id: "2025", year: 2025}]', waves)
    text = text.replace("code: {column: code}", "wave: {column: wave}, code: {column: code}")
    project.observations = (
        "unit,wave,code,value\n01001,2024,agua,40\n01001,2025,agua,80\n01002,2025,agua,1\n"
    )
    study = with_plan(project, PLAN.replace('baseline: "2025"', 'baseline: "2024"'), text)
    plan = study.view("01001").roadmap
    assert plan is not None
    assert [t.outcome for t in plan.carried] == ["ahead", "unknown"]


# -- the draft -------------------------------------------------------------------------------------


def test_a_draft_can_be_read_as_it_is(ejemplo: Study, root: Path, tmp_path: Path) -> None:
    path = write_draft(ejemplo, "99001", tmp_path / "plan.yml", 3)
    spec = read_roadmap(ejemplo, "99001", os.path.relpath(path, root))
    assert spec.baseline == "2026"
    gate, *tasks = spec.tasks
    assert "juventud" in gate.title.in_("es")
    assert gate.indicators == ("6.5.1", "6.5.2")
    assert len(tasks) == 6  # three lists and three measures
    assert all(len(t.indicators) == 1 for t in tasks)
    assert not {"1.2.4", "3.2.4"} & {c for t in tasks for c in t.indicators}  # made of others


def test_a_draft_says_what_waits_for_what(ejemplo: Study) -> None:
    text = draft(ejemplo, ejemplo.view("99001"), 60)
    waiting = text[text.index('indicators: ["6.5.1"]') :]
    assert waiting.splitlines()[1].strip() == "depends_on: [t1]"
    assert "no lo más importante" in text
    assert "se revisa cada año" in text
    assert "7.1.1" not in text  # not measurable
    assert "3.4.1" not in text


def test_a_draft_overwrites_nothing(ejemplo: Study, tmp_path: Path) -> None:
    path = tmp_path / "plan.yml"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(WorkbenchError, match="nothing is ever overwritten"):
        write_draft(ejemplo, "99001", path, 3)
    assert path.read_text(encoding="utf-8") == "mine"
    with pytest.raises(WorkbenchError, match="hoja-de-ruta"):
        write_draft(ejemplo, "99001", None, 3)


def test_without_next_steps_there_is_no_draft(slp: Study, tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="no next step"):
        write_draft(slp, "24024", tmp_path / "x.yml", 3)
    assert not (tmp_path / "x.yml").exists()


def test_how_a_draft_is_named(project: Project) -> None:
    study = project.open()
    path = project.path / "data/roadmaps/estudio/01001.yml"
    said = how_to_name(study, "01001", path).text()
    assert (
        said
        == 'Edit it, and name it in estudio.yml: roadmap: {"01001": data/roadmaps/estudio/01001.yml}'
    )
    named = with_plan(project, PLAN)
    said = how_to_name(named, "01001", project.path / "data/plan.yml").text()
    assert said == "Edit it; the study names it already."
