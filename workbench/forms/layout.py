"""Where everything stands in a workbook for one unit: sheets, rows, and the columns of each.

The first column of every sheet is hidden and holds codes, and a hidden row holds the keys of the
columns, so that reading a form back depends neither on its language nor on the order of its rows.
"""

from __future__ import annotations

from dataclasses import dataclass

from openpyxl.utils import get_column_letter

from workbench.forms.excel import sheet_reference
from workbench.forms.questions import Form, Question, Section
from workbench.forms.sheets import LISTS, PASSPORT, sheet_title
from workbench.forms.wording import Wording

# Key of each column, in order; those after evidence are hidden helpers of the formulas.
COLUMNS = (
    "code", "shown", "title", "hint", "answer", "state", "result", "level", "note", "evidence",
    "value", "index", "low", "high", "asked", "least", "most", "held", "aside", "done",
)  # fmt: skip
LETTER = {key: get_column_letter(n) for n, key in enumerate(COLUMNS, start=1)}
NUMBER = {key: n for n, key in enumerate(COLUMNS, start=1)}
HELPERS = COLUMNS[COLUMNS.index("value") :]
KEY_ROW, HEAD_ROW, FIRST_ROW = 3, 4, 5
# What identifies a form; the mark can't begin a code of an instrument.
IDENTITY = ("@unit", "@name", "@wave", "@stage", "@author")
YEAR = "@year"


@dataclass(frozen=True, slots=True)
class Spot:
    """Sheet and row of a code."""

    sheet: str
    row: int

    def cell(self, key: str) -> str:
        """Return the reference of one of its cells, from any sheet."""
        return sheet_reference(self.sheet, LETTER[key], self.row)


@dataclass(frozen=True)
class Layout:
    """The plan of a workbook for one unit.

    Parameters
    ----------
    start : str
        Title of the first sheet.
    sheets : tuple of (str, Section)
        Title and content of each sheet of questions.
    spots : mapping of str to Spot
        Place of every code, and of what identifies the form.
    parts : mapping of str to tuple of Question
        Elements, variables and inputs of each indicator, in order.
    """

    start: str
    sheets: tuple[tuple[str, Section], ...]
    spots: dict[str, Spot]
    parts: dict[str, tuple[Question, ...]]


def plan(form: Form, wording: Wording, *, year: bool) -> Layout:
    """Return where everything stands.

    Parameters
    ----------
    form : Form
    wording : Wording
    year : bool
        Whether a formula asks for the year.
    """
    taken = [PASSPORT, LISTS]
    start = sheet_title(wording.text("Start"), taken)
    taken.append(start)
    spots: dict[str, Spot] = {}
    keys = [*(k for k in IDENTITY if k != "@stage" or form.instrument.spec.stages)]
    keys += [YEAR] if year else []
    keys += [fact.code for fact in form.facts]
    row = FIRST_ROW
    for key in keys:
        row += form.facts != () and key == form.facts[0].code  # a heading stands before the facts
        spots[key] = Spot(start, row)
        row += 1
    sheets: list[tuple[str, Section]] = []
    parts: dict[str, list[Question]] = {}
    for section in form.sections:
        words = wording.of(section.title)
        title = sheet_title(f"{section.code} {words}" if _is_short(section.code) else words, taken)
        taken.append(title)
        sheets.append((title, section))
        for offset, entry in enumerate(section.rows):
            if isinstance(entry, Question):
                spots[entry.code] = Spot(title, FIRST_ROW + offset)
                if entry.code != entry.owner:
                    parts.setdefault(entry.owner, []).append(entry)
    return Layout(start, tuple(sheets), spots, {k: tuple(v) for k, v in parts.items()})


def _is_short(code: str) -> bool:
    """Return whether a code is worth its place in the title of a sheet."""
    return 0 < len(code) <= 4


def uses_year(form: Form) -> bool:
    """Return whether any formula of the instrument reads the year."""
    nodes = form.instrument.nodes.values()
    return any("year" in f.names for node in nodes for f in node.formulas.values())
