"""The workbook for many units: units in rows, codes in columns, notes on a sheet of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from workbench.errors import DataError, Problem, Reason
from workbench.forms.excel import number
from workbench.forms.questions import Form, Question
from workbench.forms.respondents import Respondent
from workbench.forms.rules import answer_rule
from workbench.forms.sheets import (
    FORMAT,
    HEAD,
    UNLOCKED,
    WHITE,
    WRAP,
    Lists,
    Validations,
    cell_at,
    protect,
    put_text,
    sheet_title,
    write_passport,
)
from workbench.forms.wording import Wording
from workbench.language import Message, marked

LABEL_ROW, CODE_ROW, FIRST_ROW = 1, 2, 3
SPARE_ROWS = 500  # rows below the units listed in which entries are still checked
MOST_COLUMNS = 16_384
KEYS = {
    "@unit": marked("Code of the {noun}, as text"),
    "@name": marked("Name"),
    "@wave": marked("Measurement"),
    "@stage": marked("Stage"),
}
NOTE_KEYS = {
    "@unit": marked("Code of the {noun}, as text"),
    "@wave": marked("Measurement"),
    "@stage": marked("Stage"),
    "code": marked("Code"),
    "note": marked("Note"),
    "evidence": marked("Evidence"),
}
INSTRUCTIONS = (
    marked("One row for each {noun} and measurement, one column a code. Blank: not recorded."),
    marked("Where there is no value, choose the reason instead. Paste values only."),
    marked("Notes and evidence go to the sheet of notes, with unit and code."),
    marked("The second row holds codes, by which the columns are read: leave it as it is."),
)


def draw_table(form: Form, wording: Wording, asked: list[Respondent]) -> Workbook:
    """Return a workbook with units in rows.

    Parameters
    ----------
    form : Form
    wording : Wording
    asked : list of Respondent
        Units written into the first rows; more can be added below.

    Raises
    ------
    DataError
        If the instrument has more codes than a sheet has columns.
    """
    if len(form.questions) + len(KEYS) > MOST_COLUMNS:
        what = Message("a sheet has no more than {n} columns", n=MOST_COLUMNS)
        fix = Message("Write one workbook a unit: --layout one-per-unit.")
        raise DataError(Problem(Reason.PARAMETER_VALUE, what, fix=fix))
    book = Workbook()
    start = book.active
    assert isinstance(start, Worksheet)  # noqa: S101  # a new workbook has one sheet
    start.title = wording.text("Start")
    data = book.create_sheet(sheet_title(wording.text("Data"), book.sheetnames))
    notes = book.create_sheet(sheet_title(wording.text("Notes"), book.sheetnames))
    lists = Lists(book)
    _start(start, form, wording)
    _data(data, form, wording, lists, asked)
    _notes(notes, form, wording)
    spec = form.instrument.spec
    write_passport(
        book,
        {
            "format": FORMAT, "layout": "rows", "instrument": spec.id, "version": spec.version,
            "sha256": form.instrument.sha256, "fingerprint": form.fingerprint,
            "locale": wording.tag,
        },
    )  # fmt: skip
    book.active = 1
    return book


def _start(sheet: Worksheet, form: Form, wording: Wording) -> None:
    """Write title and instructions."""
    spec = form.instrument.spec
    about = wording.text(
        "Instrument {id}, version {version}, file {hash}",
        id=spec.id, version=spec.version, hash=form.instrument.sha256[:12],
    )  # fmt: skip
    lines = [wording.of(spec.title), about, "", *(wording.text(text) for text in INSTRUCTIONS)]
    for row, line in enumerate(lines, start=1):
        put_text(cell_at(sheet, row, 1), line)
    sheet.column_dimensions["A"].width = 110
    protect(sheet)


def _data(
    sheet: Worksheet, form: Form, wording: Wording, lists: Lists, asked: list[Respondent]
) -> None:
    """Draw header, units and rules of the sheet of data."""
    keys = [k for k in KEYS if k != "@stage" or form.instrument.spec.stages]
    rules = Validations(sheet, wording.text("This can't be entered"))
    last = FIRST_ROW + len(asked) + SPARE_ROWS
    for column, key in enumerate(keys, start=1):
        _head(sheet, column, wording.text(KEYS[key]), key, text=True)
    for column, question in enumerate(form.questions.values(), start=len(keys) + 1):
        title = wording.of(question.title)
        hint = wording.hint(question)
        label = f"{question.code} {title}" + (f" ({hint})" if hint else "")
        _head(sheet, column, label, question.code, text=False)
        letter = get_column_letter(column)
        rule = _cell_rule(question, wording, lists, f"{letter}{FIRST_ROW}")
        if rule is not None:
            rules.add(f"{letter}{FIRST_ROW}:{letter}{last}", **rule)
    stages = {s.id: wording.of(s.title) for s in form.instrument.spec.stages}
    if "@stage" in keys:
        letter = get_column_letter(keys.index("@stage") + 1)
        rules.add(
            f"{letter}{FIRST_ROW}:{letter}{last}", wording.text("Choose one of the list."),
            type="list", formula1=lists.reference(stages.values()),
        )  # fmt: skip
    places = {code: n for n, code in enumerate([*keys, *form.questions], start=1)}
    for row, respondent in enumerate(asked, start=FIRST_ROW):
        _respondent(sheet, row, respondent, places, form, wording, stages)
    sheet.row_dimensions[LABEL_ROW].height = 90
    sheet.freeze_panes = f"{get_column_letter(len(keys) + 1)}{FIRST_ROW}"
    protect(sheet)
    sheet.protection.insertRows = False
    sheet.protection.deleteRows = False
    sheet.protection.sort = False


def _respondent(
    sheet: Worksheet,
    row: int,
    respondent: Respondent,
    places: dict[str, int],
    form: Form,
    wording: Wording,
    stages: dict[str, str],
) -> None:
    """Write one unit and what is known of it."""
    texts = {
        "@unit": respondent.unit, "@name": respondent.name, "@wave": respondent.wave,
        "@stage": stages.get(respondent.stage, respondent.stage),
    }  # fmt: skip
    for key, text in texts.items():
        if key in places and text:
            cell = cell_at(sheet, row, places[key])
            put_text(cell, text)
            cell.number_format, cell.protection = "@", UNLOCKED
    for fact in form.facts:
        value = respondent.facts.get(fact.code)
        if value is None:
            continue
        cell = cell_at(sheet, row, places[fact.code])
        labels = [label for label, m in wording.choices(fact) if m.value == value]
        if labels:
            put_text(cell, labels[0])
        elif fact.answer == "number":
            cell.value = value
        cell.protection = UNLOCKED


def _notes(sheet: Worksheet, form: Form, wording: Wording) -> None:
    """Draw the sheet of notes."""
    keys = [k for k in NOTE_KEYS if k != "@stage" or form.instrument.spec.stages]
    for column, key in enumerate(keys, start=1):
        _head(sheet, column, wording.text(NOTE_KEYS[key]), key, text=True)
        if key in ("note", "evidence"):
            sheet.column_dimensions[get_column_letter(column)].width = 50
    sheet.freeze_panes = f"A{FIRST_ROW}"
    protect(sheet)
    sheet.protection.insertRows = False
    sheet.protection.deleteRows = False


def _head(sheet: Worksheet, column: int, label: str, code: str, *, text: bool) -> None:
    """Write label and code of a column, and let the cells below be filled in."""
    put_text(cell_at(sheet, LABEL_ROW, column), label)
    put_text(cell_at(sheet, CODE_ROW, column), code)
    for row in (LABEL_ROW, CODE_ROW):
        cell = cell_at(sheet, row, column)
        cell.font, cell.fill, cell.alignment = WHITE, HEAD, WRAP
    dimension = sheet.column_dimensions[get_column_letter(column)]
    dimension.width = 18
    dimension.protection = UNLOCKED
    if text:
        dimension.number_format = "@"


def _cell_rule(
    question: Question, wording: Wording, lists: Lists, first: str
) -> dict[str, Any] | None:
    """Return the rule of a column, in which a state may stand instead of an answer."""
    states = [] if question.state_in_answer else [x for x, _ in wording.states(question)]
    labels = [label for label, _ in wording.choices(question)] + states
    if not states and question.answer == "none":
        return None
    choose = wording.text("Choose one of the list.")
    if question.choices or question.answer == "none":
        items = [_item(label) for label in labels]
        return {"message": choose, "type": "list", "formula1": lists.reference(items)}
    if not states:
        return answer_rule(question, wording, lists)
    allowed = question.allowed
    parts = [f"ISNUMBER({first})"]
    parts += [f"{first}>={number(allowed.low)}"] if np.isfinite(allowed.low) else []
    parts += [f"{first}<={number(allowed.high)}"] if np.isfinite(allowed.high) else []
    parts += [f"{first}=INT({first})"] if allowed.whole else []
    listed = f"ISNUMBER(MATCH({first},{lists.reference(states)},0))"
    message = wording.text(
        "Enter {expected}, or: {states}.", expected=allowed.expected(), states=", ".join(states)
    )
    return {
        "message": message, "type": "custom", "formula1": f"OR(AND({','.join(parts)}),{listed})",
    }  # fmt: skip


def _item(label: str) -> object:
    """Return an entry of a list: a number where the label is one."""
    try:
        return float(label)
    except ValueError:
        return label
