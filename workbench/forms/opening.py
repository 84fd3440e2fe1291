"""Filled-in files opened and recognised: a workbook of ours, or an export of an XLSForm."""

from __future__ import annotations

import csv
import datetime as dt
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from io import StringIO
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from workbench.errors import DataError, Place, Problem, Reason
from workbench.forms.questions import Form
from workbench.forms.sheets import FORMAT, LISTS, PASSPORT
from workbench.language import Message
from workbench.observations.limits import check_workbook
from workbench.specs.yaml import is_file, missing_file, not_utf8

MAX_BYTES = 100_000_000
MAX_UNPACKED = 300_000_000
MAX_ROWS = 20_000
WORKBOOKS = (".xlsx", ".xlsm")
TEXTS = (".csv", ".tsv", ".txt")
_JOINED = re.compile(r"[/.:-]")


@dataclass(frozen=True, slots=True)
class RawCell:
    """One cell as it was found.

    Parameters
    ----------
    value : object
        Text, number, truth or None; what a formula gave when it was last computed.
    place : Place
        ``column`` is the letter of a workbook's column, or the name of a text file's.
    formula : bool
        Whether the cell computes.
    """

    value: object
    place: Place
    formula: bool = False

    @property
    def text(self) -> str:
        """The value as a text on the lines it has, without spaces around it."""
        if self.value is None:
            return ""
        if isinstance(self.value, float) and self.value.is_integer():
            return f"{self.value:.0f}"
        if isinstance(self.value, dt.date | dt.time):
            return self.value.isoformat()
        return str(self.value).strip()

    @property
    def empty(self) -> bool:
        """Whether nothing was entered."""
        return self.text == "" and not self.formula


@dataclass
class FilledBook:
    """A workbook with its formulas and, where they are asked for, their values.

    Parameters
    ----------
    path : Path
    name : str
        How messages call it.
    book : Workbook
    passport : dict of str to str
    """

    path: Path
    name: str
    book: Workbook
    passport: dict[str, str] = field(default_factory=dict)

    @cached_property
    def values(self) -> Workbook:
        """The same workbook with what its formulas gave; read only if a formula needs it."""
        return open_workbook(self.path, self.name, values=True)

    def sheets(self) -> Iterator[Worksheet]:
        """Yield the sheets that people fill in."""
        for sheet in self.book.worksheets:
            if sheet.title not in (PASSPORT, LISTS):
                yield sheet

    def cell(self, sheet: Worksheet, row: int, column: int) -> RawCell:
        """Return a cell as it was found."""
        found = sheet.cell(row, column)
        place = Place(self.name, sheet=sheet.title, row=row, column=get_column_letter(column))
        if not isinstance(found, Cell) or found.data_type != "f":
            return RawCell(found.value, place)
        return RawCell(self.values[sheet.title].cell(row, column).value, place, formula=True)


@dataclass(frozen=True)
class FilledTable:
    """An export of an XLSForm: a header, and a record for each submission.

    Parameters
    ----------
    path : Path
    name : str
    sheet : str or None
    header : tuple of str
        Names of the questions, without those of the groups around them.
    columns : tuple of str
        Columns as written.
    records : tuple of (int, tuple of object)
        Row of the spreadsheet, and its cells.
    book : Workbook, optional
        Where it stands, if that is a workbook.
    """

    path: Path
    name: str
    sheet: str | None
    header: tuple[str, ...]
    columns: tuple[str, ...]
    records: tuple[tuple[int, tuple[object, ...]], ...]
    book: Workbook | None = None


def open_filled(path: Path) -> FilledBook | FilledTable:
    """Return a filled-in file, recognised by what is in it.

    Raises
    ------
    DataError
        If it is missing, empty, damaged, too large, or nothing that the workbench wrote.
    """
    name, place = str(path), Place(str(path))
    if not is_file(path):
        raise DataError(missing_file(path, place))
    size = path.stat().st_size
    if size == 0:
        raise DataError(Problem(Reason.FILE_EMPTY, Message("the file is empty"), place))
    if size > MAX_BYTES:
        what = Message("the file is too large")
        raise DataError(Problem(Reason.FILE_TOO_LARGE, what, place, got=f"{size} bytes"))
    suffix = path.suffix.lower()
    if suffix in WORKBOOKS:
        return _open_workbook(path, name)
    if suffix in TEXTS:
        return _open_text(path, name)
    what = Message("files of this type are not read")
    fix = Message("Save it as xlsx; an export of a survey may also be csv.")
    raise DataError(Problem(Reason.FILE_FORMAT, what, place, got=suffix or path.name, fix=fix))


