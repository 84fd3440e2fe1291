"""What publishing would show: named by the study, or a reason to stop."""

from __future__ import annotations

from tests.observations.test_respondents import survey
from tests.support import Project
from workbench.study.exposure import exposure


def test_notes_that_are_not_named_are_told_without_their_words(project: Project) -> None:
    project.observations = (
        "unit,code,value,nota\n01001,agua,80,ana@correo.mx\n01001,luz,60,\n01002,agua,40,x\n"
    )
    project.study = project.study.replace(
        "value: {column: value}", "value: {column: value}, note: {column: nota}"
    )
    found = exposure(project.open())
    assert [e.kind for e in found if not e.named] == ["text", "personal"]
    assert "ana" not in repr(found)
    project.study += "privacy: {texts: [nota]}\n"
    assert all(e.named for e in exposure(project.open()))


def test_answers_that_are_handed_on_are_told(project: Project) -> None:
    survey(project)
    project.study += "restricted: []\n"
    unnamed = {e.kind for e in exposure(project.open()) if not e.named}
    assert unnamed == {"small_cells", "input"}
