"""The workbook for one unit: a first sheet about the unit, then a sheet for each main area."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook import Workbook
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from workbench.forms.excel import literal
from workbench.forms.layout import (
    COLUMNS,
    FIRST_ROW,
    HEAD_ROW,
    HELPERS,
    IDENTITY,
    KEY_ROW,
    LETTER,
    NUMBER,
    YEAR,
    Layout,
    plan,
    uses_year,
)
from workbench.forms.levels import Formulas, LevelFormulas
from workbench.forms.questions import Form, Heading, Question, Section
from workbench.forms.respondents import Respondent
from workbench.forms.rules import answer_rule
from workbench.forms.sheets import (
    BOLD,
    FORMAT,
    GROUP,
    HEAD,
    INDENT,
    WHITE,
    WRAP,
    Lists,
    Validations,
    cell_at,
    open_for_input,
    protect,
    put_formula,
    put_text,
    write_passport,
)
from workbench.forms.wording import Wording, fold
from workbench.language import marked

WIDTHS = {
    "shown": 9, "title": 58, "hint": 26, "answer": 18, "state": 18, "result": 11, "level": 20,
    "note": 30, "evidence": 30,
}  # fmt: skip
LINE = 15  # points
HEADS = {
    "shown": marked("Code"),
    "title": marked("What is asked"),
    "hint": marked("Unit, year, condition"),
    "answer": marked("Answer"),
    "state": marked("If there is no value, why"),
    "result": marked("Result"),
    "level": marked("Level"),
    "note": marked("Note"),
    "evidence": marked("Evidence"),
}
IDENTITY_TITLES = {
    "@unit": marked("Code of the {noun}, as text"),
    "@name": marked("Name"),
    "@wave": marked("Measurement"),
    "@stage": marked("Stage"),
    "@author": marked("Filled in by"),
    "@year": marked("Year of the measurement"),
}
INSTRUCTIONS = (
    marked("Fill in the yellow cells. A blank cell means: not recorded."),
    marked("If there is no value, leave the answer blank and say why in the next column."),
    marked("Levels and results show at once; the score itself is computed later."),
    marked("Sheets are protected against slips, without a password. Keep the hidden column A."),
)
_COLOURS = {
    "red": "F4C7C3", "orange": "FBD9B5", "yellow": "FFF0B3", "light_green": "DDEFC8",
    "green": "BFE3C5", "blue": "C9DDF2", "grey": "DDDDDD",
}  # fmt: skip


@dataclass
class UnitWorkbook:
    """Draws the workbook for one unit; respondents may be filled in one after the other.

    Parameters
    ----------
    form : Form
    wording : Wording
    """

    form: Form
    wording: Wording
    book: Workbook = field(default_factory=Workbook)
    layout: Layout = field(init=False)

    def __post_init__(self) -> None:
        self.layout = plan(self.form, self.wording, year=uses_year(self.form))
        first = self.book.active
        assert isinstance(first, Worksheet)  # noqa: S101  # a new workbook has one sheet
        first.title = self.layout.start
        for title, _ in self.layout.sheets:
            self.book.create_sheet(title)
        self.lists = Lists(self.book)
        spec = self.form.instrument.spec
        self.formulas = LevelFormulas(self.form.instrument, self.layout, self.wording, self.lists)
        self._start(first)
        for title, section in self.layout.sheets:
            self._section(self.book[title], section)
        write_passport(
            self.book,
            {
                "format": FORMAT, "layout": "one-per-unit", "instrument": spec.id,
                "version": spec.version, "sha256": self.form.instrument.sha256,
                "fingerprint": self.form.fingerprint, "locale": self.wording.tag,
            },
        )  # fmt: skip

    def address(self, respondent: Respondent) -> None:
        """Write who is asked, and what is known already, into the first sheet."""
        sheet = self.book[self.layout.start]
        texts = {
            "@unit": respondent.unit, "@name": respondent.name, "@wave": respondent.wave,
            "@stage": self._stage_label(respondent.stage),
        }  # fmt: skip
        for key, text in texts.items():
            if key in self.layout.spots:
                cell = cell_at(sheet, self.layout.spots[key].row, NUMBER["answer"])
                cell.value = None
                if text:
                    put_text(cell, text)
        if YEAR in self.layout.spots:
            cell = cell_at(sheet, self.layout.spots[YEAR].row, NUMBER["answer"])
            cell.value = respondent.year
        for fact in self.form.facts:
            cell = cell_at(sheet, self.layout.spots[fact.code].row, NUMBER["answer"])
            cell.value = None
            value = respondent.facts.get(fact.code)
            if value is None:
                continue
            labels = [label for label, m in self.wording.choices(fact) if m.value == value]
            if labels:
                put_text(cell, labels[0])
            elif fact.answer == "number":
                cell.value = int(value) if float(value).is_integer() else value

    # -- the first sheet --------------------------------------------------------------------------

    def _start(self, sheet: Worksheet) -> None:
        """Draw the first sheet: identification, facts, instructions, progress."""
        spec = self.form.instrument.spec
        self._frame(sheet, self.wording.of(spec.title))
        about = self.wording.text(
            "Instrument {id}, version {version}, file {hash}",
            id=spec.id, version=spec.version, hash=self.form.instrument.sha256[:12],
        )  # fmt: skip
        put_text(cell_at(sheet, 2, NUMBER["title"]), about)
        rules = Validations(sheet, self.wording.text("This can't be entered"))
        keys = [k for k in (*IDENTITY, YEAR) if k in self.layout.spots]
        for key in keys:
            row = self.layout.spots[key].row
            self._code(sheet, row, key)
            put_text(cell_at(sheet, row, NUMBER["title"]), self.wording.text(IDENTITY_TITLES[key]))
            cell_at(sheet, row, NUMBER["title"]).font = BOLD
            cell = cell_at(sheet, row, NUMBER["answer"])
            open_for_input(cell, text=key != YEAR)
            if key == YEAR:
                answer, value = LETTER["answer"], cell_at(sheet, row, NUMBER["value"])
                put_formula(value, f"IF(ISNUMBER({answer}{row}),{answer}{row},NA())")
        if "@stage" in self.layout.spots:
            stages = [self._stage_label(s.id) for s in spec.stages]
            rules.add(
                f"{LETTER['answer']}{self.layout.spots['@stage'].row}",
                self.wording.text("Choose one of the list."),
                type="list", formula1=self.lists.reference(stages),
            )  # fmt: skip
        if self.form.facts:
            row = self.layout.spots[self.form.facts[0].code].row - 1
            self._heading(sheet, row, self.wording.text("Facts of the {noun}"))
        for fact in self.form.facts:
            self._question(sheet, fact, rules)
        self._closing(sheet)

    def _closing(self, sheet: Worksheet) -> None:
        """Write instructions and progress below what is asked on the first sheet."""
        row = max(s.row for s in self.layout.spots.values() if s.sheet == self.layout.start) + 2
        self._heading(sheet, row, self.wording.text("How to fill it in"))
        for text in INSTRUCTIONS:
            row += 1
            put_text(cell_at(sheet, row, NUMBER["title"]), self.wording.text(text))
            cell_at(sheet, row, NUMBER["title"]).alignment = WRAP
            self._fit(sheet, row)
        row += 2
        self._heading(sheet, row, self.wording.text("Progress"))
        for title, _ in self.layout.sheets:
            row += 1
            put_text(cell_at(sheet, row, NUMBER["title"]), title)
            quoted = title.replace("'", "''")
            put_formula(cell_at(sheet, row, NUMBER["answer"]), f"'{quoted}'!{LETTER['hint']}2")

    # -- sheets of questions ----------------------------------------------------------------------

    def _section(self, sheet: Worksheet, section: Section) -> None:
        """Draw one main area."""
        self._frame(sheet, self.wording.of(section.title))
        rules = Validations(sheet, self.wording.text("This can't be entered"))
        for offset, entry in enumerate(section.rows):
            if isinstance(entry, Heading):
                title = f"{entry.code} {self.wording.of(entry.title)}"
                self._heading(sheet, FIRST_ROW + offset, title)
            else:
                self._question(sheet, entry, rules)
        self._progress(sheet, section)
        self._colours(sheet)

    def _progress(self, sheet: Worksheet, section: Section) -> None:
        """Write how many questions of a sheet are answered."""
        asked = [q for q in section.questions if q.answer != "none" and not q.optional]
        column, last = LETTER["done"], FIRST_ROW + len(section.rows) - 1
        before, _, after = self.wording.text(
            "{done} of {n} answered", done="\0", n=len(asked)
        ).partition("\0")
        counted = f"SUM({column}{FIRST_ROW}:{column}{last})"
        put_formula(
            cell_at(sheet, 2, NUMBER["hint"]), f"{literal(before)}&{counted}&{literal(after)}"
        )
        for question in asked:
            spot = self.layout.spots[question.code]
            owner = self.layout.spots.get(question.owner, spot)
            given = [f'{LETTER[k]}{spot.row}<>""' for k in ("answer", "state")]
            if owner != spot:
                given.append(f'{LETTER["state"]}{owner.row}<>""')
            given.append(f"{LETTER['aside']}{owner.row}=1")
            put_formula(cell_at(sheet, spot.row, NUMBER["done"]), f"IF(OR({','.join(given)}),1,0)")

    def _question(self, sheet: Worksheet, question: Question, rules: Validations) -> None:
        """Draw the row of one question."""
        row = self.layout.spots[question.code].row
        self._code(sheet, row, question.code)
        is_part = question.role in ("element", "variable", "input")
        if question.role != "fact":
            put_text(cell_at(sheet, row, NUMBER["shown"]), question.code)
        put_text(cell_at(sheet, row, NUMBER["title"]), self.wording.of(question.title))
        put_text(cell_at(sheet, row, NUMBER["hint"]), self.wording.hint(question))
        for key in ("shown", "title", "hint", "result", "level"):
            cell_at(sheet, row, NUMBER[key]).alignment = WRAP
        self._fit(sheet, row)
        if is_part:
            cell_at(sheet, row, NUMBER["title"]).alignment = INDENT
        elif question.role != "fact":
            cell_at(sheet, row, NUMBER["title"]).font = BOLD
        if question.answer != "none":
            cell = cell_at(sheet, row, NUMBER["answer"])
            open_for_input(cell)
            rule = answer_rule(question, self.wording, self.lists, self.layout)
            rules.add(cell.coordinate, **rule)
        if question.states and not question.state_in_answer:
            cell = cell_at(sheet, row, NUMBER["state"])
            open_for_input(cell)
            labels = [label for label, _ in self.wording.states(question)]
            rules.add(
                cell.coordinate, self.wording.text("Choose one of the list."),
                type="list", formula1=self.lists.reference(labels),
            )  # fmt: skip
        for key in ("note", "evidence"):
            open_for_input(cell_at(sheet, row, NUMBER[key]), text=True)
        self._formulas(sheet, row, self.formulas.of(question))

    def _formulas(self, sheet: Worksheet, row: int, formulas: Formulas) -> None:
        """Write the formulas of one row."""
        for key, expression in formulas.items():
            put_formula(cell_at(sheet, row, NUMBER[key]), _nearby(expression, sheet.title))
        if "result" in formulas:
            cell_at(sheet, row, NUMBER["result"]).number_format = "#,##0.####"

    # -- what all sheets share --------------------------------------------------------------------

    def _frame(self, sheet: Worksheet, title: str) -> None:
        """Draw title, keys and heads of the columns; hide what people need not see."""
        put_text(cell_at(sheet, 1, NUMBER["title"]), title)
        cell_at(sheet, 1, NUMBER["title"]).font = Font(bold=True, size=14)
        for key in COLUMNS:
            put_text(cell_at(sheet, KEY_ROW, NUMBER[key]), key)
            head = cell_at(sheet, HEAD_ROW, NUMBER[key])
            if key in HEADS:
                put_text(head, self.wording.text(HEADS[key]))
                head.font, head.fill, head.alignment = WHITE, HEAD, WRAP
            sheet.column_dimensions[LETTER[key]].width = WIDTHS.get(key, 8)
        for key in ("code", *HELPERS):
            sheet.column_dimensions[LETTER[key]].hidden = True
        sheet.row_dimensions[KEY_ROW].hidden = True
        sheet.row_dimensions[HEAD_ROW].height = 2 * LINE
        sheet.freeze_panes = f"{LETTER['hint']}{FIRST_ROW}"
        sheet.sheet_view.showGridLines = False
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
        protect(sheet)

    def _fit(self, sheet: Worksheet, row: int) -> None:
        """Make a row as high as its texts need; not every program does so when it opens a file."""
        lines = [
            math.ceil(len(str(cell_at(sheet, row, NUMBER[key]).value or "")) / WIDTHS[key])
            for key in ("title", "hint")
        ]
        sheet.row_dimensions[row].height = LINE * max(1, *lines)

    def _heading(self, sheet: Worksheet, row: int, title: str) -> None:
        """Draw a line above a group of questions."""
        put_text(cell_at(sheet, row, NUMBER["title"]), title)
        for key in HEADS:
            cell_at(sheet, row, NUMBER[key]).fill = GROUP
        cell_at(sheet, row, NUMBER["title"]).font = BOLD

    def _code(self, sheet: Worksheet, row: int, code: str) -> None:
        """Write the code by which a row is read back."""
        put_text(cell_at(sheet, row, NUMBER["code"]), code)
        cell_at(sheet, row, NUMBER["code"]).number_format = "@"

    def _stage_label(self, stage: str) -> str:
        """Return how a stage is shown."""
        for known in self.form.instrument.spec.stages:
            if known.id == stage:
                return self.wording.of(known.title)
        return stage

    def _colours(self, sheet: Worksheet) -> None:
        """Colour levels as the instrument does; the word is always there too."""
        column = LETTER["level"]
        seen: set[str] = set()
        for levels in self.form.instrument.scales.values():
            for level in levels:
                title = self.wording.of(level.title)
                if level.colour is None or fold(title) in seen:
                    continue
                seen.add(fold(title))
                fill = PatternFill("solid", bgColor=_COLOURS[level.colour])
                sheet.conditional_formatting.add(
                    f"{column}{FIRST_ROW}:{column}{sheet.max_row}",
                    CellIsRule(operator="equal", formula=[literal(title)], fill=fill),  # type: ignore[no-untyped-call]
                )


def _nearby(expression: str, sheet: str) -> str:
    """Return a formula without the sheet's name where it means its own sheet; texts stay."""
    own = "'" + sheet.replace("'", "''") + "'!"
    parts = expression.split('"')
    return '"'.join(p.replace(own, "") if n % 2 == 0 else p for n, p in enumerate(parts))
