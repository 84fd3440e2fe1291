"""Copies of files with mistakes: wrong cells filled in red, with what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from workbench.errors import Problem, WorkbenchError
from workbench.forms.answers import tag_of
from workbench.forms.files import cell_of, write_workbook
from workbench.forms.opening import FilledBook, FilledTable, open_filled
from workbench.forms.questions import Form
from workbench.forms.sheets import (
    BOLD,
    INPUT,
    MAX_CELL,
    WRAP,
    cell_at,
    printable,
    protect,
    put_text,
    sheet_title,
)
from workbench.language import Message

AUTHOR = "workbench"
WRONG = PatternFill("solid", fgColor="F4A6A0")
MARK = "mistakes_found"  # key that tells our sheet of problems from sheets of people
# A file with more mistakes is wrong as a whole, and the table of problems names each.
MOST_MARKS = 2_000
WIDTHS = (28, 10, 16, 46, 24, 34, 50)


def write_marked(
    folder: Path, files: Iterable[Path], problems: Sequence[Problem], form: Form
) -> Iterator[Path]:
    """Write a marked copy of each file with some problems, and yield its path.

    A file with more than ``MOST_MARKS`` of them is passed over.

    Parameters
    ----------
    folder : Path
    files : iterable of Path
        All files that were read.
    problems : sequence of Problem
        Of all files.
    form : Form
        Gives the language of each form.
    """
    taken: set[str] = set()
    for path in files:
        own = [p for p in problems if p.place.file == str(path)]
        if not 0 < len(own) <= MOST_MARKS:
            continue
        try:
            opened = open_filled(path)
        except WorkbenchError:
            continue  # what can't be opened can't be marked; the table of problems names it
        if isinstance(opened, FilledBook):
            book, tag = opened.book, tag_of(opened.passport, form.instrument)
            _clean(book)
        else:
            book, tag = _as_workbook(opened), None
        own = _on_sheet(own, opened, book) if isinstance(opened, FilledTable) else own
        for problem in own:
            _mark(book, problem, tag)
        _list(book, own, tag)
        target = folder / _free(path.with_suffix(".xlsx").name, taken)
        write_workbook(target, book)
        yield target


def _free(name: str, taken: set[str]) -> str:
    """Return a file name that no other copy has: files of two folders may be called the same."""
    stem, n, found = Path(name).stem, 1, name
    while found.casefold() in taken:
        n += 1
        found = f"{stem}-{n}.xlsx"
    taken.add(found.casefold())
    return found


def _mark(book: Workbook, problem: Problem, tag: str | None) -> None:
    """Mark the cell of a problem; several problems of a cell are listed in one comment."""
    place = problem.place
    if place.sheet not in book.sheetnames or place.row is None or place.column is None:
        return
    cell = book[place.sheet][f"{place.column}{place.row}"]
    if not isinstance(cell, Cell):  # part of merged cells
        return
    cell.fill = WRONG
    text = problem.what.text(tag) + "."
    if problem.expected:
        text += " " + Message("Expected: {expected}.", expected=problem.expected).text(tag)
    if problem.fix:
        text += " " + problem.fix.text(tag)
    if cell.comment is not None:
        text = f"{cell.comment.text}\n{text}"
    cell.comment = Comment(printable(text)[:MAX_CELL], AUTHOR, height=120, width=320)


def _list(book: Workbook, problems: Sequence[Problem], tag: str | None) -> None:
    """Add a first sheet with all problems of the file."""
    sheet = book.create_sheet(sheet_title(Message("Mistakes").text(tag), book.sheetnames), 0)
    heads = [
        Message("Sheet"),
        Message("Cell"),
        Message("Code"),
        Message("What is wrong"),
        Message("Got"),
        Message("Expected"),
        Message("What to do"),
    ]
    put_text(cell_at(sheet, 1, 1), MARK)
    sheet.row_dimensions[1].hidden = True
    for n, (head, width) in enumerate(zip(heads, WIDTHS, strict=True), start=1):
        put_text(cell_at(sheet, 2, n), head.text(tag))
        cell_at(sheet, 2, n).font = BOLD
        sheet.column_dimensions[get_column_letter(n)].width = width
    for row, p in enumerate(problems, start=3):
        texts = (
            p.place.sheet or "", cell_of(p.place), p.code, p.what.text(tag), p.got,
            p.expected.text(tag) if p.expected else "", p.fix.text(tag) if p.fix else "",
        )  # fmt: skip
        for n, text in enumerate(texts, start=1):
            put_text(cell_at(sheet, row, n), text)
            cell_at(sheet, row, n).alignment = WRAP
    sheet.freeze_panes = "A3"
    protect(sheet)
    book.active = 0
    for other in book.worksheets:
        other.sheet_view.tabSelected = other is sheet


def _clean(book: Workbook) -> None:
    """Take off the marks of an earlier time: only what is still wrong stays marked."""
    for sheet in [s for s in book.worksheets if s.cell(1, 1).value == MARK]:
        book.remove(sheet)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell, Cell) and cell.comment and cell.comment.author == AUTHOR:
                    cell.comment = None
                    cell.fill = PatternFill() if cell.protection.locked else INPUT


def _as_workbook(table: FilledTable) -> Workbook:
    """Return an export as a workbook, every cell a text."""
    if table.book is not None:
        return table.book
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101  # a new workbook has one sheet
    for n, name in enumerate(table.columns, start=1):
        put_text(cell_at(sheet, 1, n), name)
    for row, cells in table.records:
        for n, value in enumerate(cells, start=1):
            if value:
                put_text(cell_at(sheet, row, n), str(value))
    return book


def _on_sheet(problems: Sequence[Problem], table: FilledTable, book: Workbook) -> list[Problem]:
    """Return problems of an export with the letters of their columns instead of the names."""
    title = table.sheet or book.worksheets[0].title
    letters = {name: get_column_letter(n) for n, name in enumerate(table.columns, start=1)}
    found = []
    for problem in problems:
        place = problem.place
        column = letters.get(place.column or "", place.column if place.row is None else None)
        found.append(problem.at(replace(place, sheet=title, column=column)))
    return found
