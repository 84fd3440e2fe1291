"""What people fill in comes back whole; every mistake is told with its cell, and nothing is written."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from tests.forms.filling import (
    example,
    export,
    fill_file,
    fill_rows,
    read,
    tidy,
    write_export,
)
from tests.forms.instruments import EVERYTHING
from tests.support import load_text
from workbench.errors import DataError, Reason
from workbench.forms import CaptureOptions, ingest, write_forms
from workbench.forms.layout import NUMBER
from workbench.forms.questions import form_of
from workbench.instruments import Instrument, load_instrument
from workbench.study import Study

Rows = list[dict[str, Any]]
UNITS = pd.DataFrame({"name": ["San Ejemplo"]}, index=pd.Index(["01001"], name="unit"))


def made_up(instrument: Instrument, wave: str, *, deep: bool = True) -> Rows:
    """Return an answer to every question, by turns of what it may be, with notes and evidence."""
    rows: Rows = []
    for n, q in enumerate(form_of(instrument).questions.values()):
        row: dict[str, Any] = {"wave": wave, "code": q.code, "state": "", "value": ""}
        choices = [*((c.id, c.value) for c in q.choices), *((s.id, None) for s in q.states)]
        if q.role == "fact" and not q.choices:
            row["value"] = "1234.5"
        elif q.answer == "number" and not q.choices and (n % 3 or not q.states):
            row["value"] = "7" if q.allowed.whole or n % 2 else "3.25"
        elif choices:
            name, value = choices[n % len(choices)]
            row["value" if value is not None else "state"] = name
        if (deep or q.code == q.owner) and q.role != "fact" and n % 5 == 0:
            row |= {"note": f'línea 1\nlínea; "2", {n}', "evidence": "https://x.mx/a?b=1"}
        if any(row.get(k) for k in ("value", "state", "note")):
            rows.append(row)
    return rows


def instrument_of(root: Path, name: str) -> Instrument:
    return load_instrument(root / f"data/instruments/{name}.yml")


NAMES = ["gdm-2025-2027", "pefa-2016", "cimtra-municipal", "mi-gestion", "programa-ejemplo"]


@pytest.mark.parametrize(("name", "locale"), [*((n, "es-MX") for n in NAMES), ("pefa-2016", "en")])
def test_one_workbook_a_unit_comes_back_whole(
    root: Path, tmp_path: Path, name: str, locale: str
) -> None:
    instrument, rows = instrument_of(root, name), []
    [path] = write_forms(
        instrument, tmp_path / "forms", CaptureOptions(wave="2026", locale=locale), units=UNITS
    )
    assert path == tmp_path / "forms/01001.xlsx"
    rows = made_up(instrument, "2026")
    fill_file(path, instrument, locale, rows)
    ingest([path], instrument, tmp_path / "out.csv")
    found = read(tmp_path / "out.csv")
    assert tidy(found) == tidy(rows)
    assert {(r["unit"], r["wave"], r["stage"], r["source"]) for r in found} == {
        ("01001", "2026", "", "01001.xlsx")
    }


@pytest.mark.parametrize("name", NAMES)
def test_units_in_rows_come_back_whole(root: Path, tmp_path: Path, name: str) -> None:
    instrument = instrument_of(root, name)
    [path] = write_forms(
        instrument, tmp_path / "t.xlsx", CaptureOptions(layout="rows"), units=UNITS
    )
    rows = made_up(instrument, "2026")
    for unit, wave in (("01001", "2025"), ("01001", "2026"), ("01002", "2026")):
        fill_rows(
            path,
            instrument,
            "es-MX" if name != "pefa-2016" else "en",
            unit,
            [{**r, "wave": wave} for r in rows],
        )
    ingest([path], instrument, tmp_path / "out.csv")
    found = read(tmp_path / "out.csv")
    assert tidy(found) == tidy(rows * 3)
    assert {(r["unit"], r["wave"]) for r in found} == {
        ("01001", "2025"),
        ("01001", "2026"),
        ("01002", "2026"),
    }


@pytest.mark.parametrize(
    ("name", "join", "file"),
    [
        *((n, "/", "kobo.csv") for n in NAMES),
        ("pefa-2016", "-", "odk.csv"),
        ("gdm-2025-2027", ".", "dots.csv"),
        ("cimtra-municipal", ":", "colons.csv"),
        ("cimtra-municipal", "/", "kobo.xlsx"),
        ("pefa-2016", ".", "dots.xlsx"),
    ],
)
def test_exports_of_the_survey_come_back_whole(
    root: Path, tmp_path: Path, name: str, join: str, file: str
) -> None:
    instrument = instrument_of(root, name)
    [survey] = write_forms(instrument, tmp_path / "s.xlsx", CaptureOptions(format="xlsform"))
    rows = made_up(instrument, "2026", deep=False)
    header, first = export(survey, rows, "01001", join=join)
    _, second = export(survey, [{**r, "wave": "2025"} for r in rows], "01001", join=join)
    write_export(
        tmp_path / file,
        [*header, "_uuid", "meta/instanceID"],
        [[*first, "u", "i"], [*second, "v", "j"]],
    )
    ingest([tmp_path / file], instrument, tmp_path / "out.csv")
    assert tidy(read(tmp_path / "out.csv")) == tidy(rows * 2)


def moved(header: list[str], cells: list[str], at: int) -> tuple[list[str], list[str]]:
    """Return an export in which a question stands a second time, in another group."""
    return [*header, f"earlier/{header[at].rpartition('/')[2]}"], [*cells, cells[at]]


def test_a_question_that_moved_between_versions_is_read_wherever_it_was_answered(
    root: Path, tmp_path: Path
) -> None:
    instrument = instrument_of(root, "pefa-2016")
    [survey] = write_forms(instrument, tmp_path / "s.xlsx", CaptureOptions(format="xlsform"))
    rows = made_up(instrument, "2026", deep=False)
    header, first = export(survey, rows, "01001", join="/")
    at = next(n for n, h in enumerate(header) if h.rpartition("/")[2].startswith("q") and first[n])
    heads, cells = moved(header, first, at)
    cells[at] = ""
    out = tmp_path / "out.csv"
    write_export(tmp_path / "kobo.csv", [*heads, "_uuid"], [[*cells, "u"]])
    ingest([tmp_path / "kobo.csv"], instrument, out)
    assert tidy(read(out)) == tidy(rows)
    out.unlink()
    cells[at] = "D" if first[at] != "D" else "A"
    write_export(tmp_path / "kobo.csv", [*heads, "_uuid"], [[*cells, "u"]])
    with pytest.raises(DataError) as caught:
        ingest([tmp_path / "kobo.csv"], instrument, out)
    assert [p.reason for p in caught.value.problems] == [Reason.DUPLICATE]
    assert not out.exists()


@pytest.mark.parametrize("layout", ["one-per-unit", "rows"])
def test_the_worked_example_comes_back_and_is_a_study(
    root: Path, tmp_path: Path, gdm: Instrument, ejemplo: Study, layout: str
) -> None:
    cases = [
        ("2025", "diagnostico"),
        ("2025", "revision"),
        ("2026", "actualizacion"),
        ("2026", "revision"),
    ]
    units = UNITS.set_index(pd.Index(["99001"], name="unit"))
    rows: Rows = []
    paths = []
    for wave, stage in cases:
        rows += example(root, wave, stage)
    if layout == "rows":
        paths = write_forms(gdm, tmp_path / "t.xlsx", CaptureOptions(layout="rows"), units=units)
        for wave, stage in cases:
            fill_rows(paths[0], gdm, "es-MX", "99001", example(root, wave, stage))
    else:
        for wave, stage in cases:
            options = CaptureOptions(wave=wave, stage=stage)
            paths += write_forms(gdm, tmp_path / f"{wave}-{stage}.xlsx", options, units=units)
            fill_file(paths[-1], gdm, "es-MX", example(root, wave, stage))
    project = tmp_path / "project"
    shutil.copytree(root / "data/cases/gdm-ejemplo", project / "data/cases/gdm-ejemplo")
    shutil.copytree(root / "data/instruments", project / "data/instruments")
    ingest(paths, gdm, project / "data/captured.csv")
    assert tidy(read(project / "data/captured.csv")) == tidy(rows)
    # The stanza that the guide gives makes the same study of it.
    stanza = re.search(
        r"```yaml\n(observations:\n.*?)```",
        (root / "docs/guide.md").read_text("utf-8").split("## Capturing data")[1],
        re.DOTALL,
    )
    assert stanza is not None
    text = (root / "params/gdm-ejemplo.yml").read_text("utf-8")
    text = re.sub(
        r"^observations:\n(  .*\n)+",
        stanza[1].replace("data/observations.csv", "data/captured.csv"),
        text,
        flags=re.MULTILINE,
    )
    (project / "params").mkdir()
    (project / "params/mine.yml").write_text(text, encoding="utf-8")
    mine, theirs = Study.open(project / "params/mine.yml"), ejemplo
    pd.testing.assert_frame_equal(mine.scores.wide("2026"), theirs.scores.wide("2026"))
    assert set(mine.observations.frame["evidence"]) == set(theirs.observations.frame["evidence"])


def test_a_study_reads_the_states_of_pefa(root: Path, tmp_path: Path) -> None:
    """NA is a state there; by default tables take it for an empty cell."""
    from workbench.observations.mapping import Mapper
    from workbench.observations.tables import read_table
    from workbench.specs.study import ObservationTable

    pefa = instrument_of(root, "pefa-2016")
    [path] = write_forms(pefa, tmp_path / "forms", CaptureOptions(wave="1"), units=UNITS)
    code = pefa.indicators[0]
    fill_file(
        path,
        pefa,
        "en",
        [
            {"code": code, "state": "NA", "value": ""},
            {"code": pefa.indicators[1], "state": "D*", "value": ""},
        ],
    )
    ingest([path], pefa, tmp_path / "out.csv")
    column = {k: {"column": k} for k in ("code", "value", "state")}
    spec = ObservationTable.model_validate(
        {"file": "out.csv", "wave": "1", "missing": ("",), **column}
    )
    rows = Mapper(pefa, spec, read_table(tmp_path, spec), {}).tidy()
    assert list(rows["state"]) == ["NA", "D*"]


# -- mistakes -----------------------------------------------------------------------------------------


class Case:
    """A filled-in form of the made-up instrument in which a test spoils something."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.instrument = load_text(folder, EVERYTHING)
        options = CaptureOptions(wave="2026", stage="revision")
        [self.path] = write_forms(self.instrument, folder / "forms", options, units=UNITS)
        rows = [
            {"code": "A.1.a", "value": "1"},
            {"code": "A.2.v1", "value": "3"},
            {"code": "A.2.v2", "value": "4"},
        ]
        fill_file(self.path, self.instrument, "es-MX", rows)
        self.book = load_workbook(self.path)

    def cell(self, code: str, key: str = "answer") -> Any:
        """Return a cell by code."""
        for sheet in self.book.worksheets:
            for row in range(1, sheet.max_row + 1):
                if sheet.cell(row, 1).value == code:
                    return sheet.cell(row, NUMBER[key])
        raise KeyError(code)

    def problems(self, *others: Path) -> list[Any]:
        """Save the form, read it, and return what is wrong; nothing may be written."""
        self.book.save(self.path)
        out = self.folder / "out.csv"
        with pytest.raises(DataError) as caught:
            ingest(
                [self.path, *others], self.instrument, out,
                problems=self.folder / "problems.csv", marked=self.folder / "marked",
            )  # fmt: skip
        assert not out.exists()
        with (self.folder / "problems.csv").open(encoding="utf-8") as file:
            assert len(list(csv.DictReader(file))) == len(caught.value.problems)
        return list(caught.value.problems)


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def entered(code: str, key: str, value: Any) -> Callable[[Case], None]:
    def spoil(case: Case) -> None:
        case.cell(code, key).value = value

    return spoil


