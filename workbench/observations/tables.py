"""Reading a table from disk without losing what its cells say: csv, xlsx, ods, parquet, json.

Texts stay texts. A number in a workbook stays a number, so that a code typed as 1001 can be told
from the code 01001. Rows keep the number that a spreadsheet shows.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import os
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pandas as pd

from workbench.errors import DataError, Place, Problem, Reason, did_you_mean, shorten
from workbench.language import Message, marked
from workbench.observations.faults import Fault, column_letters, find_faults, opened_sheet
from workbench.observations.limits import (
    MAX_CELLS,
    MAX_COLUMNS,
    check_archive,
    check_extent,
    check_size,
)
from workbench.observations.parquet import read_parquet
from workbench.observations.records import read_records
from workbench.specs.expressions import fitted
from workbench.specs.tables import TableFile
from workbench.specs.yaml import is_file, missing_file

REFERENCE = "reference:"
REFERENCE_FOLDER = "WORKBENCH_REFERENCE"
MAX_BYTES = 2_000_000_000
MAX_LINE = 10_000_000
MAX_UNPACKED_BYTES = 1_000_000_000
TEXT_TYPES = {".csv", ".tsv", ".txt"}
WORKBOOK_TYPES = {".xlsx", ".xlsm", ".ods"}
PARQUET_TYPES = {".parquet", ".pq"}
JSON_TYPES = {".json", ".geojson"}
_PLAIN = {str, int, float, bool, Decimal}
_KINDS = (
    ((list, tuple, np.ndarray), marked("a list")),
    (dict, marked("a mapping of keys to values")),
    (bytes, marked("raw bytes")),
    (dt.timedelta, marked("a length of time")),
)
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table as it was found.

    Parameters
    ----------
    name : str
        Path as the user knows it.
    sheet : str or None
        Sheet of a workbook.
    frame : DataFrame
        One column a named column; cells are str, float, bool or None.
    rows : array of int
        Row that a spreadsheet shows for each record.
    faults : mapping of str to list of Problem
        Cells of each column that can't be read; the frame holds an empty text for them. They are
        problems where the column is used.
    """

    name: str
    sheet: str | None
    frame: pd.DataFrame
    rows: np.ndarray[Any, np.dtype[np.int64]]
    faults: Mapping[str, list[Problem]] = field(default_factory=dict)

    def place(self, row: int | None = None, column: str | None = None) -> Place:
        """Return the place of a cell, by spreadsheet row."""
        return Place(self.name, sheet=self.sheet, row=row, column=column)

    def column(self, name: str) -> pd.Series:
        """Return a column.

        Raises
        ------
        DataError
            If there is no such column; the nearest name is given.
        """
        if name not in self.frame.columns:
            raise DataError(self.no_column(name))
        return self.frame[name]

    def select(self, keep: np.ndarray[Any, np.dtype[np.bool_]]) -> RawTable:
        """Return the table with some of its rows, and without the faults of the others."""
        gone = set(self.rows[~keep].tolist())
        faults = {
            name: [p for p in found if p.place.row not in gone]
            for name, found in self.faults.items()
        }
        frame = self.frame.loc[keep].reset_index(drop=True)
        return replace(self, frame=frame, rows=self.rows[keep], faults=faults)

    def no_column(self, name: str) -> Problem:
        """Return the problem of a column that is not there."""
        names = [str(c) for c in self.frame.columns]
        what = Message("there is no column {name}", name=name)
        return Problem(Reason.COLUMN_MISSING, what, self.place(), fix=did_you_mean(name, names))


