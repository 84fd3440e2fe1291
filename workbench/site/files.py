"""Results and their dictionary as csv and xlsx, the same bytes every time."""

from __future__ import annotations

import csv
import re
import zipfile
from io import BytesIO, StringIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from workbench.language import Locale
from workbench.observations.csv_texts import quiet

MOST_LETTERS = 32_767
DAY = (1980, 1, 1, 0, 0, 0)
_TIMES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")


def dictionary_rows(results: dict[str, Any], locale: Locale) -> list[list[str]]:
    """Return the dictionary of the columns, its head first."""
    head = [
        locale.text("Column"), locale.text("Meaning"), locale.text("Unit"),
        locale.text("States and empty cells"),
    ]  # fmt: skip
    return [head, *([c["name"], c["meaning"], c["unit"], c["states"]] for c in results["columns"])]


def csv_text(rows: list[list[Any]]) -> str:
    """Return rows as csv in which no text can act as a formula."""
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerows(
        [[quiet(v) if isinstance(v, str) else v for v in row] for row in rows]
    )
    return out.getvalue()


def results_rows(results: dict[str, Any]) -> list[list[Any]]:
    """Return the results with the names of their columns."""
    return [[c["name"] for c in results["columns"]], *results["rows"]]


def workbook_bytes(sheets: dict[str, list[list[Any]]], date: str) -> bytes:
    """Return sheets as an xlsx file; texts stay texts whatever they begin with.

    Parameters
    ----------
    sheets : dict of str to rows
        The first row of each is its head.
    date : str
        Day that the file says it was made on, ``2025-12-18``: that of the study.
    """
    book = Workbook(write_only=True)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title[:31])
        sheet.freeze_panes = "A2"
        for index, row in enumerate(rows):
            sheet.append([text_cell(sheet, value, head=not index) for value in row])
    whole = BytesIO()
    book.save(whole)
    return timeless(whole.getvalue(), date)


def text_cell(sheet: Any, value: Any, *, head: bool = False) -> Any:
    """Return a value as a cell of a sheet; a text is one whatever it begins with."""
    if value is None or not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value="")
    cell.value = ILLEGAL_CHARACTERS_RE.sub(" ", value)[:MOST_LETTERS]
    cell.data_type = "s"
    if head:
        cell.font = Font(bold=True)
    return cell


def timeless(content: bytes, date: str) -> bytes:
    """Return a workbook without the time at which it was written."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as made, zipfile.ZipFile(out, "w") as kept:
        for name in sorted(made.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            part = made.read(name)
            if name == "docProps/core.xml":
                part = _TIMES.sub(rb"\g<1>" + f"{date}T00:00:00Z".encode() + rb"\g<2>", part)
            entry = zipfile.ZipInfo(name, DAY)
            entry.external_attr, entry.create_system = 0o100644 << 16, 3
            entry.compress_type = zipfile.ZIP_DEFLATED
            kept.writestr(entry, part, compresslevel=6)
    return out.getvalue()
