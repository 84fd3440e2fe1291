"""Reading an export of the XLSForm from KoboToolbox or ODK: one submission a row, names of XML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from workbench.errors import Place, Problem, Reason
from workbench.forms.answers import Answer, AnswerReader, Filled, tag_of
from workbench.forms.opening import FilledTable, RawCell, check_passport
from workbench.forms.questions import Form
from workbench.forms.wording import Meaning
from workbench.forms.xml_names import encode
from workbench.language import Message

PASSPORT = ("instrument", "version", "fingerprint", "locale")
Record = tuple[object, ...]


@dataclass
class ExportReader:
    """Reads one export; collects problems instead of stopping at the first.

    Parameters
    ----------
    table : FilledTable
    form : Form
    problems : list of Problem
        Takes what is found.
    """

    table: FilledTable
    form: Form
    problems: list[Problem] = field(default_factory=list)

    @cached_property
    def columns(self) -> dict[str, list[int]]:
        """Places of each question in a record, by name.

        An export of several versions of a form repeats a question that stood in another group.
        """
        found: dict[str, list[int]] = {}
        for n, name in enumerate(self.table.header):
            found.setdefault(name, []).append(n)
        return found

    def read(self) -> Iterator[Filled]:
        """Yield a form for each submission."""
        if not self.table.records:
            what = Message("the export has no submission")
            self.problems.append(Problem(Reason.NOTHING_OBSERVED, what, Place(self.table.name)))
            return
        first = self.table.records[0]
        place = self._cell(first, "wb_instrument").place
        wrong = check_passport(self.form, self._passport(first), place)
        if wrong is not None:
            self.problems.append(wrong)
            return
        if self._check_columns():
            return
        for record in self.table.records:
            wrong = check_passport(
                self.form, self._passport(record), self._cell(record, "wb_instrument").place
            )
            if wrong is not None:
                self.problems.append(wrong)
                continue
            yield self._submission(record)

    def _passport(self, record: tuple[int, Record]) -> dict[str, str]:
        """Return which form a submission was made with."""
        return {key: self._cell(record, f"wb_{key}").text for key in PASSPORT}

    def _check_columns(self) -> bool:
        """Report questions without a column; return whether there are any."""
        gone = [
            q.code
            for q in self.form.questions.values()
            if q.answer != "none" and f"q{encode(q.code)}" not in self.columns
        ]
        place = Place(self.table.name, sheet=self.table.sheet)
        fix = Message("Export all questions, with XML names and values instead of labels.")
        for code in gone:
            what = Message("the column of {code} is missing", code=code)
            self.problems.append(Problem(Reason.COLUMN_MISSING, what, place, fix=fix, code=code))
        return bool(gone)

    def _submission(self, record: tuple[int, Record]) -> Filled:
        """Return the form that one submission is."""
        reader = AnswerReader(self.form, tag_of(self._passport(record), self.form.instrument))
        reader.known = self._known
        answers: list[Answer] = []
        for code, question in self.form.questions.items():
            name = encode(code)
            if self._blank(record, name):
                continue
            cell = self._cell(record, f"q{name}")
            state = self._cell(record, f"s{name}") if f"s{name}" in self.columns else None
            note = self._cell(record, f"n{name}")
            answer = reader.answer(question, cell, state, note, self._evidence(record, name))
            if answer is not None:
                answers.append(answer)
        unit = self._cell(record, "wb_unit")
        if not reader.problems:
            reader.check_filled(answers, unit.place)
        reader.check_limits(answers)
        filled = Filled(
            reader.unit(unit),
            reader.wave(self._cell(record, "wb_wave")),
            reader.stage(self._cell(record, "wb_stage")),
            tuple(answers),
            unit.place,
        )
        self.problems.extend(reader.problems)
        return filled

    def _blank(self, record: tuple[int, Record], name: str) -> bool:
        """Return whether nothing at all was entered for a question, as is so for most."""
        cells = record[1]
        places = (n for key in "qsnep" for n in self.columns.get(f"{key}{name}", ()))
        return not any(
            str("" if cells[n] is None else cells[n]).strip() for n in places if n < len(cells)
        )

    @cached_property
    def _known(self) -> dict[str, dict[str, Meaning]]:
        """Meanings of words, shared by all submissions."""
        return {}

    def _evidence(self, record: tuple[int, Record], name: str) -> RawCell:
        """Return evidence with the name of its photo."""
        text, photo = (self._cell(record, f"{key}{name}") for key in "ep")
        joined = "; ".join(cell.text for cell in (text, photo) if cell.text)
        return RawCell(joined, text.place)

    def _cell(self, record: tuple[int, Record], name: str) -> RawCell:
        """Return the cell of a question; a blank one where it has no column."""
        row, cells = record
        found = [self._at(row, cells, n) for n in self.columns.get(name, ())]
        if not found:
            return RawCell(None, self._place(row, name))
        filled = [cell for cell in found if not cell.empty] or found
        if len({cell.text for cell in filled}) > 1:
            what = Message("the question stands in several columns with different answers")
            fix = Message("Leave the answer that holds in one of them, and empty the others.")
            told = Problem(Reason.DUPLICATE, what, filled[1].place, got=filled[1].text, fix=fix)
            if told not in self.problems:
                self.problems.append(told)
        return filled[0]

    def _at(self, row: int, cells: Record, n: int) -> RawCell:
        """Return the cell of a column."""
        value = cells[n] if n < len(cells) else None
        value = (value.strip() or None) if isinstance(value, str) else value
        return RawCell(value, self._place(row, self.table.columns[n]))

    def _place(self, row: int, column: str) -> Place:
        """Return the place of a cell."""
        return Place(self.table.name, sheet=self.table.sheet, row=row, column=column)