def read_table(root: Path, spec: TableFile) -> RawTable:
    """Read a table from the project folder.

    Parameters
    ----------
    root : Path
        Project folder, from which ``spec.file`` counts.
    spec : TableFile
        Path and format.

    Returns
    -------
    RawTable

    Raises
    ------
    DataError
        If the file is missing, empty, in another encoding, damaged or of an unknown type.
    """
    path, place = locate(root, spec.file), Place(spec.file)
    suffix = path.suffix.lower()
    if not is_file(path):
        raise DataError(missing_file(path, place))
    size = path.stat().st_size
    if size == 0:
        raise DataError(Problem(Reason.FILE_EMPTY, Message("the file is empty"), place))
    if size > MAX_BYTES:
        what = Message("the file is too large")
        raise DataError(Problem(Reason.FILE_TOO_LARGE, what, place, got=f"{size} bytes"))
    if suffix in TEXT_TYPES:
        table = _read_text(path, spec)
    elif suffix in WORKBOOK_TYPES:
        table = _read_workbook(path, spec)
    elif suffix in PARQUET_TYPES:
        table = _read_parquet(path, spec)
    elif suffix in JSON_TYPES:
        table = _typed(read_records(path, Place(spec.file)), spec, 1)
    else:
        fix = Message("Save it as csv, xlsx, ods, parquet or json.")
        what = Message("unknown type of table")
        raise DataError(Problem(Reason.FILE_FORMAT, what, place, got=suffix or path.name, fix=fix))
    table = _chosen(_with_joined(table, spec), spec)
    if table.frame.empty:
        if any(table.faults.values()):
            raise DataError([p for found in table.faults.values() for p in found])
        what = Message("the table has no rows below its header")
        raise DataError(Problem(Reason.FILE_EMPTY, what, table.place()))
    return table


def locate(root: Path, file: str) -> Path:
    """Return the path of a file of a study, which may be one of the reference data.

    These stand beside the project unless ``WORKBENCH_REFERENCE`` names their folder.
    """
    if not file.startswith(REFERENCE):
        return root / file
    folder = os.environ.get(REFERENCE_FOLDER)
    return (Path(folder) if folder else root.parent / "shared") / file.removeprefix(REFERENCE)


def _with_joined(table: RawTable, spec: TableFile) -> RawTable:
    """Return a table with the columns that are made of others; empty where a part is empty."""
    if not spec.join:
        return table
    frame = table.frame.copy()
    for name, parts in spec.join.items():
        cells = [[cell_text(cell) for cell in table.column(part.column)] for part in parts]
        padded = [
            [text.zfill(part.pad or 0) if text else "" for text in column]
            for part, column in zip(parts, cells, strict=True)
        ]
        whole = ["".join(row) if all(row) else "" for row in zip(*padded, strict=True)]
        frame[name] = pd.Series(whole, index=frame.index, dtype=object)
    return replace(table, frame=frame)


def _chosen(table: RawTable, spec: TableFile) -> RawTable:
    """Return a table with the rows that count, by what some of its columns say."""
    keep = np.ones(len(table.rows), dtype=bool)
    for wanted, columns in ((True, spec.only), (False, spec.without)):
        for name, texts in columns.items():
            if table.faults.get(name):  # what can't be read can't be chosen by
                raise DataError(table.faults[name])
            cells = [cell_text(cell) for cell in table.column(name)]
            keep &= np.isin(np.array(cells, dtype=object), texts) == wanted
    for name, pattern in spec.matching.items():
        keep &= np.array([fitted(pattern, cell_text(c)) for c in table.column(name)], dtype=bool)
    if keep.all():
        return table
    return table.select(keep)


def cell_text(cell: object) -> str:
    """Return a cell as the text that a reader sees: whole numbers without a point."""
    if cell is None or (isinstance(cell, float) and np.isnan(cell)):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return f"{cell:.0f}"
    return str(cell).strip()


def _header(rows: list[list[Any]], spec: TableFile, sheet: str | None) -> list[str]:
    """Return the column names; none at all, and two that are the same, are problems."""
    place = Place(spec.file, sheet=sheet, row=spec.header_row)
    clean = _joined([["" if n is None else " ".join(str(n).split()) for n in r] for r in rows])
    while clean and not clean[-1]:
        clean.pop()
    if not clean or not any(clean):
        what = Message("the header row is empty")
        fix = Message("Set header_row to the row of the column names.")
        raise DataError(Problem(Reason.FILE_FORMAT, what, place, fix=fix))
    if len(clean) > MAX_COLUMNS:
        what = Message("the table has more than {n} columns", n=MAX_COLUMNS)
        raise DataError(Problem(Reason.FILE_TOO_LARGE, what, place))
    # A column without a name can't be asked for, so it may stay; two of one name can't be told
    # apart.
    seen: set[str] = set()
    problems = []
    for index, name in enumerate(clean):
        if name and name in seen:
            what = Message("two columns are called {name}", name=name)
            fix = Message("Rename one, or set header_row.")
            problems.append(Problem(Reason.FILE_FORMAT, what, place, fix=fix))
        seen.add(name)
        if not name:
            clean[index] = f"column {index + 1}"
    if problems:
        raise DataError(problems)
    return clean


