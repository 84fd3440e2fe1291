"""The study: found from anywhere, read whole, the same inside a run and outside."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest

from tests.support import OBSERVATIONS, STUDY, UNITS, Project
from workbench.display.municipality import where
from workbench.display.parts import rank_text
from workbench.errors import DataError, InstrumentError, Reason, WorkbenchError
from workbench.language import as_locale
from workbench.study import Study
from workbench.study.facade import dump_view
from workbench.study.views import RankInfo, UnitView


def test_found_from_a_folder_below(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root / "notebooks")
    assert Study.open("params/gdm-slp-2025.yml").root == root


def test_a_study_outside_params_counts_from_its_own_folder(project: Project) -> None:
    path = project.write()
    other = project.path / "estudio.yml"
    path.rename(other)
    assert Study.open(other).root == project.path
    assert len(Study.open(other).observed_units()) == 2


def test_a_missing_study_names_the_nearest(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    with pytest.raises(DataError, match=r"Did you mean params/gdm-slp-2025\.yml"):
        Study.open("params/gdm-slp-2024.yml")


def test_a_missing_instrument_names_the_nearest(project: Project) -> None:
    project.study = STUDY.replace("instrument: prueba", "instrument: prueva")
    error = project.error()
    assert error.reason == Reason.INSTRUMENT_UNKNOWN
    assert "Did you mean prueba?" in error.text()


def test_shipped_instruments_are_at_hand(project: Project) -> None:
    project.study = STUDY.replace("instrument: prueba", "instrument: gdm-2025-2027")
    project.observations = "unit,code,value\n01001,1.1.1.a,1\n"
    assert project.open().instrument.id == "gdm-2025-2027"


def test_an_instrument_by_path(project: Project) -> None:
    project.study = STUDY.replace("instrument: prueba", "instrument: data/instruments/prueba.yml")
    assert project.open().instrument.id == "prueba"
    project.study = STUDY.replace("instrument: prueba", "instrument: data/nada.yml")
    with pytest.raises(InstrumentError, match="no such file"):
        _ = project.open().instrument


@pytest.mark.parametrize("unit", [24024, 24024.0])
def test_a_number_is_no_unit(slp: Study, unit: object) -> None:
    with pytest.raises(DataError, match="papermill -r unit"):
        slp.view(unit)


@pytest.mark.parametrize(
    ("unit", "words"),
    [("2402", "Did you mean"), ("rioverde", "Write its code: 24024"), ("", "no such unit")],
)
def test_unknown_units(slp: Study, unit: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        slp.view(unit)


def test_a_view_survives_its_file(slp: Study) -> None:
    view = slp.view("24032")
    again = UnitView.model_validate_json(dump_view(view))
    assert again == view
    assert dump_view(again) == dump_view(view)


def test_a_run_gives_the_same_view(
    slp: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data" / "views"
    folder.mkdir(parents=True)
    (folder / "24032.json").write_text(dump_view(slp.view("24032")), encoding="utf-8")
    monkeypatch.setenv("WORKBENCH_RUN", str(tmp_path))
    frozen = Study.open(slp.path)
    assert frozen.view("24032") == slp.view("24032")
    assert "observations" not in vars(frozen), "the run's view was not read"


def test_peers_are_of_like_size(slp: Study) -> None:
    view = slp.view("24024")  # 97,943 inhabitants
    assert view.peer_title == "de 20,000 a 99,999 habitantes"
    assert view.n_peers == 16
    assert slp.view("24028").n_peers == 3
    assert slp.view("24028").headline[0].peers is None


def test_medians_leave_the_unit_itself_out(project: Project) -> None:
    project.units = UNITS + "".join(f"0100{i},U{i},3000\n" for i in range(3, 8))
    project.observations = OBSERVATIONS + "".join(
        f"0100{i},agua,{i * 10}\n0100{i},luz,{i * 10}\n" for i in range(3, 8)
    )
    view = project.open().view("01001")  # 70; the others 30, 30, 40, 50, 60, 70
    assert view.headline[0].peers == 45


def test_rank_is_never_bare(slp: Study) -> None:
    rank = slp.view("24032").headline[0].rank
    assert (rank.rank, rank.ties, rank.n) == (14, 2, 43)
    assert rank.best <= rank.rank <= rank.worst
    assert rank.known
    locale = as_locale("es-MX")
    assert rank_text(rank, locale) == "14 (7–27)"
    alone = RankInfo(rank=2, ties=1, best=2, worst=2, n=43, scored=43)
    assert rank_text(alone, locale) == "2 (2–2)"
    assert rank_text(alone.model_copy(update={"known": False}), locale) == "2 (no se sabe)"
    text = repr(where(slp.view("24032")))
    assert (
        "Lugar 14 de 43, compartido con 1 más; con los datos no disponibles podría ir del 7 al 27."
        in text
    )
    assert "Lugar 2 de 43; ningún dato faltante podría cambiarlo." in repr(where(slp.view("24035")))


def test_stages_are_told_apart(ejemplo: Study) -> None:
    view = ejemplo.view("99001")
    assert [s.id for s in view.stages] == ["actualizacion", "revision"]
    assert view.stage == "Revisión"
    declared, reviewed = view.stages
    assert declared.score > reviewed.score
    assert declared.differs
    assert not reviewed.differs


def test_a_state_of_this_year_is_not_filled_with_last_year(ejemplo: Study) -> None:
    by_code = {i.code: i for i in ejemplo.view("99001").indicators}
    assert by_code["7.1.1"].status == "not_measurable"
    assert by_code["7.1.1"].wave is None
    assert by_code["2.1.7"].status == "not_available"


def test_next_steps_know_what_is_lacking(ejemplo: Study) -> None:
    yellow = [
        i
        for i in ejemplo.view("99001").indicators
        if i.kind == "checklist" and i.level == "en_proceso"
    ]
    assert yellow
    held = {i.code for i in yellow if "gate" in i.remarks}
    for indicator in yellow:
        if indicator.code not in held:
            assert len(indicator.lacking) == indicator.full - indicator.value


def test_assumptions_on_page_one_are_those_that_were_used(ejemplo: Study, slp: Study) -> None:
    used = [a.reason for a in ejemplo.view("99001").assumptions if a.status == "assumed"]
    assert len(used) == 2
    assert used[0].startswith("1.1.5: la guía no da color entre 8 y 9")
    assert "3.2.1" in used[1]
    assert {a.status for a in slp.view("24024").assumptions} == {"recovered"}


def test_reference_units_must_exist(project: Project) -> None:
    project.study = STUDY + 'reference: {units: ["01009"]}\n'
    error = project.error()
    assert "reference.units" in error.text()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("date: 2025-01-31", "date: ayer", "date"),
        ("title: {es: Estudio, en: Study}\n", "", "the key title is missing"),
        ("author: Tester", "author: Tester\nlocale: es", "a language and a country"),
        ("author: Tester", "author: Tester\nautor: x", "Did you mean author?"),
        ("year: 2025}", "month: 4}", "a month needs its year"),
        ("year: 2025}", "year: 2025, month: 4, date: 2025-04-01}", "no date beside it"),
        ('[{id: "2025", year: 2025}]', '[{id: b, year: 2025, month: 4}, {id: a, year: 2025, month: 3}]', "in the order of time"),
        ("{file: data/units.csv, population: population}", "{file: data/unit.csv}", "Did you mean units.csv?"),
        ("population: population", "population: poblacion", "Did you mean population?"),
        ("code: {column: code}, value", "value", "a long table needs"),
        ("instrument: prueba", "instrument: 5", "5 is a number"),
        ("author: Tester", "author: Tester\nstages: [nada]", "no such stage"),
        ("author: Tester", "author: Tester\npeers: {by: column, column: zona}", "zona"),
        ("author: Tester", "author: Tester\npeers: {by: population}", "size bands"),
    ],
)  # fmt: skip
def test_mistakes_in_the_study(project: Project, old: str, new: str, words: str) -> None:
    assert old in STUDY
    project.study = STUDY.replace(old, new)
    with pytest.raises(WorkbenchError) as caught:
        everything(project)
    assert words in caught.value.text()


def everything(project: Project) -> None:
    """Open a study and compute all that its reports need."""
    study = project.open()
    _ = study.scores, study.peers


def test_raters_must_be_chosen(project: Project) -> None:
    project.observations = "unit,code,value,rater\n01001,agua,80,ana\n01001,agua,60,luis\n01001,luz,50,ana\n01001,luz,50,luis\n"
    project.study = STUDY.replace(
        "value: {column: value}", "value: {column: value}, rater: {column: rater}"
    )
    assert "rater: ana" in project.error().text()
    project.study += "rater: luis\n"
    assert project.open().scores.results["total"].score[0] == 55


@pytest.mark.parametrize(
    ("unit", "advice"),
    [
        (1001, 'papermill -r unit 01001, or unit="01001"'),
        (1001.0, 'papermill -r unit 01001, or unit="01001"'),
        (77, "papermill -r unit CODE"),
    ],
)
def test_a_code_that_became_a_number(project: Project, unit: object, advice: str) -> None:
    with pytest.raises(WorkbenchError) as caught:
        project.open().view(unit)
    assert caught.value.reason == Reason.CODE_IS_NUMBER
    assert advice in str(caught.value)


@pytest.mark.parametrize("name", ["a" * 400, "a" * 400 + ".yml"])
def test_names_too_long_for_a_file(project: Project, name: str) -> None:
    project.study = STUDY.replace("instrument: prueba", f"instrument: {name}")
    with pytest.raises(WorkbenchError, match=r"estudio\.yml:6 instrument"):
        _ = project.open().instrument
    with pytest.raises(WorkbenchError, match="no such study"):
        Study.open(name)


def test_what_is_forgotten_leaves_memory_and_comes_again(root: Path) -> None:
    study = Study.open(root / "params/gdm-ejemplo.yml")
    unit = study.observed_units()[0]
    before, cohort = dump_view(study.view(unit)), dump_view(study.cohort_view())
    held = [weakref.ref(part) for part in (study.observations, study.scores, study.prepared)]
    waves = study.reference_waves
    study.forget()
    gc.collect()
    assert [part() for part in held] == [None] * 3
    assert vars(study)["reference_waves"] == waves  # records of a run say it without the data
    assert dump_view(study.view(unit)) == before
    assert dump_view(study.cohort_view()) == cohort
