"""Results of the site as csv and xlsx: texts from data act in no spreadsheet."""

import csv
from io import BytesIO, StringIO

from openpyxl import load_workbook

from workbench.site.files import csv_text, workbook_bytes

HEAD = ["name", "score"]
HOSTILE = ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-x", "\t=1", "two\rrows", "Añisok"]
ROWS = [HEAD, *([text, -3.5] for text in HOSTILE), ["nothing", None]]


def test_a_csv_keeps_its_rows_and_holds_no_formula() -> None:
    read = list(csv.reader(StringIO(csv_text(ROWS), newline="")))
    assert [len(row) for row in read] == [2] * len(ROWS)
    for row, text in zip(read[1:], HOSTILE, strict=False):
        assert row[0][0] not in "=+-@\t\r"
        assert row[0].split() == text.replace("\r", " ").split()
        assert row[1] == "-3.5"
    assert read[-1] == ["nothing", ""]


def test_a_workbook_keeps_texts_as_texts_and_no_time() -> None:
    made = [workbook_bytes({"Results": ROWS}, "2025-12-18") for _ in range(2)]
    assert made[0] == made[1]
    sheet = load_workbook(BytesIO(made[0]))["Results"]
    cells = [row[0] for row in sheet.iter_rows(min_row=2, max_row=len(HOSTILE) + 1)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert cells[0].value == "=1+1"