def _joined(rows: list[list[str]]) -> list[str]:
    """Return the names of columns from all rows of a header, from top to bottom.

    In all rows but the last a blank cell belongs to the name on its left: merged cells are read so.
    """
    width = max((len(row) for row in rows), default=0)
    names: list[list[str]] = [[] for _ in range(width)]
    for depth, row in enumerate(rows):
        last = ""
        for index in range(width):
            cell = row[index] if index < len(row) else ""
            last = cell or (last if depth < len(rows) - 1 else "")
            if last and last not in names[index]:
                names[index].append(last)
    return [" ".join(parts) for parts in names]


def _read_text(path: Path, spec: TableFile) -> RawTable:
    """Read a csv or tsv file, every cell a text."""
    place = Place(spec.file)
    encoding = "utf-8-sig" if spec.encoding.lower() in ("utf-8", "utf8") else spec.encoding
    try:
        with path.open(encoding=encoding, newline="") as file:
            wanted = range(spec.header_row - 1 + spec.header_rows)
            head = [line for _, line in zip(wanted, _lines(file, place), strict=False)]
            delimiter = spec.delimiter or _delimiter(head[-1] if head else "")
            file.seek(0)
            records = _records(_lines(file, place), delimiter, place)
    except UnicodeDecodeError as cause:
        raise DataError(_undecodable(path, encoding, spec)) from cause
    except LookupError as cause:
        what = Message("unknown encoding")
        fix = Message("Write utf-8, latin-1 or cp1252.")
        raise DataError(
            Problem(Reason.FILE_ENCODING, what, place, got=spec.encoding, fix=fix)
        ) from cause
    except ValueError as cause:
        raise DataError(_unreadable_rows(place, cause)) from cause
    if len(records) < spec.header_row:
        what = Message("the file ends before its header row {n}", n=spec.header_row)
        raise DataError(Problem(Reason.FILE_FORMAT, what, place))
    first = spec.header_row - 1 + spec.header_rows
    header = _header([list(r) for r in records[spec.header_row - 1 : first]], spec, None)
    frame = pd.DataFrame(_rectangle(records[first:], header, spec), columns=header, dtype=object)
    rows = np.arange(len(frame), dtype=np.int64) + first + 1
    return _without_empty_rows(RawTable(spec.file, None, frame, rows))


def _lines(file: TextIO, place: Place) -> Iterator[str]:
    """Yield the lines of a text; one without end would be held whole, and is a problem."""
    while line := file.readline(MAX_LINE):
        if len(line) == MAX_LINE:
            what = Message("a line has more than {n} characters", n=MAX_LINE)
            raise DataError(Problem(Reason.FILE_TOO_LARGE, what, place))
        yield line


