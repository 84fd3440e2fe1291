"""Forms as they are written: what is asked, what can be entered, and texts that can't act."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

from tests.forms.evaluating import Evaluator
from tests.forms.instruments import EVERYTHING, HOSTILE
from tests.support import load_text
from tests.test_cli import workbench
from workbench.errors import DataError, InstrumentError
from workbench.forms import CaptureOptions, write_forms
from workbench.forms.layout import FIRST_ROW, NUMBER
from workbench.forms.questions import form_of
from workbench.forms.sheets import sheet_title
from workbench.instruments import Instrument

BAD_NAME = '=HYPERLINK("http://x","y")'
UNITS = pd.DataFrame(
    {"name": [BAD_NAME, "Bosque"], "pob": [1000.0, None], "turistico": [1.0, 0.0]},
    index=pd.Index(["01001", "01002"], name="unit"),
)


def test_every_code_is_asked_once(gdm: Instrument, pefa: Instrument) -> None:
    for instrument in (gdm, pefa):
        asked = [q.code for s in form_of(instrument).sections for q in s.questions]
        nodes = {c for c, o in instrument.observables.items() if o.kind in ("node", "fact")}
        assert sorted(asked) == sorted(set(instrument.observables) - nodes)
    assert [s.code for s in form_of(gdm).sections] == list("12345678")
    assert len(form_of(pefa).sections) == 7


def test_results_of_groups_are_asked_where_the_instrument_is_partial(tmp_path: Path) -> None:
    form = form_of(load_text(tmp_path, EVERYTHING))
    assert [q.code for q in form.sections[-1].questions] == ["total", "A", "B-1"]


def test_sheets_are_protected_and_only_answers_open(tmp_path: Path) -> None:
    instrument = load_text(tmp_path, EVERYTHING)
    paths = write_forms(instrument, tmp_path / "f", CaptureOptions(wave="2026"), units=UNITS)
    assert [p.name for p in paths] == ["01001.xlsx", "01002.xlsx"]
    book = load_workbook(paths[0])
    assert all(s.protection.sheet and not s.protection.password for s in book.worksheets)
    assert [s.sheet_state for s in book.worksheets][-2:] == ["veryHidden", "veryHidden"]
    sheet = book["A Área uno dos"]
    open_ = {
        (sheet.cell(c.row, 1).value, c.column)
        for row in sheet.iter_rows(min_row=FIRST_ROW)
        for c in row
        if not c.protection.locked
    }
    answer, state, note, evidence = (NUMBER[k] for k in ("answer", "state", "note", "evidence"))
    assert {n for code, n in open_ if code == "A.1"} == {state, note, evidence}
    assert {n for code, n in open_ if code == "A.1.a"} == {answer, note, evidence}
    assert {n for code, n in open_ if code == "A.2.v1"} == {answer, state, note, evidence}
    assert sheet.column_dimensions["A"].hidden
    assert sheet.row_dimensions[3].hidden


def test_what_is_known_is_written_before(tmp_path: Path) -> None:
    instrument = load_text(tmp_path, EVERYTHING)
    options = CaptureOptions(wave="2026", stage="revision")
    paths = write_forms(instrument, tmp_path / "f", options, units=UNITS)
    found = []
    for path in paths:
        sheet = load_workbook(path).worksheets[0]
        cells = {sheet.cell(r, 1).value: sheet.cell(r, 5) for r in range(FIRST_ROW, 15)}
        found.append({k: c.value for k, c in cells.items() if k})
        assert cells["@unit"].data_type == "s"
        assert cells["@unit"].number_format == "@"
    assert found[0] == {
        "@unit": "01001", "@name": BAD_NAME, "@wave": "2026", "@stage": "Revisión", "@author": None,
        "@year": 2026, "pob": 1000, "turistico": "Sí", "unidad": None,
    }  # fmt: skip
    assert (found[1]["@unit"], found[1]["pob"], found[1]["turistico"]) == ("01002", None, "No")


def test_drop_downs_and_limits(tmp_path: Path) -> None:
    instrument = load_text(tmp_path, EVERYTHING)
    [path] = write_forms(instrument, tmp_path / "f.xlsx", CaptureOptions(locale="en"))
    book = load_workbook(path)
    sheet = book["A Area one two"]
    rows = {sheet.cell(r, 1).value: r for r in range(FIRST_ROW, sheet.max_row + 1)}

    def rule(code: str, column: str = "E"):  # type: ignore[no-untyped-def]
        where = f"{column}{rows[code]}"
        return next(v for v in sheet.data_validations.dataValidation if where in v.sqref)

    def listed(code: str, column: str = "E") -> list[object]:
        cells = rule(code, column).formula1.split("!")[1].replace("$", "")
        return [c.value for row in book["_lists"][cells] for c in row]

    assert listed("A.1.a") == ["Yes", "No"]
    assert listed("A.1.b") == ["Yes", "No", "NM – Not measurable"]
    assert listed("A.1", "F") == ["ND – Not available", "NA – Not applicable"]
    assert listed("A.2.v4") == [2, 4, 8]
    limit = rule("A.4")
    assert (limit.type, float(limit.formula1), float(limit.formula2)) == ("decimal", 0, 12)
    assert limit.error == "Enter a number from 0 to 12."
    assert rule("A.2.v1").formula1.startswith("AND(ISNUMBER(")


def test_hostile_texts_stay_texts(tmp_path: Path) -> None:
    instrument = load_text(tmp_path, HOSTILE)
    [one] = write_forms(instrument, tmp_path / "one.xlsx", CaptureOptions(), units=UNITS.iloc[:1])
    [table] = write_forms(
        instrument, tmp_path / "t.xlsx", CaptureOptions(layout="rows"), units=UNITS
    )
    for path in (one, table):
        book = load_workbook(path)
        evaluate = Evaluator(book)
        for sheet in book.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.data_type != "f":
                        continue
                    # Every formula is one of ours: it computes, and calls nothing but these.
                    assert not any(word in cell.value for word in ("HYPERLINK(", "SUM(A1"))
                    evaluate(sheet.title, cell.row, cell.column)
    titles = {c.value for s in load_workbook(one).worksheets for r in s.iter_rows() for c in r}
    assert "=HYPERLINK('http://x','y')" in titles


@pytest.mark.parametrize("title", ["a/b", "[x]", "history'", "x" * 50, "", "A", "a"])
def test_titles_of_sheets(title: str) -> None:
    found = sheet_title(title, ["A", "b", "x" * 31])
    assert 0 < len(found) <= 31
    assert not set(found) & set("[]:*?/\\")
    assert found.casefold() not in {"a", "b", "x" * 31}


def test_options_that_mean_nothing_are_refused(tmp_path: Path) -> None:
    instrument = load_text(tmp_path, EVERYTHING)
    for options, out, words in (
        (CaptureOptions(format="pdf"), "f.xlsx", "--format"),
        (CaptureOptions(layout="columns"), "f.xlsx", "--layout"),
        (CaptureOptions(stage="otra"), "f.xlsx", "--stage"),
        (CaptureOptions(locale="es"), "folder", "es-MX"),
        (CaptureOptions(layout="rows"), "folder", "ending in .xlsx"),
        (CaptureOptions(), "f.xlsx", "--layout rows"),
    ):
        with pytest.raises(Exception, match=words):
            write_forms(instrument, tmp_path / out, options, units=UNITS)
    assert not (tmp_path / "f.xlsx").exists()


def test_nothing_is_written_over(tmp_path: Path) -> None:
    instrument = load_text(tmp_path, EVERYTHING)
    write_forms(instrument, tmp_path / "f", CaptureOptions(), units=UNITS.iloc[1:])
    with pytest.raises(DataError, match=r"01002\.xlsx"):
        write_forms(instrument, tmp_path / "f", CaptureOptions(), units=UNITS)
    assert not (tmp_path / "f/01001.xlsx").exists()


def test_an_instrument_without_questions(tmp_path: Path) -> None:
    share = "{method: share_of_level, scale: semaforo, level: verde}"
    text = EVERYTHING.split("indicators:")[0].replace("partial", "published")
    text = text.replace(share, "{method: none}")
    with pytest.raises(InstrumentError, match="no indicators"):
        write_forms(load_text(tmp_path, text), tmp_path / "f.xlsx")


def test_the_command_line(root: Path, tmp_path: Path) -> None:
    done = workbench(
        "capture", "cimtra-municipal", "--units", "params/cimtra-monterrey.yml", "--wave", "2026",
        "--out", str(tmp_path / "forms"), cwd=root,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    paths = sorted((tmp_path / "forms").iterdir())
    assert len(paths) == 8
    book = load_workbook(paths[0])
    sheet = book.worksheets[1]
    row = next(r for r in range(FIRST_ROW, 20) if sheet.cell(r, 1).value == "r01")
    sheet.cell(row, NUMBER["answer"]).value = 2.5
    book.save(paths[0])
    command = [
        "ingest",
        str(paths[0]),
        "--instrument",
        "cimtra-municipal",
        "--out",
        str(tmp_path / "o.csv"),
    ]
    done = workbench(*command, cwd=root)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 forms, 1 observations" in done.stdout
    sheet.cell(row, NUMBER["answer"]).value = "mucho"
    book.save(paths[0])
    done = workbench(
        *command,
        "--problems",
        str(tmp_path / "p.csv"),
        "--marked",
        str(tmp_path / "m"),
        cwd=root,
        WORKBENCH_LANG="es-MX",
    )
    assert done.returncode == 2
    assert "no es un número" in done.stderr
    assert "no es un número" in (tmp_path / "p.csv").read_text("utf-8")
    assert (tmp_path / "m" / paths[0].name).is_file()
