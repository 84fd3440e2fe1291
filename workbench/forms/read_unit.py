"""Reading a workbook for one unit, by its hidden codes and not by labels or order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from openpyxl.worksheet.worksheet import Worksheet

from workbench.errors import Place, Problem, Reason, did_you_mean
from workbench.forms.answers import Answer, AnswerReader, Filled
from workbench.forms.layout import IDENTITY, YEAR
from workbench.forms.opening import FilledBook, RawCell
from workbench.forms.questions import Form
from workbench.language import Message

ASKED = ("answer", "state", "note", "evidence")
SEARCHED = 10  # rows in which the keys of the columns are looked for


@dataclass
class UnitReader:
    """Reads one workbook.

    Parameters
    ----------
    filled : FilledBook
    reader : AnswerReader
    """

    filled: FilledBook
    reader: AnswerReader
    identity: dict[str, RawCell] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    seen: dict[str, Place] = field(default_factory=dict)
    strange: list[RawCell] = field(default_factory=list)

    @property
    def form(self) -> Form:
        """What is asked."""
        return self.reader.form

    def read(self) -> Filled:
        """Return the form as it was filled in; problems are in the reader."""
        for sheet in self.filled.sheets():
            self._sheet(sheet)
        self._missing()
        nowhere = RawCell(None, Place(self.filled.name))
        unit_cell = self.identity.get("@unit", nowhere)
        unit = self.reader.unit(unit_cell)
        wave = self.reader.wave(self.identity.get("@wave", nowhere))
        stage = self.reader.stage(self.identity.get("@stage", nowhere))
        if not self.reader.problems:
            self.reader.check_filled(self.answers, unit_cell.place)
        self.reader.check_limits(self.answers)
        return Filled(unit, wave, stage, tuple(self.answers), unit_cell.place)

    def _sheet(self, sheet: Worksheet) -> None:
        """Read one sheet; sheets that people added have no keys and are passed over."""
        found = _keys(sheet)
        if found is None:
            return
        key_row, columns = found
        for row in range(key_row + 2, sheet.max_row + 1):
            code_cell = self.filled.cell(sheet, row, columns["code"])
            cells = {k: self.filled.cell(sheet, row, columns[k]) for k in ASKED if k in columns}
            self._row(code_cell, cells)

    def _row(self, code_cell: RawCell, cells: dict[str, RawCell]) -> None:
        """Read one row."""
        code = code_cell.text
        entered = any(not c.empty and not c.formula for c in cells.values())
        if not code:
            if entered:
                what = Message("the row has lost its code")
                fix = Message("Copy the entries into a new form; rows can't be added.")
                self.reader.report(Reason.CODE_UNKNOWN, what, code_cell, fix=fix)
            return
        if code in IDENTITY or code == YEAR:
            self.identity.setdefault(code, cells["answer"])
            return
        question = self.form.questions.get(code)
        if question is None:
            self.strange.append(code_cell)
            return
        if code in self.seen:
            first = self.seen[code]
            what = Message("{code} stands twice, first in {place}", code=code, place=str(first))
            fix = Message("Delete one of the rows.")
            self.reader.report(Reason.DUPLICATE, what, code_cell, code=code, fix=fix)
            return
        self.seen[code] = code_cell.place
        answer = self.reader.answer(
            question, cells["answer"], cells.get("state"), cells.get("note"), cells.get("evidence")
        )
        if answer is not None:
            self.answers.append(answer)

    def _missing(self) -> None:
        """Report codes that nobody knows, sheets that are gone, and rows that are."""
        gone = [code for code in self.form.questions if code not in self.seen]
        for cell in self.strange:
            what = Message("the code of this row is not one of the form's")
            fix = did_you_mean(cell.text, gone)
            self.reader.report(Reason.CODE_UNKNOWN, what, cell, fix=fix)
        for problem in self._gone(gone):
            self.reader.problems.append(problem)

    def _gone(self, gone: list[str]) -> Iterator[Problem]:
        """Yield a problem for each sheet that is gone, and for each other row that is."""
        place = Place(self.filled.name)
        fix = Message("Take the sheet or row from a new form; nothing may be deleted.")
        missing = set(gone)
        for section in self.form.sections:
            codes = {q.code for q in section.questions}
            if codes <= missing:
                missing -= codes
                what = Message("the sheet of {title} is missing", title=section.title)
                yield Problem(Reason.FILE_FORMAT, what, place, fix=fix, code=section.code)
        for code in gone:
            if code in missing:
                what = Message("the row of {code} is missing", code=code)
                yield Problem(Reason.FILE_FORMAT, what, place, fix=fix, code=code)


def _keys(sheet: Worksheet) -> tuple[int, dict[str, int]] | None:
    """Return the row of the keys and the column of each; None where a sheet has none."""
    for row in range(1, min(SEARCHED, sheet.max_row) + 1):
        if sheet.cell(row, 1).value != "code":
            continue
        columns = {
            str(cell.value): n
            for n, cell in enumerate(sheet[row], start=1)
            if cell.value is not None
        }
        if "answer" in columns:
            return row, columns
    return None