def _records(lines: Iterable[str], delimiter: str, place: Place) -> list[list[str]]:
    """Return the records of a csv file; one that can't be read is named by its first row."""
    records: list[list[str]] = []
    cells = 0
    try:
        for record in csv.reader(lines, delimiter=delimiter, strict=True):
            records.append(record)  # one at a time: a failure needs the count
            cells += len(record)
            if cells > MAX_CELLS:
                check_size(len(records), cells // len(records) + 1, place)
    except csv.Error as cause:
        here = replace(place, row=len(records) + 1)
        raise DataError(_unreadable_rows(here, cause)) from cause
    return records


def _unreadable_rows(place: Place, cause: Exception) -> Problem:
    """Return the problem of rows that are no csv."""
    detail = _detail(cause)
    if detail == "unexpected end of data" or detail.startswith("field larger"):
        what = Message("a quote is opened and never closed")
        fix = Message("Close it, or write a quote inside a text twice.")
    elif detail.endswith("expected after '\"'"):
        what = Message("a text goes on after its closing quote")
        fix = Message("Write a quote inside a text twice, and the text between quotes.")
    else:
        what = Message("the rows can't be read: {detail}", detail=detail)
        fix = Message("Check the delimiter, quotes, and the number of cells in each row.")
    return Problem(Reason.FILE_FORMAT, what, place, fix=fix)


def _undecodable(path: Path, encoding: str, spec: TableFile) -> Problem:
    """Return the problem of a file in another encoding, with its first byte that can't be read.

    The file is read again in pieces: what the first reading says counts from the start of a piece.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    line, end = 1, 0
    byte, got = 0, b""
    with path.open("rb") as file:
        while not got:
            piece = file.read(_PIECE)
            end += len(piece)
            try:
                line += decoder.decode(piece, final=not piece).count("\n")
            except UnicodeDecodeError as cause:
                good = cause.object[: cause.start].decode(cause.encoding, errors="ignore")
                line += good.count("\n")
                byte = end - len(cause.object) + cause.start + 1
                got = cause.object[cause.start : cause.start + 1]
            if not piece:
                break
    shown = "UTF-8" if encoding == "utf-8-sig" else spec.encoding
    what = Message("the file is not {encoding}: byte {n} can't be read", encoding=shown, n=byte)
    fix = (
        Message("Save it as UTF-8, or name its encoding (encoding: latin-1).")
        if encoding == "utf-8-sig"
        else Message("Name the encoding it has, or save it as UTF-8 and leave encoding out.")
    )
    return Problem(Reason.FILE_ENCODING, what, Place(spec.file, line), got=repr(got)[1:], fix=fix)


def _rectangle(records: list[list[str]], header: list[str], spec: TableFile) -> list[list[str]]:
    """Return records of one length; one that is longer or shorter than the header is a problem."""
    width, problems, body = len(header), [], []
    for index, record in enumerate(records):
        while len(record) > width and not record[-1].strip():
            record.pop()
        if record and len(record) != width and any(c.strip() for c in record):
            what = Message("the row has {n} cells, the header {width}", n=len(record), width=width)
            fix = Message("Check the delimiter and quotes; a text with the delimiter needs quotes.")
            place = Place(spec.file, row=index + spec.header_row + spec.header_rows)
            problems.append(Problem(Reason.FILE_FORMAT, what, place, fix=fix))
        body.append(record + [""] * (width - len(record)))
    if problems:
        raise DataError(problems)
    return body


def _detail(cause: Exception) -> str:
    """Return the first line of a parser's message."""
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0]


def _delimiter(line: str) -> str:
    """Return the delimiter that cuts the header into most columns."""
    return max(",;\t|", key=line.count)


def _read_workbook(path: Path, spec: TableFile) -> RawTable:
    """Read a sheet of a workbook; numbers stay numbers."""
    import python_calamine as calamine

    place = Place(spec.file)
    damaged = Message("the workbook can't be opened")
    fix = Message("Open it in a spreadsheet program and save it again, without a password.")
    try:
        with zipfile.ZipFile(path) as archive:
            check_archive(archive, MAX_UNPACKED_BYTES, place)
        book = calamine.CalamineWorkbook.from_path(path)
        names = list(book.sheet_names)
        sheet = names[0] if spec.sheet is None else spec.sheet
        if sheet not in names:
            what = Message("there is no sheet {name}", name=sheet)
            problem = Problem(Reason.FILE_FORMAT, what, place, fix=did_you_mean(sheet, names))
            raise DataError(problem)
        with opened_sheet(path, sheet) as stream:
            check_extent(stream, replace(place, sheet=sheet))
        faults = find_faults(path, sheet)
        cells = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except DataError:
        raise
    except Exception as cause:  # a damaged workbook fails in as many ways as there are parts in it
        raise DataError(Problem(Reason.FILE_FORMAT, damaged, place, fix=fix)) from cause
    if len(cells) < spec.header_row:
        what = Message("the sheet ends before its header row {n}", n=spec.header_row)
        raise DataError(Problem(Reason.FILE_EMPTY, what, Place(spec.file, sheet=sheet)))
    first = spec.header_row - 1 + spec.header_rows
    header = _header([list(r) for r in cells[spec.header_row - 1 : first]], spec, sheet)
    stray = list(_stray(cells, faults, header, Place(spec.file, sheet=sheet), first))
    if stray:
        raise DataError(stray)
    cells.extend([[]] * (max((f.row for f in faults), default=0) - len(cells)))
    body = [[_cell(c) for c in row[: len(header)]] for row in cells[first:]]
    body = [row + [""] * (len(header) - len(row)) for row in body]
    frame = pd.DataFrame(body, columns=header, dtype=object)
    rows = np.arange(len(frame), dtype=np.int64) + first + 1
    table = RawTable(spec.file, sheet, frame, rows)
    return _without_empty_rows(replace(table, faults=_faults_by_column(faults, table, first)))


