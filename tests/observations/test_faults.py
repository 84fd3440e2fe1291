"""Cells that are no text and no number: errors of a spreadsheet, formulas, values of parquet."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from tests.observations.test_reading import WIDE_STUDY, bad, leaf_scores, ods, other_table, workbook
from tests.support import OBSERVATIONS, STUDY, Project
from workbench.errors import Reason
from workbench.observations.faults import column_letters, find_faults

ERROR = '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>'
HEAD = ["unit", "agua", "luz"]


def repacked(content: bytes, member: str, old: str, new: str) -> bytes:
    """Return a workbook in which one part reads otherwise."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            text = source.read(name)
            if name == member:
                assert old.encode() in text
                text = text.replace(old.encode(), new.encode())
            target.writestr(name, text)
    return out.getvalue()


def ods_with(cell: str, old: str = 'office:value="80"') -> bytes:
    """Return an OpenDocument table in which one cell is another."""
    content = ods([HEAD, ["01001", 80, 60], ["01002", 40, 20]])
    whole = (
        f'<table:table-cell office:value-type="float" {old}><text:p>80</text:p></table:table-cell>'
    )
    content = repacked(content, "content.xml", whole, cell)
    space = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" '
    return repacked(content, "content.xml", "office:version=", space + "office:version=")


def xlsx_with(value: str, *, error: bool = False) -> bytes:
    book = openpyxl.load_workbook(
        io.BytesIO(workbook([HEAD, ["01001", 80, 60], ["01002", 40, 20]]))
    )
    cell = book.active["B2"]
    cell.value = value
    if error:
        cell.data_type = "e"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("o.xlsx", xlsx_with("#DIV/0!", error=True), ["error of the spreadsheet", "got #DIV/0!"]),
        ("o.xlsx", xlsx_with("#N/A", error=True), ["error of the spreadsheet", "got #N/A"]),
        ("o.xlsx", xlsx_with("=1/0"), ["not saved in the file", "got =1/0"]),
        ("o.ods", ods_with(ERROR), ["error of the spreadsheet", "got #DIV/0!"]),
        (
            "o.ods",
            ods_with('<table:table-cell table:formula="of:=1/0"/>'),
            ["not saved", "got =1/0"],
        ),
    ],
    ids=["xlsx-div", "xlsx-na", "xlsx-formula", "ods-error", "ods-formula"],
)
def test_errors_of_a_spreadsheet(
    project: Project, name: str, content: bytes, words: list[str]
) -> None:
    project.study = WIDE_STUDY
    other_table(project, name, content)
    bad(project, Reason.CELL_UNREADABLE, "row 2 column agua", *words)
    assert len(project.error().problems) == 1
    assert project.error().problems[0].place.sheet is not None


def test_errors_in_a_column_that_nobody_reads(project: Project) -> None:
    book = [[*HEAD, "x"], ["01001", 80, 60, "=1/0"], ["01002", 40, 20, None]]
    project.study = WIDE_STUDY.replace("columns: codes", "columns: codes, ignore: [x]")
    other_table(project, "o.xlsx", workbook(book))
    assert leaf_scores(project)["01001", "agua"] == 80


def test_errors_in_rows_that_are_passed_over(project: Project) -> None:
    book = [[*HEAD, "x"], ["01001", 80, 60, "si"], ["01002", "=1/0", 20, "no"]]
    project.study = WIDE_STUDY.replace("columns: codes", "columns: codes, without: {x: [no]}, ignore: [x]")  # fmt: skip
    other_table(project, "o.xlsx", workbook(book))
    assert leaf_scores(project)["01001", "agua"] == 80
    book[2][3] = "=1/0"
    other_table(project, "o.xlsx", workbook(book))
    bad(project, Reason.CELL_UNREADABLE, "row 3 column x")


def test_a_formula_that_gives_an_empty_text_is_empty(project: Project) -> None:
    content = repacked(
        xlsx_with("=1/0"), "xl/worksheets/sheet1.xml", '<c r="B2">', '<c r="B2" t="str">'
    )
    project.study = WIDE_STUDY
    other_table(project, "o.xlsx", content)
    assert pd.isna(leaf_scores(project)["01001", "agua"])