def open_workbook(path: Path, name: str, *, values: bool = False) -> Workbook:
    """Return a workbook, read within limits and without the warnings of its reader.

    Parameters
    ----------
    path : Path
    name : str
        How messages call it.
    values : bool
        Whether cells that compute hold what they gave, instead of their formulas.

    Raises
    ------
    DataError
        If it is damaged, or unpacks or stretches without end.
    """
    place = Place(name)
    try:
        check_workbook(path, MAX_UNPACKED, place, MAX_ROWS)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of parts that it does not know
            return load_workbook(path, data_only=values)
    except DataError:
        raise
    except Exception as cause:  # a damaged workbook fails in as many ways as there are parts in it
        what = Message("the workbook can't be opened")
        fix = Message("Open it in a spreadsheet program and save it again, without a password.")
        raise DataError(Problem(Reason.FILE_FORMAT, what, place, fix=fix)) from cause


def _open_workbook(path: Path, name: str) -> FilledBook | FilledTable:
    """Return a workbook of ours, or an export saved as a workbook."""
    book = open_workbook(path, name)
    filled = FilledBook(path, name, book)
    titles = [sheet.title for sheet in book.worksheets]
    if PASSPORT in titles:
        for key, value in book.worksheets[titles.index(PASSPORT)].iter_rows(
            min_col=1, max_col=2, values_only=True
        ):
            filled.passport[str(key)] = str(value)
        if filled.passport.get("format") == FORMAT:
            return filled
    for sheet in book.worksheets:
        rows = [tuple(c for c in row) for row in sheet.iter_rows(values_only=True)]
        if rows and _is_export([str(c or "") for c in rows[0]]):
            records = tuple((n, row) for n, row in enumerate(rows[1:], start=2))
            table = _table(path, name, sheet.title, [str(c or "") for c in rows[0]], records)
            return replace(table, book=book)
    raise _not_ours(Place(name))


def _open_text(path: Path, name: str) -> FilledTable:
    """Return an export saved as csv."""
    place = Place(name)
    try:
        text = path.read_bytes().decode("utf-8-sig")
        delimiter = max(",;\t", key=text.partition("\n")[0].count)
        rows = list(csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except UnicodeDecodeError as cause:
        raise DataError(not_utf8(place, cause)) from cause
    except csv.Error as cause:
        what = Message("the rows can't be read: {detail}", detail=str(cause))
        raise DataError(Problem(Reason.FILE_FORMAT, what, place)) from cause
    if not rows or not _is_export(rows[0]):
        raise _not_ours(place)
    records = tuple((n, tuple(row)) for n, row in enumerate(rows[1:], start=2))
    return _table(path, name, None, rows[0], records)


def _table(
    path: Path,
    name: str,
    sheet: str | None,
    columns: list[str],
    records: tuple[tuple[int, tuple[object, ...]], ...],
) -> FilledTable:
    """Return an export without records in which every cell is blank."""
    kept = tuple((n, row) for n, row in records if any(str(c or "").strip() for c in row))
    header = tuple(plain_name(c) for c in columns)
    return FilledTable(path, name, sheet, header, tuple(columns), kept)


def plain_name(column: str) -> str:
    """Return the name of a question without its groups: exports join them by ``/ - .`` or ``:``.

    No name that the workbench gives holds any of these.
    """
    return _JOINED.split(column)[-1].strip()


def _is_export(header: list[str]) -> bool:
    """Return whether a header is that of an export of our XLSForm."""
    return "wb_instrument" in {plain_name(c) for c in header}


def _not_ours(place: Place) -> DataError:
    """Return the error for a file that the workbench did not write."""
    what = Message("this is no form of the workbench")
    fix = Message(
        "Give forms written by workbench capture, or exports of its XLSForm with XML names and "
        "values, not labels."
    )
    return DataError(Problem(Reason.FILE_FORMAT, what, place, fix=fix))


def check_passport(form: Form, passport: dict[str, str], place: Place) -> Problem | None:
    """Return the problem of a form of another instrument, version or set of questions, if any."""
    spec = form.instrument.spec
    given, wanted = passport.get("instrument", ""), spec.id
    if given != wanted:
        what = Message("the form is of the instrument {name}", name=given or "?")
        fix = Message("Read it with --instrument {name}.", name=given or "ID")
        return Problem(
            Reason.INSTRUMENT_UNKNOWN, what, place, got=given,
            expected=Message("{name}", name=wanted), fix=fix,
        )  # fmt: skip
    if passport.get("version", "") != spec.version:
        what = Message("the form is of another version of the instrument")
        fix = Message("Write new forms with workbench capture, or use the instrument of then.")
        return Problem(
            Reason.INSTRUMENT_UNKNOWN, what, place, got=passport.get("version", ""),
            expected=Message("{name}", name=spec.version), fix=fix,
        )  # fmt: skip
    if passport.get("fingerprint", "") != form.fingerprint:
        what = Message("the instrument asks other questions than when the form was written")
        fix = Message("Write new forms with workbench capture, or use the instrument of then.")
        return Problem(Reason.INSTRUMENT_UNKNOWN, what, place, fix=fix)
    return None