def _stray(
    cells: list[list[Any]], faults: list[Fault], header: list[str], place: Place, first: int
) -> Iterator[Problem]:
    """Yield a problem for each row below the header with a cell that no column name stands over."""
    width = len(header)
    found = {f.row: (f.column, f.shown) for f in faults if f.row > first and f.column >= width}
    for index, row in enumerate(cells[first:]):
        for column in range(width, len(row)):
            shown = str(_cell(row[column])).strip()
            if shown:
                found[index + first + 1] = (column, shown)
                break
    for number, (column, shown) in sorted(found.items()):
        what = Message("the cell stands right of the last column that the header names")
        fix = Message("Name its column in the header, or clear the cell.")
        here = replace(place, row=number, column=column_letters(column))
        yield Problem(Reason.FILE_FORMAT, what, here, got=shown, fix=fix)


def _faults_by_column(faults: list[Fault], table: RawTable, first: int) -> dict[str, list[Problem]]:
    """Return the problems of cells that hold an error, by the column they would be read in."""
    found: dict[str, list[Problem]] = {}
    names = [str(c) for c in table.frame.columns]
    for fault in sorted(faults, key=lambda f: f.row):
        if fault.row <= first:
            continue
        name = names[fault.column]
        if fault.error:
            what = Message("the cell holds an error of the spreadsheet")
            fix = Message("Mend the cell; leave it empty if nothing was observed.")
        else:
            what = Message("the result of the formula is not saved in the file")
            fix = Message("Open the file in a spreadsheet program and save it again.")
        place = table.place(fault.row, name)
        problem = Problem(Reason.CELL_UNREADABLE, what, place, got=fault.shown, fix=fix)
        found.setdefault(name, []).append(problem)
    return found


def _cell(cell: object) -> object:
    """Return a cell as text, number or truth; dates become ISO texts."""
    if cell is None or isinstance(cell, str | bool):
        return "" if cell is None else cell
    if isinstance(cell, int | float):
        return float(cell)
    return cell.isoformat() if hasattr(cell, "isoformat") else str(cell)


def _read_parquet(path: Path, spec: TableFile) -> RawTable:
    """Read a parquet file; its types are kept."""
    return _typed(read_parquet(path, Place(spec.file)), spec, 2)


def _typed(frame: pd.DataFrame, spec: TableFile, first: int) -> RawTable:
    """Return a table whose cells have types; what is no text and no number is a problem.

    ``first`` is the number by which its first record is known.
    """
    frame.columns = _header([[str(c) for c in frame.columns]], spec, None)
    table = RawTable(spec.file, None, frame, np.arange(len(frame), dtype=np.int64) + first)
    faults = {name: _plain_column(table, name) for name in frame.columns}
    return replace(table, faults={name: found for name, found in faults.items() if found})


def _plain_column(table: RawTable, name: str) -> list[Problem]:
    """Make a column of texts or numbers of typed cells; return what is neither."""
    column = table.frame[name]
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    problems = []
    if not pd.api.types.is_numeric_dtype(column.dtype):
        column = column.astype(object).where(column.notna(), "")
        if not set(map(type, column)) <= _PLAIN:
            cells = [_typed_cell(cell) for cell in column]
            for row, cell, was in zip(table.rows, cells, column, strict=True):
                if cell is None:
                    problems.append(_no_cell(table.place(int(row), name), was))
            column = pd.Series(
                ["" if c is None else c for c in cells], index=column.index, dtype=object
            )
    table.frame[name] = column
    return problems


def _typed_cell(cell: object) -> object:
    """Return a cell as text, number or truth, None for what is neither."""
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return cell if isinstance(cell, str | int | float | bool | Decimal | np.generic) else None


def _no_cell(place: Place, cell: object) -> Problem:
    """Return the problem of a cell that holds no text and no number."""
    kinds = [m for kinds, m in _KINDS if isinstance(cell, kinds)] or [type(cell).__name__]
    kind = Message(kinds[0])
    what = Message("the cell holds {kind}, which is no text and no number", kind=kind)
    fix = Message("Write the column as texts or numbers.")
    got = shorten(str(cell))
    return Problem(Reason.CELL_UNREADABLE, what, place, got=got, fix=fix)


def _without_empty_rows(table: RawTable) -> RawTable:
    """Return the table without rows in which every cell is empty; the others keep their numbers."""
    empty = (table.frame == "").all(axis=1).to_numpy()
    if not empty.any():
        return table
    frame = table.frame.loc[~empty].reset_index(drop=True)
    return replace(table, frame=frame, rows=table.rows[~empty])