MISTAKES: dict[str, tuple[Callable[[Case], None], Reason, str, str]] = {
    "text in a number": (entered("A.2.v1", "answer", "tres"), Reason.VALUE_NOT_NUMBER, "A.2.v1", "E"),
    "two numbers in one": (entered("A.2.v1", "answer", "1,234"), Reason.VALUE_NOT_NUMBER, "A.2.v1", "E"),
    "out of range": (entered("A.4", "answer", 13), Reason.VALUE_RANGE, "A.4", "E"),
    "not whole": (entered("A.2.v2", "answer", 4.5), Reason.VALUE_RANGE, "A.2.v2", "E"),
    "not an option": (entered("A.2.v4", "answer", 5), Reason.VALUE_RANGE, "A.2.v4", "E"),
    "part above its whole": (entered("A.2.v1", "answer", 5), Reason.VALUE_RANGE, "A.2.v1", "E"),
    "unknown answer": (entered("A.1.b", "answer", "tal vez"), Reason.STATE_UNKNOWN, "A.1.b", "E"),
    "state an element can't have": (entered("A.1.a", "answer", "NM"), Reason.STATE_NOT_ALLOWED, "A.1.a", "E"),
    "unknown state": (entered("A.1", "state", "XX"), Reason.STATE_UNKNOWN, "A.1", "F"),
    "state not allowed": (entered("A.1", "state", "NM"), Reason.STATE_NOT_ALLOWED, "A.1", "F"),
    "answer and state": (entered("A.2.v1", "state", "ND"), Reason.STATE_NOT_ALLOWED, "A.2.v1", "F"),
    "answer of what is computed": (entered("A.1", "answer", 2), Reason.VALUE_RANGE, "A.1", "E"),
    "unknown level": (entered("B.2", "answer", "azul"), Reason.STATE_UNKNOWN, "B.2", "E"),
    "level as a number": (entered("B.2", "answer", 2), Reason.STATE_UNKNOWN, "B.2", "E"),
    "formula in a note": (entered("A.1.a", "note", '=HYPERLINK("http://x","y")'), Reason.FILE_FORMAT, "A.1.a", "I"),
    "formula never computed": (entered("A.4", "answer", "=5+5"), Reason.VALUE_NOT_NUMBER, "A.4", "E"),
    "an error value": (entered("A.4", "answer", "#N/A"), Reason.VALUE_NOT_NUMBER, "A.4", "E"),
    "a date": (entered("A.4", "answer", pd.Timestamp("2026-05-01").to_pydatetime()), Reason.VALUE_NOT_NUMBER, "A.4", "E"),
    "unit as a number": (entered("@unit", "answer", 1001), Reason.CODE_IS_NUMBER, "", "E"),
    "no unit": (entered("@unit", "answer", None), Reason.UNIT_CODE, "", "E"),
    "unit that is a path": (entered("@unit", "answer", "../01001"), Reason.UNIT_CODE, "", "E"),
    "no wave": (entered("@wave", "answer", None), Reason.WAVE_UNKNOWN, "", "E"),
    "unknown stage": (entered("@stage", "answer", "otra"), Reason.STAGE_UNKNOWN, "", "E"),
    "code tampered with": (entered("A.1.b", "code", "A.1.z"), Reason.CODE_UNKNOWN, "", "A"),
    "code twice": (entered("A.1.b", "code", "A.1.a"), Reason.DUPLICATE, "A.1.a", "A"),
    "code lost": (entered("A.1.a", "code", None), Reason.CODE_UNKNOWN, "", "A"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_and_marked(case: Case, name: str) -> None:
    spoil, reason, code, column = MISTAKES[name]
    spoil(case)
    found = [p for p in case.problems() if p.reason == reason and p.place.column == column]
    assert found, name
    problem = found[0]
    assert problem.code == code
    assert problem.fix or problem.expected
    assert (problem.place.file, problem.place.row is not None) == (str(case.path), True)
    marked = load_workbook(case.folder / "marked/01001.xlsx")
    cell = marked[problem.place.sheet][f"{problem.place.column}{problem.place.row}"]
    assert cell.fill.fgColor.rgb == "00F4A6A0"
    assert problem.what.text("es-MX") in cell.comment.text
    assert marked.worksheets[0].title == "Errores"


def test_several_mistakes_of_several_files_are_told_at_once(case: Case, tmp_path: Path) -> None:
    case.cell("A.4").value = 99
    case.cell("A.5").value = "x"
    broken, strange, gone = (tmp_path / n for n in ("broken.xlsx", "strange.xlsx", "gone.xlsx"))
    broken.write_bytes(b"PK\x03\x04 no workbook")
    Workbook().save(strange)
    (tmp_path / "note.pdf").write_bytes(b"%PDF")
    (tmp_path / "empty.csv").write_bytes(b"")
    found = case.problems(broken, strange, gone, tmp_path / "note.pdf", tmp_path / "empty.csv")
    assert [(Path(p.place.file).name, p.reason) for p in found] == [
        ("01001.xlsx", Reason.VALUE_RANGE),
        ("01001.xlsx", Reason.VALUE_NOT_NUMBER),
        ("broken.xlsx", Reason.FILE_FORMAT),
        ("strange.xlsx", Reason.FILE_FORMAT),
        ("gone.xlsx", Reason.FILE_MISSING),
        ("note.pdf", Reason.FILE_FORMAT),
        ("empty.csv", Reason.FILE_EMPTY),
    ]
    assert [p.name for p in (tmp_path / "marked").iterdir()] == ["01001.xlsx"]


def test_sheets_and_rows_that_are_gone(case: Case) -> None:
    sheet = next(s for s in case.book.worksheets if s.title.startswith("A "))
    case.book.remove(sheet)
    [problem] = [p for p in case.problems() if p.reason == Reason.FILE_FORMAT]
    assert problem.what.text("es-MX") == "falta la hoja de Área: uno / dos"


def test_a_row_that_is_gone_and_one_that_moved(case: Case) -> None:
    cell = case.cell("A.1.b")
    cell.parent.delete_rows(cell.row)  # rows below move up, and are still read by their codes
    [problem] = case.problems()
    assert problem.what.text() == "the row of A.1.b is missing"


def test_an_empty_form(tmp_path: Path) -> None:
    case = Case(tmp_path)
    for code in ("A.1.a", "A.2.v1", "A.2.v2"):
        case.cell(code).value = None
    case.cell("turistico").value = "Sí"
    assert [p.reason for p in case.problems()] == [Reason.NOTHING_OBSERVED]


def test_marks_of_an_earlier_time_are_taken_off(case: Case) -> None:
    case.cell("A.4").value, case.cell("A.5").value = 99, "x"
    case.problems()
    case.path = case.folder / "marked/01001.xlsx"
    case.book = load_workbook(case.path)
    case.cell("A.4").value = 9
    [problem] = case.problems()
    assert problem.code == "A.5"
    again = load_workbook(case.folder / "marked/01001.xlsx")
    assert [s.title for s in again.worksheets].count("Errores") == 1
    comments = [c for s in again for r in s.iter_rows() for c in r if c.comment]
    assert [c.comment.author for c in comments] == ["workbench"]
    case.book = again
    case.cell("A.5").value = 3
    again.save(case.path)
    ingest([case.path], case.instrument, case.folder / "mended.csv")
    assert {r["code"]: r["value"] for r in read(case.folder / "mended.csv")}["A.4"] == "9"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("id: todo", "id: otro"), "of the instrument todo"),
        (('version: "1"', 'version: "2"'), "another version"),
        (("maximum: 12", "maximum: 13"), "other questions"),
    ],
)
def test_forms_of_another_instrument_are_refused(
    case: Case, tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    case.instrument = load_text(tmp_path / "other", EVERYTHING.replace(*change))
    [problem] = case.problems()
    assert problem.reason == Reason.INSTRUMENT_UNKNOWN
    assert words in problem.text()


def test_a_mended_title_refuses_nothing(case: Case, tmp_path: Path) -> None:
    other = load_text(tmp_path / "other", EVERYTHING.replace("Puntaje", "Puntuación"))
    ingest([case.path], other, tmp_path / "out.csv")
    assert len(read(tmp_path / "out.csv")) == 3


def test_the_same_unit_twice_names_both_files(case: Case, tmp_path: Path) -> None:
    copy = tmp_path / "copy.xlsx"
    shutil.copyfile(case.path, copy)
    found = case.problems(copy)
    assert [p.reason for p in found] == [Reason.DUPLICATE]
    assert "copy.xlsx" in found[0].text()
    assert "01001.xlsx" in found[0].text()


def test_a_form_without_a_stage_meets_those_with_one(case: Case, tmp_path: Path) -> None:
    copy = tmp_path / "copy.xlsx"
    book = load_workbook(case.path)
    case.book.save(copy)
    case.book = book
    case.cell("@stage").value = None
    assert [p.reason for p in case.problems(copy)] == [Reason.DUPLICATE]


def test_mistakes_in_rows(tmp_path: Path) -> None:
    instrument = load_text(tmp_path, EVERYTHING)
    [path] = write_forms(
        instrument, tmp_path / "t.xlsx", CaptureOptions(layout="rows", wave="2026"), units=UNITS
    )
    book = load_workbook(path)
    data, notes = book.worksheets[1], book.worksheets[2]
    columns = {c.value: n for n, c in enumerate(data[2], start=1)}
    for row, (unit, code, value) in enumerate(
        [
            ("01001", "A.1.a", "Sí"),
            (1002, "A.1.a", "Sí"),
            ("01003", "A.4", 13),
            ("01001", "A.4", 3),
            (None, "A.4", 3),
        ],
        start=3,
    ):
        data.cell(row, columns["@unit"]).value = unit
        data.cell(row, columns["@wave"]).value = "2026"
        data.cell(row, columns[code]).value = value
    data.cell(3, data.max_column + 1).value = "¿?"
    data.cell(2, columns["B.4"]).value = "B.9"
    for n, text in enumerate(["01009", "2026", None, "A.4", "de nadie"], start=1):
        notes.cell(3, n).value = text
    book.save(path)
    with pytest.raises(DataError) as caught:
        ingest([path], instrument, tmp_path / "out.csv", marked=tmp_path / "marked")
    reasons = [p.reason for p in caught.value.problems]
    assert sorted(reasons) == sorted(
        [
            Reason.CODE_UNKNOWN, Reason.FILE_FORMAT, Reason.CODE_UNKNOWN, Reason.UNIT_UNKNOWN,
            Reason.CODE_IS_NUMBER, Reason.VALUE_RANGE, Reason.UNIT_CODE, Reason.DUPLICATE,
        ]
    )  # fmt: skip
    assert not (tmp_path / "out.csv").exists()
    marked = load_workbook(tmp_path / "marked/t.xlsx")
    assert marked[data.title].cell(5, columns["A.4"]).comment is not None


@pytest.mark.parametrize("file", ["e.csv", "e.xlsx"])
def test_mistakes_in_exports(tmp_path: Path, file: str) -> None:
    instrument = load_text(tmp_path, EVERYTHING)
    [survey] = write_forms(instrument, tmp_path / "s.xlsx", CaptureOptions(format="xlsform"))
    good = [{"wave": "2026", "stage": "propio", "code": "A.4", "value": "3", "state": ""}]
    bad = [{"wave": "2026", "stage": "otra", "code": "A.4", "value": "tres", "state": ""}]
    header, first = export(survey, good, "01001")
    second = export(survey, bad, "01002")[1]
    write_export(tmp_path / file, header, [first, second, first])
    with pytest.raises(DataError) as caught:
        ingest([tmp_path / file], instrument, tmp_path / "o.csv", marked=tmp_path / "marked")
    assert [p.reason for p in caught.value.problems] == [
        Reason.VALUE_NOT_NUMBER, Reason.STAGE_UNKNOWN, Reason.DUPLICATE,
    ]  # fmt: skip
    [place] = [p.place for p in caught.value.problems if p.code]
    assert (place.row, place.column) == (3, "gA/iA_4/qA_4")
    sheet = load_workbook(tmp_path / "marked/e.xlsx").worksheets[1]
    assert sheet.cell(3, header.index("gA/iA_4/qA_4") + 1).comment is not None
    write_export(tmp_path / file, header[:-20], [first[:-20]])
    with pytest.raises(DataError, match="the column of"):
        ingest([tmp_path / file], instrument, tmp_path / "o.csv")


def test_notes_never_become_formulas(case: Case, tmp_path: Path) -> None:
    notes = {"A.1.a": "=1+1", "A.2.v1": "- falta", "A.2.v2": '@SUM(A1)\n"x"'}
    for code, text in notes.items():
        cell = case.cell(code, "note")
        cell.value, cell.data_type = text, "s"
    case.book.save(case.path)
    ingest([case.path], case.instrument, tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        raw = {r["code"]: r["note"] for r in csv.DictReader(file)}
    assert {code: text.strip() for code, text in raw.items()} == notes
    assert not any(text.startswith(("=", "+", "-", "@")) for text in raw.values())
