"""What the sheets of a form have in common: safe texts, styles, lists, and their passport."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from workbench.observations.csv_texts import STARTS_A_FORMULA

PASSPORT = "_workbench"
LISTS = "_lists"
FORMAT = "workbench-form/1"
MAX_CELL = 32_000  # of 32,767 characters
MAX_MESSAGE = 220  # of 255 characters in a message of a data validation
_NO_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")

INPUT = PatternFill("solid", fgColor="FFF8DC")
HEAD = PatternFill("solid", fgColor="1F3A4D")
GROUP = PatternFill("solid", fgColor="DCE6EC")
_LINE = Side(style="thin", color="B8C4CC")
BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
WRAP = Alignment(wrap_text=True, vertical="top")
INDENT = Alignment(wrap_text=True, vertical="top", indent=2)
UNLOCKED = Protection(locked=False)
BOLD, WHITE = Font(bold=True), Font(bold=True, color="FFFFFF")


def cell_at(sheet: Worksheet, row: int, column: int) -> Cell:
    """Return a cell of a sheet of ours, which has no merged ones."""
    return cast("Cell", sheet.cell(row, column))


def printable(text: str) -> str:
    """Return a text with a blank for each character that no workbook can hold."""
    return _NO_XML.sub(" ", ILLEGAL_CHARACTERS_RE.sub(" ", text))


def put_text(cell: Cell, text: str) -> None:
    """Write a text that stays a text: no beginning of it can make it a formula.

    The type is stated, and the mark of a quoted text keeps it when someone edits the cell.
    """
    clean = printable(text)[:MAX_CELL]
    cell.value = clean
    cell.data_type = "s"
    if STARTS_A_FORMULA.match(clean):
        cell.quotePrefix = True


def put_formula(cell: Cell, expression: str) -> None:
    """Write a formula of ours; it is never made of data that were not quoted."""
    cell.value = f"={expression}"


def open_for_input(cell: Cell, *, text: bool = False) -> None:
    """Let a cell be filled in; as text where a number would lose something, as in a code."""
    cell.protection = UNLOCKED
    cell.fill = INPUT
    cell.border = BOX
    cell.alignment = WRAP
    if text:
        cell.number_format = "@"


def protect(sheet: Worksheet) -> None:
    """Protect a sheet without a password: against slips, not against its owner."""
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False
    sheet.protection.autoFilter = False


def sheet_title(wanted: str, taken: Iterable[str]) -> str:
    """Return a title that a spreadsheet accepts and that no other sheet has."""
    clean = " ".join(re.sub(r"[\[\]:*?/\\]|[\x00-\x1f]", " ", wanted).split()).strip("'") or "-"
    known = {title.casefold() for title in taken}
    title, n = clean[:31].strip(), 1
    while title.casefold() in known:
        n += 1
        mark = f" {n}"
        title = clean[: 31 - len(mark)].strip() + mark
    return title


def write_passport(book: Workbook, facts: Mapping[str, str]) -> None:
    """Write what the form is into a hidden sheet, by which it is recognised later."""
    sheet = book.create_sheet(PASSPORT)
    for row, (key, value) in enumerate(facts.items(), start=1):
        put_text(cell_at(sheet, row, 1), key)
        put_text(cell_at(sheet, row, 2), value)
    sheet.sheet_state = "veryHidden"
    protect(sheet)


@dataclass
class Lists:
    """Lists to choose from, on a hidden sheet: each once, of any length, with commas inside.

    Parameters
    ----------
    book : Workbook
    """

    book: Workbook
    sheet: Worksheet = field(init=False)
    known: dict[tuple[object, ...], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sheet = self.book.create_sheet(LISTS)
        self.sheet.sheet_state = "veryHidden"
        protect(self.sheet)

    def reference(self, items: Iterable[object]) -> str:
        """Return the range that holds these texts or numbers."""
        key = tuple(items)
        if key not in self.known:
            column = len(self.known) + 1
            for row, item in enumerate(key, start=1):
                cell = cell_at(self.sheet, row, column)
                if isinstance(item, str):
                    put_text(cell, item)
                elif item is None:
                    put_formula(cell, "NA()")
                else:
                    cell.value = item  # type: ignore[assignment]
            letter = get_column_letter(column)
            self.known[key] = f"'{LISTS}'!${letter}$1:${letter}${len(key)}"
        return self.known[key]


@dataclass
class Validations:
    """Data validations of a sheet, cells with the same rule together.

    Parameters
    ----------
    sheet : Worksheet
    title : str
        Title of the message that a refused entry shows.
    """

    sheet: Worksheet
    title: str
    rules: dict[tuple[Any, ...], DataValidation] = field(default_factory=dict)

    def add(self, ranges: str, message: str, **rule: Any) -> None:
        """Apply a rule to a cell or a range; blank cells always pass."""
        key = (message, *sorted(rule.items()))
        if key not in self.rules:
            validation = DataValidation(
                allow_blank=True, showErrorMessage=True, errorStyle="stop",
                errorTitle=self.title[:32], error=message[:MAX_MESSAGE], **rule,
            )  # fmt: skip
            self.rules[key] = validation
            self.sheet.add_data_validation(validation)
        self.rules[key].add(ranges)
