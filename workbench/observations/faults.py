"""Cells of a workbook that hold an error or a formula without a result.

The reader of workbooks gives such cells as empty, which would make an error of the spreadsheet pass
for something that was not observed. They are looked up here in the XML of the sheet itself.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO
from xml.parsers import expat

MAX_IN_COLUMN = 1_000
MAX_REPEATED = 16_384
_CELLS = ("table-cell", "covered-table-cell")
_CHUNK = 1 << 20
_OVERLAP = 1 << 14
# What a sheet without a fault does not hold: nearly all are passed over without being parsed.
_MAY_HOLD = re.compile(
    rb"""
    \st=["']e["']                                      # Excel: an error
    | (?:</(?:\w+:)?f>|<(?:\w+:)?f(?:\s[^>]*)?/>)\s*   # a formula, and behind it
      (?:<(?:\w+:)?v\s*(?:/>|>\s*</)|</(?:\w+:)?c>)    # an empty value, or the end of the cell
    | value-type=["']error["']                         # OpenDocument: an error
    | >\s*(?:\#[A-Z]|Err:\d)                           # a text like one
    | -cell(?![^>]*value-type)[^>]*formula=            # a formula without a value
    """,
    re.VERBOSE,
)
_ERROR = re.compile(r"^(#[A-Z][A-Z0-9/_]*[!?]?|Err:\d+)$")
_REFERENCE = re.compile(r"^([A-Z]+)(\d+)$")


class DamagedXmlError(ValueError):
    """The XML of a workbook can't be read, or holds what no workbook needs."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell without a usable value.

    Parameters
    ----------
    row : int
        From 1, as a spreadsheet shows it.
    column : int
        From 0.
    shown : str
        The error, or the formula.
    error : bool
        Whether it is an error; else it is a formula whose result was not saved.
    """

    row: int
    column: int
    shown: str
    error: bool


def find_faults(path: Path, sheet: str) -> list[Fault]:
    """Return the faulty cells of a sheet, at most ``MAX_IN_COLUMN`` in each column.

    Parameters
    ----------
    path : Path
        A workbook: xlsx, xlsm or ods.
    sheet : str
        Name of the sheet.

    Raises
    ------
    DamagedXmlError
        If the sheet is not where the workbook says, is no XML, or declares a document type.
    """
    reader: _Sheet = _OpenDocument(sheet) if _is_open_document(path) else _Excel()
    with opened_sheet(path, sheet) as stream:
        parsed = _may_hold(stream)
    if parsed:
        with opened_sheet(path, sheet) as stream:
            _parse(stream, reader)
    return [fault for column in reader.found.values() for fault in column]


def _is_open_document(path: Path) -> bool:
    return path.suffix.lower() == ".ods"


@contextmanager
def opened_sheet(path: Path, sheet: str) -> Iterator[IO[bytes]]:
    """Open the XML that holds a sheet of a workbook.

    Raises
    ------
    DamagedXmlError
        If it is not where the workbook says.
    """
    with zipfile.ZipFile(path) as archive:
        member = "content.xml" if _is_open_document(path) else _member(archive, sheet)
        if member not in archive.namelist():
            raise DamagedXmlError(member)
        with archive.open(member) as stream:
            yield stream


def _may_hold(sheet: IO[bytes]) -> bool:
    """Return whether a sheet holds anything that looks like a fault."""
    before = b""
    while chunk := sheet.read(_CHUNK):
        if _MAY_HOLD.search(before + chunk):
            return True
        before = (before + chunk)[-_OVERLAP:]
    return False


def _member(archive: zipfile.ZipFile, sheet: str) -> str:
    """Return the part of an Excel workbook that holds a sheet."""
    sheets, targets = _Listed("sheet"), _Listed("Relationship")
    for member, reader in (
        ("xl/workbook.xml", sheets),
        ("xl/_rels/workbook.xml.rels", targets),
    ):
        try:
            with archive.open(member) as stream:
                _parse(stream, reader)
        except KeyError as cause:
            raise DamagedXmlError(member) from cause
    where = {entry.get("Id"): entry.get("Target", "") for entry in targets.found}
    target = next((where.get(s.get("id"), "") for s in sheets.found if s.get("name") == sheet), "")
    full = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
    return next((n for n in archive.namelist() if n.lower() == full.lower()), full)


def _parse(stream: IO[bytes], reader: _Reader) -> None:
    """Read XML; a document type, the home of entities that grow without end, is refused."""

    def refuse(*_: object) -> None:
        msg = "a document type"
        raise DamagedXmlError(msg)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.ParseFile(stream)
    except expat.ExpatError as cause:
        raise DamagedXmlError(str(cause)) from cause


class _Reader:
    """Takes the elements of a part of a workbook as they come."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""

    def end(self, name: str) -> None:
        """Take the end of an element."""

    def text(self, text: str) -> None:
        """Take a text inside an element."""


class _Listed(_Reader):
    """Lists the attributes of the elements of one name."""

    def __init__(self, wanted: str) -> None:
        self.wanted = wanted
        self.found: list[dict[str, str]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Note the attributes, by their names without a namespace."""
        if _local(name) == self.wanted:
            self.found.append({_local(key): value for key, value in attributes.items()})


class _Sheet(_Reader):
    """Collects the faulty cells of a sheet by column."""

    def __init__(self) -> None:
        self.found: dict[int, list[Fault]] = {}

    def note(self, fault: Fault) -> None:
        """Keep a faulty cell, as long as its column has few."""
        column = self.found.setdefault(fault.column, [])
        if len(column) < MAX_IN_COLUMN:
            column.append(fault)


class _Excel(_Sheet):
    """Finds faulty cells of an Excel sheet."""

    def __init__(self) -> None:
        super().__init__()
        self.row, self.column = 0, -1
        self.kind, self.part = "", ""
        self.parts: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Note where a cell stands and what it is."""
        local = _local(name)
        if local == "row":
            self.row, self.column = int(attributes.get("r", self.row + 1)), -1
        elif local == "c":
            place = _REFERENCE.match(attributes.get("r", ""))
            self.column = _number(place[1]) if place else self.column + 1
            self.kind, self.parts = attributes.get("t", ""), {}
        elif local in ("f", "v"):
            self.part, self.parts[local] = local, ""

    def text(self, text: str) -> None:
        """Keep the formula and the value of a cell."""
        if self.part:
            self.parts[self.part] += text

    def end(self, name: str) -> None:
        """Judge a cell that is complete: an error, or a formula without a result."""
        local = _local(name)
        if local == self.part:
            self.part = ""
        if local != "c":
            return
        value, formula = self.parts.get("v", ""), self.parts.get("f")
        if self.kind == "e":
            self.note(Fault(self.row, self.column, value or "#", True))
        elif formula is not None and not value and self.kind != "str":
            self.note(Fault(self.row, self.column, f"={formula}", False))


class _OpenDocument(_Sheet):
    """Finds faulty cells of an OpenDocument sheet, in which equal cells and rows stand once."""

    def __init__(self, sheet: str) -> None:
        super().__init__()
        self.sheet = sheet
        self.inside, self.remark = False, False
        self.row, self.column, self.rows = 1, 0, 1
        self.cell: dict[str, str] | None = None
        self.kinds: set[str] = set()
        self.shown = ""
        self.in_row: list[Fault] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Note where a row or cell stands and what it is."""
        local, given = _local(name), {_local(k): v for k, v in attributes.items()}
        if local == "table":
            self.inside, self.row = given.get("name") == self.sheet, 1
        elif local == "annotation":
            self.remark = True
        elif self.inside and local == "table-row":
            self.rows, self.column = int(given.get("number-rows-repeated", 1)), 0
        elif self.inside and local in _CELLS:
            self.cell, self.shown = given, ""
            self.kinds = {v for k, v in attributes.items() if _local(k) == "value-type"}

    def text(self, text: str) -> None:
        """Keep what a cell shows."""
        if self.cell is not None and not self.remark:
            self.shown += text

    def end(self, name: str) -> None:
        """Judge a cell or row that is complete."""
        local = _local(name)
        if local == "table":
            self.inside = False
        elif local == "annotation":
            self.remark = False
        elif self.cell is not None and local in _CELLS:
            self._judge(self.cell, self.shown.strip())
            self.cell = None
        elif self.inside and local == "table-row":
            for fault in self.in_row:
                for row in range(self.row, self.row + self.rows)[:MAX_IN_COLUMN]:
                    self.note(replace(fault, row=row))
            self.row, self.in_row = self.row + self.rows, []

    def _judge(self, cell: dict[str, str], shown: str) -> None:
        """Note a cell that is an error, or a formula without a result."""
        n, formula = int(cell.get("number-columns-repeated", 1)), cell.get("formula")
        error = "error" in self.kinds or bool(formula and _ERROR.match(shown))
        if error or (formula and not self.kinds and not shown):
            text = shown or "#" if error else f"={(formula or '').partition('=')[2]}"
            for column in range(self.column, self.column + min(n, MAX_REPEATED)):
                self.in_row.append(Fault(self.row, column, text, error))
        self.column += n


def _local(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition(" ")[2]


def _number(letters: str) -> int:
    """Return the number, from 0, of a column that a spreadsheet names by letters."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def column_letters(number: int) -> str:
    """Return the letters by which a spreadsheet names a column, counted from 0."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
