"""Reading a workbook with units in rows: columns by their codes, notes by unit and code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from openpyxl.worksheet.worksheet import Worksheet

from workbench.errors import Place, Problem, Reason, did_you_mean
from workbench.forms.answers import Answer, AnswerReader, Filled
from workbench.forms.opening import FilledBook, RawCell
from workbench.forms.questions import Form
from workbench.forms.table import CODE_ROW, FIRST_ROW
from workbench.forms.wording import fold
from workbench.language import Message

KEYS = ("@unit", "@name", "@wave", "@stage")
TEXTS = ("note", "evidence")
Row = dict[str, RawCell]


@dataclass
class TableReader:
    """Reads one workbook.

    Parameters
    ----------
    filled : FilledBook
    reader : AnswerReader
    """

    filled: FilledBook
    reader: AnswerReader
    notes: list[Row] = field(default_factory=list)

    @property
    def form(self) -> Form:
        """What is asked."""
        return self.reader.form

    def read(self) -> Iterator[Filled]:
        """Yield a form for each row with an answer; problems are in the reader."""
        data: list[Row] = []
        found = False
        for sheet in self.filled.sheets():
            columns = self._columns(sheet)
            if "@unit" not in columns:
                continue
            if "code" in columns:
                self.notes.extend(self._rows(sheet, columns))
                continue
            found = True
            self._check_columns(sheet, columns)
            data.extend(self._rows(sheet, columns))
        place = Place(self.filled.name)
        if not found:
            what = Message("the sheet of data is missing")
            fix = Message("Take the sheet or row from a new form; nothing may be deleted.")
            self.reader.problems.append(Problem(Reason.FILE_FORMAT, what, place, fix=fix))
            return
        matched = self._matched(data)
        some = False
        for row in data:
            texts = matched.get(id(row), {})
            if not texts and not any(k in self.form.questions for k in row if k not in self._facts):
                continue
            some = True
            yield self._filled(row, texts)
        if not some and not self.reader.problems:
            self.reader.check_filled((), place)

    @property
    def _facts(self) -> set[str]:
        """Codes of facts, which alone make no measurement."""
        return {q.code for q in self.form.facts}

    def _columns(self, sheet: Worksheet) -> dict[str, int]:
        """Return the column of each code; one that stands twice is a problem."""
        columns: dict[str, int] = {}
        for n in range(1, sheet.max_column + 1):
            cell = self.filled.cell(sheet, CODE_ROW, n)
            if cell.text and cell.text in columns and "@unit" in columns:
                what = Message("the column {name} stands twice", name=cell.text)
                fix = Message("Delete one of them.")
                self.reader.report(Reason.DUPLICATE, what, cell, code=cell.text, fix=fix)
            columns.setdefault(cell.text, n)
        columns.pop("", None)
        return columns

    def _check_columns(self, sheet: Worksheet, columns: dict[str, int]) -> None:
        """Report columns of no code, and codes without a column."""
        gone = [code for code in self.form.questions if code not in columns]
        for code, n in columns.items():
            if code not in self.form.questions and code not in KEYS:
                what = Message("the code of this column is not one of the form's")
                cell = self.filled.cell(sheet, CODE_ROW, n)
                self.reader.report(Reason.CODE_UNKNOWN, what, cell, fix=did_you_mean(code, gone))
        place = Place(self.filled.name, sheet=sheet.title)
        fix = Message("Take the column from a new form; nothing may be deleted.")
        for code in gone:
            what = Message("the column of {code} is missing", code=code)
            self.reader.problems.append(
                Problem(Reason.FILE_FORMAT, what, place, fix=fix, code=code)
            )

    def _rows(self, sheet: Worksheet, columns: dict[str, int]) -> Iterator[Row]:
        """Yield the cells of each row in which something was entered, by code."""
        codes = {n: code for code, n in columns.items()}
        for n in range(1, sheet.max_column + 1):
            codes.setdefault(n, "")
        for cells in sheet.iter_rows(min_row=FIRST_ROW):
            row: Row = {}
            for n, cell in enumerate(cells, start=1):
                if cell.value is None:
                    continue
                found = self.filled.cell(sheet, cell.row, n)
                if found.empty:
                    continue
                if codes[n]:
                    row[codes[n]] = found
                else:
                    what = Message("the cell stands in no column of the form")
                    fix = Message("Delete it, or move it to where it belongs.")
                    self.reader.report(Reason.CODE_UNKNOWN, what, found, fix=fix)
            if row:
                first = next(iter(row.values())).place
                unit = Place(first.file, sheet=first.sheet, row=first.row, column="A")
                row.setdefault("@unit", RawCell(None, unit))
                yield row

    def _matched(self, data: list[Row]) -> dict[int, dict[str, Row]]:
        """Return the notes of each row of data, by code; a note of no row is a problem."""
        matched: dict[int, dict[str, Row]] = {}
        for note in self.notes:
            about = [row for row in data if self._is_about(note, row)]
            code = note.get("code")
            if code is None or code.text not in self.form.questions:
                what = Message("the note names no code of the form")
                fix = did_you_mean(code.text if code else "", self.form.questions)
                self.reader.report(Reason.CODE_UNKNOWN, what, code or note["@unit"], fix=fix)
            elif len(about) != 1:
                what = Message("{n} rows of data fit this note", n=len(about))
                fix = Message("Write unit, measurement and stage as in the row of data.")
                self.reader.report(
                    Reason.UNIT_UNKNOWN, what, note["@unit"], code=code.text, fix=fix
                )
            elif code.text in matched.setdefault(id(about[0]), {}):
                what = Message("{code} has two notes", code=code.text)
                fix = Message("Write them into one.")
                self.reader.report(Reason.DUPLICATE, what, code, code=code.text, fix=fix)
            else:
                matched[id(about[0])][code.text] = note
        return matched

    @staticmethod
    def _is_about(note: Row, row: Row) -> bool:
        """Return whether a note fits a row: what it leaves blank fits all."""
        return all(
            key not in note
            or note[key].empty
            or (key in row and fold(note[key].text) == fold(row[key].text))
            for key in ("@unit", "@wave", "@stage")
        )

    def _filled(self, row: Row, texts: dict[str, Row]) -> Filled:
        """Return the form that one row is."""
        nowhere = RawCell(None, row["@unit"].place)
        answers: list[Answer] = []
        for code, question in self.form.questions.items():
            if code not in row and code not in texts:
                continue
            note = texts.get(code, {})
            here = row.get(code) or RawCell(None, note["code"].place)
            answer = self.reader.answer(
                question, here, None, note.get("note"), note.get("evidence")
            )
            if answer is not None:
                answers.append(answer)
        self.reader.check_limits(answers)
        unit = row["@unit"]
        return Filled(
            self.reader.unit(unit),
            self.reader.wave(row.get("@wave", nowhere)),
            self.reader.stage(row.get("@stage", nowhere)),
            tuple(answers),
            unit.place,
        )
