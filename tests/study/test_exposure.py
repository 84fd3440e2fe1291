"""What publishing would show: named by the study, or a reason to stop."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

from tests.observations.test_respondents import survey
from tests.runs.test_proof import project_at, run_of
from tests.support import Project
from workbench.cli import execute
from workbench.runs.freeze import freeze
from workbench.runs.pack import pack
from workbench.runs.plan import make_plan
from workbench.site.content import make_site
from workbench.study.exposure import PERSONAL, exposure

ROOT = Path(__file__).parents[2]


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


def test_what_people_wrote_reaches_no_report_unless_the_study_names_it(project: Project) -> None:
    project.observations = (
        "unit,code,value,nota,prueba,fuente,dicho,persona\n"
        "01001,agua,80,NOTA,PRUEBA,FUENTE,DICHO,PERSONA\n01002,luz,60,NOTA,PRUEBA,FUENTE,DICHO,PERSONA\n"
    )
    project.units = (
        "unit,name,population,responsable\n01001,Aguas,1000,JEFE\n01002,Bosque,2000,JEFE\n"
    )
    project.study = project.study.replace(
        "value: {column: value}",
        "value: {column: value}, note: {column: nota}, evidence: {column: prueba}, "
        "source: {column: fuente}, text: {column: dicho}",
    )
    tainted = ("NOTA", "PRUEBA", "FUENTE", "DICHO", "PERSONA", "JEFE")
    assert [t for t in tainted if t in published(project)] == []
    project.study += "privacy: {texts: [nota, dicho]}\n"
    assert [t for t in tainted if t in published(project)] == ["NOTA", "DICHO"]


def published(project: Project) -> str:
    """Return everything that a run freezes of a study, from which reports and site are made."""
    copytree(ROOT / "notebooks", project.path / "notebooks", dirs_exist_ok=True)
    plan = make_plan(project.open(), out=project.path / "run")
    freeze(plan)
    site = make_site(plan.study, plan.run_id).text()
    files = [p for p in (plan.run / "data").rglob("*") if p.is_file()]
    assert len(files) > 6
    return site + "".join(p.read_bytes().decode("utf-8", "replace") for p in files)


def test_people_in_a_roadmap_are_told(project: Project) -> None:
    project.study += "roadmap: {'01001': data/hoja.yml}\n"
    project.write()
    (project.path / "data/hoja.yml").write_text(
        "unit: '01001'\ntitle: Plan\ntasks: [{id: t, title: Uno, responsible: ana@correo.mx, "
        "start: 2025-02-01, end: 2025-03-01}]\n",
        encoding="utf-8",
    )
    found = exposure(project.open())
    assert [(e.kind, e.named) for e in found if "hoja" in e.where] == [
        ("personal", False), ("text", True),
    ]  # fmt: skip


@pytest.mark.slow
def test_a_run_and_a_pack_are_looked_at_as_their_study_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = project_at(tmp_path, extra="notes: [{text: x}]\n")
    run = run_of(made, formats=("html",), units=["01001"])
    packed, _ = pack(run, tmp_path, tmp_path / "pack.zip")
    said = []
    for target in (tmp_path / "params/estudio.yml", run, packed):
        assert execute(["exposure", str(target)]) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1] == said[2] != ""


def test_answers_that_are_handed_on_are_told(project: Project) -> None:
    survey(project)
    project.study += "restricted: []\n"
    unnamed = {e.kind for e in exposure(project.open()) if not e.named}
    assert unnamed == {"small_cells", "input"}


def test_a_long_text_is_read_once_for_what_looks_personal() -> None:
    assert PERSONAL.search("a" * 300_000) is None  # hours, if it were read from each letter anew
    assert PERSONAL.search("a" * 300_000 + " ana@example.org") is not None