def test_repeated_rows_and_cells_of_ods(tmp_path: Path) -> None:
    cells = ERROR.replace(
        "<table:table-cell", '<table:table-cell table:number-columns-repeated="2"'
    )
    content = repacked(ods_with(cells), "content.xml", "<table:table-row>", '<table:table-row table:number-rows-repeated="2">')  # fmt: skip
    (tmp_path / "o.ods").write_bytes(content)
    found = find_faults(tmp_path / "o.ods", "Hoja1")
    assert {(f.row, f.column) for f in found} == {(3, 1), (3, 2), (4, 1), (4, 2)}


def test_a_document_type_is_refused(project: Project) -> None:
    """Entities can grow without end; no workbook needs them."""
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><worksheet'
    content = repacked(xlsx_with("=1/0"), "xl/worksheets/sheet1.xml", "<worksheet", bomb)
    project.study = WIDE_STUDY
    other_table(project, "o.xlsx", content)
    bad(project, Reason.FILE_FORMAT, "can't be opened")


@pytest.mark.parametrize(("number", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (16383, "XFD")])
def test_column_letters(number: int, letters: str) -> None:
    assert column_letters(number) == letters


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_cells_beyond_the_header(project: Project, kind: str) -> None:
    rows = [HEAD, ["01001", 80, 60], ["01002", 40, 20, "", "checar"]]
    project.study = WIDE_STUDY
    other_table(project, f"o.{kind}", workbook(rows) if kind == "xlsx" else ods(rows))
    bad(project, Reason.FILE_FORMAT, "row 3 column E", "got checar", "right of the last column")


@pytest.mark.parametrize(
    ("cell", "got", "reason"),
    [
        (b"80", "b'80'", Reason.CELL_UNREADABLE),
        ([80], "[80]", Reason.CELL_UNREADABLE),
        ({"a": "x"}, "{'a': 'x'}", Reason.CELL_UNREADABLE),
        (pd.Timedelta("80s"), "0 days 00:01:20", Reason.CELL_UNREADABLE),
        (dt.date(2025, 1, 31), "2025-01-31", Reason.VALUE_NOT_NUMBER),
        (pd.Timestamp(2025, 1, 31), "2025-01-31T00:00:00", Reason.VALUE_NOT_NUMBER),
    ],
)
def test_values_of_parquet(project: Project, cell: object, got: str, reason: Reason) -> None:
    frame = pd.DataFrame({"unit": ["01001", "01002"], "code": "agua", "value": [cell, None]})
    out = io.BytesIO()
    frame.to_parquet(out)
    other_table(project, "o.parquet", out.getvalue())
    bad(project, reason, "row 2 column value", f"got {got}")
    assert len(project.error().problems) == 1


@pytest.mark.parametrize("column", ["unit", "code", "source", "name"])
@pytest.mark.parametrize("cell", [["01001"], {"a": 1}], ids=["list", "mapping"])
def test_lists_as_keys_of_parquet(project: Project, column: str, cell: object) -> None:
    text = "unit,name,population\n01001,Aguas,1\n" if column == "name" else OBSERVATIONS
    frame = pd.read_csv(io.StringIO(text), dtype=str).assign(source="x")
    if column != "name":
        frame["value"] = frame["value"].astype(float)
    frame[column] = [cell] * len(frame)
    out = io.BytesIO()
    frame.to_parquet(out)
    project.study = STUDY.replace(
        "value: {column: value}", "value: {column: value}, source: {column: source}"
    )
    if column == "name":
        (project.path / "data").mkdir(exist_ok=True)
        (project.path / "data/units.parquet").write_bytes(out.getvalue())
        project.study = STUDY.replace("data/units.csv", "data/units.parquet")
    else:
        other_table(project, "o.parquet", out.getvalue())
    error = project.error()
    assert Reason.CELL_UNREADABLE in [p.reason for p in error.problems]
    assert f"row 2 column {column}" in error.text()
