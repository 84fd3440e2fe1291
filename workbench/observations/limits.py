"""How large a table may be: a few bytes can unpack to more than a machine holds."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import IO

from workbench.errors import DataError, Place, Problem, Reason
from workbench.language import Message

MAX_CELLS = 20_000_000
MAX_COLUMNS = 10_000
# Sheets shrink to a tenth, or to a thirtieth where cells repeat; a bomb to a thousandth.
MAX_SHRUNK = 200
SMALL = 50_000_000
# A cell far from all others: a sheet of so many cells of which so few are filled.
SPARSE_FROM = 500_000
LEAST_FILLED = 0.02
MAX_REPEATED_ROWS = 100_000
_CHUNK, _OVERLAP = 1 << 20, 1 << 10
_PLACE = re.compile(rb"""\sr=["']([A-Z]{0,3})(\d{1,12})["']""")
_REPEATED = re.compile(
    rb"""rows-repeated=["'](\d+)["'][^>]*>(?:(?!</[\w:]*table-row)[^\x00]){0,900}?value-type"""
)

_MERGED = re.compile(rb"""mergeCell\s[^>]*?ref=["']([A-Z]{1,3})(\d{1,12}):([A-Z]{1,3})(\d{1,12})""")


def check_size(rows: int, columns: int, place: Place) -> None:
    """Refuse a table with more columns or cells than are read.

    Raises
    ------
    DataError
    """
    if columns > MAX_COLUMNS:
        what = Message("the table has more than {n} columns", n=MAX_COLUMNS)
        raise DataError(Problem(Reason.FILE_TOO_LARGE, what, place))
    if rows * columns > MAX_CELLS:
        what = Message("the table has more than {n} cells", n=MAX_CELLS)
        got = f"{rows} × {columns}"
        raise DataError(Problem(Reason.FILE_TOO_LARGE, what, place, got=got))


def check_workbook(path: Path, most: int, place: Place, rows: int | None = None) -> None:
    """Refuse a workbook, xlsx or ods, that unpacks or stretches without end.

    Parameters
    ----------
    path : Path
    most : int
        Bytes that it may unpack to.
    place : Place
        Named in errors.
    rows : int, optional
        Rows that a sheet may have.

    Raises
    ------
    DataError
    BadZipFile
        If it is none; a damaged one may raise anything.
    """
    with zipfile.ZipFile(path) as archive:
        check_archive(archive, most, place)
        for member in archive.namelist():
            if member == "content.xml" or member.lower().startswith("xl/worksheets/"):
                with archive.open(member) as sheet:
                    check_extent(sheet, place, rows)


def check_archive(archive: zipfile.ZipFile, most: int, place: Place) -> None:
    """Refuse a workbook that unpacks to too much, or to far more than any sheet shrinks to.

    Parameters
    ----------
    archive : ZipFile
    most : int
        Bytes that it may unpack to.
    place : Place
        Named in errors.

    Raises
    ------
    DataError
    """
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > most:
        what = Message("the workbook unpacks to more than {n} bytes", n=most)
        raise DataError(Problem(Reason.FILE_TOO_LARGE, what, place))
    if unpacked > max(SMALL, MAX_SHRUNK * packed):
        what = Message("the workbook unpacks to more than {n} times its size", n=MAX_SHRUNK)
        raise DataError(Problem(Reason.FILE_TOO_LARGE, what, place))


def check_extent(sheet: IO[bytes], place: Place, most: int | None = None) -> None:
    """Refuse a sheet that stretches far beyond its cells: its reader would make room for all.

    Parameters
    ----------
    sheet : file
        XML of a sheet of Excel or of an OpenDocument table.
    place : Place
        Named in errors.
    most : int, optional
        Rows that it may have.

    Raises
    ------
    DataError
    """
    rows, filled, columns, before = 0, 0, b"", b""
    while chunk := sheet.read(_CHUNK):
        piece = before + chunk
        found = _PLACE.findall(piece)
        repeated = [int(m[1]) for m in _REPEATED.finditer(piece)]
        before = piece[-_OVERLAP:]
        if found:
            rows = max(rows, *(int(number) for _, number in found))
            columns = max({columns, *(letters for letters, _ in found)}, key=lambda c: (len(c), c))
            filled += len(found)
        if any(_area(m.groups()) > SPARSE_FROM for m in _MERGED.finditer(piece)):
            what = Message("more than {n} cells are merged into one", n=SPARSE_FROM)
            raise DataError(Problem(Reason.FILE_TOO_LARGE, what, place))
        if any(n > MAX_REPEATED_ROWS for n in repeated):
            what = Message("a row stands more than {n} times", n=MAX_REPEATED_ROWS)
            raise DataError(Problem(Reason.FILE_TOO_LARGE, what, place))
    if most is not None and rows > most:
        what = Message("the sheet has more than {n} rows", n=most)
        raise DataError(Problem(Reason.FILE_TOO_LARGE, what, place, got=str(rows)))
    width = _number(columns)
    if rows * width > SPARSE_FROM and filled < LEAST_FILLED * rows * width:
        what = Message("the sheet goes to the cell {cell}, and is nearly empty",
                       cell=f"{columns.decode()}{rows}")  # fmt: skip
        fix = Message("Delete the rows and columns beyond the table, and save it again.")
        raise DataError(Problem(Reason.FILE_TOO_LARGE, what, place, fix=fix))
    if rows * width > MAX_CELLS:
        check_size(rows, min(width, MAX_COLUMNS), place)


def _number(letters: bytes) -> int:
    """Return the number of a column, from 1; 0 for no letters."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _area(corners: tuple[bytes, ...]) -> int:
    """Return the cells between two corners: column and row of the one, and of the other."""
    left, top, right, bottom = corners
    return abs(_number(right) - _number(left) + 1) * abs(int(bottom) - int(top) + 1)
